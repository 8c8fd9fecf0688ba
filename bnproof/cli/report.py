"""``bnproof report``: the main job."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from ..errors import OutputError
from ..report.writers import JSON, WRITERS, known_format, report_formats
from .common import interruptible_writer, progress

FOLDERS = ("derivations", "figures")
"""Of the output directory: where the pages and the figures go."""


@interruptible_writer
def report(
    out: Annotated[
        str, typer.Option("--out", metavar="DIRECTORY", help="Where to write derivations/ and figures/.")
    ] = "bnproof-report",
    format: Annotated[str, typer.Option("--format", help=f"Of the pages: {', '.join(report_formats())}.")] = "md",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that bnproof did not write.")] = False,
) -> None:
    """Prove every theorem, check the numbers, and write derivations and figures."""
    from ..report.files import check_writable, write_all

    if not out:
        raise OutputError("--out is empty: name a directory, such as bnproof-report, or . for this one")
    folder = Path(out)
    check_writable(folder, map(Path, FOLDERS))  # before anything heavy is imported or done
    known_format(format, report_formats())
    from ..decide.checking.run import run
    from ..decide.checking.suites import quick
    from ..plots.gallery import figures
    from ..report.build import pages
    from ..report.measurements import failure
    from ..theorems import registry
    from ..theorems.prove import Prover

    start = time.perf_counter()
    prover = Prover()
    names = registry.names()
    proved = [prover.prove(registry.theorem(name)) for name in progress(names, "proving", len(names))]
    contents = {**pages(proved, format), **figures("svg" if format == JSON else WRITERS[format].figures)}
    # before the checks, which take longest: a file that may not be overwritten is said at once
    changed = write_all(folder, contents, force)
    tasks = list(quick())
    measured = [m for rows in progress(run(tasks), "checking", len(tasks)) for m in rows]

    failed = [m for m in measured if not m.passed]
    start_page = folder / FOLDERS[0] / ("claims.json" if format == JSON else f"README.{format}")
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
