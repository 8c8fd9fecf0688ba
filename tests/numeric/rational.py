"""Programs on rational arguments, for enclosures and witnesses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import jax
import numpy as np
from jax import export

from bnproof.algebra.rationals import read as read_number
from bnproof.chain.build import build

F = Fraction


def read(value: np.ndarray) -> np.ndarray:
    """Constants as the engine reads them; None where there is no number."""
    out = np.empty(value.shape, object)
    out.reshape(-1)[:] = [None if (n := read_number(v, value.dtype)) is None else F(n) for v in value.reshape(-1)]
    return out


def as_float(value: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(value), read(value).astype(np.float64), value)


def rationals(*shape: int, seed: int = 0, positive: bool = False) -> np.ndarray:
    random = np.random.default_rng([seed, *shape])
    out = np.empty(shape, object)
    out.reshape(-1)[:] = [F(int(k), 16) for k in random.integers(8 if positive else -32, 33, out.size)]
    return out


def chain(text: str, mode: str = "train", symbolic: bool = False) -> tuple[Any, list[Any], dict[str, int], dict[str, int]]:
    """(program without updated statistics, rational arguments, dims, the position of each argument by name)."""
    built = build(text)
    params, stats, x = built.structs()
    names = [*params, *stats]
    structs: list[Any] = [*params.values(), *stats.values()]

    def run(*values: Any) -> Any:
        named = dict(zip(names, values[:-1], strict=True))
        p, s = ({name: named[name] for name in side} for side in (params, stats))
        return built.apply(p, s, values[-1], mode, jax.random.key(0))[0]  # pyright: ignore[reportArgumentType]

    batch: Any = export.symbolic_shape("n")[0] if symbolic else x.shape[0]
    data = jax.ShapeDtypeStruct((batch, *x.shape[1:]), x.dtype)
    args = [rationals(*s.shape, seed=k, positive="var" in n) for k, (n, s) in enumerate(zip(names, structs, strict=True))]
    jaxpr = jax.make_jaxpr(run)(*structs, data)
    where = {name: k for k, name in enumerate([*names, "input"])}
    return jaxpr, [*args, rationals(*x.shape, seed=99)], {"n": x.shape[0]} if symbolic else {}, where
