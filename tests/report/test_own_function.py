"""What is said first of a user's own function."""

from __future__ import annotations

from dataclasses import replace

from bnproof.numeric.checking.measurement import Measurement
from bnproof.report.own_function import answers

GOOD = Measurement("f", "bias gradient", "float32", "cpu", 0, 3e-9, 2e-8, "below", bias="p.bias")
MOVED = replace(GOOD, bias="p.beta", expected="above", factor=1e3, measured=0.5, bound=1e-6)


def test_redundant_ones_come_first() -> None:
    assert answers([MOVED, GOOD, replace(GOOD, dtype="float64", measured=0.0)]).splitlines() == [
        "p.bias is redundant: no value of it changes the output.",
        "  In float32 its gradient is 3e-09, at most 2e-08 by round-off.",
        "p.beta acts: a shift of it moves the output.",
        "  In float32 its gradient is 0.5, 5e+05 times what round-off explains.",
    ]


def test_failures_are_all_named() -> None:
    failed = replace(GOOD, measured=0.3)
    said = " ".join(answers([GOOD, failed, replace(failed, quantity="Hessian row", dtype="float64")]).split())
    assert (
        "Not so in floating point: its gradient is 0.3 in float32, where round-off explains 2e-08; its Hessian row is 0.3"
        in said
    )


def test_what_cannot_be_told() -> None:
    said = answers([replace(GOOD, dtype="float16", obstacle="the bound is too large")])
    assert " ".join(said.split()).endswith(
        "float16 cannot tell: the bound is too large (try a wider dtype, or fewer values normalised together)."
    )


def test_dtypes_that_differ() -> None:
    other = replace(MOVED, bias="p.bias", dtype="float16")
    assert [line for line in answers([GOOD, other]).splitlines() if not line.startswith(" ")] == [
        "p.bias is redundant in float32: no value of it changes the output.",
        "p.bias acts in float16: a shift of it moves the output.",
    ]


def test_a_gradient_that_is_zero_although_the_output_moves() -> None:
    shift = replace(MOVED, quantity="output shift by 1")
    said = answers([replace(GOOD, bias="p.beta"), shift])
    assert said.splitlines()[0] == "p.beta acts: a shift of it moves the output."
    assert "its gradient is 3e-09, at most 2e-08" in said


def test_values_and_gradients_taken_together() -> None:
    whole = replace(GOOD, bias="", quantity="gradient of w", reference="the derivative of what it computes")
    good = answers([GOOD, whole, replace(whole, dtype="float64")]).splitlines()
    assert good[0].startswith("p.bias is redundant")
    assert "".join(good[2:]) == (
        "In float32 and float64 the gradients are the derivative of what it computes,  within round-off."
    )
    said = answers([replace(whole, measured=2.2)])
    assert said.startswith("Not as the derivative of what it computes has it: gradient of w is off by 2.2 in")
    assert "cannot be told" in answers([replace(whole, obstacle="no bound")])
