"""The numeric checks as a page and a CSV file, written from the recorded full suite: nothing is measured while pages are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...numeric.recorded import recorded
from ...theorems import registry
from ..document import (
    Block,
    Bullets,
    Code,
    Details,
    Document,
    Heading,
    Link,
    Navigation,
    Paragraph,
    Picture,
    Prose,
    Table,
    Text,
    coded,
    text,
)
from ..measurements import csv_of, kind_of

STEM = "checks"
CSV = f"{STEM}.csv"
CSV_MARK = "# Written by `bnproof report`; lines that begin with # are no data."
_BOUND = "proved_zero_is_round_off_of_centring"
_QUANTITIES: tuple[Prose, ...] = (
    (Code("bias gradient"), Text(": of a loss Σ c·y with random c, never c = 1, for which the gradient is zero in any case;")),
    (Code("Hessian row"), Text(": the derivative of all gradients in the direction of the bias;")),
    (Code("other gradients"), Text(": those of all other parameters, with the bias and without it;")),
    (Code("output shift by δ"), Text(": what the output changes by when the bias is shifted by δ, up to a million.")),
)
_WHY = (
    "A bound is no use where it exceeds what would be there without the cancellation, and there is none where "
    "round-off may change a divisor by all of it: a shift by a million leaves float32 inputs near 1 with one or two digits, the "
    "one-pass variance loses all of them at 1/√u, and half types run out of bits with a few dozen values. Such measurements are "
    "reported as undecidable, never as passed."
)

Row = Mapping[str, Any]


def checks_document() -> Document:
    """Ten telling measurements, what could not be told, and where all are. Raises FileNotFoundError for an incomplete installation."""
    run: Mapping[str, Any] = recorded("check")
    rows: Sequence[Row] = run["cases"]
    outcomes = Counter(row["outcome"] for row in rows)
    blocks: list[Block] = [
        Heading(1, text("Checks: floating point against the proofs")),
        Paragraph(
            text(
                "“The gradient should be zero” never holds in floating point. How far from zero it may be is derived, not chosen: the "
                "running error of the very program that computed it, on the very numbers it was given. Every redundant bias must stay "
                "below that bound; every bias that acts, a control, must exceed it by far, or the checker sees nothing. What to expect of "
                "a case is not written down anywhere: the exact engine proves it anew in each run."
            )
        ),
        Paragraph((Text("The bound and its proof: "), Link(registry.theorem(_BOUND).title, _BOUND), Text("."))),
        Picture("../figures/bias_gradient_against_bound.svg", "Bias gradient against its round-off bound"),
        Bullets(_QUANTITIES),
        Paragraph(
            (
                Text(
                    f"{len(rows)} measurements: {outcomes['as proved']} as proved, {outcomes['cannot tell']} that the dtype cannot "
                    f"tell, {outcomes['FAILED']} failed. "
                ),
                Link("All of them (CSV)", CSV),
                Text("."),
            )
        ),
        Heading(2, text("Ten telling measurements")),
        Paragraph(
            text(
                "In each dtype the proved zero that came nearest to its bound, and the control that exceeded its bound by the least; then "
                "the largest batches. The ratio is measured / bound: a zero must stay below 1, a control lie above."
            )
        ),
        _told([*telling(rows)]),
        Paragraph(
            text(
                "Half types get ε = 0.01: with 1e-5 the 1/σ³ in the derivative of a channel that is nearly constant reaches 3e7, and "
                "float16 ends at 65504. Batch renormalisation stands among the zeros with its gradient, which is zero although the output "
                "moves, and among the controls with its output."
            )
        ),
        Heading(2, text("What a dtype cannot tell")),
        Paragraph(text(_WHY)),
        *_untold([row for row in rows if row["outcome"] == "cannot tell"]),
    ]
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    blocks += [
        Paragraph(
            text(f"Measured on {', '.join(run['devices'])}, Python {run['python']}, {versions}, in {run['seconds']:.0f} s.")
        ),
        Paragraph(
            (
                Code("bnproof check --suite full"),
                Text(" repeats it; "),
                Code('bnproof check --case "…"'),
                Text(" takes any chain."),
            )
        ),
        Navigation((Link("All theorems", "README"), Link("Experiments", "experiments"))),
    ]
    return Document(STEM, tuple(blocks))


def checks_csv() -> str:
    """Every measurement, one a line, after two lines of comment and a header; an infinite bound is written `inf`."""
    about = "count: values normalised together; ratio = measured / bound; expected: on which side of the bound"
    return f"{CSV_MARK}\n# {about}\n{csv_of(recorded('check')['cases'])}"


def telling(rows: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    """What a row shows, and the row: the tightest zero and the weakest control of each dtype, and zeros of the largest batches."""
    rows = [row for row in rows if not row.get("reference")]  # what is held against exact values is no zero
    proved = [row for row in rows if row["outcome"] == "as proved"]
    for expected, words, extreme in (("below", "tightest zero", max), ("above", "weakest control", min)):
        for dtype in dict.fromkeys(row["dtype"] for row in rows):
            found = [row for row in proved if (row["expected"], row["dtype"]) == (expected, dtype)]
            if found:
                yield f"{words} in {dtype}", extreme(found, key=lambda row: row["ratio"])
    most = max(row["count"] for row in rows)
    largest = [row for row in proved if row["count"] == most]
    for case in dict.fromkeys(row["case"] for row in largest):
        yield f"{most:,} values", max((row for row in largest if row["case"] == case), key=lambda row: row["ratio"])


def _told(rows: Sequence[tuple[str, Row]]) -> Table:
    header = tuple(text(words) for words in ("which", "case", "bias", "dtype", "quantity", "measured", "bound", "ratio"))
    shown: list[tuple[Prose, ...]] = []
    for words, row in rows:
        numbers = (text(f"{row[name]:.2g}") for name in ("measured", "bound", "ratio"))
        named = ((Code(row[name]),) for name in ("case", "bias"))
        shown.append((text(words), *named, text(row["dtype"]), text(row["quantity"]), *numbers))
    return Table(header, tuple(shown))


def _untold(rows: Sequence[Row]) -> Iterator[Block]:
    """How many for each reason, and folded away, which."""
    reasons = Counter((row["dtype"], _why(row)) for row in rows)
    header = tuple(text(words) for words in ("dtype", "why", "measurements"))
    yield Table(header, tuple((text(dtype), coded(why), text(str(count))) for (dtype, why), count in reasons.items()))
    yield Details("The cases, by name", tuple(_named(rows)))


def _named(rows: Sequence[Row]) -> Iterator[Block]:
    header = tuple(text(words) for words in ("case", "bias", "dtype", "measurements"))
    for why in dict.fromkeys(map(_why, rows)):
        cases = Counter((row["case"], row["bias"], row["dtype"]) for row in rows if _why(row) == why)
        yield Paragraph(coded(f"{why[0].upper()}{why[1:]}:"))
        body = (
            ((Code(case),), (Code(bias),) if bias else text("the whole chain"), text(dtype), text(str(count)))
            for (case, bias, dtype), count in cases.items()
        )
        yield Table(header, tuple(body))


def _why(row: Row) -> str:
    return kind_of(row["obstacle"])
