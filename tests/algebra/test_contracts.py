"""JAX's equations have the layout that the rules rely on: another JAX that changes it fails here, naming what changed.

These tests pass for JAX 0.10 and 0.12. Where the two differ, a comment says so, here or in `contracts`.
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
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal, Primitive

from bnproof.algebra.constants import kind_of
from bnproof.algebra.rules import RULES
from bnproof.algebra.walk import INSIDE

from . import operations as op
from .contracts import CONTRACTS, NUMBERS, Contract


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def traced(function: Callable[..., Any], inputs: str) -> Any:
    """The program of a function, from operands written as in `operations.Sample`."""
    avals = [
        jax.ShapeDtypeStruct(tuple(int(size) for size in text[1:].split("x")) if text[1:] else (), op.DTYPES[text[0]])
        for text in inputs.split()
    ]
    return jax.make_jaxpr(function)(*avals).jaxpr


def first(primitive: str, jaxpr: Any) -> Any:
    """The program's first equation of that primitive, which must be there."""
    found = [equation for equation in jaxpr.eqns if equation.primitive.name == primitive]
    assert found, f"JAX {jax.__version__} has no equation called {primitive!r} here, but\n{jaxpr}"
    return found[0]


def meets(wanted: Any, value: Any) -> bool:
    """Equal, of the same type all through; one of a set; or an object with these attributes."""
    if isinstance(wanted, set):
        return any(meets(choice, value) for choice in wanted)
    if isinstance(wanted, dict):
        return all(hasattr(value, name) and meets(entry, getattr(value, name)) for name, entry in wanted.items())
    if isinstance(wanted, tuple):
        return type(value) is tuple and len(value) == len(wanted) and all(map(meets, wanted, value))
    return type(value) is type(wanted) and value == wanted


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.primitive)
def test_equations_have_the_parameters_and_operands_that_the_rules_read(contract: Contract) -> None:
    if contract.primitive in op.ABSENT:
        pytest.skip("of another version of JAX")
    jaxpr = traced(contract.function, contract.inputs)
    equation = first(contract.primitive, jaxpr)
    where = f"{contract.primitive} in JAX {jax.__version__}"
    for name, wanted in contract.reads.items():
        assert name in equation.params, (
            f"{where} has no parameter {name!r}, which its rule reads, but {sorted(equation.params)}"
        )
        assert meets(wanted, equation.params[name]), (
            f"{where}: {name} is {equation.params[name]!r}; its rule expects {wanted!r}"
        )
    new = set(equation.params) - set(contract.reads) - set(contract.other.split())
    assert not new, f"{where} has parameters its rule does not know of: {sorted(new)}"
    if contract.operands is not None:
        places = tuple(jaxpr.invars.index(var) if var in jaxpr.invars else -1 for var in equation.invars)
        assert places == contract.operands, f"{where} has its operands in another order: {places}, not {contract.operands}"


def test_every_rule_has_a_contract() -> None:
    pinned = {contract.primitive for contract in CONTRACTS} | {"dim_as_value"}
    entrywise = {
        name for name, rule in RULES.items() if rule.apply is RULES["tanh"].apply
    }  # one of each kind of parameter is pinned
    assert set(RULES) - pinned - entrywise == set()


def test_a_symbolic_size_is_a_number_of_the_program_with_the_parameter_dim() -> None:
    (n,) = jax.export.symbolic_shape("n")
    jaxpr = jax.make_jaxpr(lambda v: v * jnp.array(v.shape[0]))(jax.ShapeDtypeStruct((n,), "float32")).jaxpr
    equation = first("dim_as_value", jaxpr)
    assert equation.params == {"dim": n}
    assert equation.invars == []
    assert equation.outvars[0].aval.dtype.kind == "i"
    assert str(n).isidentifier()
    assert not isinstance(n, int)
    remainder = (64 * n) % n
    assert isinstance(remainder, int), (
        f"a remainder of sizes is {type(remainder)}, so that means over 64·n would not divide out"
    )
    assert (n >= 1) is True


@pytest.mark.parametrize(("mode", "filled"), [("clip", False), ("promise_in_bounds", False), ("fill", True)])
def test_gather_modes_are_told_apart_by_their_names(mode: str, filled: bool) -> None:
    jaxpr = traced(lambda v, i: lax.gather(v, i, NUMBERS, (1, 2, 4), mode=mode), "f3x2x4 i5x1")
    text = str(first("gather", jaxpr).params["mode"]).lower()
    assert ("clip" in text or "promise" in text) is not filled, f"mode {mode} reads {text!r}"


def test_dynamic_slices_have_one_start_for_each_axis_after_the_operand() -> None:
    jaxpr = traced(lambda v, i, k: lax.dynamic_slice_p.bind(v, i, k, slice_sizes=(2, 1)), "f3x2 i i")
    assert first("dynamic_slice", jaxpr).invars == jaxpr.invars


def test_the_first_case_of_select_n_is_for_false() -> None:
    assert lax.select_n(np.array([False, True]), np.zeros(2), np.ones(2)).tolist() == [0.0, 1.0]


def test_scalars_in_a_program_are_literals_with_val_and_aval() -> None:
    add = first("add", traced(lambda v: v + 2.0, "f3"))
    (literal,) = (var for var in add.invars if isinstance(var, Literal))
    value: Any = literal
    assert value.val == 2.0
    assert value.aval.shape == ()
    assert kind_of(value.aval.dtype) == "f"


