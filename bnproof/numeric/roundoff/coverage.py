"""What the bounds contain, and what first order leaves out: two lists, kept apart wherever results are shown.

One place says it, for the table, JSON and the documentation. What is in the first list holds of every bound that is reported; what is
in the second may add to a run's error. Where it is looked for, `guard` says what happens when it is found.
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
    """An error that a first-order bound leaves out, and what is done about it: empty where nothing can be."""

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
    Contained("kinks of max, min, abs", "both sides count where round-off cannot tell them apart"),
    Contained("rounding of round-off", "at values that are zero over the reals, by bounding a run disturbed by its own errors"),
)
"""Rigorous to first order."""

LEAVES_OUT = (
    LeftOut(
        "terms of second order in the unit round-off",
        "cannot tell where a divisor, root or logarithm may change by over a quarter",
    ),
    LeftOut("branches and maxima that round-off decides", "cannot tell where a derivative jumps within round-off"),
    LeftOut("operations whose rounding is not known", "cannot tell, with the operation's name"),
    LeftOut(
        "overflow that is absorbed again", "cannot tell where a result that is no number, or a value beyond the format, is seen"
    ),
    LeftOut("library functions beyond 4 units in the last place"),
    LeftOut("faster algorithms for products (Winograd, FFT, Strassen)"),
    LeftOut("compilers that reassociate across what was traced, and faults of hardware"),
)
"""What may exceed the bound."""


def as_json() -> dict[str, object]:
    """Both lists, and what the probable bound assumes besides."""
    return {
        "contains": [asdict(item) for item in CONTAINS],
        "leaves_out": [asdict(item) for item in LEAVES_OUT],
        "probable": {"assumption": ASSUMPTION, "failure": FAILURE, "source": SOURCE},
    }
