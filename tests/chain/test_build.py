"""Names, starting values, what apply refuses, and tracing from shapes alone."""

from __future__ import annotations

import math
import re
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.chain.build import build
from bnproof.chain.examples import EXAMPLES, example
from bnproof.errors import ChainError, UnknownNameError
from bnproof.modes import MODES


def test_names_count_tokens_in_reading_order_nested_blocks_included() -> None:
    text = "conv -> residual(bn -> conv2d(8) -> bn) -> concat(conv(2); convtranspose) -> globalpool -> linear"
    built = build(text)
    assert list(built.parameters) == [
        *("conv1.kernel", "conv1.bias", "bn1.gamma", "bn1.beta", "conv2.kernel", "conv2.bias", "bn2.gamma", "bn2.beta"),
        *("conv3.kernel", "conv3.bias", "convtranspose1.kernel", "convtranspose1.bias", "linear1.kernel", "linear1.bias"),
    ]
    assert list(built.statistics) == ["bn1.running_mean", "bn1.running_var", "bn2.running_mean", "bn2.running_var"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conv", {"conv1.kernel": (8, 3, 3, 3), "conv1.bias": (8,)}),
        ("conv(6, k=5, groups=3, bias=no)", {"conv1.kernel": (6, 1, 5, 5)}),
        ("conv1d(2)", {"conv1d1.kernel": (2, 3, 3), "conv1d1.bias": (2,)}),
        ("conv3d(2)", {"conv3d1.kernel": (2, 3, 3, 3, 3), "conv3d1.bias": (2,)}),
        ("depthwise", {"depthwise1.kernel": (3, 1, 3, 3), "depthwise1.bias": (3,)}),
        ("convtranspose(6, groups=3)", {"convtranspose1.kernel": (3, 2, 3, 3), "convtranspose1.bias": (6,)}),
        ("linear(5)", {"linear1.kernel": (5, 8), "linear1.bias": (5,)}),
        ("bn", {"bn1.gamma": (3,), "bn1.beta": (3,)}),
        ("ln", {"ln1.gamma": (3,), "ln1.beta": (3,)}),
        ("gn", {"gn1.gamma": (3,), "gn1.beta": (3,)}),
        ("in", {"in1.gamma": (3,), "in1.beta": (3,)}),
        ("rms", {"rms1.gamma": (3,)}),
        ("rms(gamma=no) -> bn(gamma=no, beta=no) -> in(gamma=no) -> gn(beta=no)", {"in1.beta": (3,), "gn1.gamma": (3,)}),
        ("ln(over=all)", {"ln1.gamma": (3, 8, 8), "ln1.beta": (3, 8, 8)}),
        ("prelu", {"prelu1.slope": (1,)}),
        ("prelu(over=channels)", {"prelu1.slope": (3,)}),
        ("prelu(over=all)", {"prelu1.slope": (3, 8, 8)}),
        ("depthwise(multiplier=2)", {"depthwise1.kernel": (6, 1, 3, 3), "depthwise1.bias": (6,)}),
        ("conv(4, k=(3,5))", {"conv1.kernel": (4, 3, 3, 5), "conv1.bias": (4,)}),
        (
            "attention(4)",
            {
                f"attention1.{part}.{kind}": shape
                for part in ("q", "k", "v", "out")
                for kind, shape in (("kernel", (8, 8)), ("bias", (8,)))
            },
        ),
        ("relu -> dropout -> identity -> maxpool -> flatten", {}),
    ],
)
def test_parameters_by_name_and_shape(text: str, expected: dict[str, tuple[int, ...]]) -> None:
    assert dict(build(text).parameters) == expected


