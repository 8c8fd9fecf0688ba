"""Handmade functions whose verdict is known: every one must get a verdict that is allowed, and never an exception."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from bnproof.decide.function import trace_function
from bnproof.decide.program import Program

F = jnp.float32
Struct = jax.ShapeDtypeStruct
PROVED = frozenset(("redundant",))
"""It is redundant, and the engine proves it."""
STILL = frozenset(("redundant", "undecided"))
"""It is redundant over the reals, whether or not the engine sees it."""
SHOWN = frozenset(("acts",))
"""It acts, and a witness shows it."""
MOVES = frozenset(("acts", "undecided"))
"""It acts, whether or not a witness is found."""
OPEN = frozenset(("undecided",))
"""Over the reals the function means nothing, or what it does is outside of the program."""
ANY = STILL | MOVES
"""Only that there is a verdict."""


class Case(NamedTuple):
    """A function of named arrays (x and bias among them) and the verdicts on `bias` that are allowed; shapes, or structs."""

    function: Callable[..., Any]
    allowed: frozenset[str]
    shapes: Mapping[str, Any] = {"x": (5, 3), "bias": (3,)}
    dtype: Any = F

    def program(self) -> Program:
        """The function traced."""
        inputs = {name: one if isinstance(one, Struct) else Struct(one, self.dtype) for name, one in self.shapes.items()}
        return trace_function(lambda named: self.function(**named), inputs, "train", statistics=False)


def centred(z: Any) -> Any:
    """z without its mean over the batch."""
    return z - jnp.mean(z, 0)
