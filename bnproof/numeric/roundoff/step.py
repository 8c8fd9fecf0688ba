"""One operation whose operands are not all exact, as the rules behind `forward` see it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..replay.op import Op
from ..replay.operations import aligned
from .operation_error import Among


@dataclass
class Seen:
    """What is known of values so far, by identity.

    - reach: how many e another run may lie from the recorded one;
    - error: e of the floating ones that are not exact; unsure: which entries of the others may differ from run to run;
    - winners: of a maximum, for each of its operands where it is unsure whether that one is it;
    - rivals: of an operand of a maximum or minimum of two, the other, and where it is unsure which one it is;
    - hulls: the least and the largest that a value can be in any run, where that is known better than value ± reach·e;
    - marks: values that are 1 where the maximum over these axes lies, 0 elsewhere, so that their sum is at least 1;
    - ties: whether equal operands of a kink are unsure though they be exact. All runs of one program decide them alike; another
      program's derivative may be that of the other side.
    """

    reach: float = 2.0
    error: dict[int, Any] = field(default_factory=dict[int, Any])
    unsure: dict[int, Any] = field(default_factory=dict[int, Any])
    winners: dict[int, dict[int, Any]] = field(default_factory=dict[int, dict[int, Any]])
    rivals: dict[int, list[tuple[Any, Any]]] = field(default_factory=dict[int, list[tuple[Any, Any]]])
    hulls: dict[int, tuple[Any, Any]] = field(default_factory=dict[int, tuple[Any, Any]])
    marks: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    ties: bool = False


@dataclass(frozen=True)
class Part:
    """Of one result: e passed on by the operands (of what is no float: where it is unsure), ρ, and whether a decision made it.

    Of numbers that may go elsewhere as a whole: moved, how large they are, and among, as in `Error`.
    """

    error: Any = None
    rest: Any = None
    kink: bool = False
    moved: Any = None
    among: Among | None = None


@dataclass(frozen=True)
class Step:
    """An operation whose operands are not all exact. errors: of the floating operands; None where exact."""

    op: Op
    xs: Sequence[Any]
    ys: Sequence[Any]
    errors: Sequence[Any]
    seen: Seen

    def whole(self, k: int) -> Any:
        """The error of operand k, in its shape."""
        e = self.errors[k]
        return np.zeros(self.xs[k].shape) if e is None else e

    @functools.cached_property
    def flat(self) -> list[Any]:
        """All errors, made to broadcast like the operands."""
        return aligned([np.zeros((1,) * x.ndim) if e is None else e for x, e in zip(self.xs, self.errors, strict=True)])

    @property
    def doubtful(self) -> bool:
        """Whether an operand that is no float may differ from run to run."""
        return any(id(x) in self.seen.unsure for x in self.xs)


Rule = Callable[[Step], Any]
"""From an operation to its `Part`, one of each result if there are several; None where it does not know."""
