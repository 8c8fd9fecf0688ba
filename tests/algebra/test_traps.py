"""Every verdict about a trap is run in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export, lax

from bnproof.algebra.analysis import Analysis, analyse

from .traps import Trap, X, less_mean, some, wide
from .traps.free import FREE, ROW
from .traps.held import HELD


def _findings(trap: Trap) -> tuple[Analysis, bool]:
    with jax.enable_x64(True):
        program = jax.make_jaxpr(trap.function)(*trap.arrays)
    analysis = analyse(program, {len(trap.arrays) - 1: "b"})
    return analysis, analysis.findings()[0].free


def _gap(trap: Trap) -> float:
    """By how much the outputs move."""
    with jax.enable_x64(True):
        before = jax.tree.leaves(trap.function(*map(jnp.asarray, trap.arrays)))
        after = jax.tree.leaves(trap.function(*map(jnp.asarray, (*trap.arrays[:-1], trap.moved))))
    gaps: list[float] = []
    for one, other in zip(before, after, strict=True):
        left, right = np.asarray(one, float), np.asarray(other, float)
        differ = left != right  # −∞ where a mask says so is a value like any other
        gaps.append(float(np.max(np.abs(left[differ] - right[differ]), initial=0)))
    assert all(map(np.isfinite, gaps))
    return max(gaps)


@pytest.mark.parametrize("trap", HELD, ids=lambda trap: trap.name)
def test_held(trap: Trap) -> None:
    assert _gap(trap) > 1e-3, "the trap is no trap"
    assert not _findings(trap)[1]


@pytest.mark.parametrize("trap", FREE, ids=lambda trap: trap.name)
def test_free(trap: Trap) -> None:
    assert _findings(trap)[1]
    assert _gap(trap) < 1e-6  # attention is computed in float32 inside


# -- sizes that are symbols; programs that must not crash


def _symbolic(function: Callable[..., Any], *shapes: str) -> bool:
    scope = export.SymbolicScope()
    with jax.enable_x64(True):
        arguments = [jax.ShapeDtypeStruct(export.symbolic_shape(shape, scope=scope), np.float64) for shape in shapes]
        program = jax.make_jaxpr(function)(*arguments)
    return analyse(program, {len(shapes) - 1: "b"}).findings()[0].free


@pytest.mark.parametrize(
    ("function", "shapes", "free"),
    [
        (lambda x, b: less_mean(x + b), ("n, 4", "1, 4"), True),
        (lambda x, b: (x + b - jnp.mean(x + b, 0)) / jnp.std(x + b, 0, ddof=1), ("n, 4", "1, 4"), True),
        (lambda x, b: jax.nn.softmax(x + b), ("n, m", "n, 1"), True),
        (lambda x, b: less_mean((x + b).reshape(-1, x.shape[-1])), ("n, h, w, 4", "1, 1, 1, 4"), True),
        (lambda x, b: less_mean((x + b)[1:]), ("n, 4", "1, 4"), True),
        (lambda x, b: (x + b) * jnp.arange(x.shape[0])[:, None], ("n, 4", "1, 4"), False),
        (lambda x, b: (x + b) - jnp.sum(x + b, 0) / (x.shape[0] + 1), ("n, 4", "1, 4"), False),
    ],
)
def test_symbolic_sizes(function: Callable[..., Any], shapes: Sequence[str], free: bool) -> None:
    assert _symbolic(function, *shapes) is free


def _pool(value: Any, sizes: Sequence[Any], steps: Sequence[int], padding: str) -> Any:
    return lax.reduce_window(value, -np.inf, lax.max, sizes, steps, padding)


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (lambda x, k, b: lax.conv_general_dilated(x, k, (2, 2), "SAME") + b, ("n, 3, h, w", "4, 3, 3, 3", "1, 4, 1, 1")),
        (lambda x, b: _pool(x + b, (1, 1, 2, 2), (1, 1, 2, 2), "SAME"), ("n, 3, h, w", "1, 3, 1, 1")),
        (lambda x, b: _pool(x + b, (1, 1, *x.shape[2:]), (1, 1, 1, 1), "VALID"), ("n, 3, h, w", "1, 3, 1, 1")),
    ],
)
def test_symbolic_windows_do_not_crash(function: Callable[..., Any], shapes: Sequence[str]) -> None:
    assert not _symbolic(function, *shapes)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, b: lax.reduce_sum(lax.reduce(x + b, np.float64(0), lambda u, v: u + 2 * v, (0,)), (0,)),
        lambda x, b: wide(x.astype(jnp.float8_e4m3fn) * jnp.float8_e4m3fn(0.1)) + b,
        lambda x, b: wide(x.astype(jnp.int4) * jnp.int4(3)) + b,
        lambda x, b: x + b + wide(lax.iota(jnp.int4, 4)),
    ],
)
def test_rare_operations_do_not_crash(function: Callable[..., Any]) -> None:
    trap = Trap("", function, (X, ROW), some(4))
    assert not _findings(trap)[1]
