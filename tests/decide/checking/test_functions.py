"""A user's own function: what the engine proves is what is measured, and whatever cannot be told is said, not measured."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import bnproof
from bnproof.decide.checking.functions import tasks_of_function
from bnproof.decide.checking.run import Measurements
from bnproof.errors import CheckError

from .own_functions import RANDOM, B, W, X, backward, layer, network, norm, params, shape


def checked(function: Callable[..., Any], *args: Any, **options: Any) -> Measurements:
    asked: dict[str, Any] = {"dtypes": ["float32"], **options}
    return bnproof.check(function, *args, **asked)


def sides(found: Measurements) -> dict[str, str]:
    """What the output of each bias was expected to do."""
    return {m.bias: m.expected for m in found if m.bias and m.quantity.startswith("output shift")}


def test_what_the_engine_proves_is_expected_and_measured() -> None:
    found = checked(network, X, params(), dtypes=["float64", "float32", "bfloat16"])
    assert sides(found) == {"params.first.bias": "below", "params.second.bias": "above"}
    assert {m.dtype for m in found} == {"float64", "float32", "bfloat16"}
    assert all(m.passed and m.case == "network" for m in found)
    told = [m for m in found if m.outcome == "as proved" and m.dtype != "bfloat16"]
    assert {"bias gradient", "Hessian row", "other gradients"} <= {m.quantity for m in told}
    assert all(np.isfinite(m.bound) for m in told)
    assert any("in bfloat16, `network` computes in float32 as well" in note for note in found.notes)


def test_a_bias_is_named_by_any_unambiguous_end() -> None:
    for name in ("params.first.bias", "first.bias", ["first.bias"], lambda name: "first.b" in name):
        assert sides(checked(network, X, params(), bias=name)) == {"params.first.bias": "below"}
    assert sides(checked(layer, X, W, B, bias="w")) == {"w": "above"}


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (lambda x, w, b: norm(x @ w + b) ** 3 @ jnp.ones(4), (X, W, B)),
        (lambda x, w, b: (norm(x @ w + b) ** 3).mean(), (X, W, B)),  # one number
        (lambda x, w, b: {"y": (norm(x @ w + b), None), "n": (x @ w + b).argmax(0)}, (X, W, B)),
        (layer, (X, W, np.float32(0.5))),  # one number as the bias
        (layer, (X, W, 0.5)),
        (layer, (shape(6, 3), shape(3, 4), shape(4))),
        (layer, (X, W, jnp.ones(4, jnp.bfloat16))),
        (jax.jit(layer), (X, W, B)),
        (functools.partial(layer, b=B), (X, W)),
        (lambda x, w, b, k: jnp.where(jax.random.bernoulli(k, 0.5, (6, 4)), norm(x @ w + b), 0), (X, W, B, jax.random.key(0))),
        (lambda x, w, b, k: norm(x @ w + b)[jnp.arange(6), k], (X, W, B, np.arange(6) % 4)),
        (lambda x, w, b, k: norm(x @ w + b)[jnp.arange(6), k], (X, W, B, shape(6, dtype=jnp.int32))),
        (lambda x, w, b, how: norm(x @ w + b) if how == "norm" else x, (X, W, B, "norm")),
        (lambda x, w, b: (norm(x @ w + b), (x @ w + b).mean(0)), (X, W, B)),
    ],
    ids=["vector", "scalar", "nested", "0-d", "float", "shapes", "bfloat16", "jit", "partial", "key", "int", "ints", "text", "aux"],
)  # fmt: skip
def test_functions_of_every_kind(function: Callable[..., Any], args: tuple[Any, ...], request: pytest.FixtureRequest) -> None:
    found = checked(function, *args, has_aux="aux" in request.node.name)
    assert set(sides(found).values()) == {"below"}
    assert all(m.passed for m in found)
    assert any(m.quantity == "bias gradient" and m.outcome == "as proved" for m in found)


def test_outputs_that_are_no_numbers_are_spoken_of() -> None:
    found = checked(lambda x, b: (norm(x + b), (x + b).argmax(0)), X, B[:3])
    assert sides(found) == {"b": "below"}  # argmax over the batch moves with nothing either, but it is not looked at
    assert found.notes == (f"nothing is said about the outputs of `{found[0].case}` that are no floating numbers",)


def test_numbers_are_used_as_they_are_at_first() -> None:
    given = np.array([0.25, -0.5, 2.0])
    (task, *_), _ = tasks_of_function(lambda x, b: x * b, [X, given], ["float32"])
    assert task.subject.given is not None
    own, others = task.subject.given
    assert np.array_equal(own["x"], X)
    assert np.array_equal(own["b"], given)
    assert others == ()
    drawn, _ = task.subject.draw(np.random.default_rng(5))
    assert not np.array_equal(drawn["x"], X)
    (task, *_), _ = tasks_of_function(layer, [shape(6, 3), shape(3, 4), shape(4)], ["float32"])
    assert task.subject.given is None


def test_later_draws_have_numbers_of_their_own() -> None:
    one, two = checked(layer, X, W, B + 1, bias="b"), checked(layer, X, W, B + 1, bias="b", draws=2)
    assert list(one) == list(two[: len(one)])
    assert len(two) == 2 * len(one)
    assert [m.measured for m in two[len(one) :]] != [m.measured for m in one]


def test_a_wrong_backward_pass_fails() -> None:
    found = checked(backward(wrong=True), X, W, B)
    failed = [m for m in found if m.outcome == "FAILED"]
    assert {m.quantity for m in failed} == {"bias gradient", "gradient of b", "gradient of w", "gradient of x"}
    assert sides(found) == {"b": "below"}
    assert any("is not the derivative of the function" in note for note in found.notes)


def test_a_right_backward_pass_does_not() -> None:
    found = checked(backward(wrong=False), X, W, B)
    assert all(m.passed for m in found)
    assert any(m.quantity == "bias gradient" and m.outcome == "as proved" for m in found)
    assert {m.quantity for m in found if m.bias}.isdisjoint({"Hessian row", "other gradients"})  # of these nothing is proved


@pytest.mark.parametrize("factor", [-1.0, 2.0, 1.001])
def test_a_gradient_of_the_wrong_size_fails_although_the_bias_stays_redundant(factor: float) -> None:
    @jax.custom_vjp
    def scaled(z: Any) -> Any:
        return norm(z)

    def back(z: Any, g: Any) -> Any:
        return (factor * jax.vjp(norm, z)[1](g)[0],)

    scaled.defvjp(lambda z: (norm(z), z), back)
    found = checked(lambda x, w, b: scaled(x @ w + b), X, W, B)
    failed = {m.quantity for m in found if m.outcome == "FAILED"}
    assert {"gradient of w", "gradient of x"} <= failed
    assert all(m.passed for m in found if m.bias)


def test_a_named_bias_is_asked_about_alone() -> None:
    assert {m.bias for m in checked(layer, X, W, B, bias="b")} == {"b"}
    assert {m.bias for m in checked(layer, X, W, B)} == {"b", ""}


def test_a_gradient_that_is_not_proved_to_be_zero_never_counts_as_proved() -> None:
    """A straight-through bias so slight that round-off hides its gradient."""
    slight = 1e-9

    def through(x: Any, b: Any) -> Any:
        return x + slight * b - jax.lax.stop_gradient(slight * b)

    found = checked(through, X, B[:3], dtypes=["float32", "float64"])
    assert sides(found) == {"b": "below"}
    gradients = {m.dtype: m.outcome for m in found if m.quantity == "bias gradient"}
    assert "as proved" not in gradients.values()
    assert gradients["float64"] == "FAILED"


def test_what_is_undecided_is_not_measured() -> None:
    def called_back(x: Any, b: Any) -> Any:
        return norm(jax.pure_callback(lambda v: v, jax.ShapeDtypeStruct(x.shape, x.dtype), x + b))

    found = checked(called_back, X, B[:3])
    assert list(found) == []
    (note,) = found.notes
    assert note.startswith("b of `called_back` is undecided in float32, and not measured: not proved beyond `pure_callback`")


def test_two_biases_before_one_pass_statistics() -> None:
    """Tracked at once they are not proved: each is decided by itself then."""

    def one_pass(x: Any, w: Any, b1: Any, b2: Any) -> Any:
        z = (x @ w + b1) @ w.T @ w + b2
        mean = z.mean(0)
        return (z - mean) * jax.lax.rsqrt(jnp.maximum((z * z).mean(0) - mean * mean, 0) + 1e-2)

    assert sides(checked(one_pass, X, W, B, B)) == {"b1": "below", "b2": "below"}


def test_a_function_that_is_never_the_same_is_decided_and_measured_as_one() -> None:
    state = [0]

    def impure(x: Any, w: Any, b: Any) -> Any:
        state[0] += 1
        return norm(x @ w + b) if state[0] % 2 else x @ w + b

    found = checked(impure, X, W, B, bias="b", dtypes=["float32", "float64"])
    assert {(m.dtype, m.expected) for m in found} == {("float32", "below"), ("float64", "above")}
    assert all(m.passed for m in found)


def test_what_a_function_captures_is_constant() -> None:
    with pytest.raises(CheckError, match="What a function captures is constant"):
        checked(lambda: norm(X @ W + B))
    weights = jnp.asarray(W)
    assert sides(checked(lambda x, bias: norm(x @ weights + bias), X, B)) == {"bias": "below"}


def test_no_entries() -> None:
    found = checked(lambda x, w, b: layer(x, w, 0.0) + b.sum(), X, W, B[:0])
    assert (list(found), found.notes) == ([], (f"b of `{found.notes[0].split('`')[1]}` has no entries: nothing to check",))


def test_a_number_that_a_dtype_has_not() -> None:
    found = checked(layer, 1e6 * X, W, B + 1, dtypes=["float16", "float32"])
    assert {m.dtype for m in found} == {"float32"}
    assert any("is not checked in float16: x holds" in note for note in found.notes)


def branching(x: Any, b: Any) -> Any:
    return x + b if x.sum() > 0 else x


def loop(x: Any, b: Any) -> Any:
    return jax.lax.while_loop(lambda c: c[0].sum() < 9, lambda c: (c[0] + jnp.abs(c[1] + b) + 1, c[1]), (jnp.zeros(3), x[0]))[0]


def ends(x: Any, b: Any) -> Any:
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("function", "args", "options", "words"),
    [
        (
            branching,
            (X, B[:3]),
            {},
            r"(?s)cannot be traced with x \[6, 3\], b \[3\]: Tracer.*line \d+: .*x\.sum\(\) > 0.*jnp\.where",
        ),
        (lambda x, b: np.sin(x + b) + np.asarray(x), (X, B[:3]), {}, "jax.numpy in NumPy's place"),
        (layer, (X, W[:2], B), {}, r"(?s)cannot be traced.*dot_general.*own_functions\.py, line \d+: return norm"),
        (layer, (X, W), {}, r"do not fit `layer`, which takes \(x, w, b\): missing a required argument: 'b'"),
        (layer, (X, W, B, B), {}, "too many positional arguments"),
        (loop, (X, B[:3]), {}, "`loop` cannot be differentiated: ValueError: Reverse-mode"),
        (ends, (X, B), {}, "`ends` ends the program when it is called, with exit code 3"),
        (lambda x, b: (x + b).argmax(), (X, B[:3]), {}, r"no floating output to measure: it returns int32\[\]"),
        (lambda x, b: None, (X, B), {}, "it returns no array"),
        (lambda x, b: (x + b)[:0], (X, B[:3]), {}, r"it returns float32\[0, 3\]"),
        (layer, (X, W, B), {"has_aux": True}, r"returns \(outputs, aux\), but it returns an array"),
        (layer, (X, W, B), {"bias": "bb"}, r"(?s)has no argument or leaf `bb`; did you mean b\?.*w \(3, 4\) float64"),
        (
            network,
            (X, params()),
            {"bias": "bias"},
            "several leaves of `network`: write params.first.bias or params.second.bias",
        ),
        (lambda x, w: x @ w, (X, W), {}, r"(?s)is named like a bias.*--bias.*x \(6, 3\) float64\n  w \(3, 4\) float64"),
        (lambda x, w, b: x[b], (X, W, np.array([1])), {"bias": "b"}, "holds no floating numbers: nothing can be added to it"),
        (layer, (X, W, B), {"bias": lambda name: False}, "the predicate takes"),
        (layer, (X, W, B), {"mode": "train"}, "a mode is of a chain"),
        (layer, (X, W, B), {"dtypes": ["float33"]}, "unknown dtype `float33`"),
        (layer, (X, W, B), {"dtypes": ["tf32"], "device": "cpu"}, "on a CPU products are float32"),
        (layer, (X, W, B), {"device": "cpuu"}, "did you mean cpu"),
        (layer, (X * np.nan, W, B), {}, "x of `layer` holds NaN or infinity"),
        (3, (), {}, "a chain or a function can be checked, and 3 is neither"),
        ("conv -> bn", (X, B), {}, "a chain takes no arguments but the dtypes"),
    ],
)
def test_mistakes(function: Any, args: tuple[Any, ...], options: dict[str, Any], words: str) -> None:
    with pytest.raises(CheckError, match=words):
        checked(function, *args, **options)


def test_a_chain_as_ever() -> None:
    found = bnproof.check("linear(2) -> bn @ 6x2", ["float32"], bias="linear1.bias")
    assert sides(found) == {"linear1.bias": "below"}
    assert list(found) == list(
        bnproof.check("linear(2) -> bn @ 6x2", bias=lambda name: name == "linear1.bias", dtypes=["float32"])
    )
    assert found.notes == ()


def test_random_numbers_reach_every_leaf() -> None:
    def scaled(p: Any, b: Any) -> Any:
        return norm(p["x"] + b) * p["gamma"] + jnp.sqrt(p["t"])

    (task, *_), _ = tasks_of_function(scaled, [{"x": shape(6, 3), "gamma": shape(3), "t": shape(3)}, shape(3)], ["float64"])
    params_, _ = task.subject.draw(np.random.default_rng(1))
    assert {name: value.shape for name, value in params_.items()} == {"p.gamma": (3,), "p.t": (3,), "p.x": (6, 3), "b": (3,)}
    assert (params_["p.t"] > 0).all()  # a root is taken of it
    assert (np.abs(params_["p.gamma"]) >= 0.5).all()


# --- what is meant


def straight_through(x: Any, b: Any) -> Any:
    z = x + b
    return z * z + jax.lax.stop_gradient(jnp.round(4 * z) / 4 - z)


def failing(found: Measurements) -> set[str]:
    return {m.quantity for m in found if not m.passed}


def test_a_stop_gradient_fails_unless_it_is_meant() -> None:
    found = checked(straight_through, X, B[:3])
    assert failing(found) == {"gradient of b", "gradient of x"}
    assert "a stop_gradient in `straight_through` changes its gradients: if that is meant, say stopped=True" in found.notes
    meant = checked(straight_through, X, B[:3], stopped=True)
    assert failing(meant) == set()
    assert not any("stopped" in note for note in meant.notes)
    assert {m.quantity: m.outcome for m in meant}["gradient of x"] == "as proved"


def test_a_wrong_rule_is_not_excused_by_stop_gradients_that_are_meant() -> None:
    wrong = backward(wrong=True)
    found = checked(lambda x, w, b: wrong(x, w, b) + jax.lax.stop_gradient(b), X, W, B, stopped=True)
    assert {"gradient of w", "gradient of x"} <= failing(found)


def kernel(x: Any, gamma: Any, beta: Any, eps: float = 1e-5, fewer: int = 0) -> Any:
    """Batch normalisation with its variance in one pass."""
    mean, square = x.mean(0), (x * x).sum(0) / (len(x) - fewer)
    return (x - mean) * (jax.lax.rsqrt(square - mean * mean + eps) * gamma) + beta


def definition(x: Any, gamma: Any, beta: Any) -> Any:
    return gamma * (x - x.mean(0)) / jnp.sqrt(x.var(0) + 1e-5) + beta


@pytest.mark.parametrize("reference", [definition, "bn"], ids=["function", "chain"])
def test_a_kernel_against_what_it_should_be(reference: Any) -> None:
    gamma = RANDOM.uniform(0.5, 1.5, 3)
    found = checked(kernel, X, gamma, B[:3] + 1, against=reference)
    of_all = {m.quantity: m.outcome for m in found if m.reference}
    assert set(of_all) == {"output", "gradient of x", "gradient of gamma", "gradient of beta", "accuracy"}
    assert set(of_all.values()) == {"as proved"}
    assert sides(found) == {"beta": "above"}
    for wrong in (functools.partial(kernel, eps=1e-2), functools.partial(kernel, fewer=1)):
        failed = [m for m in checked(wrong, X, gamma, B[:3] + 1, against=reference) if not m.passed]
        assert {"output", "gradient of x"} <= {m.quantity for m in failed}
        name = reference if isinstance(reference, str) else reference.__name__
        assert all(m.note.endswith(f"is not that of `{name}`") and m.reference == f"`{name}`" for m in failed)


def test_a_reference_needs_no_bias() -> None:
    found = checked(lambda x: jax.nn.relu(norm(x)), X, against=lambda x: jnp.maximum(norm(x), 0))
    assert {m.bias for m in found} == {""}
    assert {m.outcome for m in found} == {"as proved"}


def test_references_that_do_not_fit() -> None:
    for given, said in (
        (lambda x, w, b: x, "is expected, and that of"),
        (lambda x: x, "cannot be traced"),
        ("conv -> bn", "no way among the arguments of `layer`"),
        (3, "a function of the same arguments or a chain"),
    ):
        with pytest.raises(CheckError, match=said):
            checked(layer, X, W, B, against=given)
    with pytest.raises(CheckError, match="are for a function"):
        bnproof.check("conv -> bn", against=layer)
    with pytest.raises(CheckError, match="are for a function"):
        bnproof.check("conv -> bn", stopped=True)
