"""What to do about a measurement that cannot tell: advice for each kind of obstacle."""

from __future__ import annotations

_SMALLER = "smaller inputs and shifts, or a larger ε"
ADVICE = (
    (("try ", "use "), ""),  # it says so itself
    (("the bound is too large",), "try a wider dtype, or fewer values normalised together"),
    (("beyond the", "largest", "below its", "smallest"), "try a larger ε, or a wider dtype"),
    (("has no value", "number is none"), "give it inputs for which it has one, or a larger ε"),
    (("does this control", "this control moves"), "try another seed"),
    (("kink", "branch", "jump", "decides"), "try another seed, so that no value lies there, or a wider dtype"),
    (("the rounding of",), "check the rest apart from it: nothing is known of what it computes"),
    (("divisor", "pole", "slope", "infinity"), f"try a wider dtype, {_SMALLER}"),
    (("leave no correct digit", "of this size"), "try a wider dtype, or fewer values"),
    (("so few values",), "try more values, or another seed"),
)
"""(what an obstacle may say, what to do then), the first that fits."""
OTHERWISE = "try a wider dtype, or another seed"


def advice(obstacle: str) -> str:
    """What to do about an obstacle, in words; empty where it says so itself."""
    return next((words for signs, words in ADVICE if any(sign in obstacle for sign in signs)), OTHERWISE)
