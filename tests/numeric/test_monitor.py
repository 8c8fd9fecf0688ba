"""The check inside the step: right gradients, a bound that holds and is not idle, and errors that it catches."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.errors import CheckError
from bnproof.numeric import monitor
from bnproof.numeric.monitor import monitored_batchnorm, within_bound, without_check
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF, computing
from bnproof.numeric.roundoff.reduction_tree import depth

SHAPES = [(2, 3), (3, 4, 5), (8, 2, 8, 8), (4, 2, 32, 32)]
FORMATS = ["float64", "float32"]
HALF = ["bfloat16", "float16"]
OFFSETS = (0.0, 1.0, 1e2, 1e4)
"""|μ|/σ of z."""


def axes_of(z: Any) -> tuple[int, ...]:
    return (0, *range(2, z.ndim))


def column(v: Any, z: Any) -> Any:
    return v.reshape(-1, *(1,) * (z.ndim - 2))


def plain(z: Any, gamma: Any, beta: Any, mean_constant: bool = False, variance_constant: bool = False) -> Any:
    """Batch normalisation for autodiff, or a wrong one whose statistics count as constants."""
    mean = jnp.mean(z, axes_of(z), keepdims=True)
    centred = z - (lax.stop_gradient(mean) if mean_constant else mean)
    variance = jnp.mean(centred**2, axes_of(z), keepdims=True)
    inverse = 1 / jnp.sqrt((lax.stop_gradient(variance) if variance_constant else variance) + 1e-5)
    return centred * inverse * column(gamma, z) + column(beta, z)


def problem(shape: tuple[int, ...], seed: int, offset: float = 0.0, kind: int = 0) -> list[np.ndarray]:
    """z, gamma, beta, the probe and dy: of mean 0, of mean 1, correlated with z, or one number and zeros."""
    random = np.random.default_rng(seed)
    z, dy = random.normal(size=shape), random.normal(size=shape)
    if kind == 3:
        dy = np.where(np.arange(dy.size).reshape(shape) < shape[-1], dy, 0.0)
    c = shape[1]
    dy = dy + (kind == 1) + 2 * z * (kind == 2)
    return [z + offset, random.normal(size=c), random.normal(size=c), np.zeros((2, c)), dy]


def pulled(args: list[np.ndarray], dtype: str, normalise: Callable[..., Any] = monitored_batchnorm) -> list[np.ndarray]:
    """Output and gradients of z, gamma, beta and probe, in that format."""
    with computing(dtype):
        wide = "float32" if dtype in HALF else dtype
        z, gamma, beta, probe, dy = (jnp.asarray(a, dtype if k in (0, 4) else wide) for k, a in enumerate(args))
        y, gradients = _compiled(normalise)(z, gamma, beta, probe, dy)
        return [np.asarray(a) for a in (y, *gradients)]


@functools.cache
def _compiled(normalise: Callable[..., Any]) -> Callable[..., Any]:
    """For a function with a planted error pass a new object: this remembers the compiled ones."""

    def run(z: Any, gamma: Any, beta: Any, probe: Any, dy: Any) -> Any:
        y, pull = jax.vjp(normalise, z, gamma, beta, probe)
        return y, pull(dy)

    return jax.jit(run)


def ratios(shape: tuple[int, ...], dtype: str, normalise: Callable[..., Any]) -> np.ndarray:
    """measured / bound of 80 random cases, per channel; asserts that each passes."""
    found: list[np.ndarray] = []
    for offset in OFFSETS:
        for kind in range(4):
            for seed in range(5):
                gradient = pulled(problem(shape, seed, offset, kind), dtype, normalise)[4].astype(np.float64)
                assert np.all(np.asarray(within_bound(gradient))), (offset, kind, seed, gradient)
                found.append(np.abs(gradient[0]) / gradient[1])
    return np.array(found)


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("shape", SHAPES[1:])
def test_gradients_are_those_of_autodiff(shape: tuple[int, ...], dtype: str) -> None:
    args = problem(shape, 0, offset=0.5, kind=1)
    ours = pulled(args, dtype)
    autodiff = pulled(args, dtype, lambda z, gamma, beta, probe: plain(z, gamma, beta) + 0 * jnp.sum(probe))
    without = pulled(args, dtype, without_check)
    tolerance = 500 * UNIT_ROUNDOFF[dtype]
    for a, b, c in zip(ours[:4], autodiff[:4], without[:4], strict=True):
        assert a.dtype == np.dtype(dtype)
        np.testing.assert_allclose(a, b, atol=tolerance * np.abs(b).max())
        np.testing.assert_allclose(a, c, atol=tolerance * np.abs(b).max())
    assert not without[4].any()
    assert ours[4][1].all()


@pytest.mark.parametrize("dtype", FORMATS)
def test_bound_holds_in_any_order_and_is_not_idle(dtype: str) -> None:
    largest = [ratios(shape, dtype, monitored_batchnorm).max() for shape in SHAPES]
    assert max(largest) > 1e-3
    assert min(largest) > 0


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("shape", [(3, 4, 5), (8, 2, 8, 8), (4, 2, 32, 32)])
def test_bound_of_the_measured_tree(shape: tuple[int, ...], dtype: str) -> None:
    """Within 1000 times the largest error measured, for every size."""
    measured = depth(shape, (0, *range(2, len(shape))), dtype)
    found = ratios(shape, dtype, functools.partial(monitored_batchnorm, depth=measured))
    assert found.max() > 1e-3


@pytest.mark.parametrize("dtype", HALF)
def test_half_types_are_summed_in_float32(dtype: str) -> None:
    for shape in SHAPES[1:3]:
        assert ratios(shape, dtype, monitored_batchnorm).max() > 1e-3
    y, dz, dgamma, _, gradient = pulled(problem((8, 2, 8, 8), 0), dtype)
    assert y.dtype == dz.dtype == jnp.dtype(dtype)
    assert dgamma.dtype == gradient.dtype == np.float32
    exact = pulled(problem((8, 2, 8, 8), 0), "float32")
    np.testing.assert_allclose(dz.astype(np.float32), exact[1], atol=8 * UNIT_ROUNDOFF[dtype] * np.abs(exact[1]).max())


@pytest.mark.parametrize(("dtype", "size"), [("float32", 3e-36), ("float16", 3e-6), ("bfloat16", 3e-36)])
def test_underflow_is_covered(dtype: str, size: float) -> None:
    for seed in range(20):
        z, gamma, beta, probe, dy = problem((8, 2, 8, 8), seed, kind=1)
        gradient = pulled([z, np.full_like(gamma, 1e-2), beta, probe, dy * size], dtype)[4]
        assert np.all(np.asarray(within_bound(gradient)))


def over_fewer(dy: Any, x: Any, slope: Any, means: Any) -> Any:
    count = dy.size // dy.shape[1]
    return column(slope, dy) * (dy - column(means[0] * count / (count - 1), dy) - x * column(means[1], dy))


def constant_mean(dy: Any, x: Any, slope: Any, means: Any) -> Any:
    return column(slope, dy) * (dy - x * column(means[1], dy))


def constant_variance(dy: Any, x: Any, slope: Any, means: Any) -> Any:
    return column(slope, dy) * (dy - column(means[0], dy))


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("wrong", [over_fewer, constant_mean])
def test_wrong_gradients_are_caught(monkeypatch: pytest.MonkeyPatch, wrong: Callable[..., Any], dtype: str) -> None:
    monkeypatch.setattr(monitor, "_input_gradient", wrong)
    for offset in (0.0, 1e2):
        gradient = pulled(problem((8, 2, 8, 8), 0, offset, kind=1), dtype, functools.partial(monitored_batchnorm, depth=511))[4]
        assert not np.any(np.asarray(within_bound(gradient)))


@pytest.mark.parametrize(("wrong", "constant", "caught"), [(constant_mean, 1, True), (constant_variance, 2, False)])
def test_statistics_taken_as_constants(
    monkeypatch: pytest.MonkeyPatch, wrong: Callable[..., Any], constant: int, caught: bool
) -> None:
    """A constant mean moves the sum; a constant variance is wrong, too, but leaves the sum zero: not this check's to see."""
    args = problem((8, 2, 8, 8), 0, kind=1)
    frozen = pulled(args, "float64", lambda z, g, b, p: plain(z, g, b, constant == 1, constant == 2) + 0 * jnp.sum(p))
    right = pulled(args, "float64")
    monkeypatch.setattr(monitor, "_input_gradient", wrong)
    found = pulled(args, "float64", functools.partial(monitored_batchnorm, depth=511))
    np.testing.assert_allclose(found[1], frozen[1], atol=1e-12)
    assert np.abs(found[1] - right[1]).max() > 1e-3
    assert np.all(np.asarray(within_bound(found[4]))) != caught


