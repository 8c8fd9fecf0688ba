"""Equinox modules: pytrees that can be called, so that nothing about them is special."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

import bnproof

from .available import framework

eqx = framework("equinox")
X = np.random.default_rng(0).normal(size=(6, 3))
KEYS = jax.random.split(jax.random.key(0), 2)


class Block(eqx.Module):
    """A dense layer, less its mean over the batch, and layer normalisation."""

    linear: Any
    norm: Any
    activation: Any

    def __init__(self) -> None:
        self.linear, self.norm = eqx.nn.Linear(3, 4, key=KEYS[0]), eqx.nn.LayerNorm(4)
        self.activation = jax.nn.tanh

    def __call__(self, x: Any) -> Any:
        z = jax.vmap(self.linear)(x)
        return self.activation(jax.vmap(self.norm)(z - z.mean(0)))


def sides(found: Any) -> dict[str, str]:
    assert found
    assert all(m.passed for m in found)
    return {m.bias: m.expected for m in found if m.quantity.startswith("output shift")}


def test_a_module() -> None:
    assert sides(bnproof.check(Block(), X, dtypes=["float32"])) == {"linear.bias": "below", "norm.bias": "above"}


def test_a_module_as_an_argument() -> None:
    found = bnproof.check(lambda block, x: block(x), Block(), X, dtypes=["float32"], bias="linear.bias")
    assert sides(found) == {"block.linear.bias": "below"}


def test_batch_normalisation_with_its_state() -> None:
    norm, state = eqx.nn.make_with_state(eqx.nn.BatchNorm)(4, "batch", mode="batch")
    linear = eqx.nn.Linear(3, 4, key=KEYS[1])

    def forward(linear: Any, norm: Any, state: Any, x: Any) -> Any:
        one = jax.vmap(lambda x: norm(linear(x), state), axis_name="batch", out_axes=(0, None))
        return one(x)

    found = bnproof.check(forward, linear, norm, state, X, dtypes=["float32"], has_aux=True)
    assert sides(found) == {"linear.bias": "below", "norm.bias": "above"}
    still = eqx.nn.inference_mode(norm)
    assert sides(bnproof.check(forward, linear, still, state, X, dtypes=["float32"], has_aux=True))["linear.bias"] == "above"
