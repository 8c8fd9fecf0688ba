"""The witness of a parameter that acts once more in exact rational numbers, for programs small enough."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..algebra.rationals import read
from ..numeric.exact.enclosure import Exact, exact_witness
from ..verdict import Verdict, Witness
from .program import Program, only
from .sampling import absolute

MOST = 20_000
"""Programs with more scalar operations than this get no exact witness."""
GRID = 8
"""The random inputs and parameters of the witness are rounded to multiples of 1/8."""


def with_exact_witnesses(program: Program, verdicts: list[Verdict]) -> list[Verdict]:
    """The verdicts, each that acts with an exact witness where the program allows it."""
    result: list[Verdict] = []
    for verdict in verdicts:
        if verdict.witness is not None and verdict.witness.exact is None:
            verdict = replace(verdict, witness=replace(verdict.witness, exact=exact(program, verdict.bias, verdict.witness)))
        result.append(verdict)
    return result


def exact(program: Program, name: str, witness: Witness) -> str | None:
    """The output entry before and after, or None if the program is too large, not covered, or its enclosures overlap."""
    found = _found(program, name, witness)
    return None if found is None else _said(program, witness, found)


def exactly(program: Program, name: str, witness: Witness) -> Witness | None:
    """The witness with the entry that exact numbers show to move, whatever a run says; None where `exact` would be."""
    found = _found(program, name, witness)
    if found is None:
        return None
    change = abs(float(sum(found.after) - sum(found.before)) / 2)
    return replace(witness, change=change, bound=0.0, output=found.index, exact=_said(program, witness, found))


def _found(program: Program, name: str, witness: Witness) -> Exact | None:
    if program.sample is None:
        return None
    drawn = program.sample(witness.seed)
    args = [_rational(value) for value in (absolute(drawn) if witness.positive else drawn)]
    position = program.inputs.index(name)
    outputs, _ = program.runnable()
    found = exact_witness(
        only(program.jaxpr, outputs), args, position, Fraction(witness.shift), witness.entry, _as_read, program.dims, MOST
    )
    return None if found is None else replace(found, index=(outputs[found.index[0]], *found.index[1:]))


def _said(program: Program, witness: Witness, found: Exact) -> str:
    if program.outputs == 1:
        found = replace(found, index=found.index[1:])
    return f"inputs in multiples of 1/{GRID}, seed {witness.seed}: {found.text}"


def _rational(value: Any) -> Any:
    """Floating entries as Fractions on a grid; variances stay positive, being at least ½."""
    if not (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return value
    return _objects(value, lambda entry: Fraction(round(float(entry) * GRID), GRID))


def _as_read(value: np.ndarray) -> np.ndarray:
    def number(entry: Any) -> Any:
        found = read(entry, value.dtype)
        return None if found is None else Fraction(found)

    return _objects(value, number)


def _objects(value: np.ndarray, function: Any) -> np.ndarray:
    result = np.empty(value.size, object)
    result[:] = [function(entry) for entry in np.asarray(value).reshape(-1)]
    return result.reshape(value.shape)
