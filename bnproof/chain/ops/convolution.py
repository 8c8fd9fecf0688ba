"""Convolutions in one, two and three dimensions, and depthwise: the kernel is O × I/groups × k × …"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from .operation import Parameter, Plan, Site, Values, along_channels, operation, stateless
from .windows import HALVES, PAD_MODES, check_surroundings, surrounded, windows

WEIGHT_EPS = 1e-5
"""ε of weight standardisation."""
_SPATIAL = {"conv1d": 1, "conv": 2, "conv3d": 3}


@operation(*_SPATIAL)
def convolution(site: Site) -> Plan:
    """N × I × P → N × O × P′ with every P′ = (P + before + after − ((k−1)·dilation + 1)) // s + 1.

    k, s, dilation and pad are numbers for all axes or one for each. pad = zeros, circular, reflect, replicate:
    (k−1)·dilation//2 positions on both sides; valid: none; same: as TensorFlow pads, P′ = ⌈P/s⌉, an odd position after;
    causal (conv1d): (k−1)·dilation before; a number: as many on both sides. padding_mode says what is padded where pad is a
    number, same or causal.
    standardised: each output channel's kernel is centred and divided by √(variance + 1e-5) first (Qiao et al. 2019).

    Raises ChainError for another number of axes, groups that do not divide both channels, a kernel that does not fit, and
    a padding_mode that contradicts pad.
    """
    site.needs_positions(_SPATIAL[site.layer.token])
    channels, groups = site.layer.integer("channels"), site.layer.integer("groups")
    check_groups(site, channels, groups)
    return _plan(site, channels, groups)


@operation("depthwise")
def depthwise(site: Site) -> Plan:
    """N × C × P → N × (C·multiplier) × P′: `multiplier` kernels a channel, in as many dimensions as the input has.

    The outputs of a channel are neighbours. Raises ChainError as conv does.
    """
    site.needs_positions()
    return _plan(site, site.channels * site.layer.integer("multiplier"), site.channels)


def check_groups(site: Site, channels: int, groups: int) -> None:
    """Raises ChainError unless the groups divide the input's and the output's channels."""
    for side, count in (("input", site.channels), ("output", channels)):
        if count % groups:
            hint = f"expected groups that divide the {count} {side} channels"
            raise site.error(f"{groups} groups do not divide {count} {side} channels", hint, "groups")


def _padding_mode(site: Site) -> str:
    pad, mode = site.layer.arguments["pad"], site.layer.word("padding_mode")
    if pad not in HALVES:
        return mode
    assert isinstance(pad, str)
    if mode not in ("zeros", pad):
        hint = f"expected pad={mode}, or a number, same or valid as pad"
        raise site.error(f"pad={pad} contradicts padding_mode={mode}", hint, "padding_mode")
    return pad


def _plan(site: Site, channels: int, groups: int) -> Plan:
    layer, mode = site.layer, _padding_mode(site)
    ks, strides, dilations = site.sizes("k"), site.sizes("s"), site.sizes("dilation")
    along = windows(site, ks, strides, dilations)
    before, after = tuple(w.before for w in along), tuple(w.after for w in along)
    check_surroundings(site, mode, before, after, "pad")
    kernel = (channels, site.channels // groups, *ks)
    spread = 1 / math.sqrt(math.prod(kernel[1:]))  # PyTorch's start, for kernel and bias alike
    parameters = {"kernel": Parameter(kernel, spread=spread)}
    if layer.flag("bias"):
        parameters["bias"] = Parameter((channels,), spread=spread)
    copied = mode in PAD_MODES and any((*before, *after))
    border = [(0, 0)] * len(along) if copied else list(zip(before, after, strict=True))

    def run(values: Values, x: jax.Array) -> jax.Array:
        y = jax.lax.conv_general_dilated(
            surrounded(x, mode, before, after) if copied else x,
            _standardised(values["kernel"]) if layer.flag("standardised") else values["kernel"],
            window_strides=strides,
            padding=border,
            rhs_dilation=dilations,
            feature_group_count=groups,
        )
        return y + along_channels(values["bias"], y) if "bias" in values else y

    sizes = (window.count(size) for window, size in zip(along, site.positions, strict=True))
    bordered = mode == "zeros" and any((*before, *after))
    return Plan((site.shape[0], channels, *sizes), stateless(run), parameters, bordered=bordered)


def _standardised(kernel: jax.Array) -> jax.Array:
    axes = tuple(range(1, kernel.ndim))
    centred = kernel - jnp.mean(kernel, axis=axes, keepdims=True)
    return centred / jnp.sqrt(jnp.mean(jnp.square(centred), axis=axes, keepdims=True) + WEIGHT_EPS)
