"""What an attack is, and how it is made: everything before the false statement must be accepted, the statement refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from bnproof.errors import ProofError, UndecidedError
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.fact import Fact
from bnproof.symbolic.inferences import Chain, Cited, Item
from bnproof.symbolic.symbols import Vocabulary
from bnproof.theorems.conclude import Judge
from bnproof.theorems.definitions import BATCHNORM, BATCHNORM_AT, Spec, definitions
from bnproof.theorems.glossary import GLOSSARY
from bnproof.theorems.theorem import Conclusion, Hypothesis, Theorem


@dataclass(frozen=True)
class Attack:
    """A false statement with what leads to it.

    - says: the item, or the conclusion, that is false, or that nothing has proved; of a control, one that holds;
    - after: items before it, all of them sound;
    - cited: items of another theorem, called ``known``, that a Use may cite by their labels; `least`: its least sizes;
    - undecided: the checks cannot refute it, only refuse it.
    """

    says: Item | Conclusion
    after: tuple[Item, ...] = ()
    cited: tuple[Item, ...] = ()
    defined: tuple[Spec, ...] = ()
    minimum: Mapping[str, int] = field(default_factory=dict[str, int])
    least: Mapping[str, int] = field(default_factory=dict[str, int])
    suppose: tuple[Hypothesis, ...] = ()
    undecided: bool = False


class Proof:
    """A proof under way; it may cite the items of one other."""

    def __init__(self, checker: Checker, known: Proof | None = None) -> None:
        self.checker = checker
        self.known = known
        self.labelled: dict[str, Fact] = {}
        self.facts: list[Fact] = []

    def cited(self, theorem: str, label: str) -> Cited:
        assert theorem == "known"
        assert self.known is not None
        return Cited(self.known.checker.vocabulary, self.known.fact(label), self.known.checker.minimum)

    def fact(self, label: str) -> Fact:
        return self.labelled[label]

    def record(self, item: Item, facts: Sequence[Fact]) -> None:
        label = getattr(item, "label", "")
        if label:
            (self.labelled[label],) = facts
        self.facts += facts

    def add(self, item: Item) -> None:
        """Check an item. Raises what refuses it."""
        before = self.checker.checks
        self.record(item, item.check(self.checker, self))
        assert self.checker.checks > before, f"accepted without a check: {item}"


def spec(head: str, body: str) -> Spec:
    """A definition of which only the formula matters."""
    return (head, body, head.split("(", maxsplit=1)[0], head.split("(", maxsplit=1)[0], "")


def claim(attack: Attack) -> None:
    """Prove what comes before, then the statement. Raises what refuses the statement."""
    known = Proof(Checker(vocabulary(*attack.defined), attack.least))
    proof = Proof(Checker(vocabulary(*attack.defined), attack.minimum), known)
    try:
        for item in attack.cited:
            known.add(item)
        for item in attack.after:
            proof.add(item)
    except ProofError as error:
        pytest.fail(f"what comes before the statement is refused already: {error}")
    if not isinstance(attack.says, Conclusion):
        proof.add(attack.says)
        return
    theorem = Theorem("attack", "", "", attack.suppose, attack.after, (), proof.checker.vocabulary.definitions, attack.minimum)
    Judge(theorem, proof.checker, proof.facts).concluded(attack.says)


def refuse(attack: Attack) -> None:
    """Fails unless a check refuses the statement, and refutes it where it can."""
    with pytest.raises(ProofError) as caught:
        claim(attack)
    assert isinstance(caught.value, UndecidedError) == attack.undecided, f"{type(caught.value).__name__}: {caught.value}"


def vocabulary(*defined: Spec) -> Vocabulary:
    """The glossary with batch normalisation, and these definitions."""
    return Vocabulary(GLOSSARY, definitions(*BATCHNORM, *BATCHNORM_AT, *defined))


def chain(*terms: str, given: tuple[str, ...] = (), since: tuple[str, ...] = (), label: str = "") -> Chain:
    """A chain without reasons."""
    return Chain("", terms[0], tuple((term, "") for term in terms[1:]), label, given, since)
