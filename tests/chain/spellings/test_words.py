"""Whose a word is: PyTorch's, Keras' or ours, and what decides where several have it."""

from __future__ import annotations

import pytest

from bnproof.chain.build import build
from bnproof.chain.parse import parse
from bnproof.chain.spellings import split
from bnproof.chain.tree import Layer, Spelling
from bnproof.errors import ChainError

SPOKEN: dict[str, tuple[Spelling, ...]] = {
    "conv -> bn -> relu": ("own", "own", "own"),
    "Conv -> BN -> ReLU": ("own", "own", "own"),
    "CONV2D -> BatchNorm2D -> Maxpool2d": ("own", "own", "own"),
    "conv2d -> batchnorm2d": ("own", "own"),
    "Conv2d -> BatchNorm2d -> ReLU": ("pytorch", "pytorch", "pytorch"),
    "Conv2D -> BatchNormalization -> ReLU": ("keras", "keras", "keras"),
    "Conv2d -> bn -> ReLU": ("pytorch", "own", "pytorch"),
    "Conv2d -> BN -> ReLU": ("pytorch", "own", "pytorch"),
    "Conv2D -> BatchNorm -> ReLU": ("keras", "own", "keras"),
    "conv -> bn -> Dropout": ("own", "own", "own"),
    "Linear -> Dropout(0.2)": ("pytorch", "pytorch"),
    "Dense -> Dropout(0.2)": ("keras", "keras"),
    "nn.ReLU -> Dropout": ("pytorch", "pytorch"),
    "layers.ReLU -> Dropout": ("keras", "keras"),
    "ReLU(inplace=True)": ("pytorch",),
    "ReLU(max_value=6)": ("keras",),
    "Dropout(p=0.3)": ("own",),
    "Dropout(rate=0.3)": ("keras",),
    "Conv2d -> Conv2D": ("pytorch", "keras"),
    "residual(Conv2d) -> ReLU": ("pytorch", "pytorch"),
}


def flat(layers: tuple[Layer, ...]) -> list[Layer]:
    return [inner for layer in layers for inner in (flat(layer.branches[0]) if layer.branches else [layer])]


@pytest.mark.parametrize("text", SPOKEN)
def test_whose_words(text: str) -> None:
    assert tuple(layer.spelling for layer in flat(parse(text).layers)) == SPOKEN[text]


@pytest.mark.parametrize(
    ("text", "slope"),
    [("LeakyReLU", 0.01), ("Linear -> LeakyReLU", 0.01), ("Dense -> LeakyReLU", 0.3), ("dense -> LeakyReLU", 0.01)],
)
def test_a_shared_word_follows_the_others(text: str, slope: float) -> None:
    assert parse(text).layers[-1].arguments["a"] == slope


def test_words_of_both_decide_nothing() -> None:
    with pytest.raises(ChainError) as caught:
        parse("Conv2d -> BatchNormalization -> Dropout")
    assert str(caught.value).split("\n")[0] == "`Dropout` is in PyTorch and in Keras, and the chain has words of both"
    assert "write nn.Dropout or layers.Dropout" in str(caught.value)


def test_the_padding_is_the_framework_s() -> None:
    assert build("conv(8) -> bn @ 4x3x8x8").output_shape == (4, 8, 8, 8)
    assert build("Conv2d(3, 8, 3) -> BatchNorm2d(8) @ 4x3x8x8").output_shape == (4, 8, 6, 6)
    assert build("Conv2D(8, 3) -> BatchNormalization @ 4x3x8x8").output_shape == (4, 8, 6, 6)


def test_every_layer_says_its_word() -> None:
    layers = build("c: nn.Conv2d(3, 8, 3) -> Bn -> tanh").places
    assert [(here.layer.constructor, here.layer.spelling) for here in layers] == [
        ("nn.Conv2d", "pytorch"),
        ("Bn", "own"),
        ("tanh", "own"),
    ]


@pytest.mark.parametrize(
    "prefix", ["nn.", "torch.nn.", "layers.", "keras.layers.", "tf.keras.layers.", "tensorflow.keras.layers."]
)
def test_prefixes(prefix: str) -> None:
    assert split(f"{prefix}ReLU").text == "ReLU"
    assert split(f"{prefix}ReLU").owners == (("pytorch",) if "nn" in prefix else ("keras",))


def test_our_own_words_keep_our_hints() -> None:
    for text, hint in (("conv(16, stride=2)", "did you mean s?"), ("lrelu(negative_slope=1)", "did you mean a?")):
        with pytest.raises(ChainError, match=hint.replace("?", r"\?")):
            parse(text)
