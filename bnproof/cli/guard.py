"""What surrounds every command: its streams, and each way in which it may end, as an exit code.

0 answered, 1 the answer is bad news (the command says so itself), 2 wrong usage or input, 130 interrupted. A reader that has seen
enough (``| head -1``) is no error; a device that takes no more (a full disk) is one. Whatever the encoding of the streams, letters
that it lacks are written as escapes: an answer is never lost to a letter. Messages that standard error does not take change no
exit code.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, TextIO, cast

import typer

from ..errors import BnproofError, printable

INTERRUPTED = 130
_UsageError = cast("type[Exception]", typer.BadParameter.__bases__[0])  # Click's own, or of the copy of Click that Typer brings
_LIBRARIES = ("JAX_", "XLA_", "MPL", "MATPLOTLIB", "NPY_", "TF_")
"""How the names of environment variables begin that the libraries read."""


def guarded(command: Callable[[], object]) -> int:
    """Runs a command and returns its exit code; says on stderr why it is not 0, in one message without a traceback.

    An exception that is no caller's mistake is a defect and passes through.
    """
    try:
        _occupy_closed_descriptors()
        _encode_anything(sys.stdin, sys.stdout, sys.stderr)
        if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
            sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115  # for the rest of the process
        if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
            sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for the rest of the process
        if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise BnproofError("standard output is closed: send it to a file, or to /dev/null")
        messages = contextlib.redirect_stderr(cast("TextIO", _Messages(sys.stderr)))
        with contextlib.redirect_stdout(cast("TextIO", _Results(sys.stdout))), messages:
            code = _ended(command)
            sys.stdout.flush()
        return code
    except _LostError as lost:
        _silence(sys.stdout)
        if isinstance(lost.why, BrokenPipeError):
            return 0
        return _refused(f"cannot write to standard output: {lost.why.strerror or lost.why}")
    except BnproofError as error:
        return _refused(str(error))


def _ended(command: Callable[[], object]) -> int:
    """The exit code of a command that may end in any way but by losing its output."""
    try:
        result = command()
        return result if isinstance(result, int) else 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BnproofError as error:
        return _refused(str(error))
    except _UsageError as error:
        return _refused(_usage(error))
    except MemoryError:
        return _refused("the memory of this machine does not suffice: ask for something smaller")
    except (ValueError, RuntimeError, KeyError) as error:
        blamed = _blamed(str(error), os.environ)
        if blamed is None:
            raise
        last = str(error).strip().splitlines()[-1]
        return _refused(f"environment variable {blamed}={os.environ[blamed]} cannot be used: {last}\nUnset it, or correct it.")


def _refused(message: str) -> int:
    try:
        print(f"error: {printable(message)}", file=sys.stderr, flush=True)
    except OSError:  # nobody can be told
        _silence(sys.stderr)
    return 2


def _usage(error: Any) -> str:
    """A mistake in options and arguments, with the value that was given, and where to read about them."""
    where = error.ctx.command_path if error.ctx is not None else "bnproof"
    message = error.format_message().replace("Value error, ", "")
    value = _given(error.__cause__)
    if value is not None and f"'{value}'" not in message:
        message = message.replace("Invalid value for", f"Invalid value `{value}` for", 1)
    return f"{message}\nSee: {where} --help"


def _given(cause: Any) -> str | None:
    """The value that pydantic refused, on behalf of Typer; None where it was something else."""
    try:
        return str(cause.errors()[0]["input"])
    except (AttributeError, LookupError, TypeError, ValueError):
        return None


def _blamed(message: str, environment: Mapping[str, str]) -> str | None:
    """The variable a library complains about: the message names it, or what follows the library's name, and quotes its value; or
    it has every word of the name, as "disable jit" for JAX_DISABLE_JIT.
    """
    words = set(re.findall(r"\w+", message.lower()))
    for name, value in environment.items():
        library = next((prefix for prefix in _LIBRARIES if name.startswith(prefix)), None)
        if library is None or not value:
            continue
        setting = name.removeprefix(library).lower()
        quoted = re.search(rf"(['\"`]){re.escape(value)}\1", message)
        if (quoted and {name.lower(), setting} & words) or ("_" in setting and set(setting.split("_")) <= words):
            return name
    return None


class _LostError(Exception):
    """Standard output takes no more. No OSError: those that a command meets elsewhere are another matter."""

    def __init__(self, why: OSError) -> None:
        super().__init__(str(why))
        self.why = why


@contextlib.contextmanager
def _losing() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise _LostError(error) from error


class _Messages:
    """Standard error: what it does not take is lost, and the command goes on, for an answer does not depend on who hears of it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            _silence(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            _silence(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Results:
    """Standard output, whose own errors are told from all others; in everything else the stream it was made of."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    @property
    def buffer(self) -> _Results:
        """For bytes."""
        return _Results(self._stream.buffer)

    def write(self, text: str | bytes) -> int:
        with _losing():
            return self._stream.write(text)

    def writelines(self, lines: Iterable[str | bytes]) -> None:
        with _losing():
            self._stream.writelines(lines)

    def flush(self) -> None:
        with _losing():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _occupy_closed_descriptors() -> None:
    """Opens 0, 1 and 2 where they are closed: the next file to be opened would get their numbers, and what is printed."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= 2:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)


def _encode_anything(*streams: TextIO | None) -> None:
    """Letters that a stream's encoding lacks become escapes, and so do bytes that are no letters in it, unless the user chose what
    becomes of them (`PYTHONIOENCODING`).
    """
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")


def _silence(stream: TextIO | None) -> None:
    """What a stream still holds goes nowhere, so that the end of the process does not complain again."""
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
