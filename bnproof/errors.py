"""The errors bnproof raises: one base class and a child for each kind of caller's mistake."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable


class BnproofError(Exception):
    """Anything the user can mend. The message quotes the input and gives the fix; the exit code is 2."""


class NotationError(BnproofError):
    """A term that cannot be read: bad syntax, an unknown symbol, a clash of index names."""


class ChainError(BnproofError):
    """A chain of layers that cannot be read, or whose shapes do not fit. The message points at the place with a caret."""


class ProofError(BnproofError):
    """A step that one of the checks refused. The message shows both sides and their difference."""


class UndecidedError(ProofError):
    """A step that a check could neither accept nor refute: no normal form, no exact value, too few instances."""


class UnknownNameError(BnproofError):
    """A theorem or claim that does not exist. The message gives the nearest names."""


class LoadError(BnproofError):
    """A Python file, or a name in it, that cannot be loaded. The message quotes the file's error and its place."""


class OutputError(BnproofError):
    """A file that cannot be written, or that bnproof did not write and will not overwrite."""


class CheckError(BnproofError):
    """A check that cannot run as asked: no such device or dtype, too few devices, too little memory, a lost process."""


class ContradictionError(Exception):
    """A proof and a float64 run disagree: a defect of bnproof, never the caller's mistake. Please report it."""


def printable(text: str) -> str:
    """`text` with control and formatting characters as escapes, so that quoted input cannot steer a terminal; lines stay lines."""
    return "".join(
        letter if letter == "\n" or not unicodedata.category(letter).startswith("C") else ascii(letter)[1:-1] for letter in text
    )


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The `count` names most similar to `name`, best first; always `count` of them if so many exist.

    A shared prefix or substring counts for more than scattered letters: names here are sentences.
    """

    def likeness(candidate: str) -> float:
        ratio = difflib.SequenceMatcher(None, name.lower(), candidate.lower()).ratio()
        words = set(name.lower().split("_")) & set(candidate.lower().split("_"))
        return ratio + 0.1 * len(words) + (0.5 if name and name.lower() in candidate.lower() else 0.0)

    return sorted(known, key=lambda candidate: (-likeness(candidate), candidate))[:count]
