"""Tables of symbols and abbreviations: one row for each meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...symbolic.latex import latex
from ...symbolic.plain import plain
from ...symbolic.symbols import Vocabulary
from ...symbolic.term import Apply, Name, Term
from ...theorems.theorem import Theorem
from ..document import Math, Prose, Table, Text, joined, text
from ..prose import legible, prose


def symbol_table(theorem: Theorem, names: Mapping[str, Term]) -> Table:
    """The rows for these names, symbols in the glossary's order before definitions in the theorem's.

    names: each with a sample of how it is written, as `used` finds them.
    """
    rows = [*_symbols(theorem.vocabulary, names), *_definitions(theorem, names)]
    return Table((text("symbol"), text("meaning")), tuple(rows))


def _symbols(vocabulary: Vocabulary, names: Mapping[str, Term]) -> Iterator[tuple[Prose, Prose]]:
    """One row for each meaning, with all the letters that have it: i, j and k are samples of the batch."""
    written: dict[str, list[Prose]] = {}
    for name, symbol in vocabulary.symbols.items():
        if name in names:
            written.setdefault(symbol.meaning, []).append((_math(names[name], vocabulary),))
    for meaning, forms in written.items():
        yield joined(forms, ", "), text(meaning)


def _definitions(theorem: Theorem, names: Mapping[str, Term]) -> Iterator[tuple[Prose, Prose]]:
    vocabulary = theorem.vocabulary
    for name, definition in theorem.definitions.items():
        if name in names:
            head = _math(Apply(name, tuple(Name(p) for p in definition.parameters)), vocabulary)
            body = _math(definition.body, vocabulary)
            equation = Math(f"{head.latex} = {body.latex}", f"{head.plain} = {body.plain}")
            yield (head,), (*prose(definition.meaning, vocabulary), Text(": "), legible(equation))


def _math(term: Term, vocabulary: Vocabulary) -> Math:
    return Math(latex(term, vocabulary), plain(term, vocabulary))
