"""The linear layer, y = x Wᵀ + b, on batch × features; the kernel is features out × features in."""

from __future__ import annotations

import math

import jax

from .operation import Parameter, Plan, Site, Values, operation, stateless


@operation("linear")
def linear(site: Site) -> Plan:
    """N × I → N × O. Raises ChainError for an input with positions: flatten or globalpool must come first."""
    if site.positions:
        raise site.error("linear needs batch × features", "expected flatten or globalpool before it")
    inputs, features = site.channels, site.layer.integer("features")
    spread = 1 / math.sqrt(inputs)
    parameters = {"kernel": Parameter((features, inputs), spread=spread)}
    if site.layer.flag("bias"):
        parameters["bias"] = Parameter((features,), spread=spread)

    def run(values: Values, x: jax.Array) -> jax.Array:
        y = x @ values["kernel"].T
        return y + values["bias"] if "bias" in values else y

    return Plan((site.shape[0], features), stateless(run), parameters)
