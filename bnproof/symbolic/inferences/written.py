'''Items written as text, one step a line: expression, ``--``, reason. They are the objects of the same names, nothing else.

    chain("mean", "The mean moves by exactly {b}.", """
      mu_at(b)
    = 1/n * sum(i, z[i] + b)            -- definition of the mean
    = mu_at(0) + b                      -- the mean with no bias, plus {b}
    """)

A step begins with a line that begins with ``=``; other lines go on with what stands before them, expression or reason.
``--`` has blanks around it. Empty lines may stand before and after the text only. The label is left out where there is none:
``chain(claim, text)``. Further fields of an item are given by name.
'''

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from ..evaluate import COMPARE
from ..layout import Block, comparisons, steps
from ..source import Origin, Written, origin_of_call
from .chain import Chain
from .induction import Induction, State
from .item import Steps
from .sign import Sign
from .witness import Values, Witness


@overload
def chain(claim: str, text: str, /, **fields: Any) -> Chain: ...
@overload
def chain(label: str, claim: str, text: str, /, **fields: Any) -> Chain: ...
def chain(*parts: str, **fields: Any) -> Chain:
    """A `Chain`: the text's first expression, then its steps.

    Raises NotationError with file, line and column where there is no step, or a line cannot be read.
    """
    *names, text = parts
    first, *rest = steps(origin_of_call(text))
    start = _first(first)
    if not rest:
        raise first.error("a chain has a first expression and at least one step, `= expression -- reason`")
    return Chain(start=start, steps=_equalities(rest), **_named(names), **fields)


@overload
def sign(claim: str, text: str, /, **fields: Any) -> Sign: ...
@overload
def sign(label: str, claim: str, text: str, /, **fields: Any) -> Sign: ...
def sign(*parts: str, **fields: Any) -> Sign:
    """A `Sign`: as a chain, with a last line ``> 0 -- reason`` or ``>= 0 -- reason``; there may be no other step.

    Raises NotationError with file, line and column where the last line is another, or a line cannot be read.
    """
    *names, text = parts
    first, *rest = steps(origin_of_call(text))
    last = rest.pop() if rest else first
    if last.relation not in (">", ">="):
        raise last.error("a sign ends with a line `> 0 -- reason` or `>= 0 -- reason`, and this is the last")
    start = _first(first)
    zero, reason = last.step()
    if zero != "0":
        raise last.error("a sign compares with 0")
    return Sign(term=start, relation=last.relation, reason=reason, steps=_equalities(rest), **_named(names), **fields)


@overload
def induction(claim: str, /, *, time: str, states: Sequence[State], **fields: Any) -> Induction: ...
@overload
def induction(
    claim: str, /, *, time: str, state: str, start: str, update: str, closed: str, base: str = "", step: str = "", **fields: Any
) -> Induction: ...
@overload
def induction(label: str, claim: str, /, *, time: str, states: Sequence[State], **fields: Any) -> Induction: ...
@overload
def induction(
    label: str,
    claim: str,
    /,
    *,
    time: str,
    state: str,
    start: str,
    update: str,
    closed: str,
    base: str = "",
    step: str = "",
    **fields: Any,
) -> Induction: ...
def induction(
    *names: str, time: str, states: Sequence[State] = (), state: str = "", base: str = "", step: str = "", **fields: Any
) -> Induction:
    """An `Induction` over one quantity, whose fields are given here, or over several `states`.

    Raises NotationError with file, line and column where a line cannot be read.
    """
    if state:
        own = {name: fields.pop(name) for name in ("start", "update", "closed")}
        states = (_state(state, origin_of_call(base), origin_of_call(step), own),)
    return Induction(time=time, states=tuple(states), **_named(names), **fields)


def state(name: str, /, *, start: str, update: str, closed: str, base: str = "", step: str = "") -> State:
    """A `State`: `base` and `step` are steps only, for their first expressions follow from the other fields; either may be left out.

    Raises NotationError with file, line and column where a line cannot be read.
    """
    return _state(name, origin_of_call(base), origin_of_call(step), {"start": start, "update": update, "closed": closed})


def _state(name: str, base: Origin, step: Origin, fields: dict[str, str]) -> State:
    first, second = (_equalities(steps(text)) if text.text else () for text in (base, step))
    return State(name, base=first, step=second, **fields)


@overload
def witness(claim: str, values: Values, text: str, /, **fields: Any) -> Witness: ...
@overload
def witness(label: str, claim: str, values: Values, text: str, /, **fields: Any) -> Witness: ...
def witness(*parts: Any, **fields: Any) -> Witness:
    """A `Witness`: a relation a line, ``left == right``, with one of == != < >; a line indented further goes on with the last.

    Raises NotationError with file, line and column where a line is no relation.
    """
    *names, values, text = parts
    relations = tuple(line.compared(COMPARE.keys()) for line in comparisons(origin_of_call(text)))
    return Witness(values=values, relations=relations, **_named(names), **fields)


def _named(names: tuple[str, ...] | list[str]) -> dict[str, Any]:
    """The fields of ``(claim,)`` or ``(label, claim)``."""
    if len(names) not in (1, 2):
        raise TypeError(f"an item has a claim, and a label before it or none, not {len(names)} of them")
    return {"claim": names[-1]} if len(names) == 1 or not names[0] else {"label": names[0], "claim": names[1]}


def _first(block: Block) -> Written:
    """The expression that a text begins with."""
    if block.relation:
        raise block.error("the first line is an expression, not a step")
    return block.expression()


def _equalities(blocks: list[Block]) -> Steps:
    for block in blocks:
        if block.relation != "=":
            raise block.error("a step begins with `=`")
    return tuple(block.step() for block in blocks)
