"""What the theorems say arrives at each position, against convolutions computed entry by entry."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from bnproof.symbolic.checker import Checker
from bnproof.symbolic.evaluate import Instance
from bnproof.theorems import registry

CHANNELS = registry.theorem("first_bias_survives_of_zero_padding_in_two_dimensions")
ONE_CHANNEL = registry.theorem("border_taps_form_a_product_of_two_dimensions")
Sizes = tuple[int, int]


def convolved(maps: np.ndarray, kernels: np.ndarray, above: int, before: int) -> np.ndarray:
    """Stride 1, zeros outside: maps (C, L, L'), kernels (C, K, K'), whose entry (above, before), counted from 1, is at home."""
    _, rows, columns = maps.shape
    _, high, wide = kernels.shape
    padded = np.pad(maps, ((0, 0), (high, high), (wide, wide)))
    found = np.zeros((rows, columns), dtype=np.int64)
    for row, column in product(range(rows), range(columns)):
        top, left = row + high - (above - 1), column + wide - (before - 1)
        found[row, column] = np.sum(padded[:, top : top + high, left : left + wide] * kernels)
    return found


def nested(values: np.ndarray) -> object:
    return tuple(map(nested, values)) if values.ndim else int(values)


def everywhere(theorem_name: str, head: str, values: dict[str, object], size: Sizes) -> np.ndarray:
    """A definition's values at all positions of a map."""
    theorem = registry.theorem(theorem_name)
    checker = Checker(theorem.vocabulary, theorem.minimum)
    scalars = {"L": Fraction(size[0]), "Lcol": Fraction(size[1])}
    scalars |= {name: Fraction(value) for name, value in values.items() if isinstance(value, int)}

    def entry(base: str, where: tuple[int, ...]) -> Fraction:
        """Beside a map stands what must not be seen."""
        found = values[base]
        for place in where:
            assert isinstance(found, tuple)
            if not 1 <= place <= len(found):
                assert base == "planes"
                return Fraction(1000)
            found = found[place - 1]
        assert isinstance(found, int)
        return Fraction(found)

    instance = Instance(theorem.vocabulary, scalars, entry)
    found = np.zeros(size, dtype=np.int64)
    for row, column in product(range(size[0]), range(size[1])):
        value = instance.value(checker.parse(f"{head}({row + 1}, {column + 1})"))
        assert isinstance(value, Fraction | int)
        assert value == int(value)
        found[row, column] = int(value)
    return found


@pytest.mark.parametrize(
    ("size", "kernel", "at"),
    [
        ((3, 4), (3, 3), (2, 2)),
        ((4, 3), (2, 5), (1, 3)),
        ((1, 2), (5, 3), (3, 2)),
        ((5, 3), (1, 4), (1, 4)),
        ((2, 2), (4, 4), (4, 1)),
    ],
)
def test_the_biases_arrive_as_the_theorem_says(size: Sizes, kernel: Sizes, at: Sizes) -> None:
    generator = np.random.default_rng(sum((*size, *kernel, *at)))
    maps, kernels = generator.integers(-9, 10, (2, *size)), generator.integers(-9, 10, (2, *kernel))
    biases = generator.integers(-9, 10, 2)
    values: dict[str, object] = {
        "C": 2,
        "Krow": kernel[0],
        "Kcol": kernel[1],
        "above": at[0],
        "before": at[1],
        "kernels2d": nested(kernels),
        "planes": nested(maps),
        "biases": nested(biases),
    }
    bare, biased = (convolved(m, kernels, *at) for m in (maps, maps + biases[:, None, None]))
    assert np.array_equal(everywhere(CHANNELS.name, "without", values, size), bare)
    assert np.array_equal(everywhere(CHANNELS.name, "second", values, size), biased)
    assert np.array_equal(everywhere(CHANNELS.name, "arrives", values, size), biased - bare)


@pytest.mark.parametrize("size", [(3, 3), (3, 5), (4, 3)])
def test_three_by_three_kernels_have_the_masks_of_the_theorem(size: Sizes) -> None:
    generator = np.random.default_rng(7)
    kernels, biases = generator.integers(-9, 10, (3, 3, 3)), generator.integers(-9, 10, 3)
    ones = np.ones((3, *size), dtype=np.int64)
    arriving = convolved(ones * biases[:, None, None], kernels, 2, 2)
    values: dict[str, object] = {"C": 3, "Krow": 3, "Kcol": 3, "kernels2d": nested(kernels), "biases": nested(biases)}
    assert np.array_equal(everywhere(CHANNELS.name, "arrives33", values, size), arriving)
    one: dict[str, object] = {"b": int(biases[0]), "kernel2d": nested(kernels[0])}
    alone = convolved(ones[:1] * biases[0], kernels[:1], 2, 2)
    assert np.array_equal(everywhere(ONE_CHANNEL.name, "arrives33", one, size), alone)


@pytest.mark.parametrize("entry", [e for e in product(range(3), range(3)) if e != (1, 1)])
def test_any_outer_entry_moves_the_output_and_the_centre_alone_does_not(entry: Sizes) -> None:
    maps = np.random.default_rng(11).integers(-3, 4, (1, 4, 3))
    kernels = np.zeros((1, 3, 3), dtype=np.int64)
    kernels[0, 1, 1] = 2
    assert not moved(maps, kernels)
    kernels[0][entry] = 1
    assert moved(maps, kernels)


def moved(maps: np.ndarray, kernels: np.ndarray) -> bool:
    """Whether a bias of 1 moves the normalised output, ε = 1, beyond round-off."""
    outputs = []
    for bias in (0, 1):
        values = convolved(maps + bias, kernels, 2, 2).astype(np.float64)
        outputs.append((values - values.mean()) / np.sqrt(values.var() + 1))
    return bool(np.abs(outputs[1] - outputs[0]).max() > 1e-9)
