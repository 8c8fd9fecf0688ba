"""Convolutions in one, two and three dimensions, and depthwise: the kernel is O × I/groups × k × …"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from ..tree import Shape
from .operation import Parameter, Plan, Site, Values, along_channels, operation, stateless

PAD_MODES = {"circular": "wrap", "reflect": "reflect", "replicate": "edge"}
"""Paddings that are done to the input, by the name `jnp.pad` has for them."""
WEIGHT_EPS = 1e-5
"""ε of weight standardisation."""
_SPATIAL = {"conv1d": 1, "conv": 2, "conv3d": 3}


@operation(*_SPATIAL)
def convolution(site: Site) -> Plan:
    """N × I × P → N × O × P′ with every P′ = (P + 2·pad − ((k−1)·dilation + 1)) // s + 1.

    standardised: each output channel's kernel is centred and divided by √(variance + 1e-5) first (Qiao et al. 2019).

    Raises ChainError for another number of axes, groups that do not divide both channels, and a kernel that does not fit.
    """
    site.needs_positions(_SPATIAL[site.layer.token])
    channels, groups = site.layer.integer("channels"), site.layer.integer("groups")
    for side, count in (("input", site.channels), ("output", channels)):
        if count % groups:
            hint = f"expected groups that divide the {count} {side} channels"
            raise site.error(f"{groups} groups do not divide {count} {side} channels", hint, "groups")
    return _plan(site, channels, groups)


@operation("depthwise")
def depthwise(site: Site) -> Plan:
    """N × C × P → N × C × P′: one kernel a channel, in as many dimensions as the input has. Raises ChainError as conv does."""
    site.needs_positions()
    return _plan(site, site.channels, site.channels)


def _plan(site: Site, channels: int, groups: int) -> Plan:
    layer = site.layer
    k, s, dilation, pad = layer.integer("k"), layer.integer("s"), layer.integer("dilation"), layer.word("pad")
    dimensions = len(site.positions)
    width = 0 if pad == "valid" else (k - 1) * dilation // 2
    kernel = (channels, site.channels // groups) + (k,) * dimensions
    spread = 1 / math.sqrt(math.prod(kernel[1:]))  # PyTorch's start, for kernel and bias alike
    parameters = {"kernel": Parameter(kernel, spread=spread)}
    if layer.flag("bias"):
        parameters["bias"] = Parameter((channels,), spread=spread)

    def run(values: Values, x: jax.Array) -> jax.Array:
        if pad in PAD_MODES and width:
            x = jnp.pad(x, [(0, 0), (0, 0)] + [(width, width)] * dimensions, mode=PAD_MODES[pad])
        border = width if pad == "zeros" else 0
        y = jax.lax.conv_general_dilated(
            x,
            _standardised(values["kernel"]) if layer.flag("standardised") else values["kernel"],
            window_strides=(s,) * dimensions,
            padding=[(border, border)] * dimensions,
            rhs_dilation=(dilation,) * dimensions,
            feature_group_count=groups,
        )
        return y + along_channels(values["bias"], y) if "bias" in values else y

    return Plan((site.shape[0], channels, *_sizes(site, width)), stateless(run), parameters)


def _standardised(kernel: jax.Array) -> jax.Array:
    axes = tuple(range(1, kernel.ndim))
    centred = kernel - jnp.mean(kernel, axis=axes, keepdims=True)
    return centred / jnp.sqrt(jnp.mean(jnp.square(centred), axis=axes, keepdims=True) + WEIGHT_EPS)


def _sizes(site: Site, width: int) -> Shape:
    k, s, dilation, pad = (
        site.layer.integer("k"),
        site.layer.integer("s"),
        site.layer.integer("dilation"),
        site.layer.word("pad"),
    )
    smallest = min(site.positions)
    # as in PyTorch: reflecting needs width + 1 positions, wrapping around needs width; jnp.pad would go around twice
    if width >= smallest + (pad == "circular") and pad in ("reflect", "circular"):
        hint = f"expected {width + (pad == 'reflect')} positions or more along each axis"
        raise site.error(f"{pad} padding of {width} does not fit", hint, "pad")
    extent = (k - 1) * dilation + 1
    if extent > smallest + 2 * width:
        dilated = f", dilated to {extent}," if dilation > 1 else ""
        hint = f"expected k small enough for {smallest + 2 * width} positions, padding included"
        raise site.error(f"a kernel of {k}{dilated} is larger than its input", hint, "k")
    return tuple((size + 2 * width - extent) // s + 1 for size in site.positions)
