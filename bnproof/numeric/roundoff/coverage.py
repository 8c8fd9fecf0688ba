"""What the bounds contain, and what they leave out: two lists, kept apart wherever results are shown.

One place says it, for the table, JSON and the documentation. Which of three bounds a row rests on is said by its `by`:

- all orders: all that round-off makes of round-off is counted (`forward`);
- first order: where all orders tell nothing, in half types as a rule. What first order leaves out of an operation is dropped where it is
  at most ¼ of what first order passes on there, and the bound is made larger by ¼; where it is more, or a decision made it, it is
  counted. Bounds of sharded and chunked batches, which are formulas, are to first order as well;
- probable: where no worst case tells (`probable`).

What is in the first list holds of every bound that is reported; what is in the second may add to a run's error. Where it is looked for,
`guard` says what happens when it is found.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .probable import ASSUMPTION, FAILURE, SOURCE


@dataclass(frozen=True)
class Contained:
    """An error that the bound contains, and how it counts."""

    error: str
    counted: str


@dataclass(frozen=True)
class LeftOut:
    """An error that a bound leaves out, and what is done about it: empty where nothing can be."""

    error: str
    guard: str = ""


CONTAINS = (
    Contained("rounding of every operation", "1 unit round-off for + − × √, |n| for an integer power, 2 for ÷"),
    Contained("library functions (exp, tanh, rsqrt …)", "8 unit round-offs: 4 units in the last place"),
    Contained(
        "order of sums", "the depth of the tree behind each, where it is known, else n − 1; for L products L + 1 in any order"
    ),
    Contained("conversions to a narrower format", "1 unit round-off of that format; of products' operands in TF32 as well"),
    Contained("values rounded for one use and not for another", "every use counts by itself: fusion, contraction, repetition"),
    Contained("flush to zero", "the smallest normal number with each result, in float16 the smallest subnormal"),
    Contained("kinks, branches and maxima that round-off decides", "what the other side would change, in derivatives as well"),
    Contained("operands that round-off may carry far along a curve", "what first order leaves out there, where over a quarter"),
    Contained(
        "products of two errors, curvature, rounding of round-off", "in rows by all orders: float32 and float64 as a rule"
    ),
)
"""Rigorous; the last to all orders in rows that say so (`by`)."""

LEAVES_OUT = (
    LeftOut(
        "terms of second order that are small, operation by operation, in rows by first order",
        "dropped where at most a quarter of what first order passes on, and the bound is made larger by as much",
    ),
    LeftOut(
        "roundings that do not average out, in rows by the probable bound",
        "its assumption and its probability of failure are stated",
    ),
    LeftOut("decisions on the course of a loop, and poles within round-off", "cannot tell, with the operation's name"),
    LeftOut("operations whose rounding is not known", "cannot tell, with the operation's name"),
    LeftOut(
        "overflow, and numbers below the normal range where they are flushed",
        "cannot tell, with the operation, wherever the value goes",
    ),
    LeftOut("library functions beyond 4 units in the last place, where no probe shows more"),
    LeftOut("faster algorithms for products (Winograd, FFT, Strassen)", "probed on a GPU, and cannot tell where one is found"),
    LeftOut("compilers that reassociate across what was traced, and faults of hardware"),
)
"""What may exceed the bound."""

BASES = {
    "all orders": "all that round-off makes of round-off is counted",
    "first order": "what first order leaves out is dropped where it is small, and made up for by a quarter",
    "probable": "may be exceeded with the probability stated, under the assumption stated",
}
"""What a row's bound may rest on (`by`)."""


def as_json() -> dict[str, object]:
    """Both lists, what rows may rest on, and what the probable bound assumes besides."""
    return {
        "by": BASES,
        "contains": [asdict(item) for item in CONTAINS],
        "leaves_out": [asdict(item) for item in LEAVES_OUT],
        "probable": {"assumption": ASSUMPTION, "failure": FAILURE, "source": SOURCE},
    }
