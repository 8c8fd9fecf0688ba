"""The claims ledger as a page."""

from __future__ import annotations

from itertools import groupby

from ...theorems import registry
from ...theorems.claims import CLAIMS
from ...theorems.glossary import PLAIN
from ...theorems.sources import SOURCES
from ..document import Block, Document, Heading, Link, Navigation, Paragraph, Strong, Table, Text, text
from ..prose import prose


def claims_document() -> Document:
    """Every claim with its verdict, a reason and a link to the theorem that decides it."""
    blocks: list[Block] = [
        Heading(1, text("Claims, judged")),
        Paragraph(
            text(
                "Five well-known sources, what each of them says or takes for granted, and what the proofs say. "
                "“true if” names the hypothesis that is missing; “imprecise” gives the corrected statement."
            )
        ),
    ]
    for source, claims in groupby(CLAIMS, key=lambda claim: claim.id.split(".")[0]):
        blocks.append(Heading(2, text(f"{source}: {SOURCES[source]}")))
        rows = tuple(
            (
                (Strong(claim.id),),
                prose(claim.claim, PLAIN),
                (Strong(claim.verdict), Text(" " if claim.verdict == "true if" else ": "), *prose(claim.reason, PLAIN)),
                (Link(registry.theorem(claim.theorem).title, claim.theorem),),
            )
            for claim in claims
        )
        blocks.append(Table((text("id"), text("claim"), text("verdict"), text("decided by")), rows))
    blocks.append(Navigation((Link("All theorems", "README"), Link("Glossary", "glossary"))))
    return Document("claims", tuple(blocks))
