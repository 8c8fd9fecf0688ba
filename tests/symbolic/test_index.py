"""Bound indices carry their range: it is compared as data, never read from a name."""

from __future__ import annotations

import pickle
from itertools import combinations

import pytest
import sympy as sp

from bnproof.errors import ProofError
from bnproof.symbolic.bridge import Bridge, atom, maximum
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.index import BoundIndex
from bnproof.symbolic.notation import parse
from bnproof.symbolic.symbols import Symbol, Vocabulary

N = atom("n", "size")
ONE = sp.Integer(1)


def bound(expr: sp.Expr) -> dict[BoundIndex, tuple[sp.Expr, sp.Expr]]:
    """Every index bound in an expression, with the limits at the place where it is bound."""
    limits = [limit for found in expr.atoms(sp.Sum) for limit in found.limits]
    limits += [found.args[1:] for found in expr.atoms(maximum)]
    return {index: (lower, upper) for index, lower, upper in limits}  # pyright: ignore[reportReturnType]


def test_equal_only_where_everything_agrees() -> None:
    different = [
        BoundIndex(0, ONE, N),
        BoundIndex(1, ONE, N),
        BoundIndex(0, sp.Integer(0), N),
        BoundIndex(0, ONE, N + 1),
        BoundIndex(0, ONE, sp.Symbol("n")),  # prints like n, but is not the size
        BoundIndex(0, ONE, N, canonical=True),
        BoundIndex(0, ONE, N).copied(1),
        BoundIndex(0, ONE, N).copied(2),
        sp.Symbol("_0:n", integer=True),
    ]
    assert all(a != b for a, b in combinations(different, 2))
    assert sp.Add(*different).args == sp.Add(*reversed(different)).args
    assert BoundIndex(0, ONE, N) == BoundIndex(0, ONE, N)
    assert hash(BoundIndex(0, ONE, N)) == hash(BoundIndex(0, ONE, N))
    assert BoundIndex(0, ONE, N).is_integer


def test_survives_pickling() -> None:
    index = BoundIndex(2, sp.Integer(0), N, canonical=True, copy=3)
    again = pickle.loads(pickle.dumps(index))
    assert again == index
    assert (again.depth, again.lower, again.upper, again.canonical, again.copy) == (2, 0, N, True, 3)


@pytest.mark.parametrize(
    "text",
    [
        "mean(i, z[i])",
        "var(i, z[i])",
        "var(i, 0, n, z[i])",
        "sum(i, 0, n - 1, z[i] * mean(j, z[j]))",
        "max(j, z[j])",
        "mean(i, (z[i] - mu)**2)",
    ],
)
def test_an_index_knows_where_it_is_bound(text: str, vocabulary: Vocabulary) -> None:
    found = bound(Bridge(vocabulary).sympy(parse(text, vocabulary)))
    assert found
    for index, limits in found.items():
        assert (index.lower, index.upper) == limits


def letters(*symbols: tuple[str, str, str | None, int, bool]) -> Vocabulary:
    """A vocabulary of its own: name, sort, axis, rank, finite."""
    return Vocabulary(
        {
            name: Symbol(name, sort, name, name, "", rank=rank, over=over, finite=finite)  # pyright: ignore[reportArgumentType]
            for name, sort, over, rank, finite in symbols
        }
    )


@pytest.mark.parametrize("size", ["Z", "oo", "n:oo"])
def test_a_size_may_have_any_name(size: str) -> None:
    """Σ over all integers r of w[r]·x[r] is not the same as over 1 … size, whatever the size is called."""
    vocabulary = letters(
        (size, "size", None, 0, False),
        ("p", "index", size, 0, False),
        ("r", "index", None, 0, False),
        ("w", "real", None, 1, True),
        ("x", "real", size, 1, False),
    )
    checker = Checker(vocabulary)
    inside = parse("sum(r, w[r] * sum(p, delta(p, r) * x[p]))", vocabulary)
    everywhere = parse("sum(r, w[r] * x[r])", vocabulary)
    with pytest.raises(ProofError):
        checker.symbolic(inside, everywhere)
    checker.symbolic(parse("sum(p, w[p] * x[p])", vocabulary), parse("sum(p, x[p] * sum(r, delta(p, r) * w[r]))", vocabulary))


def test_an_index_that_starts_elsewhere_does_not_pick_from_1_to_n(checker: Checker) -> None:
    picked = parse("sum(i, 0, n, sum(j, delta(i, j) * z[j]))", checker.vocabulary)
    with pytest.raises(ProofError):
        checker.symbolic(picked, parse("sum(i, 0, n, z[i])", checker.vocabulary))
