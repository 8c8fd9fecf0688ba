"""An answer as a page for the Markdown and LaTeX writers."""

from __future__ import annotations

from collections.abc import Iterator

from ...verdict import Answer, Verdict
from ..document import Block, Bullets, Document, Heading, Inline, Paragraph, Prose, Strong, Table, Text, text
from .advice import advice
from .words import (
    conclusion,
    evidence,
    grouped,
    heading,
    laws_used,
    legend,
    place,
    sizes,
    statistics,
    together,
    where_it_stays,
)


def answer_document(answer: Answer, explain: bool = False) -> Document:
    """The page of one answer."""
    return Document("answer", (Heading(1, text(flat(answer.target))), *answer_blocks(answer, explain), do_this(answer)))


def answer_blocks(answer: Answer, explain: bool = False) -> Iterator[Block]:
    """Everything but the title and what to do."""
    rows = tuple((text(flat(v.bias)), text(v.mode), _verdict(v)) for _, verdicts in grouped(answer) for v in verdicts)
    if rows:
        yield Table((text("parameter"), text("mode"), text("verdict")), rows)
    found = tuple(
        (Strong(f"{flat(v.bias)}, {v.mode}, {label}"), Text(f": {flat(words)}"))
        for _, verdicts in grouped(answer)
        for v in verdicts
        for label, words in evidence(v)
    )
    if found:
        yield Bullets(found)
    yield from (Paragraph(text(flat(line))) for line in (*statistics(answer), *together(answer), *sizes(answer)))
    if explain:
        yield from _explained(answer)


def do_this(answer: Answer) -> Paragraph:
    """The last paragraph: what to do."""
    found = advice(answer)
    note: list[Inline] = [Text(flat(found.note) + " ")] if found.note else []
    return Paragraph((*note, Strong("Do this: "), Text(flat(found.action))))


def _verdict(verdict: Verdict) -> Prose:
    cited: list[Inline] = [Text(f" [{flat(verdict.theorem)}]")] if verdict.theorem else []
    return (Strong(verdict.verdict), Text(f": {flat(verdict.reason)}"), *cited)


def _explained(answer: Answer) -> Iterator[Block]:
    kept = [v for v in answer.verdicts if v.proof is not None]
    for verdict in kept:
        assert verdict.proof is not None
        yield Heading(2, text(flat(heading(verdict))))
        if said := legend(verdict.proof):
            yield Paragraph(text(said))
        yield Table(
            (text("step"), text("expression"), text("law"), text("where")),
            tuple(
                (text(str(k)), text(flat(s.expression)), text(s.law), text(flat(place(s.operation, s.layer, s.source))))
                for k, s in enumerate(verdict.proof.steps, 1)
            ),
        )
        yield Paragraph(text(flat(conclusion(verdict))))
    stays = where_it_stays(answer)
    if stays:
        yield Heading(2, text("Where the others stay"))
        yield Bullets(tuple((Strong(flat(whose)), Text(f" {flat(words)}")) for whose, words in stays))
    laws = laws_used(v.proof for v in kept if v.proof is not None)
    if laws:
        yield Heading(2, text("The laws"))
        yield Bullets(tuple((Strong(name), Text(f": {said}")) for name, said in laws))
    if answer.assumptions:
        yield Heading(2, text("Assumed"))
        yield Bullets(tuple(text(flat(line)) for line in answer.assumptions))


def flat(words: str) -> str:
    """Words on one line: names come from other people's programs, and a line break would end a table's row."""
    return " ".join(words.split())
