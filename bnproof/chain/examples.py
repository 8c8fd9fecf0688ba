"""The five sources' architectures as named chains; what each source asks is in the theorems' claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import UnknownNameError, nearest


@dataclass(frozen=True)
class Example:
    """A source's model as a chain, with the variants that its question compares, and what the source leaves open."""

    name: str
    title: str
    chain: str
    variants: Mapping[str, str]


_S1_BLOCK = "conv(64, k=3, s=2, pad=valid) -> bn"

EXAMPLES: dict[str, Example] = {
    example.name: example
    for example in (
        Example(
            "S0",
            "Conv→ReLU→BN: does the convolution need its bias?",
            "conv -> relu -> bn",
            {"bn_first": "conv -> bn -> relu"},
        ),
        # Sizes at 110×110: 110 → 53 → 26 → 12 → 5 → 2 by the five convolutions, then 1 by the average pool of kernel 2:
        # they work out, with nothing to spare. Linear sees 64·1·1 features; the last BN has four values a sample.
        Example(
            "S1",
            "five Conv→BN blocks, average pooling, Linear, Sigmoid: can the biases go?",
            "conv(64, k=5, s=2, pad=valid) -> bn -> relu -> "
            + f"{_S1_BLOCK} -> relu -> " * 3
            + f"{_S1_BLOCK} -> avgpool(2) -> flatten -> linear(1) -> sigmoid @ 4x32x110x110",
            {},
        ),
        # slim pads an even input by 1 before and 2 after ("SAME"); here it is 2 on both sides, and the size is the same, 4.
        Example(
            "S2",
            "5×5 Conv of stride 2 with bias, BN, leaky ReLU: a bias and a normaliser?",
            "conv(k=5, s=2) -> bn -> lrelu",
            {"lrelu_first": "conv(k=5, s=2) -> lrelu -> bn"},
        ),
        Example(
            "S3",
            "the head Linear→ReLU→BN→Dropout→Linear: which biases stay?",
            "linear(1024) -> relu -> bn(eps=1e-5, momentum=0.1) -> dropout(0.5) -> linear(4) @ 4x2048",
            {"linear_head": "linear(4) @ 4x2048"},
        ),
        Example(
            "S4",
            "Conv→Conv→BN→ReLU→MaxPool: does the first convolution's bias matter?",
            "conv -> conv -> bn(eps=1e-3, momentum=0.01) -> relu -> maxpool(2)",
            {
                "valid": "conv -> conv(pad=valid) -> bn(eps=1e-3, momentum=0.01) -> relu -> maxpool(2)",
                "activation_between": "conv -> relu -> conv -> bn(eps=1e-3, momentum=0.01) -> relu -> maxpool(2)",
            },
        ),
    )
}
"""The examples by name, ``S0`` … ``S4``."""


def example(name: str) -> Example:
    """The example of that name, in either case. Raises UnknownNameError with the nearest names."""
    found = EXAMPLES.get(name.upper())
    if found is None:
        raise UnknownNameError(f"unknown example `{name}`; did you mean {', '.join(nearest(name, EXAMPLES))}?")
    return found
