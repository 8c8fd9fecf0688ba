"""The ledger is whole, its words are used as they are meant, and everything it names exists."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bnproof.numeric.recorded import recorded
from bnproof.report.document import Ledger, Strong, plain_text
from bnproof.report.json import claim_json
from bnproof.report.pages.claims import claims_document, decided
from bnproof.theorems import registry
from bnproof.theorems.claims import CLAIMS, WORDS, Claim, Decided
from bnproof.theorems.claims.measured import measured
from bnproof.theorems.sources import SOURCES

LETTERS = {"S0": "abcdefg", "S1": "abcdefg", "S2": "abcdefghijklm", "S3": "abcdefgh", "S4": "abcdefghijklm"}
IDS = tuple(f"{source}.{letter}" for source, letters in LETTERS.items() for letter in letters)
EXPERIMENTS = {record["name"] for record in recorded("experiments")["experiments"]}
BARE = {"S3.h", "S4.i"}
"""Open, and nothing of ours bears on them yet."""


def test_every_claim_is_judged_once_and_in_order() -> None:
    assert tuple(claim.id for claim in CLAIMS) == IDS
    assert {claim.id.split(".")[0] for claim in CLAIMS} == set(SOURCES)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_rests_on_what_exists(claim: Claim) -> None:
    assert set(claim.theorems) <= set(registry.names())
    assert set(claim.experiments) <= EXPERIMENTS
    for named in (claim.theorems, claim.experiments, claim.chains):
        assert len({*named}) == len(named)
    assert bool(claim.theorems or claim.experiments or claim.chains) == (claim.id not in BARE)
    assert claim.verdict == "open" or claim.theorems


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_reason_goes_on_from_its_verdict(claim: Claim) -> None:
    assert claim.reason.endswith(".")
    assert not claim.reason.lower().startswith("true")
    # the reason for “true if” goes on with the condition
    assert not (claim.reason[0].isupper() if claim.verdict == "true if" else claim.reason[0].islower())
    assert claim.claim.endswith("?") == (claim.verdict == "answer")
    assert not re.search(r"(?i)\bneeded\b", claim.claim + claim.reason)


def test_every_word_is_used() -> None:
    assert {claim.verdict for claim in CLAIMS} == set(WORDS)


def test_theorems_name_claims_that_are_judged() -> None:
    for theorem in registry.theorems():
        assert {source for source in theorem.sources if re.fullmatch(r"S\d\..*", source)} <= set(IDS)


def test_the_page_shows_every_claim_with_its_verdict_and_all_its_evidence() -> None:
    ledgers = [block for block in claims_document().blocks if isinstance(block, Ledger)]
    assert len(ledgers) == len(SOURCES)
    shown = {plain_text(entry.cells[0]): entry for ledger in ledgers for entry in ledger.entries}
    for claim in CLAIMS:
        entry = shown[claim.id]
        assert entry.cells[1] == (Strong(claim.verdict),)
        labels = [label for label, _ in entry.notes]
        assert labels[0] == WORDS[claim.verdict].leads
        assert (labels[0] == "if") == (claim.verdict == "true if")
        assert labels[1:] == [
            label
            for label, named in (("proof", claim.theorems), ("measured", claim.experiments), ("decided", claim.chains))
            if named
        ]
        said = " ".join(plain_text(prose) for _, prose in entry.notes)
        assert all(registry.theorem(name).title in said for name in claim.theorems)


def test_a_link_leads_to_what_decides() -> None:
    full = next(claim for claim in CLAIMS if claim.id == "S0.f")
    bare = replace(full, theorems=())
    assert claim_json(full)["link"] == f"derivations/{full.theorems[0]}.md"
    assert claim_json(bare)["link"] == "derivations/experiments.md"
    assert claim_json(replace(bare, experiments=()))["link"] is None


def test_a_chain_is_told_once_with_all_its_verdicts() -> None:
    rows = (
        Decided("conv -> bn", "conv1.bias", train="redundant", eval="acts"),
        Decided("conv -> bn", "bn1.beta", train="acts", eval="acts"),
        Decided("bn", "bn1.beta", train="acts", irreplaceable_by=("x", "y", "z")),
        Decided("bn -> bn", "bn2.beta", eval="acts", called="twice"),
    )
    assert plain_text(decided(rows)) == (
        "`conv -> bn`: conv1.bias is redundant in training, acts in evaluation, bn1.beta acts in training and in evaluation; "
        "`bn`: bn1.beta acts in training (in training irreplaceable by x, y and z); "
        "twice: bn2.beta acts in evaluation"
    )


def test_what_was_not_measured_is_not_quoted() -> None:
    with pytest.raises(KeyError):
        measured("relu_bias_training", "other images", "with the bias")
    with pytest.raises(KeyError):
        measured("no_such_experiment", "training images", "with the bias")
