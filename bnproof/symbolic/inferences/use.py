"""Use of a proved theorem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...errors import ProofError, UndecidedError
from ..admission import admits
from ..entangled import require_apart
from ..fact import Fact
from ..messages import shortened
from ..relation import Comparison, Relation
from ..sign import manifest_sign
from ..symbols import Replacement, Symbol, Vocabulary
from ..term import Apply, Entry, Name, Number, Term, free_names, walk
from ..unfold import derived_by, names_within, turns
from .item import Cited, Context, argued_from

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class Use:
    """An instance of a fact proved in another theorem: ``start relation end`` after replacing its symbols by `where`.

    The replacement must respect what the cited theorem takes for granted of its symbols: positive stays positive, a size
    at least as large, an index within its range, the variable of a derivative itself. What the fact supposes must be
    supposed here too (`given`), or follow.

    - fact: the label of what is cited; `label`: what this item is itself cited by;
    - some: the indices for some values of which the fact holds.
    """

    claim: str
    theorem: str
    fact: str
    start: str
    end: str
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    relation: Comparison = "=="
    given: tuple[str, ...] = ()
    since: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    label: str = ""

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError unless both ends are what the cited fact becomes under an admissible replacement."""
        cited = context.cited(self.theorem, self.fact)
        inner = checker.supposing(checker.relations(self.given), argued_from(self.since, context))
        own = inner.wider(merged(cited.vocabulary, checker.vocabulary, self.theorem))
        where = replacements(self.where, own)
        _Admission(self.theorem, cited, own, where).check()
        there = own.narrowed(where)
        says = Relation(checker.parse(self.start), self.relation, checker.parse(self.end))
        if not any(relation.operator == "==" for relation in cited.fact.given):
            require_apart(replace(cited.fact, says=says), inner.given, checker)
        self._require_same(says, cited.fact, own, there)
        self._require_supposed(cited.fact, own, there)
        if says.operator == "==" and not cited.fact.some:
            own.exact(says.left, says.right)
        checker.checks += own.checks
        return (Fact(says, inner.given, self.some, cited.fact.limit),)

    def _require_same(self, says: Relation, fact: Fact, own: Checker, there: Checker) -> None:
        """Both ends equal the cited ones, as replaced, and have values where the first has one."""
        if fact.recursion is not None or fact.at is not None:
            raise ProofError(f"`{self.fact}` of {self.theorem} speaks of a recursion or an example, and cannot be used")
        if says.operator != fact.says.operator:
            raise ProofError(f"`{self.theorem}` compares with {fact.says.operator}, not with {says.operator}")
        if {self._renamed(index, own) for index in fact.some} != {*self.some}:
            raise ProofError(
                f"`{self.theorem}` says this for some {', '.join(fact.some) or 'nothing'}, not {', '.join(self.some) or 'for all'}"
            )
        self._require_equal(says.left, fact.says.left, own, there)
        self._require_equal(says.right, fact.says.right, own, there)
        known = own.knowing(own.domain.conditions(says.left))
        if says.operator != "==":  # a comparison speaks of the places where both sides have values
            known.allow(own.domain.conditions(says.right))
        asked = known.asked_under(there.forms)
        for condition in there.domain.conditions(fact.says.left):
            if {*condition.bound} & self.where.keys():
                raise ProofError(
                    f"{', '.join(condition.bound)} is also bound inside `{self.fact}` of {self.theorem}: rename an index"
                )
            if not asked.meets(condition):
                raise ProofError(
                    f"what `{self.theorem}` says may be undefined here: nothing shows that {there.plain(condition.term)}, as "
                    f"replaced, is {condition.operator} 0; suppose it (given=…)"
                )
        known.allow(there.domain.conditions(fact.says.right), there.forms)  # it has a value where its left side has one
        own.require(known, says.right, says.left)

    def _renamed(self, index: str, own: Checker) -> str:
        body = own.parse(self.where[index]) if index in self.where else None
        return body.name if isinstance(body, Name) else index

    def _require_equal(self, mine: Term, theirs: Term, own: Checker, there: Checker) -> None:
        try:
            rest = own.normaliser.difference(own.bridge.sympy(mine), there.bridge.sympy(theirs))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise UndecidedError(f"the normaliser cannot compare `{own.plain(mine)}` with `{self.theorem}`: {error}") from error
        if rest is not None:
            raise ProofError(
                f"`{self.theorem}` does not say this:\n    {own.plain(mine)}\n  ≠ {own.plain(theirs)} (as replaced)"
                f"\n  the difference reduces to {shortened(rest)}"
            )
        own.checks += 1

    def _require_supposed(self, fact: Fact, own: Checker, there: Checker) -> None:
        asked = own.known.asked_under(there.forms)
        for relation in fact.given:
            self._require_every_index(relation, own)
            if not asked.holds(relation):
                raise ProofError(
                    f"{self.theorem} supposes {there.said(relation)}; so must whoever uses it, with its symbols replaced (given=…)"
                )

    def _require_every_index(self, relation: Relation, own: Checker) -> None:
        """What is supposed for every value of an index must stay so: an index is renamed at most, each to one of its own."""
        indices = relation.indices(own.vocabulary)
        bodies = {index: own.parse(self.where[index]) if index in self.where else Name(index) for index in indices}
        names = [body.name for body in bodies.values() if isinstance(body, Name)]
        if len({*names}) < len(bodies):
            raise ProofError(
                f"{self.theorem} supposes {own.said(relation)} for every {', '.join(bodies)}; these are replaced by "
                f"{', '.join(own.plain(body) for body in bodies.values())}, so that less would be supposed"
            )
        replaced = replacements(self.where, own)
        for name in names_within(relation.difference, own.vocabulary) & replaced.keys() - bodies.keys():
            caught = free_names(replaced[name].body) - {*replaced[name].parameters} & {*names}
            if caught:
                raise ProofError(
                    f"what replaces {name} speaks of {', '.join(caught)}, over which {self.theorem} supposes something"
                )


