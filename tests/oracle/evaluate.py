"""A traced program in ball arithmetic: what its real numbers are, enclosed, on the numbers it is given.

Written for itself: it shares no rule with the code under test. Floating numbers are balls whatever their type, so conversions
between floating types change nothing; literals and arguments are the numbers that the traced type holds. Integers, Booleans and
random keys are JAX's. Where a comparison hangs on overlapping balls, what is selected by it is a ball around both choices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Literal

from .balls import (
    ASKED,
    BINARY,
    NEAREST,
    UNARY,
    Array,
    UndecidedError,
    arb,
    both,
    chosen,
    each,
    either,
    exact,
    greater,
    larger,
    negated,
    power,
    same,
    settled,
    smaller,
    whole,
)
from .places import MOVES, floating, moved, scatter_add
from .sums import accumulated, convolution, dot, gather_selected, ordered, ordered_along, reduce, scatter_selected, window

SAME = frozenset(["copy", "copy_p", "stop_gradient", "reduce_precision", "optimization_barrier", "name", "pvary", "pcast"])
_ANSWERS: dict[str, Callable[..., Any]] = {
    "and": both, "or": either, "not": negated, "xor": lambda a, b: None if a is None or b is None else a != b,
    "eq": lambda a, b: None if a is None or b is None else a == b, "ne": lambda a, b: None if a is None or b is None else a != b,
}  # fmt: skip
Rule = Callable[..., Array]
Watch = Callable[[Any, Sequence[Array]], None]


@dataclass(frozen=True)
class _Run:
    rules: dict[str, Rule]
    watch: Watch | None


class UnknownOperationError(Exception):
    """An operation that has no rule here. `args[0]` is its name."""


def evaluate(
    jaxpr: ClosedJaxpr, arguments: Sequence[Any], rules: dict[str, Rule] | None = None, watch: Watch | None = None
) -> list[Array]:
    """The flat outputs, floating ones as balls, for flat arguments in the types the program was traced with.

    rules: (equation, inputs) → output for operations by name, in the place of the rules here: how tests plant wrong ones;
    watch: is given every operation (equation, outputs).
    Raises UnknownOperationError, and UndecidedError where a loop, an index or a whole number hangs on overlapping balls.
    """
    given = [exact(x) if floating(v.aval) else _plain(x) for v, x in zip(jaxpr.jaxpr.invars, arguments, strict=True)]
    with jax.enable_x64(True):
        return _run(jaxpr, given, _Run(rules or {}, watch))


def _plain(x: Any) -> Any:
    return x if hasattr(x, "dtype") and jnp.issubdtype(x.dtype, jax.dtypes.extended) else np.asarray(x)


def _run(closed: Any, inputs: Sequence[Any], run: _Run) -> list[Any]:
    jaxpr, constants = (closed.jaxpr, closed.consts) if hasattr(closed, "jaxpr") else (closed, ())
    known: dict[Any, Any] = dict(zip(jaxpr.invars, inputs, strict=True))
    consts: Any = zip(jaxpr.constvars, constants, strict=True)
    known.update((v, exact(c) if floating(v.aval) else _plain(c)) for v, c in consts)

    def read(atom: Any) -> Any:
        if not isinstance(atom, Literal):
            return known[atom]
        aval: Any = atom.aval
        value = np.asarray(atom.val, aval.dtype)
        return exact(value) if floating(aval) else value

    for equation in jaxpr.eqns:
        results = _apply(equation, [read(atom) for atom in equation.invars], run)
        if run.watch is not None:
            run.watch(equation, results)
        known.update(zip(equation.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _apply(equation: Any, xs: list[Any], run: _Run) -> list[Any]:
    name, params = equation.primitive.name, equation.params
    if name in run.rules:
        return [run.rules[name](equation, *xs)]
    for called in ("call_jaxpr", "fun_jaxpr", "jaxpr"):
        if called in params and name not in ("scan", "while", "cond"):
            return _run(params[called], xs, run)
    if name == "cond":
        return _run(params["branches"][_number(xs[0])], xs[1:], run)
    if name == "while":
        return _while(params, xs, run)
    if name == "scan":
        return _scan(params, xs, run)
    reads = [floating(v.aval) for v in equation.invars]
    balls = any(reads) or any(floating(v.aval) for v in equation.outvars)
    open_answer = any(isinstance(x, np.ndarray) and x.dtype == object for x in xs)
    if not balls and not open_answer:
        made = equation.primitive.bind(*xs, **params)
        made = made if equation.primitive.multiple_results else [made]
        return [_plain(y) for y in made]
    if name in MOVES and not (name in ("gather", "scatter", "dynamic_slice") and not reads[0]):
        return moved(equation, xs)
    if name == "sort" and reads[0] and len(xs) > 1 and params["num_keys"] == 1:
        return ordered_along(xs, params["dimension"])
    if name == "scatter-add":
        return [scatter_add(equation, *xs)]
    return [_one(equation, name, params, xs, reads)] if name not in SAME else list(xs)


def _one(equation: Any, name: str, params: Any, xs: list[Any], reads: Sequence[bool]) -> Array:
    """One output of an operation on numbers or open answers."""
    if name == "select_n":
        return _select(xs, reads)
    if name in _ANSWERS and not any(reads):
        return settled(each(_ANSWERS[name], len(xs))(*(x.astype(object) for x in xs)))
    if name in ("reduce_and", "reduce_or") or (any(reads) and name.startswith(("reduce_", "arg")) and "axes" in params):
        return reduce(name, params, xs[0])
    if name == "convert_element_type":
        return _converted(equation, xs[0], reads[0])
    if name == "iota":
        return exact(np.asarray(equation.primitive.bind(**{**params, "dtype": np.dtype(np.int64)})))
    if name == "bitcast_convert_type" and not reads[0]:  # how random numbers are made of random bits
        return exact(np.asarray(equation.primitive.bind(*xs, **params)))
    if not all(reads):
        raise UnknownOperationError(name)
    if name in UNARY:
        return each(UNARY[name])(*xs)
    if name in BINARY:
        return each(BINARY[name], 2)(*xs)
    if name in ASKED:
        return settled(each(ASKED[name], 2)(*xs))
    simple: dict[str, Callable[..., Array]] = {
        "integer_pow": each(lambda x: power(x, params["y"])),
        "clamp": each(lambda low, x, high: smaller(larger(x, low), high), 3),
        "is_finite": lambda x: settled(each(lambda v: bool(v.is_finite()))(x)),
        "round": lambda x: each(NEAREST[params["rounding_method"].name])(x),  # noqa: PLW0108 - the parameter is there for this name only
        "dot_general": lambda a, b: dot(params, a, b),
        "conv_general_dilated": lambda a, b: convolution(params, a, b),
        "select_and_gather_add": lambda a, b: gather_selected(params, a, b),
        "select_and_scatter_add": lambda a, b: scatter_selected(params, a, b),
        "sort": lambda x: ordered(x, params["dimension"]),
        **{f"reduce_window_{which}": lambda x: window(name, params, x) for which in ("sum", "max", "min")},
        **{f"cum{which}": lambda x: accumulated(name, params, x) for which in ("sum", "prod", "max", "min")},
    }
    if name not in simple or (name == "sort" and len(xs) > 1):
        raise UnknownOperationError(name)
    return simple[name](*xs)


def _select(xs: list[Any], reads: Sequence[bool]) -> Array:
    which, *cases = xs
    if which.dtype in (object, bool):
        y = each(chosen, 3)(which.astype(object), *(c.astype(object) for c in cases))
    else:
        y = each(lambda w, *of: of[w], 1 + len(cases))(which, *(c.astype(object) for c in cases))
    if reads[1]:
        return y
    if any(v is None for v in y.reshape(-1)) and cases[0].dtype not in (bool, object):
        raise UndecidedError("a whole number hangs on overlapping balls")
    return settled(y) if cases[0].dtype in (bool, object) else y.astype(cases[0].dtype)


def _converted(equation: Any, x: Any, reads: bool) -> Array:
    new = equation.params["new_dtype"]
    if jnp.issubdtype(new, jnp.floating):
        return x if reads else exact(x)
    if new == np.dtype(bool):
        return settled(each(lambda v: negated(same(v, arb(0))))(x))
    if not reads:
        raise UndecidedError("a whole number hangs on overlapping balls")
    toward_zero = each(lambda v: whole(v, arb.ceil if greater(arb(0), v) else arb.floor))
    return toward_zero(x).astype(new)


def _number(x: Any) -> int:
    if x.dtype == object:
        raise UndecidedError("a branch hangs on overlapping balls")
    return int(x)


def _while(params: Any, xs: list[Any], run: _Run) -> list[Any]:
    asks, works = params["cond_nconsts"], params["body_nconsts"]
    state = xs[asks + works :]
    for _ in range(100_000):
        if not _number(_run(params["cond_jaxpr"], [*xs[:asks], *state], run)[0]):
            return state
        state = _run(params["body_jaxpr"], [*xs[asks : asks + works], *state], run)
    raise UndecidedError("a loop does not come to its end")


def _scan(params: Any, xs: list[Any], run: _Run) -> list[Any]:
    constants, carried = params["num_consts"], params["num_carry"]
    state, rows = xs[constants : constants + carried], xs[constants + carried :]
    steps: list[list[Any]] = []
    order = range(params["length"])
    for k in reversed(order) if params["reverse"] else order:
        made = _run(
            params["jaxpr"],
            [*xs[:constants], *state, *(row[k] if row.ndim > 1 else row[k : k + 1].reshape(()) for row in rows)],
            run,
        )
        state = made[:carried]
        steps.append(made[carried:])
    steps = steps[::-1] if params["reverse"] else steps
    return [*state, *(np.stack(ys) for ys in zip(*steps, strict=True))]
