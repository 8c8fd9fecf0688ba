"""Flax modules checked as they are: Linen ones initialised from a seed, NNX ones with the arrays they hold."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import bnproof
from bnproof.decide.checking.inputs import Called
from bnproof.decide.checking.modules import runnable, to_call
from bnproof.errors import CheckError

from .available import framework

flax = framework("flax")
nn = framework("flax.linen")
nnx = framework("flax.nnx")
X = np.random.default_rng(0).normal(size=(6, 3))


class Network(nn.Module):
    """Dense → BN → dropout → dense."""

    width: int = 4

    @nn.compact
    def __call__(self, x: Any, train: bool) -> Any:
        x = nn.Dense(self.width)(x)
        x = nn.BatchNorm(use_running_average=not train)(x)
        x = nn.Dropout(0.5, deterministic=not train)(x)
        return nn.Dense(2)(x)


class Needy(nn.Module):
    width: int

    @nn.compact
    def __call__(self, x: Any) -> Any:
        return nn.Dense(self.width)(x)


class Newer(nnx.Module):
    def __init__(self, rngs: Any) -> None:
        self.first, self.norm = nnx.Linear(3, 4, rngs=rngs), nnx.BatchNorm(4, rngs=rngs)
        self.last = nnx.List([nnx.Linear(4, 2, rngs=rngs)])

    def __call__(self, x: Any) -> Any:
        return self.last[0](self.norm(self.first(x)))


def sides(found: Any) -> dict[str, str]:
    assert found
    assert all(m.passed for m in found)
    return {m.bias: m.expected for m in found if m.quantity.startswith("output shift")}


@pytest.mark.parametrize(("train", "first"), [(True, "below"), (False, "above")])
def test_an_apply_with_updated_statistics(train: bool, first: str) -> None:
    module = Network()
    variables = module.init({"params": jax.random.key(0)}, X, False)

    def forward(variables: Any, x: Any) -> Any:
        return module.apply(variables, x, train, mutable=["batch_stats"], rngs={"dropout": jax.random.key(1)})

    found = bnproof.check(forward, variables, X, dtypes=["float32"], has_aux=True)
    assert sides(found) == {
        "variables.params.Dense_0.bias": first,
        "variables.params.BatchNorm_0.bias": "above",
        "variables.params.Dense_1.bias": "above",
    }


def test_an_apply_by_itself() -> None:
    module = nn.Dense(4)
    found = bnproof.check(module.apply, module.init(jax.random.key(0), X), X, dtypes=["float32"])
    assert sides(found) == {"variables.params.bias": "above"}


def test_a_module_is_initialised_from_the_seed() -> None:
    called = Called((jax.ShapeDtypeStruct((6, 3), jnp.float32), True), {})
    one, again, other = (runnable(Network(), called, "file.py:net", seed) for seed in (0, 0, 1))
    kernels = [np.asarray(made.kwargs["params"]["Dense_0"]["kernel"]) for made in (one, again, other)]
    assert np.array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])
    assert set(one.kwargs) == {"params", "batch_stats"}
    output, updated = one.function(X, True, **one.kwargs)
    assert output.shape == (6, 2)
    assert set(updated) == {"batch_stats"}
    assert one.has_aux
    assert one.notes == ("`file.py:net` is a Flax module, initialised from the seed 0",)


def test_classes() -> None:
    assert isinstance(to_call(Network, "f.py:Network"), Network)
    with pytest.raises(CheckError, match=r"cannot be made without arguments, name an instance of it: TypeError.*width"):
        to_call(Needy, "f.py:Needy")
    with pytest.raises(CheckError, match="is a class: name an instance of it"):
        to_call(Newer, "f.py:Newer")


def test_a_module_that_cannot_be_initialised() -> None:
    with pytest.raises(CheckError, match=r"`f.py:n` cannot be initialised: .*"):
        runnable(Needy(width=-1), Called((jax.ShapeDtypeStruct((6, 3), jnp.float32),), {}), "f.py:n")


def test_a_newer_module_holds_its_arrays() -> None:
    found = bnproof.check(Newer(nnx.Rngs(0)), X, dtypes=["float32"])
    assert sides(found) == {"first.bias": "below", "norm.bias": "above", "last.0.bias": "above"}
