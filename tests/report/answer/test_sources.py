"""The answers to the sources' questions rest on verdicts: change one, and the sentence is not said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bnproof.chain.examples import EXAMPLES
from bnproof.modes import Mode
from bnproof.report.answer.sources import SENTENCES, source_answer
from bnproof.report.document import plain_text
from bnproof.verdict import Answer, Irreplaceable, Part, Verdict

KEPT = Irreplaceable(("bn1.gamma",), "bn1", "some_theorem_of_kept")


def examples(name: str) -> dict[str, Answer]:
    """Answers in which everything is as the example's sentences expect."""
    found: dict[str, dict[tuple[str, Mode], Verdict]] = {"": {}}
    for sentence in SENTENCES[name]:
        for rests in sentence.rests:
            for bias in [rests.pattern.replace("*", str(k)) for k in range(1, 6 if "*" in rests.pattern else 2)]:
                verdict = Verdict(bias, rests.mode, rests.ruling, "so", irreplaceable=KEPT if rests.ruling == "acts" else None)
                assert found.setdefault(rests.variant, {}).setdefault((bias, rests.mode), verdict) == verdict
    answers: dict[str, Answer] = {}
    for variant, verdicts in found.items():
        parts = tuple(
            Part(layer, "conv", "Conv2d(3, 8, 3)", "pytorch")
            for layer in dict.fromkeys(bias.rsplit(".", 1)[0] for bias, _ in verdicts)
        )
        answers[variant] = Answer(variant, tuple(verdicts.values()), layers=parts)
    return answers


def told(name: str, answers: dict[str, Answer]) -> str:
    return " ".join(map(plain_text, source_answer(name, answers)))


def test_every_source_has_its_sentences() -> None:
    assert set(SENTENCES) == set(EXAMPLES)
    for name, sentences in SENTENCES.items():
        variants = {rests.variant for sentence in sentences for rests in sentence.rests}
        assert variants <= {"", *EXAMPLES[name].variants}
        assert set(EXAMPLES[name].variants) <= variants


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_source_is_answered_from_verdicts(name: str) -> None:
    answers = examples(name)
    full = told(name, answers)
    assert "Undecided" not in full
    assert "{" not in full
    for variant, given in answers.items():
        for place, verdict in enumerate(given.verdicts):
            for other in {"redundant", "acts", "undecided"} - {verdict.verdict}:
                changed = [*given.verdicts]
                changed[place] = replace(verdict, verdict=other)  # type: ignore[arg-type]
                now = told(name, {**answers, variant: replace(given, verdicts=tuple(changed))})
                assert f"Undecided: {verdict.bias}" in now
                assert f" is {other}, where {verdict.verdict} was expected" in now
        missing = told(name, {**answers, variant: replace(given, verdicts=())})
        assert "Undecided: there is no verdict on " in missing or "ask with --mode both" in missing


@pytest.mark.parametrize("name", ["S0", "S3"])
def test_what_only_acts_is_not_called_irreplaceable(name: str) -> None:
    answers = examples(name)
    assert "without it" in told(name, answers)
    acting = {
        variant: replace(a, verdicts=tuple(replace(v, irreplaceable=None) for v in a.verdicts))
        for variant, a in answers.items()
    }
    now = told(name, acting)
    assert "without it" not in now
    assert "no theorem was found to say that" in now


def test_theorems_and_experiments_that_are_cited_exist() -> None:
    from bnproof.theorems import registry

    for sentences in SENTENCES.values():
        for sentence in sentences:
            assert set(sentence.cites) <= set(registry.names())
    measured = told("S3", examples("S3"))
    assert "training images: with the bias " in measured
    assert "held-out images: with the bias " in measured


def test_a_question_about_training_needs_training() -> None:
    evaluated = Answer("c", (Verdict("conv1.bias", "frozen", "acts", "so"),))
    assert told("S0", {"": evaluated}).endswith("ask with --mode both.")