@dataclass(frozen=True)
class _Admission:
    """Whether a replacement keeps what the cited theorem knows of its symbols."""

    theorem: str
    cited: Cited
    own: Checker
    where: Mapping[str, Replacement]

    def check(self) -> None:
        """Raises ProofError naming the first symbol whose replacement is not admissible."""
        symbols = self.own.vocabulary.symbols
        for name, replacement in self.where.items():
            symbol = symbols.get(name)
            if symbol is None:
                raise ProofError(f"`{name}` is a definition of {self.theorem}; only its symbols can be replaced")
            if not self._fits(symbol, replacement):
                shown = self.own.plain(replacement.body)
                raise ProofError(f"`{shown}` cannot stand for {name}, which {self.theorem} knows to be {symbol.sort}")
        for name, least in self.cited.minimum.items():
            if name not in self.where and self.own.minimum.get(name, 1) < least:
                raise ProofError(f"{self.theorem} supposes {name} ≥ {least}; so must a theorem that uses it")
        terms = (self.cited.fact.says.left, self.cited.fact.says.right, *(r.difference for r in self.cited.fact.given))
        for name in frozenset[str]().union(*map(free_names, terms)):
            symbol = symbols[name]
            if symbol.sort == "index" and symbol.over in self.where and name not in self.where:
                raise ProofError(f"the index {name} runs over {symbol.over}, which is replaced: replace {name} as well")
        self._keeps_apart(self.cited.fact.some, frozenset[str]().union(*map(free_names, terms[:2])))
        self._keeps_variables(terms)
        self._keeps_ranges(terms)

    def _keeps_apart(self, some: Sequence[str], names: Set[str]) -> None:
        """An index for some values of which something holds may take a new name, but none that occurs beside it."""
        images: dict[str, str] = {}
        for index in some:
            body = self.where[index].body if index in self.where else Name(index)
            if not isinstance(body, Name) or body.name in images.values():
                raise ProofError(f"`{self.theorem}` says this for some {index}: it cannot be {self.own.plain(body)}")
            images[index] = body.name
        for name in names - {*some}:
            put = self.where.get(name)
            inside = {name} if put is None else names_within(put.body, self.own.vocabulary) - {*put.parameters}
            caught = inside & {*images.values()}
            if caught:
                raise ProofError(
                    f"the index {', '.join(sorted(caught))} of `{self.theorem}` would be taken for another; rename it"
                )

    def _keeps_variables(self, terms: tuple[Term, ...]) -> None:
        """What a derivative is taken by is not replaced, and nothing that is put in comes to depend on it."""
        vocabulary = self.own.vocabulary
        for variable in derived_by(terms, vocabulary):
            for name, replacement in self.where.items():
                inside = names_within(replacement.body, vocabulary) - {*replacement.parameters}
                if name == variable or variable in inside:
                    raise ProofError(
                        f"`{self.theorem}` differentiates by {variable}: {name} cannot be replaced by what depends on it"
                    )

    def _keeps_ranges(self, terms: tuple[Term, ...]) -> None:
        """A sequence over a size is replaced by one that is meant over the size that replaces it."""
        symbols = self.own.vocabulary.symbols
        for name, replacement in self.where.items():
            size = symbols[name].over
            if symbols[name].rank != 1 or size is None:
                continue
            put = self.where[size].body if size in self.where else Name(size)
            if symbols[size].cyclic and not (isinstance(put, Name) and turns(replacement, put.name, self.own.vocabulary)):
                raise ProofError(f"{name} turns around with its ring; what is put in its place does not")
            inside = {part.base for part in _entries(replacement) if symbols[part.base].over is not None}
            for base in sorted(inside):
                over = symbols[base].over
                if isinstance(put, Name) and over is not None and over != put.name:
                    raise ProofError(f"`{base}` runs over {over}, but it is put in the place of {name}, over {put.name}")

    def _fits(self, symbol: Symbol, replacement: Replacement) -> bool:
        body, symbols = replacement.body, self.own.vocabulary.symbols
        if symbol.sort in ("indicator", "count"):
            return False  # an indicator and its count belong together
        if symbol.sort != "index":
            least = self.cited.minimum.get(symbol.name, 1)
            sign = self._shape if symbol.rank else self.own.known.sign
            return admits(symbol, body, self.own.vocabulary, self.own.minimum, sign, least)
        size = self.where.get(symbol.over or "")
        if isinstance(body, Number):
            most = size.body if size is not None else None
            bound = most.value if isinstance(most, Number) else self._least(most, symbol)
            return symbol.over is not None and body.value.denominator == 1 and 1 <= body.value <= bound
        if not isinstance(body, Name) or symbols[body.name].sort != "index":
            return False
        if size is None:
            return symbols[body.name].over == symbol.over
        return isinstance(size.body, Name) and symbols[body.name].over == size.body.name

    def _shape(self, body: Term) -> int:
        """A sign at all places: what is supposed of entries is supposed within their range alone."""
        return manifest_sign(body, self.own.vocabulary)

    def _least(self, size: Term | None, symbol: Symbol) -> int:
        name = size.name if isinstance(size, Name) else symbol.over or ""
        return self.own.minimum.get(name, 1)


