"""What is too large is refused at once, with the reason; what is merely large is not."""

from __future__ import annotations

import time

import pytest

from bnproof.chain.build import build
from bnproof.errors import ChainError

TOO_LARGE = {
    "conv(k=999999999)": "conv over 999,999,999 positions along one axis",
    "conv1d(k=999999999)": "conv1d over 999,999,999 positions along one axis",
    "conv(k=(3, 2000000))": "conv over 2,000,000 positions along one axis",
    "conv(pad=999999999)": "conv over 2,000,000,004 positions along one axis",
    "convtranspose(s=999999999)": "convtranspose over",
    "conv(dilation=100000)": "a dilated kernel that reaches over 200000×200000 positions",
    "zeropad(9999999)": "zeropad over 20,000,006 positions along one axis",
    "conv -> bn @ 4x3x10000000x8": "conv over 10,000,000 positions along one axis",
    "upsample(1000000) -> conv": "conv over 8,000,000 positions along one axis",
    "nn.Conv2d(3, 8, 5000000, padding='same')": "conv over 5,000,000 positions along one axis",
    " -> ".join(["bn"] * 30_000): "more than 1000 layers",
    "nn.Sequential(" + "nn.ReLU()," * 5000 + ")": "more than 1000 layers",
    "Sequential((0-999999998): 999999999 x ReLU())": "999999999 entries",
}


@pytest.mark.parametrize("text", TOO_LARGE, ids=lambda text: text[:30])
def test_too_large(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ChainError) as caught:
        build(text)
    assert str(caught.value).startswith(TOO_LARGE[text])
    assert "expected at most" in str(caught.value) or "at most" in str(caught.value)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "conv(k=30000)",
        "conv1d(dilation=100000)",
        "linear(1000000000000) -> bn",
        "linear -> bn @ 1000000000000x8",
        "globalpool @ 1x1x1000000000000",
        "maxpool(1000) -> bn @ 1x1x1000000000000x1000",
    ],
)
def test_large(text: str) -> None:
    build(text)
