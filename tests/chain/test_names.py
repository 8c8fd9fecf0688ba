"""Layers' names: the asker's, the automatic ones, and clashes of both."""

from __future__ import annotations

import pytest

from bnproof.chain.build import build
from bnproof.errors import ChainError


def test_the_asker_s_names_are_used_throughout() -> None:
    built = build("conv0: conv(k=3) -> conv1: conv -> bn -> relu")
    assert list(built.parameters) == ["conv0.kernel", "conv0.bias", "conv1.kernel", "conv1.bias", "bn1.gamma", "bn1.beta"]
    assert list(built.statistics) == ["bn1.running_mean", "bn1.running_var"]
    assert list(built.shapes) == ["conv0", "conv1", "bn1", "relu1"]


def test_automatic_names_count_named_layers_too() -> None:
    assert list(build("a: conv -> conv -> b: conv -> conv").shapes) == ["a", "conv2", "b", "conv4"]


def test_blocks_have_names() -> None:
    built = build("block: residual(block.conv: conv(3) -> residual(bn)) -> fc: globalpool")
    assert list(built.shapes) == ["block", "block.conv", "residual2", "bn1", "fc"]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("c: conv -> c: bn", "the name `c` is given twice", "c: bn"),
        ("c: conv -> residual(c: bn)", "the name `c` is given twice", "c: bn"),
        ("conv2: conv -> conv", "the name `conv2` is the automatic name of another layer", "conv2:"),
        ("conv -> conv1: bn", "the name `conv1` is the automatic name of another layer", "conv1:"),
        ("a: attention -> a.k: linear @ 4x6", "attention needs batch × channels × positions", "attention"),
        ("a: attention -> globalpool -> a.k: linear", "two parameters are named `a.k.kernel`", "a.k: "),
        ("nn.Conv2d(3, 8, 3) -> conv1: nn.BatchNorm2d(8)", "the name `conv1` is the automatic name of another layer", "conv1:"),
    ],
)
def test_clashes(text: str, message: str, place: str) -> None:
    with pytest.raises(ChainError) as caught:
        build(text)
    first, quoted, pointer = str(caught.value).split("\n")
    assert first == message
    assert pointer.index("^") == quoted.index(place)
