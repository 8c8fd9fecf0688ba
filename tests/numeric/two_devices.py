"""Run by `test_host` where the CPU is two devices and the second is JAX's default, as a GPU would be: who computes where, as JSON."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import jax

from bnproof.decide import jacobian
from bnproof.decide.chain import decide
from bnproof.decide.checking.cases import Case, subject
from bnproof.numeric.checking.check import Check
from bnproof.numeric.replay import derivatives, op

PLACES: dict[str, set[int]] = {"replayed": set(), "differentiated": set(), "proved": set(), "checked": set(), "default": set()}


def watched(name: str, run: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, noting on which devices its results lie."""

    def noting(*args: Any) -> Any:
        results = run(*args)
        for leaf in jax.tree.leaves(results):
            PLACES[name] |= {device.id for device in leaf.devices()}
        return results

    return noting


def watch(module: Any, name: str) -> None:
    made = module._compiled
    module._compiled = functools.lru_cache(lambda *args: watched(name, made(*args)))


def main() -> None:
    first, second = jax.devices()
    jax.config.update("jax_default_device", second)  # type: ignore[no-untyped-call]
    PLACES["default"] = {device.id for device in jax.numpy.ones(2).devices()}
    watch(op, "replayed")
    watch(derivatives, "differentiated")
    rows = jacobian.Jacobians._compiled.func  # type: ignore[attr-defined]
    jacobian.Jacobians._compiled = property(lambda self: watched("proved", rows(self)))  # type: ignore[assignment]
    for chain in ("conv(4) -> maxpool -> bn @ 4x3x8x8", "conv(4) -> dropout(0.5) -> bn @ 4x3x2x2"):
        check = Check(subject(Case(chain)), "float32", second)
        vars(check)["_compiled"] = watched("checked", vars(check)["_compiled"])
        assert all(m.passed for m in check.run(0))
    decide("conv(4) -> ln @ 2x3x4x4", "train", directions=True, explain=True)
    print(json.dumps({name: sorted(ids) for name, ids in PLACES.items()} | {"first": first.id}))


if __name__ == "__main__":
    main()
