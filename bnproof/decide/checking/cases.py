"""A case of the numeric checks: one parameter of a chain, and what the engine proves about it."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import jax
import numpy as np

from ...chain.build import Built, build
from ...chain.kinds import KINDS, count_together, together
from ...chain.shapes import Place, walk
from ...errors import CheckError, nearest
from ...modes import Mode
from ...numeric.checking.accuracy import Against
from ...numeric.checking.subject import Subject
from ..chain import batch_size, decide_one
from ..directions import proved_directions
from ..sampling import draw, key
from .normalisations import normalisations

Along = Literal["entries", "mean", "groups"]
"""entries: every entry by itself; mean: all entries together; groups: those of each group of the first group norm together."""


@dataclass(frozen=True)
class Case:
    """One parameter of a chain in one mode (train, eval, frozen), shifted along its entries or along sums of them.

    bias: the parameter's name; empty: none, but the chain's values and gradients against exact ones (`exactly`).
    """

    chain: str
    bias: str = "conv1.bias"
    mode: Mode = "train"
    along: Along = "entries"

    @property
    def title(self) -> str:
        """The chain, with what is not the default."""
        extra = ["" if self.mode == "train" else f"{self.mode} mode", "" if self.along == "entries" else f"along {self.along}"]
        return ", ".join((self.chain, *filter(None, extra)))


@functools.lru_cache(maxsize=1024)
def subject(case: Case) -> Subject:
    """The case as a subject: expected below its bound if the engine proves it redundant, above if it finds a witness.

    Where the output moves and the traced gradient is proved to be zero all the same, that is expected of the gradient.

    Raises ChainError for a chain that cannot be read, CheckError for a parameter it does not have and for one left undecided,
    ContradictionError if a float64 run contradicts a proof.
    """
    built = build(case.chain)
    if case.bias not in built.parameters:
        near = nearest(case.bias, built.parameters, 1) if built.parameters else ["a chain with parameters"]
        raise CheckError(f"`{case.chain}` has no parameter `{case.bias}`; did you mean {near[0]}?")
    directions, gradient, witness = _directions(built, case), None, None
    if directions is None:
        verdict = decide_one(built, case.bias, case.mode)
        if verdict.verdict == "undecided":
            raise CheckError(
                f"{case.bias} of `{case.chain}` is undecided, so there is nothing to compare with: {verdict.reason}"
            )
        expected, witness = "below" if verdict.verdict == "redundant" else "above", verdict.witness
        if expected == "above" and verdict.gradient_zero:
            gradient = "below"
    else:
        vectors = [[Fraction(float(entry)) for entry in vector.reshape(-1)] for vector in directions]
        if not all(proved_directions(built, case.mode, case.bias, vectors, batch_size())):
            raise CheckError(
                f"{case.bias} of `{case.chain}` along {case.along}: the engine does not prove that these are redundant"
            )
        expected = "below"
    return Subject(
        case=case.title,
        bias=case.bias,
        function=apply_of(built, case.mode, 0 if witness is None else witness.seed),
        draw=lambda random: _draw(built, random),
        expected=expected,
        directions=directions,
        count=_count(built, case.bias),
        gradient=gradient,
        witnessed=witness is not None,
    )


def exactly(case: Case) -> Iterator[tuple[Subject, Against | None]]:
    """What is held against exact values: each normalisation against its definition; the whole chain against its own derivative, None.

    Where a layer is defined with stop_gradient (`brn`), it counts in that derivative. Raises ChainError for a chain that cannot be read.
    """
    built = build(case.chain)
    yield from normalisations(built, case.mode, case.title)
    yield _whole(case, built), None


def renormalises(case: Case) -> bool:
    """Whether a layer of the chain is defined with stop_gradient."""
    return any(KINDS[place.layer.token].corrected for place in walk(build(case.chain).places))


def _whole(case: Case, built: Built) -> Subject:
    return Subject(case.title, "", apply_of(built, case.mode, 0), lambda random: _draw(built, random), "below")


def apply_of(built: Built, mode: Mode, seed: int) -> Any:
    """The output; what is drawn in it, as by dropout, is drawn by the key of this seed: a witness's, so that the parameter acts."""
    random = np.random.default_rng(0)
    statistics = {name: draw(random, name, tuple(shape)) for name, shape in built.statistics.items()}

    def apply(params: Mapping[str, Any], x: Any) -> Any:
        given = {name: jax.numpy.asarray(value, x.dtype) for name, value in statistics.items()}
        return built.apply(params, given, x, mode, key(seed))[0]

    return apply


def _draw(built: Built, random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
    params = {name: draw(random, name, tuple(shape)) for name, shape in built.parameters.items()}
    return params, random.normal(size=built.input_shape)


def _directions(built: Built, case: Case) -> np.ndarray | None:
    """Vectors of 0 and 1, shape (D, *bias.shape)."""
    if case.along == "entries":
        return None
    shape = tuple(built.parameters[case.bias])
    groups = 1
    if case.along == "groups":
        grouped = (place.layer for place in walk(built.places) if "group" in together(place.layer))
        groups = next((layer.integer("groups") for layer in grouped), 1)
    return np.kron(np.eye(groups), np.ones(math.prod(shape) // groups)).reshape(groups, *shape)


def _count(built: Built, bias: str) -> int:
    """Values that the first normalisation after the parameter's layer normalises together; 0 if there is none."""
    places: list[Place] = list(walk(built.places))
    start = next(k for k, place in enumerate(places) if bias.startswith(f"{place.name}."))
    for place in places[start + 1 :]:
        if KINDS[place.layer.token].role == "normalisation":
            return count_together(place.layer, place.shape)
    return 0
