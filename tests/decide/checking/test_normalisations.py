"""Each normalisation of a chain beside its definition: mistakes planted in the layer itself are found, and the layers are right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import bnproof
from bnproof.chain.build import build
from bnproof.chain.ops import OPERATIONS, Plan, Site
from bnproof.chain.shapes import walk
from bnproof.decide.checking.cases import Case, exactly, renormalises, subject
from bnproof.decide.checking.normalisations import definition, normalisations
from bnproof.decide.checking.run import run, tasks_of
from bnproof.decide.checking.suites import EXACT, Task
from bnproof.modes import MODES, Mode
from bnproof.numeric.checking.accuracy import accuracy
from bnproof.numeric.checking.reference import INPUT, differentiated, with_gradients

from ...numeric.checking.mutants import COARSE, RIGHT, WRONG, Normalise, along, axes_of, mean_of, written

CHAIN = "linear(3) -> bn @ 8x4"


def planted(normalise: Normalise) -> Callable[[Site], Plan]:
    """Batch normalisation by this function, in training."""
    real = OPERATIONS["bn"]

    def operation(site: Site) -> Plan:
        plan = real(site)

        def run(values: Any, inputs: Any, moment: Any) -> Any:
            y, new = plan.run(values, inputs, moment)
            if moment.mode == "train":
                eps = jnp.asarray(site.layer.number("eps"), inputs[0].dtype)
                y = normalise(inputs[0], values["gamma"], values["beta"], eps)
            return y, new

        return Plan(plan.output, run, plan.parameters, plan.statistics)

    return operation


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Normalise], None]]:
    subject.cache_clear()
    yield lambda normalise: monkeypatch.setitem(OPERATIONS, "bn", planted(normalise))
    subject.cache_clear()


def exact(chain: str, dtype: str) -> list[bnproof.Measurement]:
    """What `check` adds to the biases' measurements."""
    tasks, _ = tasks_of(chain, [dtype])
    assert tasks[-1].case == Case(chain, "")
    return next(iter(run(tasks[-1:])))


@pytest.mark.parametrize(("chain", "dtype"), [(CHAIN, "float64"), ("conv(2) -> bn @ 3x2x3x3", "float32")])
@pytest.mark.parametrize("name", {**WRONG, **COARSE})
def test_mistakes_of_a_layer_are_found(name: str, chain: str, dtype: str, plant: Callable[[Normalise], None]) -> None:
    plant({**WRONG, **COARSE}[name])
    failed = [m for m in exact(chain, dtype) if not m.passed]
    assert "bn1" in {m.bias for m in failed}
    if name in COARSE:
        assert {m.quantity for m in failed} == {"accuracy"}


@pytest.mark.parametrize("name", RIGHT)
def test_other_ways_of_a_layer_are_right(name: str, plant: Callable[[Normalise], None]) -> None:
    plant(RIGHT[name])
    for dtype in ("float32", "bfloat16"):
        found = exact(CHAIN, dtype)
        assert all(m.passed for m in found)
        assert "gradient of eps" in {m.quantity for m in found if m.bias == "bn1"}


def test_a_negated_gradient_fails_the_check(plant: Callable[[Normalise], None]) -> None:
    """The bias stays redundant, and that is all that its own measurements see."""
    plant(WRONG["sign flipped"])
    found = bnproof.check(CHAIN, ("float32",))
    assert all(m.passed for m in found if m.bias == "linear1.bias")
    assert {m.outcome for m in found if m.quantity == "gradient of gamma"} == {"FAILED"}


