"""What a check is given: random parameters and inputs, and of a control those that show its parameter act.

For a control, where the proof says the output moves, the cotangent is a random positive multiple of the output's own sensitivity to
the shift: then the gradient is a sum of positive terms, and cannot be small by chance.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..replay.replay import Replay
from .subject import Subject

VISIBLE = 0.5
"""A control's output must move by this if its bias is shifted by 1, and as fast by a small shift; outputs are of order 1."""
SLIGHT = 2.0**-30
"""A shift that stands for the derivative: so small that hardly any ReLU has its kink within it, so large that float64 sees it."""
DRAWS = 50
"""Draws after which a control is taken where it moves most: it fails unless a run has shown that its parameter acts, and what is
measured would be as small without any rounding."""
TRIES = 5
"""Draws without any finite output, in float64, after which a program counts as one without a value."""
Arguments = tuple[dict[str, np.ndarray], Any, np.ndarray]
"""Parameters by name, input (an array or a pytree of arrays), amounts of the shift."""


@dataclass(frozen=True)
class Drawn:
    """What one run is given; for a control `slight`, what a slight shift along the mixture changes the output by, and `moves`, how
    far the output moves: by a shift by 1, and by 1 at the speed of a slight one, whichever is less.
    """

    params: dict[str, np.ndarray]
    x: Any
    amounts: np.ndarray
    mixture: np.ndarray
    cotangent: np.ndarray
    slight: np.ndarray
    moves: float = math.inf


@dataclass(frozen=True)
class Draws:
    """Draws of a subject.

    - kind: the dtype that numbers are rounded to;
    - shift: the replay of `quantities.shift`, which says how far a shift moves the output;
    - output_shape: the shape of the subject's output.
    """

    subject: Subject
    kind: np.dtype[Any]
    shift: Replay
    output_shape: tuple[int, ...]

    def drawn(self, random: np.random.Generator, given: bool = False) -> Drawn:
        """Of a control drawn again while the shift hardly moves its output; the first are the caller's numbers if they are `given`.

        A bias that acts need not act everywhere: behind ReLU it does not while all units of a channel are on, or all off.
        """
        best: Drawn | None = None
        for attempt in range(DRAWS):
            params, x, amounts = arguments(self.subject, self.kind, random, given and attempt == 0)
            mixture = random.choice([-1.0, 1.0], amounts.shape)
            cotangent = random.normal(size=self.output_shape)
            if self.subject.expected == "below":
                return Drawn(params, x, amounts, mixture, cotangent, np.zeros(()))
            slight, far = self._moved(params, x, amounts, SLIGHT * mixture), self._moved(params, x, amounts, mixture)
            speed = float(np.abs(slight).max(initial=0.0))
            cotangent = random.uniform(0.5, 1.5, self.output_shape) * slight / max(speed, np.finfo(float).tiny)
            moves = min(speed / SLIGHT, float(np.abs(far).max(initial=0.0)))
            if best is None or moves > best.moves:
                best = Drawn(params, x, amounts, mixture, cotangent, slight, moves)
            if moves > VISIBLE:
                break
        assert best is not None
        return best

    @functools.cached_property
    def undefined(self) -> bool:
        """Whether the program has no finite output in float64, whatever it is given."""
        random = np.random.default_rng(0)
        some = (arguments(self.subject, self.kind, random) for _ in range(TRIES))
        return not any(np.isfinite(self._moved(*one, np.ones_like(one[2], np.float64))).any() for one in some)

    def _moved(self, params: Mapping[str, np.ndarray], x: np.ndarray, amounts: np.ndarray, by: np.ndarray) -> Any:
        """What the output changes by, in float64 (the shift itself need not fit the dtype)."""
        (change,) = self.shift([*jax.tree.leaves((params, x, amounts)), amounts + by])
        return change


def arguments(subject: Subject, kind: np.dtype[Any], random: np.random.Generator, given: bool = False) -> Arguments:
    """Parameters, input and amounts of the shift, rounded to the dtype; a parameter that drops out whole starts at 0.

    given: the numbers that the caller gave, if there are any; the amounts then are the parameter's own value, unless that is 0.
    """
    own = subject.given if given else None
    params, x = own or subject.draw(random)
    bias, directions = params[subject.bias], subject.directions
    amounts = random.normal(size=bias.shape if directions is None else len(directions))
    if directions is None:
        amounts = bias if own is not None and bias.any() else amounts
        params = {**params, subject.bias: np.zeros_like(bias)}
    return {name: value.astype(kind) for name, value in params.items()}, _rounded(x, kind), amounts.astype(kind)


def _rounded(x: Any, kind: np.dtype[Any]) -> Any:
    """The floating arrays of a pytree in that dtype; integers, Booleans and random keys as they are."""
    return jax.tree.map(lambda leaf: leaf.astype(kind) if jax.numpy.issubdtype(leaf.dtype, np.floating) else leaf, x)
