"""How large round-off makes the gradient of a bias before a normalisation, from the norm of the gradient behind it.

The gradient is S = Σ dz_i = 0 over the n values normalised together (theorem `bias_gradient_vanishes_of_batch_statistics`). Let g be the
cotangents behind the normalisation, s = |γ|/√(σ²+ε), x_i = (z_i − m)/√(σ²+ε), o = |m|/√(σ²+ε), m₁ = mean g_i, m₂ = mean g_i x_i,

    A = Σ|g_i|, M = |Σ g_i| = n|m₁|, Q = |Σ g_i x_i| = n|m₂|, Z = Σ|dz_i|/s, each at most √n‖g‖: Cauchy and Schwarz, Σx_i² ≤ n,
    and dz = s(g − m₁ − x m₂) is s times a contraction of g.

u is the unit round-off of the sums, v that of every other operation, and of what is stored; a sum in which a value takes part in at
most D additions is off by γ_D Σ|terms|. To first order, for three ways to compute dz, |S| is at most s times

    closed form s(g − m₁ − x m₂), as a hand-written backward pass
        sums    γ_D A (of m₁) + γ_D (1 + o) Q (of the mean m, so that Σx_i ≠ 0) + γ_D Z (the last)
        others  v [5 (A + M + Q) + 3M + (2 + 3 + 3o) Q]: products and differences, casts of m₁ and m, x itself
    autodiff, two passes: d_i + e_i − mean(d + e), d_i = s g_i, e_i = −s m₂ x_i
        sums    γ_D (A + Q) + γ_D Z
        others  v [6A + 4Q + 3M + 3 (A + Q + M)]: d and e, which a compiler may compute anew for each use; the cast of the mean
    autodiff, one pass (variance E[z²] − E[z]²): d_i + f z_i + (−Σd_i − f n m)/n, f = −s m₂/√(σ²+ε)
        sums    γ_D A + γ_D (1 + o) Q + γ_D Z
        others  v [6A + 5 (1 + o) Q + 5oQ + 3M + (3 + 3o) Q + 3 (A + M + 2oQ + Q)]

so all three lie below  s [γ_D (A + (1 + o) Q) + γ_D Z + v (9A + 8M + 11Q + k o Q)], k = 3 for two passes and 19 for one. The errors of
s, m₂ and f by themselves do not matter: they are common factors of sums that vanish. One pass also gets the variance wrong, by up to
γ_{2D+8} (σ² + 2m²), where it clamps at 0: s and o grow by κ, Q by κ, Z by κ², κ² = (σ²+ε)/(what is left of σ² + ε).
Where the values hardly differ, or lie far from 0, computed x_i are mostly the round-off of m: x_i is off by η = o (γ_D + 4v), so that Q
is at most ηA larger, and Z at most ηA (κ + η) + ηQ. This is of second order, and all there is where σ = 0.
Several sets (each sample's, of instance normalisation): A, M, Q and Z add up over the sets, and the last sum runs over all of them.
Underflow adds the smallest number of each format for each operation. It is assumed that + − × ÷ round correctly and nothing overflows.

`probable`: if the rounding errors are independent with mean 0 (or a martingale difference), S is a sum of δ_k ∂S/∂δ_k, |δ_k| ≤ u or
v, and |S| ≤ λ √Σ(u ∂S/∂δ_k)² fails with probability at most 2 exp(−λ²/2) (Hoeffding). Each level of a tree has Σ T² ≤ (Σ|terms|)²,
so a sum counts √D u in place of D u; what is rounded once for all values (the cast of a mean) counts in full, what is rounded value
by value as ‖g‖ only. Of any cotangent of that norm: nothing is assumed of g. Not so where many values are equal, whose errors are then
equal too, nor in sums that stagnate.

`expected`: root mean square under the same model for a cotangent without a preferred sign, Σg ≈ ‖g‖ unless known. One rounding has
relative mean square u²/(8 ln 2): uniform within half a unit in the last place, significands distributed as 1/x. A sum of n numbers
in lanes of length D costs (log₂ n + D/2) ‖g‖², since partial sums of such numbers grow as the root of their length.

Sources: Higham, Accuracy and Stability of Numerical Algorithms (2002), §3.1 and §4.2; Higham and Mary, A new approach to probabilistic
rounding error analysis (SIAM J. Sci. Comput. 41, 2019), the model and √n; Hull and Swenson (1966), the model's tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from .precision import UNIT_ROUNDOFF

Variance = Literal["twopass", "onepass"]
RMS = 1 / math.sqrt(8 * math.log(2))
"""Root mean square of the error of one rounding, in units of the unit round-off."""
_SMALLEST = {"float64": 2.0**-1022, "float32": 2.0**-126, "tf32": 2.0**-126, "bfloat16": 2.0**-126, "float16": 2.0**-24}
"""What a result near 0 may be off by: smaller numbers are flushed to 0, but for float16, which keeps them."""
_REMAINDER = 32
"""Roundings of the scale s, of the bound itself and of what is of second order: they are divided out."""


@dataclass(frozen=True)
class Cotangent:
    """What is known of the gradient behind the normalisation, over all values of a channel.

    - norm: ‖g‖₂; absolute: Σ|g|; total: |Σg| over each set, added up; along: |Σ g x| likewise; None where only the norm bounds it;
    - typical_total, typical_along: root of the sum of squares over the sets, for the expected size.
    """

    norm: float
    absolute: float | None = None
    total: float | None = None
    along: float | None = None
    typical_total: float | None = None
    typical_along: float | None = None


@dataclass(frozen=True)
class Setting:
    """The normalisation, and how it is computed.

    - count: values normalised together; sets: how many such sets one bias entry's gradient adds up;
    - gamma, sigma, eps, mean: the affine factor, the standard deviation and the mean of the normalised values, ε;
    - dtype: of values and of every operation but sums; accumulate: of sums; variance: one pass or two;
    - tree: additions that the deepest value of a sum over `count` values takes part in; None: any order, count − 1.
    """

    count: int
    sets: int = 1
    gamma: float = 1.0
    sigma: float = 1.0
    eps: float = 1e-5
    mean: float = 0.0
    dtype: str = "float32"
    accumulate: str = "float32"
    variance: Variance = "twopass"
    tree: int | None = None

    @property
    def values(self) -> int:
        """All values that the bias gradient adds up."""
        return self.count * self.sets

    @property
    def inner(self) -> int:
        """Depth of the sums over one set."""
        return self.count - 1 if self.tree is None else min(self.tree, self.count - 1)

    @property
    def outer(self) -> int:
        """Depth of the sum over all values: one set's, and one addition for each further set."""
        return self.inner + self.sets - 1

    @property
    def usual(self) -> Setting:
        """With a tree as libraries have it where none is given: lanes of about √n numbers."""
        return self if self.tree is not None else replace(self, tree=math.ceil(math.sqrt(self.count)))


