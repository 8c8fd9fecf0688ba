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

The program adds up each shard before the devices: then a value takes part in at most max n_d − 1 additions there and one less than
there are devices between them, and both together stand in the place of N − 1.

The probable bound. Each addition of a tree changes its result by e, |e| ≤ u·ufp(result), ufp(x) the largest power of 2 up to |x|.
If the e have mean zero, each given the ones before it, a sum is off by more than λ u √(Σ ufp²) with probability at most 2 exp(−λ²/2)
(Azuma and Hoeffding; Connolly, Higham and Mary, SIAM J. Sci. Comput. 43(1), 2021; with independent errors Higham and Mary, SIAM J. Sci.
Comput. 41(5), 2019, whose γ̃_n = λ √n u has all partial sums as large as the last). A result of k values is as computed at most
(1 + u)^k S_k, S_k the sum of their k largest absolute values. Of the subtrees of a tree with c leaves the i-th largest has at most
c − i + 1, so whatever the tree Σ ufp² ≤ Q = Σ_{k>1} ufp((1 + u)^k S_k)²; so it is for each shard, and for the totals of the shards.
Both sums together: λ u √(Q_dc + Q_dz). What all values share, the division and the rounding of N, and the subtractions count in full.
λ follows from a union bound over all gradients that are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..checking.measurement import Measurement
from ..roundoff.precision import HALF, UNIT_ROUNDOFF, gamma
from ..roundoff.probable import FAILURE, deviations
from ..roundoff.rounding import TINY

LOCAL, SUMMED, ONE = (
    "bias gradient, statistics per device",
    "bias gradient, summed over devices",
    "bias gradient of one device, synchronised statistics",
)
ONE_FACTOR, CONTROL_FACTOR, HALF_FACTOR = 1e3, 100.0, 3.0
"""How many times the gradient of one device, a control's, and either in a half type must exceed its bound."""
_CONTROL_SIGNAL = 0.1
"""About the part of Σ|dc| that a control's gradient makes up."""
TELLING = 3.0
"""A bound of a proved zero is worth something if the terms that cancel in it add up to so many times as much."""
_SHARED = 3
"""Roundings of a mean that all values share: a quotient, which may be a product with a rounded reciprocal, and the number of values."""
_MARGIN = 10.0
"""A bound is too wide for a control if the signal is less than this many times what must be exceeded."""


@dataclass(frozen=True)
class Gradients:
    """What one run computed: each device's bias gradient, their sum, and the terms of the bounds; arrays in float64.

    - each, dc, dz: of shape (devices, channels): the gradients, and Σ|dc| and Σ|dz| over each shard;
    - total: of shape (channels,): the gradients added up over the devices in the dtype;
    - counts, levels: of shape (devices,): values of a channel, and the cotangents' mean, on each device;
    - squares: of dc and of dz, Q of each shard's sum, (devices, channels); None: nothing is known of the program, so that any tree over
      all values is possible.
    """

    each: np.ndarray
    total: np.ndarray
    dc: np.ndarray
    dz: np.ndarray
    counts: np.ndarray
    levels: np.ndarray
    squares: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def additions(self) -> int:
        """How many of all values' sum one value takes part in, at most."""
        if self.squares is None:
            return int(self.counts.sum()) - 1
        return int(self.counts.max()) - 1 + len(self.counts) - 1

    def shard(self, which: int, terms: np.ndarray, u: float) -> np.ndarray:
        """Q of each shard's sum of dc (0) or of dz (1), whose Σ|·| are `terms`: (devices, channels)."""
        if self.squares is None:
            n = self.counts[:, None]
            return (n - 1) * (terms * (1 + u) ** n) ** 2
        return self.squares[which]

    def whole(self, which: int, terms: np.ndarray, u: float) -> np.ndarray:
        """The same of the sum over all values, (channels,)."""
        if self.squares is None:
            return self.additions * (terms.sum(0) * (1 + u) ** self.counts.sum()) ** 2
        partial = np.cumsum(-np.sort(-terms, 0), 0)[1:] * (1 + u) ** (self.additions + 1)
        return self.squares[which].sum(0) + (np.exp2(np.floor(np.log2(np.maximum(partial, TINY)))) ** 2).sum(0)


@dataclass(frozen=True)
class Limits:
    """Bounds on gradients, (rows, channels): the worst case, and the probable one; additions: of each row's sum over dc."""

    worst: np.ndarray
    probable: np.ndarray
    additions: Sequence[int]


