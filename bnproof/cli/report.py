"""``bnproof report``: the main job."""

from __future__ import annotations

import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .common import interruptible, progress


class Format(StrEnum):
    """The format of the pages."""

    md = "md"
    tex = "tex"
    json = "json"


@interruptible
def report(
    out: Annotated[Path, typer.Option(help="Where to write derivations/ and figures/.")] = Path("bnproof-report"),
    format: Annotated[Format, typer.Option("--format", help="Markdown, LaTeX or JSON pages.")] = Format.md,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that bnproof did not write.")] = False,
) -> None:
    """Prove every theorem, check the numbers, and write derivations and figures."""
    from ..decide.checking.run import run
    from ..decide.checking.suites import quick
    from ..plots.gallery import figures
    from ..report.build import pages
    from ..report.files import write_all
    from ..report.measurements import failure
    from ..theorems import registry
    from ..theorems.prove import Prover

    start = time.perf_counter()
    prover = Prover()
    names = registry.names()
    proved = [prover.prove(registry.theorem(name)) for name in progress(names, "proving", len(names))]
    contents = {**pages(proved, format.value), **figures()}
    # before the checks, which take longest: a file that may not be overwritten is said at once
    changed = write_all({out / path: content for path, content in contents.items()}, force)
    tasks = list(quick())
    measured = [m for rows in progress(run(tasks), "checking", len(tasks)) for m in rows]

    failed = [m for m in measured if not m.passed]
    start_page = out / "derivations" / ("claims.json" if format is Format.json else f"README.{format.value}")
    lines = (
        ("theorems proved", f"{len(proved)}"),
        ("proof steps", f"{sum(p.steps for p in proved)}, each checked twice"),
        ("single checks passed", f"{sum(p.checks for p in proved)}"),
        ("numeric checks", f"{len(measured)} in {len(tasks)} cases × dtypes, {len(failed)} failed"),
        ("files", f"{len(contents)} up to date, {len(changed)} of them written now"),
        ("seconds", f"{time.perf_counter() - start:.1f}"),
    )
    for label, value in lines:
        print(f"{label:<24} {value}")
    for m in failed:
        print(f"FAILED: {failure(m)}", file=sys.stderr)
    print(f"\nStart here: {start_page}")
    if failed:
        raise SystemExit(1)
