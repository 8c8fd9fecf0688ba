"""PyTorch's words: each call of torch.nn as the layer it is in our words, and what its signature does not allow.

The translations were compared with PyTorch 2.13, outputs and updated statistics in both modes, on several hundred random networks.
"""

from __future__ import annotations

import pytest

from bnproof.chain.build import build
from bnproof.chain.layers import LAYERS
from bnproof.chain.parse import parse
from bnproof.chain.spellings import WORDS
from bnproof.errors import ChainError

READ = {
    "nn.Conv2d(3, 8, 3)": "conv(8, pad=valid)",
    "torch.nn.Conv2d(3, 8, 3)": "conv(8, pad=valid)",
    "Conv2d(32, 64, kernel_size=5, stride=2)": "conv(64, k=5, s=2, pad=valid)",
    "Conv2d(3, 8, 3, 2, 1)": "conv(8, s=2, pad=1)",
    "Conv2d(3, 8, 3, 1, 1, 2, 1, False)": "conv(8, pad=1, bias=no, dilation=2)",
    "Conv2d(in_channels=3, out_channels=8, kernel_size=(3, 5), padding=(1, 2))": "conv(8, k=(3, 5), pad=(1, 2))",
    "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))": "conv(8, pad=1)",
    "Conv2d(3, 8, 3, padding='same')": "conv(8, pad=same)",
    "Conv2d(3, 8, 3, padding='valid')": "conv(8, pad=valid)",
    "Conv2d(3, 8, 3, padding=1, padding_mode='circular')": "conv(8, pad=1, padding_mode=circular)",
    "Conv2d(4, 8, 3, groups=2, device=None, dtype=torch.float32)": "conv(8, pad=valid, groups=2)",
    "Conv1d(3, 8, (3,))": "conv1d(8, pad=valid)",
    "Conv3d(3, 8, 2, padding=1)": "conv3d(8, k=2, pad=1)",
    "LazyConv2d(8, 3)": "conv(8, pad=valid)",
    "ConvTranspose2d(3, 8, 4, 2, 1)": "convtranspose(8, k=4, s=2, pad=1)",
    "ConvTranspose2d(3, 8, 3, stride=2, padding=1, output_padding=1)": "convtranspose(8, s=2, pad=1, output_padding=1)",
    "Linear(2048, 1024)": "linear(1024)",
    "Linear(in_features=512, out_features=10, bias=False)": "linear(10, bias=no)",
    "LazyLinear(10)": "linear(10)",
    "BatchNorm1d(1024, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)": "bn",
    "BatchNorm2d(8, 1e-3, 0.01)": "bn(0.001, 0.01)",
    "BatchNorm2d(8, affine=False)": "bn(gamma=no, beta=no)",
    "BatchNorm2d(8, bias=False)": "bn(beta=no)",
    "BatchNorm3d(8, track_running_stats=False)": "bn(track=no)",
    "BatchNorm3d(8, momentum=None, track_running_stats=False)": "bn(track=no)",
    "SyncBatchNorm(8)": "bn",
    "InstanceNorm2d(8)": "in(gamma=no, beta=no)",
    "LazyInstanceNorm2d()": "in(track=yes)",
    "LazyInstanceNorm1d(affine=False, track_running_stats=False)": "in(gamma=no, beta=no)",
    "InstanceNorm2d(8, affine=True, track_running_stats=True)": "in(track=yes)",
    "GroupNorm(2, 8)": "gn(2)",
    "GroupNorm(num_groups=4, num_channels=8, eps=1e-3, affine=False)": "gn(4, eps=0.001, gamma=no, beta=no)",
    "LayerNorm(512)": "ln",
    "LayerNorm((512,), eps=1e-06, elementwise_affine=False)": "ln(1e-06, gamma=no, beta=no)",
    "LayerNorm(512, bias=False)": "ln(beta=no)",
    "RMSNorm(512, eps=1e-6)": "rms(1e-06)",
    "RMSNorm(512)": "rms(1.1920929e-07)",
    "nn.ReLU(inplace=True)": "relu",
    "nn.ReLU(True)": "relu",
    "ReLU6()": "relu6",
    "nn.LeakyReLU()": "lrelu",
    "nn.LeakyReLU(0.2, inplace=True)": "lrelu(0.2)",
    "nn.ELU(alpha=0.5)": "elu(0.5)",
    "GELU(approximate='tanh')": "gelu(approximate=tanh)",
    "Hardtanh(-2.0, 2.0)": "hardtanh(-2.0, 2.0)",
    "Softplus(beta=2)": "softplus(2.0)",
    "nn.PReLU()": "prelu",
    "SiLU() -> Mish() -> Hardswish() -> Hardsigmoid()": "silu -> mish -> hardswish -> hardsigmoid",
    "Tanh() -> Sigmoid()": "tanh -> sigmoid",
    "nn.Softmax(dim=1)": "softmax",
    "MaxPool2d(2, 2)": "maxpool(s=2)",
    "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=True)": "maxpool(3, s=2, pad=1, ceil=yes)",
    "AvgPool2d(3, 1, 1, count_include_pad=False)": "avgpool(3, s=1, pad=1, count_include_pad=no)",
    "AdaptiveAvgPool2d((1, 1))": "adaptiveavgpool",
    "AdaptiveAvgPool2d(output_size=(4, 2))": "adaptiveavgpool((4, 2))",
    "nn.Dropout(p=0.5, inplace=False)": "dropout",
    "nn.Dropout(0.2)": "dropout(0.2)",
    "Dropout2d(0.2)": "channeldropout(0.2)",
    "nn.Flatten(start_dim=1, end_dim=-1)": "flatten",
    "nn.Identity()": "identity",
    "nn.Identity(54, unused=0.1)": "identity",
    "Conv2d(3, 8, 3, stride=(2,), padding=(1,), dilation=(2,))": "conv(8, s=2, pad=1, dilation=2)",
    "MaxPool2d((2,), (2,), (1,))": "maxpool(s=2, pad=1)",
    "ConstantPad2d((1, 2, 3, 4), 0.0)": "zeropad((3, 1), (4, 2))",
    "Softplus(0.5, 30)": "softplus(0.5)",
    "Upsample(scale_factor=2.0, mode='nearest')": "upsample",
    "Upsample(scale_factor=(2, 3), mode='bilinear', align_corners=True)": "upsample((2, 3), mode=bilinear, align_corners=yes)",
    "UpsamplingBilinear2d(scale_factor=2)": "upsample(mode=bilinear, align_corners=yes)",
    "ZeroPad2d((1, 2, 3, 4))": "zeropad((3, 1), (4, 2))",
    "ReflectionPad2d(2)": "reflectpad(2, 2)",
    "Conv2d -> BatchNorm2d -> ReLU": "conv(pad=valid) -> bn -> relu",
    "residual(Conv2d(3, 3, 3, padding=1) -> BatchNorm2d(3))": "residual(conv(3, pad=1) -> bn)",
}

