"""Ball arithmetic of traced programs: against mpmath, against JAX in float64, and with wrong rules, which must be noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax import lax

from .balls import BINARY, UNARY, UndecidedError, arb, bits, exact
from .evaluate import UnknownOperationError, evaluate

INSIDE = {"acosh": (1.1, 3.0), "atanh": (-0.9, 0.9), "asin": (-0.9, 0.9), "acos": (-0.9, 0.9), "erf_inv": (-0.9, 0.9)}
POSITIVE = ("sqrt", "rsqrt", "log", "lgamma", "digamma", "log1p", "cbrt")
MPMATH: dict[str, Callable[..., Any]] = {
    "neg": lambda x: -x,
    "abs": abs,
    "rsqrt": lambda x: 1 / mpmath.sqrt(x),
    "square": lambda x: x * x,
    "one_minus_square": lambda x: 1 - x * x,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "logistic": lambda x: 1 / (1 + mpmath.exp(-x)),
    "erf_inv": mpmath.erfinv,
    "lgamma": mpmath.loggamma,
    "log1p": lambda x: mpmath.log(1 + x),
    "expm1": lambda x: mpmath.exp(x) - 1,
    **{
        name: getattr(mpmath, name)
        for name in ("sqrt", "cbrt", "exp", "log", "erf", "erfc", "digamma", "floor", "ceil", "sign")
    },
    **{name: getattr(mpmath, name) for name in ("sin", "cos", "tan", "asin", "acos", "atan")},
    **{name: getattr(mpmath, name) for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh")},
}


@pytest.mark.parametrize("name", sorted(UNARY))
def test_functions_agree_with_mpmath(name: str) -> None:
    low, high = INSIDE.get(name, (0.01, 5.0) if name in POSITIVE else (-5.0, 5.0))
    with bits(200), mpmath.workprec(300):
        for x in np.random.default_rng(0).uniform(low, high, 20):
            found, expected = UNARY[name](arb(float(x))), MPMATH[name](mpmath.mpf(float(x)))
            assert found.overlaps(arb(mpmath.nstr(expected, 80, strip_zeros=False)).union(arb(mpmath.nstr(expected, 70))))
            assert found.rad() <= abs(found) * 2.0**-150


def test_logistic_and_tanh_of_huge_numbers() -> None:
    with bits(200):
        assert UNARY["logistic"](arb(10) ** 30).overlaps(arb(1))
        assert UNARY["logistic"](arb(10) ** 30) > arb(0.999)
        assert abs(UNARY["logistic"](-(arb(10) ** 30))) < arb(1e-300)
        assert UNARY["tanh"](-(arb(10) ** 30)) < arb(-0.999)


A = np.random.default_rng(1).normal(size=(2, 3, 5, 4))
W = np.random.default_rng(2).normal(size=(4, 3, 3, 2))
G = np.random.default_rng(3).normal(size=(6, 1, 2, 3))
M = np.random.default_rng(4).normal(size=(4, 6))
NUMBERS = ("NCHW", "OIHW", "NCHW")


def _pool(x: Any, kind: str) -> Any:
    start, combine = {"max": (-jnp.inf, lax.max), "min": (jnp.inf, lax.min), "sum": (0.0, lax.add)}[kind]
    return lax.reduce_window(x, start, combine, (1, 1, 2, 3), (1, 1, 2, 1), ((0, 0), (0, 0), (1, 0), (0, 2)))


def _loop(x: Any) -> Any:
    _, ys = lax.scan(lambda c, row: (c * 0.5 + row, c + row), jnp.zeros(x.shape[1:]), x, reverse=True)
    return lax.fori_loop(0, 3, lambda k, y: y * y + k, 0.1 * ys)


@jax.custom_jvp
def _half(x: Any) -> Any:
    return x * 0.5


_half.defjvp(lambda primals, tangents: (_half(*primals), 3.0 * tangents[0]))  # pyright: ignore[reportUnknownMemberType]

PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[np.ndarray, ...]]] = {
    "conv": (lambda x, w: lax.conv_general_dilated(x, w, (2, 1), ((1, 2), (0, 1)), dimension_numbers=NUMBERS), (A, W)),
    "dilated": (
        lambda x, w: lax.conv_general_dilated(x, w, (1, 1), ((1, 2), (-1, 3)), (2, 1), (1, 2), dimension_numbers=("NCHW", "OIHW", "NHWC")),
        (A, W),
    ),
    "grouped": (
        lambda x, w: lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=NUMBERS, feature_group_count=3),
        (A, G),
    ),
    "batched": (
        lambda x, w: lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=NUMBERS, batch_group_count=2),
        (A, W),
    ),
    "dot": (lambda x, m: jnp.einsum("nchw,wo->noch", x, m), (A, M)),
    "batched dot": (lambda x: jnp.einsum("nchw,nchv->chwv", x, x), (A,)),
    "max pool": (lambda x: _pool(x, "max"), (A,)),
    "min pool": (lambda x: _pool(x, "min"), (A,)),
    "sum pool": (lambda x: _pool(x, "sum"), (A,)),
    "sums": (lambda x: jnp.cumsum(x, 2) + jnp.flip(lax.cumsum(x, 3, reverse=True), 3) + jnp.sum(x, (0, 2), keepdims=True), (A,)),
    "extrema": (lambda x: jnp.max(x, (1, 3)) * jnp.min(x) + jnp.prod(x, 2).sum(), (A,)),
    "places": (lambda x: x[:, jnp.array([2, 0]), 1:4][..., ::-1].at[0, 1].add(2.0).at[1, 0].set(1.5), (A,)),
    "pad": (lambda x: lax.pad(x, 1.5, ((0, 0, 0), (1, 0, 0), (-1, 2, 1), (0, -1, 0))), (A,)),
    "moving": (
        lambda x: jnp.tile(jnp.concatenate((jnp.swapaxes(x, 2, 3), jnp.roll(x, 1, 1)[:, :, :4, :1] * jnp.ones(5)), 2), 2),
        (A,),
    ),
    "branches": (lambda x: lax.cond(x.sum() > 0, jnp.sin, jnp.cos, x) + jnp.where(x > 0.2, x, -x) * jnp.clip(x, -0.5, 0.7), (A,)),
    "sorted": (lambda x: jnp.sort(x, 1) * jnp.arange(4), (A,)),
    "loops": (_loop, (A,)),
    "random": (lambda x: x * jax.random.bernoulli(jax.random.key(3), 0.5, x.shape), (A,)),
    "functions": (lambda x: jax.nn.gelu(x) + jax.nn.softmax(x) + jnp.exp2(x) * jnp.expm1(x), (A,)),
    "powers": (lambda x: jnp.abs(x) ** 1.5 + _half(x * x + 1) ** -3 + jnp.square(x) + jnp.cbrt(x), (A,)),
    "rounding": (lambda x: jnp.round(3 * x) + jnp.floor(x) * jnp.ceil(x) + jnp.sign(x) + (10 * x).astype(int) + x // 0.3, (A,)),
    "answers": (lambda x: ((x > 0) & ~(x < 0.5) | (x == x[0])).astype(float) + jnp.any(x > 2, 1, keepdims=True), (A,)),
    "argmax": (lambda x: jnp.argmax(x, 1) + jnp.take_along_axis(x, jnp.argmin(x, 1, keepdims=True), 1).sum(), (A,)),
}  # fmt: skip
DIFFERENT = ("places", "branches", "answers", "argmax", "rounding", "random", "loops")
"""Not differentiated as well."""


def _differentiated(f: Callable[..., Any]) -> Callable[..., Any]:
    """Gradient, and the derivative of the gradient: what the checks differentiate."""

    def both(*xs: Any) -> Any:
        gradient = jax.grad(lambda *of: jnp.sum(jnp.sin(f(*of)) * f(*of)), tuple(range(len(xs))))
        return jax.jvp(gradient, xs, tuple(jnp.cos(x) for x in xs))

    return both


def _apart(f: Callable[..., Any], xs: tuple[np.ndarray, ...], rules: Any = None) -> float:
    """How far the middles of balls are from what JAX computes in float64, relative to the largest."""
    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(f)(*xs)
        computed = jax.tree.leaves(jax.jit(f)(*xs))
    with bits(200):
        found = evaluate(jaxpr, xs, rules)
        pairs = [(exact(y), exact(v) if v.dtype != object else v) for y, v in zip(computed, found, strict=True)]
        assert all(a.shape == b.shape for a, b in pairs)
        return max(float(abs(b - a).mid()) for p, q in pairs for a, b in zip(p.reshape(-1), q.reshape(-1), strict=True)) / max(
            1.0, *(float(np.abs(y).max()) for y in computed)
        )


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_agree_with_float64(name: str) -> None:
    f, xs = PROGRAMS[name]
    assert _apart(f, xs) < 1e-13


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in DIFFERENT])
def test_derivatives_agree_with_float64(name: str) -> None:
    f, xs = PROGRAMS[name]
    assert _apart(_differentiated(f), xs) < 1e-12


PLANTED = {
    "tanh": lambda _, x: x,
    "mul": lambda _, a, b: BINARY["mul"](a, b) * arb(1 + 1e-9),
    "rsqrt": lambda _, x: np.frompyfunc(arb.sqrt, 1, 1)(x),
    "select_n": lambda _, which, no, yes: no if no.size > 1 else yes,
    "reduce_sum": lambda e, x: np.asarray(x, object).sum(tuple(e.params["axes"])) * arb(1.000001),
    "conv_general_dilated": lambda e, x, w: exact(np.zeros(e.outvars[0].aval.shape)),
}


@pytest.mark.parametrize("name", PLANTED)
def test_wrong_rules_are_noticed(name: str) -> None:
    def f(x: Any, w: Any) -> Any:
        z = PROGRAMS["conv"][0](x, w)
        return jnp.tanh(z) * lax.rsqrt(jnp.sum(z * z, 0) + 1) * jnp.where(z > 0, z, 0.1 * z)

    assert _apart(f, (A, W)) < 1e-13
    assert _apart(f, (A, W), {name: PLANTED[name]}) > 1e-10


def test_literals_are_those_of_the_type() -> None:
    """0.1 is another number in bfloat16, and what is added to it is exact."""
    jaxpr = jax.make_jaxpr(lambda x: x + 0.1)(np.ones((), jnp.bfloat16))
    with bits(200):
        (y,) = evaluate(jaxpr, [np.ones((), jnp.bfloat16)])
        assert y[()] == arb(1) + arb(float(jnp.bfloat16(0.1)))
        assert y[()] != arb(1) + arb(0.1)


def test_what_cancels_is_enclosed() -> None:
    """1e16 + 1 − 1e16 is 1, and 10⁻³⁰ of a variance is seen."""
    big = np.array([1e16, 1e16 + 2, 1e16 + 4])
    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(lambda x: jnp.mean(x * x) - jnp.mean(x) ** 2)(big)
    with bits(300):
        (y,) = evaluate(jaxpr, [big])
        assert abs(y[()] - arb(8) / 3) < arb(1e-30)


def test_an_open_comparison_gives_a_ball_around_both_sides() -> None:
    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(lambda x: jnp.where(jnp.sqrt(x) ** 2 >= x, 1.0, 2.0))(np.array(2.0))
        whole = jax.make_jaxpr(lambda x: (jnp.sqrt(x) ** 2).astype(int))(np.array(2.0))
    with bits(200):
        (y,) = evaluate(jaxpr, [np.array(2.0)])
        assert y[()].contains(1)
        assert y[()].contains(2)
        with pytest.raises(UndecidedError):
            evaluate(whole, [np.array(2.0)])


def test_unknown_operations_are_refused() -> None:
    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(lambda x: jnp.nextafter(x, 1.0))(np.array(2.0))
    with pytest.raises(UnknownOperationError, match="nextafter"):
        evaluate(jaxpr, [np.array(2.0)])
