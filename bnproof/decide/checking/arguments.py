"""The arguments of a function as named leaves: what is cast to a dtype, what stays as it is, and which leaves are biases.

A leaf is named by the function's parameter and the way to it, ``params.conv1.bias``; a leaf of the callable itself, such as an Equinox
module, by the way alone, ``conv1.bias``. Any unambiguous end of a name will do where one is asked for.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from ...errors import CheckError, nearest

Kind = Literal["floating", "kept", "constant"]
"""floating: cast to each dtype; kept: an array of another type, or a random key; constant: no array, part of the function."""
Wanted = str | Iterable[str] | Callable[[str], bool]
"""A leaf's name, several, or a predicate on names."""
ADDITIVE = frozenset({"bias", "biases", "beta", "b", "offset", "shift"})
"""A leaf is named like a bias if one of the words of its name is among these, digits left out: ``bias``, ``b1``, ``conv2_bias``."""
LISTED = 20
"""Leaves that an error lists at most."""


@dataclass(frozen=True)
class Leaf:
    """One leaf. value: an array, a `jax.ShapeDtypeStruct`, or for a constant anything."""

    name: str
    kind: Kind
    value: Any

    @property
    def given(self) -> bool:
        """Whether it has numbers, not only a shape."""
        return not isinstance(self.value, jax.ShapeDtypeStruct)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of an array; () of a constant."""
        return tuple(getattr(self.value, "shape", ()))

    @property
    def words(self) -> str:
        """``params.conv1.bias (8,) float32``."""
        dtype = getattr(self.value, "dtype", None)
        return f"{self.name} {self.shape} {dtype}" if dtype is not None else f"{self.name} = {self.value!r:.40}"


@dataclass(frozen=True)
class Arguments:
    """The leaves of a callable and of what it is called with, and how to call it with others in their place.

    instead: another function that is called with the same arguments.
    """

    leaves: tuple[Leaf, ...]
    tree: Any
    instead: Callable[..., Any] | None = None

    def call(self, values: Sequence[Any]) -> Any:
        """Calls the function with these in the place of the leaves that are arrays, in their order."""
        found = iter(values)
        filled = [leaf.value if leaf.kind == "constant" else next(found) for leaf in self.leaves]
        function, args, kwargs = jax.tree.unflatten(self.tree, filled)
        return (self.instead or function)(*args, **kwargs)

    @property
    def arrays(self) -> tuple[Leaf, ...]:
        """The leaves that are arrays, in order."""
        return tuple(leaf for leaf in self.leaves if leaf.kind != "constant")

    def as_arrays(self, names: Iterable[str]) -> Arguments:
        """The same with these leaves, Python's floats, as arrays."""
        chosen = set(names)
        numbers = (
            replace(leaf, kind="floating", value=np.asarray(leaf.value, np.float64))
            if leaf.kind == "constant" and leaf.name in chosen
            else leaf
            for leaf in self.leaves
        )
        return replace(self, leaves=tuple(numbers))


def arguments_of(
    function: Callable[..., Any], args: Sequence[Any], title: str, kwargs: Mapping[str, Any] | None = None
) -> Arguments:
    """The leaves of `function` called with `args` and `kwargs`: arrays in any pytree, shapes, random keys, integers, and what is no array.

    Defaults that hold arrays count as arguments. Raises CheckError for arguments that do not fit the signature, and for one that
    holds NaN or infinity.
    """
    positional, keyword, names = _bound(function, args, kwargs or {}, title)
    flat, tree = jax.tree_util.tree_flatten_with_path((function, positional, keyword))
    leaves = [Leaf(_name(path, names), *_kind(value)) for path, value in flat]
    often = Counter(leaf.name for leaf in leaves)
    leaves = [
        replace(leaf, name=_name(path, names, exact=True)) if often[leaf.name] > 1 else leaf
        for leaf, (path, _) in zip(leaves, flat, strict=True)
    ]
    for leaf in leaves:
        if leaf.kind == "floating" and leaf.given and not np.isfinite(leaf.value).all():
            raise CheckError(
                f"{leaf.name} of `{title}` holds NaN or infinity: give it numbers, or its shape as a ShapeDtypeStruct"
            )
    return Arguments(tuple(leaves), tree)


def chosen(arguments: Arguments, wanted: Wanted | None, title: str) -> list[str]:
    """The names of the leaves that are asked about, in the function's order: by default those named like a bias.

    Raises CheckError, listing the leaves, where there is none, for a name that is unknown or fits several, and for one that holds no
    floating numbers.
    """
    possible = [leaf for leaf in arguments.leaves if leaf.kind == "floating" or _is_number(leaf)]
    if wanted is None:
        found = {leaf.name for leaf in possible if named_like_a_bias(leaf.name)}
        why = "is named like a bias or a shift (bias, beta, b, offset, shift)"
    elif callable(wanted):
        found, why = {leaf.name for leaf in possible if wanted(leaf.name)}, "is one that the predicate takes"
    else:
        several: Any = wanted
        names: list[Any] = list(several) if isinstance(several, Iterable) and not isinstance(several, str) else [several]
        if odd := [name for name in names if not isinstance(name, str)]:
            raise CheckError(f"bias = {odd[0]!r} is no name: expected the name of an argument or leaf of `{title}`, or several")
        found, why = {_resolved(name, arguments, title) for name in names}, "was named"
    if not found:
        raise CheckError(
            f"no floating leaf among the arguments of `{title}` {why}: name one as the bias, by bias= in Python and --bias on the "
            f"command line{_listed(possible)}"
        )
    return [leaf.name for leaf in possible if leaf.name in found]


