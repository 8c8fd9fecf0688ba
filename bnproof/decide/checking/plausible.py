"""Is this bias gradient a bug? `plausible` compares one with the round-off of a gradient that is 0 in exact arithmetic.

Nothing is run: the bound follows from the norm of the gradient behind the normalisation (`numeric.roundoff.bias_gradient`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from ...errors import CheckError, nearest
from ...numeric.roundoff.bias_gradient import Cotangent, Setting, Sizes, Variance, sizes
from ...numeric.roundoff.precision import HALF, UNIT_ROUNDOFF, storage

Zone = Literal["plausible", "unusual", "implausible"]
"""plausible: independent rounding errors explain it; unusual: only the worst case does; implausible: no rounding errors do."""
Norm = Literal["bn", "in", "ln", "gn"]
FAILURE = 1e-6
"""Probability with which independent rounding errors may exceed the probable bound."""
LIKELY = (
    "the bias is not right before a batch normalisation, or something that is not linear (a ReLU) lies between",
    'the statistics are stored ones (eval mode, a frozen layer): there the bias acts, see bnproof prove "conv -> bn" --mode eval',
    "the backward pass is wrong, or statistics are computed over other values than assumed here",
)
"""What a gradient that no rounding errors explain is likely to come from."""


@dataclass(frozen=True)
class Plausible:
    """What `plausible` found out about a bias gradient, or about that of several channels which is farthest from round-off.

    - gradient: its absolute value; channel: its number, None if there was one;
    - zone: see `Zone`; expected, probable, bound: sizes of round-off: root mean square, exceeded with probability `failure` at most if
      rounding errors are independent, and the worst case (infinite where a format leaves no correct digit);
    - setting: what was computed, and how; assumptions: what was taken for granted, in words; likely: causes, where it is implausible.
    """

    gradient: float
    channel: int | None
    zone: Zone
    expected: float
    probable: float
    bound: float
    failure: float
    setting: Setting
    norm: Norm
    assumptions: tuple[str, ...]

    @property
    def plausible(self) -> bool:
        """Whether round-off can explain the gradient."""
        return self.zone != "implausible"

    @property
    def likely(self) -> tuple[str, ...]:
        """What to look for, where round-off does not explain the gradient easily."""
        return () if self.zone == "plausible" else LIKELY

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        what = f"a bias gradient of {self.gradient:.2g}" if self.norm in ("bn", "in") else f"a sum of {self.gradient:.2g}"
        where = "" if self.channel is None else f" (channel {self.channel}, the farthest from round-off)"
        worst = f"{self.bound:.2g}" if math.isfinite(self.bound) else "any size"
        sizes_ = f"in exact arithmetic it is 0, about {self.expected:.1g} is expected in {self.setting.dtype}"
        match self.zone:
            case "plausible":
                says = f"is round-off, no bug: {sizes_}, up to {self.probable:.2g} is probable and {worst} possible"
            case "unusual":
                says = (
                    f"may be round-off, but is unusually large: {sizes_}, up to {self.probable:.2g} is probable, and only the "
                    f"worst case explains it ({worst})"
                )
            case "implausible":
                says = f"is not round-off: {sizes_}, and rounding errors explain at most {worst}"
        return f"{what[0].upper()}{what[1:]}{where} {says}."

    def as_json(self) -> dict[str, object]:
        """As a dict for JSON; an infinite bound is ``"inf"``."""
        return {
            "schema": 1,
            "gradient": self.gradient,
            "channel": self.channel,
            "plausible": self.plausible,
            "zone": self.zone,
            "sentence": self.sentence,
            "expected": _number(self.expected),
            "probable": _number(self.probable),
            "failure": self.failure,
            "bound": _number(self.bound),
            "assumptions": list(self.assumptions),
            "likely": list(self.likely),
        }


def plausible(
    gradient: Any,
    cotangent: Any,
    *,
    count: int | None = None,
    dtype: str | None = None,
    inputs: Any = None,
    gamma: Any = 1.0,
    sigma: Any = 1.0,
    eps: float = 1e-5,
    mean: Any = None,
    grad_mean: float | None = None,
    norm: Norm = "bn",
    sets: int | None = None,
    accumulate: str | None = None,
    variance: Variance = "twopass",
    tree: int | None = None,
    failure: float = FAILURE,
) -> Plausible:
    """Whether the gradient of a bias before a normalisation, which is 0 in exact arithmetic, is as small as round-off makes it.

    - gradient: a number, or shape (channels,): all are judged, and the one farthest from round-off is returned;
    - cotangent: the gradient of the loss by the normalisation's output, shape (batch, channels, positions …); or its 2-norm over a
      channel's values, a number or shape (channels,), with `count`, how many values are normalised together;
    - dtype: of values and gradients (default: the gradient's, float32 for a Python float or a float64 scalar); accumulate: of sums
      (float32 for half types, else dtype). JAX's autodiff sums the gradient of a bias in a half type partly in that type: give it then;
    - inputs: what is normalised, of the cotangent's shape: it gives sigma and mean, and a sharper bound;
    - gamma, sigma, mean: numbers or shape (channels,): the affine factor, the values' standard deviation and mean (any of at most
      sigma, if left out: far from 0 it makes round-off larger); eps: ε ≥ 0;
    - grad_mean: the mean of the cotangent's values, where the norm alone is given: any, if left out;
    - norm: ``bn``, ``in``: the gradient of each bias entry is 0; ``ln``, ``gn``: only the sum of its entries over what is normalised
      together, which is then the gradient to give, with a norm and `count`;
    - sets: how many sets of `count` values it adds up, the norm being that over all of them: the batch for ``in`` (from the cotangent's
      shape if that is given), samples and positions for ``ln`` and ``gn``; 1 for ``bn``;
    - variance: ``twopass`` or ``onepass`` (E[z²] − E[z]²); tree: additions that the deepest value of a sum takes part in (any order if
      left out); failure: the probability that independent rounding errors exceed the probable bound.

    Raises CheckError for what is no number, not positive where it must be, or of another shape. Source: the theorems
    `bias_gradient_vanishes_of_batch_statistics` and `proved_zero_is_round_off_of_centring`.
    """
    values = np.asarray(gradient)
    found = np.abs(_finite("gradient", values).reshape(-1))
    many = values.ndim > 0
    plain = isinstance(gradient, int | float) or not hasattr(gradient, "dtype")  # as NumPy's float64 scalars are
    chosen = dtype or ("float32" if plain else str(values.dtype))
    storage(chosen)
    sums = accumulate or ("float32" if chosen in HALF else chosen)
    storage(sums)
    if UNIT_ROUNDOFF[sums] > UNIT_ROUNDOFF[chosen] and sums != "tf32":
        raise CheckError(f"accumulate = {sums} is coarser than dtype = {chosen}: sums run in the same format or a wider one")
    for name, word, words in (("norm", norm, get_args(Norm)), ("variance", variance, get_args(Variance))):
        if word not in words:
            raise CheckError(_unknown(name, word, words))
    ct = _finite("cotangent", np.asarray(cotangent))
    if ct.ndim >= 2:
        if norm in ("ln", "gn"):
            raise CheckError(f"norm = {norm}: give the cotangent's 2-norm, with count and sets")
        if count is not None or grad_mean is not None:
            raise CheckError("count and grad_mean go with the cotangent's norm: leave them out beside an array of cotangents")
        cotangents, counts = _of_array(ct, inputs, eps, norm, sets)
        if inputs is not None:
            sigma, mean = _statistics(np.asarray(inputs, np.float64), norm)
    else:
        if inputs is not None:
            raise CheckError("inputs go with an array of cotangents, shape (batch, channels, positions …)")
        counts = (_whole("count", count, 1), _whole("sets", 1 if sets is None else sets, 1))
        cotangents = [_of_norm(float(size), counts, grad_mean) for size in ct.reshape(-1)]
    if len(found) != len(cotangents) or not len(found):
        raise CheckError(f"a gradient of shape {values.shape} for {len(cotangents)} channels: expected one number a channel")
    base = Setting(
        *counts,
        eps=_positive("eps", eps, zero=True),
        dtype=chosen,
        accumulate=sums,
        variance=variance,
        tree=None if tree is None else _whole("tree", tree, math.ceil(math.log2(counts[0]))),
    )
    if not 0 < failure < 1:
        raise CheckError(f"failure = {failure}: expected a probability between 0 and 1")
    given = (("gamma", gamma), ("sigma", sigma), ("mean", sigma if mean is None else mean))
    rows = zip(*(_each(name, value, len(found)) for name, value in given), strict=True)
    judged: list[tuple[float, int, Setting, Sizes]] = []
    for k, (size, known, (g, s, m)) in enumerate(zip(found, cotangents, rows, strict=True)):
        setting = replace(base, gamma=float(g), sigma=_positive("sigma", float(s), zero=True), mean=float(m))
        try:
            if setting.sigma**2 + setting.eps == 0:
                raise CheckError("sigma = 0 and eps = 0: the normalisation divides by 0")
            limits = sizes(setting, known, failure)
        except OverflowError:
            raise CheckError(
                "the norm, γ, σ or the mean is too large to reckon with in float64: give all of them scaled down"
            ) from None
        judged.append((float(size), k, setting, limits))
    size, k, setting, limits = max(judged, key=lambda row: (_order(row[0], row[3]), _ratio(row[0], row[3].probable)))
    zone: Zone = get_args(Zone)[_order(size, limits)]
    told = ct.ndim < 2 and grad_mean is None
    words = _assumptions(setting, norm, told, mean is None, failure)
    return Plausible(
        size,
        k if many and len(found) > 1 else None,
        zone,
        limits.expected,
        limits.probable,
        limits.bound,
        failure,
        setting,
        norm,
        words,
    )


def _order(size: float, limits: Sizes) -> int:
    """The number of the zone."""
    return 0 if size <= limits.probable else 1 if size <= limits.bound else 2


def _ratio(size: float, limit: float) -> float:
    return 0.0 if size == 0 or math.isinf(limit) else size / limit if limit else math.inf


def _of_norm(norm: float, counts: tuple[int, int], grad_mean: float | None) -> Cotangent:
    _positive("the cotangent's norm", norm, zero=True)
    if grad_mean is None:
        return Cotangent(norm)
    total = math.prod(counts) * abs(float(_finite("grad_mean", np.asarray(grad_mean))))
    most = math.sqrt(math.prod(counts)) * norm
    if total > most * (1 + 1e-6):
        raise CheckError(
            f"grad_mean = {grad_mean:g} with a norm of {norm:g} over {math.prod(counts)} values: a mean is at most norm/√n = "
            f"{norm / math.sqrt(math.prod(counts)):.3g}"
        )
    if counts[1] > 1:  # means of opposite signs in different sets may hide behind the mean of all
        return Cotangent(norm)
    return Cotangent(norm, total=total, typical_total=total)


def _of_array(
    cotangent: np.ndarray, inputs: Any, eps: float, norm: Norm, sets: int | None
) -> tuple[list[Cotangent], tuple[int, int]]:
    """What is known of each channel's cotangents; how many values are normalised together, and how many sets of them there are."""
    if sets is not None:
        raise CheckError("sets goes with the cotangent's norm: leave it out beside an array of cotangents")
    g = _split(cotangent.astype(np.float64), norm)
    x = None
    if inputs is not None:
        z = _finite("inputs", np.asarray(inputs)).astype(np.float64)
        if z.shape != cotangent.shape:
            raise CheckError(f"inputs of shape {z.shape}: expected {cotangent.shape}, the cotangent's")
        z = _split(z, norm)
        spread = z.var(2, keepdims=True) + eps
        x = (z - z.mean(2, keepdims=True)) / np.sqrt(np.where(spread > 0, spread, 1.0))
    found: list[Cotangent] = []
    for c in range(len(g)):
        totals = np.abs(g[c].sum(1))
        products = None if x is None else np.abs((g[c] * x[c]).sum(1))
        found.append(
            Cotangent(
                float(np.linalg.norm(g[c])),
                float(np.abs(g[c]).sum()),
                float(totals.sum()),
                None if products is None else float(products.sum()),
                float(np.linalg.norm(totals)),
                None if products is None else float(np.linalg.norm(products)),
            )
        )
    return found, (g.shape[2], g.shape[1])


