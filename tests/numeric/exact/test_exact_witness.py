"""Witnesses hold, and none is invented."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export, lax

from bnproof.numeric.exact.enclosure import Exact, enclosures, exact_witness
from bnproof.numeric.replay.replay import Replay

from ..rational import F, as_float, chain, rationals, read


def column(*values: int) -> np.ndarray:
    """Whole numbers as an input of shape n × 1 × 1 × 1."""
    out = np.empty((len(values), 1, 1, 1), object)
    out.reshape(-1)[:] = [F(value) for value in values]
    return out


def test_the_known_witness() -> None:
    def ratio(z: Any, b: Any) -> Any:
        y = jax.nn.relu(z + b)
        return (y[1] - y[0]) / (y[2] - y[0])

    jaxpr = jax.make_jaxpr(ratio)(jnp.zeros(3), 0.0)
    z = np.array([F(-1), F(1), F(2)], object)
    found = exact_witness(jaxpr, [z, np.array(F(0), object)], 1, F(2), 0, read)
    assert found == Exact((0,), (F(1, 2), F(1, 2)), (F(2, 3), F(2, 3)))
    assert found is not None
    assert found.text == "output[0]: 1/2 → 2/3, exactly"


def test_a_needed_bias_has_an_enclosed_witness() -> None:
    jaxpr, args, dims, where = chain("conv(1, k=1) -> relu -> bn @ 3x1x1x1", symbolic=True)
    args = [np.full_like(x, F(1)) for x in args]
    args[where["conv1.bias"]][:] = F(0)
    args[where["input"]] = column(-1, 1, 2)
    found = exact_witness(jaxpr, args, where["conv1.bias"], F(2), 0, read, dims)
    assert found is not None
    assert len(found.index) == 5
    assert found.text == "output[0, 1, 0, 0, 0]: 1 → 1.2672603… (enclosed to 38 digits)"
    replay = Replay(jaxpr, as_float, dims)
    for shift, (lo, hi) in ((0, found.before), (2, found.after)):
        moved = [x.astype(np.float64) for x in args]
        moved[where["conv1.bias"]] += shift
        value = np.asarray(replay(moved)[0])[found.index[1:]]
        assert float(lo) - 1e-12 <= value <= float(hi) + 1e-12


@pytest.mark.parametrize(
    "text", ["conv(1, k=1) -> bn @ 3x1x1x1", "conv(2, pad=valid) -> in @ 2x1x4x4", "linear(2) -> ln -> gelu @ 2x3"]
)
def test_a_redundant_bias_has_none(text: str) -> None:
    jaxpr, args, dims, where = chain(text)
    position = next(k for name, k in where.items() if name.endswith(".bias"))
    shift = np.full_like(args[position], F(2))  # of all entries: layer normalisation only ignores those
    moved = [x + shift if k == position else x for k, x in enumerate(args)]
    before, after = (enclosures(jaxpr, list(a), read, dims) for a in (args, moved))
    assert before is not None
    assert after is not None
    for one, other in zip(before, after, strict=True):
        assert all(x.lo <= y.hi and y.lo <= x.hi for x, y in zip(one.reshape(-1), other.reshape(-1), strict=True))
    found = exact_witness(jaxpr, args, position, F(2), 0, read, dims)
    assert (found is None) == ("ln" not in text)


def test_the_entry_that_moves_most_is_chosen() -> None:
    jaxpr = jax.make_jaxpr(lambda b: (b, b * jnp.array([1, -3, 2]), b > 0))(0.0)
    found = exact_witness(jaxpr, [F(0)], 0, F(1, 2), 0, read)
    assert found is not None
    assert found.text == "output[1, 1]: 0 → -3/2, exactly"


def test_sentences_of_other_numbers() -> None:
    third, tiny = F(1, 3), F(1, 10**40)
    long = F(10**30 + 1, 3 * 10**30)
    assert Exact((0,), (long, long), (F(2), F(2))).text == "output[0]: 0.33333333… → 2 (both exact rationals)"
    assert Exact((0,), (-tiny, tiny), (third, third + tiny)).text == "output[0]: ≈ 0 → 0.33333333… (enclosed to 39 digits)"
    close = Exact((0,), (third, third), (third + F(1, 10**12), third + F(1, 10**12) + tiny)).text
    assert close == "output[0]: 0.3333333333333333… → 0.3333333333343333… (enclosed to 39 digits)"
    around = Exact((0,), (F(1, 2) - tiny, F(1, 2) + tiny), (F(10) ** -30, F(10) ** -30 + tiny)).text
    assert around == "output[0]: ≈ 0.5 → 1.0000000e-30… (enclosed to 39 digits)"


# -- no witness


NONE: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "no rule": (jnp.sort, rationals(3)),
    "a loop": (lambda x: lax.fori_loop(0, 3, lambda i, v: v * 2, x), rationals(3)),
    "its own reduction": (lambda x: lax.reduce(x, np.float32(0), lambda a, b: a + b + a * b, (0,)), rationals(3)),
    "random": (lambda x: x + jax.random.normal(jax.random.key(0), (3,)), rationals(3)),
    "division by 0": (lambda x: 1 / (x - x), rationals(3)),
    "root of a negative number": (lambda x: jnp.sqrt(-1 - x * x), rationals(3)),
    "overlapping comparison": (lambda x: jnp.where(jnp.sqrt(x * x + 1) ** 2 > x * x + 1, x, 2 * x), rationals(3)),
    "an infinite constant": (lambda x: jnp.minimum(x, jnp.full(3, jnp.inf)), rationals(3)),
    "out of bounds": (lambda x: x.at[jnp.array([5])].get(mode="fill", fill_value=0), rationals(3)),
    "nothing to add": (lambda x: x[:0].sum() + x, rationals(3)),
}


@pytest.mark.parametrize("name", NONE)
def test_no_witness_of(name: str) -> None:
    f, x = NONE[name]
    assert exact_witness(jax.make_jaxpr(f)(jnp.zeros(x.shape)), [x], 0, F(1), 0, read) is None


def test_what_no_output_needs_is_not_evaluated() -> None:
    jaxpr = jax.make_jaxpr(lambda x: (jnp.sort(x) + jnp.inf, x + 1)[1])(jnp.zeros(3))
    assert exact_witness(jaxpr, [rationals(3)], 0, F(1), 2, read) is not None


def test_dropout_has_none() -> None:
    jaxpr, args, dims, where = chain("linear(2) -> dropout @ 2x3")
    assert exact_witness(jaxpr, args, where["linear1.bias"], F(2), 0, read, dims) is None


def test_large_programs_are_refused_at_once() -> None:
    jaxpr, args, dims, where = chain("conv(32) -> relu -> bn -> conv(32) -> relu @ 8x3x16x16")
    started = time.perf_counter()
    assert exact_witness(jaxpr, args, where["conv1.bias"], F(2), 0, read, dims) is None
    assert time.perf_counter() - started < 0.5
    small, args, dims, where = chain("conv(1, k=1) -> relu @ 3x1x1x1")
    assert exact_witness(small, args, where["conv1.bias"], F(9), 0, read, dims, most=5) is None
    assert exact_witness(small, args, where["conv1.bias"], F(9), 0, read, dims, most=30) is not None


def test_mistakes_of_the_caller() -> None:
    jaxpr = jax.make_jaxpr(lambda x, k: x * k)(jnp.zeros(3), 1)
    with pytest.raises(ValueError, match="2 arguments"):
        exact_witness(jaxpr, [rationals(3)], 0, F(1), 0, read)
    (n,) = export.symbolic_shape("n")
    with pytest.raises(KeyError, match="dimension n"):
        exact_witness(
            jax.make_jaxpr(lambda x: x + 1)(jax.ShapeDtypeStruct((n,), jnp.float32)), [rationals(3)], 0, F(1), 0, read
        )
    with pytest.raises(ValueError, match="floating"):
        exact_witness(jaxpr, [rationals(3), 2], 1, F(1), 0, read)
