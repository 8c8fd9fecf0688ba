"""A source's example: its chain and its variants decided, and the answer to its question, in every format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...chain.examples import Example
from ...verdict import Answer
from ..document import Block, Bullets, Code, Document, Heading, Paragraph, Strong, Text, text
from ..writers.terminal import wrapped
from .page import answer_blocks, do_this, flat
from .sources import source_answer
from .text import Paint, closing, joined, plain, sections
from .words import grouped


@dataclass(frozen=True)
class Judged:
    """An example with the answers to its own chain and to each variant."""

    example: Example
    answer: Answer
    variants: Mapping[str, Answer]

    @property
    def sentence(self) -> str:
        """The answer to the source's question, from the verdicts."""
        return source_answer(self.example.name, {"": self.answer, **self.variants})


def example_json(judged: Judged) -> dict[str, object]:
    """The main chain's answer as schema 1 has it; the example beside it."""
    return {
        **judged.answer.as_json(),
        "example": {
            "name": judged.example.name,
            "title": judged.example.title,
            "answer": judged.sentence,
            "variants": {name: answer.as_json() for name, answer in judged.variants.items()},
        },
    }


def example_text(judged: Judged, command: str, width: int = 80, explain: bool = False, paint: Paint = plain) -> str:
    """Title, chain, verdicts, each variant's verdicts in brief, the answer, and what to do."""
    example = judged.example
    title = wrapped(f"{example.name}: {example.title}", width)
    parts = [
        "\n".join([*(paint(line, "strong") for line in title.splitlines()), wrapped(example.chain, width, "  ", "    ")]),
        *sections(judged.answer, width, explain, paint),
    ]
    for name, answer in judged.variants.items():
        head = wrapped(f"Variant {name}: {example.variants[name]}", width, indent="    ")
        parts.append("\n".join([head, *(wrapped(line, width, "  ", "      ") for line in brief(answer))]))
    answered = wrapped(f"Answer: {judged.sentence}", width, indent="  ").replace("Answer:", paint("Answer:", "strong"), 1)
    return joined([*parts, answered, closing(judged.answer, command, width, explain, paint)])


def example_document(judged: Judged, explain: bool = False) -> Document:
    """The same as a page."""
    example = judged.example
    blocks: list[Block] = [
        Heading(1, text(f"{example.name}: {example.title}")),
        Paragraph((Code(example.chain),)),
        *answer_blocks(judged.answer, explain),
    ]
    for name, answer in judged.variants.items():
        blocks.append(Paragraph((Strong(f"Variant {name}: "), Code(example.variants[name]))))
        blocks.append(Bullets(tuple(text(flat(line)) for line in brief(answer))))
    blocks += [Paragraph((Strong("Answer. "), Text(judged.sentence))), do_this(judged.answer)]
    return Document(example.name, tuple(blocks))


def brief(answer: Answer) -> list[str]:
    """One line a parameter: its verdict in each mode."""
    return [f"{name}: {', '.join(f'{v.verdict} in {v.mode}' for v in verdicts)}" for name, verdicts in grouped(answer)]
