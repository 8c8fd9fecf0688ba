"""Every layer computes what an independent reference computes."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.chain.build import Built, build
from bnproof.chain.layers import LAYERS
from bnproof.chain.ops.operation import OPERATIONS, operation
from bnproof.chain.shapes import walk
from bnproof.modes import Mode

from .reference import REFERENCES, Array, run
from .samples import SAMPLES


def numbers(built: Built, seed: int) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """Random parameters, statistics and input; variances positive, nothing zero."""
    random = np.random.default_rng(seed)
    params = {name: random.normal(size=shape) for name, shape in built.parameters.items()}
    stats = {name: np.abs(random.normal(size=shape)) + 0.1 for name, shape in built.statistics.items()}
    return params, stats, random.normal(size=built.input_shape)


def single(values: dict[str, Array]) -> dict[str, jax.Array]:
    return {name: jnp.asarray(value, jnp.float32) for name, value in values.items()}


def test_every_layer_has_an_operation_a_reference_and_a_sample() -> None:
    used = {here.layer.token for text in SAMPLES for here in walk(build(text).places)}
    assert set(LAYERS) == set(OPERATIONS) == set(REFERENCES) == used


def test_two_operations_for_one_layer_are_refused() -> None:
    with pytest.raises(ValueError, match="the layer `relu` has two operations"):
        operation("relu")(OPERATIONS["relu"])


@pytest.mark.parametrize("text", SAMPLES)
def test_layers_compute_what_the_reference_computes(text: str) -> None:
    built = build(text)
    params, stats, x = numbers(built, 7)
    modes: tuple[Mode, ...] = ("train", "eval", "frozen") if built.statistics else ("eval",)
    for mode in modes:
        apply = jax.jit(partial(built.apply, mode=mode))
        output, _ = apply(single(params), single(stats), jnp.asarray(x, jnp.float32))
        expected = run(built.places, {**params, **stats}, x, mode)
        assert output.dtype == jnp.float32
        assert output.shape == expected.shape == built.output_shape
        np.testing.assert_allclose(output, expected, rtol=2e-5, atol=2e-5)
