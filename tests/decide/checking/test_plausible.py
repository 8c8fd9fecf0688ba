"""Whether a bias gradient is round-off: never above the bound where it is, implausible where the program has a bug."""

from __future__ import annotations

import functools
import json
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import bnproof
from bnproof.errors import CheckError
from bnproof.numeric.roundoff.precision import computing, storage

WAYS = ("twopass", "onepass", "closed")
FEW, GAMMA, EPS = 3, 1.25, 0.01


def normalised(z: Any, way: str) -> Any:
    mean = jnp.mean(z, 0)
    square = jnp.mean(z * z, 0) - mean * mean if way == "onepass" else jnp.mean((z - mean) ** 2, 0)
    return (z - mean) * jax.lax.rsqrt(jnp.maximum(0, square) + EPS) * GAMMA


@jax.custom_vjp
def closed(z: Any) -> Any:
    return normalised(z, "twopass")


def forward(z: Any) -> Any:
    mean = jnp.mean(z, 0)
    scale = jax.lax.rsqrt(jnp.mean((z - mean) ** 2, 0) + EPS)
    return (z - mean) * scale * GAMMA, (z, mean, scale)


def backward(saved: Any, g: Any) -> Any:
    z, mean, scale = saved
    x = (z - mean) * scale
    return (GAMMA * scale * (g - jnp.mean(g, 0) - x * jnp.mean(g * x, 0)),)


closed.defvjp(forward, backward)


@functools.cache
def gradient_of(way: str) -> Any:
    """(x, weights, bias, cotangent) → (gradient of the bias by autodiff, what is normalised)."""

    @jax.jit
    def run(x: Any, w: Any, b: Any, g: Any) -> Any:
        z = x @ w
        _, pull = jax.vjp(lambda b: closed(z + b) if way == "closed" else normalised(z + b, way), b)
        return pull(g)[0], z + b

    return run


def drawn(dtype: str, way: str, n: int, offset: float, scale: float, shift: float, seed: int) -> tuple[Any, Any, Any]:
    """The gradient of the bias of linear → batch normalisation, cotangents, and what was normalised."""
    random, kind = np.random.default_rng(seed), storage(dtype)
    with computing(dtype):
        x = jnp.asarray(random.normal(size=(n, 4)).astype(kind))
        w = jnp.asarray((scale * random.normal(size=(4, FEW))).astype(kind))
        g = jnp.asarray((random.normal(size=(n, FEW)) + shift).astype(kind))
        found, z = gradient_of(way)(x, w, jnp.full(FEW, offset, kind), g)
    return np.asarray(found), np.asarray(g), np.asarray(z)


