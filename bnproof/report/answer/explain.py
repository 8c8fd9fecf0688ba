"""The evidence behind an answer: derivations, exact examples, witnesses, statistics, sizes, laws, assumptions."""

from __future__ import annotations

from collections.abc import Iterator

from ...verdict import Answer, Proof, Verdict
from ..document import Block, Bullets, Cite, Derivation, Heading, Paragraph, Prose, Row, Strong, Text, text
from .words import because, conclusion, flat, grouped, heading, laws_used, legend, place, sizes, statistics, witnessed


def explained(answer: Answer) -> Iterator[Block]:
    """Every verdict explained; then what holds for all of them."""
    told: list[Verdict] = []
    for _, verdicts in grouped(answer):
        for verdict in verdicts:
            before = next((v for v in told if _alike(v, verdict)), None)
            yield Heading(2, text(flat(heading(verdict))))
            yield from _explanation(verdict, before)
            told.append(verdict)
    laws = laws_used(v.proof for v in answer.verdicts if v.proof is not None)
    if laws:
        yield Heading(2, text("The laws"))
        yield Bullets(tuple((Strong(name), Text(f": {said}")) for name, said in laws))
    lines = [*statistics(answer), *sizes(answer)]
    if lines:
        yield Heading(2, text("Statistics and sizes"))
        yield Bullets(tuple(text(flat(line)) for line in lines))
    if answer.assumptions:
        yield Heading(2, text("Assumed"))
        yield Bullets(tuple(text(flat(line)) for line in answer.assumptions))


def _alike(one: Verdict, other: Verdict) -> bool:
    """Whether the explanation of one can be referred to for the other: the same theorem, and nothing else to show."""
    return one.theorem is not None and one.theorem == other.theorem and one.verdict == other.verdict == "acts"


def _explanation(verdict: Verdict, before: Verdict | None) -> Iterator[Block]:
    if verdict.proof is not None:
        yield from _derivation(verdict, verdict.proof)
        return
    yield Paragraph(text(f"{flat(verdict.reason[:1].upper() + verdict.reason[1:])}."))
    theorem = (verdict.irreplaceable.example or verdict.irreplaceable.theorem) if verdict.irreplaceable else verdict.theorem
    if before is not None and theorem:
        yield Paragraph((Text(f"The exact example is the one above, under {flat(before.bias)}: "), Cite(theorem), Text(".")))
    elif theorem and (examples := list(example_of(theorem))):
        yield Paragraph((Text("In exact numbers, by "), Cite(theorem), Text(":")))
        yield Bullets(tuple((*claim, Text(" "), *numbers) for claim, numbers in examples[:2]))
    seen: list[Prose] = []
    if verdict.witness is not None:
        seen.append(text(f"In this network: {flat(witnessed(verdict.witness))}."))
        if verdict.witness.exact:
            seen.append(text(f"Exactly: {flat(verdict.witness.exact)}."))
    if verdict.operation:
        where = flat(place(verdict.operation, verdict.layer, verdict.source))
        seen.append(text(f"The first operation that it does not come out of again as a shift: {where}."))
    if seen:
        yield Bullets(tuple(seen))


def _derivation(verdict: Verdict, proof: Proof) -> Iterator[Block]:
    if said := legend(proof):
        yield Paragraph(text(said))
    yield Derivation(tuple(Row("", Text(flat(step.expression)), text(flat(because(step)))) for step in proof.steps))
    yield Paragraph(text(flat(conclusion(verdict))))
    if verdict.theorem:
        yield Paragraph((Text("For every network of this kind: "), Cite(verdict.theorem), Text(".")))


def example_of(theorem: str) -> Iterator[tuple[Prose, Prose]]:
    """The exact examples of a theorem by its name."""
    from ...theorems import registry
    from ..pages.theorem import exact_examples

    return exact_examples(registry.theorem(theorem))
