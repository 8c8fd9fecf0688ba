"""Synchronised and separate statistics over eight devices, and checks that must fail."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from bnproof.errors import CheckError
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF, gamma, storage
from bnproof.numeric.roundoff.probable import FAILURE, deviations
from bnproof.numeric.scale.shard_bounds import LOCAL, ONE, SUMMED, Gradients, Judge
from bnproof.numeric.scale.sharded import absolute, run_sharded, shards

SCRIPT = Path(__file__).with_name("eight_devices.py")


def on_eight_devices(*arguments: str) -> Any:
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, str(SCRIPT), *arguments]
    done = subprocess.run(command, env={**os.environ, **flags}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_equal_and_unequal_shards(dtype: str) -> None:
    found = on_eight_devices("run", dtype, "null")
    assert len(found) == 10
    assert all(m["outcome"] == "as proved" and m["dtype"] == dtype for m in found)
    for suffix, total in (("", 8 * 64), (", unequal shards", 36 * 16)):
        of = [m for m in found if m["case"] == f"conv -> bn, 8 devices{suffix}"]
        assert [(m["quantity"], m["expected"]) for m in of] == [(LOCAL, "below"), (SUMMED, "below"), (ONE, "above")]
        assert of[1]["count"] == of[2]["count"] == total
        control = [m for m in found if m["case"] == f"conv -> relu -> bn, 8 devices{suffix}"]
        assert [(m["quantity"], m["expected"]) for m in control] == [(LOCAL, "above"), (SUMMED, "above")]
        zero, one = of[1], of[2]
        # the zero is round-off of this dtype, not an exact 0 nor that of another; one device's gradient is far from it
        assert UNIT_ROUNDOFF[dtype] / 10 < zero["measured"] < 1e4 * UNIT_ROUNDOFF[dtype]
        assert one["measured"] > 1e3 * one["bound"]


def test_a_half_type_says_what_it_cannot_tell() -> None:
    found = on_eight_devices("run", "bfloat16", "[1, 20]")
    assert all(m["passed"] and math.isfinite(float(m["measured"])) for m in found)
    blind = [m for m in found if m["outcome"] == "cannot tell"]
    assert all("bfloat16" in m["obstacle"] for m in blind)
    assert {m["quantity"] for m in blind} == {LOCAL, SUMMED, ONE}


@pytest.mark.parametrize(("dtype", "least"), [("bfloat16", 6), ("float16", 10)])
def test_half_types_tell_more_by_the_probable_bound(dtype: str, least: int) -> None:
    found = on_eight_devices("run", dtype, "null")
    told = [m for m in found if m["outcome"] == "as proved"]
    assert len(found) == 10
    assert len(told) >= least
    assert any(m["by"] == "probable" for m in told)
    for m in found:
        assert m["passed"]
        assert m["probable"] <= float(m["bound"])
        if m["expected"] == "below":
            assert m["measured"] <= m["probable"]  # whether or not it can tell


def test_wrong_checks_fail() -> None:
    found = on_eight_devices("wrong")
    assert found.pop("right")["outcome"] == "as proved"
    assert {name: m["outcome"] for name, m in found.items()} == dict.fromkeys(found, "FAILED")
    assert all(m["ratio"] > 1e3 for m in found.values() if m["expected"] == "below")  # by far, and not by not-a-number
    assert set(found) == {
        "weighted by the shares",
        "backward sums not exchanged",
        "padding counted",
        "one device, synchronised, expected 0",
        "one device, own statistics, expected not 0",
    }


def synthetic(dtype: str) -> Gradients:
    """Three devices with 16, 32 and 48 values: gradients of exactly 1/2 of the bound, in one channel of two."""
    counts, dc = np.array([16, 32, 48]), np.ones((3, 2))
    u = UNIT_ROUNDOFF[dtype]
    bound = [gamma(n + 2, dtype) + u + gamma(n - 1, dtype) for n in (16, 32, 48)]
    each = np.zeros((3, 2))
    each[:, 1] = np.array(bound) / 2
    total = np.array([0.0, (3 * gamma(98, dtype) + 3 * (u + gamma(95, dtype))) / 2])
    return Gradients(each, total, dc, dc, counts, np.array([-1.0, 1.0, -1.0]))


def test_bounds_are_those_of_the_derivation() -> None:
    judge, run = Judge("conv -> bn", "float32", "cpu"), synthetic("float32")
    for m, count in ((judge.each(run), 16), (judge.total(run), 96)):
        assert m.ratio == pytest.approx(0.5)
        assert m.count in {count, 32, 48}
        assert m.outcome == "as proved"
        assert replace(m, bound=m.bound * 1e-6).outcome == "FAILED"
    one = judge.one(run)
    assert one.measured == 0  # the channel closest to failing
    assert one.outcome == "FAILED"


def test_a_zero_by_the_probable_bound_alone() -> None:
    """200 values in bfloat16: by the worst case no digit is left; what exceeds the probable bound cannot be told, and never passes."""
    counts, ones = np.array([200, 200]), np.ones((2, 1))
    run = Gradients(0.01 * ones, np.array([0.1]), ones, ones, counts, np.array([-1.0, 1.0]), (1e-2 * ones, 1e-2 * ones))
    judge, u = Judge("conv -> bn", "bfloat16", "cpu"), UNIT_ROUNDOFF["bfloat16"]
    m = judge.each(run)
    assert (m.by, m.outcome) == ("probable", "as proved")
    assert m.bound > 1  # more than all terms together
    shared = gamma(3, "bfloat16") + u
    assert m.probable == pytest.approx(deviations(2) * u * math.sqrt(2e-2) + shared)
    assert m.failure == FAILURE
    for measured in (1.01 * float(m.probable or 0), 0.9):
        above = judge.each(replace(run, each=measured * ones))
        assert (above.by, above.outcome) == ("first order", "cannot tell")
    spread = replace(run, squares=(200 * ones, 200 * ones))  # a probable bound that tells nothing either
    assert judge.each(spread).outcome == "cannot tell"
    assert judge.each(replace(run, each=math.nan * ones)).outcome == "FAILED"


def test_a_control_by_the_probable_bound_alone() -> None:
    counts, ones = np.array([64, 64]), np.ones((2, 1))
    run = Gradients(0.5 * ones, np.array([0.9]), ones, ones, counts, np.array([-1.0, 1.0]), (1e-2 * ones, 1e-2 * ones))
    judge = Judge("conv -> relu -> bn", "bfloat16", "cpu")
    for m in (judge.each(run, control=True), judge.total(run, control=True), judge.one(run)):
        assert (m.by, m.outcome) == ("probable", "as proved")
        assert m.measured >= 3 * m.limit
    none = replace(run, each=0.0 * ones, total=np.array([0.0]))
    for m in (judge.each(none, control=True), judge.total(none, control=True), judge.one(none)):
        assert m.outcome != "as proved"


def test_no_tree_rounds_by_more_than_q() -> None:
    """Random trees over numbers of all sizes, added up in bfloat16: the units in the first place of all results, squared."""
    from jax import numpy as jnp

    random = np.random.default_rng(0)
    kind, worst = storage("bfloat16"), 0.0
    for _ in range(60):
        values = (random.normal(size=16) * 2.0 ** random.integers(-6, 6, 16)).astype(kind)
        _, q = absolute(jnp.asarray(values).reshape(1, 1, 4, 4), 1)
        leaves, squares = list(values), 0.0
        ordered = bool(random.integers(2))
        if ordered:
            leaves.sort(key=lambda v: -abs(float(v)))
        while len(leaves) > 1:
            i, j = (0, 1) if ordered else random.choice(len(leaves), 2, replace=False)
            total = leaves[i] + leaves[j]
            error = abs(float(total) - (float(leaves[i]) + float(leaves[j])))
            ufp = 2.0 ** math.floor(math.log2(abs(float(total)) or 2.0**-200))
            assert error <= UNIT_ROUNDOFF["bfloat16"] * ufp
            squares += ufp**2
            leaves = [total, *(v for k, v in enumerate(leaves) if k not in (i, j))]
        worst = max(worst, squares / float(q[0]))
        assert squares <= float(q[0])
    assert worst > 0.05


def test_controls_that_vanish_fail() -> None:
    judge, run = Judge("conv -> relu -> bn", "float64", "cpu"), synthetic("float64")
    assert judge.each(run, control=True).outcome == "FAILED"
    assert judge.total(run, control=True).outcome == "FAILED"


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_nan_never_passes(dtype: str) -> None:
    judge, run = Judge("conv -> bn", dtype, "cpu"), synthetic(dtype)
    each, total = run.each.copy(), run.total.copy()
    each[1, 0] = total[1] = math.nan
    spoiled = replace(run, each=each, total=total)
    for m in (
        judge.each(spoiled),
        judge.each(spoiled, True),
        judge.total(spoiled),
        judge.total(spoiled, True),
        judge.one(spoiled),
    ):
        assert math.isnan(m.measured)
        assert m.outcome == "FAILED"
    assert judge.each(replace(run, dc=math.nan * run.dc)).outcome == "FAILED"


def test_too_many_values_for_float32_are_no_failure_but_said() -> None:
    run = replace(synthetic("float32"), counts=np.array([10**5, 10**5, 10**5]))
    m = Judge("conv -> bn", "float32", "cpu").one(run)
    assert m.outcome == "cannot tell"
    assert "float32" in m.obstacle
    assert "300000" in m.obstacle


def test_sizes_that_do_not_fit() -> None:
    assert shards(3, None) == [(4, 4, 4), (1, 2, 3)]
    assert shards(2, [7, 1]) == [(7, 1)]
    for sizes in ([1], [1, 2, 3], [1, 0], []):
        with pytest.raises(CheckError, match="expected 2 numbers"):
            shards(2, sizes)
    with pytest.raises(CheckError, match="2 or more"):
        run_sharded(jax.devices()[:1])


def test_shards_too_large_for_memory_are_refused() -> None:
    with pytest.raises(CheckError, match=r"1000000000000 images on each device need about .* would fit"):
        run_sharded(jax.devices("cpu")[:1] * 2, sizes=[10**12, 1])