def test_defaults_are_pytorch_s_where_the_field_differs() -> None:
    built = build("bn -> ln -> gn -> in -> rms -> lrelu -> dropout -> conv -> maxpool -> convtranspose")
    arguments = {here.name: dict(here.layer.arguments) for here in built.places}
    scaled = {"gamma": True, "beta": True}
    assert arguments["bn1"] == {"eps": 1e-5, "momentum": 0.1, "variance": "twopass", **scaled, "track": True}
    assert arguments["ln1"] == {"eps": 1e-5, "over": "channels", **scaled}
    assert arguments["in1"] == {"eps": 1e-5, **scaled, "track": False, "momentum": 0.1}
    assert arguments["rms1"] == {"eps": 1e-5, "gamma": True}
    assert arguments["gn1"] == {"groups": 1, "eps": 1e-5, **scaled}
    assert arguments["lrelu1"] == {"a": 0.01}
    assert arguments["dropout1"] == {"p": 0.5}
    sliding = {"channels": 8, "k": 3, "s": 1, "pad": "zeros", "bias": True, "groups": 1, "dilation": 1}
    assert arguments["conv1"] == {**sliding, "standardised": False, "padding_mode": "zeros"}
    assert arguments["convtranspose1"] == {**sliding, "output_padding": None}
    assert arguments["maxpool1"] == {"k": 2, "s": None, "pad": 0, "ceil": False, "dilation": 1}


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_init_starts_as_pytorch_does(dtype: jnp.dtype) -> None:
    built = build("conv(64) -> bn -> flatten -> linear(10)")
    params, stats = built.init(jax.random.key(0), dtype)
    assert {name: value.shape for name, value in params.items()} == built.parameters
    assert {name: value.shape for name, value in stats.items()} == built.statistics
    assert {value.dtype for value in (*params.values(), *stats.values())} == {jnp.dtype(dtype)}
    for name, inputs in (("conv1.kernel", 27), ("conv1.bias", 27), ("linear1.kernel", 4096), ("linear1.bias", 4096)):
        largest = float(jnp.max(jnp.abs(params[name])))
        assert 0.5 / math.sqrt(inputs) < largest <= 1.01 / math.sqrt(inputs)
    for name, start in (("bn1.gamma", 1), ("bn1.beta", 0)):
        np.testing.assert_array_equal(params[name], np.full(64, start))
    for name, start in (("bn1.running_mean", 0), ("bn1.running_var", 1)):
        np.testing.assert_array_equal(stats[name], np.full(64, start))
    other, _ = built.init(jax.random.key(1), dtype)
    assert float(jnp.max(jnp.abs(other["conv1.bias"] - params["conv1.bias"]))) > 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_trace_from_shapes_alone(name: str) -> None:
    for text in (example(name).chain, *example(name).variants.values()):
        built = build(text)
        for mode in MODES:
            program = jax.make_jaxpr(partial(built.apply, mode=mode))(
                *built.structs(), key=jax.ShapeDtypeStruct((2,), jnp.uint32)
            )
            assert program.out_avals[0].shape == built.output_shape
    assert not jax.config.read("jax_enable_x64")


def test_a_layer_s_equations_carry_its_name() -> None:
    built = build("conv -> residual(bn)")
    program = jax.make_jaxpr(partial(built.apply, mode="eval"))(*built.structs())
    stacks = [str(equation.source_info.name_stack) for equation in program.eqns]
    assert {"conv1", "bn1", "residual1"} == set(stacks)


def test_shapes_may_be_far_larger_than_memory() -> None:
    built = build("linear(1000000) -> relu -> linear(100000) @ 4x100000")
    assert sum(math.prod(shape) for shape in built.parameters.values()) > 10**11
    program = jax.make_jaxpr(partial(built.apply, mode="train"))(*built.structs())
    assert program.out_avals[0].shape == (4, 100000)


def test_float64_stays_float64_where_it_is_switched_on() -> None:
    built = build("conv -> bn -> gelu -> dropout -> avgpool(3, pad=1, count_include_pad=no) -> flatten -> linear")
    with jax.enable_x64(True):
        params, stats = built.init(jax.random.key(0), jnp.float64)
        output, new = built.apply(params, stats, jnp.ones(built.input_shape, jnp.float64), "train", jax.random.key(1))
        assert {output.dtype, *(value.dtype for value in new.values())} == {jnp.dtype("float64")}


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_short_floats_stay_short(dtype: str) -> None:
    built = build("attention(2, rope) -> ln -> conv1d -> bn -> rms -> softmax -> upsample -> maxpool -> globalpool -> linear")
    output, new = jax.eval_shape(partial(built.apply, mode="train"), *built.structs(dtype))
    assert {output.dtype, *(value.dtype for value in new.values())} == {jnp.dtype(dtype)}


