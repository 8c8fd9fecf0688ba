"""Sizes that names stand for, the flatten that a forward has, and what is said of both."""

from __future__ import annotations

import pytest

from bnproof.chain.build import build
from bnproof.errors import ChainError

SETTLED = {
    "Conv2d(f_in, f_out, 3) -> BatchNorm2d(f_out)": ("conv(8, k=3, pad=valid) -> bn @ 4x3x8x8", ["f_in = 3", "f_out = 8"]),
    "Conv2d(f, 2*f, 3) -> BatchNorm2d(2*f)": ("conv(6, k=3, pad=valid) -> bn @ 4x3x8x8", ["f = 3"]),
    "Conv2d(3, f, 3) -> Conv2d(f, f * 2, 3) -> BatchNorm2d(2 * f)": (
        "conv(8, k=3, pad=valid) -> conv(16, k=3, pad=valid) -> bn @ 4x3x8x8",
        ["f = 8"],
    ),
    "Conv2d(f, 8, 3) -> Conv2d(8, f // 2 + 1, 3) -> Conv2d(2, 8, 3)": (
        "conv(8, k=3, pad=valid) -> conv(2, k=3, pad=valid) -> conv(8, k=3, pad=valid) @ 4x3x8x8",
        ["f = 3"],
    ),
    "Conv2d(3, g // 2, 3) -> BatchNorm2d(g // 2)": ("conv(8, k=3, pad=valid) -> bn @ 4x3x8x8", ["g = 16"]),
    "Conv2d(3, c, 3) -> BatchNorm2d(64)": ("conv(64, k=3, pad=valid) -> bn @ 4x3x8x8", ["c = 64"]),
    "Conv2d(3, c, 3) -> ReLU -> GroupNorm(32, c)": ("conv(32, k=3, pad=valid) -> relu -> gn(32) @ 4x3x8x8", ["c = 32"]),
    "Conv2d(self.width, cfg['out'], 3)": ("conv(8, k=3, pad=valid) @ 4x3x8x8", ["self.width = 3", "cfg['out'] = 8"]),
    "Conv2d(c, c, 3, groups=c)": ("conv(3, k=3, pad=valid, groups=3) @ 4x3x8x8", ["c = 3"]),
    "Conv2d(4, 8, 3, groups=g)": ("conv(8, k=3, pad=valid) @ 4x4x8x8", ["g = 1"]),
    "Conv2d(3, 8, k, padding=k//2)": ("conv(8, k=3, pad=1) @ 4x3x8x8", ["k = 3"]),
    "Conv2d(3, 8, k, padding=(k - 1) // 2) -> MaxPool2d(k)": ("conv(8, k=3, pad=1) -> maxpool(3) @ 4x3x8x8", ["k = 3"]),
    "Conv2d(3, 64*2, 3)": ("conv(128, k=3, pad=valid) @ 4x3x8x8", []),
    "Conv2d(3, 2**4, 3, padding=3-2)": ("conv(16, k=3, pad=1) @ 4x3x8x8", []),
    "Linear(n_in, n_hidden) -> ReLU -> Linear(n_hidden, n_classes)": (
        "linear(8) -> relu -> linear(8) @ 4x8",
        ["n_in = 8", "n_hidden = 8", "n_classes = 8"],
    ),
    "Linear(n, h) -> Linear(64, 10)": ("linear(64) -> linear(10) @ 4x8", ["n = 8", "h = 64"]),
    "Dense(units) -> layers.Dropout(rate)": ("linear(8) -> dropout @ 4x8", ["rate = 0.5", "units = 8"]),
    "Conv2d(3, 8, 3) -> Linear(288, 10)": (
        "conv(8, k=3, pad=valid) -> flatten -> linear(10) @ 4x3x8x8",
        ["flatten before Linear"],
    ),
    "Conv2d(3, 8, 3) -> Linear(flat, 10)": (
        "conv(8, k=3, pad=valid) -> flatten -> linear(10) @ 4x3x8x8",
        ["flatten before Linear", "flat = 288"],
    ),
    "Conv2d -> BatchNorm2d -> Linear": (
        "conv(8, k=3, pad=valid) -> bn -> flatten -> linear(8) @ 4x3x8x8",
        ["flatten before Linear"],
    ),
    "Conv2d(3, 8, 3) -> AdaptiveAvgPool2d(1) -> Linear(8, 10)": (
        "conv(8, k=3, pad=valid) -> adaptiveavgpool(1) -> flatten -> linear(10) @ 4x3x8x8",
        ["flatten before Linear"],
    ),
    "Conv2d(1, 6, 5) -> MaxPool2d(2) -> Conv2d(6, 16, 5) -> MaxPool2d(2) -> Flatten -> Linear(400, 120)": (
        "conv(6, k=5, pad=valid) -> maxpool(2) -> conv(16, k=5, pad=valid) -> maxpool(2) -> flatten -> linear(120) @ 4x1x32x32",
        ["an input of 4×1×32×32"],
    ),
    "Conv2d(3, 8, 11, stride=4) -> MaxPool2d(3, 2)": (
        "conv(8, k=11, s=4, pad=valid) -> maxpool(3, s=2) @ 4x3x32x32",
        ["an input of 4×3×32×32"],
    ),
    "AdaptiveAvgPool2d((7, 7))": ("adaptiveavgpool(7) @ 4x3x28x28", ["an input of 4×3×28×28"]),
    "BatchNorm1d(1024)": ("bn @ 4x1024", []),
    "BatchNorm3d(16)": ("bn @ 4x16x8x8x8", []),
    "ReLU -> Linear(10, 5)": ("relu -> linear(5) @ 4x10", []),
    "ReLU -> MaxPool1d(2)": ("relu -> maxpool(2) @ 4x3x8", []),
    "GroupNorm(4, c)": ("gn(4) @ 4x4x8x8", ["c = 4"]),
    "LayerNorm(d_model) -> Linear(d_model, 4 * d_model)": ("ln -> linear(32) @ 4x8", ["d_model = 8"]),
    "LayerNorm([3, 4, 5]) -> Conv2d(3, 8, 3)": ("ln(over=all) -> conv(8, k=3, pad=valid) @ 4x3x4x5", []),
}

