"""The numeric checks as a page, written from the recorded full suite: nothing is measured while pages are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ...numeric.recorded import recorded
from ...theorems import registry
from ..document import Block, Bullets, Code, Document, Heading, Link, Navigation, Paragraph, Picture, Prose, Table, Text, text

STEM = "checks"
_BOUND = "proved_zero_is_round_off_of_centring"
_SECTIONS = (
    (
        "below",
        "Proved zeros",
        "Redundant biases, along the directions in which they are, and a gradient that is zero although the output moves (batch "
        "renormalisation): each quantity must stay below its bound.",
    ),
    (
        "above",
        "Controls",
        "Needed biases: the gradient and the output's shift must exceed their bounds, or the checker sees nothing.",
    ),
)
_QUANTITIES: tuple[Prose, ...] = (
    (Code("bias gradient"), Text(": of a loss Σ c·y with random c, never c = 1, for which the gradient is zero in any case;")),
    (Code("Hessian row"), Text(": the derivative of all gradients in the direction of the bias;")),
    (Code("other gradients"), Text(": those of all other parameters, with the bias and without it;")),
    (Code("output shift by δ"), Text(": what the output changes by when the bias is shifted by δ, up to a million.")),
)


def checks_document() -> Document:
    """Per case and dtype the measurement closest to failing. Raises FileNotFoundError for an incomplete installation."""
    run: Mapping[str, Any] = recorded("check")
    rows: Sequence[Mapping[str, Any]] = run["cases"]
    outcomes = Counter(row["outcome"] for row in rows)
    blocks: list[Block] = [
        Heading(1, text("Checks: floating point against the proofs")),
        Paragraph(
            text(
                "“The gradient should be zero” never holds in floating point. How far from zero it may be is derived, not chosen: the "
                "running error of the very program that computed it, on the very numbers it was given. Every redundant bias must stay "
                "below that bound, every needed one must exceed it by far. What to expect of a case is not written down anywhere: "
                "the exact engine proves it anew in each run."
            )
        ),
        Paragraph((Text("The bound and its proof: "), Link(registry.theorem(_BOUND).title, _BOUND), Text("."))),
        Picture("../figures/bias_gradient_against_bound.svg", "Bias gradient against its round-off bound"),
        Bullets(_QUANTITIES),
        Paragraph(
            text(
                f"{len(rows)} measurements: {outcomes['as proved']} as proved, {outcomes['cannot tell']} that the dtype cannot tell, "
                f"{outcomes['FAILED']} failed. The tables show, for each case and dtype, the measurement closest to failing; the ratio "
                "is measured / bound."
            )
        ),
    ]
    for expected, title, words in _SECTIONS:
        blocks += [
            Heading(2, text(title)),
            Paragraph(text(words)),
            _table([row for row in rows if row["expected"] == expected]),
        ]
    blocks += [Heading(2, text("What a dtype cannot tell")), Paragraph(text(_WHY)), _untold(rows)]
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


_WHY = (
    "A bound is no use where it exceeds what would be there without the cancellation, and a first-order bound is no longer one where "
    "round-off may change a divisor by more than a quarter: a shift by a million leaves float32 inputs near 1 with one or two digits, the "
    "one-pass variance loses all of them at 1/√u, and half types run out of bits with a few dozen values. Such measurements are "
    "reported as undecidable, never as passed."
)


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    header = tuple(text(words) for words in ("case", "dtype", "quantity", "measured", "bound", "ratio"))
    shown: list[tuple[Prose, ...]] = []
    pairs = dict.fromkeys((row["case"], row["bias"], row["dtype"]) for row in rows)
    for case, bias, dtype in pairs:
        same = [row for row in rows if (row["case"], row["bias"], row["dtype"]) == (case, bias, dtype)]
        told = [row for row in same if row["outcome"] == "as proved"]
        if not told:
            shown.append(((Code(case),), text(dtype), text("cannot tell"), text(""), text(""), text("")))
            continue
        row = max(told, key=lambda r: r["ratio"] if r["expected"] == "below" else -r["ratio"])
        numbers = (text(f"{row[name]:.2g}") for name in ("measured", "bound", "ratio"))
        shown.append(((Code(case),), text(dtype), text(row["quantity"]), *numbers))
    return Table(header, tuple(shown))


def _untold(rows: Sequence[Mapping[str, Any]]) -> Table:
    counts = Counter((row["dtype"], row["obstacle"].split(":")[0]) for row in rows if row["outcome"] == "cannot tell")
    body = tuple((text(dtype), text(why), text(str(count))) for (dtype, why), count in counts.items())
    return Table((text("dtype"), text("why"), text("measurements")), body)
