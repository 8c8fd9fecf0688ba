"""The suites of `bnproof check`: which cases, in which dtypes, with which quantities. What to expect of each the engine says.

Shapes are small, so that compiling is what takes the time, and few, so that the tree of each sum is measured once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...chain.layers import LAYERS as LAYER_TABLE
from ...chain.parse import parse
from ...chain.tree import Layer
from ...numeric.roundoff.precision import HALF
from .cases import Case

WIDE = ("float64", "float32")
ALL = (*WIDE, "bfloat16", "float16")

LAYERS = (
    Case("linear(4) -> bn @ 16x6", "linear1.bias"),
    Case("conv1d(4) -> bn @ 4x3x4", "conv1d1.bias"),
    Case("conv(4) -> bn @ 4x3x4x4"),
    Case("conv3d(4) -> bn @ 2x2x2x2x4", "conv3d1.bias"),
    Case("convtranspose(4) -> bn @ 4x3x4x4", "convtranspose1.bias"),
    Case("conv(4, groups=2) -> bn @ 4x4x4x4"),
    Case("depthwise -> bn @ 4x4x4x4", "depthwise1.bias"),
    Case("conv(4, dilation=2) -> bn @ 4x3x4x4"),
    Case("conv(4, s=2) -> bn @ 4x3x4x4"),
    Case("conv(4) -> bn(variance=onepass) @ 4x3x4x4"),
)
"""Every layer with a bias, straight into batch normalisation."""
BETWEEN = (
    Case("conv(4) -> maxpool -> bn @ 4x3x8x8"),
    Case("conv(4) -> avgpool -> bn @ 4x3x8x8"),
    Case("conv(4) -> conv(4, pad=valid) -> bn @ 4x3x6x6"),
    Case("conv(4) -> conv(4, pad=circular) -> bn @ 4x3x4x4"),
    Case("conv(4) -> conv(4, pad=reflect) -> bn @ 4x3x4x4"),
    Case("conv(4) -> conv(4, pad=replicate) -> bn @ 4x3x4x4"),
    Case("conv(4) -> upsample -> bn @ 4x3x2x2"),
    Case("residual(conv(4)) -> bn @ 4x4x4x4"),
    Case("concat(conv(2); conv(2)) -> bn @ 4x3x4x4", "conv2.bias"),
)
"""Something between the bias and batch normalisation that a shift of all positions passes."""
NORMS = (
    Case("conv(4) -> in @ 2x3x6x6"),
    Case("conv(4) -> ln @ 2x3x4x4", along="mean"),
    Case("conv(4) -> gn(2) @ 2x3x4x4", along="groups"),
    Case("attention @ 2x4x6", "attention1.k.bias"),
)
"""Other normalisations, along what they remove."""
CONTROLS = (
    Case("conv(4) -> relu -> bn @ 4x3x2x2"),
    Case("conv(4) -> lrelu(0.1) -> bn @ 4x3x2x2"),
    Case("conv(4) -> gelu -> bn @ 4x3x2x2"),
    Case("conv(4) -> dropout(0.5) -> bn @ 4x3x2x2"),
    Case("conv(4) -> bn @ 4x3x2x2", mode="eval"),
    Case("conv(4) -> bn @ 4x3x2x2", mode="frozen"),
    Case("conv(4) -> conv(4) -> bn @ 4x3x2x2"),
    Case("conv(4) -> ln @ 2x3x2x2"),
    Case("conv(4) -> gn(2) @ 2x3x2x2"),
    Case("conv(4) -> rms @ 2x3x2x2"),
    Case("conv(4, standardised=yes) @ 4x3x2x2"),
    Case("conv(4) -> brn @ 4x3x2x2"),
    Case("linear(4) -> bn -> relu -> linear(3) @ 8x6", "linear2.bias"),
)
"""Biases that act: the checker must see them move; in batch renormalisation (`brn`) the output alone, whose gradient is zero."""
LARGEST = "10000000x1"
SIZES = tuple(
    Case(f"linear(1) -> bn{variance} @ {size}", "linear1.bias")
    for size in ("2x1", "10x1", "1000x1", "100000x1", LARGEST)
    for variance in ("", "(variance=onepass)")
)
"""From 2 to 10⁷ values normalised together; as many as that in float32 alone, which takes half a minute."""
DEEP = (
    Case("conv(4) -> bn -> relu -> conv(4) -> bn -> relu -> globalpool -> linear(3) @ 4x3x4x4"),
    Case("conv(4) -> bn -> relu -> conv(4) -> bn -> relu -> globalpool -> linear(3) @ 4x3x4x4", "conv2.bias"),
)
"""A small network: kinks after the normalisation."""


EXACT = (LAYERS[0], LAYERS[2], LAYERS[9], *NORMS, DEEP[0], *CONTROLS[4:6], CONTROLS[9], CONTROLS[11])
"""Every normalisation, plain, in training and with stored statistics: value and gradients are held against exact ones as well."""


@dataclass(frozen=True)
class Task:
    """A case in one dtype: every quantity if `whole`, otherwise the bias gradient and the shift alone; how many draws.

    exact: whether the chain's values and gradients are held against exact ones besides.
    """

    case: Case
    dtype: str
    whole: bool = True
    draws: int = 1
    exact: bool = False


EPS = 0.01
"""ε of normalisations in half types: with 1e-5 the 1/σ³ of a channel that is nearly constant, 3·10⁷, overflows float16."""


def coarse(case: Case) -> Case:
    """The case with `EPS` in every normalisation whose ε is the default."""
    chain = parse(case.chain)
    return replace(case, chain=str(replace(chain, layers=tuple(map(_with_room, chain.layers)))))


def _with_room(layer: Layer) -> Layer:
    branches = tuple(tuple(map(_with_room, branch)) for branch in layer.branches)
    argument = LAYER_TABLE[layer.token].by_name.get("eps")
    if argument is None or layer.arguments["eps"] != argument.default:
        return replace(layer, branches=branches)
    return replace(layer, arguments={**layer.arguments, "eps": EPS}, branches=branches)


def task(case: Case, dtype: str, whole: bool = True, draws: int = 1, exact: bool = False) -> Task:
    """The task, with room for half types."""
    return Task(coarse(case) if dtype in HALF else case, dtype, whole, draws, exact)


def quick() -> Iterator[Task]:
    """Every kind of case; the half types for the plainest."""
    plain = (LAYERS[0], LAYERS[2], CONTROLS[0], CONTROLS[4])
    for case in (*LAYERS[:3], *BETWEEN[:3], *NORMS, *CONTROLS[:7]):
        for dtype in ALL if case in plain else WIDE:
            yield task(case, dtype, whole=case is LAYERS[2], exact=case in EXACT[:2])


def full() -> Iterator[Task]:
    """Every case in every dtype with every quantity; large batches in the wide types."""
    for case in (*LAYERS, *BETWEEN, *NORMS, *DEEP, *CONTROLS):
        for dtype in ALL:
            yield task(case, dtype, draws=2, exact=case in EXACT)
    for case in SIZES:
        for dtype in WIDE if LARGEST not in case.chain else WIDE[1:]:
            yield Task(case, dtype, whole=False)


SUITES = {"quick": quick, "full": full}
