"""Programs made by hand, and what is ruled about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from bnproof.decide import function
from bnproof.decide.program import Program
from bnproof.decide.verdicts import decide
from bnproof.verdict import Verdict

F = jnp.float32


def program(outputs: Callable[..., Any], **shapes: tuple[int, ...]) -> Program:
    inputs = {name: jax.ShapeDtypeStruct(shape, F) for name, shape in shapes.items()}
    return function.trace_function(lambda named: ([*outputs(**named)], {}), inputs, "train")


def ruled(traced: Program, name: str = "bias") -> Verdict:
    return decide(traced, [name]).verdicts[0]


def centred(z: Any) -> Any:
    return z - jnp.mean(z, 0)
