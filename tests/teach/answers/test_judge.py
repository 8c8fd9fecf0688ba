"""Right answers are accepted whichever way they go, wrong ones refused at the line that fails, with numbers that do refute it."""

from __future__ import annotations

from fractions import Fraction
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bnproof.errors import UnknownNameError
from bnproof.symbolic.checker import Checker
from bnproof.teach.answers import judge as judging
from bnproof.teach.answers.exercises import EXERCISES
from bnproof.teach.answers.judge import judge
from bnproof.teach.answers.reading import Answer, Line
from bnproof.teach.answers.refute import refuting


def beside(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RIGHT: dict[str, tuple[str, tuple[str, ...]]] = beside("right").RIGHT
WRONG: dict[str, Any] = beside("wrong").WRONG


def answer(exercise: str, *lines: str) -> Answer:
    return Answer(exercise, tuple(Line(k, text, "a reason") for k, text in enumerate(lines, 1)))


def numbers(values: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in values:
        plain = text.replace("−", "-")
        found[name] = [Fraction(part) for part in plain[1:-1].split(", ")] if plain.startswith("(") else Fraction(plain)
    return found


@pytest.mark.parametrize("name", RIGHT)
def test_every_right_way_is_accepted(name: str) -> None:
    exercise, lines = RIGHT[name]
    found = judge(answer(exercise, *lines))
    assert found.accepted, [(line.line.number, line.verdict, line.wanted) for line in found.refused]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_refused_at_the_line_that_fails(name: str) -> None:
    wrong = WRONG[name]
    found = judge(answer(wrong.exercise, *wrong.lines))
    assert not found.accepted
    assert found.bare == (not wrong.fails)
    assert tuple(line.line.number for line in found.refused) == wrong.fails
    for line in found.refused[:1]:
        assert line.verdict == wrong.verdict
        assert line.verdict == "elsewhere" or line.refutation is not None
    if wrong.before is not None:
        refutation = found.refused[0].refutation
        assert refutation is not None
        values = numbers(refutation.values)
        assert len(values["z"]) == values["n"]
        before, after = wrong.before(values), wrong.after(values)
        assert before != after
        assert (str(before), str(after)) == (refutation.before.replace("−", "-"), refutation.after.replace("−", "-"))


def test_there_are_enough_of_them() -> None:
    assert len(RIGHT) >= 10
    assert len(WRONG) >= 10
    assert {exercise for exercise, _ in RIGHT.values()} >= {"mean-moves", "variance-stays", "bias-gradient", "relu-mean"}


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_is_a_chain_of_a_theorem_and_its_chain_is_an_answer(name: str) -> None:
    exercise = EXERCISES[name]
    assert exercise.name == name
    found = judge(answer(name, exercise.start, *(text for text, _ in exercise.chain.steps)))
    assert found.accepted


def test_there_are_exercises_on_three_levels() -> None:
    assert len(EXERCISES) >= 6
    assert {exercise.level for exercise in EXERCISES.values()} == {1, 2, 3}


def test_an_undefined_line_names_what_is_not_known_and_numbers_where_it_has_no_value() -> None:
    found = judge(answer("variance-stays", "v_at(b)", "b*v_at(b)/b", "v_at(0)")).refused[0]
    assert found.wanted == "b ≠ 0"
    assert found.refutation is not None
    assert numbers(found.refutation.values)["b"] == 0
    assert found.refutation.after == ""


def test_a_line_behind_a_wrong_one_may_follow_from_the_last_right_one() -> None:
    found = judge(answer("mean-moves", "mu_at(b)", "mu_at(0) + n*b", "mean(i, z[i]) + n*b", "mu_at(0) + b"))
    assert [line.verdict for line in found.lines] == ["begins", "wrong", "holds", "holds"]
    assert not found.accepted


def test_no_numbers_are_shown_against_what_is_true() -> None:
    exercise = EXERCISES["variance-stays"]
    checker = Checker(exercise.source.vocabulary, exercise.source.minimum)
    assert refuting(checker.parse("v_at(b)"), checker.parse("v_at(0)"), checker) is None
    assert refuting(checker.parse("v_at(b)"), checker.parse("v_at(0) + b"), checker) is not None


def test_a_difference_at_large_sizes_only_is_found() -> None:
    """Both sides agree for n up to 3."""
    found = judge(answer("mean-moves", "mu_at(b)", "mu_at(0) + b + (n - 1)*(n - 2)*(n - 3)*b**2", "mu_at(0) + b"))
    refutation = found.refused[0].refutation
    assert refutation is not None
    assert numbers(refutation.values)["n"] > 3


def test_what_is_neither_proved_nor_refuted_is_refused_as_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(*_: object) -> None:
        raise ValueError("no normal form")

    monkeypatch.setattr(Checker, "symbolic", undecided)
    found = judge(answer("mean-moves", "mu_at(b)", "mean(i, z[i]) + b", "mu_at(0) + b"))
    assert [line.verdict for line in found.lines] == ["begins", "undecided", "undecided"]
    assert not found.accepted


def test_the_second_check_alone_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A symbolic check that accepts anything does not get a wrong line accepted."""
    monkeypatch.setattr(Checker, "symbolic", lambda *_: None)
    found = judge(answer("mean-moves", "mu_at(b)", "mu_at(0) + n*b", "mu_at(0) + b"))
    assert [line.verdict for line in found.lines] == ["begins", "wrong", "holds"]


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(judging, "SECONDS", 0.05)
    monkeypatch.setattr(Checker, "symbolic", endless)
    found = judge(answer("mean-moves", "mu_at(b)", "mean(i, z[i]) + b", "mu_at(0) + b"))
    assert [line.verdict for line in found.refused] == ["undecided", "undecided"]


def test_a_line_behind_one_that_took_too_long_is_judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    symbolic = Checker.symbolic
    calls: list[object] = []

    def slow_at_first(checker: Checker, left: Any, right: Any) -> None:
        calls.append(left)
        while len(calls) == 1:
            pass
        symbolic(checker, left, right)

    monkeypatch.setattr(judging, "SECONDS", 0.2)
    monkeypatch.setattr(Checker, "symbolic", slow_at_first)
    found = judge(answer("mean-moves", "mu_at(b)", "mean(i, z[i]) + b", "mu_at(0) + b"))
    assert [line.verdict for line in found.lines] == ["begins", "undecided", "holds"]


def test_a_short_difference_is_shown() -> None:
    found = judge(answer("mean-moves", "mu_at(b)", "mu_at(0) + n*b", "mu_at(0) + b")).refused[0]
    assert found.difference == "-b*n + b"
    found = judge(answer("mean-moves", "mu_at(b)", "mean(i, z[i]**2)", "mu_at(0) + b")).refused[0]
    assert found.difference == ""


def test_an_unknown_exercise_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"no exercise `mean-move` \(nearest: `mean-moves`"):
        judge(answer("mean-move", "mu_at(b)", "mu_at(0) + b"))
