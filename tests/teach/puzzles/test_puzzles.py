"""Puzzles hold every line once, hide the order, and their right order is the chain that the prover checks."""

from __future__ import annotations

import json
import re

import pytest

from bnproof.symbolic.inferences import chain
from bnproof.teach.puzzles.puzzle import FEWEST, Puzzle, puzzles
from bnproof.teach.puzzles.stack import answer, every, files, parsons, question, read_state
from bnproof.theorems import registry
from bnproof.theorems.theorem import Theorem

ALL = tuple(every())
FIRST = puzzles(registry.theorem("bias_cancels_of_batch_statistics"))[0]


def theorem(text: str) -> Theorem:
    return Theorem("made_up", "A & B", "", (), (chain("A {b} < 2 & more.", text),), ())


def test_there_are_many_from_many_theorems() -> None:
    assert len(ALL) >= 40
    assert len({puzzle.theorem for puzzle in ALL}) >= 20
    assert len({puzzle.name for puzzle in ALL}) == len(ALL)


@pytest.mark.parametrize("puzzle", ALL, ids=lambda puzzle: puzzle.name)
def test_keys_and_texts(puzzle: Puzzle) -> None:
    assert len(puzzle.lines) >= FEWEST
    assert len({*puzzle.order}) == len({text for _, text in puzzle.lines}) == len(puzzle.lines)
    assert all(re.fullmatch(r"line_[0-9a-f]{8}", key) for key in puzzle.order)
    assert puzzle.shuffled != puzzle.lines
    assert sorted(puzzle.shuffled) == sorted(puzzle.lines)
    for text in (puzzle.task, *(text for _, text in puzzle.lines)):
        assert text.count(r"\(") == text.count(r"\)") > 0
        assert not re.search(
            r"\[\[|\]\]|\{@|\{#|[<>](?!/?(?:code|strong)>)(?<!code>)(?<!strong>)", text
        )  # nothing that STACK reads
        assert not re.search(r"&(?!amp;|lt;|gt;|nbsp;)", text)


def test_the_right_order_is_the_chain() -> None:
    assert [re.sub(r"\\\(.*?\\\)", "…", text) for _, text in FIRST.lines] == [
        "… &nbsp; definition of the mean",
        "… &nbsp; a sum of sums",
        "… &nbsp; … times the same …",
        "… &nbsp; the mean with no bias, plus …",
    ]
    title = "<strong>A bias before batch normalisation cancels if batch statistics are used</strong>"
    assert FIRST.task.startswith(rf"{title}. The mean moves by exactly \(b\). The calculation begins with \(\mu(b)\).")
    assert FIRST.task.endswith(r"(\(\mu(b)\): the batch mean when the bias is b.)")
    assert r"\(= \mu(0) + b\)" in FIRST.lines[-1][1]


def test_an_order_is_judged_at_the_first_line_that_is_not_in_its_place() -> None:
    a, b, c, d = FIRST.order
    assert FIRST.first_misplaced((a, b, c, d)) is None
    assert FIRST.first_misplaced((a, c, b, d)) == 2
    assert FIRST.first_misplaced((b, a, c, d)) == 1
    assert FIRST.first_misplaced((a, b, c)) == 4
    assert FIRST.first_misplaced((a, b, c, d, a)) == 5
    assert FIRST.first_misplaced(()) == 1
    with pytest.raises(ValueError, match="`line_x` is no line of the puzzle"):
        FIRST.first_misplaced((a, "line_x"))


def test_the_block_and_its_solved_state() -> None:
    block = json.loads(parsons(FIRST))
    assert set(block) == {"steps", "headers", "available_header"}
    assert block["steps"] == dict(FIRST.lines)
    assert list(block["steps"]) != list(FIRST.order)
    assert FIRST.first_misplaced(read_state(answer(FIRST))) is None
    mixed = json.dumps({"used": [[list(block["steps"])]], "available": []})
    assert FIRST.first_misplaced(read_state(mixed)) is not None


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"used": []}', '{"used": [["a", "b"], []]}', '{"used": [[[1]]]}', '{"used": 3}']
)
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no state|keys are texts"):
        read_state(text)


def maxima_strings(text: str) -> list[str]:
    """The texts of a Maxima source, as Maxima reads them: a backslash takes the next letter as it is."""
    return [re.sub(r"\\(.)", r"\1", found) for found in re.findall(r'"((?:[^"\\]|\\.)*)"', text)]


@pytest.mark.parametrize("puzzle", ALL, ids=lambda puzzle: puzzle.name)
def test_the_fields_of_a_question_hold_the_same_lines_and_order(puzzle: Puzzle) -> None:
    variables = question(puzzle).split("Question variables:\n")[1].split("\n\nQuestion text")[0]
    include, *rest = maxima_strings(variables)
    assert include == "contribl://prooflib.mac"
    count = len(puzzle.lines)
    assert dict(zip(rest[: 2 * count : 2], rest[1 : 2 * count : 2], strict=True)) == dict(puzzle.lines)
    assert tuple(rest[2 * count :]) == puzzle.order
    assert '[[parsons input="ans1"]]\n{# parsons_encode(proof_steps) #}\n[[/parsons]]' in question(puzzle)


def test_files_are_parsed_back_and_the_same_every_time() -> None:
    found = files()
    assert len(found) == 2 * len(ALL)
    assert found == files()
    assert all(re.fullmatch(r"[a-z0-9_]+-\d+\.(json|stack\.txt)", name) for name in found)
    for puzzle in ALL:
        data = json.loads(found[f"{puzzle.name}.json"])
        assert puzzle.first_misplaced(data["order"]) is None
        assert data["parsons"]["steps"] == dict(puzzle.lines)


def test_what_makes_no_puzzle() -> None:
    assert not puzzles(theorem("b\n= b + 0 -- one\n= 0 + b -- two"))
    assert puzzles(theorem("b\n= b + 0 -- one\n= 0 + b -- two\n= 1*b -- three"))
    assert not puzzles(theorem("b\n= b + 0 -- one\n= 0 + b -- two\n= b + 0 -- three"))
    assert not puzzles(theorem("b\n= b + 0 -- one\n= 0 + b -- two\n= b -- back"))


def test_everything_is_escaped() -> None:
    (made,) = puzzles(theorem("b\n= b + 0 -- <script> & `a < b`\n= 0 + b -- a **bold** word, {b < n}\n= 1*b -- three"))
    assert made.task.startswith(r"<strong>A &amp; B</strong>. A \(b\) &lt; 2 &amp; more.")
    texts = [text.split("&nbsp; ")[1] for _, text in made.lines]
    assert texts == ["&lt;script&gt; &amp; <code>a &lt; b</code>", r"a <strong>bold</strong> word, \(b &lt; n\)", "three"]
