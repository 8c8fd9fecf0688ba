"""A claim of a source, judged, as a document."""

from __future__ import annotations

from ...symbolic.symbols import Vocabulary
from ...theorems.claims import Claim
from ...theorems.glossary import GLOSSARY
from ..document import Block, Code, Document, Heading, Paragraph, Strong, Text, text
from ..prose import prose

_EMPTY = Vocabulary(GLOSSARY, {})


def claim_document(claim: Claim, titled: bool = False) -> Document:
    """The verdict and its reason, the claim, and the theorem that decides it."""
    blocks: list[Block] = [Heading(1, text(f"Claim {claim.id}"))] * titled
    blocks += [
        Paragraph((Strong(f"{claim.verdict[:1].upper()}{claim.verdict[1:]}."), Text(" "), *prose(claim.reason, _EMPTY))),
        Paragraph((Strong(f"The claim ({claim.id}): "), *prose(claim.claim, _EMPTY))),
        Paragraph((Text("Proof: "), Code(f"bnproof prove {claim.theorem}"))),
    ]
    return Document(claim.id, tuple(blocks), "bnproof prove", "the question")
