"""The variance as E[x²] − E[x]² against the two-pass one: what an offset, such as a redundant bias, costs in digits.

Rounding x², which is about μ² + σ², and the mean of x² leaves an error of some u(μ² + σ²) in a difference whose value is σ²: a
relative error of order u(1 + (μ/σ)²), and no correct digit once μ/σ reaches 1/√u. In two passes the mean μ is off by at most some
uμ, which enters squared. Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), §1.9.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ..roundoff.precision import UNIT_ROUNDOFF, computing
from .experiment import Experiment, Series, shown
from .seeds import BAND, over_seeds


def one_pass_variance(
    exponents: Sequence[float] = tuple(np.arange(-1, 9.01, 0.25)), count: int = 256, seeds: int = 10
) -> Experiment:
    """Relative errors of both formulas, median over seeds, for values of deviation 1 and offset 10^exponent."""
    curves: list[Series] = []
    table: list[dict[str, str]] = []
    for dtype in ("float32", "float64"):
        u = UNIT_ROUNDOFF[dtype]
        # the values themselves must remain distinct: their deviation of 1 far above the spacing of numbers at μ
        offsets = [10.0**e for e in exponents if u * 10.0**e < 0.05]
        each = np.empty((3, seeds, len(offsets)))
        negative: list[float] = []
        for k, offset in enumerate(offsets):
            found = [errors(dtype, offset, count, seed) for seed in range(seeds)]
            each[:, :, k] = np.transpose([f[:3] for f in found])
            negative += [f[0] for f in found if f[3] <= 0]
        ratios, one, two = np.median(each, 1)
        predicted = u * (1 + ratios**2)
        good = (ratios > 10) & (predicted < 0.1)
        broken = ratios[one >= 1].min() if (one >= 1).any() else None
        x = tuple(ratios.tolist())
        curves += [
            *over_seeds(f"{dtype}: one pass", x, np.maximum(each[1], u / 100)),
            Series(f"$u\\,(1+(μ/σ)^2)$, {dtype}", x, tuple(predicted.tolist()), kind="reference"),
            *over_seeds(f"{dtype}: two passes", x, np.maximum(each[2], u / 100)),
        ]
        if good.any():
            factor = one[good] / predicted[good]
            table.append(
                {
                    "format": dtype,
                    "error / estimate": f"{shown(factor.min())} to {shown(factor.max())}",
                    "1/√u": shown(u**-0.5),
                    "error of 100 % from μ/σ": "none" if broken is None else shown(broken),
                    "variance ≤ 0 from μ/σ": shown(min(negative)) if negative else "none",
                    "two passes, up to μ/σ = 1/√u": f"at most {shown(two[ratios <= u**-0.5].max() / u)} u",
                }
            )
    return Experiment(
        "one_pass_variance",
        "How many digits does the variance E[x²] − E[x]² lose to an offset, for instance to a redundant bias?",
        tuple(curves),
        "offset μ/σ",
        "relative error of the variance",
        True,
        True,
        "The error grows as u(1 + (μ/σ)²), until at about μ/σ = 1/√u no digit of the variance is left and it may even come out "
        "negative. Two passes lose nothing like that. The table has medians over "
        f"{seeds} seeds, and compares with the estimate while that is below 0.1.",
        {
            "values": f"{count} normal values, offset μ, deviation σ = 1",
            "reference": "exact rational arithmetic on the values as rounded",
            "drawn": "while u·μ/σ is below 0.05; errors below u/100 at u/100",
            "seeds": seeds,
            "curves": BAND,
        },
        ("one_pass_variance_loses_offset_squared",),
        tuple(table),
    )


def errors(dtype: str, offset: float, count: int, seed: int) -> tuple[float, float, float, float]:
    """(μ/σ, relative error in one pass, in two passes, the variance found in one pass) for values rounded to that dtype."""
    drawn = (offset + np.random.default_rng(seed).standard_normal(count)).astype(dtype)
    with computing(dtype):
        one, two = (float(v) for v in _both(jnp.asarray(drawn)))
    mean, variance = exact(drawn)
    return (
        abs(float(mean)) / float(variance) ** 0.5,
        abs(float(Fraction(one) / variance - 1)),
        abs(float(Fraction(two) / variance - 1)),
        one,
    )


def exact(values: NDArray[np.floating]) -> tuple[Fraction, Fraction]:
    """Mean and variance (divisor n) in rational arithmetic."""
    fractions = [Fraction(float(value)) for value in values]
    mean = sum(fractions, Fraction(0)) / len(fractions)
    return mean, sum(((f - mean) ** 2 for f in fractions), Fraction(0)) / len(fractions)


@jax.jit
def _both(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    mean = jnp.mean(x)
    return jnp.mean(x * x) - mean * mean, jnp.mean((x - mean) ** 2)