@dataclass(frozen=True)
class Sizes:
    """How large round-off makes a gradient that is 0: expected (root mean square); probable, exceeded with probability `failure` at
    most; bound: the worst case to first order, infinite where a format may leave no correct digit.
    """

    expected: float
    probable: float
    bound: float
    failure: float


@dataclass(frozen=True)
class _Scaled:
    """The quantities of this module's docstring."""

    s: float
    o: float
    absolute: float
    total: float
    along: float
    changed: float
    norm: float
    rest: float


def sizes(setting: Setting, cotangent: Cotangent, failure: float = 1e-6) -> Sizes:
    """The sizes of this module's docstring. All numbers finite, count ≥ 1, norm ≥ 0, sigma² + eps > 0, 0 < failure < 1."""
    bound = _worst(setting, _scaled(setting, cotangent, _gamma(setting.inner, setting)))
    likely = _scaled(setting, cotangent, _likely(setting, failure)(setting.inner))
    return Sizes(_expected(setting, cotangent), min(_probable(setting, likely, failure), bound), bound, failure)


def _scaled(setting: Setting, cotangent: Cotangent, summed: float) -> _Scaled:
    """summed: by how much, relative to Σ|terms|, a sum over one set is off."""
    spread = setting.sigma**2 + setting.eps
    left = spread
    if setting.variance == "onepass":
        wrong = _gamma(2 * setting.inner + 8, setting) + 4 * UNIT_ROUNDOFF[setting.dtype]
        left = max(setting.sigma**2 - wrong * (setting.sigma**2 + 2 * setting.mean**2), 0.0) + setting.eps
    grown = spread / left if left else math.inf
    kappa, widest = math.sqrt(grown), math.sqrt(setting.values) * cotangent.norm
    s = abs(setting.gamma) / math.sqrt(spread) * kappa
    absolute = widest if cotangent.absolute is None else min(cotangent.absolute, widest)
    total = absolute if cotangent.total is None else min(cotangent.total, absolute)
    along = (widest if cotangent.along is None else min(cotangent.along, widest)) * kappa
    o = abs(setting.mean) / math.sqrt(spread) * kappa
    moved = o * (summed + 4 * UNIT_ROUNDOFF[setting.dtype]) if o and absolute else 0.0
    changed = min(widest * grown, absolute + total + along)
    changed += moved * (absolute * (kappa + moved) + along)
    along += moved * absolute
    smallest = 8 * max(_SMALLEST[setting.dtype], _SMALLEST[setting.accumulate])
    rest = setting.values * smallest * (1 + s + setting.sigma + abs(setting.mean))
    return _Scaled(s, o, absolute, total, along, changed, cotangent.norm, rest)


