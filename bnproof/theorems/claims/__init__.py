"""The claims ledger: what five well-known sources say about biases before normalisation, and whether it holds.

Ids are those of `sources`: ``S0.a``. One file a source; each entry has its evidence by name.
"""

from __future__ import annotations

from . import s0, s1, s2, s3, s4
from .claim import WORDS, Claim, ClaimVerdict, Decided

__all__ = ["CLAIMS", "WORDS", "Claim", "ClaimVerdict", "Decided"]

CLAIMS: tuple[Claim, ...] = (*s0.CLAIMS, *s1.CLAIMS, *s2.CLAIMS, *s3.CLAIMS, *s4.CLAIMS)
"""Every claim, by source and letter."""
