"""When a first-order bound does not hold, so that there is none: what round-off may do that it leaves out."""

from __future__ import annotations

from ..roundoff.running_error import Bounds

TRUSTED = 1 / 4
"""The part of a divisor that round-off may change before a first-order bound is no longer trusted."""


def untrusted(bounds: Bounds, kink: bool) -> str:
    """Why a first-order bound does not hold here, if it does not: then there is none. `kink`: a branch that round-off may decide."""
    if bounds.unknown:
        return f"the rounding of the operation `{bounds.unknown}` is not known"
    if not (divisor := bounds.divisor) <= TRUSTED:
        change = f"{divisor:.0%}" if divisor < 10 else "all of it"
        return f"round-off may change a divisor by more than a quarter, which a first-order bound does not cover: by {change}"
    if kink:
        return "a maximum or comparison is within round-off of its kink, where another run may differentiate the other branch"
    return ""
