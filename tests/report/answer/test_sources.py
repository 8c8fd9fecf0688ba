"""The answers to the sources' questions rest on verdicts: change one, and the sentence is not said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bnproof.chain.examples import EXAMPLES
from bnproof.report.answer.sources import SENTENCES, source_answer
from bnproof.verdict import Answer, Verdict


def examples(name: str) -> dict[str, Answer]:
    """Answers in which everything is as the example's sentences expect."""
    found: dict[str, dict[tuple[str, str], Verdict]] = {"": {}}
    for sentence in SENTENCES[name]:
        for rests in sentence.rests:
            for bias in [rests.pattern.replace("*", str(k)) for k in range(1, 6 if "*" in rests.pattern else 2)]:
                verdict = Verdict(bias, rests.mode, rests.ruling, "so")
                assert found.setdefault(rests.variant, {}).setdefault((bias, rests.mode), verdict) == verdict
    return {variant: Answer(variant, tuple(verdicts.values())) for variant, verdicts in found.items()}


def test_every_source_has_its_sentences() -> None:
    assert set(SENTENCES) == set(EXAMPLES)
    for name, sentences in SENTENCES.items():
        variants = {rests.variant for sentence in sentences for rests in sentence.rests}
        assert variants <= {"", *EXAMPLES[name].variants}
        assert set(EXAMPLES[name].variants) <= variants


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_source_is_answered_from_verdicts(name: str) -> None:
    answers = examples(name)
    full = source_answer(name, answers)
    assert "Undecided" not in full
    assert "{" not in full
    for variant, given in answers.items():
        for place, verdict in enumerate(given.verdicts):
            for other in {"redundant", "acts", "undecided"} - {verdict.verdict}:
                changed = [*given.verdicts]
                changed[place] = replace(verdict, verdict=other)  # type: ignore[arg-type]
                said_now = source_answer(name, {**answers, variant: replace(given, verdicts=tuple(changed))})
                assert f"Undecided: {verdict.bias}" in said_now
                assert f" is {other}, where {verdict.verdict} was expected" in said_now
        missing = source_answer(name, {**answers, variant: replace(given, verdicts=())})
        assert "Undecided: there is no verdict on " in missing or "ask with --mode both" in missing


def test_a_question_about_training_needs_training() -> None:
    evaluated = Answer("c", (Verdict("conv1.bias", "frozen", "acts", "so"),))
    assert source_answer("S0", {"": evaluated}).endswith("ask with --mode both.")
