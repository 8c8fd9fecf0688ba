"""One subject in one dtype on one device: compiled once, then run and judged for any number of random draws.

Every measured number is an entry of a program's output that a proof says is zero (`quantities`), and its bound is the running error
of that very program, traced in that dtype, on the very numbers it was given (`running_error`): rounded to that dtype first, so that
they are exact. The entries judged are the largest of each output, since they are the closest to failing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from ..compiling import compiled
from ..devices import Device
from ..replay.replay import Replay
from ..roundoff.operation_error import computed_once
from ..roundoff.precision import UNIT_ROUNDOFF, computing, storage
from ..roundoff.rounding import Rounding, rounding_of
from .apart import kept
from .drawing import Draws, arguments
from .judge import Judge, Result
from .measurement import Measurement
from .quantities import OUTPUT, SHIFT, gradients, shift
from .subject import Subject

DELTAS = (1e-3, 1.0, 1e3, 1e6)
"""Shifts of the parameter. Where the numbers of a dtype are wider apart than inputs near 1, about half a unit, it is not asked: only
a rounded input is left to normalise. A control is shifted by 1: it need not show a small shift."""


class Check:
    """A subject in a dtype on a device, ready to run.

    - whole: all quantities of a proved zero, not only the bias gradient and the output's shift;
    - rounding: how that device rounds (default: read off the compiled program, and measured).

    Compiles on construction; `kernels` are those that the compiled program calls. Raises CheckError for an unknown dtype.
    """

    def __init__(
        self,
        subject: Subject,
        dtype: str,
        device: Device | None = None,
        whole: bool = True,
        rounding: Rounding | None = None,
    ) -> None:
        self.subject, self.dtype, self.kind = subject, dtype, storage(dtype)
        self.device = device or jax.devices()[0]
        whole = whole and subject.expected == "below"
        params, x, amounts = arguments(subject, self.kind, np.random.default_rng(0))
        with computing(dtype), jax.default_device(self.device):
            shape = jax.eval_shape(subject.function, params, x).shape
            traced = jax.jit(gradients(subject, whole)).trace(params, x, np.zeros(shape, self.kind), amounts, amounts)
            self._compiled, self.kernels = compiled(traced.lower())
            self._gradients = Replay(traced.jaxpr, shared=computed_once)
            rounding = rounding or rounding_of(dtype, self.device.platform, self._compiled.as_text() or "", traced.jaxpr)
            self._shift = Replay(jax.make_jaxpr(shift(subject))(params, x, amounts, amounts), shared=computed_once)
        self.judge = Judge(subject, dtype, self.device.platform, rounding)
        self.draws = Draws(subject, self.kind, self._shift, shape)

    @property
    def kept(self) -> int:
        """About how many numbers it keeps at once to derive the bounds of a large program; 0 of a small one."""
        return max(kept(self._gradients), kept(self._shift))

    def run(self, seed: int, deltas: Sequence[float] = DELTAS, first: bool = False) -> list[Measurement]:
        """All quantities for one random draw; one measurement of the output's shift for each δ that the dtype can hold.

        first: for the numbers that the caller gave, where the subject has some.
        """
        drawn = self.draws.drawn(np.random.default_rng(seed), first)
        params, x, amounts, mixture = drawn.params, drawn.x, drawn.amounts, drawn.mixture
        given = (params, x, drawn.cotangent.astype(self.kind), amounts, mixture.astype(self.kind))
        outputs = self._outputs(given)
        found = self.judge.judged(self._gradients, given, outputs, drawn, self.draws)
        for delta in deltas if self.subject.expected == "below" else (1.0,):
            if delta * UNIT_ROUNDOFF[self.kind.name] < 1 / 4:
                moved = (amounts + delta * mixture).astype(self.kind)
                ((_, after),) = (pair for pair in self._outputs((*given[:3], moved, given[4])) if pair[0] == OUTPUT)
                before = next(y for quantity, y in outputs if quantity == OUTPUT)
                with np.errstate(invalid="ignore"):  # ∞ − ∞ of what overflowed
                    apart = [(f"{SHIFT} by {delta:g}", after - before)]
                largest = float(np.abs(after).max(initial=0.0, where=np.isfinite(after)))
                found += self.judge.judged(self._shift, (params, x, amounts, moved), apart, drawn, self.draws, largest)
        return found

    def _outputs(self, given: tuple[Any, ...]) -> list[Result]:
        """The outputs of the compiled program, in the order of the replay's."""
        with computing(self.dtype), jax.default_device(self.device):
            results, _ = jax.tree_util.tree_flatten_with_path(self._compiled(*given))
            return [(path[0].key, np.asarray(y).astype(np.float64)) for path, y in results]