def test_a_custom_rule_that_knows_epsilon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then ε is no argument to differentiate by, and the rest is checked all the same."""
    real = OPERATIONS["bn"]

    def operation(site: Site, sign: float = 1.0) -> Plan:
        plan, eps = real(site), site.layer.number("eps")

        def value(x: Any, gamma: Any, beta: Any) -> Any:
            return written()(x, gamma, beta, eps)

        def pull(kept: Any, c: Any) -> Any:
            x, gamma = kept
            m = mean_of(x)
            s = jnp.sqrt(mean_of((x - m) ** 2) + eps)
            hat, g = (x - m) / s, along(gamma, x) * c
            dx = sign * (g - mean_of(g) - hat * mean_of(g * hat)) / s
            return dx, jnp.sum(c * hat, axes_of(x)), jnp.sum(c, axes_of(x))

        def run(values: Any, inputs: Any, moment: Any) -> Any:
            normalise = jax.custom_vjp(value)
            normalise.defvjp(lambda x, gamma, beta: (value(x, gamma, beta), (x, gamma)), pull)
            return normalise(inputs[0], values["gamma"], values["beta"]), {}

        return Plan(plan.output, run, plan.parameters, {})

    for sign, wrong in ((1.0, set[str]()), (-1.0, {"gradient of input"})):
        monkeypatch.setitem(OPERATIONS, "bn", lambda site, sign=sign: operation(site, sign))
        found = [m for m in exact(CHAIN, "float32") if m.bias == "bn1"]
        assert "gradient of eps" not in {m.quantity for m in found}
        assert {m.quantity for m in found if not m.passed} == wrong


KINDS = (
    "bn @ 6x3",
    "bn(variance=onepass) @ 3x2x2x2",
    "bn(track=no, gamma=no) @ 6x3",
    "brn @ 4x2x3x3",
    "ln @ 3x5x2x2",
    "ln(over=all) @ 3x4x2x2",
    "gn(2) @ 2x4x3",
    "in @ 2x3x3x3",
    "in(track=yes) @ 2x3x3x3",
    "rms @ 3x5",
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("chain", KINDS)
def test_definitions_have_the_gradients_that_jax_finds(chain: str, mode: Mode) -> None:
    """In float64, without the checker: the closed forms are the derivatives of the layers."""
    with jax.enable_x64(True):
        for of, reference in normalisations(build(chain), mode, chain):
            params, x = of.draw(np.random.default_rng(0))
            cotangent = np.random.default_rng(1).normal(size=x.shape)
            names = ["output", *differentiated(params, x).values()]
            closed = reference.exact(params, x, jnp.asarray(cotangent))
            found = with_gradients(of.function)(params, x, jnp.asarray(cotangent))
            assert {"eps", INPUT} <= set(names)
            for name, mine, jaxs in zip(names, closed, found, strict=True):
                np.testing.assert_allclose(mine, jaxs, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("chain", KINDS)
def test_definitions_are_told_by_what_is_averaged(chain: str) -> None:
    (place,) = walk(build(chain).places)
    made = definition(place, "eval")
    assert made.stored == ("running_mean" in place.plan.statistics)
    assert made.centred == (place.layer.token != "rms")
    assert (made.clips is not None) == (place.layer.token == "brn")
    assert int(np.prod(made.view)) == int(np.prod(place.shape))


@pytest.mark.parametrize("case", EXACT, ids=lambda case: f"{case.title}-{case.bias}")
def test_the_suites_cases_are_right(case: Case) -> None:
    (found,) = run([Task(replace(case, bias="", along="entries"), "float32")])
    assert all(m.passed for m in found)
    assert {m.outcome for m in found if m.quantity == "accuracy"} == {"as proved"}
    assert all(m.reference for m in found)
    named = {m.bias for m in found}
    assert "" in named
    assert len(named) > 1 or "attention" in case.chain


def test_equal_layers_are_looked_at_once() -> None:
    case = Case("linear(3) -> bn -> relu -> linear(3) -> bn -> linear(2) -> bn @ 8x4", "")
    assert [of.bias for of, _ in exactly(case)] == ["bn1", "bn3", ""]
    assert not renormalises(case)
    assert renormalises(Case("residual(conv(3) -> brn) @ 2x3x3x3", ""))


def test_batch_renormalisation_is_defined_with_stop_gradient() -> None:
    chain = "linear(3) -> brn @ 8x4"
    assert all(m.passed for m in exact(chain, "float32"))
    (_, _), (whole, _) = exactly(Case(chain, ""))
    failed = [m for m in accuracy(whole, "float32") if not m.passed]
    assert failed
    assert all("a stop_gradient makes the difference" in m.note for m in failed)


def test_one_parameter_alone_is_about_that_parameter() -> None:
    tasks, _ = tasks_of(CHAIN, ["float32"], bias="linear1.bias")
    assert [task.case.bias for task in tasks] == ["linear1.bias"]