def test_a_bound_a_million_times_smaller_is_violated() -> None:
    for dtype in FORMATS:
        gradient = pulled(problem((8, 2, 8, 8), 0, kind=1), dtype)[4]
        assert not np.any(np.asarray(within_bound(gradient * np.array([[1.0], [1e-6]]))))


def test_nan_and_infinity_never_pass() -> None:
    gradient = jnp.array([[0.0, math.nan, 0.0, 1.0, math.inf], [1.0, 1.0, math.nan, math.inf, math.inf]])
    assert within_bound(gradient).tolist() == [True, False, False, False, False]
    for place in (0, 1, 4):
        args = problem((8, 2, 8, 8), 0)
        args[place].reshape(-1)[0] = math.nan
        assert np.asarray(within_bound(pulled(args, "float32")[4])).tolist() == [False, True]


def test_it_is_the_gradient_of_a_bias_before_it() -> None:
    x, gamma, beta, probe, dy = (jnp.asarray(a, jnp.float32) for a in problem((4, 3, 6, 6), 0, kind=1))
    kernel = jnp.asarray(np.random.default_rng(1).normal(size=(3, 3, 3, 3)), jnp.float32)

    def loss(bias: Any, probe: Any) -> Any:
        z = lax.conv_general_dilated(x, kernel, (1, 1), "SAME") + bias[:, None, None]
        return jnp.sum(dy * monitored_batchnorm(z, gamma, beta, probe))

    value, gradient = jax.jit(loss), jax.jit(jax.grad(loss, (0, 1)))
    bias, (total, bound) = gradient(jnp.ones(3), probe)
    assert np.all(np.abs(bias) <= bound)
    assert np.all(np.abs(bias - total) <= bound)
    assert value(jnp.ones(3), probe + 7) == value(jnp.ones(3), probe)
    twice = jax.jit(jax.grad(lambda p: loss(jnp.ones(3), p) - 3 * loss(jnp.zeros(3), p)))(probe)
    assert np.all(np.asarray(within_bound(twice)))
    assert np.all(twice[1] > 3 * bound)