def _entries(replacement: Replacement) -> list[Entry]:
    """The entries at the very index that is replaced; what is summed over has a range of its own."""
    parameters = {*replacement.parameters}
    return [
        part
        for part in walk(replacement.body)
        if isinstance(part, Entry) and part.indices and isinstance(part.indices[0], Name) and part.indices[0].name in parameters
    ]


def replacements(where: Mapping[str, str], checker: Checker) -> dict[str, Replacement]:
    """``{"x[j]": "0", "w": "2"}`` as replacements. Raises ProofError for anything but a symbol or a sequence at distinct indices."""
    found: dict[str, Replacement] = {}
    for head, body in where.items():
        match checker.parse(head):
            case Name(name):
                found[name] = Replacement((), checker.parse(body))
            case Entry(name, places) | Apply(name, places):
                parameters = tuple(i.name for i in places if isinstance(i, Name))
                indices = all(checker.vocabulary.symbols[p].sort == "index" for p in parameters)
                if not indices or len({*parameters}) != len(places):
                    raise ProofError(f"`{head}` must carry distinct indices: what is replaced is replaced for all of them")
                found[name] = Replacement(parameters, checker.parse(body))
            case _:
                raise ProofError(f"only a symbol or `x[i]` can be replaced, not `{head}`")
    return found


def merged(cited: Vocabulary, own: Vocabulary, theorem: str) -> Vocabulary:
    """Both theorems' definitions. Raises ProofError where a name means two things."""
    for name, definition in cited.definitions.items():
        other = own.definitions.get(name)
        if other is not None and (other.body, other.parameters) != (definition.body, definition.parameters):
            raise ProofError(f"`{name}` means something else in {theorem}")
    return Vocabulary(own.symbols, {**cited.definitions, **own.definitions})
