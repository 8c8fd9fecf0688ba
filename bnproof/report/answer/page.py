"""An answer as a document: what to do first, then a line a parameter, then the rest; evidence on request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...modes import modes_of
from ...verdict import Answer, Verdict
from ..document import Block, Cite, Code, Document, Entry, Heading, Inline, Ledger, Paragraph, Prose, Ruled, Strong, Text, text
from .advice import advice
from .explain import example_of, explained
from .words import flat, grouped, listed, remarks, together


def answer_document(answer: Answer, command: str = "", explain: bool = False, titled: bool = False) -> Document:
    """The page of one answer; `command` is what to type again for more, `titled` gives the page a title of its own."""
    title = (Heading(1, text(flat(answer.target))),) if titled else ()
    return Document("answer", (*title, *answer_blocks(answer, command, explain)), "bnproof prove", "the question")


def answer_blocks(answer: Answer, command: str = "", explain: bool = False) -> Iterator[Block]:
    """Everything but the title."""
    found = advice(answer)
    first, *others = found.lead
    yield Paragraph((*map(_strong, _merged(first)), *(piece for more in others for piece in (Text(" "), *more))))
    if answer.read_as:
        yield Paragraph((Text("Read as: "), Code(flat(answer.read_as)), *(Text(flat(f"; {note}")) for note in answer.notes)))
    if answer.verdicts:
        yield ledger(answer, explain)
    yield from (Paragraph(text(flat(line))) for line in together(answer))
    yield from (Paragraph(prose) for prose in (found.trained, found.other) if prose)
    if explain:
        yield from explained(answer)
    elif command and answer.verdicts:
        yield Paragraph((Text("Derivation and witnesses: "), Code(f"{command} --explain")))


def _merged(prose: Prose) -> Prose:
    """The same with neighbouring pieces of plain text as one."""
    found: list[Inline] = []
    for piece in prose:
        last = found[-1] if found else None
        if isinstance(piece, Text) and isinstance(last, Text):
            found[-1] = Text(last.text + piece.text)
        else:
            found.append(piece)
    return tuple(found)


def _strong(piece: Inline) -> Inline:
    return Strong(piece.text) if isinstance(piece, Text) and piece.text != "." else piece


def ledger(answer: Answer, explain: bool = False) -> Ledger:
    """A line a parameter and mode; modes that say the same share one, and a parameter like an earlier one points at it."""
    entries: list[Entry] = []
    told: list[list[Verdict]] = []
    for name, verdicts in grouped(answer):
        shown = text(flat(name))
        one = len(verdicts) > 1 and all(_same(verdicts[0], other) for other in verdicts)
        every = "both" if {v.mode for v in verdicts} == set(modes_of("both")) else "all"
        alike = next((before for before in told if _alike(before, verdicts)), None)
        if alike is None:
            told.append(verdicts)
        elif one or len(verdicts) > 1 or len(verdicts[0].reason) > len(f"as {alike[0].bias}"):
            ruling: Prose = (Ruled(verdicts[0].verdict),) if one or len(verdicts) == 1 else ()
            mode = text(every if len(verdicts) > 1 else verdicts[0].mode)
            notes = tuple(_notes(verdicts[0], explain)) if one or len(verdicts) == 1 else ()
            entries.append(Entry((shown, mode, ruling), text(flat(f"as {alike[0].bias}")), notes))
            continue
        for place, (mode, verdict) in enumerate([(every, verdicts[0])] if one else [(v.mode, v) for v in verdicts]):
            cells = (shown if place == 0 else (), text(mode), (Ruled(verdict.verdict),))
            entries.append(Entry(cells, _words(verdict), tuple(_notes(verdict, explain))))
    return Ledger(("parameter", "mode", "verdict", "because"), tuple(entries))


def _alike(some: Sequence[Verdict], others: Sequence[Verdict]) -> bool:
    """Whether two parameters have the same verdicts in the same modes."""
    return [v.mode for v in some] == [v.mode for v in others] and all(map(_same, some, others))


def _same(one: Verdict, other: Verdict) -> bool:
    """Whether two verdicts say the same of two parameters or modes, but for names."""
    alike = (one.verdict, one.reason, one.theorem, one.irreplaceable, bool(one.absorbed_by)) == (
        other.verdict,
        other.reason,
        other.theorem,
        other.irreplaceable,
        bool(other.absorbed_by),
    )
    return alike and list(remarks(one)) == list(remarks(other))


def _words(verdict: Verdict) -> Prose:
    cited = verdict.irreplaceable.theorem if verdict.irreplaceable else verdict.theorem
    said = verdict.reason or "–"
    if verdict.absorbed_by:
        said = f"absorbed by {listed(verdict.absorbed_by)}: {said}"
    return (Text(flat(said)), *((Text(" "), Cite(cited)) if cited else ()))


def _notes(verdict: Verdict, explain: bool) -> Iterator[tuple[str, Prose]]:
    for label, words in remarks(verdict):
        yield label, text(flat(words))
    if verdict.irreplaceable is not None and not explain:
        shown = verdict.irreplaceable.example or verdict.irreplaceable.theorem
        yield from (("example", (*claim, Text(" "), *numbers)) for claim, numbers in list(example_of(shown))[:1])
