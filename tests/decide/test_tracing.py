"""How functions are traced and run: sizes, numbers, what they may return, errors on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.chain.build import build
from bnproof.decide import chain, function
from bnproof.decide.positive import positive_inputs
from bnproof.decide.program import Program
from bnproof.decide.verdicts import decide

from .handmade import F, centred, ruled


def test_a_witness_is_drawn_at_a_smaller_batch_where_the_asked_one_is_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "EASY", 10_000)
    answer = chain.decide("linear(4) -> relu -> bn @ 4096x8", "train")
    assert {verdict.bias: (verdict.verdict, verdict.sizes) for verdict in answer.verdicts} == {
        "linear1.bias": ("acts", "batch size 2; 8"),
        "bn1.beta": ("acts", "batch size 2; 8"),
    }
    assert chain.trace(build("linear(4) -> relu -> bn @ 8x8"), "train").dims == {"n": 8}


@pytest.mark.parametrize("name", ["moving_variance", "batch_stats/bn/var", "v"])
def test_what_is_under_a_root_is_drawn_positive(name: str) -> None:
    def normalised(named: Any) -> Any:
        return [(named["x"] + named["bias"]) / jnp.sqrt(jnp.reshape(named[name], (1, 3)) + 1e-3)], {}

    shapes = {"x": (5, 3), "bias": (3,), name: (3,)}
    inputs = {key: jax.ShapeDtypeStruct(shape, F) for key, shape in shapes.items()}
    traced = function.trace_function(normalised, inputs, "eval")
    assert traced.sample is not None
    for seed in range(5):
        assert (traced.sample(seed)[2] >= 0.5).all()
        assert (traced.sample(seed)[0] < 0).any()
    assert ruled(traced).verdict == "acts"


def test_roots_of_what_the_program_makes_itself_ask_nothing_of_inputs() -> None:
    def normalised(x: Any, bias: Any) -> Any:
        z = x + bias
        return centred(z) / jnp.sqrt(jnp.mean(centred(z) ** 2, 0) + 1e-5)

    assert positive_inputs(jax.make_jaxpr(normalised)(np.ones((5, 3)), np.ones(3))) == set()
    assert positive_inputs(
        jax.make_jaxpr(jax.jit(lambda x, v: x * jax.lax.rsqrt(v[None] + 1)))(np.ones((5, 3)), np.ones(3))
    ) == {1}
    assert positive_inputs(jax.make_jaxpr(lambda a, b: jnp.log(2 * a) + jnp.sqrt(a * b))(1.0, 1.0)) == {0}


# -- what a function may return


@pytest.mark.parametrize(
    "returned",
    [
        lambda y, mean: ({"logits": y, "hidden": (y * 2, [y[0]])}, {"mean": mean}),
        lambda y, mean: (y, {"mean": mean}),
        lambda y, mean: ([y], {"mean": mean}),
    ],
)
def test_outputs_are_any_pytree_beside_statistics(returned: Callable[[Any, Any], Any]) -> None:
    inputs = {name: jax.ShapeDtypeStruct(shape, F) for name, shape in {"x": (5, 3), "bias": (3,)}.items()}

    def function_(named: Any) -> Any:
        z = named["x"] + named["bias"]
        return returned(centred(z), jnp.mean(z, 0))

    decided = decide(function.trace_function(function_, inputs, "train"), ["bias"])
    assert decided.verdicts[0].verdict == "redundant"
    assert decided.verdicts[0].confirmed
    assert [(one.name, one.depends_on) for one in decided.statistics] == [("mean", ("bias",))]


def test_outputs_alone() -> None:
    inputs = {name: jax.ShapeDtypeStruct(shape, F) for name, shape in {"x": (5, 3), "bias": (3,)}.items()}
    pair = function.trace_function(
        lambda named: (centred(named["x"] + named["bias"]), jax.lax.stop_gradient(named["x"] + named["bias"])),
        inputs,
        "train",
        statistics=False,
    )
    assert pair.outputs == 2
    found = ruled(pair)
    assert found.verdict == "acts"
    assert found.gradient_zero is True


# -- errors while tracing


def test_an_error_of_a_layer_is_not_hidden_behind_a_weaker_verdict() -> None:
    def planted(batch: Any) -> Program:
        raise KeyError(f"a bug, met with batch {batch}")

    with pytest.raises(KeyError, match="a bug"):
        chain.traced_for_every(planted)

    def unfit(batch: Any) -> Program:
        jax.eval_shape(lambda x: x @ x, jax.ShapeDtypeStruct((batch, 3), F))
        raise AssertionError

    with pytest.raises(TypeError):
        chain.traced_for_every(unfit)


@pytest.mark.parametrize(
    "needs_a_number",
    [
        lambda x: x[: x.shape[0] // 2 + int(x.shape[0] > 3)],
        lambda x: jnp.arange(int(x.shape[0])),
        lambda x: jnp.stack([x[k] for k in range(x.shape[0])]),
    ],
)
def test_what_jax_cannot_trace_for_every_size_is_traced_for_one(needs_a_number: Callable[[Any], Any]) -> None:
    def traced(batch: Any) -> Program:
        inputs = {"x": jax.ShapeDtypeStruct((batch, 3), F)}
        return function.trace_function(lambda named: ([needs_a_number(named["x"])], {}), inputs, "train")

    assert chain.traced_for_every(traced) is None
    assert traced(5).outputs == 1


def test_sizes_made_of_symbols_are_run() -> None:
    (n,) = jax.export.symbolic_shape("n")
    inputs = {"x": jax.ShapeDtypeStruct((2 * n, 3), F), "bias": jax.ShapeDtypeStruct((2 * n, 3), F)}
    traced = function.trace_function(lambda named: ([named["x"] + named["bias"]], {}), inputs, "train", dims={"n": 2})
    assert ruled(traced).verdict == "acts"
