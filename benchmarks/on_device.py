"""Units of work in one dtype on one device, and what their measurements come to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import jax

from bnproof.errors import CheckError
from bnproof.numeric.checking.measurement import Measurement, Outcome
from bnproof.numeric.devices import Device
from bnproof.numeric.roundoff.precision import check_format, computing

from .units import Found, NotApplicable, Unit

DTYPES = ("float32", "tf32", "bfloat16", "float16")
OUTCOMES = get_args(Outcome)


def unit(about: Mapping[str, object], title: str, dtype: str, device: Device, action: Callable[[], Found]) -> Unit:
    """A unit in one dtype: skipped where the device lacks it; computed on the device, as that dtype asks."""

    def tried() -> Found:
        try:
            check_format(dtype, device.platform)
        except CheckError as error:
            raise NotApplicable(str(error)) from error
        with computing(dtype), jax.default_device(device):
            return action()

    return Unit({**about, "dtype": dtype}, f"{title}, {dtype}", tried)


def judged(measured: Sequence[Measurement], **more: object) -> Found:
    """Measurements as a unit's result; wrong if one failed."""
    counts = Counter(m.outcome for m in measured)
    words = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    result = {"measurements": [m.as_json() for m in measured], **more}
    return Found(result, words, wrong=not all(m.passed for m in measured))


def outcomes(units: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """By dtype: how many measurements were as proved, and the extremes.

    - largest: of the proved zeros the one closest to its bound: at most 1 times as large, where as proved;
    - weakest: of the controls the one closest to its own: at least `factor` times as large.

    Those that cannot tell are counted only.
    """
    dtypes = dict.fromkeys(unit["dtype"] for unit in units)
    return {d: summed([row for unit in units if unit["dtype"] == d for row in unit["result"]["measurements"]]) for d in dtypes}


def summed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`outcomes` of measurements in one dtype, as JSON has them."""
    told = [row for row in rows if row["outcome"] != "cannot tell"]
    counts = Counter(row["outcome"] for row in rows)
    return {
        "measurements": len(rows),
        **{outcome: counts[outcome] for outcome in OUTCOMES},
        "largest": _largest([_named(row) for row in told if row["expected"] == "below"]),
        "weakest": _weakest([_named(row) for row in told if row["expected"] == "above"]),
    }


def joined(summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`summed` of all of them together, from each one's own."""
    found: dict[str, Any] = {name: sum(one[name] for one in summaries) for name in ("measurements", *OUTCOMES)}
    found["largest"] = _largest([one["largest"] for one in summaries if one["largest"]])
    found["weakest"] = _weakest([one["weakest"] for one in summaries if one["weakest"]])
    return found


def outcome_line(summary: Mapping[str, Any]) -> str:
    """What `outcomes` says of one dtype, in words."""
    words = [f"{summary[outcome]} {outcome}" for outcome in OUTCOMES]
    for extreme, meaning in (("largest", "largest of a proved zero"), ("weakest", "smallest of a control")):
        if row := summary[extreme]:
            words.append(f"{meaning} {float(row['ratio']):.2g} of the bound ({row['case']}, {row['quantity']})")
    return ", ".join(words)


def _largest(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return max(rows, key=lambda row: _ratio(row, math.inf), default=None)


def _weakest(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return min(rows, key=lambda row: _ratio(row, -math.inf), default=None)


def _ratio(row: Mapping[str, Any], unknown: float) -> float:
    """Measured / bound; `unknown` for what is not a number."""
    ratio = float(row["ratio"])
    return unknown if math.isnan(ratio) else ratio


def _named(row: Mapping[str, Any]) -> dict[str, object]:
    return {name: row[name] for name in ("ratio", "factor", "case", "bias", "quantity", "outcome")}
