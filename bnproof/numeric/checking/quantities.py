"""The programs whose results a proof says are zero. Each is one program, so that what both sides share is shared.

With f(params, x) the output, c a cotangent, L = Σ c·f, and e the directions along which the parameter may be shifted:

- ``bias gradient``: ∂L/∂s of L at b + s·e, one number a direction;
- ``Hessian row``: the derivative of all gradients along a mixture v of directions, ∇∂L/∂v;
- ``other gradients``: the gradients with respect to all other parameters at b + s·e minus those at b: with and without the bias;
- ``output shift``: f at b + s′·e minus f at b + s·e.

What is held against exact values (`accuracy`) is no zero: ``output``, f itself; ``gradient of NAME``, ∂L/∂NAME for a parameter or the
input; and ``accuracy``, whichever of them is furthest off for what the dtype allows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from .subject import Arrays, Subject

Program = Callable[..., dict[str, Any]]
OUTPUT, SHIFT, GRADIENT, HESSIAN, OTHERS = "output", "output shift", "bias gradient", "Hessian row", "other gradients"
ACCURACY = "accuracy"
LINEAR_IN = {HESSIAN: -1, GRADIENT: -3, OTHERS: -3}
"""The argument of `gradients`, counted from the last, that a quantity is linear in: the mixture, or the cotangent."""


def gradient_of(name: str) -> str:
    """The quantity that is the gradient with respect to one array, all of it: ``gradient of gamma``."""
    return f"gradient of {name}"


def gradients(subject: Subject, whole: bool = True) -> Program:
    """(params, x, cotangent, amounts s, mixture v) → the output, and each quantity's arrays; only the bias gradient unless `whole`."""

    def program(params: Arrays, x: Any, cotangent: Any, amounts: Any, mixture: Any) -> dict[str, Any]:
        def loss(some: Arrays, s: Any) -> Any:
            y = _shifted(subject, some, x, s)
            return jnp.sum(cotangent * y), y

        if not whole:
            gradient, y = jax.grad(loss, 1, has_aux=True)(params, amounts)
            return {OUTPUT: y, GRADIENT: {subject.bias: gradient}}
        both = jax.grad(loss, (0, 1), has_aux=True)
        ((others, gradient), y), ((row, corner), _) = jax.jvp(lambda s: both(params, s), (amounts,), (mixture,))
        without, _ = jax.grad(loss, has_aux=True)(params, jnp.zeros_like(amounts))
        apart = {name: others[name] - without[name] for name in others if name != subject.bias}
        rows = {name: row[name] for name in row if name != subject.bias}
        return {OUTPUT: y, GRADIENT: {subject.bias: gradient}, HESSIAN: {**rows, subject.bias: corner}, OTHERS: apart}

    return program


def shift(subject: Subject) -> Program:
    """(params, x, amounts s, amounts s′) → the output's change."""

    def program(params: Arrays, x: Any, amounts: Any, moved: Any) -> dict[str, Any]:
        return {SHIFT: _shifted(subject, params, x, moved) - _shifted(subject, params, x, amounts)}

    return program


def _shifted(subject: Subject, params: Arrays, x: Any, amounts: Any) -> Any:
    return subject.function({**params, subject.bias: params[subject.bias] + subject.shift(amounts)}, x)
