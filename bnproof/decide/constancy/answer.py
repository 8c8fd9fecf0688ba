"""What is found out about outputs that may be constant: plain data, between deciding and printing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ...verdict import Witness

Ruling = Literal["constant", "not constant", "undecided"]


@dataclass(frozen=True)
class Part:
    """Something constant in an output that is not constant as a whole: sums over axes, or entries along one.

    - kind: ``sum`` over the axes `axes`, or ``entries`` with the numbers `entries` along the one axis in `axes`;
    - value: the exact value as a formula, None if there is no short one;
    - proved: of entries: whether the engine proves it; if not, runs did not move them, and that is all.
    """

    kind: Literal["sum", "entries"]
    axes: tuple[int, ...]
    entries: tuple[int, ...] = ()
    value: str | None = None
    proved: bool = True

    def as_json(self) -> dict[str, object]:
        """As a dict for JSON."""
        return {
            "kind": self.kind,
            "axes": list(self.axes),
            "entries": list(self.entries),
            "value": self.value,
            "proved": self.proved,
        }


@dataclass(frozen=True)
class Probe:
    """A value inside of the program that the data still move, right before they drop out.

    - operation, where: what it goes into: the operation's name, and `` of LAYER`` or `` at file:line``, empty if not known;
    - shape: the value's, sizes as text; axes: along which a constant cotangent would test nothing, where the operation is a sum;
    - acts: whether a float64 run shows that a random cotangent of it has a gradient that is not 0.
    """

    operation: str
    where: str
    shape: tuple[str, ...]
    axes: tuple[int, ...]
    acts: bool

    def as_json(self) -> dict[str, object]:
        """As a dict for JSON."""
        return {
            "operation": self.operation,
            "where": self.where.strip(),
            "shape": list(self.shape),
            "axes": list(self.axes),
            "acts": self.acts,
        }


@dataclass(frozen=True)
class Output:
    """One output of a program.

    - name: its place in what the function returns, empty if it returns one array; shape: sizes as text;
    - ruling: constant is proved; not constant has a witness; undecided is neither;
    - value: of a constant, as a formula of what remains; None if there is no short one; depends_on: the parameters that remain in it;
    - reason: why, without a full stop; laws: used by the proof; assumptions: what it takes for granted; sizes: for which it holds, empty
      if for those of the whole answer;
    - gradient_zero: of a constant: whether every gradient by the data is 0, as it is unless a custom derivative or stop_gradient comes
      between; None where that is not known;
    - confirmed, unconfirmed: whether a float64 run agreed with the proof, or why that is not known;
    - absent: of one that is not constant: the data that are proved not to be in it;
    - witness, moved_by: of one that is not constant: a run, and the input that was shifted in it;
    - roundoff: dtype → how far from its exact value a constant may come out, at random numbers, every sum one by one; measured: how far
      it came out there in float32, None where it was not run;
    - probes: what to test instead of a constant; parts: what is constant in an output that is not.
    """

    name: str
    shape: tuple[str, ...]
    ruling: Ruling
    reason: str
    value: str | None = None
    depends_on: tuple[str, ...] = ()
    sizes: str = ""
    laws: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    gradient_zero: bool | None = None
    confirmed: bool | None = None
    unconfirmed: str = ""
    absent: tuple[str, ...] = ()
    witness: Witness | None = None
    moved_by: str = ""
    roundoff: Mapping[str, float] = field(default_factory=dict[str, float])
    measured: float | None = None
    probes: tuple[Probe, ...] = ()
    parts: tuple[Part, ...] = ()

    def as_json(self) -> dict[str, object]:
        """As a dict for JSON."""
        witness: Any = None if self.witness is None else {**asdict(self.witness), "input": self.moved_by}
        return {
            "output": self.name,
            "shape": list(self.shape),
            "constant": {"constant": True, "not constant": False, "undecided": None}[self.ruling],
            "value": self.value,
            "depends_on": list(self.depends_on),
            "reason": self.reason,
            "sizes": self.sizes,
            "laws": list(self.laws),
            "assumptions": list(self.assumptions),
            "gradient_zero": self.gradient_zero,
            "confirmed": self.confirmed,
            "unconfirmed": self.unconfirmed,
            "absent": list(self.absent),
            "witness": witness,
            "roundoff": {name: bound if math.isfinite(bound) else "inf" for name, bound in self.roundoff.items()},
            "measured": self.measured,
            "test": [probe.as_json() for probe in self.probes],
            "parts": [part.as_json() for part in self.parts],
        }


@dataclass(frozen=True)
class Constancy:
    """The answer about all outputs of a program.

    - target: what was asked about; data: the inputs that a constant does not depend on; parameters: the others;
    - outputs: in order; sizes: for which sizes the proofs hold, unless an output says otherwise; assumptions: of all proofs.
    """

    target: str
    data: tuple[str, ...]
    parameters: tuple[str, ...]
    outputs: tuple[Output, ...]
    sizes: str
    assumptions: tuple[str, ...]

    @property
    def constant(self) -> bool:
        """Whether every output is proved constant."""
        return all(output.ruling == "constant" for output in self.outputs)

    def as_json(self) -> dict[str, object]:
        """As a dict for JSON."""
        return {
            "schema": 1,
            "target": self.target,
            "constant": self.constant,
            "data": list(self.data),
            "parameters": list(self.parameters),
            "outputs": [output.as_json() for output in self.outputs],
            "sizes": self.sizes,
            "assumptions": list(self.assumptions),
        }
