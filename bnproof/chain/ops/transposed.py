"""Transposed convolutions: adjoints of convolutions, with the kernel laid out as PyTorch does, I × O/groups × k × …"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from .convolution import check_groups
from .operation import Parameter, Plan, Site, Values, along_channels, operation, stateless
from .windows import HALVES

_SPATIAL = {"convtranspose1d": 1, "convtranspose": 2, "convtranspose3d": 3}


@operation(*_SPATIAL)
def transposed(site: Site) -> Plan:
    """N × I × P → N × O × P′ with every P′ = (P−1)·s − 2·pad + (k−1)·dilation + 1 + output_padding.

    k, s, dilation, pad and output_padding are numbers for all axes or one for each. pad = zeros: (k−1)·dilation//2, so that
    stride 1 keeps the size; valid: 0; same: as Keras cuts, P′ = P·s, or (P−1)·s + ((k−1)·dilation + 1) mod 2 +
    output_padding where output_padding is given. The extra positions of output_padding stand at the end.

    Raises ChainError for another number of axes, groups that do not divide both channels, more padding than the output
    has, and an output_padding of both s and dilation, or more.
    """
    site.needs_positions(_SPATIAL[site.layer.token])
    layer, axes = site.layer, len(site.positions)
    ks, strides, dilations = site.sizes("k"), site.sizes("s"), site.sizes("dilation")
    channels, groups, inputs = layer.integer("channels"), layer.integer("groups"), site.channels
    check_groups(site, channels, groups)
    edges = tuple(_edges(site, axis, ks[axis], strides[axis], dilations[axis]) for axis in range(axes))
    sizes = tuple(
        (size - 1) * s + 1 + before + after - (k - 1) * dilation
        for size, s, k, dilation, (before, after) in zip(site.positions, strides, ks, dilations, edges, strict=True)
    )
    if min(sizes) < 1:
        raise site.error("pad leaves no output", "expected a smaller pad", "pad")
    kernel = (inputs, channels // groups, *ks)
    spread = 1 / math.sqrt(math.prod(kernel[1:]))
    parameters = {"kernel": Parameter(kernel, spread=spread)}
    if layer.flag("bias"):
        parameters["bias"] = Parameter((channels,), spread=spread)

    def run(values: Values, x: jax.Array) -> jax.Array:
        # as an ordinary convolution: zeros between the inputs, the kernel turned around, its two channel axes swapped
        turned = jnp.flip(values["kernel"], tuple(range(2, axes + 2)))
        turned = jnp.swapaxes(turned.reshape(groups, inputs // groups, channels // groups, *ks), 1, 2)
        y = jax.lax.conv_general_dilated(
            x,
            turned.reshape(channels, inputs // groups, *ks),
            window_strides=(1,) * axes,
            padding=edges,
            lhs_dilation=strides,
            rhs_dilation=dilations,
            feature_group_count=groups,
        )
        return y + along_channels(values["bias"], y) if "bias" in values else y

    return Plan((site.shape[0], channels, *sizes), stateless(run), parameters)


def _edges(site: Site, axis: int, k: int, s: int, dilation: int) -> tuple[int, int]:
    """The zeros before and after the spread-out input, for an ordinary convolution along this axis; negative ones cut."""
    pad, reach = site.layer.arguments["pad"], (k - 1) * dilation
    extra = None if site.layer.arguments["output_padding"] is None else site.sizes("output_padding")[axis]
    if pad == "same":  # as Keras does it on JAX
        total = s + reach - 1 if extra is None else reach + 1 + (reach + 1) % 2 - 2 + extra
        before = min(total // 2 + total % 2, reach)
        return before, total - before
    if extra is not None and extra >= max(s, dilation):
        hint = f"expected less than {max(s, dilation)}, the larger of s and dilation"
        raise site.error(f"output_padding of {extra} is too large", hint, "output_padding")
    width = reach // 2 if pad in HALVES else 0 if isinstance(pad, str) else site.sizes("pad")[axis]
    return reach - width, reach - width + (extra or 0)
