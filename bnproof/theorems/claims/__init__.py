"""The claims ledger: what five well-known sources say about biases before normalisation, and whether it holds.

Ids: S0 question and answer on Conv→ReLU→BN against Conv→BN→ReLU; S1 a linter's message, and folding; S2 TF-slim dropping the
bias; S3 a Linear→ReLU→BatchNorm1d→Dropout→Linear head; S4 an item of a list of common mistakes.
"""

from __future__ import annotations

from . import s0, s1, s2, s3, s4
from .claim import Claim, ClaimVerdict

__all__ = ["CLAIMS", "Claim", "ClaimVerdict"]

CLAIMS: tuple[Claim, ...] = (*s0.CLAIMS, *s1.CLAIMS, *s2.CLAIMS, *s3.CLAIMS, *s4.CLAIMS)
