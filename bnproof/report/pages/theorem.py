"""From a proved theorem to a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...symbolic.inferences import Case, Cases, Chain, Induction, Item, Maximum, Say, Sign, State, Undefined, Use, Witness
from ...symbolic.latex import latex
from ...symbolic.notation import parse
from ...symbolic.plain import plain
from ...symbolic.symbols import Vocabulary
from ...symbolic.term import Term
from ...theorems import registry
from ...theorems.prove import Proved
from ...theorems.theorem import Theorem
from ..document import (
    Block,
    Bullets,
    Code,
    Derivation,
    Details,
    Document,
    Heading,
    Link,
    Math,
    Navigation,
    Paragraph,
    Prose,
    Row,
    Strong,
    Text,
    joined,
    text,
)
from ..prose import legible, prose, rendered
from .symbols import symbol_table
from .used import used


def page(proved: Proved) -> Document:
    """The page of one theorem: statement, symbols, proof, what fails without each hypothesis, sources."""
    theorem = proved.theorem
    writer = _Page(theorem, proved.terms)
    blocks: list[Block] = [
        Heading(1, text(theorem.title)),
        Paragraph((Code(theorem.name),)),
        Paragraph((Strong("Statement. "), *writer.prose(theorem.statement))),
    ]
    if theorem.hypotheses:
        blocks.append(Paragraph((Strong("Hypotheses."),)))
        blocks.append(Bullets(tuple(writer.prose(h.text) for h in theorem.hypotheses), numbered=True))
    names = used(theorem)
    blocks.append(Heading(2, text("Symbols")))
    blocks.append(symbol_table(theorem, names.stated))
    if names.proved:
        blocks.append(Details("Symbols that only the proof uses", (symbol_table(theorem, names.proved),)))
    if proved.uses:
        cited = joined(((Link(registry.theorem(name).title, name),) for name in proved.uses), ", ")
        blocks.append(Paragraph((Text("Builds on: "), *cited, Text("."))))
    blocks.append(Heading(2, text("Proof")))
    blocks += writer.items(theorem.proof)
    blocks.append(Paragraph(text("∎")))
    if theorem.hypotheses:
        blocks.append(Heading(2, text("What fails without each hypothesis")))
        blocks += writer.counterexamples()
    if theorem.remark:
        blocks.append(Heading(2, text("Remark")))
        blocks.append(Paragraph(writer.prose(theorem.remark)))
    if names.aside:
        blocks.append(Details("Symbols that only examples, remarks and citations use", (symbol_table(theorem, names.aside),)))
    blocks.append(Heading(2, text("How this was checked")))
    blocks.append(
        Paragraph(
            text(
                f"{proved.steps} steps, {proved.checks} single checks passed: every equality both by normalising finite sums "
                "for a symbolic number of values and by exact rational arithmetic at several sizes. The sentences between the "
                "calculations are arguments for the reader, not checked by machine."
            )
        )
    )
    blocks.append(Paragraph(_sources(theorem)))
    blocks.append(Navigation((Link("All theorems", "README"), Link("Glossary", "glossary"))))
    return Document(theorem.name, tuple(blocks), source="the theorem")


def _sources(theorem: Theorem) -> Prose:
    """Papers by name, claims with a link to the ledger that judges them."""
    claims = [source[:1] == "S" and source[2:3] == "." for source in theorem.sources]
    named = (
        (Link(f"claim {source}", "claims") if claim else Text(source),)
        for source, claim in zip(theorem.sources, claims, strict=True)
    )
    return (Text("Sources: "), *joined(named, "; "), Text("."))


class _Page:
    def __init__(self, theorem: Theorem, terms: Mapping[str, Term]) -> None:
        self.theorem = theorem
        self.terms = terms
        self.vocabulary: Vocabulary = theorem.vocabulary

    def prose(self, words: str) -> Prose:
        return prose(words, self.vocabulary)

    def row(self, relation: str, expression: str, reason: str) -> Row:
        return Row(relation, self.formula(expression), self.prose(reason))

    def formula(self, expression: str) -> Math:
        """A formula of the proof, from the very term that was checked."""
        return self.term(self.terms[expression])

    def chain(self, start: str, steps: tuple[tuple[str, str], ...], closing: tuple[Row, ...] = ()) -> Derivation:
        first = self.row("", start, "")
        return Derivation((first, *(self.row("=", e, r) for e, r in steps), *closing))

    def items(self, items: tuple[Item, ...]) -> list[Block]:
        return [block for item in items for block in self.item(item)]

    def item(self, item: Item) -> Iterator[Block]:
        match item:
            case Say(words):
                yield Paragraph(self.prose(words))
            case Chain():
                yield Paragraph((*self.prose(item.claim), *self.assumed(item.assume)))
                yield self.chain(item.start, item.steps)
            case Sign():
                yield Paragraph((*self.prose(item.claim), *self.given(item.given)))
                closing = Row(item.relation.replace(">=", "≥"), Math("0", "0"), self.prose(item.reason))
                yield self.chain(item.term, item.steps, (closing,))
            case Use():
                yield Paragraph((*self.prose(item.claim), *self.replaced(item.where)))
                reason = (Link(registry.theorem(item.theorem).title, item.theorem),)
                yield Derivation((self.row("", item.start, ""), Row("=", self.formula(item.end), reason)))
            case Witness() | Undefined():
                yield Paragraph(self.prose(item.claim))
                yield self.witness(item)
            case Maximum():
                yield Paragraph(self.prose(item.claim))
                yield from self.maximum(item)
            case Induction():
                yield from self.induction(item)
            case Cases():
                yield Paragraph(self.prose(item.claim))
                for case in item.cases:
                    yield from self.case(item, case)
            case _:
                raise TypeError(f"no way to print {type(item).__name__}")

    def case(self, split: Cases, case: Case) -> Iterator[Block]:
        if isinstance(case.condition, tuple):
            low, high = case.condition
            condition = f"{{{split.over} == {low}}}" if low == high else f"{{{low} <= {split.over} <= {high}}}"
        else:
            condition = f"{{{split.over} {case.condition.replace('=', '==')} 0}}"
        title = self.prose(case.title)
        shown = () if "{" in case.title else (Text(" ("), *self.prose(condition), Text(")"))
        yield Paragraph((Strong("Case: "), *title, *shown, Text(".")))
        yield from self.items(case.items)

    def maximum(self, item: Maximum) -> Iterator[Block]:
        rows = (
            self.row("", item.gap, "the gap between the claimed value and a member"),
            self.row("=", item.multiple, "collect terms"),
            Row("≥", Math("0", "0"), text("a maximum is at least each member, with equality at the member that attains it")),
        )
        yield Derivation(rows)
        yield Derivation(
            (
                self.row("", item.maximum, ""),
                self.row("=", item.value, "an upper bound of all members that one member attains"),
            )
        )

    def induction(self, item: Induction) -> Iterator[Block]:
        yield Paragraph(self.prose(item.claim))
        alone = len(item.quantities) == 1
        started = " and ".join(f"{{{q.start}}}" if alone else f"{{{q.name} == {q.start}}}" for q in item.quantities)
        moves = ", ".join(f"from {{{q.name}}} to {{{q.update}}}" for q in item.quantities)
        claims = ", ".join(f"{{{q.closed}}}" if alone else f"{{{q.name} == {q.closed}}}" for q in item.quantities)
        claimed = f"its value is {claims}" if alone else claims
        recursion = (
            f"The recursion starts at {started} and goes {moves}{'' if alone else ', all at once'}. "
            f"Claim: after {{{item.time}}} steps {claimed}."
        )
        yield Paragraph(self.prose(recursion))
        for q in item.quantities:
            told = "the claim" if alone else f"the claim on {{{q.name}}}"
            yield Paragraph((Strong("Base. "), *self.prose(f"{told[0].upper()}{told[1:]} at {{{item.time} == 0}}:")))
            yield self.base(item, q)
        inserted = ", ".join(f"{{{q.name} == {q.closed}}}" for q in item.quantities)
        for q in item.quantities:
            first = q == item.quantities[0]
            said = (
                f"One step from the claimed {'value' if alone else 'values'} {inserted}:"
                if first
                else f"Likewise {{{q.name}}}:"
            )
            yield Paragraph((Strong("Step. "), *self.prose(said)))
            yield self.step(item, q)

    def base(self, item: Induction, q: State) -> Derivation:
        rows = [Row("", self.term(item.at_zero(self.terms[q.closed])), ())]
        rows += [self.row("=", e, r) for e, r in q.base]
        if not q.base or q.base[-1][0] != q.start:
            rows.append(self.row("=", q.start, "the start"))
        return Derivation(tuple(rows))

    def step(self, item: Induction, q: State) -> Derivation:
        following = item.one_later(self.terms[q.closed])
        rows = [self.row("", q.update, ""), *(self.row("=", e, r) for e, r in q.step)]
        if rows[-1].math != self.term(following):
            rows.append(Row("=", self.term(following), text("the claim, one step later")))
        return Derivation(tuple(rows))

    def term(self, term: Term) -> Math:
        return Math(latex(term, self.vocabulary), plain(term, self.vocabulary))

    def witness(self, item: Witness | Undefined) -> Paragraph:
        taken = joined(((self.value(name, value),) for name, value in item.values.items()), ", ")
        values = (Text("Take "), *taken, Text(". Then "))
        if isinstance(item, Undefined):
            return Paragraph((*values, legible(self.formula(item.term)), Text(" has no value: its denominator is 0.")))
        relations = (
            (legible(rendered((self.terms[left], relation, self.terms[right]), self.vocabulary)),)
            for left, relation, right in item.relations
        )
        return Paragraph((*values, *joined(relations, ", ", " and "), Text(".")))

    def value(self, name: str, value: object) -> Math:
        symbol = self.vocabulary.symbols[name]
        return Math(f"{symbol.latex} = {_value(value)}", f"{symbol.plain} = {_value(value).replace('-', '−')}")

    def counterexamples(self) -> Iterator[Block]:
        rows: list[Prose] = []
        for hypothesis in self.theorem.hypotheses:
            if hypothesis.without is None:
                rows.append(self.prose(hypothesis.why_none))
            else:
                rows.append((*self.prose(hypothesis.without.claim), Text(" "), *self.witness(hypothesis.without).prose))
        yield Bullets(tuple(rows), numbered=True)

    def assumed(self, assume: Mapping[str, str]) -> Prose:
        if not assume:
            return ()
        listed = ", ".join(f"{{{head} == {body}}}" for head, body in assume.items())
        return (Text(" (Here "), *self.prose(listed), Text(".)"))

    def given(self, given: tuple[str, ...]) -> Prose:
        if not given:
            return ()
        return (Text(" (Given "), *self.prose(", ".join(f"{{{g} > 0}}" for g in given)), Text(".)"))

    def replaced(self, where: Mapping[str, str]) -> Prose:
        if not where:
            return ()
        listed = ", ".join(f"{{{body}}} for {{{head}}}" for head, body in where.items())
        return (Text(" (Read "), *self.prose(listed), Text(".)"))


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_value(v) for v in value) + ")"
    return str(value)


def exact_examples(theorem: Theorem) -> Iterator[tuple[Prose, Prose]]:
    """The exact examples in the theorem's proof, those inside cases included: what each shows, and its numbers."""
    witnesses = [item for item in _inside(theorem.proof) if isinstance(item, Witness)]
    sides = {side for item in witnesses for left, _, right in item.relations for side in (left, right)}
    writer = _Page(theorem, {side: parse(side, theorem.vocabulary) for side in sides})
    for item in witnesses:
        yield writer.prose(item.claim), writer.witness(item).prose


def _inside(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Cases):
            for case in item.cases:
                yield from _inside(case.items)
