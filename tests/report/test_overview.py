"""The answer of a run in a sentence, a suite at a glance, and advice where nothing can be told."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bnproof.report.obstacles import OTHERWISE, advice
from bnproof.report.overview import first, overview
from bnproof.report.writers.layout import columns

from .test_measurements import CLOSER, CONTROL, DOUBLE, EVERY, FAILING, GOOD, HELD, LONG, NEGATED, VAGUE


def test_the_answer_is_first_and_true() -> None:
    assert first([GOOD, DOUBLE]) == "Floating point agrees with what is proved: all 2 measurements do."
    assert first([GOOD]) == "Floating point agrees with what is proved: 1 measurement does."
    assert first([GOOD, VAGUE]) == "Floating point agrees with what is proved: 1 of 2 measurements does, and 1 cannot tell."
    assert first([VAGUE]).startswith("Cannot tell: ")
    assert first([GOOD, VAGUE, FAILING]) == "FAILED: 1 of 3 measurements contradicts what is proved, named below."
    assert first([FAILING, NEGATED]).startswith("FAILED: 2 of 2 measurements contradict ")


def test_a_line_for_each_parameter_the_closest_to_failing() -> None:
    zeros, acting = overview([GOOD, CLOSER, VAGUE, DOUBLE, CONTROL, HELD]).split("\n\n")
    assert zeros.splitlines()[1:] == [f"  {GOOD.case}, conv1.bias{'':<18}float32      0.75"]
    assert acting.splitlines()[1:] == [f"  {CONTROL.case}, conv1.bias{'':<10}float32   7.5e+05"]
    assert overview([HELD]) == ""


def test_what_failed_or_cannot_tell_is_seen() -> None:
    assert overview([GOOD, FAILING]).endswith("3e+06  FAILED")
    assert overview([VAGUE]).endswith("float32  cannot tell")
    assert overview([replace(GOOD, by="probable", probable=1e-6)]).endswith(" *")
    assert "nan" in overview([replace(GOOD, measured=math.nan)])


@pytest.mark.parametrize("width", [80, 100])
def test_width(width: int) -> None:
    assert all(columns(line) <= width for line in overview([*EVERY, LONG], width).splitlines())


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        ("the bound is too large to tell zero from not zero", "wider dtype"),
        ("round-off may change a divisor, or what a root, power or logarithm is taken of, by all of it", "larger ε"),
        ("a maximum or comparison is within round-off of its kink", "another seed"),
        ("a value of 1e+06 on the way is beyond the largest float16", "wider dtype"),
        ("the rounding of the operation `fft` is not known", "apart from it"),
        ("in none of 3 draws does this control move enough", "another seed"),
        ("the bound is too large for a control to exceed it 3-fold", "fewer values"),
        ("with so few values the ReLU is on for all, or off for all", "more values"),
        ("bfloat16 may leave no correct digit in a sum of 512 values", "fewer values"),
        ("the program has no value, in float64 either", "inputs for which it has one"),
        ("something new", OTHERWISE),
    ],
)
def test_every_obstacle_has_advice(obstacle: str, words: str) -> None:
    assert words in advice(obstacle)


def test_what_says_itself_what_to_do_is_left_alone() -> None:
    assert advice("beyond the largest float16: try a larger ε, or a wider dtype") == ""
