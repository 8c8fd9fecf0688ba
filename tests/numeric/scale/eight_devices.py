"""Run by test_sharded on eight host devices: right and deliberately wrong checks, as JSON on standard output."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

import jax
from jax import lax
from jax import numpy as jnp

from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.devices import choose
from bnproof.numeric.roundoff.precision import computing
from bnproof.numeric.scale.shard_bounds import Gradients, Judge
from bnproof.numeric.scale.sharded import gradients, own_mean, run_sharded, synchronised_mean

SIZES, ROOM = (1, 2, 3, 5), 5


def backward_not_exchanged(values: Any, count: Any) -> Any:
    """The mean over all devices, whose derivative leaves out the others' sums."""
    own = jnp.sum(values, (0, 2, 3))
    total = own + lax.stop_gradient(lax.psum(own, "devices") - own)
    return total[:, None, None] / lax.psum(count, "devices").astype(values.dtype)


def padding_counted(values: Any, count: Any) -> Any:
    """The total sum by the number of places, filled or not."""
    places = 4 * ROOM * jnp.float64(values.shape[2] * values.shape[3])
    return lax.psum(jnp.sum(values, (0, 2, 3)), "devices")[:, None, None] / places


def wrong() -> dict[str, Measurement]:
    devices, dtype = choose("cpu", 4), "float64"
    judge = Judge("conv -> bn", dtype, "cpu")

    def run(mean: Any) -> Gradients:
        return gradients(devices, dtype, SIZES, 0, ROOM, False, mean)

    with computing(dtype):
        right, apart = run(synchronised_mean), run(own_mean)
        shares = right.counts / right.counts.mean()
        return {
            "right": judge.total(right),
            "weighted by the shares": judge.total(replace(right, total=shares @ right.each)),
            "backward sums not exchanged": judge.total(run(backward_not_exchanged)),
            "padding counted": judge.total(run(padding_counted)),
            "one device, synchronised, expected 0": judge.each(right),
            "one device, own statistics, expected not 0": judge.one(apart),
        }


def main() -> None:
    if sys.argv[1] == "wrong":
        found: Any = {name: m.as_json() for name, m in wrong().items()}
    else:
        sizes = json.loads(sys.argv[3])
        devices = choose("cpu", len(sizes or range(8)))
        found = [m.as_json() for m in run_sharded(devices, sys.argv[2], sizes)]
    assert not jax.config.jax_enable_x64  # type: ignore[attr-defined]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