def named_like_a_bias(name: str) -> bool:
    """Whether the last part of a leaf's name that is no number has a word in `ADDITIVE`."""
    parts = [part for part in re.split(r"[.\[\]'\"]+", name) if part and not part.isdigit()]
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", parts[-1]).lower()) if parts else []
    return not ADDITIVE.isdisjoint(words)


def _resolved(name: str, arguments: Arguments, title: str) -> str:
    every = {leaf.name: leaf for leaf in arguments.leaves if leaf.name}  # the function itself is a leaf without a name
    fitting = [name] if name in every else [full for full in every if name and full.endswith((f".{name}", f"['{name}']"))]
    if len(fitting) > 1:
        raise CheckError(f"`{name}` is the end of several leaves of `{title}`: write {' or '.join(fitting[:LISTED])}")
    if not fitting:
        likely = [leaf for leaf in arguments.leaves if leaf.kind == "floating"]
        near = nearest(name, [leaf.name for leaf in likely], 1)
        raise CheckError(
            f"`{title}` has no argument or leaf `{name}`"
            + (f"; did you mean {near[0]}?{_listed(likely)}" if near else ": none of its arguments holds floating numbers")
        )
    leaf = every[fitting[0]]
    if leaf.kind != "floating" and not _is_number(leaf):
        raise CheckError(f"{leaf.words} of `{title}` holds no floating numbers: nothing can be added to it")
    return leaf.name


def _listed(leaves: Sequence[Leaf]) -> str:
    if not leaves:
        return "\nNone of its arguments holds floating numbers. What a function captures is constant: make it an argument"
    more = [f"… and {len(leaves) - LISTED} more"] if len(leaves) > LISTED else []
    return "".join(f"\n  {words}" for words in [*(leaf.words for leaf in leaves[:LISTED]), *more])


def _is_number(leaf: Leaf) -> bool:
    """Whether a constant is one of Python's floats, which may be asked about."""
    return leaf.kind == "constant" and type(leaf.value) is float


def _kind(value: Any) -> tuple[Kind, Any]:
    dtype = getattr(value, "dtype", None)
    if dtype is None or not hasattr(value, "shape"):
        return "constant", value
    if jnp.issubdtype(dtype, jax.dtypes.prng_key):
        return "kept", value
    if jnp.issubdtype(dtype, np.floating):
        return "floating", value if isinstance(value, jax.ShapeDtypeStruct) else np.asarray(value).astype(np.float64)
    if not (np.issubdtype(dtype, np.number) or np.issubdtype(dtype, np.bool_)):
        return "constant", value
    stored = jax.dtypes.canonicalize_dtype(dtype)
    if isinstance(value, jax.ShapeDtypeStruct):
        return "kept", jax.ShapeDtypeStruct(value.shape, stored)
    return "kept", np.asarray(value).astype(stored)


def _name(path: Sequence[Any], names: Mapping[int, str], exact: bool = False) -> str:
    """The path of a leaf of (function, positional arguments, keyword arguments) in words; `exact`: as Python would index it."""
    which, rest = path[0].idx, path[1:]
    if which == 1:
        rest = (jax.tree_util.GetAttrKey(names[rest[0].idx]), *rest[1:])
    if len(rest) > 1 and rest[-1] == jax.tree_util.GetAttrKey("value"):  # of a variable, as Flax NNX has them
        rest = rest[:-1]
    if exact:
        return jax.tree_util.keystr(tuple(rest)).removeprefix(".")
    return jax.tree_util.keystr(tuple(rest), simple=True, separator=".")


def _bound(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], title: str
) -> tuple[tuple[Any, ...], dict[str, Any], dict[int, str]]:
    """Positional arguments, keyword arguments with the defaults that hold arrays, and the names of the positional ones."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # written in C
        return tuple(args), dict(kwargs), {k: f"arg{k}" for k in range(len(args))}
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise CheckError(f"these arguments do not fit `{title}`, which takes {plain(signature)}: {error}") from error
    names: dict[int, str] = {}
    for name in bound.arguments:
        if name in kwargs or signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            continue
        variadic = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        for k in range(len(bound.arguments[name]) if variadic else 1):
            names[len(names)] = f"{name}.{k}" if variadic else name
    defaults = {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if name not in bound.arguments
        and parameter.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        and _may_be_asked_about(name, parameter.default)
    }
    return tuple(args), {**defaults, **kwargs}, names


def plain(signature: inspect.Signature) -> str:
    """``(x, kernel, bias=…)``: without annotations, and with defaults left out."""
    parts: list[str] = []
    for name, parameter in signature.parameters.items():
        star = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        parts.append(f"{star}{name}" + ("" if parameter.default is inspect.Parameter.empty else "=…"))
    return f"({', '.join(parts)})"


def _may_be_asked_about(name: str, default: Any) -> bool:
    """Whether a default holds an array of floating numbers, or one of Python's floats that is named like a bias."""
    if default is inspect.Parameter.empty:
        return False
    return any(
        _kind(leaf)[0] == "floating"
        or (type(leaf) is float and named_like_a_bias(jax.tree_util.keystr(path, simple=True, separator=".")))
        for path, leaf in jax.tree_util.tree_flatten_with_path({name: default})[0]
    )
