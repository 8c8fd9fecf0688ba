"""The layout of JAX's equations that the rules rely on: another JAX that changes it fails here, naming what changed.

These tests pass for JAX 0.10 and 0.12. Where the two differ, a comment says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.ad_checkpoint import checkpoint_name
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal, Primitive
from jax.sharding import SingleDeviceSharding

from bnproof.algebra.constants import kind_of
from bnproof.algebra.rules import RULES
from bnproof.algebra.walk import INSIDE

from . import operations as op

ABSENT = {
    *("convert_layout", "copy_p", "count_leading_zeros", "expand_dims", "random_gamma_grad"),
    *("checkpoint", "core_call", "custom_vjp_call_jaxpr", "pjit", "pvary", "remat"),
    *("closed_call", "custom_lin"),  # in neither's traces, though 0.10 has the primitives
}
"""Names of other versions, that have a rule or are entered, but that no trace of these versions shows."""


@dataclass(frozen=True)
class Contract:
    """How a function of these operands is traced: the primitive, its parameters and its operands.

    - reads: parameters that a rule reads, and what they must be; other: parameters whose meaning does not matter to the rule.
    - Further parameters are an error: the rule may have to read them. operands: which input each operand is (−1: none).
    """

    primitive: str
    function: Callable[..., Any]
    inputs: str
    reads: Mapping[str, Any] = field(default_factory=dict[str, Any])
    other: str = ""
    operands: tuple[int, ...] | None = None


def window(size: Any, strides: Any, padding: Any, base: Any = None, dilation: Any = None) -> dict[str, Any]:
    named = {"window_dimensions": size, "window_strides": strides, "padding": padding}
    return named if base is None else {**named, "base_dilation": base, "window_dilation": dilation}


WINDOW = window((1, 2), (1, 3), ((0, 0), (1, 2)), (1, 2), (1, 3))
GATHERED = {"offset_dims": (1, 2), "collapsed_slice_dims": (0,), "start_index_map": (0,), "operand_batching_dims": ()}
KERNEL = {"lhs_spec": (0, 2, 1), "rhs_spec": (2, 1, 0), "out_spec": (0, 2, 1)}
CONVOLUTION = {"window_strides": (2,), "padding": ((1, 0),), "lhs_dilation": (1,), "rhs_dilation": (2,)}
ACCURATE = "exp exp2 expm1 log log1p sqrt rsqrt cbrt sin cos tan tanh logistic".split()
PLAIN = "abs ceil floor sign erf lgamma digamma is_finite acosh bessel_i0e erf_inv neg square".split()
PAIRS = "add sub div rem max min pow eq ne lt le gt ge atan2 nextafter complex igamma igammac igamma_grad_a".split()
SHIFTS = "shift_left shift_right_logical shift_right_arithmetic".split()
GATHER = dict(mode="clip", fill_value=None)
NUMBERS = lax.GatherDimensionNumbers((1, 2), (0,), (0,))
BATCHED = lax.GatherDimensionNumbers((1,), (1,), (1,), (0,), (0,))

CONTRACTS = [
    *(Contract(name, getattr(lax, name), "f3", other="accuracy") for name in ACCURATE),
    *(Contract(name, getattr(lax, name), "f3") for name in PLAIN),
    *(Contract(name, getattr(lax, name), "f3 f3", operands=(0, 1)) for name in PAIRS),
    *(Contract(name, getattr(lax, name), "i3 i3", operands=(0, 1)) for name in SHIFTS),
    Contract("mul", lax.mul, "f3 f3", other="out_dtype"),  # 0.10 and 0.12; None unless it differs from the operands'
    Contract("erfc", lax.erfc, "f3", other="accuracy"),  # since 0.12
    Contract("conj", lax.conj, "c3", other="input_dtype"),
    Contract("round", partial(lax.round, rounding_method=lax.RoundingMethod.TO_NEAREST_EVEN), "f3", {"rounding_method": lax.RoundingMethod.TO_NEAREST_EVEN}),
    Contract("integer_pow", partial(lax.integer_pow, y=3), "f3", {"y": 3}),
    Contract("convert_element_type", op.cast("i"), "f3", {"new_dtype": np.dtype("int32")}, "weak_type sharding"),
    Contract("add_any", lambda v, w: jax.vjp(lambda x: (x, x), v)[1]((v, w)), "f3 f3"),
    *(Contract(f"reduce_{name}", partial(getattr(lax, f"reduce_{name}"), axes=(2, 0)), f"{kind}3x2x4", {"axes": {(0, 2), (2, 0)}}, "out_sharding")
      for name, kind in (("sum", "f"), ("max", "f"), ("min", "f"), ("prod", "f"), ("and", "b"), ("or", "b"), ("xor", "b"))),
    *(Contract(name, partial(getattr(lax, name), axis=1, index_dtype=np.int32), "f3x2", {"axes": (1,)}, "index_dtype") for name in ("argmax", "argmin")),
    *(Contract(name, partial(getattr(lax, name), axis=1, reverse=True), "f3x2", {"axis": 1, "reverse": True}) for name in ("cumsum", "cummax", "cummin", "cumlogsumexp")),
    Contract("sort", op.sorting(0, 2, False), "f3 f3 i3", {"dimension": 0, "num_keys": 2, "is_stable": False}, operands=(0, 1, 2)),
    Contract("top_k", op.best(2, 0), "f3x2", {"k": 2, "axis": 0}, "is_stable"),  # is_stable since 0.12
    Contract("dot_general", op.dot(((2,), (1,)), ((0,), (0,))), "f3x2x4 f3x4x5", {"dimension_numbers": (((2,), (1,)), ((0,), (0,)))}, "precision preferred_element_type out_sharding", (0, 1)),
    Contract(
        "conv_general_dilated",
        lambda v, w: lax.conv_general_dilated(v, w, (2,), [(1, 0)], None, (2,), ("NHC", "HIO", "NHC"), 2),
        "f2x5x4 f2x2x6",
        {**CONVOLUTION, "dimension_numbers": KERNEL, "feature_group_count": 2, "batch_group_count": 1},
        "precision preferred_element_type out_sharding",
        (0, 1),
    ),
    *(Contract(f"reduce_window_{kind}", op.pool(kind, *WINDOW.values()), "f3x5", WINDOW) for kind in ("sum", "max", "min")),
    Contract("select_and_scatter_add", op.pool_gradient((1, 2), (1, 2), "VALID"), "f3x2 f3x5", window((1, 2), (1, 2), ((0, 0), (0, 0))), "select_prim", (0, 1)),
    Contract("select_and_gather_add", op.pool_tangent((1, 2), (1, 2), "VALID"), "f3x5 f3x5", window((1, 2), (1, 2), ((0, 0), (0, 0)), (1, 1), (1, 1)), "select_prim", (0, 1)),
    Contract("broadcast_in_dim", lambda v: lax.broadcast_in_dim(v, (4, 3, 2), (1, 2)), "f3x2", {"broadcast_dimensions": (1, 2)}, "shape sharding"),
    Contract("transpose", partial(lax.transpose, permutation=(1, 2, 0)), "f3x2x4", {"permutation": (1, 2, 0)}),
    Contract("squeeze", partial(lax.squeeze, dimensions=(-1, 0)), "f1x3x1", {"dimensions": {(0, 2), (2, 0)}}),
    Contract("broadcast_in_dim", partial(lax.expand_dims, dimensions=(0,)), "f3", {"broadcast_dimensions": (1,)}, "shape sharding"),
    Contract("iota", lambda: lax.broadcasted_iota("int32", (3, 2), 1), "", {"dimension": 1}, "dtype shape sharding"),
    Contract("rev", partial(lax.rev, dimensions=(1,)), "f3x2", {"dimensions": (1,)}),
    Contract("slice", op.cut((1, 0), (3, 2), (2, 1)), "f3x2", {"start_indices": (1, 0), "limit_indices": (3, 2), "strides": (2, 1)}),
    Contract("slice", op.cut((1, 0), (3, 2), None), "f3x2", {"start_indices": (1, 0), "limit_indices": (3, 2), "strides": None}),
    Contract("split", op.splitting((1, 3), 0), "f4x2", {"sizes": (1, 3), "axis": 0}),
    Contract("dynamic_slice", lambda v, i, k: lax.dynamic_slice(v, (i, k), (2, 1)), "f3x2 i i", {}, "slice_sizes"),
    Contract("dynamic_update_slice", lambda v, w, i, k: lax.dynamic_update_slice_p.bind(v, w, i, k), "f3x2 f1x2 i i", operands=(0, 1, 2, 3)),
    Contract("gather", lambda v, i: lax.gather(v, i, NUMBERS, (1, 2, 4), mode="clip"), "f3x2x4 i5x1", {"dimension_numbers": GATHERED, "slice_sizes": (1, 2, 4)}, "mode fill_value unique_indices indices_are_sorted", (0, 1)),
    Contract("gather", lambda v, i: lax.gather(v, i, BATCHED, (1, 1, 4), mode="clip"), "f3x2x4 i3x1", {"dimension_numbers": {"operand_batching_dims": (0,), "start_indices_batching_dims": (0,)}}, "mode fill_value unique_indices indices_are_sorted slice_sizes", (0, 1)),
    Contract("concatenate", op.joined(1), "f3x2 f3x4", {"dimension": 1}, operands=(0, 1)),
    Contract("pad", op.padding((1, 2, 0), (-1, 0, 1)), "f3x2 f", {"padding_config": ((1, 2, 0), (-1, 0, 1))}, operands=(0, 1)),
    Contract("reshape", partial(lax.reshape, new_sizes=(6,)), "f3x2", {"dimensions": None}, "new_sizes sharding"),
    Contract("select_n", lax.select_n, "b3 f3 f3", operands=(0, 1, 2)),
    Contract("clamp", lax.clamp, "f f3 f", operands=(0, 1, 2)),
    *(Contract(name, getattr(lax, f"bitwise_{name}"), "b3 b3") for name in ("and", "or", "xor")),
    Contract("not", lax.bitwise_not, "b3"),
    Contract("population_count", lax.population_count, "i3"),
    Contract("copy", jnp.copy, "f3"),
    Contract("stop_gradient", lax.stop_gradient, "f3"),
    Contract("reduce_precision", partial(lax.reduce_precision, exponent_bits=5, mantissa_bits=10), "f3", {}, "exponent_bits mantissa_bits"),
    Contract("optimization_barrier", lambda *values: lax.optimization_barrier(values), "f3 i2", operands=(0, 1)),
    Contract("device_put", jax.device_put, "f3", {}, "devices srcs copy_semantics"),
    Contract("name", partial(checkpoint_name, name="here"), "f3", {"name": "here"}),
    Contract("sharding_constraint", lambda v: lax.with_sharding_constraint(v, SingleDeviceSharding(jax.devices()[0])), "f3", {}, "sharding layout context_mesh unconstrained_dims"),
]
"""Of the rules."""


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
    jaxpr = traced(contract.function, contract.inputs)
    equation = first(contract.primitive, jaxpr)
    where = f"{contract.primitive} in JAX {jax.__version__}"
    for name, wanted in contract.reads.items():
        assert name in equation.params, f"{where} has no parameter {name!r}, which its rule reads, but {sorted(equation.params)}"
        assert meets(wanted, equation.params[name]), f"{where}: {name} is {equation.params[name]!r}; its rule expects {wanted!r}"
    new = set(equation.params) - set(contract.reads) - set(contract.other.split())
    assert not new, f"{where} has parameters its rule does not know of: {sorted(new)}"
    if contract.operands is not None:
        places = tuple(jaxpr.invars.index(var) if var in jaxpr.invars else -1 for var in equation.invars)
        assert places == contract.operands, f"{where} has its operands in another order: {places}, not {contract.operands}"


def test_every_rule_has_a_contract_or_is_of_another_version() -> None:
    pinned = {contract.primitive for contract in CONTRACTS} | {"dim_as_value"}
    entrywise = {name for name, rule in RULES.items() if rule.apply is RULES["tanh"].apply}  # one of each kind of parameter is pinned
    assert set(RULES) - pinned - entrywise - ABSENT == set()
    assert not ABSENT & pinned


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
    assert isinstance(remainder, int), f"a remainder of sizes is {type(remainder)}, so that means over 64·n would not divide out"
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
    ("remat2", jax.checkpoint),
    ("custom_jvp_call", op.custom_jvp),
    ("custom_vjp_call", op.custom_vjp),
]


@pytest.mark.parametrize(("name", "call"), NESTED)
def test_nested_programs_take_the_equations_operands_and_give_its_results(name: str, call: Callable[..., Any]) -> None:
    equation = first(name, traced(call(lambda v, w: (v + np.arange(3.0), w)), "f3 f2"))
    assert INSIDE[name] in equation.params, f"{name} in JAX {jax.__version__} holds its program in one of {sorted(equation.params)}"
    inner, _ = entered(equation.params[INSIDE[name]])
    assert [var.aval.shape for var in inner.invars] == [var.aval.shape for var in equation.invars]
    assert [var.aval.shape for var in inner.outvars] == [var.aval.shape for var in equation.outvars]


def test_nested_programs_that_are_entered_are_traced_here_or_of_another_version() -> None:
    assert set(INSIDE) - ABSENT == {name for name, _ in NESTED}


def test_programs_know_the_file_of_their_function() -> None:
    for function, ours in ((jax.nn.relu, False), (op.custom_jvp(jnp.sin), False), (op.custom_jvp(lambda v: v * 2.0), True)):
        inner, _ = entered(first("custom_jvp_call", traced(function, "f3")).params["call_jaxpr"])
        path = inner.debug_info.func_filename
        assert path is not None, f"debug_info of JAX {jax.__version__} does not know the file of {function}"
        assert path.startswith(str(Path(jax.__file__).parent)) is not ours


def test_a_scan_holds_constants_then_carries_then_scanned_values() -> None:
    def function(k: Any, c: Any, xs: Any) -> Any:
        return lax.scan(lambda carry, x: ((carry[0] + k, carry[1]), x), (c, c), xs, reverse=True)

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
