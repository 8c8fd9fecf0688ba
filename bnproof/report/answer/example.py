"""A source's example: its chain and its variants decided, and the answer to its question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...chain.examples import Example
from ...verdict import Answer
from ..document import Block, Bullets, Code, Document, Heading, Paragraph, Prose, Strong, Text, plain_text, text
from .advice import advice
from .explain import explained
from .page import ledger
from .sources import source_answer
from .words import flat, grouped, together


@dataclass(frozen=True)
class Judged:
    """An example with the answers to its own chain and to each variant."""

    example: Example
    answer: Answer
    variants: Mapping[str, Answer]

    @property
    def sentences(self) -> list[Prose]:
        """The answer to the source's question, from the verdicts."""
        return source_answer(self.example.name, {"": self.answer, **self.variants})

    def as_json(self) -> dict[str, object]:
        """The main chain's answer as schema 2 has it; the example beside it."""
        return {
            **self.answer.as_json(),
            "example": {
                "name": self.example.name,
                "title": self.example.title,
                "answer": " ".join(map(plain_text, self.sentences)),
                "variants": {name: answer.as_json() for name, answer in self.variants.items()},
            },
        }


def example_document(judged: Judged, command: str = "", explain: bool = False, titled: bool = False) -> Document:
    """The answer, the question it answers, the verdicts it rests on."""
    example = judged.example
    first, *others = judged.sentences
    blocks: list[Block] = [Heading(1, text(f"{example.name}: {example.title}"))] * titled
    blocks.append(Paragraph(tuple(Strong(piece.text) if isinstance(piece, Text) else piece for piece in first)))
    blocks += map(Paragraph, others)
    blocks.append(Paragraph((Strong(f"The question ({example.name}): "), Text(f"{example.title}"))))
    blocks.append(Paragraph((Code(flat(judged.answer.read_as or example.chain)),)))
    blocks += [Paragraph(text(example.note))] * bool(example.note)
    blocks.append(ledger(judged.answer, explain))
    blocks += [Paragraph(text(flat(line))) for line in together(judged.answer)]
    for name, answer in judged.variants.items():
        blocks.append(Paragraph((Strong(f"Variant {name}: "), Code(flat(example.variants[name])))))
        blocks.append(Bullets(tuple(text(flat(line)) for line in brief(answer))))
    if trained := advice(judged.answer).trained:
        blocks.append(Paragraph(trained))
    if explain:
        blocks += explained(judged.answer)
    elif command:
        blocks.append(Paragraph((Text("Derivation and witnesses: "), Code(f"{command} --explain"))))
    return Document(example.name, tuple(blocks), "bnproof prove", "the question")


def brief(answer: Answer) -> list[str]:
    """One line a parameter: its verdict in each mode."""
    return [f"{name}: {_brief([(v.mode, v.verdict) for v in verdicts])}" for name, verdicts in grouped(answer)]


def _brief(verdicts: list[tuple[str, str]]) -> str:
    rulings = {ruling for _, ruling in verdicts}
    if len(verdicts) > 1 and len(rulings) == 1:
        return f"{rulings.pop()} in {' and '.join(mode for mode, _ in verdicts)}"
    return ", ".join(f"{ruling} in {mode}" for mode, ruling in verdicts)
