"""The depth of a sum's tree, read from outside: hand-made totals of known depth, compiled sums, and estimates for large arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bnproof.numeric.roundoff import reduction_tree
from bnproof.numeric.roundoff.reduction_tree import depth, tree_depth

Total = Callable[[np.ndarray], float]
FORMATS = ["float32", "float64"]


def one_after_the_other(x: np.ndarray) -> Any:
    total = x[0]
    for value in x[1:]:
        total = total + value
    return total


def pairwise(x: np.ndarray) -> Any:
    if len(x) == 1:
        return x[0]
    half = (len(x) + 1) // 2
    return pairwise(x[:half]) + pairwise(x[half:])


def backwards(x: np.ndarray) -> Any:
    return one_after_the_other(x[::-1])


def eight_lanes(x: np.ndarray) -> Any:
    lanes = x[:8].copy()
    for k in range(8, len(x), 8):
        lanes = lanes + x[k : k + 8]
    return pairwise(lanes)


def blocks_of_32(x: np.ndarray) -> Any:
    return one_after_the_other(np.array([pairwise(x[k : k + 32]) for k in range(0, len(x), 32)]))


def skewed(x: np.ndarray) -> Any:
    """A third by itself, pairwise, and the rest likewise: the last numbers are the deepest."""
    return pairwise(x) if len(x) < 6 else pairwise(x[: len(x) // 3]) + skewed(x[len(x) // 3 :])


def skewed_depth(n: int) -> int:
    return math.ceil(math.log2(n)) if n < 6 else 1 + max(math.ceil(math.log2(n // 3)), skewed_depth(n - n // 3))


def from_zero(x: np.ndarray) -> Any:
    """An accumulator that starts at 0: adding to it rounds nothing, so it does not count."""
    return one_after_the_other(np.concatenate([np.zeros(1, x.dtype), x]))


def logarithm(n: int) -> int:
    return math.ceil(math.log2(n))


TREES: dict[str, tuple[Callable[[np.ndarray], Any], Callable[[int], int], tuple[int, ...]]] = {
    "one after the other": (one_after_the_other, lambda n: n - 1, (1, 2, 3, 17, 100)),
    "from zero": (from_zero, lambda n: n - 1, (2, 17)),
    "backwards": (backwards, lambda n: n - 1, (2, 17, 100)),
    "pairwise": (pairwise, logarithm, (2, 3, 5, 64, 100, 129)),
    "eight lanes": (eight_lanes, lambda n: n // 8 - 1 + 3, (8, 64, 200)),
    "blocks of 32": (blocks_of_32, lambda n: 5 + n // 32 - 1, (32, 64, 320)),
    "skewed": (skewed, skewed_depth, (7, 50, 200)),
}


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("name", TREES)
def test_trees_made_by_hand(name: str, dtype: str) -> None:
    total, expected, sizes = TREES[name]
    assert [tree_depth([total], n, dtype) for n in sizes] == [expected(n) for n in sizes]


def random_tree(random: np.random.Generator, leaves: list[int]) -> tuple[Callable[[np.ndarray], Any], int]:
    """A total over these places of an array in a random order and split, and its depth."""
    if len(leaves) == 1:
        return (lambda x: x[leaves[0]]), 0
    cut = int(random.integers(1, len(leaves)))
    (left, a), (right, b) = random_tree(random, leaves[:cut]), random_tree(random, leaves[cut:])
    return (lambda x: left(x) + right(x)), 1 + max(a, b)


@pytest.mark.parametrize("dtype", FORMATS)
def test_random_trees(dtype: str) -> None:
    random, depths = np.random.default_rng(0), set[int]()
    for _ in range(40):
        n = int(random.integers(2, 60))
        total, expected = random_tree(random, [int(k) for k in random.permutation(n)])
        assert tree_depth([total], n, dtype) == expected
        depths.add(expected)
    assert len(depths) > 5


def test_a_wrong_depth_would_be_seen() -> None:
    """The numbers above are not met by any routine: each tree tells its own depth from its neighbours'."""
    found = {name: tree_depth([total], 64, "float32") for name, (total, *_) in TREES.items()}
    assert found["one after the other"] == 63
    assert found["pairwise"] == 6
    assert found["eight lanes"] == 10
    assert found["blocks of 32"] == 6
    assert tree_depth([lambda x: one_after_the_other(x[:63]) + x[63]], 64, "float32") == 63
    assert tree_depth([lambda x: pairwise(x[:63]) + x[63]], 64, "float32") == 7