REFUSED = {
    "Conv2d(64)": (
        "Conv2d lacks out_channels and kernel_size: PyTorch refuses it too",
        "^^^^^^ expected them, as in Conv2d(64, 64, 3): Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0,",
    ),
    "Conv2d()": ("Conv2d lacks in_channels and out_channels and kernel_size", "as in Conv2d(64, 64, 3)"),
    "AvgPool2d()": (
        "AvgPool2d lacks kernel_size: PyTorch refuses it too",
        "expected it, as in AvgPool2d(2): AvgPool2d(kernel_size,",
    ),
    "Linear(10)": ("Linear lacks out_features", "as in Linear(10, 10)"),
    "BatchNorm2d()": ("BatchNorm2d lacks num_features", "as in BatchNorm2d(64)"),
    "Conv2d(3, 8, 3, paddding=1)": ("unknown argument `paddding` of Conv2d", "^^^^^^^^ did you mean padding? Conv2d("),
    "Conv2d(3, 8, 3, strides=2)": ("unknown argument `strides` of Conv2d", "^^^^^^^ did you mean stride?"),
    "Conv2d(3, 8, 3, activation='relu')": ("unknown argument `activation` of Conv2d", "did you mean dilation? Conv2d("),
    "Conv2d(3, 8, 3, 1, 1, 1, 1, True, 'zeros', None, None, 7)": ("too many arguments of Conv2d", "^ expected no more"),
    "Conv2d(3, 8, 3, 8, out_channels=8)": ("out_channels of Conv2d is given twice", "^^^^^^^^^^^^^^ expected it once"),
    "Conv2d(3, kernel_size=3, 8)": ("an argument without a name after a named one", "^ expected a name before it"),
    "Conv2d(3, 8, 'x')": (
        "wrong value `'x'` for kernel_size of Conv2d",
        "^^^ expected a whole number, 1 or more, or one for each axis",
    ),
    "Conv2d(3, 8, 3.0)": ("wrong value `3.0` for kernel_size", "expected a whole number"),
    "Conv2d(3, 8, (3, 3, 3))": ("wrong value `(3, 3, 3)` for kernel_size", "there are 2 axes"),
    "Conv1d(3, 8, (3, 3))": ("wrong value `(3, 3)` for kernel_size", "there is 1 axis"),
    "Conv2d(0, 8, 3)": ("wrong value `0` for in_channels", "expected a whole number, 1 or more, or a name"),
    "Conv2d(3.5, 8, 3)": ("wrong value `3.5` for in_channels", "expected a whole number"),
    "Conv2d('a', 8, 3)": ("wrong value `'a'` for in_channels", "expected a whole number"),
    "Conv2d(None, 8, 3)": ("wrong value `None` for in_channels", "expected a whole number"),
    "Conv2d(3, 8, None)": ("wrong value `None` for kernel_size", "expected a whole number"),
    "Conv2d(3, 8, (None, 3))": ("wrong value `(None, 3)` for kernel_size", "expected a whole number"),
    "Conv2d(3, 8, (3,))": ("wrong value `(3,)` for kernel_size", "there are 2 axes"),
    "Conv2d(3, 8, 3, padding=(1,), padding_mode='circular')": (
        "padding of Conv2d has one number, and there are 2 axes",
        "PyTorch refuses it too with a padding_mode: expected a number, or one for each",
    ),
    "ConvTranspose2d(3, 8, 3, output_padding=1)": (
        "output_padding of 1 is too large for ConvTranspose2d",
        "PyTorch refuses it too: expected less than 1, the larger of stride and dilation",
    ),
    "ConvTranspose2d(3, 8, 3, stride=(2, 1), output_padding=1)": ("output_padding of 1 is too large", "less than 1"),
    "ConvTranspose2d(3, 8, (3,))": ("wrong value `(3,)` for kernel_size", "there are 2 axes"),
    "MaxPool2d(3, padding=2, dilation=2)": (
        "padding of 2 is more than half of kernel_size=3 of MaxPool2d",
        "PyTorch refuses it too, however large the dilation: expected 1 or less",
    ),
    "AdaptiveAvgPool2d((1,))": ("wrong value `(1,)` for output_size", "there are 2 axes"),
    "AdaptiveAvgPool2d(None)": ("wrong value `None` for output_size", "expected a whole number"),
    "AdaptiveAvgPool1d((None,))": ("wrong value `(None,)` for output_size", "expected a whole number"),
    "Conv2d(True, 8, 3)": ("wrong value `True` for in_channels", "expected a whole number"),
    "Conv2d(3, 8, 3, bias=1)": ("wrong value `1` for bias of Conv2d", "^ expected True or False"),
    "Conv2d(3, 8, 3, padding='full')": (
        "wrong value `'full'` for padding",
        "expected one of valid, same or a whole number, 0 or more",
    ),
    "Conv2d(3, 8, 3, padding=p)": ("wrong value `p` for padding", "^ expected one of valid, same"),
    "Conv2d(3, 8, 3, padding=-1)": ("wrong value `-1` for padding", "expected one of"),
    "Conv2d(3, 8, 3, padding_mode='mirror')": (
        "wrong value `'mirror'` for padding_mode",
        "expected one of zeros, reflect, replicate",
    ),
    "Conv2d(3, 8, 3, 2, padding='same')": ("padding='same' of Conv2d with a stride", "PyTorch refuses it too"),
    "Conv2d(3, 8, 3, groups=3)": ("3 groups do not divide 8 output channels", "^^^^^^^^"),
    "Conv2d(3, 8, 3) -> BatchNorm2d(16)": (
        "BatchNorm2d takes 16 channels; 8 flow into it",
        "^^ the shape here is 4×8×6×6: expected num_features=8",
    ),
    "Conv2d(3, 8, 3) -> Conv2d(3, 8, 3)": (
        "Conv2d takes 3 channels; 8 flow into it",
        "^ the shape here is 4×8×6×6: expected in_channels=8",
    ),
    "Conv2d(3, 8, 3) @ 4x1x8x8": ("Conv2d takes 3 channels; 1 flow into it", "expected in_channels=1"),
    "Linear(2048, 1024) -> BatchNorm1d(512)": (
        "BatchNorm1d takes 512 features; 1024 flow into it",
        "expected num_features=1024",
    ),
    "Linear(8, 4) -> BatchNorm2d(4)": ("BatchNorm2d takes batch × channels × height × width", "the shape here is 4×4"),
    "Conv2d(3, 8, 3) -> BatchNorm1d(8)": ("BatchNorm1d takes batch × features or batch × channels × length", "4×8×6×6"),
    "Conv2d(3, 8, 3) -> MaxPool1d(2)": ("MaxPool1d takes batch × channels × length", "4×8×6×6"),
    "Conv2d(3, 8, 3) -> Linear(8, 4)": (
        "Linear takes 8 features; 288 flow into it when flattened",
        "expected in_features=288, or pooling before it",
    ),
    "Conv2d(3, 8, 3) -> Linear(6, 4)": ("Linear on 4×8×6×6 acts along its last axis in PyTorch", "expected in_features=288"),
    "Conv2d(3, 8, 3) -> LayerNorm(8)": ("LayerNorm normalises over the last axes, of sizes 8", "expected (8, 6, 6)"),
    "Linear(8, 4) -> LayerNorm(8)": ("LayerNorm normalises over the last axes, of sizes 8", "expected 4"),
    "Conv2d(3, 8, 3) -> RMSNorm([8, 6, 6])": ("RMSNorm over channels and positions is not one of the layers here", "features"),
    "Conv2d(3, 8, 3) -> nn.Softmax(dim=-1)": ("nn.Softmax acts along axis -1 here", "expected dim=1, the channels"),
    "Conv1d(3, 8, 3) -> nn.Softmax()": ("nn.Softmax acts along axis 0 here", "expected dim=1"),
    "Conv2d(3, 8, 3) -> nn.Flatten(2)": ("nn.Flatten of some axes is not one of the layers here", "start_dim=1, end_dim=-1"),
    "Conv2d(3, 8, 3) -> nn.Flatten(1, 7)": ("nn.Flatten names axis 7, which is not there", "expected axes from 0 to 3"),
    "Conv2d(3, 8, 3) -> nn.Flatten(-7, -1)": ("nn.Flatten names axis -7, which is not there", "expected axes from 0 to 3"),
    "Conv2d(3, 8, 3) -> nn.PReLU(7)": ("nn.PReLU takes 7 channels; 8 flow into it", "num_parameters=8"),
    "Conv2d(3, 8, 3) -> Upsample(size=(7, 12))": ("Upsample to 7×12 is not by whole factors", "multiples of 6×6"),
    "Upsample()": ("Upsample takes size or scale_factor", "as in Upsample(scale_factor=2)"),
    "Upsample(scale_factor=1.5)": ("wrong value `1.5` for scale_factor", "expected a whole number"),
    "Upsample(scale_factor=2, align_corners=False)": (
        "align_corners of Upsample is for linear modes",
        "PyTorch refuses it too",
    ),
    "Upsample(size=16, recompute_scale_factor=True)": ("recompute_scale_factor of Upsample is for a scale", "refuses it too"),
    "Upsample(scale_factor=(2, 2), mode='linear')": (
        "2 numbers for Upsample",
        "PyTorch refuses it too here: expected one, or 1",
    ),
    "Conv1d(3, 8, 3) -> Upsample(scale_factor=(2, 2))": ("Upsample takes batch × channels × height × width", "4×8×6"),
    "Conv2d(3, 8, 3) -> Upsample(scale_factor=2, mode='trilinear')": ("Upsample takes batch × channels × depth", "4×8×6×6"),
    "ConstantPad2d(1, 0.5)": ("ConstantPad2d with a value is not one of the layers here", "expected 0, or ZeroPad"),
    "nn.GLU()": ("PyTorch's GLU cannot be said in a chain", "it has no layer here"),
    "Upsample(scale_factor=2, align_corners=True)": ("align_corners of Upsample is for linear modes", "PyTorch refuses it too"),
    "ZeroPad2d((1, 2))": ("wrong padding for ZeroPad2d", "expected a whole number, or 4 of them"),
    "BatchNorm2d(8, momentum=None)": ("momentum=None of BatchNorm2d averages all batches alike", "expected a number"),
    "BatchNorm2d(8, momentum=2)": ("momentum=2 of BatchNorm2d is out of range", "from 0 to 1"),
    "Softplus(threshold=1)": ("threshold=1 of Softplus cuts the curve", "expected 20 or more"),
    "MaxPool2d(2, return_indices=True)": ("return_indices of MaxPool2d cannot be read here", "write it without"),
    "AvgPool2d(2, divisor_override=3)": ("divisor_override of AvgPool2d cannot be read here", "write it without"),
    "nn.Dropout(1.5)": ("wrong value `1.5` for p of nn.Dropout", "expected a number from 0 to below 1"),
    "nn.LSTM(3, 4)": ("PyTorch's LSTM cannot be said in a chain", "^^^^^^^ recurrent layers"),
    "Conv2d(3, 8, 3) -> Embedding(3, 4)": ("PyTorch's Embedding cannot be said in a chain", "whole numbers"),
    "nn.ModuleList([nn.ReLU()])": ("PyTorch's ModuleList cannot be said in a chain", "not how they are connected"),
    "nn.PixelShuffle(2)": ("PyTorch's PixelShuffle cannot be said in a chain", "moves entries between axes"),
    "nn.RelU()": ("unknown layer `nn.RelU`", "did you mean ReLU?"),
    "nn.conv": ("unknown layer `nn.conv`", "did you mean Conv1d?"),
    "nn.Wobble": ("unknown layer `nn.Wobble`", "expected one of PyTorch's layers, such as Conv2d"),
    "BatchNorm2dd": ("unknown layer `BatchNorm2dd`", "did you mean BatchNorm2d?"),
    "Conv2d(conv -> bn)": ("missing `)`", "^ expected a closing )"),
    "Conv2d(3, 8, 3": ("missing `)`", "^ expected a closing ) for this bracket"),
}