@dataclass(frozen=True)
class Judge:
    """Compares gradients with their bounds; the entry judged is the one closest to failing."""

    case: str
    dtype: str
    device: str

    def each(self, run: Gradients, control: bool = False) -> Measurement:
        """Statistics per device: every device's gradient is 0; a control's is not."""
        depths, u = [int(n) - 1 for n in run.counts], self._unit
        squares = run.shard(0, run.dc, u) + run.shard(1, run.dz, u)
        limits = self._limits(depths, depths, 1.0, run.dc, run.dz, squares)
        return self._judged(LOCAL, run.each, limits, run.counts, run.dz, self._control() if control else None)

    def total(self, run: Gradients, control: bool = False) -> Measurement:
        """Synchronised statistics: the sum over the devices is 0; a control's is not."""
        counts, dz, u = np.array([run.counts.sum()]), run.dz.sum(0)[None], self._unit
        squares = run.whole(0, run.dc, u) + run.whole(1, run.dz, u)
        limits = self._limits([run.additions], [run.additions], 1.0, run.dc.sum(0)[None], dz, squares[None])
        return self._judged(SUMMED, run.total[None], limits, counts, dz, self._control() if control else None)

    def one(self, run: Gradients) -> Measurement:
        """Synchronised statistics: no device's own gradient is 0."""
        totals = np.full(len(run.counts), run.counts.sum())
        part, u = (run.counts / totals)[:, None], self._unit
        squares = part**2 * run.whole(0, run.dc, u) + run.shard(1, run.dz, u)
        dc = np.broadcast_to(run.dc.sum(0), run.dz.shape)
        depths = [int(n) - 1 for n in run.counts]
        limits = self._limits([run.additions] * len(totals), depths, part, dc, run.dz, squares)
        signal = float(np.abs(run.levels - run.counts @ run.levels / run.counts.sum()).min())
        factor = HALF_FACTOR if self.dtype in HALF else ONE_FACTOR
        return self._judged(ONE, run.each, limits, totals, run.dz, factor, signal)

    def _limits(
        self,
        centring: Sequence[int],
        adding: Sequence[int],
        part: float | np.ndarray,
        dc: np.ndarray,
        dz: np.ndarray,
        squares: np.ndarray,
    ) -> Limits:
        """The bounds of this module's docstring, (rows, channels).

        centring, adding: additions of each row's sums over dc and dz; part: of the first sum that reaches the row; squares: Q of both.
        """
        u = self._unit
        first = np.array([self._gamma(k + _SHARED) for k in centring])[:, None]
        second = np.array([self._gamma(k) for k in adding])[:, None]
        worst = part * first * dc + (u + second) * dz
        shared = self._gamma(_SHARED) * part * dc + u * dz
        probable = deviations(dz.size) * u * np.sqrt(squares) + shared
        return Limits(worst, np.minimum(worst, probable), centring)

    def _judged(
        self,
        quantity: str,
        gradients: np.ndarray,
        limits: Limits,
        counts: np.ndarray,
        dz: np.ndarray,
        factor: float | None,
        signal: float = _CONTROL_SIGNAL,
    ) -> Measurement:
        """gradients, bounds, Σ|dz|: (rows, channels); counts: (rows,); factor: None where the proof says 0.

        The bound of the worst case where that tells; else the probable one, if that does and the number agrees with the proof.
        """
        measured = np.abs(gradients)
        bounds = (
            limits.worst if np.isfinite(limits.worst).all() else limits.probable
        )  # no entry is closest to an infinite bound
        with np.errstate(all="ignore"):
            ratios = np.where(np.isinf(bounds), measured, measured / bounds)
        row, channel = divmod(int(np.argmax(ratios) if factor is None else np.argmin(ratios)), ratios.shape[1])
        found = Measurement(
            case=self.case,
            bias="b",
            quantity=quantity,
            dtype=self.dtype,
            device=self.device,
            count=int(counts[row]),
            measured=float(measured[row, channel]),
            bound=float(limits.worst[row, channel]),
            expected="below" if factor is None else "above",
            factor=factor or 1.0,
            probable=float(limits.probable[row, channel]),
            failure=FAILURE,
        )
        terms = float(dz[row, channel])
        if not (obstacle := self._obstacle(found, self._gamma(limits.additions[row] + _SHARED), terms, signal)):
            return found
        likely = replace(found, by="probable")
        if likely.outcome == "as proved" and (factor is not None or TELLING * likely.limit <= terms):
            return likely
        return replace(found, obstacle=obstacle)

    def _obstacle(self, m: Measurement, accumulated: float, terms: float, signal: float) -> str:
        """Why the dtype cannot tell with so many values, if it cannot: by the bound's width alone, unless it is exceeded."""
        if np.isinf(accumulated):
            most = int(1 / self._unit) - _SHARED
            return f"{self.dtype} may leave no correct digit in a sum of {m.count} values: at most {most} can be told"
        if m.expected == "below" and m.bound * TELLING > terms and m.measured <= m.bound:
            return f"the bound is too large to tell zero from not zero: over {m.count} values in {self.dtype}"
        if m.expected == "above" and m.ratio < m.factor and signal < _MARGIN * m.factor * accumulated:
            return f"the bound is too large for a control to exceed it {m.factor:g}-fold: over {m.count} values in {self.dtype}"
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