def test_equations_have_effects_scopes_and_results_with_shapes_and_dtypes() -> None:
    def function(v: Any) -> Any:
        with jax.named_scope("layer"):
            return jnp.sin(v)

    equation = first("sin", traced(function, "f3"))
    assert str(equation.source_info.name_stack) == "layer"
    assert not equation.effects
    assert equation.outvars[0].aval.shape == (3,)
    assert traced(lambda v: jax.debug.callback(lambda _: None, v), "f3").eqns[0].effects
    assert isinstance(equation.primitive, Primitive)


def entered(program: Any) -> tuple[Any, list[Any]]:
    """What `walk` makes of a nested program: the program and its constants. Since 0.12 it is a Jaxpr with both, before a ClosedJaxpr."""
    assert isinstance(program, ClosedJaxpr | Jaxpr), f"a nested program is of type {type(program)} in JAX {jax.__version__}"
    inner: Any = getattr(program, "jaxpr", program)
    assert hasattr(inner, "eqns")
    assert hasattr(inner, "invars")
    assert hasattr(inner, "constvars")
    constants = list(getattr(program, "consts", ()))
    assert len(constants) == len(inner.constvars)
    return inner, constants


NESTED = [
    ("jit", jax.jit),
    ("closed_call", op.called),
    ("eval_jaxpr", op.called),
    ("remat2", jax.checkpoint),
    ("custom_jvp_call", op.custom_jvp),
    ("custom_vjp_call", op.custom_vjp),
]


@pytest.mark.parametrize(("name", "call"), NESTED)
def test_nested_programs_take_the_equations_operands_and_give_its_results(name: str, call: Callable[..., Any]) -> None:
    if name in op.ABSENT:
        pytest.skip("of another version of JAX")
    equation = first(name, traced(call(lambda v, w: (v + np.arange(3.0), w)), "f3 f2"))
    assert INSIDE[name] in equation.params, (
        f"{name} in JAX {jax.__version__} holds its program in one of {sorted(equation.params)}"
    )
    inner, _ = entered(equation.params[INSIDE[name]])
    assert [var.aval.shape for var in inner.invars] == [var.aval.shape for var in equation.invars]
    assert [var.aval.shape for var in inner.outvars] == [var.aval.shape for var in equation.outvars]


def test_every_nested_program_that_is_entered_has_a_contract() -> None:
    assert set(INSIDE) == {name for name, _ in NESTED}


def test_programs_know_the_file_of_their_function() -> None:
    for function, ours in ((jax.nn.relu, False), (op.custom_jvp(jnp.sin), False), (op.custom_jvp(lambda v: v * 2.0), True)):
        inner, _ = entered(first("custom_jvp_call", traced(function, "f3")).params["call_jaxpr"])
        path = inner.debug_info.func_filename
        assert path is not None, f"debug_info of JAX {jax.__version__} does not know the file of {function}"
        assert path.startswith(str(Path(jax.__file__).parent)) is not ours


def test_a_scan_holds_constants_then_carries_then_scanned_values() -> None:
    def function(k: Any, c: Any, xs: Any) -> Any:
        return lax.scan(lambda carry, x: ((carry[1] + k, carry[0]), x * 2.0), (c, c), xs, reverse=True)

    equation = first("scan", traced(function, "f2 f2 f4x5"))
    if "num_consts" in equation.params:  # until 0.11
        counts = (equation.params["num_consts"], equation.params["num_carry"])
    else:  # since 0.12
        counts = tuple(len(list(part)) for part in equation.params["ft_in"].unpack()[:2])
    assert counts == (1, 2)
    inner, _ = entered(equation.params["jaxpr"])
    assert [var.aval.shape for var in equation.invars] == [(2,), (2,), (2,), (4, 5)]
    assert [var.aval.shape for var in inner.invars] == [(2,), (2,), (2,), (5,)]
    assert [var.aval.shape for var in equation.outvars] == [(2,), (2,), (4, 5)]
    known = {"num_consts", "num_carry", "ft_in", "ft_out", "jaxpr", "reverse", "length", "unroll", "linear", "_split_transpose"}
    assert set(equation.params) <= known


def test_a_while_loop_holds_the_conditions_constants_then_the_bodys_then_carries() -> None:
    def function(limit: Any, step: Any, start: Any) -> Any:
        return lax.while_loop(lambda c: jnp.sum(c) < jnp.sum(limit), lambda c: c + step[0] + step[1], start)

    equation = first("while", traced(function, "f3 f2 f"))
    assert (equation.params["cond_nconsts"], equation.params["body_nconsts"]) == (1, 1) or [
        equation.invars[k].aval.shape for k in range(len(equation.invars))
    ][-1] == ()
    held, _ = entered(equation.params["cond_jaxpr"])
    body, _ = entered(equation.params["body_jaxpr"])
    assert len(held.invars) == equation.params["cond_nconsts"] + 1
    assert len(body.invars) == equation.params["body_nconsts"] + 1
    assert set(equation.params) == {"cond_nconsts", "cond_jaxpr", "body_nconsts", "body_jaxpr"}


def test_a_conditional_has_an_index_first_and_a_program_for_each_case() -> None:
    equation = first("cond", traced(lambda k, v: lax.switch(k, [lambda v: v, lambda v: -v, jnp.sin], v), "i f3"))
    assert [kind_of(var.aval.dtype) for var in equation.invars] == ["i", "f"]
    programs = [entered(branch)[0] for branch in equation.params["branches"]]
    assert [inner.eqns[0].primitive.name if inner.eqns else "" for inner in programs] == ["", "neg", "sin"]
    assert set(equation.params) <= {"branches"}