HOSTILE = ((0.0, 1.0, 0.0), (0.0, 1e-3, 1.0), (30.0, 0.5, 0.0), (-300.0, 2.0, 1.0), (1e4, 1.0, 0.0))
"""(offset, scale, mean of the cotangents)."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
def test_round_off_never_exceeds_the_bound(dtype: str, way: str) -> None:
    finite = 0
    sums = {"bfloat16": "float32", "float16": "float32"}
    for n in (2, 7, 100, 4096, *((100_000,) if dtype == "float32" else ())):
        for k, (offset, scale, shift) in enumerate(HOSTILE):
            gradient, cotangent, z = drawn(dtype, way, n, offset, scale, shift, seed=n + k)
            if not np.isfinite(gradient.astype(np.float64)).all():
                assert dtype == "float16"  # squares overflow
                continue
            variance = "onepass" if way == "onepass" else "twopass"
            shared: dict[str, Any] = {
                "gamma": GAMMA,
                "eps": EPS,
                "dtype": dtype,
                "accumulate": sums.get(dtype),
                "variance": variance,
            }
            known = bnproof.plausible(gradient, cotangent, inputs=z, **shared)
            finite += math.isfinite(known.bound)
            assert known.gradient <= known.bound, (n, offset)
            for c in range(FEW):  # the norm alone
                wide = z[:, c].astype(np.float64)
                told = bnproof.plausible(
                    float(gradient[c]),
                    float(np.linalg.norm(cotangent[:, c].astype(np.float64))),
                    count=n,
                    sigma=wide.std(),
                    mean=wide.mean(),
                    **shared,
                )
                assert told.gradient <= told.bound, (n, offset)
                assert told.zone != "implausible"
                assert told.expected <= told.bound or offset
    assert finite > 5


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_expected_size_is_of_the_right_order(dtype: str, way: str) -> None:
    for n in (7, 100, 4096, 30_000):
        for offset, shift in ((0.0, 0.0), (3.0, 0.0), (0.0, 0.5)):
            ratios: list[float] = []
            for seed in range(4):
                gradient, cotangent, z = drawn(dtype, way, n, offset, 1.0, shift, seed)
                for c in range(FEW):
                    found = bnproof.plausible(
                        gradient[c : c + 1], cotangent[:, c : c + 1], inputs=z[:, c : c + 1], gamma=GAMMA, eps=EPS, dtype=dtype,
                        variance="onepass" if way == "onepass" else "twopass",
                    )  # fmt: skip
                    ratios.append(found.gradient / found.expected)
                    assert found.zone == "plausible"
            assert 0.1 <= float(np.median(ratios)) <= 10, (n, offset, shift, np.median(ratios))


def test_convolution_and_instance_normalisation() -> None:
    random = np.random.default_rng(0)
    x, w = (jnp.asarray(random.normal(size=shape), jnp.float32) for shape in ((4, 3, 9, 9), (5, 3, 3, 3)))
    g = jnp.asarray(random.normal(size=(4, 5, 7, 7)), jnp.float32)
    for axes, norm in (((0, 2, 3), "bn"), ((2, 3), "in")):

        def layer(b: Any, axes: Any = axes) -> Any:
            z = jax.lax.conv_general_dilated(x, w, (1, 1), "VALID") + b[:, None, None]
            centred = z - z.mean(axes, keepdims=True)
            return centred * jax.lax.rsqrt((centred**2).mean(axes, keepdims=True) + EPS)

        gradient = jax.vjp(jax.jit(layer), jnp.ones(5))[1](g)[0]
        found = bnproof.plausible(gradient, g, sigma=3.0, eps=EPS, norm=norm)  # type: ignore[arg-type]
        assert found.zone == "plausible"
        assert found.setting.values == 4 * 49
        assert found.setting.sets == (4 if norm == "in" else 1)
        assert found.gradient > 0.01 * found.expected


def test_layer_normalisation_has_a_zero_sum() -> None:
    random = np.random.default_rng(0)
    x, g = (jnp.asarray(random.normal(size=(32, 16)), jnp.float32) for _ in range(2))

    def layer(b: Any) -> Any:
        centred = x + b - (x + b).mean(1, keepdims=True)
        return centred * jax.lax.rsqrt((centred**2).mean(1, keepdims=True) + EPS)

    gradient = np.asarray(jax.vjp(layer, jnp.zeros(16))[1](g)[0])
    norm = float(jnp.linalg.norm(g))
    sigma = float(x.std(1).min())
    settings: dict[str, Any] = {"count": 16, "sets": 32, "norm": "ln", "sigma": sigma, "eps": EPS}
    assert bnproof.plausible(float(gradient.sum()), norm, **settings).zone == "plausible"
    assert not bnproof.plausible(float(np.abs(gradient).max()), norm, **settings).plausible
    assert "A sum of" in bnproof.plausible(0.0, norm, **settings).sentence


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("bug", ["relu", "frozen", "cotangent", "mixed"])
def test_bugs_are_implausible(dtype: str, bug: str) -> None:
    """A ReLU between, stored statistics, the mean's gradient forgotten, a mean mixed with a stored one."""
    random, n = np.random.default_rng(1), 2048
    with computing(dtype):
        z, g = (jnp.asarray(random.normal(size=(n, FEW)), dtype) for _ in range(2))

        def layer(b: Any) -> Any:
            shifted = jax.nn.relu(z + b) if bug == "relu" else z + b
            mean, spread = shifted.mean(0), shifted.std(0)
            if bug == "frozen":
                mean, spread = jnp.zeros(FEW), jnp.ones(FEW)
            if bug == "cotangent":
                mean = jax.lax.stop_gradient(mean)
            if bug == "mixed":
                mean = 0.9 * mean
            return (shifted - mean) / jnp.sqrt(spread**2 + EPS)

        gradient = jax.vjp(jax.jit(layer), jnp.zeros(FEW))[1](g)[0]
        found = bnproof.plausible(gradient, g, sigma=0.5, eps=EPS)
    assert not found.plausible
    assert found.zone == "implausible"
    assert found.likely