def _worst(setting: Setting, at: _Scaled) -> float:
    v, o = UNIT_ROUNDOFF[setting.dtype], at.o
    k = 19 if setting.variance == "onepass" else 3
    sums = _gamma(setting.inner, setting) * (at.absolute + (1 + o) * at.along) + _gamma(setting.outer, setting) * at.changed
    others = v * (9 * at.absolute + 8 * at.total + (11 + k * o) * at.along)
    kept = 1 - _gamma(setting.outer + _REMAINDER, setting) - _REMAINDER * v
    return at.s * (sums + others) / kept + at.rest if kept > 0 and math.isfinite(at.s * o) else math.inf


def _probable(setting: Setting, at: _Scaled, failure: float) -> float:
    """Hoeffding's bound; as of Higham and Mary, √D u stands for exp(λ √D u + D u²) − 1, which holds to all orders."""
    v, o = UNIT_ROUNDOFF[setting.dtype], at.o
    k = 19 if setting.variance == "onepass" else 3
    deviations, summed = _deviations(failure), _likely(setting, failure)
    sums = (at.absolute, (1 + o) * at.along)
    squares = [*((summed(setting.inner) * size) ** 2 for size in sums), (summed(setting.outer) * at.changed) ** 2]
    once = 3 * at.total**2 + (3 + k * o**2) * at.along**2
    each = 20 * at.norm**2 + 20 * (1 + o**2) * at.along**2 / setting.count
    squares.append((deviations * v) ** 2 * (once + each))
    return at.s * math.sqrt(sum(squares)) * (1 + _REMAINDER * v) + at.rest


def _deviations(failure: float) -> float:
    """λ of this module's docstring."""
    return math.sqrt(2 * math.log(2 / failure))


def _likely(setting: Setting, failure: float) -> Callable[[int], float]:
    """Depth of a sum → by how much it is off relative to Σ|terms|, but for a failure of that probability."""
    u, deviations = UNIT_ROUNDOFF[setting.accumulate], _deviations(failure)

    def summed(depth: int) -> float:
        exponent = deviations * math.sqrt(depth) * u + depth * u**2 / (1 - u)
        return math.expm1(exponent) if exponent < 1 else math.inf  # beyond, nothing is left to tell

    return summed


def _expected(setting: Setting, cotangent: Cotangent) -> float:
    setting = setting.usual
    n, norm, lane = setting.count, cotangent.norm, setting.inner
    u, v = UNIT_ROUNDOFF[setting.accumulate], UNIT_ROUNDOFF[setting.dtype]
    spread = setting.sigma**2 + setting.eps
    if setting.variance == "onepass":
        lost = RMS * (v + u * math.sqrt(2 + lane)) * (setting.sigma**2 + 2 * setting.mean**2)
        spread = max(setting.sigma**2 - lost, 0.0) + setting.eps or spread
    o = abs(setting.mean) / math.sqrt(spread)
    total = norm if cotangent.typical_total is None else cotangent.typical_total
    along = norm if cotangent.typical_along is None else cotangent.typical_along
    sums = (2 * math.log2(n) + lane) * norm**2 + (2 + lane**2 / (3 * n)) * (o * along) ** 2
    sums += setting.sets * norm**2 if setting.sets > 1 else 0.0
    others = 4 * norm**2 + 2 * total**2 + 2 * (o * along) ** 2
    return abs(setting.gamma) / math.sqrt(spread) * RMS * math.sqrt(u**2 * sums + v**2 * others)


def _gamma(operations: int, setting: Setting) -> float:
    """γ of the sums, infinite where it means nothing."""
    total = operations * UNIT_ROUNDOFF[setting.accumulate]
    return total / (1 - total) if total < 1 else math.inf
