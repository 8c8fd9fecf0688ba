"""What each layer is: one entry a layer, complete, and true of what the layer computes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.chain.build import build
from bnproof.chain.kinds import KINDS, Curve, Role, count_together, stores
from bnproof.chain.layers import LAYERS
from bnproof.chain.parse import parse
from bnproof.chain.shapes import Place, walk

from .samples import SAMPLES


def without_kind(tokens: Iterable[str]) -> set[str]:
    return set(tokens) - set(KINDS)


def test_every_layer_has_a_kind_and_every_kind_a_layer() -> None:
    assert without_kind(LAYERS) == set()
    assert set(KINDS) - set(LAYERS) == set()


def test_a_layer_without_a_kind_is_named() -> None:
    assert without_kind([*LAYERS, "another"]) == {"another"}


@pytest.mark.parametrize("token", KINDS)
def test_kinds_are_filled_in(token: str) -> None:
    kind = KINDS[token]
    assert kind.role in get_args(Role)
    assert kind.spoken
    assert (kind.curve in get_args(Curve)) == (kind.role == "activation")
    assert bool(kind.together) == (kind.role == "normalisation" or kind.curve == "joint")
    assert bool(kind.stays) == (kind.role in ("normalisation", "activation", "pooling", "random", "attention"))
    assert "{" not in kind.stays.format(layer="x1", shift="the bias")
    if kind.centred:
        assert kind.cancels


def test_an_activation_gets_its_words_from_its_role() -> None:
    assert KINDS["elu"].stays.format(shift="the bias") == "ELU lies between: the bias does not pass through it as a shift"
    assert KINDS["relu"].stays.format(shift="beta") == "ReLU lies between: beta decides which units are active"


PLACES = [here for text in SAMPLES for here in walk(build(text).places)]


@pytest.mark.parametrize("place", [here for here in PLACES if KINDS[here.layer.token].stored], ids=lambda here: str(here.layer))
def test_what_stores_has_statistics(place: Place) -> None:
    assert stores(place.layer) == bool(place.plan.statistics)


def test_nothing_else_has_statistics() -> None:
    assert {here.layer.token for here in PLACES if here.plan.statistics} == {token for token in KINDS if KINDS[token].stored}


NORMS = [text for text in SAMPLES if "->" not in text and KINDS[parse(text).layers[0].token].role == "normalisation"]


@pytest.mark.parametrize("text", NORMS)
def test_values_normalised_together_are_those_that_move_an_output(text: str) -> None:
    """One entry of the output depends on as many entries of the input as are averaged together."""
    built = build(text)
    layer = built.chain.layers[0]
    with jax.enable_x64(True):
        params, stats = built.init(jax.random.key(0), jnp.float64)
        x = np.random.default_rng(0).normal(size=built.input_shape)

        def first(x: jax.Array) -> jax.Array:
            return built.apply(params, stats, x, "train")[0].reshape(-1)[0]

        assert np.count_nonzero(jax.grad(first)(jnp.asarray(x))) == count_together(layer, built.input_shape)
        shifted = jax.jvp(first, (jnp.asarray(x),), (jnp.ones_like(x),))[1]
    kind = KINDS[layer.token]
    assert (abs(float(shifted)) < 1e-9) == kind.centred  # a correction has no gradient


@pytest.mark.parametrize("token", [token for token, kind in KINDS.items() if kind.keeps])
def test_what_keeps_its_entries_keeps_them(token: str) -> None:
    built = build(token)
    x = np.random.default_rng(0).normal(size=built.input_shape).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(built.apply({}, {}, jnp.asarray(x), "train")[0]).ravel(), x.ravel())


@pytest.mark.parametrize("token", [token for token, kind in KINDS.items() if kind.role != "block"])
def test_the_default_input_fits(token: str) -> None:
    assert build(token).input_shape == KINDS[token].input


@pytest.mark.parametrize(
    ("text", "bordered"),
    [
        ("conv", True),
        ("conv(k=1)", False),
        ("conv(pad=valid)", False),
        ("conv(pad=circular)", False),
        ("conv(pad=1)", True),
        ("conv(pad=1, padding_mode=reflect)", False),
        ("conv(pad=same)", True),
        ("conv(k=2, s=2, pad=same)", False),
        ("avgpool(3, pad=1)", True),
        ("avgpool(3, pad=1, count_include_pad=no)", False),
        ("avgpool(2)", False),
        ("maxpool(3, pad=1)", False),
        ("zeropad", True),
        ("zeropad(0)", False),
        ("reflectpad", False),
    ],
)
def test_what_counts_padded_zeros(text: str, bordered: bool) -> None:
    assert build(text).places[0].plan.bordered is bordered
