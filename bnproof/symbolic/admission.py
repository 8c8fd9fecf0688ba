"""What may stand for a symbol: a replacement that keeps what the proofs take for granted of the symbol's sort."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from .sign import NONNEGATIVE, POSITIVE
from .symbols import Symbol, Vocabulary
from .term import Entry, Name, Number, Term

BITS = (Number(Fraction(0)), Number(Fraction(1)))


def admits(
    symbol: Symbol,
    body: Term,
    vocabulary: Vocabulary,
    minimum: Mapping[str, int],
    sign: Callable[[Term], int],
    least: int = 1,
) -> bool:
    """Whether the term may stand for a scalar, or a general entry of a sequence.

    - minimum: the least value of each size in the setting at hand, where it is not 1;
    - sign: what is known of a term's sign there;
    - least: the least value that the symbol must have, if it is a size.
    """
    symbols = vocabulary.symbols
    other = symbols[body.name] if isinstance(body, Name) else symbols[body.base] if isinstance(body, Entry) else None
    match symbol.sort:
        case "real":
            return not symbol.finite or (other is not None and other.finite)
        case "positive":
            return sign(body) == POSITIVE
        case "nonnegative":
            return sign(body) >= NONNEGATIVE
        case "size":
            if isinstance(body, Number):
                return body.value >= least and body.value.denominator == 1 and not symbol.cyclic
            fits = other is not None and other.sort == "size" and other.cyclic == symbol.cyclic
            return fits and other is not None and minimum.get(other.name, 1) >= least
        case "integer":
            if isinstance(body, Number):
                return body.value >= 0 and body.value.denominator == 1
            return isinstance(body, Name) and other is not None and other.sort in ("integer", "count", "size")
        case "indicator":
            return body in BITS or (isinstance(body, Entry) and other is not None and other.sort == "indicator")
        case _:
            return False  # a count belongs to its indicator, an index to its range
