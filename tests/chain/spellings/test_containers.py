"""Whole blocks: Sequential as PyTorch and Keras write it, and as PyTorch prints it."""

from __future__ import annotations

import pytest

from bnproof.chain.build import build
from bnproof.chain.parse import parse
from bnproof.chain.pointer import WIDEST
from bnproof.errors import ChainError

READ = {
    "nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())": "0: conv(8, pad=valid) -> 1: bn -> 2: relu",
    """
    nn.Sequential(
        nn.Conv2d(3, 8, 3),  # the first, with a bias
        nn.BatchNorm2d(8),
    )
    """: "0: conv(8, pad=valid) -> 1: bn",
    "self.net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(),)": "net.0: linear(3) -> net.1: relu",
    "model = torch.nn.Sequential(nn.Linear(4, 3))": "0: linear(3)",
    "nn.Sequential(nn.Linear(4, 3), nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh())))": "0: linear(3) -> 1.0: relu -> 1.1.0: tanh",
    "nn.Sequential(*[nn.Linear(4, 3), nn.ReLU()])": "0: linear(3) -> 1: relu",
    'nn.Sequential(OrderedDict([("fc", nn.Linear(4, 3)), ("act", nn.ReLU())]))': "fc: linear(3) -> act: relu",
    "nn.Sequential(collections.OrderedDict([('fc', nn.Linear(4, 3)),]))": "fc: linear(3)",
    "nn.Sequential(OrderedDict({'fc': nn.Linear(4, 3), 'act': nn.ReLU()}))": "fc: linear(3) -> act: relu",
    "self.features = nn.Sequential(OrderedDict([('fc', nn.Linear(4, 3))]))": "features.fc: linear(3)",
    "a: nn.Sequential(nn.Linear(4, 3)) -> b: nn.Sequential(nn.ReLU())": "a.0: linear(3) -> b.0: relu",
    "residual(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()))": "residual(0: conv(3, k=1, pad=valid) -> 1: relu)",
    "Sequential(Linear(4, 3), ReLU()) @ 2x4": "0: linear(3) -> 1: relu @ 2x4",
    "keras.Sequential([layers.Dense(3), layers.Dense(3, activation='relu'), layers.BatchNormalization()])": (
        "dense: linear(3) -> dense_1: linear(3) -> dense_1.relu: relu -> batch_normalization: bn(0.001, 0.01)"
    ),
    "keras.Sequential([keras.Input(shape=(8, 8, 1)), layers.Conv2D(4, 3, name='c'), layers.MaxPool2D()], name='net')": (
        "c: conv(4, pad=valid) -> max_pooling2d: maxpool @ 4x1x8x8"
    ),
    "tf.keras.models.Sequential(layers=[tf.keras.layers.LeakyReLU(), tf.keras.layers.ReLU()])": "leaky_re_lu: lrelu(0.3) -> re_lu: relu",
    "Sequential([Conv2DTranspose(4, 2), SeparableConv2D(4, 3)])": (
        "conv2d_transpose: convtranspose(4, k=2, pad=valid) -> separable_conv2d.depthwise: depthwise(pad=valid, bias=no) -> "
        "separable_conv2d: conv(4, k=1, pad=valid)"
    ),
    """Sequential(
  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))
  (1): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (2): ReLU(inplace=True)
  (3): Sequential(
    (0): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  )
  (4): Flatten(start_dim=1, end_dim=-1)
  (5): Linear(in_features=72, out_features=10, bias=True)
)""": "0: conv(8, pad=valid) -> 1: bn -> 2: relu -> 3.0: maxpool(s=2) -> 4: flatten -> 5: linear(10)",
    """Sequential(
  (conv): Conv2d(3, 8, kernel_size=(3, 3), stride=(2, 2), padding=same, bias=False, padding_mode=reflect)
)""".replace("stride=(2, 2)", "stride=(1, 1)"): "conv: conv(8, pad=same, bias=no, padding_mode=reflect)",
    """Sequential(
  (0-1): 2 x Sequential(
    (fc): Linear(in_features=4, out_features=4, bias=True)
    (act): Tanh()
  )
  (2-3): 2 x ReLU()
)""": "0.fc: linear(4) -> 0.act: tanh -> 1.fc: linear(4) -> 1.act: tanh -> 2: relu -> 3: relu",
    "Sequential((0): Linear(in_features=4, out_features=3, bias=True) (1): ReLU())": "0: linear(3) -> 1: relu",
}

