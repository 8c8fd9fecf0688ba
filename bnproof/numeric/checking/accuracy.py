"""Whether a function's value and gradients are what they should be, and as accurate as the dtype allows.

A bias that stays redundant shows little: with a wrong ε, a dropped term or a doubled gradient in the backward pass it still is. So the
output and all gradients, as the compiled program makes them in the dtype, are held against exact ones (`reference`): the derivative
of what the function itself computes, another function's, or a definition's in closed form (`normalisation`). Two things are told apart:

- what the program means. Run in float64 it must be within float64's round-off of the exact one, so that a wrong derivative is found in
  half types as well;
- what it computes. That must be within its derived round-off bound of the exact one. A bound follows its program, whatever that does:
  so besides it must be within the *floor*, the bound of the same program with nothing rounded to narrower formats than the dtype:
  ``as accurate as float32 allows: no, 300 ×``. An algorithm that loses digits by itself, a variance in one pass, has a floor that
  is as high, and where first order tells nothing any more, so does this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ...host import on_host
from ..compiling import compiled
from ..devices import Device
from ..replay.replay import Replay
from ..roundoff.operation_error import computed_once
from ..roundoff.precision import UNIT_ROUNDOFF, computing, storage
from ..roundoff.rounding import Rounding, rounding_of
from .comparison import Comparison, Runs
from .float64_run import Float64Run
from .measurement import Measurement
from .quantities import OUTPUT, gradient_of
from .reference import Exact, Function, differentiated, is_floating, over_the_reals, stops, with_gradients
from .subject import Subject

CLOSER = 1e-6
"""Where a derivative with every stop_gradient counted is closer by this factor, they are what makes the difference."""
STOPS = "a stop_gradient makes the difference"
"""What a note ends with where it does."""
ITSELF = "the derivative of what it computes"


@dataclass(frozen=True)
class Against:
    """What a function is held against.

    - exact: output and gradients, in float64; called: in words, ``its definition``;
    - itself: whether that is the function's own derivative.
    """

    exact: Exact
    called: str
    itself: bool = False


def against(function: Function, called: str = "the reference") -> Against:
    """Another function of the same parameters and input, with the same meaning: values and gradients must agree."""
    return Against(with_gradients(function, called), called)


class Accuracy:
    """A subject's function in a dtype on a device beside exact values and gradients, compiled once.

    - reference: what it is held against, by default the derivative of what it computes itself;
    - stopped: whether a stop_gradient outside custom rules is part of what the function is (batch renormalisation); else what it
      changes is a failure;
    - rounding: how that device rounds (default: read off the compiled program, and measured).

    Raises CheckError for an unknown dtype and for a reference whose output has another shape, and what JAX raises for a function
    that it cannot differentiate.
    """

    def __init__(
        self,
        subject: Subject,
        dtype: str,
        device: Device | None = None,
        reference: Against | None = None,
        stopped: bool = False,
        rounding: Rounding | None = None,
    ) -> None:
        self.subject, self.dtype, self.kind = subject, dtype, storage(dtype)
        self.device = device or jax.devices()[0]
        params, x = self._drawn(np.random.default_rng(0))
        self.names = [OUTPUT, *(gradient_of(name) for name in differentiated(params, x).values())]
        with computing(dtype), jax.default_device(self.device):
            self.shape = jax.eval_shape(subject.function, params, x).shape
            traced = jax.jit(with_gradients(subject.function)).trace(params, x, np.zeros(self.shape, self.kind))
            self._compiled, self.kernels = compiled(traced.lower())
            text = self._compiled.as_text() or ""
            self.rounding = rounding or rounding_of(dtype, self.device.platform, text, traced.jaxpr)
            forward = jax.make_jaxpr(subject.function)(params, x)
        self._replay = Replay(traced.jaxpr, shared=computed_once)
        self._forward, self._stops = forward, stops(forward, params, x)
        honoured = stopped and self._stops
        self.reference = reference or Against(with_gradients(over_the_reals(forward, honoured)), ITSELF, True)
        self._exact = self._traced(self.reference.exact, params, x)

    def run(self, seed: int) -> list[Measurement]:
        """For one random draw the output, each gradient, and the accuracy of all."""
        random = np.random.default_rng(seed)
        params, x = self._drawn(random)
        given = (params, x, random.normal(size=self.shape).astype(self.kind))
        flat = jax.tree.leaves(given)
        with computing(self.dtype), jax.default_device(self.device):
            computed = [np.asarray(y).astype(np.float64) for y in self._compiled(*given)]
        exact = Float64Run(self._exact, flat)
        meant = Float64Run(self._replay, flat, UNIT_ROUNDOFF[self.dtype])
        runs = Runs(computed, meant, exact, self.rounding, self.device.platform)

        def why_wrong(output: int, at: tuple[int, ...]) -> str:
            return self._why_wrong(flat, output, at, float(meant.value(output)[at]), float(exact.value(output)[at]))

        return Comparison(self.names, self.dtype, self._blank(), why_wrong).rows(runs)

    def _blank(self) -> Measurement:
        return Measurement(
            case=self.subject.case,
            quantity="",
            dtype=self.dtype,
            device=self.device.platform,
            count=self.subject.count,
            measured=0.0,
            bound=0.0,
            expected="below",
            bias=self.subject.bias,
            reference=self.reference.called,
        )

    def _why_wrong(self, flat: Sequence[Any], output: int, at: tuple[int, ...], does: float, should: float) -> str:
        """In words, where an entry of an output is something else also without any rounding."""
        value, wanted = self.names[output] == OUTPUT, self.reference
        if not wanted.itself:
            return f"the {'value' if value else 'gradient'} is not that of {wanted.called}"
        if value:
            return "differentiated, the function computes something else"
        why = "the gradient is not the derivative of what the function computes"
        if self._stops:
            params, x = self._drawn(np.random.default_rng(0))
            honoured = self._traced(with_gradients(over_the_reals(self._forward, True)), params, x)
            stopped = float(Float64Run(honoured, flat).value(output)[at])
            if abs(does - stopped) <= CLOSER * abs(does - should):
                why += f": {STOPS}"
        return why

    def _drawn(self, random: np.random.Generator) -> tuple[Any, Any]:
        """Parameters and input, rounded to the dtype where they are floating."""
        return jax.tree.map(self._rounded, self.subject.draw(random))

    def _rounded(self, leaf: Any) -> Any:
        with np.errstate(over="ignore"):  # what the dtype does not hold is infinite there
            return np.asarray(leaf).astype(self.kind) if is_floating(leaf) else leaf

    def _traced(self, exact: Exact, params: Any, x: Any) -> Replay:
        """A program in float64, for arguments of the dtype's."""

        def wide(leaf: Any) -> Any:
            return np.asarray(leaf, np.float64) if is_floating(leaf) else leaf

        with computing("float64"), on_host():
            given = jax.tree.map(wide, (params, x))
            return Replay(jax.make_jaxpr(exact)(*given, np.zeros(self.shape)))


def accuracy(
    subject: Subject,
    dtype: str,
    device: Device | None = None,
    *,
    reference: Against | None = None,
    stopped: bool = False,
    seed: int = 0,
) -> list[Measurement]:
    """The output, each gradient and the accuracy of a subject's function for one random draw; parameters and raises as `Accuracy`.

    Of the subject only its names, function, draw and count matter.
    """
    return Accuracy(subject, dtype, device, reference, stopped).run(seed)
