"""Chains that several sources are about: with an activation before batch normalisation, behind it, and without one."""

from __future__ import annotations

from .claim import Decided

BN_FIRST = Decided("conv -> bn", "conv1.bias", train="redundant", eval="acts")
RELU_FIRST = Decided(
    "conv -> relu -> bn",
    "conv1.bias",
    train="acts",
    eval="acts",
    irreplaceable_by=("conv1.kernel", "bn1.gamma", "bn1.beta"),
)
LEAKY_LAST = Decided("conv -> bn -> lrelu", "conv1.bias", train="redundant", eval="acts")
LEAKY_FIRST = Decided("conv -> lrelu -> bn", "conv1.bias", train="acts", eval="acts")
