"""Numbers that reasons quote from recorded experiments."""

from __future__ import annotations

from functools import cache
from typing import Any

from ...numeric.recorded import recorded


def measured(experiment: str, row: str, column: str) -> str:
    """The number in the table of an experiment, in the row that begins with `row`, as it was written there, without its deviation.

    Raises KeyError where the record has no such experiment, row or column, FileNotFoundError for an incomplete installation.
    """
    for found in _table(experiment):
        if next(iter(found.values())) == row:
            return str(found[column]).partition(" ±")[0]
    raise KeyError(f"{experiment} has no row {row}")


@cache
def _table(experiment: str) -> list[dict[str, Any]]:
    tables = {record["name"]: record["table"] for record in recorded("experiments")["experiments"]}
    return tables[experiment]
