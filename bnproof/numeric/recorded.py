"""Measurements recorded in the repository, from which pages and figures are made: nothing is measured while they are drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]
PLACES = (_PACKAGE.parent / "benchmarks" / "results", _PACKAGE / "recorded")
"""Where a checkout has them, and where an installed package carries them."""


def recorded(name: str) -> dict[str, Any]:
    """What ``benchmarks/`` wrote to NAME.json. Raises FileNotFoundError for an incomplete installation."""
    path = next((place / f"{name}.json" for place in PLACES if (place / f"{name}.json").exists()), PLACES[0] / f"{name}.json")
    return json.loads(path.read_text(encoding="utf-8"))
