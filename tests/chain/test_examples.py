"""The threads' networks, in their words: what they are read as, and what their names are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bnproof.chain.build import build
from bnproof.chain.examples import EXAMPLES
from bnproof.errors import ChainError

BIASES = {
    "S0": ["conv1.bias", "bn1.beta"],
    "S1": [name for k in range(1, 6) for name in (f"conv{k}.bias", f"bn{k}.beta")] + ["linear1.bias"],
    "S2": ["conv1.bias", "bn1.beta"],
    "S3": ["linear1.bias", "bn1.beta", "linear2.bias"],
    "S4": ["conv0_e1.bias", "conv1_e1.bias", "bn1.beta"],
}


def biases(text: str) -> list[str]:
    return [name for name in build(text).parameters if name.endswith((".bias", ".beta"))]


@pytest.mark.parametrize("name", EXAMPLES)
def test_names_are_the_threads(name: str) -> None:
    example = EXAMPLES[name]
    assert biases(example.chain) == BIASES[name]
    for variant in example.variants.values():
        build(variant)


S1 = " -> ".join(
    [
        "nn.Conv2d(32, 64, kernel_size=5, stride=2) -> nn.BatchNorm2d(64) -> nn.ReLU()",
        *["nn.Conv2d(64, 64, kernel_size=3, stride=2) -> nn.BatchNorm2d(64) -> nn.ReLU()"] * 3,
        "nn.Conv2d(64, 64, kernel_size=3, stride=2) -> nn.BatchNorm2d(64)",
        "{pool} -> nn.Linear(64, 1) -> nn.Sigmoid() @ 4x32x110x110",
    ]
)


def test_s1_is_the_example() -> None:
    built = build(S1.format(pool="nn.AvgPool2d(2)"))
    assert built.chain == build(EXAMPLES["S1"].chain).chain
    assert [str(here.shape) for here in built.places if here.layer.token in ("avgpool", "flatten", "linear")] == [
        "(4, 64, 2, 2)",
        "(4, 64, 1, 1)",
        "(4, 64)",
    ]
    assert [note.what for note in built.chain.notes] == ["flatten before nn.Linear"]


def test_s1_as_posted_does_not_run_and_the_answer_says_why() -> None:
    with pytest.raises(ChainError) as caught:
        build(S1.format(pool="nn.AvgPool2d()"))
    message, _, pointer = str(caught.value).split("\n")
    assert message == "nn.AvgPool2d lacks kernel_size: PyTorch refuses it too"
    assert "expected it, as in nn.AvgPool2d(2): AvgPool2d(kernel_size, stride=None" in pointer


S3 = """Sequential(
  (0): Linear(in_features=2048, out_features=1024, bias=True)
  (1): ReLU()
  (2): BatchNorm1d(1024, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (3): Dropout(p=0.5, inplace=False)
  (4): Linear(in_features=1024, out_features=4, bias=True)
)"""


def test_s3_as_it_is_printed_is_the_example_with_the_printed_names() -> None:
    printed = build(S3)
    assert biases(S3) == ["0.bias", "2.beta", "4.bias"]
    unnamed = tuple(replace(layer, name="") for layer in printed.chain.layers)
    assert replace(printed.chain, layers=unnamed) == build(EXAMPLES["S3"].chain).chain
    assert printed.input_shape == (4, 2048)
    assert build(f"{S3} @ 16x2048").input_shape == (16, 2048)


def test_s3_as_a_classifier_of_a_printed_model() -> None:
    entry = S3.replace("Sequential(", "(classifier): Sequential(", 1)
    built = build(f"Sequential(\n{entry}\n)")
    assert [name for name in built.parameters if "bias" in name] == ["classifier.0.bias", "classifier.4.bias"]


def test_s4_with_its_unknown_sizes() -> None:
    chain = build(EXAMPLES["S4"].chain).chain
    assert chain.filled() == (
        "conv0_e1: conv(8, k=3, pad=1) -> conv1_e1: conv(8, k=3, pad=1) -> bn(eps=0.001, momentum=0.01) -> relu -> maxpool(2, s=2) "
        "@ 4x3x8x8"
    )
    assert [note.what for note in chain.notes] == ["f_in = 3", "conv_out_size = 8"]


def test_s2_pads_as_slim_does() -> None:
    built = build(EXAMPLES["S2"].chain)
    assert built.output_shape == (4, 8, 4, 4)
    assert built.places[0].layer.arguments["pad"] == "same"
