"""What Keras makes of layers one behind the other, beside what a chain of the same text makes of the same input and parameters."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bnproof.chain.build import Built, build
from bnproof.chain.shapes import walk
from bnproof.chain.tree import Shape
from bnproof.errors import ChainError
from bnproof.modes import Mode

from .available import framework
from .tables import inputs

keras: Any = framework("keras")


def sequential(text: str, x: np.ndarray) -> Any:
    """The layers as a Sequential, with parameters and statistics drawn at random; raises whatever Keras does on `x`."""
    layers = eval(f"[{text}]", {"layers": keras.layers, "keras": keras})
    model = keras.Sequential([keras.Input(batch_shape=x.shape), *layers])
    model(x)
    drawn = np.random.default_rng(1)
    for layer in model.layers:
        for variable in _held(layer):
            numbers = drawn.normal(size=variable.shape)
            variable.assign(np.abs(numbers) + 0.5 if variable.name == "moving_variance" else numbers)
    return model


def outcome(text: str, ours: str, shape: Shape) -> str:
    """equal; refused, theirs refused and ours refused, with the message; or what differs. The shape has the channels last."""
    x, said = inputs(shape), ""
    model: Any = None
    built: Built | None = None
    kept = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")  # it is fixed by the first layer that is made, wherever that was
    try:
        with jax.enable_x64(True):
            try:
                model = sequential(text, x)
            except Exception as error:  # whatever Keras raises is a refusal
                said = f"theirs refused: {error}"
            try:
                sizes = (shape[0], shape[-1], *shape[1:-1])
                built = build(f"keras.Sequential([{ours}]) @ {'x'.join(map(str, sizes))}")
            except ChainError as error:
                said = f"ours refused: {error}" if model is not None else "refused"
            return said if model is None or built is None else compared(model, built, x)
    finally:
        keras.config.set_floatx(kept[0])
        keras.config.set_dtype_policy(kept[1])


def compared(model: Any, built: Built, x: np.ndarray) -> str:
    """equal, or what differs: parameters, outputs, or statistics after a step."""
    order = [f"{here.name}.{local}" for here in walk(built.places) for local in (*here.plan.parameters, *here.plan.statistics)]
    wanted = {**built.parameters, **built.statistics}
    theirs, features = _converted(model)
    if [value.size for value in theirs] != [math.prod(wanted[name]) for name in order]:
        return f"parameters: theirs {[value.shape for value in theirs]}, ours {wanted}"
    held = {name: jnp.asarray(value.reshape(wanted[name])) for name, value in zip(order, theirs, strict=True)}
    params, stats = ({name: held[name] for name in names} for names in (built.parameters, built.statistics))
    random = any("Dropout" in type(layer).__name__ for layer in model.layers)
    modes: tuple[Mode, ...] = ("eval",) if random else ("eval", "train")
    for mode in modes:
        output = _first(np.asarray(model(x, training=mode == "train")))
        ours, updated = built.apply(params, stats, jnp.asarray(_first(x)), mode)
        if not _same(output if features is None else output[:, features], np.asarray(ours)):
            return f"{mode}: outputs {output.shape} and {ours.shape}"
        after = dict(zip(order, _converted(model)[0], strict=True))
        for name, value in _stored(built, stats, updated).items():
            if mode == "train" and not _same(after[name], value):
                return f"{mode}: {name}"
    return "equal"


def _stored(built: Built, before: dict[str, jax.Array], after: dict[str, jax.Array]) -> dict[str, np.ndarray]:
    """Our new statistics as Keras stores them: with the variance divided by n."""
    found = {name: np.asarray(value) for name, value in after.items()}
    for here in walk(built.places):
        name = f"{here.name}.running_var"
        if name in found:
            n = math.prod(here.shape) // here.shape[1]
            kept = (1 - here.layer.number("momentum")) * np.asarray(before[name])
            found[name] = kept + (found[name] - kept) * (n - 1) / n
    return found


def _same(theirs: np.ndarray, ours: np.ndarray) -> bool:
    """Whether both are the same up to what float32 loses: in it Keras' norms compute whatever their dtype."""
    return theirs.shape == ours.shape and np.allclose(theirs, ours, rtol=1e-5, atol=1e-5)


def _first(x: np.ndarray) -> np.ndarray:
    """The channels moved from the last axis to the one behind the batch."""
    return np.moveaxis(x, -1, 1)


def _held(layer: Any) -> list[Any]:
    """A layer's parameters and statistics; the state of a random generator is none."""
    return [variable for variable in layer.weights if "seed" not in variable.path]


def _converted(model: Any) -> tuple[list[np.ndarray], np.ndarray | None]:
    """Keras' arrays in our layouts, and where our features stand among Keras' if a Flatten has put them in another order."""
    found: list[np.ndarray] = []
    features: np.ndarray | None = None
    for layer in model.layers:
        kind = type(layer).__name__
        found += [_array(np.asarray(variable), kind, variable.name, features) for variable in _held(layer)]
        if kind == "Flatten":
            shape = tuple(layer.input.shape[1:])
            features = _first(np.arange(math.prod(shape)).reshape(1, *shape)).ravel()
        elif kind == "Dense":
            features = None
    return found, features


def _array(value: np.ndarray, kind: str, name: str, features: np.ndarray | None) -> np.ndarray:
    if kind == "Dense":
        return value if name == "bias" else (value if features is None else value[features]).T
    if features is not None:
        return value[features]
    if value.ndim > 2 and name.endswith("kernel"):
        ins, outs = value.ndim - 2, value.ndim - 1
        depthwise = kind.startswith("DepthwiseConv") or name == "depthwise_kernel"
        # k × … × I × M for a depthwise one, k × … × O × I for a transposed one, k × … × I × O else
        return np.moveaxis(value, (ins, outs) if depthwise else (outs, ins), (0, 1))
    return np.moveaxis(value, -1, 0)
