"""PyTorch's words mean PyTorch's layers: outputs and statistics in both modes, in float64, and what is refused."""

from __future__ import annotations

import inspect

import pytest

from bnproof.chain.spellings import WORDS
from bnproof.chain.tree import Shape

from .tables import mixed, single
from .torch_cases import BOTH_REFUSE, DIFFERENT, OURS_ALONE, TABLES, TWO
from .torch_oracle import outcome, torch

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning", "ignore:.*:FutureWarning")


@pytest.mark.parametrize(("text", "shape"), single(TABLES))
def test_computes_the_same(text: str, shape: Shape) -> None:
    assert outcome(text, text, shape) == "equal"


@pytest.mark.parametrize(("text", "shape"), mixed(TABLES, 2))
def test_combinations_compute_the_same_or_are_refused(text: str, shape: Shape) -> None:
    assert outcome(text, text, shape) in ("equal", "refused")


@pytest.mark.parametrize(("text", "shape"), BOTH_REFUSE)
def test_what_pytorch_refuses_is_refused(text: str, shape: Shape) -> None:
    assert outcome(text, text, shape) == "refused"


@pytest.mark.parametrize("text", OURS_ALONE)
def test_what_chains_cannot_say_is_refused(text: str) -> None:
    said = outcome(text, text, TWO)
    assert said.startswith("ours refused: ")
    assert OURS_ALONE[text] in said


@pytest.mark.parametrize("text", DIFFERENT)
def test_the_comparison_sees_a_difference(text: str) -> None:
    assert outcome(text, text, TWO) == "equal"
    said = outcome(text, DIFFERENT[text], TWO)
    assert said.startswith(("eval: ", "train: ", "parameters: "))


def test_no_layer_of_the_tables_is_left_out() -> None:
    compared = {table.word.removeprefix("nn.") for table in TABLES}
    assert compared == WORDS["pytorch"].constructors.keys()


def test_every_module_is_read_or_refused() -> None:
    modules = {name for name, value in vars(torch.nn).items() if inspect.isclass(value) and issubclass(value, torch.nn.Module)}
    words = WORDS["pytorch"]
    assert modules - {"Sequential"} == words.constructors.keys() | (words.refused.keys() & modules)


WITHOUT = {"Hardtanh": {"min_value", "max_value"}}
"""Parameters that are deprecated."""


@pytest.mark.parametrize("word", WORDS["pytorch"].constructors)
def test_signatures_are_pytorch_s(word: str) -> None:
    theirs = [
        (p.name, "required" if p.default is p.empty else p.default, p.kind == p.KEYWORD_ONLY)
        for p in inspect.signature(getattr(torch.nn, word)).parameters.values()
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name not in WITHOUT.get(word, ())
    ]
    parameters = [p for p in WORDS["pytorch"].constructors[word].parameters if not (p.name == "mode" and p.keyword)]
    ours = [(p.name, "required" if p.required else p.default, p.keyword) for p in parameters]
    assert ours == theirs
