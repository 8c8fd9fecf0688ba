"""What a proof leaves behind: its terms, each formula parsed once, for printers and certificates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bnproof.report.pages import theorem as pages
from bnproof.symbolic import checker, notation
from bnproof.symbolic.inferences import Cases, Chain, Induction, Item, Maximum, Sign, Undefined, Use, Witness
from bnproof.symbolic.notation import parse
from bnproof.theorems import registry
from bnproof.theorems.prove import Prover


def formulas(items: tuple[Item, ...]) -> Iterator[str]:
    """Every formula that a page shows as a line of the proof."""
    for item in items:
        match item:
            case Chain():
                yield from (item.start, *(expression for expression, _ in item.steps))
            case Sign():
                yield from (item.term, *(expression for expression, _ in item.steps))
            case Use():
                yield from (item.start, item.end)
            case Witness():
                yield from (side for left, _, right in item.relations for side in (left, right))
            case Undefined():
                yield item.term
            case Maximum():
                yield from (item.maximum, item.value, item.known, item.gap, item.multiple, item.factor)
            case Induction():
                for state in item.states:
                    yield from (state.start, state.update, state.closed, *(e for e, _ in (*state.base, *state.step)))
            case Cases():
                for case in item.cases:
                    yield from formulas(case.items)
            case _:
                pass


@pytest.mark.parametrize("name", registry.names())
def test_every_formula_of_the_proof_is_kept_as_it_was_read(name: str, prover: Prover) -> None:
    proved = prover.prove(registry.theorem(name))
    without = tuple(h.without for h in proved.theorem.hypotheses if h.without is not None)
    found = list(formulas((*proved.theorem.proof, *without)))
    assert len(found) > proved.steps
    for text in found:
        assert proved.terms[text] == parse(text, proved.theorem.vocabulary)


def test_a_formula_is_parsed_once_and_never_to_print_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(text: str, vocabulary: notation.Vocabulary) -> notation.Term:
        read.append(text)
        return parse(text, vocabulary)

    theorem = registry.theorem("bias_cancels_of_batch_statistics")
    assert list(theorem.definitions)  # read before counting begins
    monkeypatch.setattr(checker, "parse", counted)
    monkeypatch.setattr(notation, "parse", counted)
    proved = Prover().prove(theorem)
    assert len(read) == len(set(read)) == len(proved.terms)
    assert pages.page(proved).blocks
    assert len(read) == len(proved.terms) > proved.steps


def test_the_terms_of_a_proof_cannot_be_changed(prover: Prover) -> None:
    proved = prover.prove(registry.theorem("rmsnorm_keeps_bias"))
    with pytest.raises(TypeError):
        proved.terms["b"] = parse("b", proved.theorem.vocabulary)  # type: ignore[index]
