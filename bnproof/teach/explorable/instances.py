"""Exact instances of what the explorable computes: the page runs its own arithmetic on them when it opens, and says if one differs.

All is computed with fractions. Outputs, which hold a root, are given by their sign and their square, and that is a fraction again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, Literal

Values = tuple[Fraction, ...]
Mode = Literal["train", "eval"]


@dataclass(frozen=True)
class Setting:
    """One position of the page's controls.

    `slope` is what the activation multiplies negative values by: 0 for ReLU, 1 for none. `batches` are the training batches seen
    since the stored statistics were those of the samples without a bias: bias and momentum of each, in PyTorch's convention (the
    share of the new batch).
    """

    samples: Values
    bias: Fraction
    slope: Fraction
    log_eps: int = -5
    mode: Mode = "train"
    batches: tuple[tuple[Fraction, Fraction], ...] = ()

    @property
    def eps(self) -> Fraction:
        """The constant under the root."""
        return Fraction(10) ** self.log_eps


@dataclass(frozen=True)
class Rooted:
    """The number `part` / √`square`, with `square` > 0."""

    part: Fraction
    square: Fraction

    def written(self) -> list[int | str]:
        """Its sign and its square."""
        return [(self.part > 0) - (self.part < 0), str(self.part**2 / self.square)]


@dataclass(frozen=True)
class Instance:
    """What the page shows at a setting; `slopes` are ∂y/∂b from the left and from the right."""

    setting: Setting
    activations: Values
    active: int
    mean: Fraction
    mean_shift: Fraction
    stored_mean: Fraction
    stored_variance: Fraction
    ratio: Fraction | None
    ratio_without_bias: Fraction | None
    outputs: tuple[Rooted, ...]
    slopes: tuple[tuple[Rooted, ...], tuple[Rooted, ...]]
    gamma: Rooted
    beta: Rooted
    left: tuple[Rooted, ...]
    share_left: Fraction | None

    def as_json(self) -> dict[str, Any]:
        """The instance in the page's own units: samples and bias in tenths, slope in twentieths, momentum in hundredths.

        One side of ∂y/∂b is given where both are the same.
        """
        setting = self.setting
        return {
            "z": [_whole(10 * z) for z in setting.samples],
            "b": _whole(10 * setting.bias),
            "a": _whole(20 * setting.slope),
            "log_eps": setting.log_eps,
            "mode": setting.mode,
            "batches": [[_whole(10 * bias), _whole(100 * momentum)] for bias, momentum in setting.batches],
            "active": self.active,
            "mean_shift": str(self.mean_shift),
            "stored": [str(self.stored_mean), str(self.stored_variance)],
            "ratios": [None if ratio is None else str(ratio) for ratio in (self.ratio_without_bias, self.ratio)],
            "y": [value.written() for value in self.outputs],
            "slopes": [[value.written() for value in side] for side in dict.fromkeys(self.slopes)],
            "gamma": self.gamma.written(),
            "beta": self.beta.written(),
            "left": [value.written() for value in self.left],
            "share_left": None if self.share_left is None else str(self.share_left),
        }


def instance(setting: Setting) -> Instance:
    """Computes everything the page shows at that setting.

    The fit asks which γ and β take the outputs without a bias, normalised by their own statistics, nearest to those with it (least
    squares); γ is 0 where the former are all equal. Raises ValueError for fewer than three samples.
    """
    if len(setting.samples) < 3:
        raise ValueError(f"a ratio of differences takes three samples, not {len(setting.samples)}: give at least three")
    values = tuple(z + setting.bias for z in setting.samples)
    plain = _activated(setting.samples, setting.slope)
    moved = _activated(values, setting.slope)
    mean, variance = _mean(moved), _mean(_squares(_centred(moved)))
    before, spread_before = _centred(plain), _mean(_squares(_centred(plain)))
    stored_mean, stored_variance = _stored(setting, _mean(plain), spread_before)
    subtracted, divisor = (mean, variance) if setting.mode == "train" else (stored_mean, stored_variance)
    square = divisor + setting.eps
    common = _mean([x * y for x, y in zip(before, _centred(moved), strict=True)])
    stretch = common / spread_before if spread_before else Fraction(0)
    rest = [y - stretch * x for x, y in zip(before, _centred(moved), strict=True)]
    return Instance(
        setting=setting,
        activations=moved,
        active=sum(value > 0 for value in values),
        mean=mean,
        mean_shift=mean - _mean(plain),
        stored_mean=stored_mean,
        stored_variance=stored_variance,
        ratio=_ratio(moved),
        ratio_without_bias=_ratio(plain),
        outputs=tuple(Rooted(value - subtracted, square) for value in moved),
        slopes=(_slopes(setting, values, moved, square, False), _slopes(setting, values, moved, square, True)),
        # the outputs without a bias are the centred values over √(their variance + ε): that root comes back as a factor of γ
        gamma=Rooted(stretch, square / (spread_before + setting.eps)),
        beta=Rooted(mean - subtracted, square),
        left=tuple(Rooted(value, square) for value in rest),
        share_left=_mean(_squares(rest)) / variance if variance else None,
    )


def settings() -> list[Setting]:
    """The settings whose instances the page carries: the lesson's own first, then a grid over every control."""
    tenth = Fraction(1, 10)
    samples = (_numbers(-1, 1, 2), _numbers(-3, "-1/2", "5/2"), _numbers(2, -1, "3/10"), _numbers(1, 1, -2))
    zero, one = Fraction(0), Fraction(1)
    lesson = [Setting(samples[0], bias, slope) for slope in (one, zero) for bias in _numbers(0, 2)]
    lesson += [
        Setting(samples[0], bias, one, mode="eval", batches=((bias, tenth),) * count)
        for count in (0, 1, 2, 3, 44)
        for bias in _numbers(0, 2)
    ]
    biases = _numbers(-3, "-6/5", 0, "1/2", 1, 3)
    slopes = (zero, Fraction(1, 20), Fraction(1, 2), one)
    modes: tuple[Mode, ...] = ("train", "eval")
    # ε goes round at another pace than slopes and modes do, so that every one meets every other
    grid = [
        Setting(
            batch, bias, slope, (-8, -5, -1, 1)[(k + k // 8) % 4], mode, ((bias, tenth), (one, Fraction(k % 5, 4)))[: k % 3]
        )
        for k, (batch, bias, slope, mode) in enumerate(product(samples, biases, slopes, modes))
    ]
    return lesson + grid


def _numbers(*values: int | str) -> Values:
    return tuple(Fraction(value) for value in values)


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise ValueError(f"the page has no position {value}: choose a multiple of its controls' step")
    return value.numerator


def _activated(values: Sequence[Fraction], slope: Fraction) -> Values:
    return tuple(value if value > 0 else slope * value for value in values)


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _centred(values: Sequence[Fraction]) -> Values:
    mean = _mean(values)
    return tuple(value - mean for value in values)


def _squares(values: Sequence[Fraction]) -> Values:
    return tuple(value**2 for value in values)


def _ratio(values: Sequence[Fraction]) -> Fraction | None:
    """(y₂ − y₁) : (y₃ − y₁), the same before the normalisation and after it; None where y₃ = y₁."""
    return None if values[2] == values[0] else (values[1] - values[0]) / (values[2] - values[0])


def _stored(setting: Setting, mean: Fraction, variance: Fraction) -> tuple[Fraction, Fraction]:
    """The stored statistics, which start as those of the samples without a bias."""
    for bias, momentum in setting.batches:
        batch = _activated([z + bias for z in setting.samples], setting.slope)
        mean += momentum * (_mean(batch) - mean)
        variance += momentum * (_mean(_squares(_centred(batch))) - variance)
    return mean, variance


def _slopes(setting: Setting, values: Values, moved: Values, square: Fraction, right: bool) -> tuple[Rooted, ...]:
    """∂y/∂b from one side: at 0 the activation's slope is another on either side."""
    slopes = [Fraction(1) if value > 0 or (value == 0 and right) else setting.slope for value in values]
    if setting.mode == "eval":
        return tuple(Rooted(slope, square) for slope in slopes)
    centred, uneven = _centred(moved), _centred(slopes)
    common = _mean([x * d for x, d in zip(centred, uneven, strict=True)])
    # (d − mean d)/s − x·common/s³ over the common denominator s³
    return tuple(Rooted(d * square - x * common, square**3) for x, d in zip(centred, uneven, strict=True))