@pytest.mark.parametrize("text", READ)
def test_read_as(text: str) -> None:
    tree = parse(text)
    assert tree == parse(READ[text])
    assert parse(str(tree)) == tree


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    message, hint = REFUSED[text]
    with pytest.raises(ChainError) as caught:
        build(text)
    first, quoted, pointer = str(caught.value).split("\n")
    assert first.startswith(message)
    assert quoted.strip() == text
    assert hint in pointer


def test_none_keeps_an_axis() -> None:
    built = build("AdaptiveAvgPool2d((None, 1)) -> AdaptiveMaxPool2d((3, None)) @ 2x4x9x8")
    assert [here.plan.output for here in built.places] == [(2, 4, 9, 1), (2, 4, 3, 1)]


def test_a_flatten_of_one_axis_changes_nothing() -> None:
    built = build("flat: nn.Flatten(2, 2) -> nn.Flatten() @ 2x4x9x8")
    assert [(here.name, here.plan.output) for here in built.places] == [("flat", (2, 4, 9, 8)), ("flatten1", (2, 288))]


NOTES = {
    "BatchNorm2d(8, eps=0)": ["eps = 0 of BatchNorm2d: PyTorch takes it in evaluation alone, since 2.13"],
    "InstanceNorm2d(8, eps=0)": [],
    "Softplus(0.5)": ["softplus: Softplus returns x itself where 0.5·x is above 20; ours differs by less than 4.2e-09"],
}


