"""What PyTorch makes of a Sequential, beside what a chain of the same text makes of the same input and parameters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bnproof.chain.build import Built, build
from bnproof.chain.tree import Shape
from bnproof.errors import ChainError
from bnproof.modes import Mode

from .available import framework
from .tables import inputs

torch: Any = framework("torch")
OURS = {
    "weight": ("kernel", "gamma", "slope"),
    "bias": ("bias", "beta"),
    "running_mean": ("running_mean",),
    "running_var": ("running_var",),
}
"""What PyTorch's parameters and statistics are called here."""


def modes_of(text: str) -> tuple[Mode, ...]:
    """The modes to compare in: evaluation alone where training is random, or needs several processes."""
    return ("eval",) if "Dropout" in text or "SyncBatchNorm" in text else ("eval", "train")


def sequential(text: str, x: np.ndarray) -> Any:
    """``nn.Sequential(text)`` with float64 parameters and statistics drawn at random; raises whatever PyTorch does on `x`."""
    model = eval(f"nn.Sequential({text})", {"nn": torch.nn, "OrderedDict": OrderedDict}).double()
    model.train("train" in modes_of(text))
    drawn = np.random.default_rng(1)
    with torch.no_grad():
        model(torch.tensor(x))  # lazy layers get their parameters
        for name, value in model.state_dict().items():
            if value.dtype.is_floating_point:
                numbers = drawn.normal(size=tuple(value.shape))
                value.copy_(torch.tensor(np.abs(numbers) + 0.5 if name.endswith("running_var") else numbers))
    return model


def chain(text: str, shape: Shape) -> Built:
    """The chain of that Sequential."""
    return build(f"nn.Sequential({text}) @ {'x'.join(map(str, shape))}")


def outcome(text: str, ours: str, shape: Shape) -> str:
    """equal; refused, theirs refused and ours refused, with the message; or what differs."""
    x = inputs(shape)
    model: Any = None
    built: Built | None = None
    said = ""
    try:
        model = sequential(text, x)
    except Exception as error:  # whatever PyTorch raises is a refusal
        said = f"theirs refused: {error}"
    try:
        built = chain(ours, shape)
    except ChainError as error:
        said = f"ours refused: {error}" if model is not None else "refused"
    if model is None or built is None:
        return said
    return compared(model, built, x, modes_of(text))


def compared(model: Any, built: Built, x: np.ndarray, modes: tuple[Mode, ...]) -> str:
    """equal, or what differs: parameters, outputs, or statistics after a step."""
    wanted = {**built.parameters, **built.statistics}
    held = _ours(model.state_dict(), wanted)
    if {name: value.shape for name, value in held.items()} != wanted:
        return f"parameters: theirs {sorted(held)}, ours {sorted(wanted)}"
    with jax.enable_x64(True):
        arrays = {name: jnp.asarray(value) for name, value in held.items()}
        params, stats = ({name: arrays[name] for name in names} for names in (built.parameters, built.statistics))
        for mode in modes:
            model.train(mode == "train")
            with torch.no_grad():
                output = model(torch.tensor(x)).numpy()
            ours, updated = built.apply(params, stats, jnp.asarray(x), mode)
            if not same(output, np.asarray(ours)):
                return f"{mode}: outputs {output.shape} and {ours.shape}"
            after = _ours(model.state_dict(), wanted)
            for name, value in updated.items():
                if not same(after[name], np.asarray(value)):
                    return f"{mode}: {name}"
    return "equal"


def same(theirs: np.ndarray, ours: np.ndarray) -> bool:
    """Whether both are the same up to what float64 loses; what is not finite has to be the same."""
    return theirs.shape == ours.shape and np.allclose(theirs, ours, rtol=1e-8, atol=1e-8)


def _ours(state: Mapping[str, Any], wanted: Mapping[str, Shape]) -> dict[str, np.ndarray]:
    """PyTorch's arrays by our names; by theirs what has none here."""
    found: dict[str, np.ndarray] = {}
    for name, value in state.items():
        path, _, last = name.rpartition(".")
        if last != "num_batches_tracked":
            candidates = (f"{path}.{local}" for local in OURS.get(last, ()))
            found[next((each for each in candidates if each in wanted), name)] = value.numpy().copy()
    return found
