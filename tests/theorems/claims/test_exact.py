"""What reasons say beyond theorems and chains, in exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import pytest
import sympy as sp
from jax import lax

from bnproof.decide.function import Named, trace_function
from bnproof.decide.verdicts import decide
from bnproof.modes import Mode


def test_dropout_changes_the_variance_in_training_alone() -> None:
    """S2.g: over all masks, kept values divided by the share that is kept."""
    values = [Fraction(x) for x in (-1, 0, 2, 5)]
    mean = sum(values) / 4
    variance = sum((x - mean) ** 2 for x in values) / 4
    for keep in (Fraction(1, 2), Fraction(9, 10), Fraction(1)):
        weighted = [(x / keep, keep / 4) for x in values] + [(Fraction(0), 1 - keep)]
        assert sum(x * p for x, p in weighted) == mean
        assert sum((x - mean) ** 2 * p for x, p in weighted) == (variance + (1 - keep) * mean**2) / keep


def test_beta_absorbs_the_last_bias_where_rows_are_independent() -> None:
    """S3.c: a change d of β moves the outputs by W·d; W·d = c is solvable for every c exactly if W's rows are independent."""
    independent, dependent = sp.Matrix([[1, 2, 0], [0, 1, 1]]), sp.Matrix([[1, 2, 0], [2, 4, 0]])
    bias = sp.Matrix(sp.symbols("c1 c2"))
    unknown = sp.symbols("d1:4")
    (found,) = sp.linsolve((independent, bias), *unknown)
    assert sp.simplify(independent * sp.Matrix(found) - bias) == sp.zeros(2, 1)
    assert sp.linsolve((dependent, sp.Matrix([0, 1])), *unknown) == sp.EmptySet


def head(
    x: Sequence[int],
    first: sp.Matrix,
    bias: sp.Matrix,
    norm: Sequence[tuple[Any, Any]],
    last: sp.Matrix,
    b: sp.Matrix,
) -> sp.Matrix:
    """Linear → ReLU → BN as an affine map, factor and offset of each unit → Linear."""
    hidden = first * sp.Matrix(x) + bias
    normal = [sp.Max(z, 0) * factor + offset for z, (factor, offset) in zip(hidden, norm, strict=True)]
    return last * sp.Matrix(normal) + b


def test_the_larger_head_contains_the_smaller_in_evaluation() -> None:
    """S3.e: two units an output, u and −u, and a last layer that undoes the stored statistics; and it bends where it likes."""
    weights, bias = sp.Matrix([[1, -2, 3], [0, 5, -1], [4, 1, 1], [-3, 0, 2]]), sp.Matrix([1, -2, 0, 7])
    first, start = weights.col_join(-weights), bias.col_join(-bias)
    norm = [(sp.Rational(k + 2, 3), sp.Rational(k - 3, 2)) for k in range(8)]  # γ/√(V + ε) and β − γM/√(V + ε)
    signs = sp.eye(4).row_join(-sp.eye(4))
    last = signs * sp.diag(*(1 / factor for factor, _ in norm))
    b = -last * sp.Matrix([offset for _, offset in norm])
    for x in product((-2, 0, 1), repeat=3):
        assert head(x, first, start, norm, last, b) == weights * sp.Matrix(x) + bias
    ends = [head((x, 0, 0), first, start, norm, sp.ones(4, 8), b) for x in (-2, 0, 2)]
    assert ends[0] + ends[2] != 2 * ends[1]


def zero_padded(kernel: Sequence[int], size: int) -> sp.Matrix:
    """The matrix of a convolution of odd length in one dimension that keeps the size and pads with zeros."""
    half = len(kernel) // 2
    return sp.Matrix(size, size, lambda i, j: kernel[j - i + half] if abs(j - i) <= half else 0)


def one_convolution(matrix: sp.Matrix) -> bool:
    """Whether the entries depend on the offset alone."""
    size = matrix.rows
    return all(matrix[i, j] == matrix[i + 1, j + 1] for i in range(size - 1) for j in range(size - 1))


def test_two_zero_padded_convolutions_are_one_linear_map_but_not_one_convolution() -> None:
    """S4.h, without any bias."""
    first, second = zero_padded((1, 2, 3), 6), zero_padded((4, 5, 6), 6)
    assert one_convolution(first)
    assert one_convolution(second)
    assert not one_convolution(second * first)


STEPS, BATCH, WIDTH = 3, 4, 2


def recurrent(named: Named, mode: Mode) -> tuple[list[jax.Array], dict[str, jax.Array]]:
    """h ← tanh(BN(x·W_ih + b_ih + h·W_hh + b_hh)), statistics of each time step, of this batch or stored."""

    def step(h: jax.Array, at: tuple[jax.Array, jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        x, mean, var = at
        z = x @ named["W_ih"] + named["b_ih"] + h @ named["W_hh"] + named["b_hh"]
        if mode == "train":
            mean, var = jnp.mean(z, 0), jnp.mean((z - jnp.mean(z, 0)) ** 2, 0)
        new = jnp.tanh(named["gamma"] * (z - mean) / jnp.sqrt(var + 1e-5) + named["beta"])
        return new, new

    start = jnp.zeros((BATCH, WIDTH), named["x"].dtype)
    _, states = lax.scan(step, start, (named["x"], named["running_mean"], named["running_var"]))
    return [states], {}


@pytest.mark.parametrize(("mode", "ruling"), [("train", "redundant"), ("eval", "acts")])
def test_both_biases_of_a_normalised_recurrent_step(mode: Mode, ruling: str) -> None:
    """S2.i."""
    shapes = {
        "x": (STEPS, BATCH, WIDTH),
        "W_ih": (WIDTH, WIDTH),
        "b_ih": (WIDTH,),
        "W_hh": (WIDTH, WIDTH),
        "b_hh": (WIDTH,),
        "gamma": (WIDTH,),
        "beta": (WIDTH,),
        "running_mean": (STEPS, WIDTH),
        "running_var": (STEPS, WIDTH),
    }
    inputs = {name: jax.ShapeDtypeStruct(shape, jnp.float32) for name, shape in shapes.items()}
    program = trace_function(lambda named: recurrent(named, mode), inputs, mode)
    found = {verdict.bias: verdict.verdict for verdict in decide(program, ["b_ih", "b_hh", "beta"]).verdicts}
    assert found == {"b_ih": ruling, "b_hh": ruling, "beta": "acts"}
