"""Sums of products however they are written, and ranges of values that stand side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.algebra.analysis import analyse

SIZES = (2, 3, 4)
SHAPES = [
    tuple(size if k in axes else 1 for k, size in enumerate(SIZES)) for r in (1, 2, 3) for axes in combinations(range(3), r)
]


def terms(function: Callable[..., Any], *shapes: tuple[int, ...], tracked: bool = True) -> dict[Any, Any]:
    """The only output's form; with every input tracked, or none."""
    jaxpr = jax.make_jaxpr(function)(*(jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes))
    (form,) = analyse(jaxpr, {k: f"v{k}" for k in range(len(shapes))} if tracked else {}).outputs
    return form.terms


@pytest.mark.parametrize("seed", range(40))
def test_weighted_sums_do_not_depend_on_how_they_are_written(seed: int) -> None:
    """Of a value with all axes, with weights that lie along the same axes, over any axes in any order."""
    random = np.random.default_rng(seed)
    weights = SHAPES[random.integers(len(SHAPES))]
    shapes = [SIZES, *[weights] * int(random.integers(1, 3))]
    axes = [int(axis) for axis in random.permutation(3)[: random.integers(1, 4)]]

    def product(*values: Any) -> Any:
        total = jnp.ones(SIZES, jnp.float32)
        for value in values:
            total = total * value
        return total

    def at_once(*values: Any) -> Any:
        return product(*values).sum(tuple(axes), keepdims=True)

    def one_by_one(*values: Any) -> Any:
        total = product(*values)
        for axis in axes:
            total = total.sum(axis, keepdims=True)
        return total

    for tracked in (True, False):
        assert terms(lambda *v: at_once(*v) - one_by_one(*v), *shapes, tracked=tracked) == {}
        assert terms(at_once, *shapes, tracked=tracked) != {}


def test_a_centred_sum_with_weights_on_other_axes_is_0() -> None:
    assert terms(lambda a, v: (a * (v - v.mean(0))).sum(), (3,), (5, 3)) == {}
    assert terms(lambda a, v: (a[:, None] * (v - v.mean(0))).sum(), (5,), (5, 3)) != {}
    assert terms(lambda a, v: (a**-2 * (v - v.mean((0, 2), keepdims=True))).sum(), (3, 1), (5, 3, 2)) == {}
    assert terms(lambda a, b, v: (a * v - b * v).sum(), (3,), (3,), (5, 3)) != {}


def joined(a: Any, b: Any) -> Any:
    return jnp.concatenate([a, b, 2 * a], 1)


@pytest.mark.parametrize(
    ("cut", "right"),
    [
        (lambda y: y[:, :3], lambda a, b: a),
        (lambda y: y[:, 3:5], lambda a, b: b),
        (lambda y: y[:, 4], lambda a, b: b[:, 1]),
        (lambda y: y[:, 5:8:2], lambda a, b: 2 * a[:, ::2]),
        (lambda y: jnp.split(y, (3, 5), 1)[1], lambda a, b: b),
        (lambda y: y[1:, 3:5], lambda a, b: b[1:]),
        (lambda y: (y**2)[:, 3:5], lambda a, b: b**2),
        (lambda y: y.T[3:5], lambda a, b: b.T),
    ],
)
def test_a_range_of_values_side_by_side_is_that_of_one(cut: Any, right: Any) -> None:
    for tracked in (True, False):
        assert terms(lambda a, b: cut(joined(a, b)) - right(a, b), (4, 3), (4, 2), tracked=tracked) == {}
        assert terms(lambda a, b: cut(joined(a, b)), (4, 3), (4, 2), tracked=tracked) != {}


@pytest.mark.parametrize("start", range(8))
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_ranges_over_several_are_not_taken_for_one(start: int, stride: int) -> None:
    """Whatever the range: only that of which the entries are all of one value may lose the other."""
    for stop in range(start + 1, 9):
        places = range(start, stop, stride)
        taken = partial(lax.slice, start_indices=(0, start), limit_indices=(4, stop), strides=(1, stride))
        structs = (jax.ShapeDtypeStruct((4, size), jnp.float32) for size in (3, 2))
        found = analyse(jax.make_jaxpr(lambda a, b, taken=taken: taken(joined(a, b)))(*structs), {0: "a", 1: "b"})
        free = {finding.name for finding in found.findings() if finding.free}
        assert "b" not in free or not set(places) & {3, 4}
        assert "a" not in free or set(places) <= {3, 4}
