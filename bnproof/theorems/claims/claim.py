"""A claim and what is found of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ClaimVerdict = Literal["true", "true if", "imprecise", "false"]


@dataclass(frozen=True)
class Claim:
    """A claim in our own words, the verdict, the reason, and the theorem that decides it.

    The reason for “true if” begins with the condition and goes on where the verdict stops.
    """

    id: str
    claim: str
    verdict: ClaimVerdict
    reason: str
    theorem: str