SHAPES = [((7,), (0,)), ((40,), (0,)), ((100, 3), (0,)), ((3, 100), (1,)), ((4, 3, 5, 5), (0, 2, 3)), ((6, 2, 7), (2, 0))]


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize(("shape", "axes"), SHAPES)
def test_compiled_sums(shape: tuple[int, ...], axes: tuple[int, ...], dtype: str) -> None:
    count = math.prod(shape[a] for a in axes)
    assert math.ceil(math.log2(count)) <= depth(shape, axes, dtype) <= count - 1


def test_nothing_to_add() -> None:
    assert [depth((n, 4), (0,), "float32") for n in (0, 1, 2)] == [0, 0, 1]
    assert depth((3, 4), (), "float32") == 0


def test_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = depth((37, 3), (0,), "float32")

    def refuse(*_: object) -> int:
        raise AssertionError

    monkeypatch.setattr(reduction_tree, "tree_depth", refuse)
    assert depth([37, 3], [0], "float32") == first
    assert depth((37, 3), (0,), "float16") == first  # half types have float32's tree
    with pytest.raises(AssertionError):
        depth((38, 3), (0,), "float32")


def test_order_of_axes_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    first = depth((6, 2, 7), (2, 0), "float32")
    monkeypatch.setattr(reduction_tree, "tree_depth", lambda *_: -1)
    assert depth((6, 2, 7), (0, 2), "float32") == first


def in_lanes(count: int) -> Total:
    """The sum in so many lanes, each one number after the other, and the lanes pairwise."""
    return lambda x: halves(np.cumsum(x.reshape(-1, count), 0)[-1])


def halves(x: np.ndarray) -> float:
    while len(x) > 1:
        x = x[: len(x) // 2] + x[len(x) // 2 :]
    return float(x[0])


LARGE: dict[str, tuple[Total, int, int]] = {
    "one after the other": (in_lanes(1), 5000, 4999),
    "backwards": (lambda x: in_lanes(1)(x[::-1]), 5000, 4999),
    "very long": (in_lanes(1), 1 << 21, (1 << 21) - 1),
    "eight lanes": (in_lanes(8), 1 << 17, (1 << 14) + 2),
    "a thousand lanes": (in_lanes(1024), 1 << 17, 127 + 10),
    "pairwise": (halves, 1 << 17, 17),
}


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("name", LARGE)
def test_the_depth_of_a_large_tree_is_bounded_within_a_factor_of_eight(name: str, dtype: str) -> None:
    total, n, expected = LARGE[name]
    assert expected <= tree_depth([total], n, dtype) <= min(8 * expected, n - 1)


@pytest.mark.parametrize("n", [1065, 1105, 1245, 2000])
@pytest.mark.parametrize("name", ["blocks of 32", "skewed"])
def test_large_trees_of_other_kinds(name: str, n: int) -> None:
    total, expected, _ = TREES[name]
    n = n // 32 * 32
    assert expected(n) <= tree_depth([total], n, "float32") <= 4 * expected(n)


def test_the_deepest_of_several_totals() -> None:
    assert tree_depth([pairwise, one_after_the_other], 64, "float32") == 63
    assert tree_depth([halves, in_lanes(1)], 2048, "float32") == tree_depth([in_lanes(1)], 2048, "float32")


def test_a_wider_accumulator_hardly_rounds() -> None:
    """A sum in float64 whose result alone is rounded has a tree of depth about 1, whatever its order."""
    assert tree_depth([lambda x: float(np.float32(x.astype(np.float64).sum()))], 1 << 14, "float32") <= 3


@pytest.mark.parametrize("shape", [(1105, 4), (1105,), (2048,)])
def test_the_estimate_for_a_compiled_sum_is_at_least_its_depth(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    import jax
    import jax.numpy as jnp

    run = jax.jit(lambda x: jnp.sum(x, 0))

    def total(flat: np.ndarray) -> float:
        x = np.zeros(shape, flat.dtype)
        x.reshape(len(flat), -1)[:, 0] = flat
        return float(np.asarray(run(x)).reshape(-1)[0])

    estimated = tree_depth([total], shape[0], "float32")
    monkeypatch.setattr(reduction_tree, "EXACT", 4096)
    assert tree_depth([total], shape[0], "float32") <= estimated <= shape[0] - 1
