"""The nouns that travel between the parts: what was asked, what was found, and the evidence for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from .modes import Mode

Ruling = Literal["redundant", "acts", "undecided"]
"""redundant: proved, with the laws used; acts: a witness shows that the output moves; undecided: neither."""


@dataclass(frozen=True)
class Step:
    """One line of a derivation about a program: an expression, the law that gives it, and where in the program it is."""

    expression: str
    law: str
    operation: str = ""
    layer: str = ""
    source: str = ""


@dataclass(frozen=True)
class Proof:
    """The lines that lead from the parameter's first use to its disappearance."""

    steps: tuple[Step, ...]

    @property
    def laws(self) -> tuple[str, ...]:
        """The laws used, each once, in order of first use."""
        return tuple(dict.fromkeys(step.law for step in self.steps if step.law))


@dataclass(frozen=True)
class Witness:
    """Numbers that show that a parameter moves the output.

    - seed: of the random inputs and parameters, float64; shift: added to the parameter's entry `entry` (in row-major order);
    - change: the largest change of one output entry, absolute, at `output` (number of the output, then index);
    - bound: the round-off bound of both runs there;
    - exact: the same in exact rational numbers, for programs small enough: parameter value, output entry before and after. Where
      only these show it, bound is 0;
    - positive: the random inputs and parameters were taken by their absolute values, since the program has no value at others.
    """

    seed: int
    shift: float
    change: float
    bound: float
    entry: int = 0
    output: tuple[int, ...] = ()
    exact: str | None = None
    positive: bool = False

    @property
    def factor(self) -> float:
        """change / bound."""
        return self.change / self.bound if self.bound else float("inf")


@dataclass(frozen=True)
class Directions:
    """The redundant subspace of a parameter, or of several at given weights.

    - dimension of `of` numbers; basis: vectors, entries exact rationals as text, one block for each parameter in `parameters`; left
      empty where it would be very long;
    - every vector of the basis is proved by the engine; complete: whether the rank of the Jacobian at random points leaves no room
      for more directions.
    """

    parameters: tuple[str, ...]
    dimension: int
    of: int
    basis: tuple[tuple[str, ...], ...] = ()
    complete: bool = True
    at: str = ""


@dataclass(frozen=True)
class Unlooked:
    """Parameters whose redundant directions, together if they are several, were not looked at in one mode, and why not."""

    parameters: tuple[str, ...]
    mode: Mode
    why: str


@dataclass(frozen=True)
class Irreplaceable:
    """A theorem says that no values of the parameters `by` give the output of the layer `at` without another; more than that it acts.

    What the layers behind `at` make of that output is not part of it.
    `example` is the theorem whose exact example shows it in numbers, where that is another one.
    """

    by: tuple[str, ...]
    at: str
    theorem: str
    example: str = ""


@dataclass(frozen=True)
class Verdict:
    """What is known of one parameter in one mode, for the model's outputs taken together.

    `operation`, `layer` and `source` name the operation in which the parameter disappears, or the first behind which it stays;
    `gradient_zero` is None where it was not decided; `confirmed` is True if a float64 run agreed, None if none was made or none could
    tell; `absorbed_by` names the parameters or statistics that are proved to be able to do its work, None where none is known;
    `irreplaceable` names those that a theorem says cannot.

    A redundant verdict that no run confirmed says in `unconfirmed` why: shapes only, too many numbers, NaN, an infinite bound.
    `assumptions` are sentences on what the verdict takes for granted on the parameter's way: it holds over the reals, and a format of
    few digits, or ties that round-off decides, may say otherwise.
    `undefined` says why the program has no value in this mode at these sizes, whatever its inputs are: then that is the answer, and
    the verdict is undecided; it is empty where no such proof was found.
    """

    bias: str
    mode: Mode
    verdict: Ruling
    reason: str
    laws: tuple[str, ...] = ()
    theorem: str | None = None
    witness: Witness | None = None
    confirmed: bool | None = None
    unconfirmed: str = ""
    undefined: str = ""
    assumptions: tuple[str, ...] = ()
    gradient_zero: bool | None = None
    sizes: str = ""
    directions: Directions | None = None
    operation: str = ""
    layer: str = ""
    source: str = ""
    absorbed_by: tuple[str, ...] | None = None
    irreplaceable: Irreplaceable | None = None
    proof: Proof | None = field(default=None, compare=False)

    def as_json(self) -> dict[str, object]:
        """The JSON object of schema 2."""
        witness = (
            None
            if self.witness is None
            else {**asdict(self.witness), "factor": self.witness.factor if self.witness.bound else None}
        )
        return {
            "bias": self.bias,
            "mode": self.mode,
            "verdict": self.verdict,
            "absorbed_by": None if self.absorbed_by is None else list(self.absorbed_by),
            "irreplaceable": None if self.irreplaceable is None else asdict(self.irreplaceable),
            "reason": self.reason,
            "laws": list(self.laws),
            "theorem": self.theorem,
            "witness": witness,
            "confirmed": self.confirmed,
            "unconfirmed": self.unconfirmed,
            "undefined": self.undefined,
            "assumptions": list(self.assumptions),
            "gradient_zero": self.gradient_zero,
            "sizes": self.sizes,
            "directions": None if self.directions is None else asdict(self.directions),
            "operation": self.operation,
            "layer": self.layer,
            "source": self.source,
        }


@dataclass(frozen=True)
class Statistic:
    """Whether an updated statistic (running mean, running variance) depends on a parameter, in one mode."""

    name: str
    mode: Mode
    depends_on: tuple[str, ...]


Spelling = Literal["own", "pytorch", "keras"]
"""Whose words a layer is written in."""


@dataclass(frozen=True)
class Part:
    """A layer of the program as it was asked about.

    - name: what its parameters' names begin with; kind: what it is (a key of `bnproof.chain.kinds.KINDS`);
    - written: its own text, brackets included, as it was typed (``Conv2d(3, 8, 3)``); empty where there is none;
    - spelling: whose words that text is in;
    - follows: the name of the layer right before it in the chain, or in its branch of a block; empty where it is the first there.
    """

    name: str
    kind: str
    written: str = ""
    spelling: Spelling = "own"
    follows: str = ""


@dataclass(frozen=True)
class Answer:
    """Everything `prove` and `audit` say about one program.

    - directions: those of several parameters together; unlooked: whose directions were asked for and not looked at;
    - layers: in reading order, blocks before what is in them; empty where they are not known;
    - read_as: the program with the defaults filled in that decide, where that says more than `target`; notes: what was read into it.
    """

    target: str
    verdicts: tuple[Verdict, ...]
    statistics: tuple[Statistic, ...] = ()
    assumptions: tuple[str, ...] = ()
    summary: Mapping[str, object] = field(default_factory=dict[str, object])
    directions: tuple[Directions, ...] = ()
    layers: tuple[Part, ...] = ()
    read_as: str = ""
    notes: tuple[str, ...] = ()
    unlooked: tuple[Unlooked, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The JSON object of schema 2."""
        return {
            "schema": 2,
            "target": self.target,
            "read_as": self.read_as or self.target,
            "notes": list(self.notes),
            "verdicts": [verdict.as_json() for verdict in self.verdicts],
            "statistics": [asdict(statistic) for statistic in self.statistics],
            "assumptions": list(self.assumptions),
            "summary": dict(self.summary),
            "directions": [asdict(directions) for directions in self.directions],
            "unlooked": [asdict(one) for one in self.unlooked],
        }
