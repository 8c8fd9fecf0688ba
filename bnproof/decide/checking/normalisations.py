"""Each normalisation of a chain by itself, beside its definition: value and all gradients, those of ε and stored statistics too.

The definition is told by what the layer averages together (`chain.kinds`) and its arguments, not by how it is computed (`chain.ops`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import jax
import numpy as np

from ...chain.build import Built
from ...chain.kinds import KINDS, count_together, stores, together
from ...chain.ops import OPERATIONS, Moment, Site
from ...chain.shapes import Place, walk
from ...chain.tree import Layer
from ...jaxpr import is_literal, opened
from ...modes import Mode
from ...numeric.checking.accuracy import Against
from ...numeric.checking.normalisation import Normalisation
from ...numeric.checking.reference import Function, differentiated, with_gradients
from ...numeric.checking.subject import Subject
from ..sampling import draw

DEFINITION = "its definition"
EPS = "eps"


@dataclass(frozen=True)
class _Open(Layer):
    """A layer whose arguments may be arrays, by which JAX differentiates."""

    def number(self, name: str) -> Any:
        """The number that is the argument `name`, or the array."""
        value: Any = self.arguments[name]
        return value if isinstance(value, jax.Array | np.ndarray) else super().number(name)


def normalisations(built: Built, mode: Mode, case: str) -> Iterator[tuple[Subject, Against]]:
    """Each normalisation of a chain in a mode with its definition; of equal ones on equal shapes the first."""
    met: list[tuple[Layer, tuple[int, ...]]] = []
    for place in walk(built.places):
        same = (replace(place.layer, name=""), place.shape)
        if KINDS[place.layer.token].role == "normalisation" and same not in met:
            met.append(same)
            yield _beside_definition(place, mode, case)


def definition(place: Place, mode: Mode) -> Normalisation:
    """What a normalisation's place in a chain makes of it."""
    layer, (batch, channels, *positions) = place.layer, place.shape
    along, kind = together(layer), KINDS[layer.token]
    groups = layer.integer("groups") if "group" in along else 1
    axes = {"batch": (0,), "channels": (1, 2), "group": (2,), "positions": tuple(range(3, 3 + len(positions)))}
    stored = mode != "train" and stores(layer)
    return Normalisation(
        view=(batch, groups, channels // groups, *positions),
        axes=tuple(sorted(axis for name in along for axis in axes[name])),
        eps=layer.number(EPS),
        centred=kind.centred,
        stored=stored,
        clips=(layer.number("rmax"), layer.number("dmax")) if kind.corrected else None,
    )


def _beside_definition(place: Place, mode: Mode, case: str) -> tuple[Subject, Against]:
    shapes = {name: tuple(value.shape) for name, value in (*place.plan.parameters.items(), *place.plan.statistics.items())}
    eps = place.layer.number(EPS)

    def drawn(random: np.random.Generator, with_eps: bool) -> tuple[dict[str, np.ndarray], np.ndarray]:
        params = {name: draw(random, name, shape) for name, shape in shapes.items()}
        x = random.normal() + random.uniform(0.5, 2.0) * random.normal(size=place.shape)
        return ({**params, EPS: np.asarray(eps)} if with_eps else params), x

    with_eps = _differentiable(_function(place, mode), drawn(np.random.default_rng(0), True))
    subject = Subject(
        case=case,
        bias=place.name,
        function=_function(place, mode),
        draw=lambda random: drawn(random, with_eps),
        expected="below",
        count=count_together(place.layer, place.shape),
    )
    return subject, Against(definition(place, mode).exact, DEFINITION)


def _function(place: Place, mode: Mode) -> Function:
    """The layer as a function of all that it holds, and of ε where that is given."""

    def apply(params: Mapping[str, Any], x: Any) -> Any:
        held = {name: value for name, value in params.items() if name != EPS}
        plan = place.plan
        if EPS in params:
            layer = _Open(**{field.name: getattr(place.layer, field.name) for field in fields(Layer)})
            layer = replace(layer, arguments={**place.layer.arguments, EPS: params[EPS]})
            plan = OPERATIONS[layer.token](Site(layer, place.shape, (), place.layer.token))
        return plan.run(held, [x], Moment(mode))[0]

    return apply


def _differentiable(function: Function, given: tuple[Any, Any]) -> bool:
    """Whether the function takes ε as an array by which JAX differentiates: not where it is an option of a custom rule.

    A custom rule that knows ε from around it gives 0 for its gradient, written out.
    """
    params, x = given
    try:
        traced = jax.make_jaxpr(with_gradients(function))(params, x, np.zeros(x.shape))
    except Exception:  # JAX's, or any that an operation raises for what is no number
        return False
    of_eps = 1 + list(differentiated(params, x).values()).index(EPS)
    return not is_literal(opened(traced)[0].outvars[of_eps])
