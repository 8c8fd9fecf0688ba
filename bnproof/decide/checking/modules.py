"""What a name in a file stands for: a function, a callable with arrays of its own, or a Flax module that wants to be initialised.

An Equinox module or a Flax NNX module is a pytree that can be called: its arrays are leaves like those of any argument. A Linen module
holds none: they are drawn by its own `init`, from the seed, and become arguments, a collection each. No framework is imported.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from ...errors import CheckError
from ...foreign import quoted
from ..sampling import key
from .inputs import Called


@dataclass(frozen=True)
class Runnable:
    """A function with what it is called with, ready to be checked."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    has_aux: bool = False
    notes: tuple[str, ...] = ()


def to_call(found: Any, title: str) -> Callable[..., Any]:
    """What is called for an object of a file: itself, but an instance in the place of a Linen class.

    Raises CheckError for what cannot be called, and for other classes.
    """
    if isinstance(found, type):
        if not _is_linen(found):
            raise CheckError(f"`{title}` is a class: name an instance of it, or a function that calls one")
        try:
            return found()
        except Exception as error:
            raise CheckError(f"`{title}` cannot be made without arguments, name an instance of it: {quoted(error)}") from error
    if not callable(found):
        kind = type(found).__name__
        raise CheckError(f"`{title}` is of the type {kind}, which cannot be called: name a function" + _of_arrays(found, title))
    return found


def calling(function: Callable[..., Any]) -> Callable[..., Any]:
    """What has the signature of the call: of a Linen module its `__call__`, whose `self` is bound."""
    return function.__call__ if _is_linen(type(function)) else function


def runnable(function: Callable[..., Any], called: Called, title: str, seed: int = 0) -> Runnable:
    """The function as it is checked, with its arguments; a Linen module is initialised from the seed.

    Raises CheckError, quoting the error, where `init` fails.
    """
    if not _is_linen(type(function)):
        return Runnable(function, called.args, called.kwargs)
    module: Any = function
    random = np.random.default_rng(seed)
    args, kwargs = jax.tree.map(lambda leaf: _numbers(leaf, random, seed), (called.args, dict(called.kwargs)))
    try:
        variables = module.init({"params": key(seed), "dropout": key(seed + 1)}, *args, **kwargs)
    except Exception as error:
        raise CheckError(f"`{title}` cannot be initialised: {quoted(error)}") from error
    variables = {name: variables[name] for name in variables}
    others = [name for name in variables if name != "params"]

    def apply(*args: Any, **kwargs: Any) -> Any:
        collections = {name: kwargs.pop(name) for name in variables}
        return module.apply(collections, *args, mutable=others, rngs={"dropout": key(seed + 1)}, **kwargs)

    own = inspect.signature(calling(function))
    collections = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in variables]
    own_last = [p for p in own.parameters.values() if p.kind is inspect.Parameter.VAR_KEYWORD]
    own_first = [p for p in own.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    apply.__signature__ = own.replace(parameters=[*own_first, *collections, *own_last])  # pyright: ignore[reportFunctionMemberAccess]
    note = f"`{title}` is a Flax module, initialised from the seed {seed}"
    return Runnable(apply, called.args, {**called.kwargs, **variables}, has_aux=True, notes=(note,))


def _is_linen(kind: type) -> bool:
    return any(base.__module__.startswith("flax.linen") and base.__name__ == "Module" for base in kind.__mro__)


def _numbers(leaf: Any, random: np.random.Generator, seed: int) -> Any:
    """Some value of a leaf of which only the shape is known: `init` looks at no more than that."""
    if not isinstance(leaf, jax.ShapeDtypeStruct):
        return leaf
    if jax.numpy.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return jax.random.split(key(seed), leaf.shape) if leaf.shape else key(seed)
    if jax.numpy.issubdtype(leaf.dtype, np.floating):
        return random.normal(size=leaf.shape).astype(leaf.dtype)
    return np.zeros(leaf.shape, leaf.dtype)


def _of_arrays(found: Any, title: str) -> str:
    arrays = [leaf for leaf in jax.tree.leaves(found) if hasattr(leaf, "dtype")]
    return f" of it, and give it by --input params={title.rsplit(':', 1)[-1]}" if arrays else ""
