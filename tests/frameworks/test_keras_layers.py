"""Keras' words mean Keras' layers: outputs and statistics in both modes, and what is refused."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from bnproof.chain.spellings import WORDS
from bnproof.chain.tree import Shape

from .keras_cases import BOTH_REFUSE, DIFFERENT, NETWORKS, OURS_ALONE, TABLES, TWO
from .keras_oracle import keras, outcome
from .tables import mixed, single

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning", "ignore:.*:DeprecationWarning")


@pytest.mark.parametrize(("text", "shape"), [*single(TABLES), *NETWORKS])
def test_computes_the_same(text: str, shape: Shape) -> None:
    assert outcome(text, text, shape) == "equal"


@pytest.mark.parametrize(("text", "shape"), mixed(TABLES, 1))
def test_combinations_compute_the_same_or_are_refused(text: str, shape: Shape) -> None:
    assert outcome(text, text, shape) in ("equal", "refused")


@pytest.mark.parametrize(("text", "shape"), BOTH_REFUSE)
def test_what_keras_refuses_is_refused(text: str, shape: Shape) -> None:
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
    compared = {table.word.removeprefix("layers.") for table in TABLES}
    assert compared | {"Input", "InputLayer"} == WORDS["keras"].constructors.keys()


def test_every_layer_is_read_or_refused() -> None:
    classes = {name for name, value in vars(keras.layers).items() if inspect.isclass(value) and issubclass(value, keras.Layer)}
    words = WORDS["keras"]
    known = (words.constructors.keys() | words.refused.keys()) & classes
    assert classes - {"Add"} == known  # add is a word of ours in any case


KERAS_2 = {"alpha", "rms_scaling"}
"""Parameters that Keras 3 takes without showing them, or no more."""
EVERY = {"name", "trainable", "dtype", "input_shape", "activity_regularizer"}
"""What every layer takes, in **kwargs."""


def same_for_all(default: Any) -> Any:
    """A default for each axis, all of them the same, as one for all axes."""
    return same_for_all(default[0]) if isinstance(default, tuple) and len(set(default)) == 1 else default


@pytest.mark.parametrize("word", WORDS["keras"].constructors)
def test_signatures_are_keras_s(word: str) -> None:
    shown = {
        p.name: "required" if p.default is p.empty else same_for_all(p.default)
        for p in inspect.signature(getattr(keras.layers, word)).parameters.values()
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }
    parameters = [p for p in WORDS["keras"].constructors[word].parameters if p.name in shown or p.name not in EVERY | KERAS_2]
    ours = [
        (p.name, "required" if p.required else shown.get(p.name) if p.kind == "anything" else p.default) for p in parameters
    ]
    assert ours == list(shown.items())
