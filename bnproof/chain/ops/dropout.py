"""Dropout: in train mode entries are zeroed with probability p, and the rest divided by 1 − p."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from ..pointer import pointed
from .operation import Moment, Plan, Site, Values, operation


@operation("dropout", "channeldropout")
def dropout(site: Site) -> Plan:
    """dropout: each entry by itself; channeldropout: each channel of each sample as a whole.

    The identity in eval and frozen mode, and for p = 0. Running it in train mode without a key raises ChainError.
    """
    p, whole = site.layer.number("p"), site.layer.token == "channeldropout"

    def run(_: Values, inputs: Sequence[jax.Array], moment: Moment) -> tuple[jax.Array, Values]:
        x = inputs[0]
        if moment.mode != "train" or p == 0:
            return x, {}
        if moment.key is None:
            hint = "expected apply(…, key=jax.random.key(0))"
            raise pointed(f"{site.layer.token} in train mode needs a random key", site.text, site.layer.span, hint)
        drawn = (*x.shape[:2], *(1 for _ in x.shape[2:])) if whole else x.shape
        kept = jax.random.bernoulli(moment.key, jnp.float32(1 - p), drawn)  # float32: one key drops the same in every dtype
        return jnp.where(kept, x / (1 - p), 0), {}

    return Plan(site.shape, run, random=True)
