"""Chain → a JAX function with named parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from ..errors import ChainError, nearest
from ..modes import MODES, Mode
from .ops import Moment, Parameter, Values
from .parse import parse
from .shapes import Place, settle, walk
from .tree import Chain, Shape, show

Arrays = dict[str, jax.Array]
Structs = dict[str, jax.ShapeDtypeStruct]


@dataclass(frozen=True)
class Built:
    """A chain ready to run: shapes of parameters and statistics by name, in reading order, and of every layer's output.

    `chain` is settled: in our own words, what was read into the text put in and noted, with the input's full shape.
    """

    chain: Chain
    places: tuple[Place, ...]
    input_shape: Shape
    output_shape: Shape
    parameters: Mapping[str, Shape]
    statistics: Mapping[str, Shape]
    shapes: Mapping[str, Shape]

    def init(self, key: jax.Array, dtype: DTypeLike = jnp.float32) -> tuple[Arrays, Arrays]:
        """Parameters and statistics to start from, as PyTorch does.

        Kernels and biases are uniform in ±1/√(inputs of one output), gamma 1, beta 0, running mean 0, running variance 1.
        """
        params = _named(self.places, "parameters")
        keys = jax.random.split(key, max(1, len(params)))
        drawn = {name: _start(params[name], keys[k], dtype) for k, name in enumerate(params)}
        return drawn, {name: _start(value, key, dtype) for name, value in _named(self.places, "statistics").items()}

    def structs(self, dtype: DTypeLike = jnp.float32) -> tuple[Structs, Structs, jax.ShapeDtypeStruct]:
        """(params, stats, x) as shapes only, to trace `apply` without any numbers."""
        params = {name: jax.ShapeDtypeStruct(shape, dtype) for name, shape in self.parameters.items()}
        stats = {name: jax.ShapeDtypeStruct(shape, dtype) for name, shape in self.statistics.items()}
        return params, stats, jax.ShapeDtypeStruct(self.input_shape, dtype)

    def apply(
        self, params: Values, stats: Values, x: jax.Array, mode: Mode, key: jax.Array | None = None
    ) -> tuple[jax.Array, Arrays]:
        """(output, new statistics) for an input of `input_shape` with any batch size.

        train uses batch statistics, returns updated running statistics and needs `key` for dropout; eval uses the stored
        statistics, without dropout, and returns them as they are; frozen computes what eval computes, and gradients flow.
        Raises ChainError for an unknown mode, names or shapes that are not this chain's, and a missing key.
        """
        if mode not in MODES:
            near = nearest(mode, MODES, 1)[0]
            raise ChainError(f"unknown mode `{mode}`: expected train, eval or frozen; did you mean {near}?")
        if x.ndim != len(self.input_shape) or x.shape[1:] != self.input_shape[1:]:
            expected = "×".join(("N", *map(str, self.input_shape[1:])))
            raise ChainError(f"the chain `{replace(self.chain, shape=None)}` takes an input {expected}, not {show(x.shape)}")
        _check("parameter", params, self.parameters)
        _check("statistic", stats, self.statistics)
        output, updated = _run(self.places, {**params, **stats}, x, Moment(mode, key))
        return output, {**stats, **updated}


def build(chain: Chain | str) -> Built:
    """The chain with all shapes worked out. Raises ChainError for text that cannot be read and shapes that do not fit."""
    if isinstance(chain, str):
        chain = parse(chain)
    elif not chain.text:
        chain = parse(str(chain))  # a tree made by hand: errors need a text to point at
    settled = settle(chain)
    chain, places = settled.chain, settled.places
    assert chain.shape is not None
    parameters = {name: value.shape for name, value in _named(places, "parameters").items()}
    statistics = {name: value.shape for name, value in _named(places, "statistics").items()}
    shapes = {here.name: here.plan.output for here in walk(places)}
    return Built(chain, places, chain.shape, places[-1].plan.output, parameters, statistics, shapes)


def _named(places: tuple[Place, ...], kind: str) -> dict[str, Parameter]:
    """All `kind` (parameters or statistics) of a chain, by full name."""
    found: dict[str, Parameter] = {}
    for here in walk(places):
        held = here.plan.parameters if kind == "parameters" else here.plan.statistics
        found.update({f"{here.name}.{local}": value for local, value in held.items()})
    return found


def _start(value: Parameter, key: jax.Array, dtype: DTypeLike) -> jax.Array:
    if not value.spread:
        return jnp.full(value.shape, value.centre, dtype)
    return jax.random.uniform(key, value.shape, dtype, value.centre - value.spread, value.centre + value.spread)


def _run(places: tuple[Place, ...], values: Values, x: jax.Array, moment: Moment) -> tuple[jax.Array, Arrays]:
    updated: Arrays = {}
    for here in places:
        inputs = [x]
        for branch in here.branches:
            output, inside = _run(branch, values, x, moment)
            inputs.append(output)
            updated.update(inside)
        local = {name: values[f"{here.name}.{name}"] for name in (*here.plan.parameters, *here.plan.statistics)}
        now = moment
        if here.plan.random and moment.key is not None and moment.mode == "train":
            now = Moment(moment.mode, jax.random.fold_in(moment.key, here.number))
        with jax.named_scope(here.name):  # so that traced equations know the layer they come from
            x, new = here.plan.run(local, inputs, now)
        updated.update({f"{here.name}.{name}": value for name, value in new.items()})
    return x, updated


def _check(kind: str, given: Values, expected: Mapping[str, Shape]) -> None:
    for name in expected:
        if name not in given:
            raise ChainError(f"the {kind} `{name}` is missing: expected {', '.join(expected)}")
        if given[name].shape != expected[name]:
            raise ChainError(f"the {kind} `{name}` has shape {show(given[name].shape)}, expected {show(expected[name])}")
    for name in given:
        if name not in expected:
            near = f"; did you mean {nearest(name, expected, 1)[0]}?" if expected else ""
            raise ChainError(f"unknown {kind} `{name}`{near}")
