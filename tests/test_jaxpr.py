"""JAX's programs are laid out as `bnproof.jaxpr` says: another JAX that changes it fails here, naming what changed.

These tests pass for JAX 0.10 and 0.12. Where the two differ, a comment says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr

from bnproof.jaxpr import (
    LOOPS,
    NESTED,
    STATEFUL,
    Scan,
    While,
    branches,
    called,
    divides,
    evaluated,
    is_one,
    is_symbolic,
    may_be_empty,
    opened,
    symbols,
)

from .algebra import operations as op
from .algebra.contracts import first, traced


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def entered(program: Any) -> tuple[Any, list[Any]]:
    """A program and its constants. Since 0.12 it is a Jaxpr with both, before a ClosedJaxpr."""
    assert isinstance(program, ClosedJaxpr | Jaxpr), f"a nested program is of type {type(program)} in JAX {jax.__version__}"
    inner, constants = opened(program)
    assert hasattr(inner, "eqns")
    assert hasattr(inner, "invars")
    assert hasattr(inner, "constvars")
    assert len(constants) == len(inner.constvars)
    return inner, list(constants)


# -- programs inside equations

CALLS = [
    ("jit", jax.jit),
    ("closed_call", op.called),
    ("eval_jaxpr", op.called),
    ("remat2", jax.checkpoint),
    ("custom_jvp_call", op.custom_jvp),
    ("custom_vjp_call", op.custom_vjp),
]


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_nested_programs_take_the_equations_operands_and_give_its_results(name: str, call: Callable[..., Any]) -> None:
    if name in op.ABSENT:
        pytest.skip("of another version of JAX")
    equation = first(name, traced(call(lambda v, w: (v + np.arange(3.0), w)), "f3 f2"))
    assert NESTED[name] in equation.params, (
        f"{name} in JAX {jax.__version__} holds its program in one of {sorted(equation.params)}"
    )
    inner, _ = entered(called(equation))
    assert [var.aval.shape for var in inner.invars] == [var.aval.shape for var in equation.invars]
    assert [var.aval.shape for var in inner.outvars] == [var.aval.shape for var in equation.outvars]


def test_every_nested_program_that_is_entered_has_a_contract() -> None:
    assert set(NESTED) == {name for name, _ in CALLS}
    assert called(first("sin", traced(jnp.sin, "f3"))) is None


def test_a_program_traced_is_opened_like_one_inside() -> None:
    constant = np.arange(3.0)
    program = jax.make_jaxpr(lambda v: v + constant)(np.ones(3))
    inner, constants = entered(program)
    assert inner.eqns[-1].primitive.name == "add"
    assert [np.asarray(value).tolist() for value in constants] == [[0.0, 1.0, 2.0]]


def test_programs_know_the_file_of_their_function() -> None:
    for function, ours in ((jax.nn.relu, False), (op.custom_jvp(jnp.sin), False), (op.custom_jvp(lambda v: v * 2.0), True)):
        inner, _ = entered(called(first("custom_jvp_call", traced(function, "f3"))))
        path = inner.debug_info.func_filename
        assert path is not None, f"debug_info of JAX {jax.__version__} does not know the file of {function}"
        assert path.startswith(str(Path(jax.__file__).parent)) is not ours


def test_stateful_primitives_declare_no_effects() -> None:
    equation = first("rng_uniform", traced(lambda a, b: lax.rng_uniform(a, b, (3,)), "f f"))
    assert STATEFUL == ("rng_uniform",)
    assert not equation.effects


# -- loops


@pytest.mark.parametrize("reverse", [True, False])
def test_a_scan_holds_constants_then_carries_then_scanned_values(reverse: bool) -> None:
    def function(k: Any, c: Any, xs: Any) -> Any:
        return lax.scan(lambda carry, x: ((carry[1] + k, carry[0]), x * 2.0), (c, c), xs, reverse=reverse)

    equation = first("scan", traced(function, "f2 f2 f4x5"))
    layout = Scan.of(equation)
    assert (layout.fixed, layout.carried, layout.length, layout.reverse) == (1, 2, 4, reverse)
    inner, _ = entered(layout.body)
    assert [[var.aval.shape for var in part] for part in layout.split(equation.invars)] == [[(2,)], [(2,), (2,)], [(4, 5)]]
    assert [[var.aval.shape for var in part] for part in layout.split(inner.invars)] == [[(2,)], [(2,), (2,)], [(5,)]]
    assert [var.aval.shape for var in inner.outvars] == [(2,), (2,), (5,)]
    assert [var.aval.shape for var in equation.outvars] == [(2,), (2,), (4, 5)]
    known = {"num_consts", "num_carry", "ft_in", "ft_out", "jaxpr", "reverse", "length", "unroll", "linear", "_split_transpose"}
    assert set(equation.params) <= known


def test_a_while_loop_holds_the_conditions_constants_then_the_bodys_then_carries() -> None:
    def function(limit: Any, step: Any, start: Any) -> Any:
        return lax.while_loop(lambda c: jnp.sum(c) < jnp.sum(limit), lambda c: c + step[0] + step[1], start)

    equation = first("while", traced(function, "f3 f2 f"))
    layout = While.of(equation)
    of_test, of_body, carries = layout.split(equation.invars)
    held, _ = entered(layout.test)
    body, _ = entered(layout.body)
    assert [var.aval.shape for var in carries] == [var.aval.shape for var in equation.outvars] == [()]
    assert [var.aval.shape for var in held.invars] == [var.aval.shape for var in (*of_test, *carries)]
    assert [var.aval.shape for var in body.invars] == [var.aval.shape for var in (*of_body, *carries)]
    assert [(var.aval.shape, var.aval.dtype) for var in held.outvars] == [((), bool)]
    assert set(equation.params) == {"cond_nconsts", "cond_jaxpr", "body_nconsts", "body_jaxpr"}


def test_a_conditional_has_an_index_first_and_a_program_for_each_case() -> None:
    equation = first("cond", traced(lambda k, v: lax.switch(k, [lambda v: v, lambda v: -v, jnp.sin], v), "i f3"))
    assert [var.aval.dtype.kind for var in equation.invars] == ["i", "f"]
    programs = [entered(branch)[0] for branch in branches(equation)]
    assert [inner.eqns[0].primitive.name if inner.eqns else "" for inner in programs] == ["", "neg", "sin"]
    assert set(equation.params) <= {"branches"}


def test_every_loop_has_a_contract() -> None:
    assert set(LOOPS) == {"scan", "while", "cond"}


# -- sizes


def test_a_symbolic_size_is_told_apart_and_evaluated_by_name() -> None:
    n, m = jax.export.symbolic_shape("n, m")
    assert is_symbolic(n)
    assert is_symbolic(n * m - 1)
    assert not is_symbolic(3)
    assert evaluated(2 * n * m + 1, {"n": 3, "m": 5}) == 31
    assert evaluated(7, {}) == 7
    with pytest.raises(KeyError, match=r"no value for the symbolic dimension m\*n; given: {'n': 3}"):
        evaluated(n * m, {"n": 3})


def test_the_symbols_of_shapes_are_single_variables() -> None:
    n, m = jax.export.symbolic_shape("n, m")
    structs = [jax.ShapeDtypeStruct(shape, "float32") for shape in ((m, 3), (n * m, n - 1), (n, m))]
    assert symbols(structs) == (m, n)


def test_what_is_known_of_sizes() -> None:
    (n,) = jax.export.symbolic_shape("n")
    assert [may_be_empty(size) for size in (0, 1, n, n - 1, n + 1)] == [True, False, False, True, False]
    assert [is_one(size) for size in (1, 0, n, n - n + 1)] == [True, False, False, True]
    assert divides(n, 64 * n)
    assert not divides(n, 64 * n + 1)
    assert not divides(0, n)
    assert divides(3, 6)
    assert not isinstance(n, int)