def _statistics(inputs: np.ndarray, norm: Norm) -> tuple[np.ndarray, np.ndarray]:
    """The least standard deviation and the largest mean of each channel's sets."""
    z = _split(inputs, norm)
    return z.std(2).min(1), np.abs(z.mean(2)).max(1)


def _split(values: np.ndarray, norm: Norm) -> np.ndarray:
    """Shape (channels, sets, values normalised together)."""
    by_channel = np.moveaxis(values, 1, 0)
    shape = (len(by_channel), 1 if norm == "bn" else by_channel.shape[1], -1)
    if 0 in values.shape:
        raise CheckError(f"an array of shape {values.shape}: expected at least one value")
    return by_channel.reshape(shape)


def _assumptions(setting: Setting, norm: Norm, any_sign: bool, any_mean: bool, failure: float) -> tuple[str, ...]:
    what = {
        "bn": "batch normalisation with batch statistics right behind the layer with the bias",
        "in": "instance normalisation right behind the layer with the bias",
        "ln": "layer normalisation right behind; the gradient is the sum over the entries of the bias (each by itself is not 0)",
        "gn": "group normalisation right behind; the gradient is the sum over one group's entries (each by itself is not 0)",
    }[norm]
    order = "any order" if setting.tree is None else f"trees of depth {setting.tree}"
    mean = "at most σ" if any_mean else f"{setting.mean:.3g}"
    statistics = f"γ = {setting.gamma:.3g}, σ = {setting.sigma:.3g}, ε = {setting.eps:.3g}, mean of the values {mean}"
    passes = "two passes" if setting.variance == "twopass" else "one pass, clamped at 0"
    many = f"{setting.sets} sets of {setting.count} values" if setting.sets > 1 else f"{setting.count} values"
    words = [
        f"{what}: {many} normalised together",
        statistics,
        f"everything in {setting.dtype}, sums in {setting.accumulate} in {order}; variance in {passes}; nothing overflows",
        f"probable: rounding errors independent with mean 0; exceeded with probability {failure:g} at most",
    ]
    if any_sign:
        words.append("expected: the gradient behind the normalisation has no preferred sign; bounds: any gradient of that norm")
    return tuple(words)


