"""Shape inference is what JAX says, layer by layer; defaults are as documented."""

from __future__ import annotations

import math
from functools import partial

import jax
import jax.numpy as jnp
import pytest
from hypothesis import HealthCheck, given, settings

from bnproof.chain.build import Built, build
from bnproof.chain.examples import EXAMPLES
from bnproof.chain.ops import Moment
from bnproof.chain.shapes import Place, walk
from bnproof.chain.tree import Chain, Shape
from bnproof.errors import ChainError
from bnproof.modes import MODES, Mode

from .samples import SAMPLES
from .trees import chains

KEY = jax.ShapeDtypeStruct((2,), jnp.uint32)
EXAMPLE_TEXTS = [text for example in EXAMPLES.values() for text in (example.chain, *example.variants.values())]


def struct(shape: Shape) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, jnp.float32)


def planned(here: Place, mode: Mode) -> tuple[Shape, dict[str, Shape]]:
    """What JAX says one layer returns in its place: the output's shape and those of the new statistics."""
    held = {**here.plan.parameters, **here.plan.statistics}
    values = {name: struct(value.shape) for name, value in held.items()}
    inputs = [struct(here.shape), *(struct(branch[-1].plan.output) for branch in here.branches)]
    output, new = jax.eval_shape(lambda v, xs, key: here.plan.run(v, xs, Moment(mode, key)), values, inputs, KEY)
    return output.shape, {name: value.shape for name, value in new.items()}


def assert_shapes_are_jax_s(built: Built, modes: tuple[Mode, ...]) -> None:
    for mode in modes:
        output, stats = jax.eval_shape(partial(built.apply, mode=mode), *built.structs(), key=KEY)
        assert output.shape == built.output_shape
        assert {name: value.shape for name, value in stats.items()} == built.statistics


@pytest.mark.parametrize("text", [*SAMPLES, *EXAMPLE_TEXTS])
def test_shapes_are_what_jax_says(text: str) -> None:
    built = build(text)
    assert_shapes_are_jax_s(built, MODES)
    for here in walk(built.places):
        for mode in MODES:
            output, new = planned(here, mode)
            assert output == here.plan.output == built.shapes[here.name]
            expected = {name: value.shape for name, value in here.plan.statistics.items()}
            assert new == (expected if mode == "train" else {})


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chains())
def test_random_chains_fit_as_jax_says_or_are_refused(tree: Chain) -> None:
    try:
        built = build(tree)
    except ChainError:
        return
    if math.prod(built.output_shape) < 2**31:  # repeated upsampling overflows XLA's own index type
        assert_shapes_are_jax_s(built, ("train",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conv", (4, 3, 8, 8)),
        ("bn -> relu", (4, 3, 8, 8)),
        ("maxpool", (4, 3, 8, 8)),
        ("linear", (4, 8)),
        ("conv1d", (4, 3, 8)),
        ("conv3d", (4, 3, 8, 8, 8)),
        ("attention", (4, 8, 6)),
        ("residual(linear)", (4, 8)),
        ("concat(residual(attention); identity)", (4, 8, 6)),
        ("linear @ 5x7", (5, 7)),
    ],
)
def test_default_inputs(text: str, expected: Shape) -> None:
    assert build(text).input_shape == expected


@pytest.mark.parametrize("k", [1, 3, 5, 7])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("pad", ["zeros", "circular", "reflect", "replicate"])
def test_odd_kernels_keep_the_size(k: int, dilation: int, pad: str) -> None:
    built = build(f"conv(k={k}, dilation={dilation}, pad={pad}) @ 2x3x9x7")
    assert built.output_shape == (2, 8, 9, 7)


def test_shapes_of_a_nested_chain_by_name() -> None:
    built = build("conv -> concat(conv(4) -> bn; residual(bn)) -> maxpool -> flatten -> linear(2)")
    assert dict(built.shapes) == {
        "conv1": (4, 8, 8, 8),
        "concat1": (4, 12, 8, 8),
        "conv2": (4, 4, 8, 8),
        "bn1": (4, 4, 8, 8),
        "residual1": (4, 8, 8, 8),
        "bn2": (4, 8, 8, 8),
        "maxpool1": (4, 12, 4, 4),
        "flatten1": (4, 192),
        "linear1": (4, 2),
    }
