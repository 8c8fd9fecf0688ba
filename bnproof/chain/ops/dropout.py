"""Dropout: in train mode each entry is zeroed with probability p, and the rest divided by 1 − p."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from ..pointer import pointed
from .operation import Moment, Plan, Site, Values, operation


@operation("dropout")
def dropout(site: Site) -> Plan:
    """The identity in eval and frozen mode, and for p = 0. Running it in train mode without a key raises ChainError."""
    p = site.layer.number("p")

    def run(_: Values, inputs: Sequence[jax.Array], moment: Moment) -> tuple[jax.Array, Values]:
        x = inputs[0]
        if moment.mode != "train" or p == 0:
            return x, {}
        if moment.key is None:
            hint = "expected apply(…, key=jax.random.key(0))"
            raise pointed("dropout in train mode needs a random key", site.text, site.layer.span, hint)
        kept = jax.random.bernoulli(moment.key, 1 - p, x.shape)
        return jnp.where(kept, x / (1 - p), 0), {}

    return Plan(site.shape, run, random=True)