@pytest.mark.parametrize("text", NOTES)
def test_what_is_noted(text: str) -> None:
    assert [str(note) for note in build(text).chain.notes] == NOTES[text]


def test_the_whole_error() -> None:
    with pytest.raises(ChainError) as caught:
        build("nn.Conv2d(3, 8, 3) -> nn.BatchNorm2d(4)")
    assert str(caught.value) == (
        "nn.BatchNorm2d takes 4 channels; 8 flow into it\n"
        "  nn.Conv2d(3, 8, 3) -> nn.BatchNorm2d(4)\n"
        "                                       ^ the shape here is 4×8×6×6: expected num_features=8"
    )


@pytest.mark.parametrize("word", WORDS["pytorch"].constructors)
def test_tables_name_what_there_is(word: str) -> None:
    constructor = WORDS["pytorch"].constructors[word]
    assert set(constructor.names) <= set(LAYERS[constructor.token].by_name)
    assert all(constructor.parameter(theirs) for theirs in constructor.names.values())
    assert not constructor.takes or constructor.parameter(constructor.takes)
    assert all(p.example for p in constructor.parameters if p.required)


@pytest.mark.parametrize(
    "word", [word for word in WORDS["pytorch"].constructors if word != "Upsample" and "Upsampling" not in word]
)
def test_every_word_builds_without_brackets(word: str) -> None:
    built = build(f"nn.{word}" + (" @ 512" if word == "RMSNorm" else ""))
    assert built.places[0].layer.spelling == "pytorch"
    assert built.places[0].layer.constructor == f"nn.{word}"
    assert build(built.chain.filled()).parameters == built.parameters