def _each(name: str, value: Any, channels: int) -> Sequence[float]:
    array = _finite(name, np.asarray(value)).astype(np.float64).reshape(-1)
    if len(array) not in (1, channels):
        raise CheckError(f"{name} has {len(array)} entries: expected 1 or {channels}, one a channel")
    return np.broadcast_to(array, channels).tolist()


def _finite(name: str, array: np.ndarray) -> np.ndarray:
    try:
        wide = array.astype(np.float64)
    except (TypeError, ValueError):
        raise CheckError(f"{name}: expected numbers, not {array.dtype}") from None
    if not np.isfinite(wide).all():
        bad = wide.reshape(-1)[int(np.argmin(np.isfinite(wide).reshape(-1)))]
        raise CheckError(f"{name} = {bad}: expected a finite number; what overflows is no round-off")
    return array


def _positive(name: str, value: float, zero: bool = False) -> float:
    if not (math.isfinite(value) and (value >= 0 if zero else value > 0)):
        raise CheckError(f"{name} = {value:g}: expected a {'number of at least 0' if zero else 'positive number'}")
    return float(value)


def _whole(name: str, value: int | None, least: int) -> int:
    if value is None:
        raise CheckError(f"{name} is missing: how many values are normalised together (batch · positions)")
    if int(value) != value or value < least:
        raise CheckError(f"{name} = {value}: expected a whole number of at least {least}")
    return int(value)


def _unknown(name: str, word: str, words: Sequence[str]) -> str:
    if name == "norm" and word in ("rms", "rmsnorm"):
        return "RMS normalisation subtracts no mean: the gradient of a bias before it is not 0, so any size is plausible"
    return f"unknown {name} `{word}`: expected {', '.join(words)}; did you mean {nearest(word, words, 1)[0]}?"


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else "inf"
