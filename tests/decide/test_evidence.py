"""Runs that confirm, runs that cannot tell and say why, and programs that have no value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.chain.build import build
from bnproof.decide import chain, evidence, function
from bnproof.decide.positive import positive_inputs
from bnproof.decide.program import Program
from bnproof.decide.verdicts import decide
from bnproof.errors import ContradictionError
from bnproof.report.answer.words import remarks
from bnproof.verdict import Verdict

F = jnp.float32


def program(outputs: Callable[..., Any], **shapes: tuple[int, ...]) -> Program:
    inputs = {name: jax.ShapeDtypeStruct(shape, F) for name, shape in shapes.items()}
    return function.trace_function(lambda named: ([*outputs(**named)], {}), inputs, "train")


def ruled(traced: Program, name: str = "bias") -> Verdict:
    return decide(traced, [name]).verdicts[0]


def centred(z: Any) -> Any:
    return z - jnp.mean(z, 0)


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


# -- programs without a value


@pytest.mark.parametrize(
    "text",
    ["conv -> bn(eps=0) @ 1x1x1x1", "conv -> relu -> bn(eps=0) @ 1x3x1x1", "linear -> bn(eps=0) -> relu -> linear @ 1x4"],
)
def test_nought_by_nought_for_every_input_is_the_answer(text: str) -> None:
    for verdict in chain.decide(text, "train").verdicts:
        assert verdict.verdict == "undecided"
        assert verdict.undefined.startswith("bn1 divides 0 by 0 whatever the values are (batch size 1;")
        assert verdict.undefined in verdict.reason
        assert verdict.confirmed is None
    for verdict in chain.decide(text, "eval").verdicts:
        assert verdict.undefined == ""
        assert verdict.verdict == "acts"


def test_nought_by_nought_in_a_called_program_is_found() -> None:
    def standardised(z: Any) -> Any:
        return (z - jnp.mean(z, 0)) / jnp.std(z, 0)

    for inner in (standardised, jax.jit(standardised), jax.checkpoint(jax.jit(standardised))):
        found = ruled(program(lambda x, bias, inner=inner: [inner(x + bias)], x=(1, 3), bias=(3,)))
        assert found.verdict == "undecided"
        assert "divides 0 by 0 whatever the values are" in found.undefined
        assert ruled(program(lambda x, bias, inner=inner: [inner(x + bias)], x=(5, 3), bias=(3,))).undefined == ""


def test_nought_by_nought_in_a_branch_proves_nothing() -> None:
    def branching(x: Any, bias: Any) -> Any:
        return [jax.lax.cond(x[0, 0] > 9, lambda z: z / (z - z), lambda z: jnp.sqrt(-1 - z**2), x + bias)]

    assert ruled(program(branching, x=(5, 3), bias=(3,))).undefined == ""


def test_one_value_normalised_with_an_epsilon_has_a_value() -> None:
    for verdict in chain.decide("conv -> bn @ 1x1x1x1", "train").verdicts:
        assert verdict.undefined == ""
        assert verdict.verdict == {"conv1.bias": "redundant", "bn1.beta": "acts"}[verdict.bias]


def test_no_value_in_any_run_without_a_division_by_nought() -> None:
    found = ruled(program(lambda x, bias: [jnp.sqrt(-1 - centred(x + bias) ** 2)], x=(5, 3), bias=(3,)))
    assert found.verdict == "redundant"
    assert found.undefined == ""
    assert (found.confirmed, found.unconfirmed) == (None, evidence.VALUELESS)
    acting = ruled(program(lambda x, bias: [jnp.sqrt(-1 - (x + bias) ** 2)], x=(5, 3), bias=(3,)))
    assert acting.verdict == "undecided"
    assert evidence.VALUELESS in acting.reason


def test_a_division_that_a_select_leaves_out_is_no_lack_of_value() -> None:
    def guarded(x: Any, bias: Any) -> Any:
        nought = (x + bias) - (x + bias)
        return [jnp.where(nought == 0, 1.0, x / nought) + centred(x + bias)]

    found = ruled(program(guarded, x=(5, 3), bias=(3,)))
    assert found.undefined == ""
    assert found.verdict != "acts"


# -- the sizes and numbers of a run


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