def test_vmap_is_one_by_one() -> None:
    many = [problem((3, 4, 5), seed, kind=1) for seed in range(6)]
    args = [jnp.asarray(np.stack(a), jnp.float32) for a in zip(*many, strict=True)]
    together = jax.jit(jax.vmap(lambda *a: jax.vjp(monitored_batchnorm, *a[:-1])[1](a[-1])))(*args)
    for seed, one in enumerate(many):
        for a, b in zip(together[:3], pulled(one, "float32")[1:4], strict=True):
            np.testing.assert_allclose(a[seed], b, atol=1e-5)
        np.testing.assert_allclose(together[3][seed][1], pulled(one, "float32")[4][1], rtol=1e-5)
    assert within_bound(together[3]).shape == (6, 4)
    assert np.all(np.asarray(within_bound(together[3])))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({0: jnp.ones(3)}, r"z of shape \(3,\)"),
        ({0: jnp.ones((0, 3))}, r"z of shape \(0, 3\)"),
        ({0: jnp.ones((2, 3), int)}, "z of type int32"),
        ({1: jnp.ones(4)}, r"gamma of shape \(4,\): expected \(3,\) for z of shape \(2, 3, 5\)"),
        ({2: jnp.ones((3, 1))}, r"beta of shape \(3, 1\)"),
        ({3: jnp.zeros(3)}, r"probe of shape \(3,\): expected \(2, 3\)"),
        ({3: jnp.zeros((2, 3), jnp.bfloat16)}, "probe of type bfloat16: expected float32"),
        ({4: 0.0}, "eps = 0.0"),
        ({4: math.nan}, "eps = nan"),
        ({5: 3}, r"depth 3: .* shape \(2, 3, 5\), has a depth of 4 to 9"),
        ({5: 10}, "depth 10"),
    ],
)
def test_wrong_arguments(changed: dict[int, Any], message: str) -> None:
    args: list[Any] = [jnp.ones((2, 3, 5)), jnp.ones(3), jnp.zeros(3), jnp.zeros((2, 3)), 1e-5, 4]
    monitored_batchnorm(*args)
    for k, value in changed.items():
        args[k] = value
    with pytest.raises(CheckError, match=message):
        monitored_batchnorm(*args)
    if 5 not in changed:
        with pytest.raises(CheckError, match=message):
            without_check(*args[:5])


def test_sums_too_long_for_the_format() -> None:
    args = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in ((2**23, 1), (1,), (1,), (2, 1))]
    with pytest.raises(CheckError, match=r"shape \(8388608, 1\).*reduction_tree"):
        jax.eval_shape(monitored_batchnorm, *args)
    assert jax.eval_shape(functools.partial(monitored_batchnorm, depth=40), *args).shape == (2**23, 1)


def test_wrong_shape_of_a_gradient() -> None:
    with pytest.raises(CheckError, match=r"\(3, 4\)"):
        within_bound(jnp.ones((3, 4)))