def test_the_bound_is_not_far_above_what_a_bad_order_gives() -> None:
    """A mean summed one by one that loses as much as it can in half of its additions; the values are ±1, their mean 0."""
    n = 4096
    g = np.full(n, 1 + 0.49 * 2.0**-12, np.float32)
    total = np.float32(0)
    for one in g:  # from 2048 on numbers are 2⁻¹² apart
        total = np.float32(total + one)
    rest = g - total / np.float32(n)
    gradient = float(np.sum(rest.astype(np.float64)))
    bound = bnproof.plausible(gradient, float(np.linalg.norm(g)), count=n, mean=0.0).bound
    assert 0.02 * bound < abs(gradient) < bound


def test_zero_is_plausible_and_so_is_anything_smaller() -> None:
    for gradient in (0.0, 1e-30, -1e-30):
        assert bnproof.plausible(gradient, 0.7, count=4096).zone == "plausible"
    assert bnproof.plausible(0.0, 0.0, count=2).plausible
    assert not bnproof.plausible(1e-3, 0.0, count=2).plausible  # without cotangents nothing but underflow is left


def test_three_zones_in_order() -> None:
    found = bnproof.plausible(0.0, 1.0, count=1000)
    assert 0 < found.expected < found.probable < found.bound
    for size, zone in ((found.probable, "plausible"), (found.bound, "unusual"), (1.01 * found.bound, "implausible")):
        other = bnproof.plausible(size, 1.0, count=1000)
        assert other.zone == zone
        assert other.plausible is (zone != "implausible")
    assert "unusually large" in bnproof.plausible(found.bound, 1.0, count=1000).sentence


def test_no_bound_calls_nothing_implausible() -> None:
    found = bnproof.plausible(1e6, 1.0, count=1000, dtype="bfloat16", accumulate="bfloat16")
    assert found.bound == math.inf
    assert found.zone == "unusual"
    assert "any size" in found.sentence
    assert json.loads(json.dumps(found.as_json()))["bound"] == "inf"


@pytest.mark.parametrize(
    "larger", [{"gamma": 2.0}, {"mean": 50.0}, {"count": 2000}, {"dtype": "float32"}, {"variance": "onepass"}]
)
def test_sizes_grow_as_they_should(larger: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"count": 1000, "dtype": "float64", "mean": 0.5}
    one, other = bnproof.plausible(0.0, 1.0, **settings), bnproof.plausible(0.0, 1.0, **{**settings, **larger})
    assert other.bound > one.bound
    assert other.probable > one.probable
    assert other.expected >= one.expected


