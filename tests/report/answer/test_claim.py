"""One claim, answered: verdict and reason first, then what is said, then the evidence of each kind, in every format."""

from __future__ import annotations

import pytest

from bnproof.report.answer.claim import claim_document
from bnproof.report.document import Paragraph, plain_text
from bnproof.report.writers.latex_check import unbalanced
from bnproof.report.writers.markdown import markdown
from bnproof.report.writers.terminal import terminal
from bnproof.report.writers.tex import tex
from bnproof.theorems.claims import CLAIMS, Claim

BY_ID = {claim.id: claim for claim in CLAIMS}


def paragraphs(claim: Claim) -> list[str]:
    return [plain_text(block.prose) for block in claim_document(claim).blocks if isinstance(block, Paragraph)]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_verdict_comes_first_and_all_evidence_is_named(claim: Claim) -> None:
    first, said, *evidence = paragraphs(claim)
    word = claim.verdict[:1].upper() + claim.verdict[1:]
    assert first.startswith(f"{word} " if claim.verdict == "true if" else f"{word}. ")
    assert said.startswith(f"The claim ({claim.id}): ")
    kinds = [line.partition(": ")[0].removesuffix("s") for line in evidence]
    named = (("Decided", claim.chains), ("Measured", claim.experiments), ("Proof", claim.theorems))
    assert kinds == [kind for kind, names in named if names]
    assert all(f"`bnproof prove {name}`" in evidence[-1] for name in claim.theorems)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_format_takes_it(claim: Claim) -> None:
    document = claim_document(claim, titled=True)
    assert max(map(len, terminal(document, 80).splitlines())) <= 80
    assert not unbalanced(markdown(document))
    assert claim.id in tex(document)


def test_evidence_in_words() -> None:
    *_, decided, measured, proofs = paragraphs(BY_ID["S4.f"])
    assert decided.startswith(
        "Decided: `conv -> conv -> bn`: conv1.bias acts in training, conv2.bias is redundant in training; "
    )
    assert measured.startswith("Measured: How much of the first bias gets through")
    assert proofs.startswith("Proofs: `bnproof prove first_bias_survives")
    assert len(paragraphs(BY_ID["S3.h"])) == 2
