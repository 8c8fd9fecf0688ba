r"""Ordering puzzles for the question type STACK of Moodle, as its documentation of the ``[[parsons]]`` block describes them.

- `parsons`: what stands inside the block, JSON with the lines by key under ``steps``;
- `answer`: the state of the block when all lines stand in their places;
- `read_state`: the keys that a student has put into the answer list;
- `question`: the fields of a question, to be pasted: variables, text, model answer.

The names are those of STACK from version 2024072500 on (``parsons_encode``, ``parsons_decode``, the input type *Parsons*). That a
question runs in Moodle is not checked here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from ...theorems import registry
from .puzzle import Puzzle, puzzles

HEADERS = ("The proof",)
AVAILABLE = ("Lines to drag from",)


def parsons(puzzle: Puzzle) -> str:
    """The JSON of a Parsons block; the order of its keys is not the order of the proof."""
    return _json({"steps": dict(puzzle.shuffled), "headers": list(HEADERS), "available_header": list(AVAILABLE)})


def answer(puzzle: Puzzle) -> str:
    """The state of a block that is solved, as JSON: ``used`` by column and row, then ``available``."""
    return _json({"used": [[list(puzzle.order)]], "available": []})


def read_state(text: str) -> tuple[str, ...]:
    """The keys in the answer list of a block's state. Raises ValueError for what is no such state."""
    try:
        ((used,),) = json.loads(text)["used"]
        keys = tuple(used)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"this is no state of one list of lines: {text[:80]}") from error
    if not all(isinstance(key, str) for key in keys):
        raise ValueError(f"keys are texts: {text[:80]}")
    return keys


def question(puzzle: Puzzle) -> str:
    """The fields of a STACK question as text, each under its name."""
    steps = ",\n".join(f"  [{_maxima(key)}, {_maxima(text)}]" for key, text in puzzle.shuffled)
    keys = ", ".join(_maxima(key) for key in puzzle.order)
    return f"""Question name: {puzzle.name}

Question variables:
stack_include("contribl://prooflib.mac");
proof_steps: [
{steps}
];
proof_steps: random_permutation(proof_steps);
ta: proof({keys});

Question text (HTML):
<p>{puzzle.task}</p>
[[parsons input="ans1"]]
{{# parsons_encode(proof_steps) #}}
[[/parsons]]
<p>[[input:ans1]] [[validation:ans1]]</p>

Question note:
{{@map(first, proof_steps)@}}

Input ans1: type Parsons, model answer [ta, proof_steps], student must verify: no, show the validation: no

Potential response tree, feedback variables:
sa: parsons_decode(ans1);
first node: answer test AlgEquiv, SAns sa, TAns ta
"""


def files() -> dict[str, str]:
    """Every puzzle of every theorem, by path: ``NAME.json`` with lines and right order, ``NAME.stack.txt`` with the fields."""
    found: dict[str, str] = {}
    for puzzle in every():
        found[f"{puzzle.name}.json"] = _json(
            {
                "schema": 1,
                "name": puzzle.name,
                "theorem": puzzle.theorem,
                "title": puzzle.title,
                "task": puzzle.task,
                "parsons": json.loads(parsons(puzzle)),
                "order": list(puzzle.order),
            }
        )
        found[f"{puzzle.name}.stack.txt"] = question(puzzle)
    return found


def every() -> Iterable[Puzzle]:
    """The puzzles of all theorems, in reading order."""
    for theorem in registry.theorems():
        yield from puzzles(theorem)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _maxima(text: str) -> str:
    r"""A text in Maxima: quotes and backslashes escaped, as ``\\(n\\)``."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
