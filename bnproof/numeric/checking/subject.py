"""What a check is about: one parameter of a function, shifted along given directions, and what is proved about the output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Arrays = Mapping[str, Any]
Side = Literal["below", "above"]
Numbers = tuple[dict[str, np.ndarray], Any]
"""Parameters by name, and everything else."""


@dataclass(frozen=True)
class Subject:
    """One parameter of one function.

    - case: the function in words, ``conv -> bn``; bias: the parameter's name;
    - function: (parameters by name, x) → y, in the dtype of its arguments; x is an array or any pytree of arrays, of which the floating
      ones are cast like parameters, and the others (integers, Booleans, random keys) stay as they are;
    - draw: random generator → (parameters, x) in float64, away from anything singular;
    - given: (parameters, x) that the caller gave, for a first draw; None where every draw is random;
    - directions: shape (D, *bias.shape); None: every entry of the parameter by itself;
    - expected: ``below``: no shift along the directions can move the output, which is proved; ``above``: it moves, a control;
    - gradient: the same of the gradient along the directions, where it differs: behind stop_gradient it can be proved to be zero
      although the output moves (batch renormalisation);
    - witnessed: whether a run has shown that the output moves; only then may a control that hardly moves be excused;
    - count: values normalised together by the normalisation that follows, 0 if none does.
    """

    case: str
    bias: str
    function: Callable[[Arrays, Any], Any]
    draw: Callable[[np.random.Generator], Numbers]
    expected: Side
    directions: np.ndarray | None = None
    count: int = 0
    gradient: Side | None = None
    witnessed: bool = False
    given: Numbers | None = None

    def shift(self, amounts: Any) -> Any:
        """What is added to the parameter: amounts of shape (D,), or of the parameter's shape where every entry is a direction."""
        import jax.numpy as jnp

        if self.directions is None:
            return amounts
        return jnp.tensordot(amounts, jnp.asarray(self.directions, amounts.dtype), 1)
