"""JAX's equations have the layout that the rules rely on: another JAX that changes it fails here, naming what changed.

These tests pass for JAX 0.10 and 0.12. Where the two differ, a comment says so, here or in `contracts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend.core import Literal, Primitive

from bnproof.algebra.constants import kind_of
from bnproof.algebra.rules import RULES

from . import operations as op
from .contracts import CONTRACTS, NUMBERS, Contract, first, traced


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


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
