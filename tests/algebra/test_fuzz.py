"""Random programs of primitives: no claim that a tracked input is free may be wrong."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from jax.extend.core import jaxpr_as_fun

from .fuzz.claims import Tally, check, difference, draw, fuzz
from .fuzz.interpreter import run
from .fuzz.primitives import UndefinedRunError
from .fuzz.programs import program

PROGRAMS = 240


def test_no_claim_is_wrong() -> None:
    tally = fuzz(range(PROGRAMS))
    assert tally.unsound == []
    assert tally.crashed == []
    assert tally.programs == PROGRAMS
    assert 0.35 < tally.free / tally.claims < 0.9
    assert tally.checked > 0.6 * tally.free


def test_the_interpreter_agrees_with_jax() -> None:
    compared = 0
    for seed in range(1000, 1012):
        one = program(seed)
        jaxpr, rng = one.trace(), np.random.default_rng(seed)
        arrays = [draw(rng, *given) for given in one.inputs]
        with np.errstate(all="ignore"), jax.enable_x64(True):
            try:
                here = run(jaxpr.jaxpr, jaxpr.consts, arrays)
            except UndefinedRunError:
                continue
            there = jax.jit(jaxpr_as_fun(jaxpr))(*arrays)
        compared += 1
        assert max(difference(a, b) for a, b in zip(here, there, strict=True)) < 1e-6, seed
    assert compared > 6


@pytest.mark.parametrize("seed", [4074, 4140, 4454, 4573, 4973, 5019, 5142, 5354, 5871])
def test_seeds_that_found_something(seed: int) -> None:
    tally = Tally()
    check(program(seed), tally)
    assert (tally.unsound, tally.crashed) == ([], [])
