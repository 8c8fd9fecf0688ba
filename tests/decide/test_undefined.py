"""Programs that have no value, whatever goes in."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import pytest

from bnproof.decide import chain, evidence

from .handmade import centred, program, ruled


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
