"""The sweep over handmade functions: every verdict sound, every gradient what autodiff says, and guards that matter."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.decide import gradient
from bnproof.decide.program import Program
from bnproof.decide.verdicts import decide
from bnproof.errors import ContradictionError
from bnproof.numeric.replay.op import UnreplayableError
from bnproof.numeric.roundoff import shift
from bnproof.verdict import Verdict

from .sweep import Case, bounds, decisions, empty, formats, gradients, loops, more, numbers, outside

TABLES = (bounds, decisions, empty, formats, gradients, loops, more, numbers, outside)
CASES: dict[str, Case] = {name: case for table in TABLES for name, case in table.CASES.items()}


def test_no_function_hides_another() -> None:
    assert len(CASES) == sum(len(table.CASES) for table in TABLES) > 380


def verdict(case: Case) -> tuple[Program, Verdict]:
    program = case.program()
    return program, decide(program, ["bias"]).verdicts[0]


def autodiff(case: Case, program: Program, seed: int) -> Any:
    """The gradient of a weighted sum of the floating outputs by the bias, in float64."""
    assert program.sample is not None
    named = dict(zip(program.inputs, program.sample(seed), strict=True))

    def loss(bias: Any) -> Any:
        outputs = jax.tree.leaves(case.function(**{**named, "bias": bias}))
        real = [y for y in outputs if jnp.issubdtype(y.dtype, jnp.floating)]
        return sum((jnp.sum(jnp.cos(jnp.arange(y.size) + 0.3).reshape(y.shape) * y) for y in real), start=0.0 * jnp.sum(bias))

    with jax.enable_x64(True):
        return np.asarray(jax.grad(loss)(jnp.asarray(named["bias"], jnp.float64)))


@pytest.mark.parametrize("name", CASES)
def test_every_verdict_is_sound(name: str) -> None:
    case = CASES[name]
    program, found = verdict(case)
    assert found.verdict in case.allowed, found.reason
    assert (found.verdict == "acts") == (found.witness is not None)
    assert found.verdict == "acts" or found.confirmed or found.unconfirmed or found.reason
    assert found.confirmed is None or found.verdict == "redundant"
    json.dumps(found.as_json(), allow_nan=False)
    if found.gradient_zero is None or any("rounds to" in said for said in found.assumptions):
        return
    gradients = [autodiff(case, program, seed) for seed in range(3)]
    if found.gradient_zero:
        assert all((np.abs(one) < 1e-7).all() for one in gradients)
    else:
        assert not all((np.abs(one) < 1e-7).all() for one in gradients)


def unsound(names: tuple[str, ...]) -> list[str]:
    """Those of these functions that get a verdict that is not allowed, or a contradiction."""
    wrong: list[str] = []
    for name in names:
        try:
            _, found = verdict(CASES[name])
        except (ContradictionError, UnreplayableError):
            wrong.append(name)
            continue
        if found.verdict not in CASES[name].allowed:
            wrong.append(name)
    return wrong


DECIDED = ("cmp roundoff", "cmp roundoff int", "floor trig", "sign tie2", "argsort tie")
BITS = ("bits back", "bits abs", "nextafter", "pcb", "refs")


def test_without_a_second_look_round_off_is_taken_for_a_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unsound((*DECIDED, "overflow")) == []
    monkeypatch.setattr(shift.Unshifted, "settled", lambda *_: True)
    assert unsound((*DECIDED, "overflow")) == [*DECIDED, "overflow"]


def test_without_asking_what_is_run_bits_are_taken_for_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unsound(BITS) == []
    monkeypatch.setattr(Program, "runnable", lambda self: ([*range(self.outputs)], ""))
    assert "bits back" in unsound(BITS)


def test_without_the_points_without_a_derivative_gradients_are_taken_for_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("clampb", "bn1", "wheresqrt")
    assert [verdict(CASES[name])[1].gradient_zero for name in names] == [False] * len(names)
    monkeypatch.setattr("bnproof.algebra.walk.singular", lambda *_: None)
    monkeypatch.setattr(shift.Unshifted, "singular", False)
    assert [name for name in names if verdict(CASES[name])[1].gradient_zero] == [*names]


def test_a_gradient_that_jax_does_not_have_is_not_decided() -> None:
    program = CASES["while1"].program()
    assert gradient.gradients_zero(program, ["bias"], 0) == {"bias": None}
