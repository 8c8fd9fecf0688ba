"""Cases and subjects that the tests of the checker share."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np
from jax import lax

from bnproof.decide.checking.cases import Case, subject
from bnproof.numeric.checking.check import Check
from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.checking.subject import Subject
from bnproof.numeric.roundoff.rounding import Rounding
from bnproof.numeric.roundoff.running_error import Bounds, reverse_all

Expected = Literal["below", "above"]
LINEAR = Case("linear(4) -> bn(eps=0.01) @ 8x3", "linear1.bias")
POOLED = Case("conv(2, k=1) -> maxpool -> bn @ 3x2x4x4")
GROUPS = Case("conv(4) -> gn(2, eps=0.01) @ 2x3x4x4", along="groups")
CIRCULAR = Case("conv(2, k=1) -> conv(2, pad=circular) -> bn @ 2x2x4x4")
INSTANCE = Case("conv(2, k=1) -> in @ 1x2x6x6")
KEYS = Case("attention @ 2x4x6", "attention1.k.bias")
RELU = Case("linear(4) -> relu -> bn(eps=0.01) @ 8x3", "linear1.bias")
TWO = Case("conv(4) -> conv(4, pad=valid) -> bn @ 4x3x6x6")
RENORM = Case("conv(2) -> brn @ 2x2x3x3")
STORED = Case("conv(2) -> bn(eps=0.01) @ 2x2x3x3", mode="eval")
ONE_PASS = Case("linear(1) -> bn(variance=onepass) @ 16x1", "linear1.bias")
WIDE, HALF = ("float64", "float32"), ("bfloat16", "float16")


@functools.cache
def checked(case: Case, dtype: str, whole: bool = True) -> Check:
    """Compiled once for all tests of a worker."""
    return Check(subject(case), dtype, whole=whole)


def rounded_otherwise(case: Case, dtype: str, rounding: Rounding) -> list[Measurement]:
    """The same compiled programs, their round-off judged by other rules."""
    other = copy.copy(checked(case, dtype))
    other.judge = replace(other.judge, rounding=rounding)
    return other.run(0)


def about(check: Check, subject: Subject) -> Check:
    """The same compiled programs, about another subject."""
    other = copy.copy(check)
    other.subject, other.judge, other.draws = (
        subject,
        replace(check.judge, subject=subject),
        replace(check.draws, subject=subject),
    )
    return other


def words(part: Case | str) -> str:
    return part if isinstance(part, str) else part.title


def outcomes(found: Sequence[Measurement]) -> set[str]:
    return {m.outcome for m in found}


def smaller_bounds(*given: Any) -> Bounds:
    bounds = reverse_all(*given)
    return replace(bounds, bound=bounds.bound * 1e-4, sequential=bounds.sequential * 1e-4)


def norm(z: Any, part: float = 1.0, fewer: int = 0) -> Any:
    """Batch normalisation over axis 0 that subtracts a part of the mean, or divides its sum by fewer."""
    centred = z - part * jnp.sum(z, 0) / (len(z) - fewer)
    return centred * lax.rsqrt(jnp.mean(centred**2, 0) + 1e-5)


def made(normalise: Callable[[Any], Any], expected: Expected = "below", case: str = "made") -> Subject:
    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"w": random.normal(size=(3, 4)), "b": random.normal(size=4)}, random.normal(size=(8, 3))

    return Subject(case, "b", lambda p, x: normalise(x @ p["w"] + p["b"]), draw, expected, None, 8)


@functools.cache
def relu_declared_redundant(dtype: str) -> Check:
    return Check(replace(subject(RELU), expected="below"), dtype, whole=False)
