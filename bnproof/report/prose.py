"""Prose with formulas in braces, ``the mean moves by {b}``, as inline pieces. Backticks mark code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import NotationError
from ..symbolic.latex import latex
from ..symbolic.notation import parse_relation
from ..symbolic.plain import plain
from ..symbolic.relation import SIGNS, Comparison
from ..symbolic.source import piece
from ..symbolic.symbols import Vocabulary
from ..symbolic.term import Term
from .document import SIGNS_IN_LATEX, Code, Inline, Math, Prose, Strong, Text

_PIECES = re.compile(r"\{([^{}]*)\}|`([^`]*)`|\*\*([^*]*)\*\*")


def prose(words: str, vocabulary: Vocabulary) -> Prose:
    """Split words into text, formulas, code and emphasis. Raises NotationError for an unbalanced brace or a bad formula."""
    pieces: list[Inline] = []
    position = 0
    for match in _PIECES.finditer(words):
        if match.start() > position:
            pieces.append(Text(_checked(words[position : match.start()], words)))
        formula, code, strong = match.groups()
        if formula is not None:
            pieces.append(legible(math(piece(words, *match.span(1)), vocabulary)))
        elif code is not None:
            pieces.append(Code(code))
        else:
            pieces.append(Strong(strong))
        position = match.end()
    if position < len(words):
        pieces.append(Text(_checked(words[position:], words)))
    return tuple(pieces)


def math(formula: str, vocabulary: Vocabulary) -> Math:
    """A term or a chain of relations in the notation, rendered. Raises NotationError for what is neither."""
    return rendered(parse_relation(formula, vocabulary), vocabulary)


def rendered(parts: Sequence[Term | Comparison], vocabulary: Vocabulary) -> Math:
    """Terms with relations between them, as the parser gives them."""
    tex = [SIGNS_IN_LATEX[SIGNS[p]] if isinstance(p, str) else latex(p, vocabulary) for p in parts]
    words = [SIGNS[p] if isinstance(p, str) else plain(p, vocabulary) for p in parts]
    return Math(" ".join(tex), " ".join(words))


def legible(formula: Math) -> Math:
    """Fractions in the full size of a displayed formula: in running text they are set too small to read."""
    return Math(rf"\displaystyle {formula.latex}", formula.plain) if r"\frac" in formula.latex else formula


def _checked(piece: str, words: str) -> str:
    if "{" in piece or "}" in piece:
        raise NotationError(f"unbalanced brace in the text `{words}`")
    return piece
