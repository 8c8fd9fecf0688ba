"""200 seeds of every template; and templates that the stress test must reject."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from bnproof.report.document import Paragraph, text
from bnproof.teach.exercises.exercise import Answer, Exercise, Part, Picked, part
from bnproof.teach.exercises.faults import faults
from bnproof.teach.exercises.numbers import listed
from bnproof.teach.exercises.registry import TEMPLATES
from bnproof.teach.exercises.stress import stress
from bnproof.teach.exercises.template import ExerciseError, Template


@pytest.mark.parametrize("name", TEMPLATES)
def test_200_seeds(name: str) -> None:
    stressed = stress(TEMPLATES[name])
    assert stressed.seeds == 200
    assert stressed.sound, stressed.found[:5]


def exercise(answer: Answer, *wrong: Answer, options: int = 0, marks: int = 1, earns: int = 0, **facts: object) -> Exercise:
    mistakes = tuple((each, text("wrong"), earns) for each in wrong)
    choices = tuple(text(f"option {k}") for k in range(options))
    asked = part(text("What is it?"), answer, marks, Paragraph(text("so")), wrong=mistakes, options=choices)
    return Exercise((), (asked,), dict(facts))


def made(make: Callable[[random.Random], Exercise]) -> Template:
    return Template("tried", "Tried", "intro", "bias_cancels_of_batch_statistics", make)


F = Fraction


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("extreme", exercise(F(10**5))),
        ("extreme", exercise(F(1, 145))),
        ("extreme", exercise(F(401, 2))),
        ("extreme", exercise((F(1), F(-(10**5))))),
        ("ambiguous", exercise(F(3), F(3))),
        ("ambiguous", exercise(F(3), F(4), F(4))),
        ("guessable", exercise(F(0))),
        ("guessable", exercise((F(0), F(0)))),
        ("guessable", exercise(F(3), b=F(3))),
        ("guessable", exercise(F(3), z=((F(1), F(3)), (F(4), F(5))))),
        ("guessable", exercise((F(2), F(2)))),
        ("guessable", exercise((F(1), F(2)), z=(F(1), F(2)))),
        ("guessable", exercise(Picked(frozenset({0})), options=3)),
        ("guessable", exercise(Picked(frozenset()), options=4)),
        ("guessable", exercise(Picked(frozenset(range(4))), options=4)),
    ],
)
def test_faults_are_seen(kind: str, bad: Exercise) -> None:
    assert kind in {fault.kind for fault in faults(bad)}


def test_options_that_say_the_same_are_ambiguous() -> None:
    twice = Part(
        text("?"), Picked(frozenset({0})), 1, (Paragraph(text("so")),), options=(text("a"), text("a"), text("b"), text("c"))
    )
    assert [fault.kind for fault in faults(Exercise((), (twice,), {}))] == ["ambiguous"]


def test_a_good_exercise_has_no_fault() -> None:
    assert not faults(exercise(F(7, 2), F(3), b=F(5)))
    assert not faults(exercise(Picked(frozenset({1, 2})), options=4))


def wasteful(rng: random.Random) -> Exercise:
    """Twelve faults in a draw, two draws out of three."""
    one = exercise(F(rng.randint(1, 400) if rng.random() < 0.3 else 0), n=rng.random())
    return Exercise((), one.parts * 12, one.facts)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda rng: exercise(F(rng.randint(1, 3)), seed=rng.random()), "has the answer"),
        (lambda rng: exercise(F(rng.choice((2, 3, 5, 7, 11))), b=str(rng.randint(1, 3))), "different exercises"),
        (lambda rng: exercise(F(rng.randint(1, 400)), marks=0, n=rng.random()), "earns as much"),
        (lambda rng: exercise(F(rng.randint(1, 400)), F(500), marks=2, earns=2, n=rng.random()), "earns as much"),
        (lambda rng: exercise(F(rng.randint(1, 400)), options=4, n=rng.random()), "options without anything to tick"),
        (
            lambda rng: exercise(Picked(frozenset({0, rng.randint(1, 3)})), options=4, n=rng.random()),
            "option a is right for 100%",
        ),
        (wasteful, "were rejected"),
    ],
)
def test_stress_rejects(make: Callable[[random.Random], Exercise], says: str) -> None:
    found = stress(made(make)).found
    assert any(says in each for each in found), found


def test_stress_rejects_a_varying_number_of_questions() -> None:
    def varying(rng: random.Random) -> Exercise:
        one = exercise(F(rng.randint(1, 400)), n=rng.random())
        return one if rng.random() < 0.5 else Exercise((), one.parts * 2, one.facts)

    assert any("number of questions" in each for each in stress(made(varying)).found)


def test_stress_rejects_a_question_without_solution() -> None:
    def unsolved(rng: random.Random) -> Exercise:
        return Exercise((), (part(text("?"), F(rng.randint(1, 400)), 1),), {"n": rng.random()})

    assert any("without a worked solution" in each for each in stress(made(unsolved)).found)


def test_hopeless_template_is_given_up() -> None:
    with pytest.raises(ExerciseError, match="no sound exercise of `tried` in 60 draws with seed 0; the last: the answer is 0"):
        stress(made(lambda rng: exercise(F(0))))


def test_same_seed_same_exercise() -> None:
    for name in ("centred_values", "does_this_order_act"):
        assert TEMPLATES[name].draw(11) == TEMPLATES[name].draw(11)
        assert TEMPLATES[name].draw(11) != TEMPLATES[name].draw(12)


def test_listed() -> None:
    assert listed((F(-1), F(1, 2))) == "(−1, 1/2)"
