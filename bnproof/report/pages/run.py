"""A run of the numeric checks as a page: the answer in a sentence, then a line for each parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...numeric.checking.measurement import Measurement
from ..document import Block, Bullets, Code, Document, Heading, Paragraph, Prose, Ruled, Table, Text, text
from ..measurements import failure
from ..overview import closest, first

STEM = "checks_run"
_HEADER: tuple[Prose, ...] = tuple(map(text, ("case", "parameter", "dtype", "quantity", "measured", "bound", "ratio")))


def run_document(measured: Sequence[Measurement], run: Mapping[str, object]) -> Document:
    """What a run found; `run` says with what it was made, by name."""
    blocks: list[Block] = [
        Heading(1, text("A run of the checks")),
        Paragraph(text(first(measured))),
        Paragraph(
            text(
                "Each line is the measurement of one parameter that came closest to failing, of all dtypes and quantities. The ratio "
                "is measured / bound, the bound being derived from the round-off of the very program that ran."
            )
        ),
    ]
    failed = [m for m in measured if m.outcome == "FAILED"]
    if failed:
        blocks += [Heading(2, text("Failed")), Bullets(tuple(text(failure(m)) for m in failed))]
    for expected, title in (
        ("below", "Proved zero: the ratio must be at most 1"),
        ("above", "Acts: the ratio must be far above 1"),
    ):
        rows = [m for m in measured if m.expected == expected and not m.reference]
        if rows:
            blocks += [Heading(2, text(title)), Table(_HEADER, tuple(map(_row, closest(rows))))]
    made = tuple((text(name), text(str(value))) for name, value in run.items() if isinstance(value, (str, int, float)))
    if made:
        blocks += [Heading(2, text("Made with")), Table((text("what"), text("value")), made)]
    return Document(STEM, tuple(blocks), "bnproof report --checks", "nothing: run it again")


def _row(m: Measurement) -> tuple[Prose, ...]:
    told: Prose = (Ruled("undecided"), Text(" in this dtype")) if m.outcome == "cannot tell" else text(f"{m.ratio:.2g}")
    return (
        (Code(m.case),),
        (Code(m.bias),) if m.bias else (),
        text(m.dtype),
        text(m.quantity),
        text(f"{m.measured:.2g}"),
        text(f"{m.bound:.2g}"),
        told,
    )
