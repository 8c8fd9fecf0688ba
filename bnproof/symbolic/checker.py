"""The two independent checks that every equality must pass, and the sign check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..errors import ProofError
from .bridge import Bridge
from .evaluate import NO_VALUE, Instance, equal
from .instances import given, instances
from .jet import sign
from .messages import shortened, shown
from .normal import Normaliser
from .notation import parse
from .plain import plain
from .sign import NONNEGATIVE, POSITIVE, manifest_sign
from .symbols import Layers, Replacement, Vocabulary
from .term import Term

INSTANCES = 8
"""Exact instances an equality must survive, each with its own sizes."""
_ATTEMPTS = 200


class Checker:
    """Checks steps in one setting.

    - minimum: least value of each size, where it is not 1;
    - layers: what is assumed zero, or otherwise replaced, in the case at hand;
    - positive: terms assumed > 0 in the case at hand; instances that break this are not used;
    - relaxed: witnesses may give a positive symbol a value that is not (a counterexample drops such a hypothesis);
    - terms: where formulas are kept as they are read, by their text; one table for one vocabulary.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        minimum: Mapping[str, int] | None = None,
        layers: Layers = (),
        positive: Sequence[Term] = (),
        normaliser: Normaliser | None = None,
        relaxed: bool = False,
        terms: dict[str, Term] | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.minimum = dict(minimum or {})
        self.layers = layers
        self.positive = tuple(positive)
        self.normaliser = normaliser or Normaliser(vocabulary.symbols, self.minimum)
        self.bridge = Bridge(vocabulary, layers)
        self.relaxed = relaxed
        self.terms: dict[str, Term] = {} if terms is None else terms
        self.checks = 0
        self._pool: list[Instance] = []
        self._supply = instances(vocabulary, layers, self.minimum)

    def parse(self, text: str) -> Term:
        """The term that a text stands for, one object however often it is asked for. Raises NotationError."""
        found = self.terms.get(text)
        if found is None:
            found = self.terms[text] = parse(text, self.vocabulary)
        return found

    def plain(self, term: Term) -> str:
        """The term as text."""
        return plain(term, self.vocabulary)

    def narrowed(self, assume: Mapping[str, Replacement], positive: Sequence[Term]) -> Checker:
        """The same setting with further assumptions, as inside one case of a case split."""
        return Checker(
            self.vocabulary,
            self.minimum,
            (*self.layers, assume) if assume else self.layers,
            (*self.positive, *positive),
            self.normaliser,
            self.relaxed,
            self.terms,
        )

    def wider(self, vocabulary: Vocabulary) -> Checker:
        """The same setting over the same symbols with more definitions."""
        return Checker(vocabulary, self.minimum, self.layers, self.positive, self.normaliser, self.relaxed)

    def equal(self, left: Term, right: Term) -> None:
        """Accept ``left = right`` or raise ProofError; both checks must agree."""
        self.symbolic(left, right)
        self.exact(left, right)

    def symbolic(self, left: Term, right: Term) -> None:
        """First check: the difference reduces to zero for symbolic sizes."""
        try:
            rest = self.normaliser.difference(self.bridge.sympy(left), self.bridge.sympy(right))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise ProofError(
                f"the normaliser cannot decide\n    {self.plain(left)}\n  = {self.plain(right)}\n{error}"
            ) from error
        if rest is not None:
            raise ProofError(
                f"the two sides differ:\n    {self.plain(left)}\n  ≠ {self.plain(right)}\n  left − right reduces to {shortened(rest)}"
            )
        self.checks += 1

    def exact(self, left: Term, right: Term) -> None:
        """Second check: equal in exact rational arithmetic on several instances of several sizes."""
        for instance in self.instances(left, right):
            a, b = instance.known(left), instance.known(right)
            try:
                same = equal(a, b)
            except NO_VALUE as error:
                raise ProofError(
                    f"no exact comparison of\n    {self.plain(left)} = {shown(a)}\n  with {self.plain(right)} = {shown(b)}\n{error}"
                ) from error
            if not same:
                raise ProofError(
                    f"an exact instance refutes the step:\n    {self.plain(left)} = {shown(a)}\n  ≠ {self.plain(right)} = {shown(b)}\n"
                    f"  at {self.described(instance)}"
                )
            self.checks += 1

    def instances(self, *terms: Term) -> Iterator[Instance]:
        """Instances on which every term is defined and every assumption holds."""
        found = 0
        for attempt in range(_ATTEMPTS + 1):
            if attempt == _ATTEMPTS:
                raise ProofError(
                    f"only {found} of {attempt} random instances are defined for\n    " + "\n    ".join(map(self.plain, terms))
                )
            if attempt == len(self._pool):
                self._pool.append(next(self._supply))
            instance = self._pool[attempt]
            try:
                if any(sign(instance.known(p)) <= 0 for p in self.positive):
                    continue
                for term in terms:
                    instance.known(term)
            except NO_VALUE:
                continue
            yield instance
            found += 1
            if found == INSTANCES:
                return

    def sign(self, term: Term, relation: str) -> None:
        """Accept ``term > 0`` or ``term >= 0`` if the shape shows it and the exact instances agree."""
        if relation not in (">", ">="):
            raise ProofError(f"a sign is > or >=, not `{relation}`")
        needed = POSITIVE if relation == ">" else NONNEGATIVE
        if manifest_sign(term, self.vocabulary, self.positive) < needed:
            raise ProofError(f"the sign is not manifest:\n    {self.plain(term)} {relation} 0")
        for instance in self.instances(term):
            value = sign(instance.value(term))
            if value < 0 or (value == 0 and relation == ">"):
                raise ProofError(
                    f"an exact instance refutes\n    {self.plain(term)} {relation} 0\n  at {self.described(instance)}"
                )
            self.checks += 1

    def given(self, values: Mapping[str, object]) -> Instance:
        """The instance of a witness."""
        instance = given(self.vocabulary, values, self.layers, self.relaxed)
        for name, least in self.minimum.items():
            if not self.relaxed and instance.scalars.get(name, least) < least:
                raise ProofError(f"a witness says {name} = {values[name]}, but {name} is at least {least} here")
        for term in self.positive:
            try:
                holds = sign(instance.value(term)) > 0
            except KeyError:  # the witness does not speak of it
                continue
            except NO_VALUE as error:
                raise ProofError(f"a witness gives {self.plain(term)}, assumed > 0 in its case, no value: {error}") from error
            if not holds:
                raise ProofError(f"a witness breaks the assumption {self.plain(term)} > 0 of its case")
        return instance

    def described(self, instance: Instance) -> str:
        """The sizes and scalars of an instance, for an error message."""
        wanted = ("size", "count")
        symbols = self.vocabulary.symbols
        return ", ".join(f"{k}={v}" for k, v in instance.scalars.items() if symbols[k].sort in wanted)