@pytest.mark.parametrize("word", WORDS["pytorch"].refused)
def test_what_cannot_be_said_is_not_said(word: str) -> None:
    assert word not in WORDS["pytorch"].constructors
    with pytest.raises(ChainError, match=rf"^PyTorch's {word} cannot be said in a chain"):
        parse(f"nn.{word}(3)")


SIGNATURES = {
    "Conv2d": "Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros')",
    "ConvTranspose2d": "ConvTranspose2d(in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, "
    "bias=True, dilation=1, padding_mode='zeros')",
    "Linear": "Linear(in_features, out_features, bias=True)",
    "BatchNorm1d": "BatchNorm1d(num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, bias=True)",
    "InstanceNorm2d": "InstanceNorm2d(num_features, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False, bias=True)",
    "GroupNorm": "GroupNorm(num_groups, num_channels, eps=1e-05, affine=True, bias=True)",
    "LayerNorm": "LayerNorm(normalized_shape, eps=1e-05, elementwise_affine=True, bias=True)",
    "LeakyReLU": "LeakyReLU(negative_slope=0.01, inplace=False)",
    "MaxPool2d": "MaxPool2d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False)",
    "AvgPool1d": "AvgPool1d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True)",
    "Dropout": "Dropout(p=0.5, inplace=False)",
    "Flatten": "Flatten(start_dim=1, end_dim=-1)",
}


@pytest.mark.parametrize("word", SIGNATURES)
def test_signatures_are_pytorch_s(word: str) -> None:
    assert WORDS["pytorch"].constructors[word].signature == SIGNATURES[word]
