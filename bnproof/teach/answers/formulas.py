"""An expression as a student writes it to a term of the kernel: the notation, and the letters and signs of a keyboard."""

from __future__ import annotations

import ast
import re
from collections import Counter
from fractions import Fraction

from ...errors import NotationError
from ...symbolic.notation import parse
from ...symbolic.symbols import Vocabulary
from ...symbolic.term import Apply, Big, Binary, Name, Negative, Number, Term, rebuild
from ...symbolic.unfold import written_out
from .limits import DEEPEST, LONGEST, require_small
from .reading import AnswerError, Line

_SIGNS = {"·": "*", "×": "*", "∙": "*", "⋅": "*", "−": "-", "–": "-", "÷": "/", "^": "**", "²": "**2", "³": "**3", "√": "sqrt"}
_HEAD = re.compile(r"^(\w)\(#1\)$")
_HINTS = (
    (re.compile(r"\b(infinity|infty|inf|oo|Infinity)\b|∞"), "no sum here has infinitely many terms: a batch has n values"),
    (re.compile(r"\d\.\d|\.\d|\d\."), "write exact numbers, 1/2 for 0.5"),
    (re.compile(r"[^=!<>]=[^=]|==|[<>≤≥≠]"), "one line has one expression, and its = stands at the beginning"),
    (re.compile(r"\bfor\b"), "a sum is written sum(i, z[i])"),
    (re.compile(r"\d\s*[A-Za-z_(]|\)\s*[\w(]|\]\s*[\w(]"), "write a product with *, as 2*b"),
)


def read_formula(line: Line, vocabulary: Vocabulary) -> Term:
    """The term of a line. Raises AnswerError with the line for what is no formula, too long, or made of unknown symbols."""
    text = line.expression
    shown = text if len(text) <= 80 else f"{text[:80]}…"
    if len(text) > LONGEST:
        raise AnswerError(f"`{shown}` has more than {LONGEST:,} letters: take smaller steps", line.number)
    plain = _plain(text, vocabulary)
    try:
        if _depth(plain) > DEEPEST:
            raise AnswerError(f"`{shown}` is nested more than {DEEPEST} levels deep: take smaller steps", line.number)
        term = parse(plain, vocabulary)
        require_small(term, vocabulary)
    except NotationError as error:
        said = str(error).replace(f" in `{plain}`", "").replace(f"the term `{plain}`", "it").rstrip(",.")
        hint = next((f". Hint: {words}" for pattern, words in _HINTS if pattern.search(text)), "")
        raise AnswerError(f"`{shown}` is refused: {said}{hint}", line.number) from error
    return term


def _plain(text: str, vocabulary: Vocabulary) -> str:
    """The text in the kernel's notation: signs, powers, Greek letters that stand for one name only."""
    named = [(s.plain, s.name) for s in vocabulary.symbols.values()]
    named += [(head[1], d.name) for d in vocabulary.definitions.values() if (head := _HEAD.match(d.plain))]
    named += [(d.plain, d.name) for d in vocabulary.definitions.values() if not d.parameters]
    often = Counter(letter for letter, _ in named)
    letters = {letter: name for letter, name in named if often[letter] == 1 and letter.isidentifier() and not letter.isascii()}
    for sign, ascii_sign in _SIGNS.items():
        text = text.replace(sign, ascii_sign)
    return re.sub(r"\w+", lambda word: letters.get(word[0], word[0]), text)


def _depth(text: str) -> int:
    """How many levels the syntax tree has. Raises NotationError where there is none."""
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise NotationError(f"it cannot be read: {error.msg}") from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise NotationError("it is nested too deeply") from error
    level: list[ast.AST] = [tree]
    depth = 0
    while level and depth <= DEEPEST:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def shape(term: Term, vocabulary: Vocabulary, unfolded: bool = True) -> str:
    """A text that two terms share if they differ only in the order of sums and products, brackets, names of bound indices, and
    zeros and ones that do nothing; if `unfolded`, in names for definitions as well.
    """
    return _shape(_unfolded(term, vocabulary) if unfolded else term, {}, 0)


def _unfolded(term: Term, vocabulary: Vocabulary) -> Term:
    if isinstance(term, Apply) and term.function in vocabulary.definitions:
        args = tuple(_unfolded(arg, vocabulary) for arg in term.args)
        try:
            return _unfolded(written_out(Apply(term.function, args), vocabulary), vocabulary)
        except ValueError:  # an index of the definition clashes with one of an argument: it stays as it is
            return Apply(term.function, args)
    return rebuild(term, lambda part: _unfolded(part, vocabulary))


def _shape(term: Term, bound: dict[str, str], depth: int) -> str:
    match term:
        case Binary("+" | "-") | Negative():
            return _flat("+", _summands(term, 1), bound, depth, "0")
        case Binary("*" | "/"):
            return _flat("*", _factors(term, 1), bound, depth, "1")
        case Name(name):
            return bound.get(name, name)
        case Number(value):
            return str(value)
        case Big(kind, index, lower, upper, body):
            ends = [_shape(end, bound, depth) if end is not None else "" for end in (lower, upper)]
            inner = _shape(body, {**bound, index: f"#{depth}"}, depth + 1)
            return f"{kind}[{ends[0]},{ends[1]}]({inner})"
        case _:
            parts: list[str] = []
            rebuild(term, lambda part: parts.append(_shape(part, bound, depth)) or part)
            head = type(term).__name__ + str(getattr(term, "function", getattr(term, "base", "")))
            return f"{head if not isinstance(term, Binary) else term.op}({';'.join(parts)})"


def _flat(sign: str, parts: list[tuple[int, Term]], bound: dict[str, str], depth: int, neutral: str) -> str:
    shapes = sorted(f"{side:+d}{_shape(part, bound, depth)}" for side, part in parts)
    kept = [text for text in shapes if text[2:] != neutral]
    if not kept:
        return neutral
    return kept[0][2:] if len(kept) == 1 and kept[0][0] == "+" else f"{sign}({','.join(kept)})"


def _summands(term: Term, side: int) -> list[tuple[int, Term]]:
    match term:
        case Binary("+", left, right):
            return _summands(left, side) + _summands(right, side)
        case Binary("-", left, right):
            return _summands(left, side) + _summands(right, -side)
        case Negative(body):
            return _summands(body, -side)
        case Number(value) if value < 0:
            return [(-side, Number(Fraction(-value)))]
        case _:
            return [(side, term)]


def _factors(term: Term, side: int) -> list[tuple[int, Term]]:
    match term:
        case Binary("*", left, right):
            return _factors(left, side) + _factors(right, side)
        case Binary("/", left, right):
            return _factors(left, side) + _factors(right, -side)
        case _:
            return [(side, term)]
