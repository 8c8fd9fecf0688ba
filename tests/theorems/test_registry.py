"""Every theorem is proved, well formed, and where it belongs."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import bnproof.theorems
from bnproof.errors import UnknownNameError
from bnproof.report.pages.theorem import page
from bnproof.report.pages.used import used_names
from bnproof.report.writers.latex_check import unbalanced
from bnproof.report.writers.markdown import markdown
from bnproof.symbolic.inferences import Undefined, Witness
from bnproof.theorems import registry
from bnproof.theorems.glossary import GLOSSARY
from bnproof.theorems.prove import Prover

NAMES = registry.names()


@pytest.mark.parametrize("name", NAMES)
def test_proved(name: str, prover: Prover) -> None:
    proved = prover.prove(registry.theorem(name))
    assert proved.steps > 0
    assert proved.checks > 3 * proved.steps


@pytest.mark.parametrize("name", NAMES)
def test_well_formed(name: str, prover: Prover) -> None:
    theorem = registry.theorem(name)
    assert re.fullmatch(r"[a-z]+(_[a-z]+){2,}", name), "a theorem is named for its conclusion"
    assert theorem.sources
    assert theorem.hypotheses
    for hypothesis in theorem.hypotheses:
        assert isinstance(hypothesis.without, Witness | Undefined) or hypothesis.why_none
    text = markdown(page(prover.prove(theorem)))
    assert not unbalanced(text)


def test_every_file_is_registered() -> None:
    folder = Path(bnproof.theorems.__path__[0])
    chapters = {chapter.folder for chapter in registry.CHAPTERS}
    assert {path.parent.name for path in folder.glob("*/__init__.py")} == {*chapters, "claims"}
    found = {(name, path.stem) for name in chapters for path in (folder / name).glob("*.py") if path.stem != "__init__"}
    assert found == {(chapter.folder, name) for chapter in registry.CHAPTERS for name in chapter.names}
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_opens_with_its_statement_and_leaves_the_sources_to_the_theorem(name: str) -> None:
    """Sources stand once, as data, so that a header cannot disagree with them."""
    theorem = registry.theorem(name)
    folder = next(chapter.folder for chapter in registry.CHAPTERS if name in chapter.names)
    header = importlib.import_module(f"bnproof.theorems.{folder}.{name}").__doc__
    assert header is not None
    assert "\nStatement" in header
    assert not re.search(r"(?i)\bsources?:|\bS\d\.[a-z]\b", header)
    assert not [source for source in theorem.sources if source in header]


@pytest.mark.parametrize("name", NAMES)
def test_a_title_tells_no_more_than_acts(name: str) -> None:
    """Names and titles say what is proved: a bias acts, cancels, cannot be replaced; never that it is needed or useful."""
    assert not re.search(r"(?i)\b(needed|must|should|useful|keeps?)\b", registry.theorem(name).title)
    assert "needed" not in name


def test_every_symbol_of_the_glossary_is_used() -> None:
    used: set[str] = set()
    for theorem in registry.theorems():
        used |= set(used_names(theorem))
    for symbol in GLOSSARY.values():
        used |= {symbol.over or "", symbol.of or ""} if symbol.name in used else set()
    assert set(GLOSSARY) - used == set()


def test_unknown_theorem_gets_three_neighbours() -> None:
    with pytest.raises(UnknownNameError) as caught:
        registry.theorem("bias_cancels")
    message = str(caught.value)
    assert "`bias_cancels`" in message
    assert sum(f"  {name}" in message for name in NAMES) == 3
    assert "bias_cancels_of_batch_statistics" in message
