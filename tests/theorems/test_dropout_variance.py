"""The averages over dropout's masks, against all masks one by one in exact numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from bnproof.symbolic.checker import Checker
from bnproof.theorems import registry

THEOREM = registry.theorem("dropout_variance_differs_of_training_and_evaluation")
VALUES = (Fraction(-1), Fraction(1, 2), Fraction(3), Fraction(7, 3))


def theorem_value(text: str, bias: Fraction, rate: Fraction) -> Fraction:
    checker = Checker(THEOREM.vocabulary, THEOREM.minimum)
    values = {"n": len(VALUES), "z": VALUES, "b": bias, "drop_rate": rate}
    found = checker.at(values).value(checker.parse(text))
    assert isinstance(found, Fraction)
    return found


def batches(bias: Fraction, rate: Fraction) -> list[tuple[Fraction, list[Fraction]]]:
    """Every mask's probability and the batch it leaves."""
    found: list[tuple[Fraction, list[Fraction]]] = []
    for mask in product((0, 1), repeat=len(VALUES)):
        probability = Fraction(1)
        for kept in mask:
            probability *= 1 - rate if kept else rate
        found.append((probability, [kept * (z + bias) / (1 - rate) for kept, z in zip(mask, VALUES, strict=True)]))
    return found


def mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


@pytest.mark.parametrize("bias", [Fraction(0), Fraction(-2), Fraction(5, 3)])
@pytest.mark.parametrize("rate", [Fraction(0), Fraction(1, 2), Fraction(1, 10), Fraction(4, 5)])
def test_both_variances_are_averages_over_all_masks(bias: Fraction, rate: Fraction) -> None:
    drawn = batches(bias, rate)
    assert sum(probability for probability, _ in drawn) == 1
    within = sum(probability * (mean([x * x for x in batch]) - mean(batch) ** 2) for probability, batch in drawn)
    first = sum(probability * mean(batch) for probability, batch in drawn)
    second = sum(probability * mean([x * x for x in batch]) for probability, batch in drawn)
    assert theorem_value("batch_var(b)", bias, rate) == within
    assert theorem_value("dropped_var(b)", bias, rate) == second - first**2
    assert theorem_value("mu + b", bias, rate) == first
