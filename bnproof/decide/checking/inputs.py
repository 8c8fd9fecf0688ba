"""What ``--input`` says: the arguments that a function of a file is called with, as texts.

``4,3,8,8`` is an array of that shape, ``labels=4:int32`` one of whole numbers for the argument `labels`, ``rng=key`` a random key,
``train=True`` one of Python's constants, ``params=PARAMS`` an object of the same file, and ``params.conv.bias=8`` an entry of a dict.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ...errors import CheckError, nearest
from .arguments import plain

_NAMED = re.compile(r"(?P<name>[A-Za-z_]\w*(?:\.\w+)*)\s*=\s*(?P<value>.*)", re.DOTALL)
_SHAPE = re.compile(r"\(?\s*(?P<sizes>(?:\d+\s*[,x×]?\s*)*)\)?\s*(?::\s*(?P<dtype>\w+))?")
CONSTANTS = {"True": True, "False": False, "None": None}
DTYPES = (
    *("float64", "float32", "bfloat16", "float16", "complex64"),
    *("int64", "int32", "int16", "int8", "uint32", "uint8", "bool", "key"),
)
"""What an array of --input may hold; the floating ones are cast to each dtype that is checked."""
LARGEST = 2**31


@dataclass(frozen=True)
class Called:
    """What a function is called with."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


def called(function: Callable[..., Any], inputs: Sequence[str], title: str, look_up: Callable[[str], Any]) -> Called:
    """The arguments that these texts give a function: named ones by name, the others in order.

    look_up: name → an object of the function's file, raising BnproofError where there is none. Raises CheckError, quoting the
    signature, for a text that cannot be read, an argument that does not exist, and one that is missing.
    """
    unnamed: list[Any] = []
    named: dict[str, Any] = {}
    for text in inputs:
        match = _NAMED.fullmatch(text.strip())
        if match is None:
            unnamed.append(_value(text, text, look_up))
        else:
            _put(named, match["name"].split("."), _value(match["value"], text, look_up), text)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # written in C
        return Called(tuple(unnamed), named)
    return _fitted(signature, unnamed, named, title)


def _fitted(signature: inspect.Signature, unnamed: list[Any], named: dict[str, Any], title: str) -> Called:
    written = f"{title.rsplit(':', 1)[-1]}{plain(signature)}"
    parameters = signature.parameters
    keywords = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    for name in named:
        if name not in parameters and not keywords:
            near = nearest(name, parameters, 1)
            raise CheckError(f"{written} has no argument `{name}`" + (f"; did you mean {near[0]}?" if near else ""))
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    open_ = [name for name, p in parameters.items() if p.kind in positional and name not in named]
    extra = unnamed[len(open_) :]
    if extra and not any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters.values()):
        raise CheckError(f"{len(unnamed)} inputs without a name for {len(open_)} arguments of {written}: leave some out")
    given = {**dict(zip(open_, unnamed, strict=False)), **named}
    needed = (p.default is inspect.Parameter.empty and p.kind not in _VARIADIC for p in parameters.values())
    missing = [name for name, must in zip(parameters, needed, strict=True) if must and name not in given]
    if missing:
        fix = " ".join(
            f"--input {name}={'True' if parameters[name].annotation in (bool, 'bool') else '4,3,8,8'}" for name in missing
        )
        raise CheckError(
            f"{written} is called without {', '.join(f'`{name}`' for name in missing)}: give the shape, as in {fix}, or the name of "
            f"something in the file, --input {missing[0]}=NAME"
        )
    places = [name for name, p in parameters.items() if p.kind in positional]
    first = next((k for k, name in enumerate(places) if name not in given), len(places))
    kept = places if extra else places[:first]  # with *args, every argument before them is given by place
    by_place = [given[name] for name in kept if name in given]
    return Called((*by_place, *extra), {name: value for name, value in given.items() if name not in kept})


_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def _put(named: dict[str, Any], way: Sequence[str], value: Any, text: str) -> None:
    """Sets an entry of nested dicts."""
    at = named
    for part in way[:-1]:
        inner = at.setdefault(part, {})
        if not isinstance(inner, dict):
            raise CheckError(f"--input {text}: `{part}` is given already, and is no dict")
        at = inner
    if way[-1] in at:
        raise CheckError(f"--input {text}: `{'.'.join(way)}` is given twice")
    at[way[-1]] = value


def _value(value: str, text: str, look_up: Callable[[str], Any]) -> Any:
    value = value.strip()
    if value in CONSTANTS:
        return CONSTANTS[value]
    shape = _SHAPE.fullmatch(value)
    if shape is not None and value:
        return _struct(shape, text)
    if value == "key":
        return _key(())
    if re.fullmatch(r"[A-Za-z_][\w.]*", value):
        return look_up(value)
    with_point = re.fullmatch(r"[-+]?(\d+\.\d*|\.\d+|\d+(?=e))(e[-+]?\d+)?", value)
    if with_point is not None:
        return float(value)
    raise CheckError(
        f"--input {text} cannot be read: expected a shape (4,3,8,8), with a type if its numbers are whole (labels=4:int32), "
        "a random key (rng=key), True, False, None, or the name of something in the file (params=PARAMS)"
    )


def _struct(shape: re.Match[str], text: str) -> Any:
    sizes = tuple(int(size) for size in re.findall(r"\d+", shape["sizes"]))
    dtype = shape["dtype"] or "float32"
    if dtype not in DTYPES:
        raise CheckError(f"--input {text}: no type `{dtype}`; did you mean {nearest(dtype, DTYPES, 1)[0]}?")
    if any(size >= LARGEST for size in sizes):
        raise CheckError(f"--input {text}: a size of {max(sizes)} is too large")
    return _key(sizes) if dtype == "key" else jax.ShapeDtypeStruct(sizes, np.dtype(jax.numpy.dtype(dtype)))


def _key(sizes: tuple[int, ...]) -> Any:
    made = jax.eval_shape(lambda: jax.random.key(0))
    return jax.ShapeDtypeStruct(sizes, made.dtype)
