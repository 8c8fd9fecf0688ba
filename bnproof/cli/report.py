"""``bnproof report``: the main job."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import BnproofError, OutputError
from ..report.writers import JSON, WRITERS, known_formats, report_formats
from .common import interruptible_writer, progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..numeric.checking.measurement import Measurement
    from ..plots.style import Form
    from ..report.selection import Selection

FOLDERS = ("derivations", "figures")
"""Of the output directory: where the pages and the figures go."""


@interruptible_writer
def report(
    out: Annotated[
        str, typer.Option("--out", metavar="DIRECTORY", help="Where to write derivations/ and figures/.")
    ] = "bnproof-report",
    format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMATS",
            help=f"Of the pages, with commas between: {', '.join(report_formats())}.",
        ),
    ] = "md",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that bnproof did not write.")] = False,
    theorem: Annotated[str | None, typer.Option("--theorem", metavar="NAME", help="This theorem alone.")] = None,
    chapter: Annotated[str | None, typer.Option("--chapter", metavar="NAME", help="This chapter alone.")] = None,
    chain: Annotated[
        str | None, typer.Option("--chain", metavar="CHAIN", help='A derivation for this chain, "conv -> relu -> bn".')
    ] = None,
    claims: Annotated[bool, typer.Option("--claims", help="The ledger of claims alone.")] = False,
    checks: Annotated[bool, typer.Option("--checks", help="A run of the numeric checks alone.")] = False,
) -> None:
    """Prove every theorem, check the numbers, and write derivations and figures; or write what is asked for alone."""
    from ..report.files import check_writable

    if not out:
        raise OutputError("--out is empty: name a directory, such as bnproof-report, or . for this one")
    chosen = {"--theorem": theorem, "--chapter": chapter, "--chain": chain, "--claims": claims, "--checks": checks}
    given = [name for name, value in chosen.items() if value is not None and value is not False]
    if len(given) > 1:
        raise BnproofError(f"{' and '.join(given)} exclude each other: leave all but one out")
    forms = known_formats(format, report_formats())
    folder = Path(out)
    check_writable(folder, map(Path, FOLDERS))  # before anything heavy is imported or done
    for form in forms:
        if form != JSON:
            WRITERS[form].check()
    if given:
        _alone(folder, forms, force, theorem, chapter, chain, claims)
    else:
        _all(folder, forms, force)


def _figures(forms: Sequence[str], shown: set[str] | None = None) -> tuple[Mapping[Path, str | bytes], dict[Path, str | bytes]]:
    """The figures in SVG for formats that carry them along, and the files that stand beside the pages of other formats.

    shown: the names of those that are wanted, None for all.
    """
    from ..plots.gallery import figures

    binding = any(form != JSON and WRITERS[form].binds for form in forms)
    beside: set[Form] = {
        "svg" if form == JSON else WRITERS[form].figures for form in forms if form == JSON or not WRITERS[form].binds
    }
    if shown is not None and not shown:
        return {}, {}
    inside: set[Form] = {"svg"} if binding else set()
    drawn = {kind: figures(kind) for kind in sorted(beside | inside)}
    wanted = {path: content for kind in beside for path, content in drawn[kind].items() if shown is None or path.stem in shown}
    return drawn.get("svg", {}), wanted


def _all(folder: Path, forms: Sequence[str], force: bool) -> None:
    from ..report.build import pages
    from ..report.files import write_all
    from ..report.measurements import failure
    from ..theorems import registry
    from ..theorems.prove import Prover

    start = time.perf_counter()
    prover = Prover()
    names = registry.names()
    proved = [prover.prove(registry.theorem(name)) for name in progress(names, "proving", len(names))]
    inside, beside = _figures(forms)
    contents: dict[Path, str | bytes] = {**beside}
    for form in progress(forms, "writing", len(forms)):
        contents |= pages(proved, form, inside)
    # before the checks, which take longest: a file that may not be overwritten is said at once
    changed = write_all(folder, contents, force)
    measured, tasks = _measured()

    failed = [m for m in measured if not m.passed]
    lines = (
        ("theorems proved", f"{len(proved)}"),
        ("proof steps", f"{sum(p.steps for p in proved)}, each checked twice"),
        ("single checks passed", f"{sum(p.checks for p in proved)}"),
        ("numeric checks", f"{len(measured)} in {tasks} cases × dtypes, {len(failed)} failed"),
        ("files", f"{len(contents)} up to date, {len(changed)} of them written now"),
        ("seconds", f"{time.perf_counter() - start:.1f}"),
    )
    for label, value in lines:
        print(f"{label:<24} {value}")
    for m in failed:
        print(f"FAILED: {failure(m)}", file=sys.stderr)
    print(f"\nStart here: {folder / _start(forms)}")
    if failed:
        raise SystemExit(1)


def _start(forms: Sequence[str]) -> Path:
    """The page to begin with, in the first format named."""
    from ..report.book import BOOK

    first = forms[0]
    if first == JSON:
        return Path(FOLDERS[0], "claims.json")
    return Path(f"{BOOK}.{first}") if WRITERS[first].binds else Path(FOLDERS[0], f"README.{first}")


def _measured() -> tuple[list[Measurement], int]:
    """A run of the quick suite, and of how many tasks it was."""
    from ..decide.checking.run import run
    from ..decide.checking.suites import quick

    tasks = list(quick())
    return [m for rows in progress(run(tasks), "checking", len(tasks)) for m in rows], len(tasks)


def _alone(
    folder: Path, forms: Sequence[str], force: bool, theorem: str | None, chapter: str | None, chain: str | None, claims: bool
) -> None:
    from ..report.build import pictured, selected
    from ..report.files import write_all

    failed = False
    if theorem is not None:
        from ..report.selection import theorem_selection

        found = theorem_selection(theorem)
    elif chapter is not None:
        found = _chapter(chapter)
    elif chain is not None:
        found = _chain(chain)
    elif claims:
        from ..report.selection import claims_selection

        found = claims_selection()
    else:
        found, failed = _checks()
    inside, beside = _figures(forms, pictured(found.document))
    contents: dict[Path, str | bytes] = {**beside}
    for form in forms:
        contents |= selected(found, form, inside)
    write_all(folder, contents, force)
    for path in contents:
        print(folder / path)
    if failed:
        raise SystemExit(1)


def _chapter(name: str) -> Selection:
    from ..report.selection import chapter, chapter_selection
    from ..theorems import registry
    from ..theorems.prove import Prover

    found = chapter(name)
    prover = Prover()
    return chapter_selection(
        found, [prover.prove(registry.theorem(each)) for each in progress(found.names, "proving", len(found.names))]
    )


def _chain(chain: str) -> Selection:
    from ..asking import Settings
    from ..report.selection import chain_selection

    chain = chain.strip()
    return chain_selection(Settings(explain=True).decide(chain), chain)


def _checks() -> tuple[Selection, bool]:
    import platform
    from importlib.metadata import version

    from ..report.selection import run_selection

    start = time.perf_counter()
    measured, _ = _measured()
    versions = {name: version(name) for name in ("jax", "numpy")}
    run = {"python": platform.python_version(), **versions, "seconds": round(time.perf_counter() - start, 1)}
    return run_selection(measured, run), any(not m.passed for m in measured)
