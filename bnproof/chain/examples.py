"""The five sources' architectures as named chains; what each source asks is in the theorems' claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import UnknownNameError, nearest


@dataclass(frozen=True)
class Example:
    """A source's model as a chain, with the variants that its question compares, and what the source leaves open (`note`)."""

    name: str
    title: str
    chain: str
    variants: Mapping[str, str]
    note: str = ""


_S1_BLOCK = "Conv2d(64, 64, kernel_size=3, stride=2) -> BatchNorm2d(64)"
_S4_FIRST = "conv0_e1: nn.Conv2d(f_in, conv_out_size, kernel_size=3, padding=1)"
_S4_REST = "nn.BatchNorm2d(conv_out_size, eps=1e-3, momentum=0.01) -> nn.ReLU() -> nn.MaxPool2d(2, 2)"


def _s4(second: str, between: str = "") -> str:
    return f"{_S4_FIRST} -> {between}conv1_e1: nn.Conv2d(conv_out_size, conv_out_size, kernel_size=3, {second}) -> {_S4_REST}"


EXAMPLES: dict[str, Example] = {
    example.name: example
    for example in (
        Example(
            "S0",
            "Conv→ReLU→BN: does the convolution need its bias?",
            "Conv2d -> ReLU -> BatchNorm2d",
            {"bn_first": "Conv2d -> BatchNorm2d -> ReLU"},
        ),
        # Sizes at 110×110: 110 → 53 → 26 → 12 → 5 → 2 by the five convolutions, then 1 by the average pool of kernel 2, which
        # the post leaves out: they work out, with nothing to spare. Linear sees 64·1·1 features, flattened.
        Example(
            "S1",
            "five Conv→BN blocks, average pooling, Linear, Sigmoid: can the biases go?",
            "Conv2d(32, 64, kernel_size=5, stride=2) -> BatchNorm2d(64) -> ReLU -> "
            + f"{_S1_BLOCK} -> ReLU -> " * 3
            + f"{_S1_BLOCK} -> AvgPool2d(2) -> Linear(64, 1) -> Sigmoid @ 32x110x110",
            {},
            "As posted, AvgPool2d() lacks its kernel size, so that PyTorch does not build the network; 2 is taken here.",
        ),
        # TF-slim, which is neither of the frameworks that chains can be spelled in: SAME padding, decay 0.999, scale=False.
        Example(
            "S2",
            "5×5 Conv of stride 2 with bias, BN, leaky ReLU: a bias and a normaliser?",
            "conv(k=5, s=2, pad=same) -> bn(eps=0.001, momentum=0.001, gamma=no) -> lrelu",
            {"lrelu_first": "conv(k=5, s=2, pad=same) -> lrelu -> bn(eps=0.001, momentum=0.001, gamma=no)"},
        ),
        Example(
            "S3",
            "the head Linear→ReLU→BN→Dropout→Linear: which biases stay?",
            "Linear(2048, 1024) -> ReLU() -> BatchNorm1d(1024, eps=1e-05, momentum=0.1) -> Dropout(p=0.5) -> Linear(1024, 4)",
            {"linear_head": "Linear(2048, 4)"},
        ),
        Example(
            "S4",
            "Conv→Conv→BN→ReLU→MaxPool: does the first convolution's bias matter?",
            _s4("padding=1"),
            {"valid": _s4("padding=0"), "activation_between": _s4("padding=1", "nn.ReLU() -> ")},
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
