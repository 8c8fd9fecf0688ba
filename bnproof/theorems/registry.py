"""Every theorem by name, in reading order. One theorem a file; the file's name is the theorem's."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from ..errors import UnknownNameError, nearest
from .theorem import Theorem


@dataclass(frozen=True)
class Chapter:
    """Theorems that answer one group of questions."""

    title: str
    names: tuple[str, ...]


CHAPTERS: tuple[Chapter, ...] = (
    Chapter(
        "The bias before batch normalisation",
        ("bias_cancels_of_batch_statistics",),
    ),
)


def names() -> tuple[str, ...]:
    """All theorem names in reading order, without importing any theorem."""
    return tuple(name for chapter in CHAPTERS for name in chapter.names)


def theorem(name: str) -> Theorem:
    """The theorem of that name. Raises UnknownNameError with the three nearest names."""
    if name not in names():
        near = "\n".join(f"  {candidate}" for candidate in nearest(name, names()))
        raise UnknownNameError(f"there is no theorem `{name}`. The nearest names:\n{near}\nAll of them: bnproof theorems")
    found = importlib.import_module(f"{__package__}.{name}").THEOREM
    if not isinstance(found, Theorem) or found.name != name:
        raise TypeError(f"{name}.py must define THEOREM with that name")
    return found


def theorems() -> tuple[Theorem, ...]:
    """All theorems in reading order."""
    return tuple(theorem(name) for name in names())