REFUSED = {
    "Conv2d(3, f, 3) -> BatchNorm2d(f) -> Conv2d(2*f, 8, 3)": (
        "Conv2d takes 16 channels; 8 flow into it",
        "expected in_channels=8",
    ),
    "Conv2d(3, f, 3) -> Conv2d(8, 2*f, 3) -> BatchNorm2d(f)": (
        "BatchNorm2d takes 8 channels, and f is 8; 16 flow into it",
        "num_features=16",
    ),
    "Conv2d(3, f/2, 3) -> Conv2d(3, f, 3) @ 4x3x8x8": ("`f/2` comes to 3.0", "expected a whole number"),
    "Conv2d(3, f, f // 0)": ("wrong value `f // 0` for kernel_size", "expected a whole number"),
    "Conv2d(3, 8, 3, stride)": ("wrong value `stride` for stride of Conv2d", "expected a whole number"),
    "Conv2d(3, 8, 3, bias=use_bias)": ("wrong value `use_bias` for bias", "expected True or False"),
    "Conv2d(1, 6, 5) -> MaxPool2d(2) -> Flatten -> Linear(401, 120)": (
        "Linear takes 401 features",
        "expected in_features=24, or another input behind @",
    ),
    "Conv2d(3, 8, 9) -> MaxPool2d(2) -> Conv2d(8, 8, 300) -> MaxPool2d(200)": (
        "a kernel of 300 is larger",
        "no other that was tried fits",
    ),
    "conv(f)": ("unknown argument `f` of conv", "conv takes channels"),
}


@pytest.mark.parametrize("text", SETTLED)
def test_settled(text: str) -> None:
    filled, notes = SETTLED[text]
    chain = build(text).chain
    assert chain.filled() == filled
    assert [note.what for note in chain.notes] == notes
    assert all(note.why for note in chain.notes)
    again = build(chain.filled())
    assert again.chain == chain
    assert not again.chain.notes


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    message, hint = REFUSED[text]
    with pytest.raises(ChainError) as caught:
        build(text)
    assert str(caught.value).startswith(message)
    assert hint in str(caught.value)
