"""The transposed convolution: the adjoint of a convolution, with the kernel laid out as PyTorch does, I × O/groups × k × k."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from .operation import Parameter, Plan, Site, Values, along_channels, operation, stateless


@operation("convtranspose")
def transposed(site: Site) -> Plan:
    """N × I × H × W → N × O × H′ × W′ with H′ = (H−1)·s − 2·pad + (k−1)·dilation + 1.

    pad is 0 for valid, else (k−1)·dilation//2, so that stride 1 keeps the size. Raises ChainError for another number
    of axes, and groups that do not divide both channels. Every H′ is 1 or more, since 2·pad ≤ (k−1)·dilation.
    """
    site.needs_positions(2)
    layer = site.layer
    k, s, dilation = layer.integer("k"), layer.integer("s"), layer.integer("dilation")
    channels, groups, inputs = layer.integer("channels"), layer.integer("groups"), site.channels
    for side, count in (("input", inputs), ("output", channels)):
        if count % groups:
            hint = f"expected groups that divide the {count} {side} channels"
            raise site.error(f"{groups} groups do not divide {count} {side} channels", hint, "groups")
    reach = (k - 1) * dilation
    width = 0 if layer.word("pad") == "valid" else reach // 2
    sizes = tuple((size - 1) * s - 2 * width + reach + 1 for size in site.positions)
    kernel = (inputs, channels // groups, k, k)
    spread = 1 / math.sqrt(math.prod(kernel[1:]))
    parameters = {"kernel": Parameter(kernel, spread=spread)}
    if layer.flag("bias"):
        parameters["bias"] = Parameter((channels,), spread=spread)

    def run(values: Values, x: jax.Array) -> jax.Array:
        # as an ordinary convolution: zeros between the inputs, the kernel turned around, its two channel axes swapped
        turned = jnp.flip(values["kernel"], (2, 3)).reshape(groups, inputs // groups, channels // groups, k, k)
        turned = turned.transpose(0, 2, 1, 3, 4).reshape(channels, inputs // groups, k, k)
        y = jax.lax.conv_general_dilated(
            x,
            turned,
            window_strides=(1, 1),
            padding=[(reach - width, reach - width)] * 2,
            lhs_dilation=(s, s),
            rhs_dilation=(dilation, dilation),
            feature_group_count=groups,
        )
        return y + along_channels(values["bias"], y) if "bias" in values else y

    return Plan((site.shape[0], channels, *sizes), stateless(run), parameters)
