"""The suites: every chain can be read, every case has an expected side, and nothing promised is missing."""

from __future__ import annotations

import re

import pytest

from bnproof.chain.build import build
from bnproof.chain.kinds import KINDS
from bnproof.chain.parse import parse
from bnproof.chain.shapes import walk
from bnproof.decide.checking.cases import Case, subject
from bnproof.decide.checking.suites import ALL, EPS, SUITES, WIDE, Task, coarse, full, quick, task
from bnproof.numeric.roundoff.precision import HALF

QUICK, FULL = list(quick()), list(full())
CASES = sorted({made.case for made in QUICK}, key=lambda case: (case.title, case.bias))
CHAINS = sorted({made.case.chain for made in FULL})


def test_names() -> None:
    assert set(SUITES) == {"quick", "full"}
    assert [list(made()) for made in SUITES.values()] == [QUICK, FULL]


def test_quick_is_large_enough() -> None:
    assert len({(made.case, made.dtype) for made in QUICK}) >= 40
    assert len(QUICK) == len(set(QUICK))
    assert {made.dtype for made in QUICK} == set(ALL)
    assert any(made.whole for made in QUICK)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.title}-{case.bias}")
def test_every_quick_case_has_an_expected_side(case: Case) -> None:
    assert subject(case).expected in ("below", "above")


def test_exact_values_are_asked_for_in_every_dtype() -> None:
    """Of every normalisation that a suite has; in quick of the plainest."""
    for suite, dtypes in ((QUICK, ALL), (FULL, ALL)):
        assert {made.dtype for made in suite if made.exact} == set(dtypes)
    held = {layer.token for made in FULL if made.exact for layer in parse(made.case.chain).layers}
    assert held >= {token for token, kind in KINDS.items() if kind.role == "normalisation"}


def test_quick_has_zeros_and_controls_in_every_dtype() -> None:
    for dtype in ALL:
        assert {subject(made.case).expected for made in QUICK if made.dtype == dtype} == {"below", "above"}


@pytest.mark.parametrize("chain", CHAINS)
def test_every_chain_of_the_full_suite_can_be_built(chain: str) -> None:
    built = build(chain)
    assert all(made.case.bias in built.parameters for made in FULL if made.case.chain == chain)


def test_full_has_everything() -> None:
    rows = {int(match[1]) for made in FULL if (match := re.search(r"linear\(1\) .* @ (\d+)x1", made.case.chain))}
    assert {2, 10, 1000, 100_000, 10_000_000} == rows
    assert {made.dtype for made in FULL} == set(ALL)
    for dtype in ALL:
        in_dtype = [made for made in FULL if made.dtype == dtype]
        assert len(in_dtype) > 30
        assert {made.case.mode for made in in_dtype} == {"train", "eval", "frozen"}
        assert {made.case.along for made in in_dtype} == {"entries", "mean", "groups"}
    assert {(made.case, made.dtype) for made in QUICK} <= {(made.case, made.dtype) for made in FULL}
    assert all(made.dtype in WIDE for made in FULL if made.case.chain.endswith("0x1"))
    assert len(FULL) == len(set(FULL))


COARSE = {
    "linear(4) -> bn @ 16x6": "linear(4) -> bn(0.01) @ 16x6",
    "conv(4) -> bn(variance=onepass) @ 4x3x4x4": "conv(4) -> bn(0.01, variance=onepass) @ 4x3x4x4",
    "conv(4) -> gn(2) @ 2x3x4x4": "conv(4) -> gn(2, eps=0.01) @ 2x3x4x4",
    "conv(4) -> in @ 2x3x6x6": "conv(4) -> in(0.01) @ 2x3x6x6",
    "conv(4) -> ln @ 2x3x4x4": "conv(4) -> ln(0.01) @ 2x3x4x4",
    "conv(4) -> brn @ 2x3x4x4": "conv(4) -> brn(eps=0.01) @ 2x3x4x4",
    "conv(4) -> rms @ 2x3x4x4": "conv(4) -> rms(0.01) @ 2x3x4x4",
    "attention @ 2x4x6": "attention @ 2x4x6",
    "conv -> bn -> relu -> conv -> bn @ 2x3x4x4": "conv -> bn(0.01) -> relu -> conv -> bn(0.01) @ 2x3x4x4",
    "residual(bn -> add(in; bn(eps=0.1))) @ 2x3x4x4": "residual(bn(0.01) -> add(in(0.01); bn(0.1))) @ 2x3x4x4",
    "conv -> Batch_Norm( momentum = 0.3 )@2x3x4x4": "conv -> bn(0.01, 0.3) @ 2x3x4x4",
}


@pytest.mark.parametrize("chain", COARSE)
def test_room_for_half_types(chain: str) -> None:
    case = Case(chain, mode="eval", along="mean")
    assert coarse(case) == Case(COARSE[chain], mode="eval", along="mean")
    assert task(case, "float32") == Task(case, "float32")
    assert {task(case, dtype).case.chain for dtype in HALF} == {COARSE[chain]}


def test_every_normalisation_in_a_half_type_has_room() -> None:
    for made in (*QUICK, *FULL):
        layers = [here.layer for here in walk(build(made.case.chain).places) if "eps" in here.layer.arguments]
        assert all((layer.number("eps") == EPS) == (made.dtype in HALF) for layer in layers), made
