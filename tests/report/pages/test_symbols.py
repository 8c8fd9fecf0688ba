"""Symbol tables: what the statement uses stands before the proof, the rest is folded, no letter has two rows."""

from __future__ import annotations

import pytest

from bnproof.report.document import Details, Heading, Math, Table, Text
from bnproof.report.pages.symbols import symbol_table
from bnproof.report.pages.theorem import page
from bnproof.report.pages.used import used, used_names
from bnproof.symbolic.inferences import Chain, Use, Witness
from bnproof.symbolic.term import Name
from bnproof.theorems import registry
from bnproof.theorems.definitions import MU, definitions
from bnproof.theorems.prove import Prover
from bnproof.theorems.theorem import Hypothesis, Theorem

MADE = Theorem(
    name="made_up_of_nothing",
    title="Made up",
    statement="Here {b} meets {mu}.",
    hypotheses=(Hypothesis("{gamma != 0}.", Witness("", {"beta": 1}, (("beta", "==", "1"),))),),
    proof=(
        Chain("With {eps}.", "b + a - a", (("b", "{tau} aside"),)),
        Use("", "bias_cancels_of_batch_statistics", "mean", "b", "b", {"M": "V"}),
    ),
    sources=(),
    definitions=definitions(MU),
    remark="And {lam}.",
)


def test_names_by_where_a_reader_needs_them() -> None:
    found = used(MADE)
    assert set(found.stated) == {"b", "mu", "z", "i", "n", "gamma"}  # what a definition in the statement is made of, included
    assert set(found.proved) == {"eps", "a", "tau", "V"}
    assert set(found.aside) == {"beta", "lam", "M"}  # an example's, the remark's, a cited theorem's letter


@pytest.mark.parametrize("name", registry.names())
def test_each_name_stands_in_one_table(name: str) -> None:
    theorem = registry.theorem(name)
    found = used(theorem)
    together = {**found.stated, **found.proved, **found.aside}
    assert together == used_names(theorem)
    assert sum(map(len, found)) == len(together)


@pytest.mark.parametrize("name", registry.names())
def test_no_letter_has_two_rows(name: str) -> None:
    theorem = registry.theorem(name)
    for names in used(theorem):
        forms = [piece.latex for cell, _ in symbol_table(theorem, names).rows for piece in cell if isinstance(piece, Math)]
        assert len(forms) == len(set(forms))


def test_letters_of_one_meaning_share_a_row() -> None:
    names = {index: Name(index) for index in ("i", "k")}
    ((cell, _),) = symbol_table(MADE, names).rows
    assert "".join(map(_plain, cell)) == "i, k"


def test_a_page_folds_what_its_statement_does_not_use(prover: Prover) -> None:
    blocks = page(prover.prove(registry.theorem("output_moves_of_leaky_relu_before_batchnorm"))).blocks
    table = next(k for k, block in enumerate(blocks) if isinstance(block, Table))
    proof = blocks.index(Heading(2, (Text("Proof"),)))
    folded = [k for k, block in enumerate(blocks) if isinstance(block, Details)]
    assert table < folded[0] < proof < folded[1]
    first = blocks[table]
    assert isinstance(first, Table)
    assert "h" not in {_plain(piece) for cell, _ in first.rows for piece in cell}


def _plain(piece: object) -> str:
    return piece.plain if isinstance(piece, Math) else piece.text if isinstance(piece, Text) else ""


@pytest.fixture(scope="module")
def prover() -> Prover:
    return Prover()
