"""Every layer computes what an independent reference computes."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.chain.build import Built, build
from bnproof.chain.layers import ALIASES, LAYERS
from bnproof.chain.ops.operation import OPERATIONS, operation
from bnproof.chain.shapes import walk
from bnproof.errors import ChainError
from bnproof.modes import Mode

from .reference import REFERENCES, Array, run
from .samples import SAMPLES


def numbers(built: Built, seed: int) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """Random parameters, statistics and input; variances positive, nothing zero."""
    random = np.random.default_rng(seed)
    params = {name: random.normal(size=shape) for name, shape in built.parameters.items()}
    stats = {name: np.abs(random.normal(size=shape)) + 0.1 for name, shape in built.statistics.items()}
    return params, stats, 3 * random.normal(size=built.input_shape)  # so that both sides of every kink are reached


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


@pytest.mark.parametrize(("size", "k", "s"), [(8, 3, 1), (7, 3, 2), (8, 3, 2), (5, 2, 2), (9, 5, 3), (4, 1, 3)])
def test_same_is_tensorflow_s_rule_and_pytorch_s_at_stride_1(size: int, k: int, s: int) -> None:
    built = build(f"conv1d(1, k={k}, s={s}, pad=same) @ 1x1x{size}")
    assert built.output_shape[2] == -(-size // s)
    x = jnp.arange(size, dtype=jnp.float32).reshape(1, 1, size)
    params = {"conv1d1.kernel": jnp.ones((1, 1, k)), "conv1d1.bias": jnp.zeros(1)}
    expected = jax.lax.conv_general_dilated(x, jnp.ones((1, 1, k)), (s,), "SAME")
    np.testing.assert_array_equal(built.apply(params, {}, x, "eval")[0], expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv(k=(3,3,3))", "k has 3 numbers, and there are 2 axes of positions"),
        ("maxpool(s=(2,2)) @ 2x3x8", "s has 2 numbers, and there are 1 axes of positions"),
        ("conv(pad=circular, padding_mode=reflect)", "pad=circular contradicts padding_mode=reflect"),
        ("conv(padding_mode=reflect)", "pad=zeros contradicts padding_mode=reflect"),
        ("conv(pad=8, padding_mode=reflect)", "reflect padding of 8 does not fit"),
        ("reflectpad(after=8)", "reflect padding of 8 does not fit"),
        ("circularpad(9)", "circular padding of 9 does not fit"),
        ("adaptiveavgpool(3)", "8 positions are not 3 blocks of equal size"),
        ("hardtanh(1, 1)", "low=1 is not below high=1"),
        ("upsample(align_corners=yes)", "align_corners is for bilinear alone"),
        ("convtranspose(output_padding=1)", "output_padding of 1 is too large"),
        ("convtranspose(pad=5)", "pad leaves no output"),
        ("maxpool(2, pad=2)", "padding of 2 is more than half of k=2"),
        ("maxpool(2, pad=4, dilation=9)", "all taps of a window could lie in the padding"),
        ("conv(4, k=(3,9), pad=valid)", "a kernel of 9 is larger than its input"),
        ("zeropad @ 2x3", "zeropad needs batch × channels × positions"),
    ],
)
def test_layers_that_do_not_fit(text: str, message: str) -> None:
    with pytest.raises(ChainError) as error:
        build(text if "@" in text else f"{text} @ 4x3x8x8")
    assert str(error.value).splitlines()[0] == message


def test_usual_spellings_mean_these_layers() -> None:
    for theirs, ours in {
        "leaky_relu": "lrelu",
        "layer_norm": "ln",
        "batch_norm": "bn",
        "batchnorm2d": "bn",
        "conv_transpose": "convtranspose",
        "conv2d": "conv",
        "max_pool": "maxpool",
        "avg_pool2d": "avgpool",
        "global_avg_pool": "globalpool",
        "adaptive_avg_pool2d": "adaptiveavgpool",
        "dropout2d": "channeldropout",
        "swish": "silu",
        "hard_swish": "hardswish",
        "group_norm": "gn",
        "instancenorm2d": "in",
        "dense": "linear",
    }.items():
        assert ALIASES[theirs] == ours
