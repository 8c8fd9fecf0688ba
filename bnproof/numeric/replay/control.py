"""Loops and branches of a schedule, run in Python: what decides their course must be the same in all copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from ...jaxpr import Equation, Scan, While, branches, evaluated, opened
from .op import Evaluation, Op, UnreplayableError
from .operations import MOVING, Params, joined, wide
from .schedule import Control, Schedule

ROUNDS = 100_000
"""Rounds after which a while loop is given up: one that waits for a rounding of a narrower format waits forever."""


def control(equation: Equation, scheduled: Callable[[Any], Schedule], dims: Mapping[str, int]) -> Control:
    """The loop or branch of a scan, while or cond equation."""
    return {"scan": _scan, "while": _while, "cond": _cond}[equation.primitive.name](equation, scheduled, dims)


def _cond(equation: Equation, scheduled: Callable[[Any], Schedule], _: Mapping[str, int]) -> Control:
    programs = [scheduled(branch) for branch in branches(equation)]

    def branch(inputs: list[Any], how: Evaluation) -> list[Any]:
        which = min(max(how.integer(inputs[0]), 0), len(programs) - 1)
        return programs[which].run(inputs[1:], how)

    return branch


def _while(equation: Equation, scheduled: Callable[[Any], Schedule], _: Mapping[str, int]) -> Control:
    layout = While.of(equation)
    test, body = scheduled(layout.test), scheduled(layout.body)
    by_entry = bool(opened(layout.test)[0].outvars[0].aval.shape)  # under vmap: each entry goes on until it is done

    def loop(inputs: list[Any], how: Evaluation) -> list[Any]:
        of_test, of_body, state = layout.split(inputs)
        for _ in range(ROUNDS):
            going = test.run([*of_test, *state], how)[0]
            if by_entry:
                if not np.asarray(going).any():
                    return [*state]
                after = body.run([*of_body, *state], how)
                state = [_chosen(how, going, old, new) for old, new in zip(state, after, strict=True)]
                continue
            if not how.integer(going):
                return [*state]
            state = body.run([*of_body, *state], how)
        raise UnreplayableError("while", f"does not end within {ROUNDS} rounds in float64")

    return loop


def _chosen(how: Evaluation, going: Any, old: Any, new: Any) -> Any:
    """The new value of the entries that go on, for Booleans that lie along the leading axes."""
    missing = new.ndim - going.ndim
    return how.apply(_CHOOSE, [going.reshape(*going.shape, *(1,) * missing), old, new])[0]


_CHOOSE = Op("select_n", {}, lambda going, old, new: [jnp.where(going, new, old)], MOVING["select_n"])


def _scan(equation: Equation, scheduled: Callable[[Any], Schedule], dims: Mapping[str, int]) -> Control:
    layout = Scan.of(equation)
    body, length, carried = scheduled(layout.body), evaluated(layout.length, dims), layout.carried
    collected = [variable.aval for variable in equation.outvars[carried:]]

    def scan(inputs: list[Any], how: Evaluation) -> list[Any]:
        fixed, carry, scanned = layout.split(inputs)
        rows = dict[int, list[Any]]()
        for k in reversed(range(length)) if layout.reverse else range(length):
            parts = [how.apply(_index(k), [x])[0] for x in scanned]
            result = body.run([*fixed, *carry, *parts], how)
            carry, rows[k] = result[:carried], result[carried:]
        if not length:
            return [*carry, *(_empty(aval, dims) for aval in collected)]
        columns = zip(*(rows[k] for k in range(length)), strict=True)
        return [*carry, *(how.apply(_STACK, column)[0] for column in columns)]

    return scan


def _empty(aval: Any, dims: Mapping[str, int]) -> np.ndarray:
    return np.zeros((1, *(evaluated(size, dims) for size in aval.shape)), wide(aval.dtype))


def _index(at: int) -> Op:
    return Op("index", {"at": at}, lambda x: [x[at]], lambda p, x: x[:, at] if isinstance(x, np.ndarray) else x[at])


def _stack(_: Params, *xs: Any) -> Any:
    return np.stack(joined(xs), 1) if isinstance(xs[0], np.ndarray) else jnp.stack(xs)


_STACK = Op("stack", {}, lambda *xs: [jnp.stack(xs)], _stack)
