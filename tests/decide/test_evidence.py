"""Runs that confirm, and runs that cannot tell and say why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from bnproof.decide import evidence, function
from bnproof.decide.verdicts import decide
from bnproof.errors import ContradictionError
from bnproof.report.answer.words import remarks

from .handmade import F, centred, program, ruled


def test_an_infinite_bound_confirms_nothing() -> None:
    """Cholesky's rounding is not known: whatever the run gives lies below an infinite bound."""
    known = program(lambda x, bias: [centred(x + bias)], x=(5, 3), bias=(3,))
    assert ruled(known).confirmed is True
    assert ruled(known).unconfirmed == ""

    def unknown(x: Any, bias: Any) -> Any:
        return [centred(x + bias) * jnp.linalg.cholesky(x.T @ x)[0, 0]]

    found = ruled(program(unknown, x=(5, 3), bias=(3,)))
    assert found.verdict == "redundant"
    assert found.confirmed is None
    assert found.unconfirmed == "the round-off bound is infinite: the rounding of `cholesky` is not known"
    assert found.as_json()["unconfirmed"] == found.unconfirmed


def test_one_output_with_an_infinite_bound_is_enough_to_confirm_nothing() -> None:
    def two(x: Any, bias: Any) -> Any:
        return [centred(x + bias), centred(x + bias) * jnp.linalg.cholesky(x.T @ x)[0, 0]]

    assert ruled(program(two, x=(5, 3), bias=(3,))).confirmed is None


def test_an_infinite_bound_is_no_witness() -> None:
    found = ruled(program(lambda x, bias: [jnp.linalg.cholesky(x.T @ x + bias * jnp.eye(3))], x=(5, 3), bias=()))
    assert found.verdict == "undecided"
    assert "the rounding of `cholesky` is not known" in found.reason


def test_an_exact_witness_shows_what_an_infinite_bound_hides() -> None:
    """√0 has no derivative, so that no bound is finite; in exact numbers the root is 0, and the output moves."""
    found = ruled(program(lambda x, bias: [bias + jnp.sqrt(x[0] - x[0])], x=(5, 3), bias=(3,)))
    assert found.verdict == "acts"
    assert found.witness is not None
    assert found.witness.exact is not None
    assert "exactly" in found.witness.exact
    assert found.witness.bound == 0
    assert found.witness.change == abs(found.witness.shift)
    assert found.as_json()["witness"]["factor"] is None  # type: ignore[index]


def test_shapes_only_and_too_many_numbers_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    traced = program(lambda x, bias: [centred(x + bias)], x=(5, 3), bias=(3,))
    assert ruled(replace(traced, sample=None, unrun="there are shapes only")).unconfirmed == "there are shapes only"
    monkeypatch.setattr(function, "MOST", 10)
    found = ruled(program(lambda x, bias: [centred(x + bias)], x=(5, 3), bias=(3,)))
    assert (found.verdict, found.confirmed) == ("redundant", None)
    assert "too many" in found.unconfirmed
    assert "too many" in ruled(program(lambda x, bias: [x + bias], x=(5, 3), bias=(3,))).reason


def test_nan_in_the_output_confirms_nothing_but_blinds_no_witness() -> None:
    def half(x: Any, bias: Any, beta: Any) -> Any:
        z = centred(x + bias) + beta
        return [z.at[0, 0].set(jnp.sqrt(-1 - z[0, 0] ** 2))]

    traced = program(half, x=(5, 3), bias=(3,), beta=(3,))
    found = {verdict.bias: verdict for verdict in decide(traced, ["bias", "beta"]).verdicts}
    assert found["beta"].verdict == "acts"
    assert found["bias"].confirmed is None


def test_nan_in_one_output_blinds_no_other() -> None:
    def two(x: Any, bias: Any, beta: Any) -> Any:
        return [jnp.sqrt(-1 - x**2) + beta, centred(x + bias) + beta, x > 0]

    traced = program(two, x=(5, 3), bias=(3,), beta=(3,))
    found = {verdict.bias: verdict for verdict in decide(traced, ["bias", "beta"]).verdicts}
    assert (found["bias"].verdict, found["bias"].confirmed) == ("redundant", None)
    assert found["bias"].unconfirmed == "the run has NaN or infinity in its output"
    assert found["beta"].witness is not None
    assert found["beta"].witness.output[0] == 1
    wrong = program(lambda x, bias: [jnp.sqrt(-1 - x**2), centred(x + bias) + bias], x=(5, 3), bias=(3,))
    with pytest.raises(ContradictionError, match="moves output 1"):
        evidence.evidence(wrong, ["bias"], [], 0)


def test_a_wrong_proof_about_integers_is_contradicted() -> None:
    traced = program(lambda x, bias: [x, x + bias > 0], x=(5, 3), bias=(3,))
    with pytest.raises(ContradictionError, match="moves output 1"):
        evidence.evidence(traced, ["bias"], [], 0)


