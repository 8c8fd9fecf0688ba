"""The claims ledger as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from ...modes import WHEN
from ...numeric.recorded import recorded
from ...theorems import registry
from ...theorems.claims import CLAIMS, WORDS, Claim, Decided
from ...theorems.glossary import PLAIN
from ...theorems.sources import SOURCES
from ..document import (
    Block,
    Bullets,
    Code,
    Document,
    Entry,
    Heading,
    Ledger,
    Link,
    Navigation,
    Paragraph,
    Prose,
    Strong,
    Text,
    joined,
    text,
)
from ..prose import prose

HEADER = ("id", "verdict", "what is said, and what holds")


def claims_document() -> Document:
    """Every claim, by source: the verdict first, then the reason and the evidence for it."""
    used = [claim.verdict for claim in CLAIMS]
    words = ((Strong(verdict), Text(f" ({used.count(verdict)}): {word.meaning};")) for verdict, word in WORDS.items())
    *most, (strong, last) = words
    blocks: list[Block] = [
        Heading(1, text("Claims, judged")),
        Paragraph(
            text(
                f"Five well-known sources, what each of them says, asks or takes for granted, in our words: {len(CLAIMS)} claims. "
                "The verdicts, and how often each is given:"
            )
        ),
        Bullets((*most, (strong, Text(f"{last.text[:-1]}.")))),
        Paragraph(
            text(
                "A proof is a theorem; what is measured is an experiment; what is decided is a chain of layers, by the engine, anew "
                "whenever the tests run. What libraries do by default is quoted, not proved. In training a normalisation uses the "
                "statistics of the batch, in evaluation stored ones."
            )
        ),
    ]
    for source, claims in groupby(CLAIMS, key=lambda claim: claim.id.split(".")[0]):
        blocks.append(Heading(2, text(f"{source}: {SOURCES[source]}")))
        blocks.append(Ledger(HEADER, tuple(map(_entry, claims)), apart=True))
    blocks.append(Navigation((Link("All theorems", "README"), Link("Glossary", "glossary"))))
    return Document("claims", tuple(blocks))


def _entry(claim: Claim) -> Entry:
    said = (Text("“"), *prose(claim.claim, PLAIN), Text("”"))
    reason = (WORDS[claim.verdict].leads, prose(claim.reason, PLAIN))
    return Entry(((Strong(claim.id),), (Strong(claim.verdict),)), said, (reason, *_evidence(claim)))


def _evidence(claim: Claim) -> Iterator[tuple[str, Prose]]:
    """What the verdict rests on, kind by kind, with links."""
    if claim.theorems:
        yield "proof", joined(((Link(registry.theorem(name).title, name),) for name in claim.theorems), "; ")
    if claim.experiments:
        yield "measured", joined(((Link(question, "experiments"),) for question in asked(claim.experiments)), " ")
    if claim.chains:
        yield "decided", decided(claim.chains)


def asked(experiments: Iterable[str]) -> Iterator[str]:
    """The question of each experiment. Raises KeyError for a name that no record has."""
    questions = {record["name"]: record["question"] for record in recorded("experiments")["experiments"]}
    return (questions[name] for name in experiments)


def decided(chains: Iterable[Decided]) -> Prose:
    """The verdicts in words, each chain once."""
    return joined(
        (
            (Text(called) if called else Code(chain), Text(": "), *joined(map(_ruled, group), ", "))
            for (chain, called), group in groupby(chains, key=lambda one: (one.chain, one.called))
        ),
        "; ",
    )


def _ruled(one: Decided) -> Prose:
    rulings = list(one.rulings)
    if len({ruling for _, ruling in rulings}) == 1:
        said = f"{_verb(rulings[0][1])} {' and '.join(WHEN[mode] for mode, _ in rulings)}"
    else:
        said = ", ".join(f"{_verb(ruling)} {WHEN[mode]}" for mode, ruling in rulings)
    others = joined(map(text, one.irreplaceable_by), ", ", " and ")
    return (Text(f"{one.bias} {said}"), *((Text(" (in training irreplaceable by "), *others, Text(")")) if others else ()))


def _verb(ruling: str) -> str:
    return ruling if ruling == "acts" else f"is {ruling}"
