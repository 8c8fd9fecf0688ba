"""What a reader sees of a printed formula: brackets without their size, blanks without their width, groups without their braces."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bnproof.symbolic.evaluate import NO_VALUE, Instance, equal
from bnproof.symbolic.jet import Number
from bnproof.symbolic.latex import latex
from bnproof.symbolic.plain import plain
from bnproof.symbolic.symbols import Vocabulary
from bnproof.symbolic.term import Term

Layout = tuple[object, ...]
_TOKENS = re.compile(r"\\[A-Za-z]+|\\[,;]|\s+|.")
_UNSEEN = {"\\left", "\\right", "\\displaystyle", "\\,"}
_ARGUMENTS = {
    "\\frac": 2,
    "\\tfrac": 2,
    "\\sqrt": 1,
    "\\mathrm": 1,
    "\\mathtt": 1,
    "\\mathbf": 1,
    "\\hat": 1,
    "\\bar": 1,
    "\\tilde": 1,
}
_ALIKE = {"\\tfrac": "\\frac", "\\lvert": "|", "\\rvert": "|"}


def seen(term: Term, vocabulary: Vocabulary) -> tuple[object, str]:
    """The layout of the term's LaTeX, and its plain text without blanks."""
    return layout(latex(term, vocabulary)), plain(term, vocabulary).replace(" ", "")


def layout(text: str) -> Layout:
    """The marks of a LaTeX formula in their places: what stands on the line, what above and below it."""
    tokens = [t for t in _TOKENS.findall(text) if t.strip() and t not in _UNSEEN]
    tokens.reverse()
    return _line(tokens, end=None)


def _line(tokens: list[str], end: str | None) -> Layout:
    line: list[object] = []
    scripts: dict[str, list[object]] = {}

    def settle() -> None:
        line.extend((kind, tuple(scripts[kind])) for kind in sorted(scripts))
        scripts.clear()

    while tokens and tokens[-1] != end:
        token = tokens.pop()
        if token == "'":
            scripts.setdefault("^", []).append("'")
        elif token in ("_", "^"):  # scripts one after the other stand side by side, whichever was written first
            scripts.setdefault(token, []).extend(_argument(tokens))
        elif token == "{":
            inner = _line(tokens, "}")
            tokens.pop()
            for piece in inner:
                match piece:
                    case (("_" | "^") as kind, tuple() as body):
                        scripts.setdefault(kind, []).extend(body)
                    case _:
                        settle()
                        line.append(piece)
        else:
            settle()
            line.append(_piece(token, tokens))
    settle()
    return tuple(line)


def _argument(tokens: list[str]) -> Layout:
    token = tokens.pop()
    if token != "{":
        return (_piece(token, tokens),)
    inner = _line(tokens, "}")
    tokens.pop()
    return inner


def _piece(token: str, tokens: list[str]) -> object:
    name = _ALIKE.get(token, token)
    return (name, *(_argument(tokens) for _ in range(_ARGUMENTS[token]))) if token in _ARGUMENTS else name


def alike(terms: Iterable[Term], vocabulary: Vocabulary) -> list[list[Term]]:
    """Groups of different terms that a reader of LaTeX, or one of plain text, cannot tell apart."""
    groups: dict[tuple[int, object], list[Term]] = {}
    for term in terms:
        for kind, form in enumerate(seen(term, vocabulary)):
            groups.setdefault((kind, form), []).append(term)
    return [group for group in groups.values() if len(group) > 1]


def differ(first: Term, second: Term, instances: Iterable[Instance]) -> bool:
    """Whether two terms have different values somewhere, or one has a value where the other has none."""
    for instance in instances:
        one, two = _value(first, instance), _value(second, instance)
        if (one is None) != (two is None) or not (one is None or two is None or equal(one, two)):
            return True
    return False


def _value(term: Term, instance: Instance) -> Number | None:
    try:
        return instance.value(term)
    except NO_VALUE:
        return None
