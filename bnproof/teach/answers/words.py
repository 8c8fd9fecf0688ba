"""What is said of an answer, and of an exercise, on a terminal and as JSON. What a student wrote is quoted with escapes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...errors import printable
from .exercise import Exercise
from .judge import Judged, Judgement
from .refute import Refutation
from .written import written

Wrap = Callable[[str, str], str]
"""(words, what stands before their first line) → the words on lines of the width there is."""
_PLACES = {
    "begins": "begins",
    "holds": "holds",
    "wrong": "WRONG",
    "undefined": "UNDEFINED",
    "undecided": "UNDECIDED",
    "elsewhere": "NOT THERE",
}
_BRACES = re.compile(r"\{([^}]*)\}")
_LEVELS = {1: "one idea", 2: "several steps", 3: "hard"}
_WIDTH = 80
"""Letters of a line that is not wrapped."""
_ALIGNED = 48
"""Letters of an expression up to which reasons stand below one another."""
_READ = "Only the expressions were judged. Whether each reason names what was done, a reader has to say."


def said(judgement: Judgement, wrap: Wrap) -> str:
    """The answer first, then every line with its verdict, then what is wrong with each line that fails."""
    parts = [wrap(_headline(judgement), ""), _table(judgement, wrap)]
    for before, line in zip((None, *judgement.lines), judgement.lines, strict=False):
        if line in judgement.refused:
            parts.append(wrap(_why(line, before, judgement), ""))
    if judgement.accepted:
        parts.append(wrap(_READ, ""))
    return "\n\n".join(parts)


def as_json(judgement: Judgement) -> dict[str, Any]:
    """Schema 1."""
    return {
        "schema": 1,
        "exercise": judgement.exercise.name,
        "accepted": judgement.accepted,
        "answer": _headline(judgement),
        "lines": [
            {
                "line": line.line.number,
                "expression": line.line.expression,
                "reason": line.line.reason,
                "verdict": line.verdict,
                "why": _why(line, before, judgement) if line in judgement.refused else None,
                "refuted_at": None if line.refutation is None else dict(line.refutation.values),
                "value_before": None if line.refutation is None else line.refutation.before,
                "value": None if line.refutation is None else line.refutation.after or None,
                "difference": line.difference or None,
            }
            for before, line in zip((None, *judgement.lines), judgement.lines, strict=False)
        ],
    }


def _headline(judgement: Judgement) -> str:
    name, refused = judgement.exercise.name, judgement.refused
    if judgement.accepted:
        return f"Accepted: every line of `{name}` is proved, for every size and all values at which the first line has one."
    if not refused:
        return (
            f"Refused: what `{name}` says is true, but the chain says it in one go. Put at least one line between the two ends, "
            "so that each step can be seen."
        )
    numbers = [str(line.line.number) for line in refused]
    if len(numbers) == 1:
        return f"Refused: line {numbers[0]} of `{name}` fails, the others hold."
    return f"Refused: lines {', '.join(numbers[:-1])} and {numbers[-1]} of `{name}` fail, the others hold."


def _table(judgement: Judgement, wrap: Wrap) -> str:
    rows = [
        (str(line.line.number), _PLACES[line.verdict], "= " if k else "  ", printable(line.line.expression), line.line.reason)
        for k, line in enumerate(judgement.lines)
    ]
    digits, words = (max(len(row[k]) for row in rows) for k in (0, 1))
    column = max((len(row[3]) for row in rows if len(row[3]) <= _ALIGNED), default=0)
    lines: list[str] = []
    for number, word, sign, text, reason in rows:
        mark = f"{number:>{digits}}  {word:<{words}}  {sign}"
        whole = f"{text:<{column}}  -- {printable(reason)}" if reason else text
        lines.append(mark + whole if len(mark + whole) <= _WIDTH else wrap(whole, mark))
    return "\n".join(lines)


def _why(line: Judged, before: Judged | None, judgement: Judgement) -> str:
    place, previous = f"Line {line.line.number}", f"line {before.line.number}" if before else ""
    found = line.refutation
    match line.verdict:
        case "elsewhere" if before is None:
            return f"{place}: the chain begins with `{line.wanted}`, written like this."
        case "elsewhere":
            return f"{place} follows from {previous}, but it is not yet the end: go on until `{line.wanted}` stands there."
        case "wrong" if found is not None:
            return (
                f"{place} does not follow from {previous}. Take {_numbers(found)}: {previous} is {found.before}, line "
                f"{line.line.number} is {found.after}."
                + (
                    f" In general {previous} minus line {line.line.number} is {line.difference}, not 0."
                    if line.difference
                    else ""
                )
            )
        case "undefined":
            shown = f" Take {_numbers(found)}: the first line is {found.before} there, this one has no value." if found else ""
            return f"{place} may have no value where the first line has one: nothing says {line.wanted}.{shown}"
        case _:
            return (
                f"{place} could be neither proved nor refuted from {previous}. It may be right: write the "
                "step in smaller ones, or ask your teacher."
            )


def _numbers(found: Refutation) -> str:
    return ", ".join(f"{name} = {value}" for name, value in found.values)


def listed(exercises: list[Exercise], wrap: Wrap) -> str:
    """The exercises, a line each."""
    longest = max(len(exercise.name) for exercise in exercises)
    return "\n".join(wrap(e.title, f"{e.name:<{longest}}  {e.level}  ") for e in exercises)


def task(exercise: Exercise, wrap: Wrap) -> str:
    """What is to be shown, the names that may be used, and how an answer is written."""
    vocabulary = exercise.vocabulary
    indices = [s for s in vocabulary.symbols.values() if s.sort == "index"]
    places = {s.name: f"[{', '.join('…' * s.rank)}]" * bool(s.rank) for s in vocabulary.symbols.values()}
    rows = [(s.name + places[s.name], s.meaning) for s in vocabulary.symbols.values() if s.sort != "index"]
    rows += [
        (", ".join(s.name for s in indices if s.over == over), f"1 to {over}")
        for over in dict.fromkeys(s.over for s in indices)
    ]
    for d in vocabulary.definitions.values():
        rows.append((f"{d.name}({', '.join(d.parameters)})" if d.parameters else d.name, f"{d.meaning}: {written(d.body)}"))
    longest = max(len(name) for name, _ in rows)
    return "\n\n".join(
        (
            wrap(f"{exercise.title} ({exercise.name}, level {exercise.level}: {_LEVELS[exercise.level]})", ""),
            wrap(_BRACES.sub(r"`\1`", exercise.task), ""),
            f"  from  {exercise.start}\n  to    {exercise.end}",
            *((f"  given {', '.join(exercise.given)}",) if exercise.given else ()),
            "\n".join(wrap(meaning, f"  {name:<{longest}}  ") for name, meaning in rows),
            wrap("An answer is a file like this, with = before each expression and -- before its reason. Sums are written "
                    "sum(i, z[i]), means mean(i, z[i]), roots sqrt(…), derivatives diff(…, b).", ""),
            f"  exercise: {exercise.name}\n\n    {exercise.start}\n  = …  -- …\n  = {exercise.end}  -- …",
        )
    )  # fmt: skip
