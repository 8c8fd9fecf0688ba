"""What went wrong in code that is not bnproof's: the error in one line, and where the caller can mend it."""

from __future__ import annotations

import linecache
import re
import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path

LONGEST = 400
"""Letters that are quoted of an error's message at most."""
_BESIDES = re.compile(r"\n\s*\n|\nThe error occurred while tracing|\nSee https?:|-{20}")
"""Where the message ends and what is said besides it begins: other paragraphs, what JAX says of its own doings."""
_OWN = str(Path(__file__).resolve().parent)
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")} - {None})
_PARTS = ("site-packages", "dist-packages")


def said(error: BaseException) -> str:
    """``TypeError: …``: the class and the first paragraph of the message in one line, cut if it is very long."""
    paragraph = " ".join(_BESIDES.split(str(error).strip(), maxsplit=1)[0].split())
    text = paragraph if len(paragraph) <= LONGEST else f"{paragraph[:LONGEST].rsplit(' ', 1)[0]} …"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def place(error: BaseException) -> str:
    """``model.py, line 3: `y = x @ w` ``: the innermost line of the caller's own code; empty where there is none.

    Libraries, Python's own and bnproof itself are passed over.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return _line(error.filename, error.lineno or 0)
    frames = traceback.extract_tb(error.__traceback__)
    own = next((frame for frame in reversed(frames) if not _passed_over(frame.filename)), None)
    return "" if own is None else _line(own.filename, own.lineno or 0)


def quoted(error: BaseException) -> str:
    """The error and, in a line of its own, its place."""
    where = place(error)
    return said(error) + (f"\n  {where}" if where else "")


def _line(file: str, number: int) -> str:
    text = linecache.getline(file, number).strip()
    return f"{_shown(file)}, line {number}" + (f": {text}" if text else "")


def _shown(file: str) -> str:
    """The path from the working directory, where it lies below that."""
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except (OSError, ValueError):
        return file


def _passed_over(file: str) -> bool:
    return file.startswith(("<frozen", _OWN)) or _below(file, _LIBRARIES) or any(part in _PARTS for part in Path(file).parts)


def _below(file: str, folders: Sequence[str]) -> bool:
    return any(Path(file).is_relative_to(folder) for folder in folders)
