"""Every template's answers, computed a second time; what it rests on; what the issue names by number."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from bnproof.errors import ProofError
from bnproof.report.document import Block, Bullets, Derivation, Details, Heading, Ledger, Paragraph, Prose, Table, plain_text
from bnproof.teach.exercises.exercise import LEVELS, Exercise, Picked
from bnproof.teach.exercises.numbers import Numbers, written
from bnproof.teach.exercises.registry import TEMPLATES, named
from bnproof.teach.exercises.subjects.orders import ORDERS, REASONS, acts
from bnproof.teach.exercises.subjects.stored_statistics import updates
from bnproof.teach.exercises.template import ExerciseError, template
from bnproof.theorems import registry

from .oracles import ORACLES
from .orders import moves

SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def answers(exercise: Exercise) -> tuple[object, ...]:
    return tuple(part.answer.places if isinstance(part.answer, Picked) else part.answer for part in exercise.parts)


def said(block: Block) -> list[Prose]:
    match block:
        case Heading(_, prose) | Paragraph(prose):
            return [prose]
        case Bullets(items):
            return list(items)
        case Derivation(rows):
            return [piece for row in rows for piece in ((row.math,), row.reason)]
        case Table(header, rows):
            return [*header, *(cell for row in rows for cell in row)]
        case Details(_, blocks):
            return [prose for each in blocks for prose in said(each)]
        case Ledger():
            return []
        case _:
            return []


def test_every_template_has_a_second_computation() -> None:
    assert set(ORACLES) == set(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_second_computation_agrees(name: str) -> None:
    for seed in range(60):
        exercise = TEMPLATES[name].draw(seed)
        assert answers(exercise) == ORACLES[name](exercise.facts), (name, seed)


@pytest.mark.parametrize("name", TEMPLATES)
def test_answers_are_exact(name: str) -> None:
    for part in TEMPLATES[name].draw(3).parts:
        if not isinstance(part.answer, Picked):
            entries = part.answer if isinstance(part.answer, tuple) else (part.answer,)
            assert all(type(entry) is Fraction for entry in entries)


@pytest.mark.parametrize("name", TEMPLATES)
def test_answer_stands_in_the_worked_solution(name: str) -> None:
    """The number that is claimed is the one that the calculation arrives at."""
    for seed in range(5):
        for part in TEMPLATES[name].draw(seed).parts:
            shown = " ".join(plain_text(prose) for block in part.work for prose in said(block)).replace("−", "-")
            if not isinstance(part.answer, Picked):
                for entry in part.answer if isinstance(part.answer, tuple) else (part.answer,):
                    assert re.search(rf"(?<![\d/]){re.escape(str(entry))}(?![\d/])", shown), (name, entry, shown)


WRITTEN_OTHERWISE = {
    "wrong_epsilon": {"net", "fold", "V"},  # powers of ten
    "synchronised_gradients": {"onfirst"},  # in words
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_question_states_what_the_second_computation_used(name: str) -> None:
    """Whoever has only the sheet has all the numbers."""
    for seed in range(5):
        exercise = TEMPLATES[name].draw(seed)
        asked = [prose for block in exercise.given for prose in said(block)] + [part.ask for part in exercise.parts]
        shown = " ".join(map(plain_text, asked)).replace("−", "-").translate(SUBSCRIPTS)
        facts = {fact: value for fact, value in exercise.facts.items() if fact not in WRITTEN_OTHERWISE.get(name, ())}
        for number in Exercise((), (), facts).shown:
            assert re.search(rf"(?<![\d/]){re.escape(str(number))}(?![\d/])", shown), (name, number, shown)


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_it_rests_on_exists(name: str) -> None:
    assert registry.theorem(TEMPLATES[name].rests_on).name == TEMPLATES[name].rests_on


def test_enough_templates_on_every_level() -> None:
    assert len(TEMPLATES) >= 24
    counts = [sum(each.level == level for each in TEMPLATES.values()) for level in LEVELS]
    assert min(counts) >= 8, dict(zip(LEVELS, counts, strict=True))


def test_a_template_keeps_its_name_and_title_to_itself() -> None:
    assert len({each.title for each in TEMPLATES.values()}) == len(TEMPLATES)
    with pytest.raises(ValueError, match="two templates `weight_decay`"):
        template("Again", "intro", "redundant_bias_decays_of_weight_decay")(TEMPLATES["weight_decay"].make)
    with pytest.raises(ExerciseError, match="no exercise `weight_decoy`; the nearest: weight_decay"):
        named("weight_decoy")


@pytest.mark.parametrize("shown", [order[0] for order in ORDERS])
def test_engine_and_numpy_agree_on_every_order(shown: str) -> None:
    chain = next(each[1] for each in ORDERS if each[0] == shown)
    assert acts(chain) == moves(chain)


def test_every_order_names_its_theorem() -> None:
    assert {chain for _, chain, _ in ORDERS} == set(REASONS)
    for chain, name in REASONS.items():
        assert registry.theorem(name).name == name
        assert acts(chain) == bool({"moves", "survives", "keeps", "groupnorm"} & {*name.split("_")}), chain


def test_both_kinds_of_order_occur() -> None:
    verdicts = [acts(chain) for _, chain, _ in ORDERS]
    assert 5 < sum(verdicts) < len(verdicts) - 5


def test_known_numbers() -> None:
    hundredth = Fraction(1, 100)
    assert updates(Fraction(1, 10), hundredth) == 44
    assert updates(hundredth, hundredth) == 459
    assert updates(Fraction(1, 1000), hundredth) == 4603
    ones = Numbers("first_bias_survives_of_zero_padded_second_convolution", L=4, b=1, w_left=1, w_mid=1, w_right=1)
    assert ones.row(*(f"arrives({h})" for h in range(1, 5))) == (2, 3, 3, 2)
    ratio = ORACLES["invariant_ratio"]({"z": (Fraction(-1), Fraction(1), Fraction(2)), "b": Fraction(2)})
    assert ratio == (Fraction(1, 2), Fraction(2, 3))


def test_the_numbers_of_the_lesson_are_drawn_by_some_seed() -> None:
    """44 batches at momentum 1/10 and 459 at 1/100; 64 spare shifts of 65."""
    lags = {TEMPLATES["batches_until_lag"].draw(seed).parts[1].answer for seed in range(400)}
    assert {Fraction(44), Fraction(459)} <= lags
    spare = {TEMPLATES["last_parameters"].draw(seed).parts[0].answer for seed in range(100)}
    assert (Fraction(65), Fraction(64)) in spare


class TestNumbers:
    """The checker of worked solutions rejects what is wrong."""

    numbers = Numbers("mean_and_variance_of_relu", n=2, z=(Fraction(-1), Fraction(2)), b=Fraction(3), chi=(1, 1), m=2)

    def test_accepts_a_right_line(self) -> None:
        shown = self.numbers.chain("rm\n= Z/n + m*b/n -- the mean\n= 7/2 -- add")
        assert [row.relation for row in shown.rows] == ["", "=", "="]

    @pytest.mark.parametrize("line", ["= 3 -- add", "> 7/2 -- no", "!= 7/2 -- no", "= Z/n -- the bias is missing"])
    def test_rejects_a_wrong_line(self, line: str) -> None:
        with pytest.raises(ProofError, match="7/2"):
            self.numbers.chain(f"rm\n{line}")

    def test_rejects_a_line_without_value(self) -> None:
        with pytest.raises(ProofError, match="gives `eta` no value"):
            self.numbers.chain("eta\n= 1 -- a rate")

    def test_rejects_a_wrong_relation_in_words(self) -> None:
        with pytest.raises(ProofError, match="`m == 3` does not hold"):
            self.numbers.say("Of the units {m == 3} are active.")
        with pytest.raises(ProofError, match="`rm == 3` does not hold"):
            self.numbers.lines("rm == 3")

    def test_rejects_an_irrational_answer(self) -> None:
        with pytest.raises(ProofError, match="no rational number"):
            self.numbers.value("sqrt(b)")

    def test_rejects_a_chain_that_the_page_has_not(self) -> None:
        with pytest.raises(ProofError, match="has no chain `median`"):
            self.numbers.page("median")

    def test_page_is_the_theorems_own(self) -> None:
        proof = registry.theorem("mean_and_variance_of_relu").proof
        own = next(item for item in proof if getattr(item, "label", "") == "mean")
        assert len(self.numbers.page("mean").rows) == 1 + len(getattr(own, "steps"))  # noqa: B009

    @pytest.mark.parametrize(
        ("value", "text"), [(3, "3"), (-2, "(-2)"), (Fraction(1, 2), "(1/2)"), (Fraction(-1, 2), "(-(1/2))")]
    )
    def test_written_numbers_are_safe_in_terms(self, value: Fraction, text: str) -> None:
        assert written(value) == text
        assert self.numbers.value(f"2*{text} - {text}") == value
