"""Every figure, as file contents by relative path, and the committed measurements that one of them shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from .bias_gradient_against_bound import bias_gradient_against_bound
from .output_against_bias import output_against_bias

_HERE = Path(__file__).resolve().parent
MEASURED = (_HERE.parents[1] / "benchmarks" / "results" / "bias_gradient.json", _HERE / "bias_gradient.json")
"""Recorded by ``benchmarks/bias_gradient.py``: where it lies in a checkout, and where an installed package carries it."""


def figures(measured: Sequence[Mapping[str, object]]) -> dict[Path, str]:
    """The figures' files; `measured` are rows as `Measurement.as_json` gives them."""
    return {
        Path("figures", "output_against_bias.svg"): output_against_bias(),
        Path("figures", "bias_gradient_against_bound.svg"): bias_gradient_against_bound(measured),
    }


def committed_measurements() -> list[dict[str, object]]:
    """The rows recorded in the repository. Raises FileNotFoundError for an incomplete installation."""
    path = next((path for path in MEASURED if path.exists()), MEASURED[0])
    return json.loads(path.read_text(encoding="utf-8"))["rows"]
