"""A traced program with what it takes to run it: the input of every decision, whatever the model was written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..algebra.constants import kind_of
from ..algebra.known import SMALL
from ..algebra.rationals import read
from ..algebra.walk import Place
from ..chain.shapes import Place as ChainPlace
from ..modes import Mode
from ..numeric.replay.faithful import unfaithful
from .route import Layers


@dataclass(frozen=True)
class Program:
    """A program traced once, in one mode.

    - jaxpr: a ClosedJaxpr, possibly with symbolic sizes; inputs: the names of its flat inputs, in order;
    - outputs: how many of its results, from the first, are the model's outputs; the others are updated statistics, by name in
      `statistics`;
    - sample: seed → the flat inputs as arrays, float64 where they are floating, at the sizes `dims`; None if there are shapes only, or
      too many numbers, and `unrun` says which;
    - gradient: names → a ClosedJaxpr of (the inputs, a cotangent for each floating output) → the gradients of these inputs, or None;
    - sizes: for which sizes a proof about the program holds, in words; given: the sizes of a run;
    - layers: the layer of each named scope, in reading order;
    - as_given: the same program traced at the given sizes alone, where it has symbolic ones.
    """

    jaxpr: Any
    inputs: tuple[str, ...]
    outputs: int
    statistics: tuple[str, ...]
    mode: Mode
    sample: Callable[[int], list[Any]] | None
    gradient: Callable[[Sequence[str]], Any] | None
    sizes: str
    given: str
    dims: Mapping[str, int] = field(default_factory=dict[str, int])
    layers: Layers = field(default_factory=dict[str, ChainPlace])
    unrun: str = "there are shapes only"
    as_given: Callable[[], Program] | None = None

    def shape(self, name: str) -> tuple[Any, ...]:
        """The shape of the input of that name."""
        return tuple(self.jaxpr.in_avals[self.inputs.index(name)].shape)

    def kind(self, name: str) -> str:
        """The kind of dtype of the input of that name: f, c, i, u, b, or V for a random key."""
        return kind_of(self.jaxpr.in_avals[self.inputs.index(name)].dtype)

    def layer(self, place: Place | None) -> str:
        """The layer at a place of the program: its innermost named scope that is a known layer, else the innermost scope."""
        parts = [part for part in place.scope.split("/") if part] if place is not None else []
        known = [part for part in parts if part in self.layers]
        return (known or parts or [""])[-1]

    def runnable(self) -> tuple[list[int], str]:
        """Numbers of the outputs that a float64 run stands for, and the operation that keeps others from it, if there are others."""
        blocked = unfaithful(self.first_outputs())
        return [k for k, name in enumerate(blocked) if not name], next(filter(None, blocked), "")

    def first_outputs(self) -> Any:
        """The program without its updated statistics."""
        return only(self.jaxpr, range(self.outputs))


def only(jaxpr: Any, outputs: Sequence[int]) -> Any:
    """The ClosedJaxpr with only these outputs."""
    inner = jaxpr.jaxpr
    paths = getattr(inner.debug_info, "result_paths", None)
    return asked(jaxpr, [inner.outvars[k] for k in outputs], None if paths is None else [paths[k] for k in outputs])


def asked(jaxpr: Any, variables: Sequence[Any], paths: Sequence[str] | None = None) -> Any:
    """The ClosedJaxpr with these of its variables as outputs; `paths` are what JAX calls them, where it names outputs."""
    inner = jaxpr.jaxpr
    info = inner.debug_info
    if getattr(info, "result_paths", None) is not None:
        info = info._replace(result_paths=tuple(paths or [""] * len(variables)))
    return jaxpr.replace(jaxpr=inner.replace(outvars=list(variables), debug_info=info))


def as_read(value: np.ndarray) -> np.ndarray:
    """A constant of the program in float64, with every number as the proof reads it (1/10, not the nearest float32)."""
    wide = np.asarray(value, np.float64)
    if value.size > SMALL:
        return wide
    numbers = [read(entry, value.dtype) for entry in value.reshape(-1)]
    exact = [float(w) if number is None else float(number) for number, w in zip(numbers, wide.reshape(-1), strict=True)]
    return np.asarray(exact, np.float64).reshape(value.shape)
