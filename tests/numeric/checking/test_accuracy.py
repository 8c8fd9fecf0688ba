"""Values and gradients beside exact ones: what is wrong must be found, each planted mistake, and what is right must never be blamed."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.errors import CheckError
from bnproof.numeric.checking.accuracy import ITSELF, Accuracy, Against, accuracy, against
from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.checking.normalisation import Normalisation
from bnproof.numeric.checking.subject import Subject

from .mutants import BACKWARD, COARSE, FORWARD, RIGHT, STOPPED, WRONG, Normalise
from .subjects import HALF, WIDE, outcomes

LINEAR, IMAGES = (16, 3), (4, 3, 4, 4)
SHAPES = {"linear": LINEAR, "images": IMAGES}
SEEDS = range(3)


def normalising(normalise: Normalise, shape: tuple[int, ...], hostile: bool = False) -> Subject:
    """By a function of (x, gamma, beta, epsilon); hostile: with offsets, scales, γ and ε of any size."""

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        eps, offset, scale, gamma = 1e-3, random.normal(), random.uniform(0.5, 2), 1.0
        if hostile:
            eps, scale, gamma = (10 ** random.uniform(low, high) for low, high in ((-8, 1), (-4, 4), (-4, 4)))
            offset = random.choice([0.0, 1.0, 10 ** random.uniform(0, 6)])
        gammas = gamma * random.uniform(0.5, 1.5, shape[1]) * random.choice([-1.0, 1.0], shape[1])
        params = {"gamma": gammas, "beta": random.normal(size=shape[1]), "eps": np.array(eps)}
        return params, offset + scale * random.normal(size=shape)

    return Subject(
        "bn", "", lambda p, x: normalise(x, p["gamma"], p["beta"], p["eps"]), draw, "below", count=int(np.prod(shape)) // 3
    )


def defined(shape: tuple[int, ...]) -> Against:
    view = (shape[0], 1, *shape[1:])
    return Against(Normalisation(view, (0, *range(3, len(view))), 1.0).exact, "its definition")


def failing(found: list[Measurement]) -> set[str]:
    return {m.quantity for m in found if not m.passed}


def runs(check: Accuracy) -> list[list[Measurement]]:
    return [check.run(seed) for seed in SEEDS]


# --- planted mistakes


@pytest.mark.parametrize(("shape", "dtype"), [("linear", "float64"), ("linear", "float32"), ("images", "float32")])
@pytest.mark.parametrize("name", WRONG)
def test_each_mistake_is_found_beside_the_definition(name: str, shape: str, dtype: str) -> None:
    for found in runs(Accuracy(normalising(WRONG[name], SHAPES[shape]), dtype, reference=defined(SHAPES[shape]))):
        assert failing(found) - {"accuracy"}
        assert all("is not that of its definition" in m.note for m in found if not m.passed and m.quantity != "accuracy")
        assert ("output" in failing(found)) == (name in FORWARD)


@pytest.mark.parametrize("dtype", [*WIDE, *HALF])
@pytest.mark.parametrize("name", {**STOPPED, **BACKWARD})
def test_a_wrong_derivative_is_found_without_knowing_what_the_function_is(name: str, dtype: str) -> None:
    """Half types as well: what a program means is looked at in float64."""
    for found in runs(Accuracy(normalising(WRONG[name], LINEAR), dtype)):
        wrong = [m for m in found if not m.passed]
        assert wrong
        assert all(m.quantity.startswith("gradient of ") for m in wrong)
        assert all("is not the derivative of what the function computes" in m.note for m in wrong)
        assert all(m.note.endswith("a stop_gradient makes the difference") == (name in STOPPED) for m in wrong)
        assert {m.reference for m in found} == {ITSELF}


@pytest.mark.parametrize("name", FORWARD)
def test_the_derivative_of_another_function_is_right(name: str) -> None:
    """Without a definition to hold it against nothing is wrong with a function that computes something else."""
    assert "FAILED" not in outcomes(accuracy(normalising(FORWARD[name], LINEAR), "float64"))


@pytest.mark.parametrize(("shape", "dtype"), [("linear", "float64"), ("linear", "float32"), ("images", "float32")])
@pytest.mark.parametrize("name", COARSE)
def test_what_is_rounded_to_a_narrower_format_is_not_accurate(name: str, shape: str, dtype: str) -> None:
    """It is within its bound, which follows the program, and means what it should."""
    for found in runs(Accuracy(normalising(COARSE[name], SHAPES[shape]), dtype)):
        assert failing(found) == {"accuracy"}
        (worst,) = (m for m in found if m.quantity == "accuracy")
        assert worst.ratio > 30
        assert worst.note.startswith(f"as accurate as {dtype} allows: no, ")
        assert worst.note.endswith(" ×, rounded to bfloat16 on the way")


# --- what is right


@pytest.mark.parametrize("dtype", [*WIDE, *HALF])
@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_never_blamed(name: str, dtype: str) -> None:
    """Float32 inside a bfloat16 program is no lack of accuracy, nor is a variance in one pass."""
    for shape in (LINEAR, (2, 2, 3, 3)):
        for reference in (None, defined(shape)):
            check = Accuracy(normalising(RIGHT[name], shape), dtype, reference=reference)
            found = [m for seed in SEEDS for m in check.run(seed)]
            assert "FAILED" not in outcomes(found)
            told = [m for m in found if m.outcome == "as proved"]
            assert {m.quantity for m in told} >= {"output", "gradient of gamma", "gradient of input", "accuracy"}
            assert all(m.note == f"as accurate as {dtype} allows: yes" for m in told if m.quantity == "accuracy")
            assert any(m.measured > 0 for m in told)
            assert dtype not in WIDE or outcomes(found) == {"as proved"}


@pytest.mark.parametrize("dtype", [*WIDE, *HALF])
@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_never_blamed_for_hostile_numbers(name: str, dtype: str) -> None:
    check = Accuracy(normalising(RIGHT[name], LINEAR, hostile=True), dtype, reference=defined(LINEAR))
    found = [m for seed in range(20) for m in check.run(seed)]
    assert "FAILED" not in outcomes(found)
    assert "as proved" in outcomes(found)


def test_a_variance_in_one_pass_far_from_zero_is_not_told() -> None:
    """Its own floor is as high as its error: the algorithm loses the digits, not a narrow format."""

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        params = {"gamma": np.ones(3), "beta": np.zeros(3), "eps": np.array(1e-3)}
        return params, 1e4 + random.normal(size=LINEAR)

    one = normalising(RIGHT["one pass"], LINEAR)
    found = accuracy(Subject("far", "", one.function, draw, "below"), "float32")
    assert outcomes(found) == {"as proved", "cannot tell"}
    assert {m.quantity for m in found if m.outcome == "as proved"} == {"gradient of beta"}  # which no variance enters
    assert next(m for m in found if m.quantity == "accuracy").note == "as accurate as float32 allows: cannot tell"


# --- stop_gradient, kinks, custom rules


def vector(function: Any) -> Subject:
    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"w": random.normal(size=5)}, random.normal(size=5)

    return Subject("made", "", lambda p, x: function(p["w"], x), draw, "below")


def test_a_stop_gradient_that_belongs_to_the_function() -> None:
    stopped = vector(lambda w, x: w * lax.stop_gradient(x) + x * x)
    assert failing(accuracy(stopped, "float32")) == {"gradient of input"}
    assert outcomes(accuracy(stopped, "float32", stopped=True)) == {"as proved"}
    flipped = jax.custom_jvp(lambda x: x * x)
    flipped.defjvp(lambda primals, tangents: (flipped(*primals), -2 * primals[0] * tangents[0]))
    both = vector(lambda w, x: w * lax.stop_gradient(x) + flipped(x))
    found = accuracy(both, "float32", stopped=True)
    assert failing(found) == {"gradient of input"}
    assert all("stop_gradient" not in m.note for m in found)


def test_a_stop_gradient_that_changes_nothing() -> None:
    """The largest is taken off before the exponential, as every log-sum-exp does."""
    stable = vector(
        lambda w, x: w * jnp.exp(x - lax.stop_gradient(jnp.max(x))) / jnp.sum(jnp.exp(x - lax.stop_gradient(jnp.max(x))))
    )
    assert outcomes(accuracy(stable, "float64")) == {"as proved"}


def test_rules_of_relu_and_its_kink() -> None:
    assert outcomes(accuracy(vector(lambda w, x: w * jax.nn.relu(x)), "float32")) == {"as proved"}
    kinked = vector(lambda w, x: w * jax.nn.relu(x - x))
    found = {m.quantity: m for m in accuracy(kinked, "float32")}
    assert found["output"].passed
    assert found["gradient of input"].outcome == "cannot tell"


def test_ties_of_what_is_exact_have_no_derivative() -> None:
    """A rule may take either side there, and autodiff takes the middle; where there is none, a rule is held to the derivative."""
    rule = jax.custom_jvp(lambda x: jnp.maximum(x, 0))
    rule.defjvp(lambda primals, tangents: (rule(*primals), jnp.where(primals[0] >= 0, tangents[0], 0)))
    sizes = jax.custom_jvp(jnp.abs)
    sizes.defjvp(lambda primals, tangents: (sizes(*primals), jnp.where(primals[0] >= 0, 1.0, -1.0) * tangents[0]))

    def drawn(x: Any, function: Any) -> dict[str, Measurement]:
        def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
            return {"w": random.normal(size=3)}, np.array(x)

        made = Subject("tied", "", lambda p, x: p["w"] * function(x), draw, "below")
        return {m.quantity: m for m in accuracy(made, "float32")}

    for function in (rule, sizes, lambda x: jnp.clip(rule(x), 0, 9)):
        tied = drawn([1.0, 0.0, -2.0], function)
        assert tied["output"].outcome == tied["gradient of w"].outcome == "as proved"
        assert tied["gradient of input"].outcome != "FAILED"
        assert drawn([1.0, 0.5, -2.0], function)["gradient of input"].outcome == "as proved"
    mask = drawn([1.0, 0.0, 0.0], lambda x: jnp.where(x > 0, x, -x))  # a comparison, which both decide alike
    assert mask["output"].outcome == mask["gradient of input"].outcome == "as proved"


def test_a_rule_where_there_is_no_derivative() -> None:
    """The root of 0 squared has none, and a rule that says 0 is as good as any."""
    safe = jax.custom_jvp(lambda x: jnp.sqrt(x * x))
    safe.defjvp(lambda primals, tangents: (safe(*primals), jnp.sign(primals[0]) * tangents[0]))
    found = {m.quantity: m for m in accuracy(vector(lambda w, x: w + safe(x - x)), "float32")}
    assert found["gradient of input"].outcome == "cannot tell"
    assert found["gradient of w"].passed


def test_a_value_that_is_another_when_differentiated() -> None:
    odd = jax.custom_vjp(jnp.sin)
    odd.defvjp(lambda x: (jnp.sin(x) * 1.01, x), lambda x, c: (c * jnp.cos(x),))
    found = accuracy(vector(lambda w, x: w * odd(x)), "float32")
    assert "output" in failing(found)
    assert "differentiated, the function computes something else" in {m.note for m in found}


def test_not_a_number_where_there_is_one() -> None:
    """A derivative that is 0 · ∞."""
    masked = vector(lambda w, x: w * jnp.where(jnp.abs(x) < 1e3, x, jnp.sqrt(jnp.abs(x) - jnp.abs(x))))
    assert "gradient of input" not in {m.quantity for m in accuracy(masked, "float32") if m.outcome == "as proved"}
    broken = jax.custom_vjp(lambda x: x * x)
    broken.defvjp(lambda x: (x * x, x), lambda x, c: (c * x * jnp.nan,))
    assert failing(accuracy(vector(lambda w, x: w * broken(x)), "float32")) == {"gradient of input", "accuracy"}


def test_an_overflow_on_the_way_is_not_told() -> None:
    """(x − m)² is beyond float16, 1/∞ is 0, and what comes out is β."""
    far = normalising(RIGHT["two passes"], LINEAR)

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        params, x = far.draw(random)
        return params, 1000 * x

    found = accuracy(Subject("far", "", far.function, draw, "below"), "float16")
    assert "FAILED" not in outcomes(found)
    assert any("beyond the largest float16" in m.obstacle for m in found)


# --- another function as the reference


@pytest.mark.parametrize("dtype", WIDE)
def test_against_another_function(dtype: str) -> None:
    def reference(p: Any, x: Any) -> Any:
        return RIGHT["one pass"](x, p["gamma"], p["beta"], p["eps"])

    held = against(reference, "the plain one")
    assert outcomes(accuracy(normalising(RIGHT["by hand"], IMAGES), dtype, reference=held)) == {"as proved"}
    found = accuracy(normalising(WRONG["variance over n − 1"], IMAGES), dtype, reference=held)
    assert failing(found) >= {"output", "gradient of input"}
    assert {m.note for m in found if m.quantity == "output"} == {"the value is not that of the plain one"}
    assert {m.reference for m in found} == {"the plain one"}


def test_a_reference_of_another_shape() -> None:
    with pytest.raises(CheckError, match=r"shape \(5,\) is expected, and that of the sum has shape \(\)"):
        accuracy(vector(lambda w, x: w * x), "float32", reference=against(lambda p, x: jnp.sum(x), "the sum"))


def test_inputs_of_any_kind() -> None:
    """Integers, Booleans and random keys are no arrays to differentiate by; parameters may be nested."""

    def function(p: Any, x: Any) -> Any:
        table, (index, key, wide) = p["layer"]["table"], x
        return table[index] * wide + jax.random.normal(key, (2,), table.dtype)

    def draw(random: np.random.Generator) -> tuple[dict[str, Any], Any]:
        table = {"layer": {"table": random.normal(size=4)}}
        return table, (np.array([1, 3]), jax.random.key(1), random.normal(size=2))

    found = accuracy(Subject("looked up", "", function, draw, "below"), "float32")
    assert {m.quantity for m in found} == {"output", "gradient of layer.table", "gradient of input.2", "accuracy"}
    assert "FAILED" not in outcomes(found)
