"""Normalisations by definition: value and all gradients in closed form, as no automatic differentiation has made them.

With x̂ = (x − μ)/s, s² = v + ε, y = γx̂ + β, the cotangent c of y, g = γc, and means over what is normalised together, N values:

- dx = (g − mean g − x̂·mean(g·x̂))/s, which is γ/(N s)·(N c − Σc − x̂ Σ c·x̂) where γ is one number (theorem
  `bias_gradient_vanishes_of_batch_statistics`); without centring mean g is not there, with stored statistics neither mean is;
- dγ = Σ c·x̂, dβ = Σ c, each over what has the same γ and β;
- dε = −½ Σ g·x̂/s², as ∂y/∂ε = −½ γ(x − μ)(v + ε)^(−3/2); of stored statistics dμ = −Σ g/s and dv = −½ Σ g·x̂/s².

Batch renormalisation has y = γ(x̂·r + d) + β, where nothing is differentiated through r and d: that is its definition (Ioffe 2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from .reference import INPUT, differentiated
from .subject import Arrays


@dataclass(frozen=True)
class Normalisation:
    """A normalisation of an input that is seen as batch × groups × channels of a group × positions.

    - view: that shape; axes: those of its axes that are averaged over;
    - eps: ε, where it is no parameter ``eps``; centred: whether the mean is subtracted;
    - stored: whether mean and variance are the parameters ``running_mean`` and ``running_var``;
    - clips: (rmax, dmax) of batch renormalisation's r = clip(s/√(v_stored + ε), 1/rmax, rmax) and
      d = clip((μ − μ_stored)/√(v_stored + ε), −dmax, dmax); None for any other.

    Other parameters: ``gamma`` and ``beta``, where there are any, one number a channel or one for each entry of a sample.
    """

    view: tuple[int, ...]
    axes: tuple[int, ...]
    eps: float
    centred: bool = True
    stored: bool = False
    clips: tuple[float, float] | None = None

    def exact(self, params: Arrays, x: Any, cotangent: Any) -> list[Any]:
        """Output and gradients in the order of `differentiated`."""
        z, c = x.reshape(self.view), cotangent.reshape(self.view)
        held = {name: self._spread(value) for name, value in params.items()}
        gamma, eps = held.get("gamma", 1.0), held.get("eps", self.eps)
        if self.stored:
            mean, variance = held["running_mean"], held["running_var"]
        else:
            mean = self._mean(z) if self.centred else 0.0
            variance = self._mean((z - mean) ** 2)
        square = variance + eps
        s = jnp.sqrt(square)
        normal = (z - mean) / s
        scale, offset = self._correction(held, mean, s, eps)
        moved = normal * scale + offset
        y = gamma * moved + held.get("beta", 0.0)
        g = c * gamma * scale
        flow = g * normal
        by_mean = self._mean(g) if self.centred and not self.stored else 0.0
        by_variance = 0.0 if self.stored else normal * self._mean(flow)
        gradients = {
            INPUT: (g - by_mean - by_variance) / s,
            "gamma": c * moved,
            "beta": c,
            "eps": -0.5 * flow / square,
            "running_mean": -g / s,
            "running_var": -0.5 * flow / square,
        }
        sizes = {INPUT: x.shape, **{name: jnp.shape(value) for name, value in params.items()}}
        idle = () if self.stored else ("running_mean", "running_var")
        found = [
            jnp.zeros(sizes[name]) if name in idle else self._gathered(gradients[name], sizes[name])
            for name in differentiated(params, x).values()
        ]
        return [y.reshape(x.shape), *found]

    def _correction(self, held: Arrays, mean: Any, s: Any, eps: Any) -> tuple[Any, Any]:
        """(r, d), 1 and 0 without a correction."""
        if self.clips is None or self.stored:
            return 1.0, 0.0
        (rmax, dmax), stored = self.clips, jnp.sqrt(held["running_var"] + eps)
        return jnp.clip(s / stored, 1 / rmax, rmax), jnp.clip((mean - held["running_mean"]) / stored, -dmax, dmax)

    def _mean(self, z: Any) -> Any:
        count = math.prod(self.view[axis] for axis in self.axes)
        return jnp.sum(jnp.broadcast_to(z, self.view), self.axes, keepdims=True) / count

    def _spread(self, value: Any) -> Any:
        """A parameter so that it broadcasts against the view: a number, one a channel, or one for each entry of a sample."""
        if jnp.ndim(value) == 0:
            return value
        if value.size == math.prod(self.view[1:3]):
            return value.reshape(1, *self.view[1:3], *(1,) * (len(self.view) - 3))
        return value.reshape(1, *self.view[1:])

    def _gathered(self, terms: Any, shape: tuple[int, ...]) -> Any:
        """Sums over all that a parameter of this shape was spread over."""
        if math.prod(shape) == math.prod(self.view):
            return terms.reshape(shape)
        terms = jnp.broadcast_to(terms, self.view)
        if not shape:
            return jnp.sum(terms)
        positions = tuple(range(3, len(self.view))) if math.prod(shape) == math.prod(self.view[1:3]) else ()
        return jnp.sum(terms, (0, *positions)).reshape(shape)
