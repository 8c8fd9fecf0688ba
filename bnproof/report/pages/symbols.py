"""Tables of symbols and abbreviations: a letter stands in one row, whatever it means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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
    rows = [row.cells() for row in _rows(theorem.vocabulary, names)]
    rows += _definitions(theorem, names)
    return Table((text("symbol"), text("meaning")), tuple(rows))


@dataclass
class _Row:
    """Letters that share a meaning, meanings that share a letter: each meaning with the ways in which it is written."""

    letters: set[str] = field(default_factory=set[str])
    meanings: dict[str, list[Math]] = field(default_factory=dict[str, list[Math]])

    def cells(self) -> tuple[Prose, Prose]:
        forms = dict.fromkeys(form for written in self.meanings.values() for form in written)
        if any(set(written) != set(forms) for written in self.meanings.values()):
            told = joined(((*_listed(written), Text(f": {meaning}")) for meaning, written in self.meanings.items()), "; ")
        else:
            told = text("; ".join(self.meanings))
        return _listed(forms), told


def _rows(vocabulary: Vocabulary, names: Mapping[str, Term]) -> list[_Row]:
    rows: list[_Row] = []
    for name, symbol in vocabulary.symbols.items():
        if name not in names:
            continue
        shared = (row for row in rows if symbol.latex in row.letters or symbol.meaning in row.meanings)
        row = next(shared, None)
        if row is None:
            rows.append(row := _Row())
        row.letters.add(symbol.latex)
        row.meanings.setdefault(symbol.meaning, []).append(_math(names[name], vocabulary))
    return rows


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


def _listed(forms: Iterable[Math]) -> Prose:
    return joined(((form,) for form in dict.fromkeys(forms)), ", ")
