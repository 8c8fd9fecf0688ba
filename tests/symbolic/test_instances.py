"""Random instances: reproducible, varied, and no two sizes tied together."""

from __future__ import annotations

from itertools import combinations, islice

import pytest

from bnproof.errors import ProofError
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.instances import given, instances
from bnproof.symbolic.notation import parse
from bnproof.symbolic.symbols import Vocabulary


def test_no_two_sizes_agree_in_every_instance(vocabulary: Vocabulary) -> None:
    sizes = [s.name for s in vocabulary.symbols.values() if s.sort == "size"]
    drawn = [tuple(instance.scalars[s] for s in sizes) for instance in islice(instances(vocabulary, (), {}), 12)]
    tied = [(sizes[a], sizes[b]) for a, b in combinations(range(len(sizes)), 2) if all(row[a] == row[b] for row in drawn)]
    assert not tied


def test_reproducible(vocabulary: Vocabulary) -> None:
    first, second = (next(instances(vocabulary, (), {"n": 2})) for _ in range(2))
    term = parse("sum(i, z[i]*chi[i]) + m*b", vocabulary)
    assert first.value(term) == second.value(term)
    assert first.scalars["n"] >= 2


def test_two_sizes_are_told_apart(checker: Checker) -> None:
    with pytest.raises(ProofError, match="an exact instance refutes"):
        checker.exact(parse("n", checker.vocabulary), parse("C", checker.vocabulary))


def test_only_a_counterexample_may_break_a_sort(vocabulary: Vocabulary) -> None:
    with pytest.raises(ProofError, match="eps the value -1, but it is declared nonnegative"):
        given(vocabulary, {"eps": -1})
    assert given(vocabulary, {"eps": -1}, relaxed=True).scalars["eps"] == -1
    with pytest.raises(ProofError):
        given(vocabulary, {"chi": (2,)}, relaxed=True)
