"""How far from zero bias gradients over several devices may be in floating point, and what exceeds that.

Let device d hold n_d values a channel, N = Σ n_d. Reverse mode computes, from the cotangents dc_i of the centred values,
T = fl(Σ dc), first on each device and then over the devices, m = fl(T / N), dz_i = fl(dc_i − m), the device's gradient
D_d = fl(Σ dz_i over its shard), and D = fl(Σ D_d). With γ_k = k u / (1 − k u), whatever dc is:

- whichever tree adds them up, a value takes part in at most N − 1 additions; with the division, which the compiler may replace
  by a product with the rounded reciprocal, and the rounding of N itself, |N m − Σ dc| ≤ γ_{N+2} Σ|dc|;
- each subtraction adds at most u |dz_i|;
- the last sum, over the shards and then over the devices, adds at most γ_{N−1} Σ|dz|.

Since Σ (dc_i − mean dc) = 0: |D| ≤ γ_{N+2} Σ|dc| + (u + γ_{N−1}) Σ|dz|. With statistics per device the same holds for each D_d
with n_d in place of N and sums over the shard. With synchronised statistics D_d is compared with its own round-off, which is at
most (n_d/N) γ_{N+2} Σ|dc| + (u + γ_{n_d−1}) Σ_d|dz|: a D_d that were 0 in exact arithmetic could not exceed this. All bounds are
a posteriori, to first order in u. Behind a ReLU, dz stands for the cotangents of its output; it passes some of them on unchanged
and stops the others, so the bounds hold as they are. Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), §3.1
and §4.2; theorem `bias_gradients_sum_to_zero_of_synchronised_statistics`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..checking.measurement import Measurement
from ..roundoff.precision import HALF, UNIT_ROUNDOFF, gamma

LOCAL, SUMMED, ONE = (
    "bias gradient, statistics per device",
    "bias gradient, summed over devices",
    "bias gradient of one device, synchronised statistics",
)
ONE_FACTOR, CONTROL_FACTOR, HALF_FACTOR = 1e3, 100.0, 3.0
"""How many times the gradient of one device, a control's, and either in a half type must exceed its bound."""
_CONTROL_SIGNAL = 0.1
"""About the part of Σ|dc| that a control's gradient makes up."""
_MARGIN = 10.0
"""A bound is too wide for a control if the signal is less than this many times what must be exceeded."""


@dataclass(frozen=True)
class Gradients:
    """What one run computed: each device's bias gradient, their sum, and the terms of the bounds; arrays in float64.

    - each, dc, dz: of shape (devices, channels): the gradients, and Σ|dc| and Σ|dz| over each shard;
    - total: of shape (channels,): the gradients added up over the devices in the dtype;
    - counts, levels: of shape (devices,): values of a channel, and the cotangents' mean, on each device.
    """

    each: np.ndarray
    total: np.ndarray
    dc: np.ndarray
    dz: np.ndarray
    counts: np.ndarray
    levels: np.ndarray


@dataclass(frozen=True)
class Judge:
    """Compares gradients with their bounds; the entry judged is the one closest to failing."""

    case: str
    dtype: str
    device: str

    def each(self, run: Gradients, control: bool = False) -> Measurement:
        """Statistics per device: every device's gradient is 0; a control's is not."""
        bounds = np.stack([self._zero(int(n), dc, dz) for n, dc, dz in zip(run.counts, run.dc, run.dz, strict=True)])
        return self._judged(LOCAL, run.each, bounds, run.counts, self._control() if control else None)

    def total(self, run: Gradients, control: bool = False) -> Measurement:
        """Synchronised statistics: the sum over the devices is 0; a control's is not."""
        counts = np.array([run.counts.sum()])
        bounds = self._zero(int(counts[0]), run.dc.sum(0), run.dz.sum(0))
        return self._judged(SUMMED, run.total[None], bounds[None], counts, self._control() if control else None)

    def one(self, run: Gradients) -> Measurement:
        """Synchronised statistics: no device's own gradient is 0."""
        count, dc = int(run.counts.sum()), run.dc.sum(0)
        bounds = np.stack(
            [
                n / count * self._gamma(count + 2) * dc + (self._unit + self._gamma(int(n) - 1)) * dz
                for n, dz in zip(run.counts, run.dz, strict=True)
            ]
        )
        signal = float(np.abs(run.levels - run.counts @ run.levels / count).min())
        factor = HALF_FACTOR if self.dtype in HALF else ONE_FACTOR
        return self._judged(ONE, run.each, bounds, np.full(len(run.counts), count), factor, signal)

    def _zero(self, count: int, dc: np.ndarray, dz: np.ndarray) -> np.ndarray:
        """The bound of this module's docstring on a gradient that is 0 in exact arithmetic."""
        return self._gamma(count + 2) * dc + (self._unit + self._gamma(count - 1)) * dz

    def _judged(
        self,
        quantity: str,
        gradients: np.ndarray,
        bounds: np.ndarray,
        counts: np.ndarray,
        factor: float | None,
        signal: float = _CONTROL_SIGNAL,
    ) -> Measurement:
        """gradients, bounds: (rows, channels); counts: (rows,); factor: None where the proof says 0."""
        measured = np.abs(gradients)
        ratios = np.where(np.isinf(bounds), measured, measured / bounds)  # without a bound the largest, or least, is shown
        row, channel = divmod(int(np.argmax(ratios) if factor is None else np.argmin(ratios)), ratios.shape[1])
        count, ratio = int(counts[row]), float(measured[row, channel] / bounds[row, channel])
        return Measurement(
            case=self.case,
            bias="b",
            quantity=quantity,
            dtype=self.dtype,
            device=self.device,
            count=count,
            measured=float(measured[row, channel]),
            bound=float(bounds[row, channel]),
            expected="below" if factor is None else "above",
            factor=factor or 1.0,
            obstacle=self._obstacle(count, ratio, factor, signal),
        )

    def _obstacle(self, count: int, ratio: float, factor: float | None, signal: float) -> str:
        """Why the dtype cannot tell with so many values, if it cannot: by the bound's width alone, whatever was measured."""
        accumulated = self._gamma(count + 2)
        if np.isinf(accumulated):
            return f"{self.dtype} may leave no correct digit in a sum of {count} values: at most {int(1 / self._unit) - 3} can be told"
        if factor and ratio < factor and signal < _MARGIN * factor * accumulated:
            return f"{self.dtype}'s round-off over {count} values is too large to tell {factor:g} times it: use float64 or fewer values"
        return ""

    def _control(self) -> float:
        return HALF_FACTOR if self.dtype in HALF else CONTROL_FACTOR

    @property
    def _unit(self) -> float:
        return UNIT_ROUNDOFF["float32" if self.dtype == "tf32" else self.dtype]  # TF32 rounds operands of products only

    def _gamma(self, operations: int) -> float:
        """γ, infinite where it means nothing."""
        try:
            return gamma(operations, "float32" if self.dtype == "tf32" else self.dtype)
        except ValueError:
            return np.inf