def test_any_batch_size_is_taken() -> None:
    built = build("conv -> gn(2) -> flatten -> linear(2)")
    params, stats = built.init(jax.random.key(0))
    output, _ = built.apply(params, stats, jnp.ones((7, 3, 8, 8)), "eval")
    assert output.shape == (7, 2)


def test_apply_refuses_what_is_not_this_chain_s() -> None:
    built = build("conv -> bn")
    params, stats = built.init(jax.random.key(0))
    x = jnp.ones((4, 3, 8, 8))
    less = {name: value for name, value in params.items() if name != "conv1.bias"}
    cases = (
        ((params, stats, jnp.ones((4, 3, 8, 9))), "the chain `conv -> bn` takes an input N×3×8×8, not 4×3×8×9"),
        ((params, stats, jnp.ones((4, 3))), "the chain `conv -> bn` takes an input N×3×8×8, not 4×3"),
        (
            (less, stats, x),
            "the parameter `conv1.bias` is missing: expected conv1.kernel, conv1.bias, bn1.gamma, bn1.beta",
        ),
        (({**params, "conv1.bias": jnp.ones(3)}, stats, x), "the parameter `conv1.bias` has shape 3, expected 8"),
        (({**params, "conv1.bais": jnp.ones(8)}, stats, x), "unknown parameter `conv1.bais`; did you mean conv1.bias?"),
        ((params, {}, x), "the statistic `bn1.running_mean` is missing: expected bn1.running_mean, bn1.running_var"),
    )
    for arguments, message in cases:
        with pytest.raises(ChainError, match=f"^{re.escape(message)}$"):
            built.apply(*arguments, "train")
    with pytest.raises(ChainError, match="unknown mode `test`: expected train, eval or frozen"):
        built.apply(params, stats, x, "test")  # pyright: ignore[reportArgumentType]


def test_a_chain_without_parameters_starts_empty() -> None:
    assert build("relu").init(jax.random.key(0)) == ({}, {})


def test_s1_is_the_posted_model_and_its_sizes_work_out() -> None:
    built = build(example("S1").chain)
    sizes = [built.shapes[f"conv{k}"] for k in range(1, 6)]
    assert sizes == [(4, 64, 53, 53), (4, 64, 26, 26), (4, 64, 12, 12), (4, 64, 5, 5), (4, 64, 2, 2)]
    assert built.input_shape == (4, 32, 110, 110)
    assert built.shapes["avgpool1"] == (4, 64, 1, 1)
    assert built.output_shape == (4, 1)
    assert built.parameters["conv1.kernel"] == (64, 32, 5, 5)
    assert {built.parameters[f"conv{k}.kernel"] for k in range(2, 6)} == {(64, 64, 3, 3)}
    tokens = [here.layer.token for here in built.places]
    assert tokens == ["conv", "bn", "relu"] * 4 + ["conv", "bn", "avgpool", "flatten", "linear", "sigmoid"]


def test_s3_has_two_heads_and_s4_the_posted_constants() -> None:
    head = build(example("S3").chain)
    assert [here.layer.token for here in head.places] == ["linear", "relu", "bn", "dropout", "linear"]
    assert head.parameters["linear1.kernel"] == (1024, 2048)
    assert head.parameters["linear2.kernel"] == (4, 1024)
    assert dict(build(example("S3").variants["linear_head"]).parameters) == {"linear1.kernel": (4, 2048), "linear1.bias": (4,)}
    bn = build(example("S4").chain).places[2].layer
    assert (bn.number("eps"), bn.number("momentum")) == (1e-3, 0.01)
    assert build(example("S2").chain).shapes["conv1"] == (4, 8, 4, 4)


def test_an_unknown_example_is_answered_with_the_nearest() -> None:
    assert example("s0") is EXAMPLES["S0"]
    with pytest.raises(UnknownNameError, match=r"unknown example `S9`; did you mean S0, S1, S2\?"):
        example("S9")
