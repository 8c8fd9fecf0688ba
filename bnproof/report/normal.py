"""What is normal in a run of the numeric checks, and which operations its round-off comes from, in words and as a file."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ..errors import OutputError
from ..numeric.checking.measurement import Measurement
from ..numeric.checking.quantities import GRADIENT
from .files import replace_whole

SHARES = ("case", "bias", "quantity", "dtype", "device", "operation", "where", "share")
"""Columns of the shares: one line for each measurement and operation."""
_NAMED = 3
"""Operations named among those to blame."""


def normal(measurements: Sequence[Measurement]) -> list[str]:
    """For each dtype a sentence on the bias gradients that are zero over the reals: the largest, and how large one may be.

    From what was measured alone: nothing is said of a dtype without a gradient that is as proved.
    """
    return [sentence for dtype in dict.fromkeys(m.dtype for m in measurements) for sentence in _normal(measurements, dtype)]


def normal_together(measurements: Sequence[Measurement]) -> list[str]:
    """The same of several dtypes in one sentence, as short as it can be said; of one as `normal` says it."""
    found = [one for dtype in dict.fromkeys(m.dtype for m in measurements) if (one := _largest(measurements, dtype))]
    if len(found) < 2:
        return normal(measurements)
    sizes = ", ".join(f"{_size(m)} in {m.dtype} (at most {m.limit:.1g}{_surely(m)})" for m, _ in found)
    words = f"A bias gradient that is 0 over the reals is normal here as round-off of {sizes}."
    acting = [least for _, least in found if least is not None]
    return [f"{words} Where the bias acts it was {min(acting):.1g} or more." if acting else words]


def _normal(measurements: Sequence[Measurement], dtype: str) -> list[str]:
    found = _largest(measurements, dtype)
    if found is None:
        return []
    m, acting = found
    where = f"{m.case}, {m.count:,} values together" if m.count else m.case
    words = (
        f"A bias gradient of {_size(m)} is normal in {dtype} ({where}): round-off of what is 0 over the reals, at most "
        f"{m.limit:.1g}{_surely(m)}."
    )
    return [words if acting is None else f"{words} Where the bias acts it was {acting:.1g} or more."]


def _largest(measurements: Sequence[Measurement], dtype: str) -> tuple[Measurement, float | None] | None:
    """Of the gradients that are as proved the largest that is zero, and the least of those that are not."""
    gradients = [m for m in measurements if m.dtype == dtype and m.quantity.startswith(GRADIENT) and m.outcome == "as proved"]
    zeros = [m for m in gradients if m.expected == "below"]
    if not zeros:
        return None
    acting = min((m.measured for m in gradients if m.expected == "above"), default=None)
    return max(zeros, key=lambda m: (m.measured, m.limit)), acting


def _size(m: Measurement) -> str:
    return f"{m.measured:.1g}" if m.measured else "exactly 0"


def _surely(m: Measurement) -> str:
    return f", more with a probability of at most {m.failure:g}" if m.by == "probable" else ""


def blamed(measurements: Sequence[Measurement]) -> list[tuple[str, str, float]]:
    """(operation, where most of it stands, its part of the bounds on average) over all bounds whose shares are known, the largest first."""
    known = [m for m in measurements if m.shares]
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for m in known:
        for share in m.shares:
            found[share.operation][share.where] += share.share / len(known)
    ordered = sorted(found.items(), key=lambda item: -sum(item[1].values()))
    return [(operation, max(places, key=lambda where: places[where]), sum(places.values())) for operation, places in ordered]


def in_words(blame: Sequence[tuple[str, str, float]]) -> str:
    """The operations that most of the bounds come from (`blamed`), in a sentence; empty where no shares are known."""
    if not blame:
        return ""
    (operation, where, share), *others = blame[:_NAMED]
    also = " and ".join(f"`{name}` {part:.0%}" for name, _, part in others if part >= 0.005)
    place = f" (mostly in {where})" if where else ""
    return f"To blame for the bounds, on average: `{operation}`{place} {share:.0%}{f', then {also}' if also else ''}."


def shares_text(measurements: Sequence[Measurement]) -> str:
    """Comma-separated values: what part of each measurement's bound each operation is to blame for."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(SHARES)
    for m in measurements:
        head = (m.case, m.bias, m.quantity, m.dtype, m.device)
        writer.writerows((*head, of.operation, of.where, of.share) for of in m.shares)
    return stream.getvalue()


def write_shares(path: Path, measurements: Sequence[Measurement]) -> None:
    """Writes the shares, whole or not at all. Raises OutputError where that is impossible, and as `check_shares`."""
    check_shares(path)
    try:
        replace_whole(path, shares_text(measurements).encode())
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def check_shares(path: Path) -> None:
    """Raises OutputError for a file that is there and holds no shares: it is not overwritten."""
    if not path.parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no directory {path.parent}")
    if not path.exists():
        return
    header = ",".join(SHARES)
    try:
        with path.open(encoding="utf-8") as stream:
            mine = path.is_file() and stream.read(len(header)) == header
    except (OSError, UnicodeDecodeError):
        mine = False
    if not mine:
        raise OutputError(f"{path} exists and holds no shares written by bnproof: name another file, or move it away")
