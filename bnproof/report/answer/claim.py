"""A claim of a source, judged, as a document."""

from __future__ import annotations

from ...theorems.claims import Claim
from ...theorems.glossary import PLAIN
from ..document import Block, Code, Document, Heading, Paragraph, Strong, Text, text
from ..prose import prose


def claim_document(claim: Claim, titled: bool = False) -> Document:
    """The verdict and its reason, the claim, and the theorem that decides it."""
    blocks: list[Block] = [Heading(1, text(f"Claim {claim.id}"))] * titled
    blocks += [
        Paragraph((Strong(f"{claim.verdict[:1].upper()}{claim.verdict[1:]}."), Text(" "), *prose(claim.reason, PLAIN))),
        Paragraph((Strong(f"The claim ({claim.id}): "), *prose(claim.claim, PLAIN))),
        Paragraph((Text("Proof: "), Code(f"bnproof prove {claim.theorem}"))),
    ]
    return Document(claim.id, tuple(blocks), "bnproof prove", "the question")
