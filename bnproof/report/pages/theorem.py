"""From a proved theorem to a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...symbolic.inferences import (
    Case,
    Cases,
    Chain,
    Congruence,
    Contrapositive,
    DiesOut,
    Induction,
    Item,
    Join,
    Maximum,
    Minimum,
    NotZero,
    Say,
    Sign,
    SumOfSquares,
    Undefined,
    Use,
    Witness,
)
from ...symbolic.latex import latex
from ...symbolic.notation import parse
from ...symbolic.plain import plain
from ...symbolic.relation import SIGNS, comparison
from ...symbolic.symbols import Vocabulary
from ...symbolic.term import Term
from ...theorems import registry
from ...theorems.prove import Proved, arguments
from ...theorems.theorem import Hypothesis, Theorem
from ..document import (
    Block,
    Bullets,
    Code,
    Derivation,
    Details,
    Document,
    Heading,
    Link,
    Listing,
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
from .formal import concluded, for_some, together
from .symbols import symbol_table
from .used import used
from .values import taken

ASIDE = "In words: "
"""What begins so proves nothing."""
Closing = Congruence | Contrapositive | NotZero | SumOfSquares | DiesOut | Minimum | Join


def page(proved: Proved) -> Document:
    """The page of one theorem: statement, symbols, proof, what fails without each hypothesis, sources."""
    theorem = proved.theorem
    writer = _Page(theorem, proved.terms, proved)
    blocks: list[Block] = [
        Heading(1, text(theorem.title)),
        Paragraph((Code(theorem.name),)),
        Paragraph((Strong("Statement. "), *writer.prose(theorem.statement))),
    ]
    if theorem.hypotheses:
        blocks.append(Paragraph((Strong("Hypotheses."),)))
        blocks.append(Bullets(tuple(writer.hypothesis(h) for h in theorem.hypotheses), numbered=True))
    blocks.append(Paragraph((Strong("What the proof shows."), Text(" Everything else in these formulas is arbitrary."))))
    blocks.append(Bullets(tuple(writer.concluded(proved))))
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
    if theorem.sympy:
        blocks.append(Heading(2, text("Try it in SymPy")))
        blocks.append(Paragraph(text("The central step, to paste into Python. A comment is what the print above it prints.")))
        blocks.append(Listing(theorem.sympy.strip()))
    if names.aside:
        blocks.append(Details("Symbols that only examples, remarks and citations use", (symbol_table(theorem, names.aside),)))
    blocks.append(Heading(2, text("How this was checked")))
    blocks.append(
        Paragraph(
            text(
                f"{proved.steps} steps, {proved.checks} single checks passed: every equality both by normalising finite sums "
                "for a symbolic number of values and by exact rational arithmetic at several sizes, small and large. What the "
                f"proof shows is what these steps come to. What begins with “{ASIDE.strip()}” is for the reader, and proves nothing; "
                "nor does a remark."
            )
        )
    )
    blocks.append(Paragraph(_sources(theorem)))
    blocks.append(Navigation((Link("All theorems", "README"), Link("Glossary", "glossary"))))
    return Document(theorem.name, tuple(blocks), source="the theorem", program=_program(theorem))


def _program(theorem: Theorem) -> str:
    """The proof checked anew, in Python."""
    return (
        f'import bnproof\n\nproved = bnproof.prove("{theorem.name}")\n'
        'print(f"{proved.steps} steps and {proved.checks} single checks passed")'
    )


def _sources(theorem: Theorem) -> Prose:
    """Papers by name, claims with a link to the ledger that judges them."""
    claims = [source[:1] == "S" and source[2:3] == "." for source in theorem.sources]
    named = (
        (Link(f"claim {source}", "claims") if claim else Text(source),)
        for source, claim in zip(theorem.sources, claims, strict=True)
    )
    return (Text("Sources: "), *joined(named, "; "), Text("."))


class _Page:
    def __init__(self, theorem: Theorem, terms: Mapping[str, Term], proved: Proved | None = None) -> None:
        self.theorem = theorem
        self.terms = terms
        self.proved = proved
        self.vocabulary: Vocabulary = theorem.vocabulary
        self.cited = {label for item in _inside(theorem.proof) for label in arguments(item)}
        """Labels that later items argue from; only these are shown."""

    def hypothesis(self, hypothesis: Hypothesis) -> Prose:
        """In words, and whether the formulas have it built in."""
        words = self.prose(hypothesis.text)
        return words if hypothesis.formal else (*words, Text(" (Built into the formulas.)"))

    def concluded(self, proved: Proved) -> Iterator[Prose]:
        """Each conclusion, with the numbers of the hypotheses it rests on: the formal ones."""
        for conclusions in together(proved.conclusions):
            yield concluded(conclusions, self.vocabulary, [place + 1 for place in conclusions[0].hypotheses])

    def claim(self, item: Item) -> Prose:
        """An item's claim, the label that others cite it by, and what it supposes and argues from."""
        label = getattr(item, "label", "")
        tag = (Text(" ["), Code(label), Text("]")) if label in self.cited else ()
        given: tuple[str, ...] = getattr(item, "given", ())
        supposed = (Text(" (Suppose "), *self.prose(", ".join(f"{{{g}}}" for g in given)), Text(".)")) if given else ()
        used = arguments(item)
        since = (Text(" (From "), *joined(((Code(name),) for name in used), ", ", " and "), Text(".)")) if used else ()
        return (*self.prose(getattr(item, "claim", "")), *tag, *supposed, *since)

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
        if isinstance(item, Say):
            yield Paragraph((Strong(ASIDE), *self.prose(item.text)))
            return
        yield Paragraph((*self.claim(item), *(self.replaced(item.where) if isinstance(item, Use) else ())))
        match item:
            case Chain():
                yield self.chain(item.start, item.steps)
            case Sign():
                closing = Row(item.relation.replace(">=", "≥"), Math("0", "0"), self.prose(item.reason))
                yield self.chain(item.term, item.steps, (closing,))
            case Use():
                reason = (Link(registry.theorem(item.theorem).title, item.theorem), *for_some(item.some, self.vocabulary))
                yield Derivation((self.row("", item.start, ""), Row(SIGNS[item.relation], self.formula(item.end), reason)))
            case Witness() | Undefined():
                yield self.witness(item)
            case Maximum():
                yield from self.maximum(item)
            case Induction():
                yield from self.induction(item)
            case Cases():
                for case in item.cases:
                    yield from self.case(item, case)
            case Congruence() | Contrapositive() | NotZero() | SumOfSquares() | DiesOut() | Minimum() | Join():
                yield self.closing(item)
            case _:
                raise TypeError(f"no way to print {type(item).__name__}")

    def closing(self, item: Closing) -> Derivation:
        """What follows from facts shown before."""
        assert self.proved is not None
        fact = self.proved.fact(item)
        sign = "→" if fact.limit else SIGNS[fact.says.operator]
        reason = (Text(item.because), *for_some(fact.some, self.vocabulary))
        return Derivation((Row("", self.term(fact.says.left), ()), Row(sign, self.term(fact.says.right), reason)))

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
        starts = ", ".join(f"{{{s.name}}} starts at {{{s.start}}} and becomes {{{s.update}}}" for s in item.states)
        claims = " and ".join(f"{{{s.name} == {s.closed}}}" for s in item.states)
        yield Paragraph(self.prose(f"In each step {starts}. Claim: after {{{item.time}}} steps {claims}."))
        for s in item.states:
            closed = self.terms[s.closed]
            whose = f" for {{{s.name}}}" if len(item.states) > 1 else ""
            yield Paragraph((Strong("Base. "), *self.prose(f"The claim{whose} at {{{item.time} == 0}}:")))
            rows = [Row("", self.term(item.at_zero(closed)), ()), *(self.row("=", e, r) for e, r in s.base)]
            if not s.base or s.base[-1][0] != s.start:
                rows.append(self.row("=", s.start, "the start"))
            yield Derivation(tuple(rows))
            yield Paragraph((Strong("Step. "), *self.prose(f"One step from {claims}:")))
            following = item.one_later(closed)
            rows = [self.row("", s.update, ""), *(self.row("=", e, r) for e, r in s.step)]
            if rows[-1].math != self.term(following):
                rows.append(Row("=", self.term(following), text("the claim, one step later")))
            yield Derivation(tuple(rows))

    def term(self, term: Term) -> Math:
        return Math(latex(term, self.vocabulary), plain(term, self.vocabulary))

    def witness(self, item: Witness | Undefined) -> Paragraph:
        values = (Text("Take "), *taken(item.values, self.vocabulary), Text(". Then "))
        if isinstance(item, Undefined):
            return Paragraph((*values, legible(self.formula(item.term)), Text(" has no value: its denominator is 0.")))
        relations = (
            (legible(rendered((self.terms[left], operator, self.terms[right]), self.vocabulary)),)
            for left, relation, right in item.relations
            if (operator := comparison(relation))
        )
        return Paragraph((*values, *joined(relations, ", ", " and "), Text(".")))

    def counterexamples(self) -> Iterator[Block]:
        rows: list[Prose] = []
        for hypothesis in self.theorem.hypotheses:
            if hypothesis.without is None:
                rows.append(self.prose(hypothesis.why_none))
            else:
                rows.append((*self.prose(hypothesis.without.claim), Text(" "), *self.witness(hypothesis.without).prose))
        yield Bullets(tuple(rows), numbered=True)

    def replaced(self, where: Mapping[str, str]) -> Prose:
        if not where:
            return ()
        listed = ", ".join(f"{{{body}}} for {{{head}}}" for head, body in where.items())
        return (Text(" (Read "), *self.prose(listed), Text(".)"))


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
