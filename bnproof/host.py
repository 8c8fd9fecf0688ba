"""Where proofs and replays compute: in 64-bit mode on the CPU, whatever device is JAX's default.

What is checked is the program on its device; what it is checked against must not be computed there, since a GPU's float64 may
flush, contract or convolve in its own ways. Every operation of JAX's that a replay, a proof or an exact evaluation runs is run
within `on_host`.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from .errors import CheckError


def host() -> Any:
    """The first CPU device of this process. Raises CheckError where JAX was told to leave the CPU out."""
    import jax

    try:
        return jax.local_devices(backend="cpu")[0]
    except (RuntimeError, AssertionError) as error:  # JAX raises either, by whether JAX_PLATFORMS leaves the platform out
        chosen = os.environ.get("JAX_PLATFORMS", "")
        raise CheckError(
            f"proofs and replays are computed on the CPU, which JAX_PLATFORMS={chosen} leaves out: set JAX_PLATFORMS={chosen},cpu"
        ) from error


@contextmanager
def on_host() -> Generator[None]:
    """64-bit mode on the CPU for this thread while the block runs; nothing is changed globally. Raises what `host` raises."""
    import jax

    with jax.enable_x64(True), jax.default_device(host()):
        yield
