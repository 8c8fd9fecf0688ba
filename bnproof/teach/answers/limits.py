"""What is too large to be judged, told from its shape before anything is computed; and a limit of time for what looks small."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from math import comb
from types import FrameType

from ...errors import NotationError
from ...symbolic.symbols import Vocabulary
from ...symbolic.term import Apply, Big, Binary, Derivative, Entry, Name, Negative, Number, Term, children

LONGEST = 1_000
"""Letters of an expression."""
DEEPEST = 60
"""Levels of an expression."""
LARGEST = 1_000_000
"""Numbers as they are written."""
EXPONENT = 12
POWER = 24
"""Of a power of a power: the product of the exponents."""
RANGE = 20
"""The largest number that may end the range of a sum."""
SUMS = 4
"""Sums within sums, as they are written."""
TERMS = 3_000
"""What an expression has when it is multiplied out."""


class TooLongError(BaseException):
    """The time is over. No Exception: what is computed must not take it for its own."""


def require_small(term: Term, vocabulary: Vocabulary) -> None:
    """Raises NotationError for a term that would take too long."""
    _numbers(term, POWER, 0, vocabulary)
    if _terms(term, vocabulary, {}) > TERMS:
        raise NotationError(f"it has more than {TERMS:,} terms when it is multiplied out: take smaller steps")


def _numbers(term: Term, power: int, sums: int, vocabulary: Vocabulary) -> None:
    match term:
        case Number(value):
            if abs(value) > LARGEST:
                raise NotationError(f"the number is larger than {LARGEST:,}")
            return
        case Binary("**", base, exponent):
            whole = exponent.value if isinstance(exponent, Number) else None
            if whole is not None and abs(whole) > EXPONENT:
                raise NotationError(f"an exponent is larger than {EXPONENT}")
            if whole is None and not _counting(exponent, vocabulary):
                raise NotationError("an exponent is a whole number, or a number of steps")
            power //= max(1, abs(int(whole or 2)))
            if not power:
                raise NotationError(f"powers of powers beyond {POWER}")
            _numbers(base, power, sums, vocabulary)
            return
        case Big(_, _, lower, upper, _):
            if sums == SUMS:
                raise NotationError(f"more than {SUMS} sums within one another")
            for bound in (lower, upper):
                if bound is not None and not _counting(bound, vocabulary):
                    raise NotationError(f"a sum runs from and to a number up to {RANGE}, a size such as n, or their sum")
            sums += 1
        case Entry(base, indices):
            _require_index(base, indices, vocabulary)
        case Apply(function, args) if function in vocabulary.definitions:
            parameters = vocabulary.definitions[function].parameters
            indices = tuple(a for p, a in zip(parameters, args, strict=True) if vocabulary.symbols[p].sort == "index")
            _require_index(function, indices, vocabulary)
        case _:
            pass
    for child in children(term):
        _numbers(child, power, sums, vocabulary)


def _require_index(name: str, indices: tuple[Term, ...], vocabulary: Vocabulary) -> None:
    if not all(_counting(index, vocabulary) for index in indices):
        raise NotationError(f"an index of `{name}` is a letter such as i, a whole number up to {RANGE}, a size, or their sum")


def _counting(term: Term, vocabulary: Vocabulary) -> bool:
    """Whether it is a small number, a size, a count, or a sum of such."""
    match term:
        case Number(value):
            return abs(value) <= RANGE and value.denominator == 1
        case Name(name):
            return vocabulary.symbols[name].sort in ("size", "count", "integer", "index")
        case Binary("+" | "-", left, right):
            return _counting(left, vocabulary) and _counting(right, vocabulary)
        case _:
            return False


def _terms(term: Term, vocabulary: Vocabulary, known: dict[str, int]) -> int:
    """About how many terms there are when products are multiplied out; of a definition, those of its body."""
    limit = TERMS + 1

    def of(part: Term) -> int:
        return _terms(part, vocabulary, known)

    match term:
        case Number() | Name() | Entry():
            return 1
        case Negative(body):
            return of(body)
        case Binary("+" | "-", left, right):
            return min(limit, of(left) + of(right))
        case Binary("*" | "/", left, right):
            return min(limit, of(left) * of(right))
        case Binary(_, base, exponent):
            k = abs(int(exponent.value)) if isinstance(exponent, Number) else 1
            return min(limit, comb(of(base) + k - 1, k))
        case Big(kind, _, _, _, body):
            return min(limit, of(body) ** 2 if kind == "var" else of(body))
        case Derivative(body, _):
            return min(limit, 2 * of(body))
        case Apply(function, args):
            inner = 1
            for arg in args:
                inner = max(inner, of(arg))
            definition = vocabulary.definitions.get(function)
            if definition is None:
                return inner
            if function not in known:
                known[function] = of(definition.body)
            return min(limit, known[function] * inner)


@contextmanager
def within_seconds(seconds: float) -> Generator[None]:
    """Raises TooLongError when the time is over; where signals do not reach (another thread, Windows) there is no limit."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def over(number: int, frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
