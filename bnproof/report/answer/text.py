"""An answer as text for a terminal: one line a parameter and mode, the evidence under it, and last what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ...verdict import Answer, Verdict
from ..document import Derivation, Document, Math, Row, text
from ..writers.terminal import columns, terminal, wrapped
from .advice import Advice, advice
from .words import (
    because,
    conclusion,
    evidence,
    grouped,
    heading,
    laws_used,
    legend,
    sizes,
    statistics,
    together,
    where_it_stays,
)

Paint = Callable[[str, str], str]
"""(words, what they are) → the words, coloured or not; what they are: a ruling, or `strong`."""
_NAMES = 24
"""A name longer than this gets a line of its own."""
_LABEL = 13
_COLOURS = {"redundant": "33", "acts": "32", "undecided": "35", "strong": "1"}


def plain(words: str, _: str) -> str:
    """No colour."""
    return words


def colour(words: str, kind: str) -> str:
    """ANSI colours: yellow for redundant, green for needed, magenta for undecided."""
    return f"\x1b[{_COLOURS[kind]}m{words}\x1b[0m"


def answer_text(answer: Answer, command: str, width: int = 80, explain: bool = False, paint: Paint = plain) -> str:
    """The whole answer. `command` is what the user typed, so that the text can say where the derivation is."""
    return joined([*sections(answer, width, explain, paint), closing(answer, command, width, explain, paint)])


def joined(parts: list[str]) -> str:
    """The parts that say something, a blank line between them."""
    return "\n\n".join(part for part in parts if part) + "\n"


def sections(answer: Answer, width: int, explain: bool, paint: Paint) -> Iterator[str]:
    """Everything but what to do."""
    yield table(answer, width, paint)
    yield "\n".join(wrapped(line, width, indent="  ") for line in (*statistics(answer), *together(answer), *sizes(answer)))
    if explain:
        yield from derivations(answer, width, paint)
        if answer.assumptions:
            yield "\n".join([paint("Assumed", "strong"), *(wrapped(line, width, "  • ") for line in answer.assumptions)])


def table(answer: Answer, width: int, paint: Paint = plain) -> str:
    """One line a parameter and mode: verdict, reason, [theorem]; the evidence below. What is as in the mode before is not repeated."""
    longest = max((columns(verdict.bias) for verdict in answer.verdicts), default=0)
    room = longest + 2 if longest <= _NAMES else 3
    modes = max((len(verdict.mode) for verdict in answer.verdicts), default=0) + 2
    lines: list[str] = []
    for name, verdicts in grouped(answer):
        shown = name
        if longest > _NAMES:
            lines.append(name)
            shown = ""
        before: Verdict | None = None
        for verdict in verdicts:
            head = shown + " " * (room - columns(shown)) + verdict.mode.ljust(modes)
            lines += _row(head, _unless_said(verdict, before), width, paint)
            lines += [
                wrapped(words, width, f"   {label:<{_LABEL - 3}}", " " * _LABEL)
                for label, words in evidence(verdict)
                if before is None or (label, words) not in evidence(before)
            ]
            before, shown = verdict, ""
    return "\n".join(lines)


def _unless_said(verdict: Verdict, before: Verdict | None) -> Verdict:
    """The verdict, its reason shortened where the mode before has the same."""
    if before and (verdict.verdict, verdict.reason, verdict.theorem) == (before.verdict, before.reason, before.theorem):
        return replace(verdict, reason=f"as in {before.mode}", theorem=None)
    return verdict


def _row(head: str, verdict: Verdict, width: int, paint: Paint) -> list[str]:
    hang = len(head) + 12
    lines = wrapped(verdict.reason or "–", width, head + f"{verdict.verdict:<12}", " " * hang).splitlines()
    if verdict.theorem:
        cited = f"[{verdict.theorem}]"
        if columns(lines[-1]) + 3 + len(cited) <= width:
            lines[-1] += "   " + cited
        else:
            lines.append(" " * max(0, min(hang, width - len(cited))) + cited)
    lines[0] = head + paint(verdict.verdict, verdict.verdict) + lines[0][len(head) + len(verdict.verdict) :]
    return lines


def derivations(answer: Answer, width: int, paint: Paint = plain) -> Iterator[str]:
    """For each redundant verdict its derivation, for the others where they reach the output; then what the laws say."""
    kept = [v for v in answer.verdicts if v.proof is not None]
    for verdict in kept:
        assert verdict.proof is not None
        rows = tuple(Row("", Math("", step.expression), text(because(step))) for step in verdict.proof.steps)
        shown = terminal(Document("", (Derivation(rows),)), width).rstrip("\n")
        words = (legend(verdict.proof), conclusion(verdict))
        before, after = (wrapped(said, width, "  ") for said in words)
        yield "\n".join(filter(None, (paint(heading(verdict), "strong"), before, shown, after)))
    stays = where_it_stays(answer)
    if stays:
        said = (wrapped(f"{whose} {words}", width, "  • ") for whose, words in stays)
        yield "\n".join([paint("Where the others stay", "strong"), *said])
    laws = laws_used(v.proof for v in kept if v.proof is not None)
    if laws:
        yield "\n".join(
            [paint("The laws", "strong"), *(wrapped(f"{name}: {said}", width, "  ", "      ") for name, said in laws)]
        )


def closing(answer: Answer, command: str, width: int, explain: bool, paint: Paint = plain) -> str:
    """What a trained network needs, where the derivation is, and as the last line what to do."""
    return told(advice(answer), pointer(answer, command, width, explain), width, paint)


def told(found: Advice, where: str, width: int, paint: Paint = plain) -> str:
    """The advice with the pointer before it, or after it where both fit on one line."""
    action = wrapped(f"Do this: {found.action}", width, indent="  ")
    together = f"{action}  {where}"
    lines = [wrapped(found.note, width, indent="  ")] if found.note else []
    if where and "\n" not in together and len(together) <= width:
        lines.append(together)
    else:
        lines += [*([where] if where else []), action]
    return "\n".join(lines).replace("Do this:", paint("Do this:", "strong"))


def pointer(answer: Answer, command: str, width: int, explain: bool) -> str:
    """Where to see the derivation: the same command explained, or the theorem."""
    theorem = next((v.theorem for v in answer.verdicts if v.theorem), None)
    if explain or not any(v.verdict == "redundant" for v in answer.verdicts):
        return f"Theorem: bnproof prove {theorem}" if theorem else ""
    whole = f"Derivation: {command} --explain"
    return whole if len(whole) <= width else "Derivation: the same command with --explain"
