"""The claims ledger: what five well-known sources say about biases before normalisation, and whether it holds.

Ids: S0 question and answer on Conv→ReLU→BN against Conv→BN→ReLU; S1 a linter's message, and folding; S2 TF-slim dropping the
bias; S3 a Linear→ReLU→BatchNorm1d→Dropout→Linear head; S4 an item of a list of common mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ClaimVerdict = Literal["true", "true if", "imprecise", "false"]


@dataclass(frozen=True)
class Claim:
    """A claim in our own words, the verdict, one sentence of reason, and the theorem that decides it."""

    id: str
    claim: str
    verdict: ClaimVerdict
    reason: str
    theorem: str


CLAIMS: tuple[Claim, ...] = ()
