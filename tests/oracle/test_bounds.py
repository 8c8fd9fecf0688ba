"""Bounds of random structures with hostile numbers against exact values; `make soak-oracle` looks at more of them, and longer."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.numeric.checking.subject import Subject
from bnproof.numeric.roundoff import operation_error

from . import run as running
from .__main__ import read
from .balls import arb, bits, exact
from .compare import Oracle, Tally, Values, compare
from .evaluate import evaluate
from .known import KNOWN, normed, saturated
from .run import dtype_of, known, limited, one
from .structures import structure

STRUCTURES, TOGETHER = 60, 10
"""How many structures, and how many of them one test looks at."""


@pytest.mark.parametrize("start", range(0, STRUCTURES, TOGETHER))
def test_no_bound_is_exceeded_and_nothing_true_fails(start: int) -> None:
    total = Tally()
    for seed in range(start, start + TOGETHER):
        total.join(one(seed, draws=2, whole=10))
    assert not total.exceeded
    assert not total.alarms
    assert total.compared


@pytest.mark.parametrize("name", KNOWN)
def test_no_bound_is_exceeded_where_one_was(name: str) -> None:
    tally = known(name)
    assert not tally.exceeded
    assert not tally.alarms


def test_a_row_of_which_values_have_more_uses_than_are_followed_one_by_one() -> None:
    assert not one(1441, draws=2, whole=1).exceeded


@functools.cache
def _plain() -> Subject:
    return replace(saturated("tanh", 1.0), case="plain")


def test_most_of_an_ordinary_case_is_compared() -> None:
    tally = compare(_plain(), "float32", range(2), (1.0,))
    assert not tally.exceeded
    assert set(tally.compared) == {"bias gradient", "Hessian row", "other gradients", "output value", "output shift"}
    assert tally.compared["output value"] >= 10
    assert tally.nonzero >= 10
    assert not tally.unbounded
    assert 0.01 < max(tally.nearest.values()) <= 1


def _halved(factor: float) -> Iterator[Any]:
    def errors(*given: Any) -> Any:
        own = whole(*given)
        return own and tuple(replace(error, times=error.times * factor, tiny=0.0) for error in own)

    whole = operation_error.own_errors
    with mock.patch.object(operation_error, "own_errors", errors):
        yield errors


def test_bounds_that_are_too_small_are_noticed() -> None:
    """Every operation said to round a thousand times less than it does."""
    for _ in _halved(1e-3):
        tally = compare(_plain(), "float32", range(2), (1.0,))
        assert tally.exceeded
        assert tally.alarms


def test_a_statement_that_is_not_true_is_noticed() -> None:
    wrong = replace(_plain(), function=lambda p, x: jnp.tanh(x @ p["w"] + p["b"]))
    tally = compare(wrong, "float32", range(1), (1.0,))
    assert any("is not zero" in line for line in tally.alarms)


def test_the_program_is_compared_and_not_the_mathematics() -> None:
    """ε is 1e-30, which is 0 in float16: the exact program divides by the root of 0, and has no value."""

    def run(p: Any, x: Any) -> Any:
        return normed(x + p["b"].reshape(2, 1, 1), 1e-30)

    def draw(_: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"b": np.zeros(2)}, np.ones((1, 2, 1, 1))

    oracle = Oracle(Subject("ε that is 0", "b", run, draw, "below"), "float16", whole=False)
    tally = oracle.compare(0, (1.0,))
    assert not tally.exceeded
    assert not tally.compared["output value"]


def test_more_bits_are_taken_where_fewer_do_not_tell() -> None:
    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(lambda x: (x + 1e200) - 1e200)(np.array(1.0))
    values = Values(jaxpr, (np.array(1.0),))
    assert values.against((0, ()), 1.0, 1e-3) == ("held", 0.0)
    assert values.against((0, ()), 0.0, 1e-3) == ("exceeded", 1.0)
    assert max(values.known) > 256


def test_where_a_number_leaves_the_format_is_said() -> None:
    jaxpr = jax.make_jaxpr(lambda x: 1 / (x * x))(np.array(300.0, np.float16))
    assert Values(jaxpr, (np.array(300.0, np.float16),)).largest() == "mul overflows, div underflows"


def test_structures_are_those_of_their_seed_and_of_all_kinds() -> None:
    some, again = ([structure(seed, dtype_of(seed)) for seed in range(300)] for _ in range(2))
    assert [s.case for s in some] == [s.case for s in again]
    words = " ".join(s.case for s in some)
    for word in (
        "conv",
        "NHWC",
        "depthwise",
        "pool",
        "one-pass",
        "softmax",
        "attention",
        "float32",
        "γ",
        "tanh",
        "one huge",
        "10000x1",
    ):
        assert word in words


def test_statements_about_structures_are_true() -> None:
    """The exact output is the same, whatever the bias is moved by."""
    for seed in range(12):
        made = structure(seed, "float64")
        oracle = Oracle(made, "float64", whole=False)
        params, x = made.draw(np.random.default_rng(0))
        directions = made.directions
        before = np.zeros(params["b"].shape if directions is None else len(directions))
        with bits(2048):
            (moved,) = evaluate(oracle.programs["output shift"], jax.tree.leaves((params, x, before, before + 0.75)))
        finite = [v for v in moved.reshape(-1) if v.is_finite()]
        assert finite, made.case
        assert all(v.contains(0) and v.rad() < arb(1e-200) for v in finite), made.case


def test_a_loop_without_an_end_is_an_alarm() -> None:
    def endless(*_: Any) -> None:
        while True:
            pass

    with mock.patch.object(running, "compare", endless), mock.patch.object(running, "SECONDS", 1):
        assert "not finished" in one(0).alarms[0]
    with limited(5):
        assert exact(1.0)[()] == 1


def test_a_tally_survives_being_written() -> None:
    tally = compare(_plain(), "float32", range(1), (1.0,), whole=False)
    again = read(json.loads(json.dumps(tally.as_json())))
    assert again == tally
    again.join(tally)
    assert again.compared["output value"] == 2 * tally.compared["output value"]
