"""What the commands share: a progress bar on stderr, interruption, JSON on stdout, the width of the page."""

from __future__ import annotations

import codecs
import functools
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ..errors import BnproofError
from .guard import INTERRUPTED

if TYPE_CHECKING:
    from ..report.writers.layout import Paint

LONGEST_INPUT = 1_000_000
"""Letters that are read from standard input at most."""
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def interruptible(command: Callable[P, R]) -> Callable[P, R]:
    """Ctrl-C ends a command with one line and exit code 130."""
    return _interruptible(command, "interrupted")


def interruptible_writer(command: Callable[P, R]) -> Callable[P, R]:
    """As `interruptible`, for a command that writes files: each is written whole or not at all."""
    return _interruptible(command, "interrupted; no file was left half-written")


def _interruptible(command: Callable[P, R], words: str) -> Callable[P, R]:
    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            print(words, file=sys.stderr)
            raise SystemExit(INTERRUPTED) from None

    return run


def progress(items: Iterable[T], label: str, total: int) -> Iterator[T]:
    """Pass the items through; on a terminal show a bar on stderr that disappears at the end."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, description=label, total=total, console=Console(stderr=True), transient=True)


def read_input() -> str:
    """What stands in standard input. Raises BnproofError where it has no end in sight."""
    text = sys.stdin.read(LONGEST_INPUT + 1)
    if len(text) > LONGEST_INPUT:
        raise BnproofError(f"standard input holds more than {LONGEST_INPUT:,} letters: a chain is shorter")
    return text


def print_json(value: object) -> None:
    """JSON on stdout; in an encoding other than UTF-8 with escapes, which every encoding has."""
    encoding = codecs.lookup(sys.stdout.encoding or "utf-8").name
    print(json.dumps(value, indent=2, ensure_ascii=encoding != "utf-8"))


def paint() -> Paint:
    """Colours on a terminal, unless the user wants none (`NO_COLOR`)."""
    from ..report.writers.layout import colour, plain

    colourful = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return colour if colourful else plain


def page_width() -> int:
    """80 columns where the output is not a terminal; otherwise the terminal's width, at most 100."""
    if not sys.stdout.isatty():
        return 80
    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 100))
