"""Enclosures contain the truth: of functions against mpmath, of programs against float64; witnesses hold, and none is invented."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax import export, lax

from bnproof.algebra.reading import read as read_number
from bnproof.chain.build import build
from bnproof.numeric import enclosure_rules as rules
from bnproof.numeric.enclosure import Exact, enclosures, exact_witness
from bnproof.numeric.enclosure_rules import Enclosure, Undecidable, exactly
from bnproof.numeric.replay import Replay

F = Fraction


def read(value: np.ndarray) -> np.ndarray:
    """Constants as the engine reads them; None where there is no number."""
    out = np.empty(value.shape, object)
    out.reshape(-1)[:] = [None if (n := read_number(v, value.dtype)) is None else F(n) for v in value.reshape(-1)]
    return out


def as_float(value: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(value), read(value).astype(np.float64), value)


def rationals(*shape: int, seed: int = 0, positive: bool = False) -> np.ndarray:
    random = np.random.default_rng([seed, *shape])
    out = np.empty(shape, object)
    out.reshape(-1)[:] = [F(int(k), 16) for k in random.integers(8 if positive else -32, 33, out.size)]
    return out


def column(*values: int) -> np.ndarray:
    """Whole numbers as an input of shape n × 1 × 1 × 1."""
    out = np.empty((len(values), 1, 1, 1), object)
    out.reshape(-1)[:] = [F(value) for value in values]
    return out


def chain(text: str, mode: str = "train", symbolic: bool = False) -> tuple[Any, list[Any], dict[str, int], dict[str, int]]:
    """(program without updated statistics, rational arguments, dims, the position of each argument by name)."""
    built = build(text)
    params, stats, x = built.structs()
    names = [*params, *stats]
    structs: list[Any] = [*params.values(), *stats.values()]

    def run(*values: Any) -> Any:
        named = dict(zip(names, values[:-1], strict=True))
        p, s = ({name: named[name] for name in side} for side in (params, stats))
        return built.apply(p, s, values[-1], mode, jax.random.key(0))[0]  # pyright: ignore[reportArgumentType]

    batch: Any = export.symbolic_shape("n")[0] if symbolic else x.shape[0]
    data = jax.ShapeDtypeStruct((batch, *x.shape[1:]), x.dtype)
    args = [rationals(*s.shape, seed=k, positive="var" in n) for k, (n, s) in enumerate(zip(names, structs, strict=True))]
    jaxpr = jax.make_jaxpr(run)(*structs, data)
    where = {name: k for k, name in enumerate([*names, "input"])}
    return jaxpr, [*args, rationals(*x.shape, seed=99)], {"n": x.shape[0]} if symbolic else {}, where


def assert_contained(jaxpr: Any, args: list[Any], dims: dict[str, int] | None = None) -> list[np.ndarray]:
    """Every enclosure is narrow and contains what float64 computes, up to its round-off; returns the enclosures."""
    rows = enclosures(jaxpr, args, read, dims)
    assert rows is not None
    floats = Replay(jaxpr, as_float, dims)([np.asarray(x).astype(np.float64) for x in args])
    for row, expected in zip(rows, floats, strict=True):
        assert row.shape == (1, *expected.shape)
        for found, value in zip(row.reshape(-1), np.asarray(expected).reshape(-1).tolist(), strict=True):
            slack = 1e-11 * (1 + abs(value))
            assert found.lo - F(slack) <= F(value) <= found.hi + F(slack)
            assert found.hi - found.lo <= F(1, 2**90) * (1 + abs(found.hi))
    return rows


# -- numbers and functions of one number


POINTS = [
    F(0),
    F(1),
    F(-1),
    F(1, 3),
    F(-7, 5),
    F(22, 7),
    F(-19, 2),
    F(10),
    F(41, 4),
    F(30),
    F(-250, 3),
    F(-1, 10**12),
    F(10**9, 7),
]
FUNCTIONS: dict[str, tuple[Callable[[F], Enclosure], Callable[[Any], Any], tuple[Any, Any]]] = {
    "sqrt": (rules.root, mpmath.sqrt, (0, math.inf)),
    "exp": (rules.exponential, mpmath.exp, (-2000, 1000)),
    "log": (rules.logarithm, mpmath.log, (F(1, 10**20), math.inf)),
    "erf": (rules.error_function, mpmath.erf, (-math.inf, math.inf)),
    "tanh": (lambda x: rules.RULES["tanh"]({}, np.full(1, exactly(x), object))[0], mpmath.tanh, (-math.inf, math.inf)),
    "logistic": (rules.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), (-2000, math.inf)),
}


def rational(x: Any) -> F:
    """An mpmath number exactly."""
    sign, mantissa, exponent, _ = x._mpf_
    return (-1 if sign else 1) * F(int(mantissa)) * F(2) ** int(exponent)


def check(name: str, x: F) -> None:
    """The enclosure contains the value, to 1200 bits, and is as narrow as promised."""
    f, truth, (low, high) = FUNCTIONS[name]
    if not low <= x <= high:
        return
    found = f(x)
    with mpmath.workprec(1200):
        value = rational(truth(mpmath.mpf(x.numerator) / x.denominator))
    error = abs(value) / 2**1150 + F(1, 2**1150)
    assert found.lo - error <= value <= found.hi + error
    assert found.hi - found.lo <= F(1, 2**100) * (abs(value) + F(1, 2**20))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_enclosed(name: str) -> None:
    random = np.random.default_rng(1)
    drawn = [F(int(a), int(b)) for a, b in zip(random.integers(-400, 400, 60), random.integers(1, 50, 60), strict=True)]
    for x in [*POINTS, *drawn]:
        check(name, x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_contain_all_values_of_an_interval(name: str) -> None:
    f, _, (low, _) = FUNCTIONS[name]
    ends = (F(1, 7), F(9, 5)) if low >= 0 else (F(-5, 3), F(9, 5))
    whole = rules.increasing(f)(Enclosure(*ends))
    for k in range(11):
        inside = f(ends[0] + (ends[1] - ends[0]) * F(k, 10))
        assert whole.lo <= inside.lo <= inside.hi <= whole.hi


def test_a_root_too_narrow_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = rules.root

    def narrow(x: F) -> Enclosure:
        found = honest(x)
        return found if found.exact else Enclosure(found.lo, found.lo)

    check("sqrt", F(2))
    monkeypatch.setitem(FUNCTIONS, "sqrt", (narrow, *FUNCTIONS["sqrt"][1:]))
    with pytest.raises(AssertionError):
        check("sqrt", F(2))


def test_a_wrong_root_in_a_program_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    jaxpr, args, _, _ = chain("conv(1, k=1) -> relu -> bn @ 3x1x1x1")
    assert_contained(jaxpr, args)
    wrong = rules.each(lambda x: exactly(F(math.isqrt(int(x.lo * 2**40)), 2**20)))
    monkeypatch.setitem(rules.RULES, "sqrt", wrong)
    with pytest.raises(AssertionError):
        assert_contained(jaxpr, args)


def test_perfect_squares_have_exact_roots() -> None:
    assert rules.root(F(9, 16)).exact
    assert rules.root(F(9, 16)).lo == F(3, 4)
    found = rules.root(F(1, 2))
    assert found.lo**2 < F(1, 2) < found.hi**2


def test_arithmetic_contains_all_results() -> None:
    x, y = Enclosure(F(-1, 3), F(1, 2)), Enclosure(F(2, 7), F(5, 3))
    pairs = [(a, b) for a in (x.lo, F(0), F(1, 5), x.hi) for b in (y.lo, F(1), y.hi)]
    for found, f in [(x + y, F.__add__), (x - y, F.__sub__), (x * y, F.__mul__), (x / y, F.__truediv__), (-x, lambda a, b: -a)]:
        assert all(found.lo <= f(a, b) <= found.hi for a, b in pairs)
    assert rules.power(x, 2).lo == 0
    assert rules.RULES["abs"]({}, np.full(1, x, object))[0].lo == 0
    assert (x - x).exact
    with pytest.raises(Undecidable):
        _ = y / x
    with pytest.raises(Undecidable):
        rules.less(x, y)
    assert rules.less(x, exactly(1))
    assert not rules.less(x, x)
    assert rules.equal(x, x)


def test_numbers_do_not_explode() -> None:
    x = exactly(F(2, 3))
    for _ in range(40):
        x = x * x if x.hi > F(1, 2**1000) else x + exactly(F(1, 7))
    assert x.lo.numerator.bit_length() + x.lo.denominator.bit_length() < 2 * rules.DEEPEST
    with pytest.raises(Undecidable):
        functools.reduce(lambda y, _: (y + exactly(3)) * (y + exactly(3)), range(40), x)


# -- programs


CHAINS = [
    "conv(1, k=1) -> relu -> bn @ 3x1x1x1",
    "conv(2) -> gelu -> gn(2) @ 2x1x2x2",
    "conv(2, pad=reflect) -> lrelu -> in @ 1x1x3x3",
    "conv(2, pad=replicate) -> bn(eps=0) -> relu @ 2x1x2x2",
    "conv(2, pad=circular, s=2) -> bn -> silu @ 2x1x3x3",
    "conv(2, k=2, groups=2, pad=valid, dilation=2) -> maxpool(2, pad=1) @ 1x2x4x4",
    "convtranspose(2, s=2) -> avgpool(3, pad=1, count_include_pad=no) @ 1x2x2x2",
    "linear(3) -> tanh -> linear(2) -> softmax @ 2x3",
    "linear(3) -> softplus -> rms -> sigmoid @ 2x3",
    "attention(heads=1) @ 1x2x3",
    "attention(heads=1, rope=yes) @ 1x2x3",
    "residual(conv(1) -> ln) -> globalpool @ 2x1x2x2",
    "concat(conv(1); identity) -> upsample -> flatten -> linear(2) @ 1x1x2x2",
]


@pytest.mark.parametrize("text", CHAINS)
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_enclosures_contain_float64(text: str, mode: str) -> None:
    jaxpr, args, dims, _ = chain(text, mode, symbolic="attention" not in text)
    assert_contained(jaxpr, args, dims)


PROGRAMS: dict[str, Callable[[Any, Any], Any]] = {
    "gather": lambda x, y: x[jnp.array([2, 0])] + y[1:, :1],
    "dynamic slice": lambda x, y: lax.dynamic_slice(x, (jnp.argmax(jnp.arange(3)), 1), (1, 2)) * y[0, 0],
    "elementary": lambda x, y: (
        jnp.expm1(x),
        jnp.log1p(jnp.abs(x)),
        lax.rsqrt(y * y + 1),
        lax.erfc(x),
        x**3,
        y**-2,
        jnp.sign(x),
    ),
    "order": lambda x, y: (jnp.clip(x, -1, 0.5), jnp.where(jnp.sqrt(jnp.abs(y)) > 5, x, y), (x == y) | ~(x < y), x.min(1)),
    "variance": lambda x, y: (jnp.var(x, 0), jax.nn.softmax(x * y), jax.nn.logsumexp(x), jnp.linalg.norm(y)),
    "moving": lambda x, y: (jnp.flip(x, 1), x.T @ y, jnp.concatenate([x, y]), lax.pad(x, 0.5, ((1, -1, 1), (0, 2, 0)))),
    "whole numbers": lambda x, y: (x * jnp.arange(4), jnp.sum(jnp.arange(6)), lax.iota(jnp.float32, 4) / 3 + y),
    "nested": jax.checkpoint(jax.jit(lambda x, y: jax.nn.relu(lax.stop_gradient(x)) + jax.nn.silu(y))),
    "gradient": jax.grad(lambda x, y: jnp.sum(jax.nn.relu(x) ** 2 * y / jnp.sqrt(jnp.sum(x * x) + 1))),
    "nhwc": lambda x, y: lax.conv_general_dilated(
        x.reshape(1, 3, 4, 1), y.reshape(2, 2, 1, 3), (1, 1), ((1, 2), (-1, 0)), (2, 1), (1, 2), ("NHWC", "HWIO", "NHWC")
    ),
    "half precision": lambda x, y: (x.astype(jnp.bfloat16) * 0.1).astype(jnp.float32) + y,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_enclosures_of_other_programs(name: str) -> None:
    struct = jax.ShapeDtypeStruct((3, 4), jnp.float32)
    x, y = rationals(3, 4), rationals(3, 4, seed=5, positive=True)
    assert_contained(jax.make_jaxpr(PROGRAMS[name])(struct, struct), [x, y])


@pytest.mark.parametrize("text", ["conv(2) -> relu -> avgpool(2) @ 1x2x3x3", "linear(3) -> lrelu -> linear(2) @ 2x3"])
def test_without_roots_everything_is_exact(text: str) -> None:
    jaxpr, args, dims, _ = chain(text)
    assert all(value.exact for row in assert_contained(jaxpr, args, dims) for value in row.reshape(-1))


# -- witnesses


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
