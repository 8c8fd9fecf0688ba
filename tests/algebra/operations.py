"""Functions of one operation each, and samples made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import primitives

Function = Callable[..., Any]
DTYPES = {"f": "float64", "c": "complex128", "b": "bool", "i": "int32", "u": "uint32", "h": "int8", "g": "uint8"}


@dataclass(frozen=True, eq=False)
class Sample:
    """A function and its operands: a letter for the dtype and the sizes, so f3x2 is a float64 matrix and b a Boolean scalar.

    - low, high: the range of floating operands, shifts included; ints: the range of whole ones;
    - masked: operands that are also tried with entries −∞; sizes: what the symbolic sizes in `operands` are.
    """

    function: Function
    operands: str
    low: float = -2.0
    high: float = 2.0
    ints: tuple[int, int] = (0, 3)
    masked: Sequence[int] = ()
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])


def each(function: Function, *operands: str, **options: Any) -> list[Sample]:
    """The same function on several lists of operands."""
    return [Sample(function, text, **options) for text in operands]


def words(text: str) -> list[str]:
    """Names, as they are written in a line."""
    return text.split()


def made(maker: Function, choices: Sequence[Any], *operands: str, **options: Any) -> list[Sample]:
    """The functions that `maker` makes from these arguments, each on these lists of operands."""
    return [Sample(maker(*choice), text, **options) for text in operands for choice in choices]


def given(function: Function, name: str, choices: Sequence[Any], *operands: str, **options: Any) -> list[Sample]:
    """The same function with several values of one of its parameters, each on these lists of operands."""
    return [Sample(partial(function, **{name: choice}), text, **options) for text in operands for choice in choices]


ABSENT = {name for name in ("log2", "one_minus_square") if not hasattr(lax, name)} | (
    {"closed_call", "eval_jaxpr"} - {primitives.closed_call_p.name}
)
"""What has a rule, or is entered, but is in no program of this JAX: 0.12 has new primitives, and closed_call is eval_jaxpr."""


def named(name: str) -> Function:
    """The function of that name, which this JAX need not have."""

    def call(*values: Any) -> Any:
        return getattr(lax, name)(*values)

    return call


# -- pooling and convolution


def pool(
    kind: str, size: Sequence[int], strides: Sequence[int], padding: Any, base: Any = None, window: Any = None
) -> Function:
    start, function = {"sum": (0.0, lax.add), "max": (-np.inf, lax.max), "min": (np.inf, lax.min)}[kind]
    return lambda v: lax.reduce_window(v, start, function, size, strides, padding, base, window)


def pool_gradient(*how: Any) -> Function:
    function = pool("max", *how)
    return lambda source, operand: jax.vjp(function, operand)[1](source)[0]


def pool_tangent(*how: Any) -> Function:
    function = pool("max", *how)
    return lambda tangent, operand: jax.jvp(function, (operand,), (tangent,))[1]


def conv(operands: str, strides: Sequence[int], padding: Any, *dilations: Any, names: Any = None, **groups: Any) -> Sample:
    names = names or ("NCH", "OIH", "NCH")
    base, window = dilations or (None, None)
    return Sample(lambda v, w: lax.conv_general_dilated(v, w, strides, padding, base, window, names, **groups), operands)


# -- slices and places


def take(offset: Any, gone: Any, to: Any, sizes: Any, mode: str, batch: Any = ()) -> Function:
    numbers = lax.GatherDimensionNumbers(offset, gone, to, batch, batch)
    return lambda v, where: lax.gather(v, where, numbers, sizes, mode=lax.GatherScatterMode.from_any(mode))


def joined(axis: int) -> Function:
    return lambda *values: lax.concatenate(values, axis)


def stacked(axis: int) -> Function:
    return lambda *values: lax.stack(values, axis)


def padding(*config: tuple[int, int, int]) -> Function:
    return lambda v, c: lax.pad(v, c, config)


def cut(start: Any, limit: Any, strides: Any) -> Function:
    return lambda v: lax.slice(v, start, limit, strides)


def splitting(sizes: Sequence[int], axis: int) -> Function:
    return lambda v: lax.split(v, sizes, axis=axis)


def sorting(axis: int, keys: int, stable: bool = True) -> Function:
    return lambda *values: lax.sort(values, dimension=axis, num_keys=keys, is_stable=stable)


def best(k: int, axis: int) -> Function:
    return lambda v: lax.top_k(v, k, axis=axis)


# -- arithmetic


def cast(dtype: str) -> Function:
    return lambda v: lax.convert_element_type(v, DTYPES[dtype])


def dot(contracted: Any, batch: Any = ((), ())) -> Function:
    return lambda v, w: lax.dot_general(v, w, (contracted, batch))


def counting(dtype: str, axis: int) -> Function:
    return lambda v: v + lax.broadcasted_iota(dtype, v.shape, axis).astype(v.dtype)


def to_the(exponent: float) -> Function:
    return lambda v: lax.pow(v, exponent)


# -- nested programs and loops


def custom_jvp(function: Function) -> Function:
    custom = jax.custom_jvp(function)
    custom.defjvp(lambda values, tangents: (function(*values), function(*tangents)))
    return custom


def custom_vjp(function: Function) -> Function:
    custom = jax.custom_vjp(function)
    custom.defvjp(lambda *values: (function(*values), None), lambda _, g: (g, g))
    return custom


def called(function: Function) -> Function:
    """The function, as a program that is called; derivatives of a scan that is computed again leave such calls."""

    def run(*values: Any) -> Any:
        call = primitives.closed_call_p
        return call.bind(*values, **call.get_bind_params({"call_jaxpr": jax.make_jaxpr(function)(*values)}))

    return run


def nested(call: Function) -> list[Sample]:
    """Two operands, a maximum and a sum inside; then a constant array inside, and two results."""

    def first(v: Any, w: Any) -> Any:
        return jnp.max(v, axis=1) + jnp.sum(w, axis=1)

    def second(v: Any, w: Any) -> Any:
        return v - np.arange(3.0)[:, None], w * v[:, :1]

    return [Sample(call(first), "f3x2 f3x4"), Sample(call(second), "f3x2 f3x1")]


def turns(body: Function, carried: int, consts: int = 0, **options: Any) -> Function:
    """A scan, of operands that are its constants, then what it carries, then what it scans."""

    def run(*values: Any) -> Any:
        fixed, xs = values[:consts], values[consts + carried :]
        return lax.scan(lambda carry, x: body(fixed, carry, x), values[consts : consts + carried], xs or None, **options)

    return run


def until(body: Function, limit: float) -> Function:
    """A loop that counts up to a limit, and carries what `body` does."""

    def run(start: Any, *values: Any) -> Any:
        return lax.while_loop(lambda c: c[0] < limit, lambda c: (c[0] + 1.0, *body(*c[1:])), (start, *values))

    return run


def branches(*functions: Function) -> Function:
    return lambda index, *values: lax.switch(index, functions, *values)