def test_a_tree_and_what_is_known_of_the_cotangent_sharpen_the_bound() -> None:
    any_order, tree = bnproof.plausible(0.0, 1.0, count=4096), bnproof.plausible(0.0, 1.0, count=4096, tree=12)
    assert tree.bound < any_order.bound / 50
    mean = bnproof.plausible(0.0, 1.0, count=4096, grad_mean=0.0, tree=12)
    assert mean.bound < tree.bound
    array = bnproof.plausible(np.zeros(1, np.float32), np.ones((8, 1), np.float32))
    assert array.setting.dtype == "float32"
    assert array.setting.count == 8


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"gradient": math.nan}, "gradient = nan"),
        ({"gradient": [math.inf]}, "gradient = inf"),
        ({"cotangent": -1.0}, "norm = -1"),
        ({"count": None}, "count is missing"),
        ({"count": 0}, "count = 0"),
        ({"count": 2.5}, "count = 2.5"),
        ({"dtype": "float23"}, "unknown dtype"),
        ({"norm": "rms"}, "subtracts no mean"),
        ({"norm": "bnn"}, "did you mean bn"),
        ({"variance": "threepass"}, "unknown variance"),
        ({"eps": -1e-5}, "eps = -1e-05"),
        ({"sigma": 0.0, "eps": 0.0}, "divides by 0"),
        ({"sigma": [1.0, 2.0]}, "sigma has 2 entries"),
        ({"grad_mean": 10.0}, "at most norm"),
        ({"failure": 0.0}, "failure = 0"),
        ({"tree": 1}, "tree = 1"),
        ({"accumulate": "bfloat16"}, "coarser"),
        ({"inputs": np.ones(3)}, "array of cotangents"),
        ({"cotangent": np.ones((4, 1))}, "leave it out|leave them out"),
        ({"cotangent": np.ones((4, 2)), "count": None}, "one number a channel"),
        ({"cotangent": np.ones((4, 1)), "count": None, "norm": "ln"}, "2-norm"),
        ({"cotangent": np.ones((0, 1)), "count": None}, "at least one value"),
        ({"cotangent": np.ones((4, 1)), "count": None, "inputs": np.ones((4, 2))}, "the cotangent's"),
        ({"cotangent": "large"}, "expected numbers"),
    ],
)
def test_nonsense_is_refused(changed: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"gradient": 1e-9, "cotangent": 1.0, "count": 64, **changed}
    with pytest.raises(CheckError, match=words):
        bnproof.plausible(given.pop("gradient"), given.pop("cotangent"), **given)


@pytest.mark.parametrize("seed", range(3, 12))
def test_values_that_hardly_differ_far_from_zero(seed: int) -> None:
    """Normalised, they are the round-off of their mean alone, and ε is far smaller than that squared."""
    random = np.random.default_rng(seed)
    offset = 10 ** random.uniform(0, 4, 8)
    spread = 1e-5 * random.normal(size=(512, 8)) if seed % 2 == 0 else np.zeros((512, 8))
    z = (offset * (1 + spread)).astype(np.float32)
    g = (random.normal(size=(512, 8)) + 5).astype(np.float32)
    eps = float(10 ** random.uniform(-12, -5))

    @jax.jit
    def loss(b: Any) -> Any:
        mean = jnp.mean(z + b, 0)
        square = jnp.maximum(0, jnp.mean((z + b) ** 2, 0) - mean * mean)
        return jnp.sum((z + b - mean) * jax.lax.rsqrt(square + eps) * g)

    found = np.asarray(jax.grad(loss)(jnp.zeros(8, np.float32)))
    said = bnproof.plausible(found, g, inputs=z, eps=eps, variance="onepass")
    assert said.gradient <= said.bound


@pytest.mark.parametrize("given", [{"gamma": 1e308}, {"sigma": 1e308}, {"mean": 1e200}])
def test_numbers_too_large_to_reckon_with(given: dict[str, Any]) -> None:
    with pytest.raises(CheckError, match="too large"):
        bnproof.plausible(1e-9, 1e308, count=40, **given)


@pytest.mark.parametrize(
    ("gradient", "dtype"),
    [(3e-9, "float32"), (np.float64(3e-9), "float32"), (np.float16(3e-9), "float16"), (np.full(1, 3e-9), "float64")],
)
def test_the_dtype_is_the_gradients_unless_that_is_a_plain_number(gradient: Any, dtype: str) -> None:
    assert bnproof.plausible(gradient, 0.7, count=64).setting.dtype == dtype
