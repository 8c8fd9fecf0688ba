"""The two independent checks that every equality must pass, and the sign check, in one setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import product

from ..errors import ProofError, UndecidedError
from .bridge import Bridge
from .domain import Condition, Domain
from .evaluate import COMPARE, NO_VALUE, Instance, equal
from .fact import Fact
from .instances import BEYOND, given, instances, require_unfixed, within
from .jet import sign
from .known import Forms, Known
from .messages import shortened, shown
from .normal import Normaliser
from .notation import parse, parse_relations
from .plain import plain, plain_relation
from .relation import ZERO, Relation, head_name
from .reuse import Pool, Reuse
from .sign import NONNEGATIVE, POSITIVE
from .source import prefix
from .suppositions import Setting, positive
from .symbols import Layers, Replacement, Vocabulary
from .term import Term
from .unfold import names_within

INSTANCES = 8
"""Exact instances an equality must survive, each with its own sizes."""
_ATTEMPTS = 400
SHOWN = {"!=": "≠ 0", ">": "> 0", ">=": "≥ 0", "smooth": "has that derivative"}


class Checker:
    """Checks steps in one setting.

    - minimum: least value of each size, where it is not 1;
    - layers: what is put in the place of symbols and definitions in the case at hand;
    - supposed: relations that hold in the case at hand; instances that break one are not used;
    - given: those of them, and those behind them, that what is proved here rests on;
    - relaxed: witnesses may give a positive symbol a value that is not (a counterexample drops such a hypothesis);
    - parent: a checker of the same proof, with which terms, normal forms and instances are shared.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        minimum: Mapping[str, int] | None = None,
        layers: Layers = (),
        supposed: Sequence[Relation] = (),
        given: Sequence[Relation] = (),
        relaxed: bool = False,
        parent: Checker | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.minimum = dict(minimum or {})
        self.layers = layers
        self.supposed = tuple(supposed)
        self.given = tuple(dict.fromkeys(given))
        self.relaxed = relaxed
        self.reuse = Reuse(vocabulary) if parent is None else parent.reuse.for_definitions(vocabulary)
        self.checks = 0

    @property
    def terms(self) -> dict[str, Term]:
        """Formulas as they were read, by their text."""
        return self.reuse.terms

    @property
    def domain(self) -> Domain:
        """Where terms have values."""
        return self.reuse.domain

    @cached_property
    def forms(self) -> Forms:
        """The normal forms of terms, as they are read here."""
        return self.reuse.forms(self.layers, self.minimum)

    @property
    def normaliser(self) -> Normaliser:
        """The normal forms for these symbols and least sizes."""
        return self.forms.normaliser

    @property
    def bridge(self) -> Bridge:
        """From terms to SymPy, as they are read here."""
        return self.forms.bridge

    @cached_property
    def _pool(self) -> Pool:
        return self.reuse.pool(self.layers, self.minimum, positive(self.supposed), self.supply)

    @cached_property
    def known(self) -> Known:
        """What is known here before any term is looked at."""
        return self.knowing()

    def knowing(self, conditions: Sequence[Condition] = ()) -> Known:
        """What is known here where terms have values that need these conditions."""
        known = Known(self.vocabulary, self.normaliser.sums.ranges, self.forms)
        known.suppose(self.supposed)
        known.allow(conditions)
        return known

    def parse(self, text: str) -> Term:
        """The term that a text stands for, one object however often it is asked for. Raises NotationError."""
        found = self.terms.get(text)
        if found is None:
            found = self.terms[text] = parse(text, self.vocabulary)
        return found

    def plain(self, term: Term) -> str:
        """The term as text."""
        return plain(term, self.vocabulary)

    def relations(self, texts: Sequence[str]) -> tuple[Relation, ...]:
        """Relations as they are written, ``a < b < c`` being two. Raises NotationError."""
        return tuple(relation for text in texts for relation in parse_relations(text, self.vocabulary))

    def said(self, relation: Relation) -> str:
        """The relation as text."""
        return plain_relation(relation, self.vocabulary)

    def narrowed(self, assume: Mapping[str, Replacement], supposed: Sequence[Relation] = ()) -> Checker:
        """The same setting with replacements made, as inside one case of a case split."""
        layers = (*self.layers, assume) if assume else self.layers
        both = (*self.supposed, *supposed), (*self.given, *supposed)
        return Checker(self.vocabulary, self.minimum, layers, *both, self.relaxed, self)

    def supposing(self, relations: Sequence[Relation], facts: Sequence[Fact] = ()) -> Checker:
        """The same setting where further relations are supposed, and facts used that were proved before.

        An equality puts its right side in the place of the symbol, sequence or definition on its left; a least value of a
        size narrows the size. Raises ProofError for an equality that cannot be used so, or contradicts what its symbol is.
        """
        setting = Setting(self.vocabulary, self.layers, self.supposed, self.minimum, self.known.sign)
        assume, minimum = setting.put_in(relations)
        layers = (*self.layers, assume) if assume else self.layers
        bare = (*self.supposed, *relations)
        inner = Checker(self.vocabulary, minimum, layers, bare, (*self.given, *relations), self.relaxed, self)
        if not facts:
            return inner
        behind = (*inner.given, *(r for f in facts for r in (*f.given, *inner.needs(f.says.left, f.says.right))))
        supposed = (*bare, *(fact.says for fact in facts))
        return Checker(self.vocabulary, minimum, layers, supposed, behind, self.relaxed, self)

    def needs(self, *terms: Term) -> tuple[Relation, ...]:
        """What must hold for the terms to have values, as relations: for arguments in whose result the terms no longer occur."""
        found: list[Relation] = []
        for condition in (c for term in terms for c in self.domain.conditions(term)):
            if self.known.meets(condition):
                continue
            if condition.operator == "smooth" or not condition.own:
                raise ProofError(f"where `{self.plain(condition.term)}` has a value cannot be written as a relation")
            found.append(Relation(condition.term, condition.operator, ZERO))
        return tuple(dict.fromkeys(found))

    def at_least(self, minimum: Mapping[str, int]) -> Checker:
        """The same setting with other least values of sizes."""
        same = dict(minimum) == self.minimum
        return self if same else Checker(self.vocabulary, minimum, self.layers, self.supposed, self.given, self.relaxed, self)

    def supply(self, start: int = 0) -> Iterator[Instance]:
        """Random instances, whether anything supposed holds there or not; from −1 on, one with zeros first."""
        return instances(self.vocabulary, self.layers, self.minimum, start, positive(self.supposed))

    def wider(self, vocabulary: Vocabulary) -> Checker:
        """The same setting over the same symbols with more definitions."""
        return Checker(vocabulary, self.minimum, self.layers, self.supposed, self.given, self.relaxed, self)

    def chain(
        self, first: Term, terms: Sequence[Term], also: Sequence[Condition] = (), expressions: Sequence[str] = ()
    ) -> None:
        """Accept ``first = terms[0] = terms[1] = …``, or raise ProofError naming the step.

        No term may be undefined where the first is defined, and `also` holds; the first and the last are compared as well.
        `expressions` are the terms as they were written.
        """
        known = self.knowing((*self.domain.conditions(first), *also))
        previous = first
        for number, term in enumerate(terms, 1):
            try:
                self.require(known, term, first)
                self.equal(previous, term)
            except ProofError as error:
                where = prefix(expressions[number - 1]) if expressions else ""
                raise type(error)(f"{where}step {number} of {len(terms)}: {error}") from error
            previous = term
        if len(terms) > 1:
            self.equal(first, previous)

    def require(self, known: Known, term: Term, first: Term) -> None:
        """Raises ProofError unless the term has a value wherever that is known of the first."""
        lacking = known.lacking(self.domain.conditions(term))
        if lacking is not None:
            raise ProofError(
                f"the step\n    {self.plain(term)}\n  may be undefined where\n    {self.plain(first)}\n  has a value: "
                f"nothing shows {self.plain(lacking.term)} {SHOWN[lacking.operator]}; suppose it (given=…)"
            )

    def equal(self, left: Term, right: Term) -> None:
        """Accept ``left = right`` where both are defined, or raise ProofError; both checks must agree."""
        self.symbolic(left, right)
        self.exact(left, right)

    def symbolic(self, left: Term, right: Term) -> None:
        """First check: the difference reduces to zero for symbolic sizes."""
        try:
            rest = self.normaliser.difference(self.bridge.sympy(left), self.bridge.sympy(right))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise UndecidedError(
                f"the normaliser cannot decide\n    {self.plain(left)}\n  = {self.plain(right)}\n{error}"
            ) from error
        if rest is not None:
            raise ProofError(
                f"the two sides differ:\n    {self.plain(left)}\n  ≠ {self.plain(right)}\n  left − right reduces to {shortened(rest)}"
            )
        self.checks += 1

    def exact(self, left: Term, right: Term) -> None:
        """Second check: equal in exact arithmetic on several instances of several sizes."""
        for instance in self.instances(left, right):
            a, b = instance.known(left), instance.known(right)
            try:
                same = equal(a, b)
            except NO_VALUE as error:
                raise UndecidedError(
                    f"no exact comparison of\n    {self.plain(left)} = {shown(a)}\n  with {self.plain(right)} = {shown(b)}\n{error}"
                ) from error
            if not same:
                raise ProofError(
                    f"an exact instance refutes the step:\n    {self.plain(left)} = {shown(a)}\n  ≠ {self.plain(right)} = {shown(b)}\n"
                    f"  at {self.described(instance)}"
                )
            self.checks += 1

    def _sizes(self, *terms: Term) -> set[str]:
        """The sizes that the terms rest on and nothing fixes."""
        names = frozenset[str]().union(*(names_within(term, self.vocabulary) for term in terms))
        fixed = {name for layer in self.layers for name in layer}
        return {name for name in names - fixed if self.vocabulary.symbols[name].sort == "size"}

    @cached_property
    def _open(self) -> tuple[Relation, ...]:
        """What is supposed and not made true by what is put in the place of something."""
        put = {name for layer in self.layers for name in layer}
        heads = {relation: relation.replaces(self.vocabulary) for relation in self.supposed}
        return tuple(r for r, head in heads.items() if head is None or head_name(head) not in put or r not in self.given)

    def instances(self, *terms: Term) -> Iterator[Instance]:
        """Instances on which every term is defined and everything supposed holds.

        There are INSTANCES of them or more: until every free size of the terms was at least BEYOND once, for small sizes hide
        differences. Raises UndecidedError if too few are found.
        """
        found, small = 0, self._sizes(*terms)
        for attempt in range(_ATTEMPTS):
            instance = self._pool[attempt]
            if found >= INSTANCES and all(instance.scalars[name] < BEYOND for name in small):
                continue
            try:
                if not all(self.holds(relation, instance) for relation in self._open):
                    continue
                for term in terms:
                    instance.known(term)
            except NO_VALUE:
                continue
            yield instance
            found += 1
            small = {name for name in small if instance.scalars[name] < BEYOND}
            if found >= INSTANCES and not small:
                return
        shown = "\n    ".join(map(self.plain, terms))
        if found < INSTANCES:
            raise UndecidedError(f"only {found} of {_ATTEMPTS} random instances are defined for\n    {shown}")
        raise UndecidedError(
            f"no instance that has a value has {' and '.join(sorted(small))} as large as {BEYOND}, which tests too little:\n    {shown}"
        )

    def holds(self, relation: Relation, instance: Instance) -> bool:
        """Whether a relation holds at an instance, for every value of its indices. Raises what evaluation raises."""
        indices = relation.indices(self.vocabulary)
        ranges = [within(self.vocabulary.symbols[index], instance) for index in indices]
        for places in product(*ranges):
            at = dict(zip(indices, map(Fraction, places), strict=True))
            left, right = instance.value(relation.left, at), instance.value(relation.right, at)
            if not COMPARE[relation.operator](left, right):
                return False
        return True

    def sign(self, term: Term, relation: str) -> None:
        """Accept ``term > 0`` or ``term >= 0`` if the shape shows it and the exact instances agree."""
        if relation not in (">", ">="):
            raise ProofError(f"a sign is > or >=, not `{relation}`")
        needed = POSITIVE if relation == ">" else NONNEGATIVE
        known = self.knowing(self.domain.conditions(term))
        if known.sign(term) < needed:
            raise ProofError(f"the sign is not manifest:\n    {self.plain(term)} {relation} 0")
        for instance in self.instances(term):
            value = sign(instance.value(term))
            if value < 0 or (value == 0 and relation == ">"):
                raise ProofError(
                    f"an exact instance refutes\n    {self.plain(term)} {relation} 0\n  at {self.described(instance)}"
                )
            self.checks += 1

    def at(self, values: Mapping[str, object]) -> Instance:
        """The instance of a witness."""
        instance = given(self.vocabulary, values, self.layers, self.relaxed)
        require_unfixed(self.vocabulary, values, self.layers, self.relaxed)
        for name, least in self.minimum.items():
            if not self.relaxed and instance.scalars.get(name, least) < least:
                raise ProofError(f"a witness says {name} = {values[name]}, but {name} is at least {least} here")
        for relation in self.supposed:
            try:
                holds = self.holds(relation, instance)
            except KeyError:  # the witness does not speak of it
                continue
            except NO_VALUE as error:
                raise ProofError(f"a witness gives {self.said(relation)}, assumed in its case, no value: {error}") from error
            if not holds:
                raise ProofError(f"a witness breaks the assumption {self.said(relation)} of its case")
        return instance

    def described(self, instance: Instance) -> str:
        """The sizes and scalars of an instance, for an error message."""
        wanted = ("size", "count")
        symbols = self.vocabulary.symbols
        return ", ".join(f"{k}={v}" for k, v in instance.scalars.items() if symbols[k].sort in wanted)
