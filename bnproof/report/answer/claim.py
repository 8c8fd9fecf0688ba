"""A claim of a source, judged, as a document."""

from __future__ import annotations

from ...theorems.claims import Claim
from ...theorems.glossary import PLAIN
from ..document import Block, Code, Document, Heading, Paragraph, Prose, Strong, Text, joined, text
from ..pages.claims import asked, decided
from ..prose import prose


def claim_document(claim: Claim, titled: bool = False) -> Document:
    """The verdict and its reason, the claim, and what the verdict rests on."""
    word = f"{claim.verdict[:1].upper()}{claim.verdict[1:]}"
    verdict = Strong(word if claim.verdict == "true if" else f"{word}.")
    blocks: list[Block] = [Heading(1, text(f"Claim {claim.id}"))] * titled
    blocks += [
        Paragraph((verdict, Text(" "), *prose(claim.reason, PLAIN))),
        Paragraph((Strong(f"The claim ({claim.id}): "), *prose(claim.claim, PLAIN))),
    ]
    if claim.chains:
        blocks.append(_named("Decided", decided(claim.chains)))
    if claim.experiments:
        blocks.append(_named("Measured", text(" ".join(asked(claim.experiments)))))
    if claim.theorems:
        proofs = joined(((Code(f"bnproof prove {name}"),) for name in claim.theorems), ", ")
        blocks.append(_named("Proofs" if len(claim.theorems) > 1 else "Proof", proofs))
    return Document(claim.id, tuple(blocks), "bnproof prove", "the question")


def _named(what: str, said: Prose) -> Paragraph:
    return Paragraph((Text(f"{what}: "), *said))