REFUSED = {
    "nn.Sequential()": ("an empty nn.Sequential", "expected layers in it"),
    "nn.Sequential": ("nn.Sequential needs its layers", "as in Sequential(conv, bn, relu)"),
    "nn.Sequential(*layers)": ("layers that are built elsewhere", "expected the layers themselves"),
    "nn.Sequential(nn.ReLU() nn.ReLU())": ("unexpected `nn.ReLU`", "expected a comma , or a closing )"),
    "nn.Sequential(nn.ReLU(), nn.ReLU()": ("missing `)`", "expected a closing ) for this bracket"),
    "nn.Sequential([nn.ReLU()": ("missing `]`", "expected a closing ] for this bracket"),
    "nn.Sequential(3)": ("unexpected `3`", "expected a layer"),
    "nn.Sequential(self.block(3), nn.ReLU())": ("unknown layer `self.block`", "expected one of"),
    "nn.Sequential(nn.ReLU(), inplace=True)": ("unexpected `inplace` in a Sequential", "expected layers, or name="),
    "nn.Sequential(OrderedDict([('a', nn.ReLU()), ('a', nn.Tanh())]))": (
        "the name `a` is given twice",
        "expected another name",
    ),
    "nn.Sequential(OrderedDict([('a b', nn.ReLU())]))": ("unexpected `a b`", "expected a name in quotes"),
    "nn.Sequential(OrderedDict([(a, nn.ReLU())]))": ("unexpected `a`", "expected a name in quotes"),
    "nn.Sequential(OrderedDict([('a' nn.ReLU())]))": ("no layer for `a`", "expected , and a layer"),
    "nn.Sequential(nn.Conv2d(3, 8, 3), nn.Linear(288, 10))": (
        "nn.Linear on 4×8×6×6 in a Sequential acts along its last axis",
        "expected Flatten() before it",
    ),
    "nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 3)), nn.LazyLinear(10))": (
        "nn.LazyLinear on 4×8×6×6 in a Sequential acts along its last axis",
        "expected Flatten() before it",
    ),
    "nn.Sequential(OrderedDict(x))": ("an OrderedDict lists names and layers", "expected ("),
    "nn.Sequential(nn.ReLU()) -> nn.Sequential(nn.Tanh())": (
        "the name `0` is given twice",
        "name the containers, as in features: Sequential(…)",
    ),
    "ResNet(\n  (conv1): Conv2d(3, 8, kernel_size=(3, 3))\n)": (
        "a printed `ResNet` shows which layers it registers, not how",
        "as a chain",
    ),
    "Sequential(\n  (0): BasicBlock(\n    (conv1): Conv2d(3, 8, kernel_size=(3, 3))\n  )\n)": (
        "a printed `BasicBlock` shows",
        "as a chain",
    ),
    "Sequential(\n  (0): Linear(in_features=4, out_features=3)\n  (0): ReLU()\n)": (
        "the name `0` is given twice",
        "another name",
    ),
    "(0): Linear(in_features=4, out_features=3)\n(1): ReLU()": (
        "these entries of a printed model do not say",
        "put Sequential( … ) around",
    ),
    "Sequential(\n  (0-2): 2 x ReLU()\n)": ("the entries and their number do not agree", "(0-2): 3 x Sequential("),
    "Sequential(\n  (0-9999999): 10000000 x ReLU()\n)": ("10000000 entries", "expected at most"),
    "Sequential(\n  (0): Linear(in_features=4, out_features=3)": ("missing `)`", "expected a closing )"),
    "Sequential(\n  (0): Wobble()\n)": ("unknown layer `Wobble`", "expected one of"),
    "self.conv1 = nn.Conv2d(3, 8, 3)\nself.bn1 = nn.BatchNorm2d(8)": (
        "several statements say which layers there are",
        "conv1: Conv2d(…) -> bn1",
    ),
    "nn.Conv2d(3, 8, 3)\nnn.BatchNorm2d(8)": ("missing arrow before `nn.BatchNorm2d`", "expected -> before it"),
    "nn.Sequential(" * 60 + "nn.ReLU()" + ")" * 60: ("blocks are nested too deeply", "expected at most"),
}


@pytest.mark.parametrize("text", READ)
def test_read_as(text: str) -> None:
    tree = parse(text)
    assert tree == parse(READ[text])
    assert parse(str(tree)) == tree
    build(text)


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:40])
def test_refused(text: str) -> None:
    message, hint = REFUSED[text]
    with pytest.raises(ChainError) as caught:
        build(text)
    first, quoted, pointer = str(caught.value).split("\n")
    assert first.startswith(message)
    assert quoted[2:] in text.split("\n") or (max(map(len, text.split("\n"))) > WIDEST and "…" in quoted)
    assert hint in pointer


def test_a_pasted_block_is_the_chain_written_with_arrows() -> None:
    pasted = build("self.net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(288, 10))")
    assert list(pasted.parameters) == ["net.0.kernel", "net.0.bias", "net.1.gamma", "net.1.beta", "net.3.kernel", "net.3.bias"]
    assert pasted.chain.filled() == (
        "net.0: conv(8, k=3, pad=valid) -> net.1: bn -> net.2: flatten -> net.3: linear(10) @ 4x3x8x8"
    )


def test_a_forward_can_flatten_between_containers() -> None:
    built = build("features: nn.Sequential(nn.Conv2d(3, 8, 3)) -> classifier: nn.Sequential(nn.Linear(288, 10), nn.ReLU())")
    assert [here.name for here in built.places] == ["features.0", "flatten1", "classifier.0", "classifier.1"]
    assert [note.what for note in built.chain.notes] == ["flatten before nn.Linear"]


def test_a_printed_model_s_gaps_are_noted() -> None:
    built = build(
        "Sequential(\n  (0): AvgPool2d(kernel_size=2, stride=2, padding=0)\n  (1): Upsample(scale_factor=2.0, mode='bilinear')\n)"
    )
    assert [note.what for note in built.chain.notes] == [
        "ceil_mode=False and count_include_pad=True of AvgPool2d",
        "align_corners=None of Upsample",
    ]
    older, newer = "LayerNorm((8,), eps=1e-05, elementwise_affine=True", ", bias=True"
    assert [note.what for note in build(f"Sequential(\n  (0): {older})\n)").chain.notes] == ["bias=True of LayerNorm"]
    assert not build(f"Sequential(\n  (0): {older}{newer})\n)").chain.notes
    assert not build("nn.Sequential(nn.AvgPool2d(2, 2))").chain.notes


def test_depth_does_not_hang() -> None:
    with pytest.raises(ChainError, match="nested too deeply"):
        parse("nn.Sequential(" * 5000 + "nn.ReLU()" + ")" * 5000)
