"""Cases: what is expected of each comes from the engine, and what it does not prove is refused."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from bnproof.decide.checking.cases import Along, Case, subject
from bnproof.errors import ChainError, CheckError

Side = Literal["below", "above"]
EXPECTED: list[tuple[Case, Side, int]] = [
    (Case("conv(4) -> bn @ 4x3x4x4"), "below", 64),
    (Case("linear(4) -> bn @ 8x3", "linear1.bias"), "below", 8),
    (Case("conv(4) -> bn(variance=onepass) @ 4x3x4x4"), "below", 64),
    (Case("conv(4) -> maxpool -> bn @ 4x3x4x4"), "below", 16),
    (Case("conv(4) -> conv(4, pad=circular) -> bn @ 2x3x4x4"), "below", 32),
    (Case("conv(4) -> in @ 2x3x6x6"), "below", 36),
    (Case("conv(4) -> gn(2) @ 2x3x4x4", along="groups"), "below", 32),
    (Case("conv(4) -> ln @ 2x3x4x4", along="mean"), "below", 4),
    (Case("attention @ 2x4x6", "attention1.k.bias"), "below", 0),
    (Case("conv(4) -> relu -> bn @ 4x3x2x2"), "above", 16),
    (Case("conv(4) -> bn @ 4x3x2x2", mode="eval"), "above", 16),
    (Case("conv(4) -> bn @ 4x3x2x2", mode="frozen"), "above", 16),
    (Case("conv(4) -> rms @ 2x3x2x2"), "above", 4),
    (Case("conv(4, standardised=yes) @ 4x3x2x2"), "above", 0),
    (Case("conv(4, standardised=yes) -> bn @ 4x3x2x2"), "below", 16),
    (Case("conv(4) -> brn @ 4x3x2x2"), "above", 16),
    (Case("conv(4) -> conv(4) -> bn @ 4x3x2x2"), "above", 16),
    (Case("conv(4) -> conv(4) -> bn @ 4x3x2x2", "conv2.bias"), "below", 16),
    (Case("conv(4) -> ln @ 2x3x2x2"), "above", 4),
    (Case("attention @ 2x4x6", "attention1.q.bias"), "above", 0),
    (Case("conv(4) -> bn @ 4x3x2x2", "bn1.beta"), "above", 0),
]


@pytest.mark.parametrize(("case", "side", "count"), EXPECTED, ids=[f"{case.title}-{case.bias}" for case, *_ in EXPECTED])
def test_what_is_expected(case: Case, side: Side, count: int) -> None:
    made = subject(case)
    assert made.expected == side
    assert made.count == count
    assert (made.case, made.bias) == (case.title, case.bias)


def test_a_gradient_that_is_zero_although_the_output_moves() -> None:
    assert subject(Case("conv(4) -> brn @ 4x3x2x2")).gradient == "below"
    assert subject(Case("conv(4) -> relu -> brn @ 4x3x2x2")).gradient is None
    assert subject(Case("conv(4) -> brn @ 4x3x2x2", mode="eval")).gradient is None
    assert subject(Case("conv(4) -> bn @ 4x3x2x2")).gradient is None


@pytest.mark.parametrize("case", [case for case, *_ in EXPECTED[:9]], ids=lambda case: case.title)
def test_functions_do_what_is_expected_of_them(case: Case) -> None:
    """In float64, without the checker: a shift along the directions moves nothing."""
    import jax

    with jax.enable_x64(True):
        made = subject(case)
        params, x = made.draw(np.random.default_rng(0))
        amounts = np.ones(np.shape(params[case.bias])) if made.directions is None else np.ones(len(made.directions))
        moved = {**params, case.bias: params[case.bias] + np.asarray(made.shift(0.5 * amounts))}
        np.testing.assert_allclose(made.function(params, x), made.function(moved, x), atol=1e-10)


def test_titles() -> None:
    assert Case("conv -> bn").title == "conv -> bn"
    assert Case("conv -> bn", mode="eval").title == "conv -> bn, eval mode"
    assert Case("conv -> gn(2)", along="groups").title == "conv -> gn(2), along groups"
    assert Case("conv -> ln", mode="frozen", along="mean").title == "conv -> ln, frozen mode, along mean"


@pytest.mark.parametrize(
    ("chain", "along", "shape"),
    [("conv(4) -> ln @ 2x3x4x4", "mean", (1, 4)), ("conv(6) -> gn(3) @ 2x3x4x4", "groups", (3, 6))],
)
def test_directions(chain: str, along: Along, shape: tuple[int, ...]) -> None:
    directions = subject(Case(chain, along=along)).directions
    assert directions is not None
    assert directions.shape == shape
    assert np.array_equal(directions.sum(0), np.ones(shape[1]))
    assert set(directions.reshape(-1)) <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("chain", "along"),
    [
        ("conv(4) -> rms @ 2x3x2x2", "mean"),
        ("conv(4) -> relu -> bn @ 4x3x2x2", "mean"),
        ("conv(4) -> relu -> gn(2) @ 2x3x2x2", "groups"),
    ],
)
def test_directions_that_are_not_proved(chain: str, along: Along) -> None:
    with pytest.raises(CheckError, match=rf"conv1.bias of .* along {along}: the engine does not prove"):
        subject(Case(chain, along=along))


def test_unknown_parameters() -> None:
    with pytest.raises(CheckError, match=r"has no parameter `conv2.bias`; did you mean conv1.bias\?"):
        subject(Case("conv(4) -> bn @ 4x3x4x4", "conv2.bias"))
    with pytest.raises(CheckError, match=r"has no parameter `conv1.bias`; did you mean linear1.bias\?"):
        subject(Case("linear(4) -> bn @ 8x3"))
    with pytest.raises(CheckError, match="has no parameter"):
        subject(Case("relu @ 8x3"))


def test_unknown_layers() -> None:
    with pytest.raises(ChainError, match="did you mean relu"):
        subject(Case("conv -> rellu -> bn"))


def test_draws_are_in_float64_and_differ() -> None:
    made = subject(Case("conv(4) -> bn @ 4x3x4x4"))
    (a, x), (b, y), (c, z) = (made.draw(np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert {v.dtype for v in (x, *a.values())} == {np.dtype(np.float64)}
    assert np.array_equal(x, y)
    assert not np.array_equal(x, z)
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert any(not np.array_equal(a[name], c[name]) for name in a)
    assert x.shape == (4, 3, 4, 4)
