"""Outputs that are exact constants: proved with their value, refuted with a witness, never guessed."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import bnproof
from bnproof.decide.constancy.answer import Output
from bnproof.errors import ChainError, CheckError

X = jax.ShapeDtypeStruct((4, 3, 5, 7), jnp.float32)
C = jax.ShapeDtypeStruct((3,), jnp.float32)


def normalised(x: Any, axes: tuple[int, ...], gamma: Any = 1.0, beta: Any = 0.0, eps: float = 1e-5) -> Any:
    centred = x - x.mean(axes, keepdims=True)
    wide = [jnp.reshape(p, (-1, 1, 1)) if jnp.ndim(p) else p for p in (gamma, beta)]
    return wide[0] * centred / jnp.sqrt((centred**2).mean(axes, keepdims=True) + eps) + wide[1]


def only(function: Any, *args: Any, **settings: Any) -> Output:
    (output,) = bnproof.constant(function, *args, **settings).outputs
    return output


CONSTANTS = {
    "batch normalisation, pooled": (lambda x, gamma, beta: normalised(x, (0, 2, 3), gamma, beta).mean((0, 2, 3)), "beta"),
    "its sum": (lambda x, gamma, beta: normalised(x, (0, 2, 3), gamma, beta).sum(), "140·Σbeta"),
    "its mean": (lambda x, gamma, beta: normalised(x, (0, 2, 3), gamma, beta).mean(), "1/3·Σbeta"),
    "instance normalisation, pooled": (lambda x, gamma, beta: normalised(x, (2, 3), gamma, beta).mean((2, 3)), "beta"),
    "layer normalisation over features": (lambda x, gamma, beta: normalised(x, (1,)).mean(1), "0"),
    "sum of softmax": (lambda x, gamma, beta: jax.nn.softmax(x, 1).sum(1), "1"),
    "sum of a scaled softmax": (lambda x, gamma, beta: (jax.nn.softmax(gamma[0] * x, 1) * beta[1]).sum(1).mean(), None),
    "a constant into group normalisation": (
        lambda x, gamma, beta: normalised(jnp.full_like(x, 0.3), (1, 2, 3), gamma, beta),
        "beta",
    ),
    "a channel's constant into instance normalisation": (
        lambda x, gamma, beta: normalised(0 * x + gamma[:, None, None], (2, 3), gamma, beta),
        "beta",
    ),
    "one value a group": (
        lambda x, gamma, beta: normalised(x[:, :, :1, :1], (2, 3), gamma, beta) ** 2 - gamma[:, None, None],
        None,
    ),
    "a polynomial": (lambda x, gamma, beta: x - x + 2 * gamma[:, None, None] - beta[:, None, None] ** 2, None),
    "a comparison of equals": (lambda x, gamma, beta: (x == x + 0).all(), None),
    "through jit, vmap and scan": (
        jax.jit(lambda x, gamma, beta: jax.lax.map(lambda row: jax.vmap(jax.nn.softmax)(row).sum(), x).sum()),
        None,
    ),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_are_proved_with_their_value(name: str) -> None:
    function, value = CONSTANTS[name]
    output = only(function, X, C, C)
    if name == "through jit, vmap and scan" and output.ruling == "undecided":
        return  # a loop's results are opaque: not proved, and no run moves them either
    assert output.ruling == "constant", output.reason
    assert output.confirmed
    if value is not None:
        assert output.value == value
    if output.roundoff:
        assert output.measured is not None
        assert output.measured <= output.roundoff["float32"]
        assert 0 <= output.roundoff["float64"] < output.roundoff["float32"] < output.roundoff["bfloat16"]


@pytest.mark.parametrize("name", CONSTANTS)
def test_the_value_is_what_comes_out(name: str) -> None:
    """The formula, read by Python with numbers in it, is within the bound of a run."""
    function, value = CONSTANTS[name]
    if value is None:
        return
    random = np.random.default_rng(0)
    x, gamma, beta = random.normal(size=(4, 3, 5, 7)), random.normal(size=3), random.normal(size=3)
    found = np.asarray(function(*(jnp.asarray(v, jnp.float32) for v in (x, gamma, beta))))
    says = eval(value.replace("·", "*").replace("Σbeta", "beta.sum()"), {"gamma": gamma, "beta": beta})
    shape = (3, 1, 1) if found.ndim == 4 else np.shape(says)
    np.testing.assert_allclose(found, np.broadcast_to(np.reshape(says, shape), found.shape), atol=1e-3)


MOVING = {
    "batch normalisation": lambda x, gamma, beta: normalised(x, (0, 2, 3), gamma, beta),
    "pooled over space only": lambda x, gamma, beta: normalised(x, (0, 2, 3), gamma, beta).mean((2, 3)),
    "of its squares": lambda x, gamma, beta: (normalised(x, (0, 2, 3), gamma, beta) ** 2).mean((0, 2, 3)),
    "with weights": lambda x, gamma, beta: (normalised(x, (0, 2, 3)) * jnp.arange(7)).sum(),
    "frozen statistics": lambda x, gamma, beta: ((x - 0.1) / 1.1).mean((0, 2, 3)),
    "a ReLU behind": lambda x, gamma, beta: jax.nn.relu(normalised(x, (0, 2, 3))).mean((0, 2, 3)),
    "softmax over another axis": lambda x, gamma, beta: jax.nn.softmax(x, 1).sum(2),
    "almost constant": lambda x, gamma, beta: gamma + 1e-6 * x[0, 0, 0, 0],
    "a comparison": lambda x, gamma, beta: x > 0,
}


@pytest.mark.parametrize("name", MOVING)
def test_what_moves_is_not_constant(name: str) -> None:
    output = only(MOVING[name], X, C, C)
    assert output.ruling == "not constant"
    assert output.witness is not None
    assert output.moved_by == "x"
    assert output.witness.change > 1000 * output.witness.bound
    assert output.value is None


def test_a_constant_sum_of_what_moves_is_told() -> None:
    output = only(lambda x, gamma, beta: normalised(x, (0, 2, 3), gamma, beta), X, C, C)
    assert [(part.kind, part.axes, part.value) for part in output.parts] == [("sum", (0, 2, 3), "140·beta")]
    (part,) = only(lambda x: jax.nn.softmax(x, 1), X).parts
    assert (part.axes, part.value) == ((1,), "1")
    assert not only(lambda x: x**2, X).parts


def test_constant_entries_are_told() -> None:
    output = only(lambda x, beta: jnp.concatenate([x, jnp.full((4, 2, 5, 7), 3.0) * beta[0]], 1), X, C)
    assert [(part.kind, part.axes, part.entries, part.proved) for part in output.parts] == [("entries", (1,), (3, 4), True)]
    (part,) = only(lambda x: jnp.concatenate([jax.nn.softmax(x, 1).sum(1, keepdims=True), x], 1), X).parts
    assert (part.axes, part.entries, part.value) == ((1,), (0,), "1")
    unseen = only(lambda x: x.at[:, jnp.argmax(x[0, :2, 0, 0]) * 0 + 1].set(0.0), X)
    assert all(not part.proved for part in unseen.parts)


def test_what_the_engine_cannot_see_through_is_undecided() -> None:
    """exp(log p) is p, which no law of the engine says: no run moves the sum, and that is no proof."""
    output = only(lambda x: jnp.exp(jax.nn.log_softmax(x, 1)).sum(1), X)
    assert output.ruling == "undecided"
    assert "not proved to drop out" in output.reason


@pytest.mark.parametrize(("entry", "proved"), [(0, True), (1, False)])
def test_probes_test_the_code(entry: int, proved: bool) -> None:
    """Random weights on the value before the mean have a gradient, equal ones have none."""
    output = only(lambda x, gamma, beta: normalised(x, (0, 2, 3), gamma, beta).mean((0, 2, 3)), X, C, C)
    (probe,) = output.probes
    assert probe.operation == "reduce_sum"
    assert probe.axes == (0, 2, 3)
    assert probe.shape == ("4", "3", "5", "7")
    assert probe.acts
    assert "test_constant.py" in probe.where
    random = np.random.default_rng(0)
    weights = random.normal(size=X.shape) if entry == 0 else np.ones(X.shape)
    with jax.enable_x64(True):
        x = jnp.asarray(random.normal(size=X.shape))
        gradient = jax.grad(lambda x: (normalised(x, (0, 2, 3)) * weights).sum())(x)
        assert (float(jnp.abs(gradient).max()) > 0.1) is proved
        assert proved or float(jnp.abs(gradient).max()) < 1e-12


def test_a_gradient_is_a_function_like_any_other() -> None:
    def loss(b: Any, x: Any, g: Any) -> Any:
        return (normalised(x + b[:, None, None], (0, 2, 3)) * g).sum()

    gradients = bnproof.constant(jax.grad(loss, (0, 1)), C, X, X)
    bias, inputs = gradients.outputs
    assert (bias.ruling, bias.value) == ("constant", "0")
    assert inputs.ruling == "not constant"
    assert not gradients.constant
    assert gradients.data == ("x", "g")


def test_no_gradient_is_claimed_where_a_custom_derivative_comes_between() -> None:
    @jax.custom_vjp
    def odd(x: Any) -> Any:
        return x * 1.0

    odd.defvjp(lambda x: (x, None), lambda _, g: (3 * g,))
    output = only(lambda x: odd(x) - x, X)
    assert (output.ruling, output.value) == ("constant", "0")
    assert output.gradient_zero is False
    assert only(lambda x: jax.nn.softmax(x, 1).sum(1), X).gradient_zero is True


def test_data_are_what_is_not_named_like_a_parameter_or_what_is_asked_for() -> None:
    found = bnproof.constant(lambda params, images, w1: images.sum() * 0 + w1.sum() + params["a"], {"a": 1.0}, X, C)
    assert found.data == ("images",)
    assert found.constant
    other = bnproof.constant(lambda x, gamma: x * 0 + gamma[0], X, C, data=["x", "gamma"])
    assert not other.constant
    assert other.outputs[0].absent == ("x",)
    assert other.outputs[0].moved_by == "gamma"
    nested = bnproof.constant(lambda batch: batch["image"] * 0 + batch["label"], {"image": C, "label": C}, data="batch.image")
    assert nested.constant
    assert nested.outputs[0].depends_on == ("batch.label",)


def test_numbers_given_are_used_and_formulas_hold_for_all() -> None:
    x = jnp.asarray(np.random.default_rng(0).normal(size=(8, 4)), jnp.float32)
    output = only(lambda x, scale: (x - x.mean(0)).mean(0) + scale, x, jnp.full(4, 2.0))
    assert output.value == "scale"
    assert output.measured is not None
    assert output.measured < 1e-6


CHAINS = {
    "conv -> in -> globalpool": ("constant", "in1.beta"),
    "conv -> gn(8) @ 4x3x1x1": ("constant", "gn1.beta"),
    "conv -> bn -> globalpool": ("not constant", None),
    "conv -> bn": ("not constant", None),
    "softmax -> conv(1, k=1)": ("not constant", None),
}


@pytest.mark.parametrize("chain", CHAINS)
def test_chains(chain: str) -> None:
    found = bnproof.constant(chain)
    assert (found.outputs[0].ruling, found.outputs[0].value) == CHAINS[chain]
    assert found.sizes.startswith("every batch size")


def test_what_holds_for_one_batch_size_says_so() -> None:
    output = bnproof.constant("linear -> bn @ 1x8").outputs[0]
    assert (output.ruling, output.value, output.sizes) == ("constant", "bn1.beta", "batch size 1 only")
    assert bnproof.constant("linear -> bn @ 2x8").outputs[0].ruling == "not constant"


def test_in_the_mean_over_the_batch_a_pooled_layer_is_constant() -> None:
    (part,) = bnproof.constant("conv -> bn -> globalpool").outputs[0].parts
    assert (part.axes, part.value) == ((0,), "n·bn1.beta")
    assert bnproof.constant("conv -> bn -> globalpool", mode="eval").outputs[0].parts == ()


def test_a_program_without_a_value_is_not_called_constant() -> None:
    output = only(lambda x: (x - x) / (x - x), X)
    assert output.ruling == "undecided"
    assert "divides 0 by 0" in output.reason


def test_a_random_cotangent_is_not_the_input() -> None:
    """Σ x·y of a normalisation with ε = 0 has no gradient: weights equal to the input would test nothing."""
    (probe,) = only(lambda x: ((x - x.mean(0)) / x.std(0)).mean(0), jax.ShapeDtypeStruct((8, 4), jnp.float32)).probes
    assert probe.acts


def test_an_output_without_entries() -> None:
    output = only(lambda x: x[:0], X)
    assert (output.ruling, output.reason) == ("constant", "it has no entries")


def test_json_holds_it_all() -> None:
    found = json.loads(json.dumps(bnproof.constant("conv -> bn -> globalpool").as_json()))
    assert found["schema"] == 1
    assert found["constant"] is False
    assert found["outputs"][0]["witness"]["input"] == "input"
    assert found["outputs"][0]["parts"][0]["value"] == "n·bn1.beta"


def test_nonsense_is_refused() -> None:
    with pytest.raises(ChainError):
        bnproof.constant("conv -> rellu")
    with pytest.raises(CheckError, match="takes no arguments"):
        bnproof.constant("conv -> bn", X)
    with pytest.raises(CheckError, match="did you mean x"):
        bnproof.constant(lambda x: x, X, data="y")
    with pytest.raises(CheckError, match="say which are data"):
        bnproof.constant(lambda gamma: gamma, C)
    with pytest.raises(CheckError, match="cannot be traced"):
        bnproof.constant(lambda x: x @ x, X)
    with pytest.raises(CheckError, match="no array"):
        bnproof.constant(lambda x: None, X)
