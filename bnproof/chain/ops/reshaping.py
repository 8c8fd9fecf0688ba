"""Layers that move and copy entries: flatten, padding, identity."""

from __future__ import annotations

import math

from .operation import Plan, Site, operation, stateless
from .windows import check_surroundings, surrounded


@operation("flatten")
def flatten(site: Site) -> Plan:
    """N × C × P → N × (C·P), channels first; N × C is kept."""
    features = math.prod(site.shape[1:])
    return Plan((site.shape[0], features), stateless(lambda _, x: x.reshape(x.shape[0], features)))


@operation("zeropad", "circularpad", "reflectpad", "replicatepad")
def padding(site: Site) -> Plan:
    """N × C × P → N × C × (before + P + after): zeros, or copies of entries, around the positions.

    before and after are numbers for all axes or one for each; after is before where it is not given. Raises ChainError for an
    input without positions, and too few of them to reflect or to go around once.
    """
    site.needs_positions()
    mode, before = site.layer.token.removesuffix("pad"), site.sizes("before")
    after = before if site.layer.arguments["after"] is None else site.sizes("after")
    check_surroundings(site, mode, before, after, "before")
    sizes = (b + size + a for b, size, a in zip(before, site.positions, after, strict=True))
    run = stateless(lambda _, x: surrounded(x, mode, before, after))
    return Plan((*site.shape[:2], *sizes), run, bordered=mode == "zero" and any((*before, *after)))


@operation("identity")
def identity(site: Site) -> Plan:
    """The input."""
    return Plan(site.shape, stateless(lambda _, x: x))