def test_what_cannot_be_run_is_named_and_the_rest_is_run() -> None:
    struct = jax.ShapeDtypeStruct((3,), F)

    def called(x: Any, bias: Any, beta: Any) -> Any:
        return [centred(x + bias) + beta, jax.pure_callback(lambda b: b, struct, x[0])]

    traced = program(called, x=(5, 3), bias=(3,), beta=(3,))
    found = {verdict.bias: verdict for verdict in decide(traced, ["bias", "beta"]).verdicts}
    assert (found["bias"].verdict, found["bias"].confirmed) == ("redundant", None)
    assert found["bias"].unconfirmed == "not every output was compared: `pure_callback` cannot be run in float64"
    assert found["beta"].verdict == "acts"
    alone = ruled(program(lambda x, bias: [jax.pure_callback(lambda b: b, struct, bias)], x=(5, 3), bias=(3,)))
    assert alone.verdict == "undecided"
    assert "`pure_callback` cannot be run in float64" in alone.reason


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x, bias: centred((x + bias).astype(jnp.bfloat16)), "`convert_element_type` rounds to bfloat16"),
        (lambda x, bias: centred((x + bias).astype(jnp.float8_e4m3fn).astype(F)), "rounds to float8_e4m3fn"),
        (
            lambda x, bias: centred(jax.lax.reduce_precision(x + bias, 8, 7)),
            "`reduce_precision` rounds to 7 bits after the point",
        ),
        (lambda x, bias: jnp.argmax(x + bias[0], 1), "in floats round-off decides ties of `argmax`"),
        (lambda x, bias: jnp.argmax(jax.nn.softmax(x + bias[0], 1), 1), "in floats round-off decides ties of `argmax`"),
        (lambda x, bias: jax.lax.scan(lambda s, r: (s, jnp.argmax(r)), 0, centred(x + bias))[1], "decides ties of `argmax`"),
        (lambda x, bias: jax.jit(lambda z: jax.lax.top_k(z, 2)[1] + 1)(centred(x + bias)), "decides ties of `top_k`"),
        (lambda x, bias: jax.nn.softmax(jnp.where(x > 0, x + bias[0], jnp.finfo(F).min), 1), "-3.4e+38 is a mask"),
    ],
)
def test_what_holds_over_the_reals_only_says_so(function: Callable[..., Any], said: str) -> None:
    found = ruled(program(lambda x, bias: [function(x, bias)], x=(5, 3), bias=(3,)))
    assert found.verdict == "redundant"
    assert any(said in sentence for sentence in found.assumptions)
    assert found.as_json()["assumptions"] == list(found.assumptions)
    assert ("assumed", found.assumptions[0]) in list(remarks(found))


@pytest.mark.parametrize(
    "function",
    [
        lambda x, bias: (jnp.argmax(x, 1), centred(x + bias)),  # not on its way
        lambda x, bias: jax.nn.leaky_relu(centred(x + bias)),  # continuous
        lambda x, bias: jnp.sort(centred(x + bias), 0),
    ],
)
def test_what_no_tie_can_change_says_nothing_of_ties(function: Callable[..., Any]) -> None:
    found = ruled(program(lambda x, bias: [*jax.tree.leaves(function(x, bias))], x=(5, 3), bias=(3,)))
    assert found.verdict == "redundant"
    assert found.assumptions == ()


def test_a_shift_that_a_narrow_format_swallows_is_said_to_act_over_the_reals() -> None:
    found = ruled(program(lambda x, bias: [(x + bias).astype(jnp.bfloat16) + 256 - 256], x=(5, 3), bias=(3,)))
    assert found.verdict == "acts"
    assert "may swallow a shift" in found.assumptions[0]
    moved = ruled(program(lambda x, bias: [jnp.argmax(x * bias)], x=(5, 3), bias=(3,)))
    assert moved.assumptions == ()  # the witness is no tie


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_a_large_literal_of_a_half_type_is_an_ordinary_number(dtype: Any) -> None:
    inputs = {name: jax.ShapeDtypeStruct(shape, dtype) for name, shape in {"x": (5, 3), "bias": (3,)}.items()}
    traced = function.trace_function(
        lambda named: ([jnp.maximum(named["x"] + 1e4 * named["bias"], dtype(-4e4))], {}), inputs, "train"
    )
    found = ruled(traced)
    assert found.verdict == "acts"
    assert found.operation == "max"
    assert found.assumptions == ()


@pytest.mark.parametrize("name", ["moving_variance", "spread"])
def test_what_must_be_positive_is_found_out_by_trying(name: str) -> None:
    """Here no single input is under the root, so use does not tell."""

    def normalised(named: Any) -> Any:
        return [(named["x"] + named["bias"]) / jnp.sqrt(named[name] * named["factor"] + 1e-3)], {}

    shapes = {"x": (5, 8), "bias": (8,), name: (8,), "factor": (8,)}
    inputs = {key: jax.ShapeDtypeStruct(shape, F) for key, shape in shapes.items()}
    traced = function.trace_function(normalised, inputs, "eval")
    runs = evidence.Runs(traced, [0], 0)
    assert runs.positive == {0}
    assert runs.first.unfinished == 0
    found = ruled(traced)
    assert found.verdict == "acts"
    assert found.witness is not None
    assert found.witness.positive


def test_a_wrong_proof_is_contradicted(monkeypatch: pytest.MonkeyPatch) -> None:
    traced = program(lambda x, bias: [centred(x + bias) + bias], x=(5, 3), bias=(3,))
    with pytest.raises(ContradictionError, match="bias proved redundant"):
        evidence.evidence(traced, ["bias"], [], 0)


def test_integers_and_booleans_are_compared_as_they_are() -> None:
    for moves in (lambda z: jnp.argmax(z * z), lambda z: z > 0, lambda z: jnp.floor(8 * z).astype(jnp.int32)):
        found = ruled(program(lambda x, bias, moves=moves: [moves(x * bias)], x=(5, 3), bias=(3,)))
        assert found.verdict == "acts"
        assert found.witness is not None
        assert found.witness.change >= 1
        assert found.witness.bound == 0
    still = ruled(program(lambda x, bias: [jnp.argmax(centred(x + bias))], x=(5, 3), bias=(3,)))
    assert (still.verdict, still.confirmed) == ("redundant", True)
