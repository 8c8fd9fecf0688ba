"""How a chain was asked about: its layers as they were written, and the chain as it was read where that says more."""

from __future__ import annotations

from collections.abc import Iterator

from ..chain.build import Built
from ..chain.shapes import Place, walk
from ..verdict import Part


def parts(built: Built) -> tuple[Part, ...]:
    """The layers in reading order, blocks before what is in them."""
    text = built.chain.text
    return tuple(
        Part(
            place.name, place.layer.token, text[place.layer.whole.start : place.layer.whole.stop], place.layer.spelling, before
        )
        for place, before in _in_rows(built.places)
    )


def _in_rows(places: tuple[Place, ...]) -> Iterator[tuple[Place, str]]:
    """Every place with the name of the one right before it in its row, which is the chain or a branch."""
    before = ""
    for place in places:
        yield place, before
        for branch in place.branches:
            yield from _in_rows(branch)
        before = place.name


def read_as(built: Built) -> str:
    """The chain with the defaults filled in that decide; empty where the text says all that matters by itself.

    More is to be said where a layer is written in a framework's words, where something was read into the text, and where the padding
    between two layers with kernels decides.
    """
    layers = [place.layer for place in walk(built.places)]
    foreign = any(layer.spelling != "own" for layer in layers)
    padded = sum(_pads(place) for place in walk(built.places))
    return built.chain.filled() if foreign or built.chain.notes or padded > 1 else ""


def _pads(place: Place) -> bool:
    return "pad" in place.layer.arguments and "kernel" in place.plan.parameters
