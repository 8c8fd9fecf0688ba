"""train, eval and frozen: which statistics are used, how they are updated, what dropout does, where gradients flow."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

from bnproof.chain.build import Built, build
from bnproof.chain.shapes import walk
from bnproof.errors import ChainError
from bnproof.modes import Mode

from .samples import SAMPLES

KEY = jax.random.key(3)


def moved(built: Built) -> tuple[dict[str, jax.Array], dict[str, jax.Array], jax.Array]:
    params, stats = built.init(jax.random.key(0))
    stats = {name: value + 0.25 for name, value in stats.items()}
    return params, stats, jax.random.normal(jax.random.key(1), built.input_shape) + 2


@pytest.mark.parametrize("momentum", [0, 0.1, 0.25, 1])
@pytest.mark.parametrize("shape", ["3x2", "3x2x4x5", "1x2"])
def test_running_statistics_are_pytorch_s(momentum: float, shape: str) -> None:
    built = build(f"bn(momentum={momentum}) @ {shape}")
    params, stats, x = moved(built)
    _, new = built.apply(params, stats, x, "train")
    z = np.moveaxis(np.asarray(x, np.float64), 1, 0).reshape(2, -1)
    variance = z.var(axis=1, ddof=1) if z.shape[1] > 1 else np.zeros(2)
    expected_mean = (1 - momentum) * 0.25 + momentum * z.mean(axis=1)
    expected_var = (1 - momentum) * 1.25 + momentum * variance
    np.testing.assert_allclose(new["bn1.running_mean"], expected_mean, rtol=1e-5)
    np.testing.assert_allclose(new["bn1.running_var"], expected_var, rtol=1e-5)


def test_running_statistics_of_instances_are_their_mean_over_the_batch() -> None:
    built = build("in(track=yes, momentum=0.25) @ 3x2x5")
    params, stats, x = moved(built)
    _, new = built.apply(params, stats, x, "train")
    z = np.asarray(x, np.float64)
    np.testing.assert_allclose(new["in1.running_mean"], 0.75 * 0.25 + 0.25 * z.mean(axis=(0, 2)), rtol=1e-5)
    variance = z.var(axis=2, ddof=1).mean(axis=0)
    np.testing.assert_allclose(new["in1.running_var"], 0.75 * 1.25 + 0.25 * variance, rtol=1e-5)


@pytest.mark.parametrize("mode", ["eval", "frozen"])
def test_stored_statistics_stay(mode: Mode) -> None:
    built = build("conv -> residual(bn -> relu) -> bn")
    params, stats, x = moved(built)
    output, new = built.apply(params, stats, x, mode)
    assert all(new[name] is stats[name] for name in built.statistics)
    other, _ = built.apply(params, stats, x, "train")
    assert float(jnp.max(jnp.abs(output - other))) > 0.01


def test_frozen_computes_what_eval_computes_and_gradients_flow() -> None:
    built = build("conv -> bn -> dropout -> relu")
    params, stats, x = moved(built)

    def loss(params: dict[str, jax.Array], mode: Mode) -> jax.Array:
        return jnp.sum(jnp.square(built.apply(params, stats, x, mode)[0]))

    np.testing.assert_array_equal(loss(params, "frozen"), loss(params, "eval"))
    gradient = jax.grad(loss)(params, "frozen")
    assert all(float(jnp.max(jnp.abs(value))) > 0.01 for value in gradient.values())


def test_statistics_of_nested_layers_are_updated_too() -> None:
    built = build("concat(bn; residual(conv(3) -> bn)) -> bn")
    params, stats, x = moved(built)
    _, new = built.apply(params, stats, x, "train")
    assert set(new) == set(stats) == {f"bn{k}.running_{what}" for k in (1, 2, 3) for what in ("mean", "var")}
    assert all(float(jnp.max(jnp.abs(new[name] - stats[name]))) > 1e-3 for name in stats)


def same_in_all_modes(text: str) -> bool:
    built = build(text)
    return not built.statistics and not any(here.plan.random for here in walk(built.places))


@pytest.mark.parametrize("text", [text for text in SAMPLES if same_in_all_modes(text)])
def test_layers_without_statistics_or_chance_are_the_same_program_in_all_modes(text: str) -> None:
    built = build(text)
    programs = {str(jax.make_jaxpr(partial(built.apply, mode=mode))(*built.structs())) for mode in ("train", "eval", "frozen")}
    assert len(programs) == 1


def test_the_variance_is_taken_in_two_passes() -> None:
    built = build("bn @ 64x1")
    params, stats, x = moved(built)
    offset, _ = built.apply(params, stats, x + 1e4, "train")
    plain, _ = built.apply(params, stats, x, "train")
    np.testing.assert_allclose(offset, plain, atol=5e-3)  # E[x²] − E[x]² would leave nothing of it in float32


def test_dropout_keeps_the_mean_and_drops_p() -> None:
    built = build("dropout(0.25) @ 100x100")
    x = jnp.ones(built.input_shape)
    output, _ = built.apply({}, {}, x, "train", KEY)
    kept = np.asarray(output) != 0
    np.testing.assert_allclose(np.asarray(output)[kept], 1 / 0.75, rtol=1e-6)
    assert abs(kept.mean() - 0.75) < 0.02
    for mode in ("eval", "frozen"):
        np.testing.assert_array_equal(built.apply({}, {}, x, mode, KEY)[0], x)


def test_a_key_drops_the_same_in_every_dtype() -> None:
    built = build("dropout(0.25) @ 50x40")
    narrow = built.apply({}, {}, jnp.ones(built.input_shape), "train", KEY)[0]
    with jax.enable_x64(True):
        wide = np.asarray(built.apply({}, {}, jnp.ones(built.input_shape, "float64"), "train", KEY)[0])
    assert wide.dtype == np.float64
    np.testing.assert_array_equal(np.asarray(narrow) != 0, wide != 0)


def test_channel_dropout_drops_whole_channels_of_a_sample() -> None:
    built = build("channeldropout(0.25) @ 50x40x3x2")
    x = jnp.ones(built.input_shape)
    kept = np.asarray(built.apply({}, {}, x, "train", KEY)[0]) != 0
    assert (kept == kept[:, :, :1, :1]).all()
    assert abs(kept.mean() - 0.75) < 0.03
    np.testing.assert_array_equal(built.apply({}, {}, x, "eval", KEY)[0], x)


def test_two_dropouts_draw_apart_and_the_same_key_draws_again() -> None:
    built = build("concat(dropout; dropout) @ 50x40")
    x = jnp.ones(built.input_shape)
    output, _ = built.apply({}, {}, x, "train", KEY)
    first, second = np.split(np.asarray(output), 2, axis=1)
    assert (first != second).mean() > 0.4
    np.testing.assert_array_equal(output, built.apply({}, {}, x, "train", KEY)[0])


def test_dropout_in_train_mode_needs_a_key_unless_it_drops_nothing() -> None:
    with pytest.raises(
        ChainError, match="dropout in train mode needs a random key\n  dropout @ 2x3\n  \\^\\^\\^\\^\\^\\^\\^ expected apply"
    ):
        build("dropout @ 2x3").apply({}, {}, jnp.ones((2, 3)), "train")
    output, _ = build("dropout(0) @ 2x3").apply({}, {}, jnp.ones((2, 3)), "train")
    np.testing.assert_array_equal(output, jnp.ones((2, 3)))


@pytest.mark.parametrize("text", SAMPLES)
def test_every_layer_traces_with_a_symbolic_batch(text: str) -> None:
    built = build(text)
    params, stats, x = built.structs()
    (n,) = export.symbolic_shape("n")
    batch = jax.ShapeDtypeStruct((n, *x.shape[1:]), x.dtype)
    program = jax.make_jaxpr(partial(built.apply, mode="train"))(
        params, stats, batch, key=jax.ShapeDtypeStruct((2,), jnp.uint32)
    )
    assert program.out_avals[0].shape == (n, *built.output_shape[1:])
