"""Random programs of primitives, below the level of layers, and the check of every claim that a tracked input is free.

A program is drawn from a seed: arrays of small shapes (sizes 0 and 1 among them), tracked shifts added to them, then random
operations in which means, maxima, exponentials and comparisons occur often enough that shifts cancel. Claims are checked by a
NumPy interpreter in float64 that refuses undefined runs (0/0, a logarithm of 0, NaN anywhere) and fragile ones (a comparison
of two numbers that differ by round-off only), so whatever it reports as unsound is a wrong proof.

    python -m tests.algebra.fuzz 20000 [first seed]
"""

from __future__ import annotations

import math
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Literal

from bnproof.algebra.analysis import analyse

F64 = np.dtype(np.float64)
INTS = tuple(np.dtype(d) for d in (np.int32, np.int32, np.int8, np.uint8))
SIZES = (2, 3, 3, 4, 5, 1, 1)
LIMIT = 600
"""No value has more entries."""
TRIES = 5
"""Draws of the inputs that a claim is checked at."""


# -- programs


@dataclass(frozen=True)
class Program:
    """A function of arrays, their shapes and dtypes, and which of them are tracked."""

    seed: int
    function: Callable[..., tuple[Any, ...]]
    inputs: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...]
    tracked: tuple[int, ...]

    def trace(self) -> Any:
        """The program as a ClosedJaxpr, in 64 bits."""
        with jax.enable_x64(True):
            return jax.make_jaxpr(self.function)(*(jax.ShapeDtypeStruct(*one) for one in self.inputs))


def program(seed: int) -> Program:
    """The program of this seed."""
    rng = Random(seed)
    shape = tuple(rng.choice(SIZES) for _ in range(rng.choice((1, 2, 2, 3, 3, 4))))
    if rng.random() < 0.04:
        axis = rng.randrange(len(shape))
        shape = (*shape[:axis], 0, *shape[axis + 1 :])
    inputs: list[tuple[tuple[int, ...], np.dtype[Any]]] = [(shape, F64)]
    if rng.random() < 0.5:
        inputs.append((shape if rng.random() < 0.6 else _thinned(rng, shape), F64))
    if rng.random() < 0.4:
        inputs.append((shape if rng.random() < 0.5 else _thinned(rng, shape), np.dtype(bool)))
    if rng.random() < 0.25:
        inputs.append((_thinned(rng, shape), rng.choice(INTS)))
    first = len(inputs)
    inputs += [(_thinned(rng, shape), F64) for _ in range(rng.choice((1, 1, 2)))]
    order = rng.randrange(1 << 30)

    def function(*arrays: Any) -> tuple[Any, ...]:
        return Builder(Random(order), arrays, first).build()

    return Program(seed, function, tuple(inputs), tuple(range(first, len(inputs))))


def _thinned(rng: Random, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with some axes of size 1, so that it broadcasts."""
    return tuple(1 if rng.random() < 0.6 else size for size in shape)


class Builder:
    """Draws operations on the values so far. Everything is decided by shapes and the generator, nothing by values."""

    def __init__(self, rng: Random, arrays: Sequence[Any], first: int) -> None:
        self.rng = rng
        self.values: list[Any] = list(arrays[:first])
        self.shifts = list(arrays[first:])
        self.depth = 0

    def build(self) -> tuple[Any, ...]:
        """All operations; the last few floating values are the outputs."""
        rng = self.rng
        start = self.values[0]
        if rng.random() < 0.25:
            start = self.matrix(start) if rng.random() < 0.6 else self.convolution(start)
        shifted = start
        for shift in self.shifts:
            shifted = self.shifted(shifted, shift)
            if rng.random() < 0.3:
                shifted = self.values[-1] if self.step(shifted) else shifted
        self.values.append(shifted)
        outputs: list[Any] = []
        for _ in range(rng.randrange(1, 9)):
            self.step()
        for _ in range(rng.randrange(1, 4)):
            value = self.floating()
            outputs.append(self.normalised(value) if rng.random() < 0.75 else value)
            for _ in range(rng.choice((0, 0, 1))):
                self.values.append(outputs[-1])
                if self.step(outputs[-1]):
                    outputs.append(self.values[-1])
        return tuple(outputs)

    # -- choosing

    def floating(self) -> Any:
        """One of the floating values, rather a late one."""
        found = [v for v in self.values if v.dtype == F64]
        return found[max(self.rng.randrange(len(found)), self.rng.randrange(len(found)))]

    def alike(self, value: Any) -> Any:
        """A value of the same shape and dtype."""
        found = [v for v in self.values if v.shape == value.shape and v.dtype == value.dtype]
        if found and self.rng.random() < 0.8:
            return self.rng.choice(found)
        if value.dtype == F64:
            return self.constant(value.shape)
        return value

    def constant(self, shape: tuple[int, ...]) -> Any:
        """Small dyadic numbers, equal along some axes; or one number."""
        rng = self.rng
        if rng.random() < 0.4:
            return np.full(shape, rng.choice((0.0, 1.0, -1.0, 0.5, 2.0, -3.0)), F64)
        thin = _thinned(rng, shape)
        entries = [rng.choice((-2.0, -1.0, 0.0, 0.5, 1.0, 1.0, 2.0)) for _ in range(math.prod(thin))]
        return lax.broadcast_in_dim(np.asarray(entries, np.float64).reshape(thin), shape, tuple(range(len(shape))))

    def axes(self, value: Any, least: int = 1) -> tuple[int, ...]:
        """Some axes of a value."""
        found = tuple(a for a in range(value.ndim) if self.rng.random() < 0.5)
        return found if len(found) >= least or not value.ndim else (self.rng.randrange(value.ndim),)

    def predicate(self, shape: tuple[int, ...]) -> Any:
        """Booleans of this shape: given, constant, or a comparison."""
        rng = self.rng
        found = [v for v in self.values if v.dtype == np.bool_ and fits(v.shape, shape)]
        if found and rng.random() < 0.7:
            return spread(rng.choice(found), shape)
        floats = [v for v in self.values if v.dtype == F64 and v.shape == shape]
        if floats and rng.random() < 0.5:
            value = rng.choice(floats)
            return lax.gt(value, self.centre(value)) if rng.random() < 0.6 else lax.lt(value, self.alike(value))
        thin = _thinned(rng, shape)
        entries = np.asarray([rng.random() < 0.6 for _ in range(math.prod(thin))], bool).reshape(thin)
        return lax.broadcast_in_dim(entries, shape, tuple(range(len(shape))))

    # -- motifs

    def shifted(self, value: Any, shift: Any) -> Any:
        """Value + shift, however their shapes fit."""
        if not fits(shift.shape, value.shape):
            shift = lax.reduce_sum(shift, tuple(range(shift.ndim)))
        return value + spread(shift, value.shape) * self.rng.choice((1.0, 1.0, 1.0, 2.0, -1.0))

    def mean(self, value: Any, axes: tuple[int, ...]) -> Any:
        """The mean over axes, kept with size 1, written in one of several ways."""
        size = math.prod(value.shape[a] for a in axes)
        total = lax.reduce_sum(value, axes)
        mean = total / size if size and self.rng.random() < 0.7 else total * (1 / max(size, 1) if size in (1, 2, 4) else 1.0)
        if size and size not in (1, 2, 4):
            mean = total / size
        return lax.expand_dims(mean, axes)

    def centre(self, value: Any) -> Any:
        """Something that moves with a shift: a mean, a maximum, an entry."""
        rng = self.rng
        if not value.ndim:
            return value * 0.5
        axes = self.axes(value)
        if 0 in value.shape:
            return spread(self.mean(value, axes), value.shape)
        kind = rng.choice(("mean", "mean", "max", "min", "entry", "sorted", "running", "masked"))
        if kind == "mean":
            return spread(self.mean(value, axes), value.shape)
        if kind in ("max", "min"):
            reduced = (lax.reduce_max if kind == "max" else lax.reduce_min)(value, axes)
            return spread(lax.expand_dims(reduced, axes), value.shape)
        axis = axes[0]
        if kind == "entry":
            return spread(lax.slice_in_dim(value, 0, 1, axis=axis), value.shape)
        if kind == "sorted":
            return lax.sort(value, axis)
        if kind == "running":
            return rng.choice((lax.cummax, lax.cummin))(value, axis, rng.random() < 0.5)
        mask = self.predicate(value.shape).astype(F64)
        count = lax.expand_dims(lax.reduce_sum(mask, axes), axes)
        total = lax.expand_dims(lax.reduce_sum(mask * value, axes), axes)
        return spread(total / count, value.shape)

    def normalised(self, value: Any) -> Any:
        """A value that often has lost its shifts."""
        rng = self.rng
        if not value.ndim:
            return value
        kind = rng.choice(("centre", "centre", "mean", "mean", "batchnorm", "softmax", "masked softmax", "compare", "place"))
        axes = self.axes(value)
        if kind == "centre":
            return value - self.centre(value)
        if kind == "mean":
            return value - spread(self.mean(value, axes), value.shape)
        if kind == "batchnorm" and 0 not in value.shape:
            mean = self.mean(value, axes)
            if rng.random() < 0.5:
                centred = value - spread(mean, value.shape)
                variance = self.mean(centred * centred, axes)
            else:
                centred = value - spread(mean, value.shape)
                variance = lax.max(self.mean(value * value, axes) - mean * mean, np.zeros(mean.shape))
            return centred * spread(lax.rsqrt(variance + 0.125), value.shape)
        if kind in ("softmax", "masked softmax") and 0 not in value.shape:
            if kind == "masked softmax":
                value = lax.select(self.predicate(value.shape), value, np.full(value.shape, -np.inf, F64))
            if rng.random() < 0.6:
                value = value - spread(lax.expand_dims(lax.reduce_max(value, axes), axes), value.shape)
            raised = lax.exp(value)
            return raised / spread(lax.expand_dims(lax.reduce_sum(raised, axes), axes), value.shape)
        if kind == "place" and 0 not in value.shape:
            axis = axes[0]
            if rng.random() < 0.5:
                return lax.argmax(value, axis, np.int32).astype(F64)
            _, order = lax.sort((value, lax.broadcasted_iota(F64, value.shape, axis)), dimension=axis, num_keys=1)
            return order
        return lax.gt(value, self.centre(value)).astype(F64)

    def matrix(self, value: Any) -> Any:
        """A product with a constant or a value over one axis; the other axes move as dot_general moves them."""
        if not value.ndim:
            return value
        rng = self.rng
        axis = rng.randrange(value.ndim)
        other = rng.choice((2, 3))
        weights = self.constant((value.shape[axis], other))
        if rng.random() < 0.5:
            return lax.dot_general(value, weights, (((axis,), (0,)), ((), ())))
        return lax.dot_general(weights, value, (((0,), (axis,)), ((), ())))

    def convolution(self, value: Any) -> Any:
        """A convolution of a value reshaped to batch, channels and space, with strange paddings."""
        rng = self.rng
        shape = (*value.shape, *(1,) * (3 - value.ndim))
        if value.ndim > 4 or value.size > 200:
            return value
        value = lax.reshape(value, shape)
        space = value.ndim - 2
        groups = 1 if rng.random() < 0.7 else value.shape[1]
        batches = value.shape[0] if rng.random() < 0.1 and groups == 1 and value.shape[0] else 1
        if not groups:
            return value
        kernel = self.constant((2 * groups * batches, value.shape[1] // groups, *(rng.choice((1, 2, 3)) for _ in range(space))))
        dilated = tuple(rng.choice((1, 1, 1, 2)) for _ in range(space))
        found = lax.conv_general_dilated(
            value,
            kernel,
            tuple(rng.choice((1, 1, 2)) for _ in range(space)),
            [rng.choice(((0, 0), (0, 0), (1, 1), (1, 0), (-1, 2), (2, -1), (0, 2))) for _ in range(space)],
            lhs_dilation=dilated,
            rhs_dilation=tuple(rng.choice((1, 1, 2)) for _ in range(space)),
            feature_group_count=groups,
            batch_group_count=batches,
        )
        return found if found.size <= LIMIT else value

    # -- one operation

    def step(self, value: Any = None) -> bool:
        """One operation of a random family; whether a floating value came of it."""
        value = self.floating() if value is None else value
        if value.dtype != F64:
            return False
        family = self.rng.choice(
            (
                *(self.entrywise, self.binary, self.binary, self.reduce, self.move, self.move, self.window, self.choose),
                *(self.whole, self.join, self.nested, self.gathered, self.matrix, self.convolution, self.normalised),
                self.masked,
            )
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = family(value)
        if found is None or found.size > LIMIT or found.ndim > 5:
            return False
        self.values.append(found)
        return found.dtype == F64

    def entrywise(self, value: Any) -> Any:
        kind = self.rng.choice(
            ("neg", "tanh", "exp", "square", "cube", "abs", "relu", "leaky", "recip", "scale", "logistic", "sq")
        )
        if kind == "exp":
            return lax.exp(value * self.rng.choice((1.0, 0.5, -1.0, 0.25)))
        if kind == "relu":
            return lax.max(value, np.zeros(value.shape))
        if kind == "leaky":
            return lax.select(lax.ge(value, np.zeros(value.shape)), value, value * self.rng.choice((1.0, 0.5)))
        if kind == "recip":
            return 1.0 / (value * value + 1.0)
        if kind == "scale":
            return value * self.constant(value.shape)
        if kind == "sq":
            return lax.sqrt(value * value + 0.25)
        found = {"neg": lax.neg, "tanh": lax.tanh, "square": lax.square, "abs": lax.abs, "logistic": lax.logistic}
        return found[kind](value) if kind in found else lax.integer_pow(value, 3)

    def binary(self, value: Any) -> Any:
        other = self.alike(value)
        kind = self.rng.choice(("add", "sub", "sub", "mul", "max", "min", "clamp"))
        if kind == "clamp":
            return lax.clamp(lax.min(value, other), self.alike(value), lax.max(value, other))
        return {"add": lax.add, "sub": lax.sub, "mul": lax.mul, "max": lax.max, "min": lax.min}[kind](value, other)

    def reduce(self, value: Any) -> Any:
        if not value.ndim:
            return None
        axes = self.axes(value)
        kind = self.rng.choice(
            ("sum", "sum", "max", "min", "cumsum", "cummax", "cumlogsumexp", "prod", "argmin", "sort", "top")
        )
        if kind == "sum":
            return lax.reduce_sum(value, axes)
        if 0 in value.shape:
            return None
        if kind in ("max", "min", "prod"):
            return {"max": lax.reduce_max, "min": lax.reduce_min, "prod": lax.reduce_prod}[kind](value, axes)
        axis, back = axes[0], self.rng.random() < 0.5
        if kind in ("cumsum", "cummax", "cumlogsumexp"):
            return {"cumsum": lax.cumsum, "cummax": lax.cummax, "cumlogsumexp": lax.cumlogsumexp}[kind](value, axis, back)
        if kind == "argmin":
            return lax.argmin(value, axis, np.int32).astype(F64)
        if kind == "sort":
            keys = self.rng.choice((1, 2))
            return self.rng.choice(lax.sort((value, self.alike(value)), dimension=axis, num_keys=keys))
        found, places = lax.top_k(value, self.rng.randrange(1, value.shape[-1] + 1))
        return found if self.rng.random() < 0.6 else places.astype(F64)

    def move(self, value: Any) -> Any:
        rng = self.rng
        kind = rng.choice(("transpose", "reshape", "reshape", "slice", "rev", "pad", "broadcast", "squeeze", "dynamic", "roll"))
        if kind == "transpose":
            return lax.transpose(value, rng.sample(range(value.ndim), value.ndim))
        if kind == "reshape":
            return lax.reshape(value, factored(rng, value.size)) if value.size else None
        if kind == "broadcast":
            size = rng.choice((1, 2, 3))
            return lax.broadcast_in_dim(value, (size, *value.shape), tuple(range(1, value.ndim + 1)))
        if not value.ndim:
            return None
        axis = rng.randrange(value.ndim)
        size = value.shape[axis]
        if kind == "slice":
            start = rng.randrange(size + 1)
            limit = rng.randrange(start, size + 1)
            return lax.slice_in_dim(value, start, limit if rng.random() < 0.1 else size, rng.choice((1, 1, 2)), axis)
        if kind == "rev":
            return lax.rev(value, self.axes(value))
        if kind == "pad":
            with_ = np.float64(rng.choice((0.0, 0.0, 1.0, -np.inf)))
            low, high = rng.choice(((0, 1), (1, 1), (2, -1), (-1, 0)))
            config = [(0, 0, 0)] * value.ndim
            config[axis] = (low, high if size else max(high, 1), rng.choice((0, 0, 1)))
            return lax.pad(value, with_, config) if size else None
        if kind == "squeeze":
            return lax.squeeze(value, [a for a in range(value.ndim) if value.shape[a] == 1])
        if not size:
            return None
        if kind == "roll":
            cut = rng.randrange(size)
            return lax.concatenate(
                [lax.slice_in_dim(value, cut, size, axis=axis), lax.slice_in_dim(value, 0, cut, axis=axis)], axis
            )
        start = self.index()
        return lax.dynamic_slice_in_dim(value, start, rng.randrange(1, size + 1), axis)

    def index(self) -> Any:
        """A whole number: given, constant, or the place of a maximum."""
        rng = self.rng
        ints = [v for v in self.values if v.dtype == np.int32 and v.size]
        if ints and rng.random() < 0.6:
            return lax.index_in_dim(flat(rng.choice(ints)), 0, 0, False)
        floats = [v for v in self.values if v.dtype == F64 and v.size]
        if floats and rng.random() < 0.6:
            return lax.argmax(flat(rng.choice(floats)), 0, np.int32)
        return np.int32(rng.randrange(3))

    def window(self, value: Any) -> Any:
        if not value.ndim or 0 in value.shape:
            return None
        rng = self.rng
        sizes = tuple(rng.choice((1, 2, 2, 3)) for _ in value.shape)
        steps = tuple(rng.choice((1, 1, 2)) for _ in value.shape)
        padding = [(0, 0) if w == 1 else rng.choice(((0, 0), (0, 0), (1, 1), (0, 1), (1, -1))) for w in sizes]
        base = tuple(rng.choice((1, 1, 1, 2)) for _ in value.shape)
        dilated = tuple(rng.choice((1, 1, 2)) for _ in value.shape)
        how: dict[str, Any] = {"base_dilation": base, "window_dilation": dilated}
        kind = rng.choice(("sum", "mean", "max", "min"))
        if kind in ("max", "min"):
            start, function = (-np.inf, lax.max) if kind == "max" else (np.inf, lax.min)
            if rng.random() < 0.2 and kind == "max":
                return jax.grad(
                    lambda v: jnp.sum(lax.reduce_window(v, -np.inf, lax.max, sizes, steps, [(0, 0)] * value.ndim) ** 2.0)
                )(value)
            return lax.reduce_window(value, start, function, sizes, steps, padding, **how)
        total = lax.reduce_window(value, 0.0, lax.add, sizes, steps, padding, **how)
        if kind == "sum":
            return total
        return total / lax.reduce_window(np.ones(value.shape), 0.0, lax.add, sizes, steps, padding, **how)

    def choose(self, value: Any) -> Any:
        rng = self.rng
        other = self.alike(value)
        if rng.random() < 0.2:
            other = np.full(value.shape, -np.inf, F64)
        if rng.random() < 0.15:
            which = self.predicate(value.shape).astype(np.int32) + self.predicate(value.shape).astype(np.int32)
            return lax.select_n(which, value, other, self.alike(value))
        chosen = lax.select(self.predicate(value.shape), value, other)
        if rng.random() < 0.15:
            return lax.is_finite(chosen).astype(F64)
        return chosen

    def whole(self, value: Any) -> Any:
        """Whole numbers and Booleans: arithmetic that may wrap around, and back to floating values."""
        rng = self.rng
        masks = [self.predicate(value.shape) for _ in range(2)]
        if rng.random() < 0.4:
            mixed = rng.choice((lax.bitwise_and, lax.bitwise_or, lax.bitwise_xor))(masks[0], lax.bitwise_not(masks[1]))
            self.values.append(mixed)
            return mixed.astype(F64) * value if rng.random() < 0.5 else mixed.astype(F64)
        kinds = rng.sample((np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32), 2)
        big, how, again = (
            rng.choice((1, 3, 100, 120)),
            rng.choice((lax.add, lax.sub, lax.mul)),
            rng.choice((lax.add, lax.mul, None)),
        )
        numbers: list[Any] = []
        for kind in kinds:  # the same expression in two types: equal as long as nothing wraps around
            left, right = (mask.astype(kind) * kind(big) for mask in masks)
            found = how(left, right)
            if again is not None:
                found = again(found, found)
            numbers.append((lax.reduce_prod(found, (0,)) if value.ndim and big == 3 else found).astype(F64))
        number = numbers[0] if rng.random() < 0.3 else numbers[0] - numbers[1]
        if number.ndim != value.ndim:
            return number * lax.reduce_sum(value, (0,))
        return number * value if rng.random() < 0.8 else number

    def masked(self, value: Any) -> Any:
        """−∞ where a Boolean says so, by a value that does not use every axis; then what masks are used for."""
        rng = self.rng
        if not value.ndim or 0 in value.shape:
            return None
        thin = _thinned(rng, value.shape)
        floats = [v for v in self.values if v.dtype == F64 and v.shape == thin]
        test = lax.gt(rng.choice(floats), np.zeros(thin)) if floats and rng.random() < 0.5 else self.predicate(thin)
        mask = spread(lax.select(test, np.zeros(thin), np.full(thin, -np.inf, F64)), value.shape)
        hidden = value + mask
        kind = rng.choice(("place", "compare", "order", "finite", "exp", "value", "more"))
        axis = rng.randrange(value.ndim)
        if kind == "place":
            return lax.argmax(hidden, axis, np.int32).astype(F64)
        if kind == "compare":
            return lax.gt(hidden, self.alike(value) + mask).astype(F64)
        if kind == "more":
            return lax.gt(hidden + 1.0, hidden).astype(F64) * value
        if kind == "order":
            _, order = lax.sort(
                (hidden, lax.broadcasted_iota(F64, value.shape, axis)), dimension=axis, num_keys=rng.choice((1, 2))
            )
            return order
        if kind == "finite":
            return lax.is_finite(hidden).astype(F64)
        return lax.exp(hidden) if kind == "exp" else hidden

    def join(self, value: Any) -> Any:
        if not value.ndim:
            return None
        rng = self.rng
        axis = rng.randrange(value.ndim)
        parts = [value]
        for _ in range(rng.choice((1, 1, 2))):
            one = self.alike(value)
            parts.append(one if rng.random() < 0.6 else lax.slice_in_dim(one, 0, rng.randrange(one.shape[axis] + 1), axis=axis))
        rng.shuffle(parts)
        if rng.random() < 0.25 and value.shape[axis]:
            piece = lax.slice_in_dim(self.alike(value), 0, rng.randrange(1, value.shape[axis] + 1), axis=axis)
            return lax.dynamic_update_slice_in_dim(value, piece, self.index(), axis)
        return lax.concatenate(parts, axis)

    def gathered(self, value: Any) -> Any:
        if not value.ndim or 0 in value.shape:
            return None
        rng = self.rng
        axis = rng.randrange(value.ndim)
        count = rng.choice((1, 2, 3))
        places = np.asarray([[rng.randrange(value.shape[axis] + 2)] for _ in range(count)], np.int32)
        indices: Any = places
        if rng.random() < 0.4:
            indices = indices + self.index()
        size = rng.choice((1, value.shape[axis]))
        sizes = tuple(size if a == axis else n for a, n in enumerate(value.shape))
        collapsed = size == 1
        numbers = lax.GatherDimensionNumbers(
            offset_dims=tuple(range(1, value.ndim + (0 if collapsed else 1))),
            collapsed_slice_dims=(axis,) if collapsed else (),
            start_index_map=(axis,),
        )
        mode = rng.choice(("clip", "clip", "fill"))
        return lax.gather(value, indices, numbers, sizes, mode=mode, fill_value=7.0 if mode == "fill" else None)

    def nested(self, value: Any) -> Any:
        """A loop, a branch or a program inside, whose body is a few random operations."""
        if self.depth or 0 in value.shape:
            return None
        rng = self.rng
        kind = rng.choice(("scan", "scan", "cond", "while", "jit", "fori"))
        seeds = [rng.randrange(1 << 30) for _ in range(2)]

        def body(seed: int, *values: Any) -> Any:
            inner = Builder(Random(seed), values, len(values))
            inner.depth = 1
            found = values[0]
            for _ in range(3):
                found = inner.values[-1] if inner.step(found) else found
            return found

        other = self.alike(value)
        if kind == "jit":
            return jax.jit(lambda v, w: body(seeds[0], v, w))(value, other)
        if kind == "cond":
            if rng.random() < 0.4:
                here = lax.reduce_sum(value, tuple(range(value.ndim)))
                test = lax.gt(here, here * 0.5)
            else:
                test = lax.index_in_dim(flat(self.predicate((2,))), 0, 0, False)
            return lax.cond(test, lambda v, w: v + w, lambda v, w: rng_pair(seeds[1], v, w), value, other)
        if kind == "scan" and value.ndim and value.shape[0]:
            start = lax.index_in_dim(other, 0, 0, False)
            if rng.random() < 0.3:
                mask = lax.bitwise_not(self.predicate(value.shape))
                return lax.scan(lambda c, x: (c, mixed_bits(c, *x)), start, (mask, value))[1]
            function = rng.choice(SCANNED)
            carry, collected = lax.scan(function, (start, start), (value, other), reverse=rng.random() < 0.3)
            return collected if rng.random() < 0.6 else carry[rng.randrange(2)]
        if kind == "while":
            limit = self.index() if rng.random() < 0.5 else np.int32(2)
            return lax.while_loop(
                lambda s: s[0] < lax.min(limit, np.int32(4)), lambda s: (s[0] + 1, s[1] * 0.5 + other), (np.int32(0), value)
            )[1]
        if kind == "fori":
            swapped = lax.fori_loop(0, rng.choice((1, 2, 3)), lambda _, s: (s[1], s[0] + 0.0 * s[1]), (value, other))
            return swapped[rng.randrange(2)]
        return None


def rng_pair(seed: int, left: Any, right: Any) -> Any:
    """A second branch: sometimes the same, sometimes not."""
    return (left + right, right + left, left - right, left + right + 1.0, right)[seed % 5]


SCANNED: tuple[Callable[[Any, Any], tuple[Any, Any]], ...] = (
    lambda c, x: ((c[0] + x[0], c[1]), x[0] - c[1]),
    lambda c, x: ((c[1], c[0]), c[0] - x[1]),
    lambda c, x: ((c[0], c[1]), x[0] - x[1] + c[0]),
    lambda c, x: ((lax.max(c[0], x[0]), c[1] * 0.5), c[0]),
    lambda c, x: ((x[0], c[1]), x[0] - c[0]),
    lambda c, x: ((c[0], c[1]), lax.bitwise_not(lax.gt(x[0], x[1])).astype(F64) - lax.gt(c[0], x[1]).astype(F64)),
)


def mixed_bits(carry: Any, bits: Any, value: Any) -> Any:
    """A polynomial in 0/1 values that is 0, times a value; plus the carried one."""
    number = bits.astype(F64) - 1.0
    return (number * number + number) * value + (number * number - number) * value + carry


def flat(value: Any) -> Any:
    """All entries in a row."""
    return lax.reshape(value, (value.size,))


def fits(small: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether `small` broadcasts to `shape`, axis by axis."""
    return len(small) == len(shape) and all(a in (1, b) for a, b in zip(small, shape, strict=True))


def spread(value: Any, shape: tuple[int, ...]) -> Any:
    """A value broadcast along its axes of size 1, or a scalar along all."""
    if not value.ndim:
        return lax.broadcast_in_dim(value, shape, ())
    return lax.broadcast_in_dim(value, shape, tuple(range(len(shape))))


def factored(rng: Random, size: int) -> tuple[int, ...]:
    """A random shape of that many entries."""
    shape: list[int] = []
    while size > 1 and rng.random() < 0.85:
        factor = rng.choice([f for f in range(2, size + 1) if size % f == 0])
        shape.append(factor)
        size //= factor
    shape.append(size)
    if rng.random() < 0.3:
        shape.insert(rng.randrange(len(shape) + 1), 1)
    rng.shuffle(shape)
    return tuple(shape)


# -- running a program in float64


class UndefinedRunError(Exception):
    """The program is not defined at these inputs, or round-off alone could decide a comparison."""


def near(left: Any, right: Any) -> bool:
    """Whether two different numbers are so close that round-off may have made the difference."""
    left, right = np.broadcast_arrays(np.asarray(left, float), np.asarray(right, float))
    finite = np.isfinite(left) & np.isfinite(right) & (left != right)
    return bool(np.any(finite & (np.abs(left - right) < 1e-7 * (1 + np.abs(np.where(finite, left, 0))))))


def _ordered(value: Any, axis: int | None) -> None:
    """Refuse a value whose order along an axis round-off may decide."""
    value = np.sort(np.asarray(value, float), axis=axis) if axis is not None else np.sort(np.ravel(value))
    axis = 0 if axis is None else axis
    if value.ndim and value.shape[axis] > 1 and value.dtype.kind == "f":
        low = np.take(value, range(value.shape[axis] - 1), axis)
        high = np.take(value, range(1, value.shape[axis]), axis)
        if near(low, high):
            raise UndefinedRunError


def _compare(function: Any) -> Any:
    def run(params: Any, left: Any, right: Any) -> Any:
        if np.asarray(left).dtype.kind == "f" and near(left, right):
            raise UndefinedRunError
        return function(left, right)

    return run


def _reduce(function: Any) -> Any:
    return lambda params, value: function(value, axis=tuple(params["axes"]), dtype=value.dtype)


def _extreme(function: Any, start: float) -> Any:
    def run(params: Any, value: Any) -> Any:
        return function(value, axis=tuple(params["axes"]), initial=start) if value.dtype.kind == "f" else NotImplemented

    return run


def _broadcast(params: Any, value: Any, *_: Any) -> Any:
    shape = [1] * len(params["shape"])
    for axis, place in enumerate(params["broadcast_dimensions"]):
        shape[place] = value.shape[axis]
    return np.broadcast_to(value.reshape(shape), params["shape"])


def _slice(params: Any, value: Any) -> Any:
    strides = params["strides"] or (1,) * value.ndim
    cuts = zip(params["start_indices"], params["limit_indices"], strides, strict=True)
    return value[tuple(slice(start, limit, stride) for start, limit, stride in cuts)]


def _dot(params: Any, left: Any, right: Any) -> Any:
    (a, b), (c, d) = params["dimension_numbers"]
    if c or d:
        return NotImplemented
    return np.tensordot(left, right, (tuple(a), tuple(b)))


def _cumulative(function: Any) -> Any:
    def run(params: Any, value: Any) -> Any:
        axis = params["axis"]
        if params["reverse"]:
            return np.flip(function(np.flip(value, axis), axis), axis)
        return function(value, axis)

    return run


def _select(params: Any, which: Any, *cases: Any) -> Any:
    if len(cases) == 2:
        return np.where(which, cases[1], cases[0])
    return np.choose(np.asarray(which, int), cases)


def _log_of(params: Any, value: Any) -> Any:
    if np.any(value <= 0):
        raise UndefinedRunError
    return np.log(value)


def _divide(params: Any, left: Any, right: Any) -> Any:
    if left.dtype.kind != "f":
        return NotImplemented
    if np.any(np.abs(right) < 1e-9):
        raise UndefinedRunError
    return left / right


def _root(params: Any, value: Any) -> Any:
    if np.any(value <= 1e-9):
        raise UndefinedRunError
    return 1 / np.sqrt(value)


def _power(params: Any, value: Any) -> Any:
    if params["y"] < 0 and np.any(np.abs(value) < 1e-9):
        raise UndefinedRunError
    return value ** params["y"] if value.dtype.kind == "f" else NotImplemented


def _sorted(params: Any, *values: Any) -> Any:
    axis, keys = params["dimension"], values[: params["num_keys"]]
    if len(values) > 1:
        for key in keys:
            _ordered(key, axis)
    order = np.lexsort(keys[::-1], axis=axis)
    return [np.take_along_axis(value, order, axis) for value in values]


def _placed(function: Any) -> Any:
    def run(params: Any, value: Any) -> Any:
        _ordered(value, params["axes"][0])
        return function(value, params["axes"][0]).astype(params["index_dtype"])

    return run


def _top(params: Any, value: Any) -> Any:
    _ordered(value, -1)
    order = np.argsort(-value, -1, kind="stable")[..., : params["k"]]
    return [np.take_along_axis(value, order, -1), order.astype(np.int32)]


def _pad(params: Any, value: Any, with_: Any) -> Any:
    for axis, (low, high, inside) in enumerate(params["padding_config"]):
        value = _widened(value, axis, low, high, inside + 1, with_)
    return value


def _widened(value: Any, axis: int, low: int, high: int, dilation: int, with_: Any) -> Any:
    """Holes between the entries along an axis, and padding or cropping at its ends."""
    size = value.shape[axis]
    wide = low + high + (max(size - 1, 0) * dilation + 1 if size else 0)
    found = np.full((*value.shape[:axis], max(wide, 0), *value.shape[axis + 1 :]), with_, value.dtype)
    places = low + np.arange(size) * dilation
    inside = (places >= 0) & (places < wide)
    index = (slice(None),) * axis
    found[(*index, places[inside])] = value[(*index, np.flatnonzero(inside))]
    return found


def _windows(function: Any, start: float) -> Any:
    def run(params: Any, value: Any) -> Any:
        sizes, steps = params["window_dimensions"], params["window_strides"]
        for axis, (low, high) in enumerate(params["padding"]):
            value = _widened(value, axis, low, high, params["base_dilation"][axis], start)
        spans = [(w - 1) * d + 1 for w, d in zip(sizes, params["window_dilation"], strict=True)]
        counts = [max((n - span) // s + 1, 0) for n, span, s in zip(value.shape, spans, steps, strict=True)]
        found = np.full(counts, start, value.dtype)
        for taps in np.ndindex(*sizes):
            cut = [
                slice(t * d, t * d + (n - 1) * s + 1 if n else t * d, s)
                for t, d, n, s in zip(taps, params["window_dilation"], counts, steps, strict=True)
            ]
            found = function(found, value[tuple(cut)])
        return found

    return run


def _convolved(params: Any, value: Any, kernel: Any) -> Any:
    numbers = params["dimension_numbers"]
    value, kernel = np.transpose(value, numbers.lhs_spec), np.transpose(kernel, numbers.rhs_spec)
    groups, batches, steps = params["feature_group_count"], params["batch_group_count"], params["window_strides"]
    for k, (low, high) in enumerate(params["padding"]):
        value = _widened(value, k + 2, low, high, params["lhs_dilation"][k], 0)
    sizes, dilations = kernel.shape[2:], params["rhs_dilation"]
    counts = [
        max((n - (w - 1) * d - 1) // s + 1, 0) for n, w, d, s in zip(value.shape[2:], sizes, dilations, steps, strict=True)
    ]
    parts: list[Any] = []
    many = groups * batches
    for g in range(many):
        here = np.split(value, groups, 1)[g] if groups > 1 else np.split(value, batches, 0)[g]
        weights = np.split(kernel, many, 0)[g]
        total = np.zeros((here.shape[0], weights.shape[0], *counts))
        for taps in np.ndindex(*sizes):
            cut = tuple(
                slice(t * d, t * d + (n - 1) * s + 1 if n else t * d, s)
                for t, d, n, s in zip(taps, dilations, counts, steps, strict=True)
            )
            seen = here[(slice(None), slice(None), *cut)]
            total += np.moveaxis(np.tensordot(weights[(slice(None), slice(None), *taps)], seen, ((1,), (1,))), 0, 1)
        parts.append(total)
    return np.transpose(np.concatenate(parts, 1), np.argsort(numbers.out_spec))


def _gathered(params: Any, value: Any, indices: Any) -> Any:
    numbers, sizes = params["dimension_numbers"], params["slice_sizes"]
    mode, filling = str(params["mode"]).lower(), params["fill_value"]
    if numbers.operand_batching_dims or ("fill" in mode and filling is None):
        return NotImplemented
    rows = indices.reshape(-1, indices.shape[-1]).astype(np.int64)
    found: list[Any] = []
    for row in rows:
        start = [0] * value.ndim
        for axis, place in zip(numbers.start_index_map, row, strict=True):
            start[axis] = int(place)
        last = [n - s for n, s in zip(value.shape, sizes, strict=True)]
        outside = any(not 0 <= a <= b for a, b in zip(start, last, strict=True))
        if outside and "promise" in mode:
            raise UndefinedRunError
        start = [min(max(a, 0), b) for a, b in zip(start, last, strict=True)]
        piece = value[tuple(slice(a, a + s) for a, s in zip(start, sizes, strict=True))]
        piece = np.squeeze(piece, tuple(numbers.collapsed_slice_dims))
        found.append(np.full_like(piece, filling) if outside and "fill" in mode else piece)
    batch = indices.shape[:-1]
    whole = np.stack(found).reshape(*batch, *found[0].shape)
    order = [axis for axis in range(whole.ndim) if axis not in numbers.offset_dims]
    to = {place: k for k, place in enumerate(order)} | {p: len(batch) + k for k, p in enumerate(numbers.offset_dims)}
    return np.transpose(whole, [to[axis] for axis in range(whole.ndim)])


def _starts(value: Any, sizes: Sequence[int], starts: Sequence[Any]) -> tuple[slice, ...]:
    begins = [min(max(int(a), 0), n - s) for a, n, s in zip(starts, value.shape, sizes, strict=True)]
    return tuple(slice(a, a + s) for a, s in zip(begins, sizes, strict=True))


def _updated(params: Any, value: Any, update: Any, *starts: Any) -> Any:
    value = np.array(value)
    value[_starts(value, update.shape, starts)] = update
    return value


def _iota(params: Any) -> Any:
    shape, axis = params["shape"], params["dimension"]
    row = np.arange(shape[axis]).astype(params["dtype"])
    return np.broadcast_to(row.reshape([-1 if a == axis else 1 for a in range(len(shape))]), shape)


def _refusing(params: Any, *values: Any) -> Any:
    for value in values:
        if np.asarray(value).dtype.kind == "f":
            _ordered(value, None)
    return NotImplemented


def _positive(params: Any, value: Any) -> Any:
    if np.any(value < 0):
        raise UndefinedRunError
    return np.sqrt(value)


NUMPY: dict[str, Callable[..., Any]] = {
    "add": lambda p, a, b: a + b,
    "add_any": lambda p, a, b: a + b,
    "sub": lambda p, a, b: a - b,
    "mul": lambda p, a, b: a * b,
    "neg": lambda p, a: -a,
    "abs": lambda p, a: np.abs(a),
    "square": lambda p, a: a * a,
    "exp": lambda p, a: np.exp(a),
    "tanh": lambda p, a: np.tanh(a),
    "logistic": lambda p, a: 1 / (1 + np.exp(-a)),
    "sqrt": _positive,
    "rsqrt": _root,
    "log": _log_of,
    "div": _divide,
    "integer_pow": _power,
    "max": lambda p, a, b: np.maximum(a, b),
    "min": lambda p, a, b: np.minimum(a, b),
    "clamp": lambda p, a, b, c: np.minimum(np.maximum(a, b), c),
    "eq": _compare(np.equal),
    "ne": _compare(np.not_equal),
    "lt": _compare(np.less),
    "le": _compare(np.less_equal),
    "gt": _compare(np.greater),
    "ge": _compare(np.greater_equal),
    "is_finite": lambda p, a: np.isfinite(a),
    "and": lambda p, a, b: a & b,
    "or": lambda p, a, b: a | b,
    "xor": lambda p, a, b: a ^ b,
    "not": lambda p, a: ~a,
    "select_n": _select,
    "convert_element_type": lambda p, a: a.astype(p["new_dtype"]) if a.dtype.kind != "f" else NotImplemented,
    "reduce_sum": _reduce(np.sum),
    "reduce_prod": _reduce(np.prod),
    "reduce_max": _extreme(np.max, -np.inf),
    "reduce_min": _extreme(np.min, np.inf),
    "broadcast_in_dim": _broadcast,
    "reshape": lambda p, a: a.reshape(p["new_sizes"]) if p["dimensions"] is None else NotImplemented,
    "transpose": lambda p, a: np.transpose(a, p["permutation"]),
    "squeeze": lambda p, a: np.squeeze(a, tuple(p["dimensions"])),
    "rev": lambda p, a: np.flip(a, tuple(p["dimensions"])),
    "slice": _slice,
    "concatenate": lambda p, *a: np.concatenate(a, p["dimension"]),
    "dot_general": _dot,
    "cumsum": _cumulative(lambda a, k: np.cumsum(a, k, dtype=a.dtype)),
    "cummax": _cumulative(np.maximum.accumulate),
    "cummin": _cumulative(np.minimum.accumulate),
    "cumlogsumexp": _cumulative(np.logaddexp.accumulate),
    "sort": _sorted,
    "argmax": _placed(np.argmax),
    "argmin": _placed(np.argmin),
    "top_k": _top,
    "select_and_scatter_add": _refusing,
    "pad": _pad,
    "reduce_window_sum": _windows(np.add, 0),
    "reduce_window_max": _windows(np.maximum, -np.inf),
    "reduce_window_min": _windows(np.minimum, np.inf),
    "conv_general_dilated": _convolved,
    "gather": _gathered,
    "dynamic_slice": lambda p, a, *i: a[_starts(a, p["slice_sizes"], i)],
    "dynamic_update_slice": _updated,
    "iota": _iota,
    "split": lambda p, a: np.split(a, np.cumsum(p["sizes"])[:-1], p["axis"]),
    "stop_gradient": lambda p, a: a,
}
"""Primitives in NumPy, from parameters and operands; NotImplemented leaves the equation to JAX."""


def dtype_of(aval: Any) -> Any:
    """The dtype of an abstract value."""
    return aval.dtype


def run(jaxpr: Any, constants: Sequence[Any], arrays: Sequence[Any]) -> list[Any]:
    """The outputs, with every intermediate checked. Raises UndefinedRunError."""
    known: dict[Any, Any] = dict(zip(jaxpr.constvars, map(np.asarray, constants), strict=True))
    known.update(zip(jaxpr.invars, arrays, strict=True))

    def value(var: Any) -> Any:
        return np.asarray(var.val, dtype_of(var.aval)) if isinstance(var, Literal) else known[var]

    for equation in jaxpr.eqns:
        results = _equation(equation, [value(var) for var in equation.invars])
        for var, found in zip(equation.outvars, results, strict=True):
            found = np.asarray(found)
            assert found.shape == var.aval.shape, equation
            assert found.dtype == var.aval.dtype, equation
            if found.dtype.kind == "f" and not np.all((found == -np.inf) | (np.abs(found) < 1e6)):
                raise UndefinedRunError
            known[var] = found
    return [value(var) for var in jaxpr.outvars]


def _equation(equation: Any, values: list[Any]) -> Sequence[Any]:
    name, params = equation.primitive.name, equation.params
    if name in ("jit", "pjit", "custom_jvp_call", "closed_call"):
        inner = params["jaxpr"] if "jaxpr" in params else params["call_jaxpr"]
        return run(inner.jaxpr, inner.consts, values)
    if name == "cond":
        branches = params["branches"]
        inner = branches[min(max(int(values[0]), 0), len(branches) - 1)]
        return run(inner.jaxpr, inner.consts, values[1:])
    if name == "scan":
        return _scan(params, equation, values)
    if name == "while":
        first, second = params["cond_nconsts"], params["body_nconsts"]
        test, body, carry = params["cond_jaxpr"], params["body_jaxpr"], values[first + second :]
        while run(test.jaxpr, test.consts, [*values[:first], *carry])[0]:
            carry = run(body.jaxpr, body.consts, [*values[first : first + second], *carry])
        return carry
    function = NUMPY.get(name)
    found = NotImplemented if function is None else function(params, *values)
    if found is not NotImplemented:
        return found if equation.primitive.multiple_results else [found]
    results = equation.primitive.bind(*map(jnp.asarray, values), **params)
    return list(results) if equation.primitive.multiple_results else [results]


def _scan(params: Any, equation: Any, values: list[Any]) -> Sequence[Any]:
    inner = params["jaxpr"]
    if "num_consts" in params:
        fixed, carried = params["num_consts"], params["num_carry"]
    else:  # JAX 0.12
        fixed, carried = (len([*one.vals]) for one in params["ft_in"].unpack()[:2])
    carry, length = values[fixed : fixed + carried], params["length"]
    rounds: list[list[Any]] = []
    order = range(length)[::-1] if params["reverse"] else range(length)
    for k in order:
        found = run(inner.jaxpr, inner.consts, [*values[:fixed], *carry, *(v[k] for v in values[fixed + carried :])])
        carry = found[:carried]
        rounds.append(found[carried:])
    if params["reverse"]:
        rounds.reverse()
    avals = [var.aval for var in equation.outvars[carried:]]
    stacked = [np.stack([one[k] for one in rounds]) if length else np.zeros(a.shape, a.dtype) for k, a in enumerate(avals)]
    return [*carry, *stacked]


# -- checking claims


@dataclass
class Tally:
    """What came of some programs. `unsound` holds a description of each wrong proof."""

    programs: int = 0
    claims: int = 0
    free: int = 0
    checked: int = 0
    unsound: list[str] = field(default_factory=list[str])
    crashed: list[str] = field(default_factory=list[str])
    missed: Counter[str] = field(default_factory=Counter[str])


def draw(rng: Any, shape: tuple[int, ...], dtype: np.dtype[Any], scale: float = 1.0) -> Any:
    """Random entries of a dtype."""
    if dtype.kind == "f":
        return np.asarray(rng.normal(size=shape) * scale)
    if dtype.kind == "b":
        return np.asarray(rng.random(shape) < 0.6)
    return np.asarray(rng.integers(0, 4, shape)).astype(dtype)


def check(one: Program, tally: Tally) -> None:
    """Analyse a program and check each claim `free`, output by output."""
    jaxpr = one.trace()
    tally.programs += 1
    try:
        analysis = analyse(jaxpr, {k: str(k) for k in one.tracked})
        found = [{int(f.name): f for f in analysis.findings([k])} for k in range(len(jaxpr.jaxpr.outvars))]
    except Exception as error:
        tally.crashed.append(f"seed {one.seed}: {type(error).__name__}: {error}")
        return
    claims = {k: [n for n, by in enumerate(found) if by[k].free] for k in one.tracked}
    tally.claims += len(found) * len(one.tracked)
    tally.free += sum(map(len, claims.values()))
    if not any(claims.values()):
        return
    rng = np.random.default_rng(one.seed)
    sure: set[tuple[int, int]] = set()
    for attempt in range(TRIES):
        arrays = [draw(rng, *given) for given in one.inputs]
        base = _attempt(jaxpr, arrays)
        if base is None:
            continue
        for k, outputs in claims.items():
            if not outputs:
                continue
            moved = list(arrays)
            moved[k] = arrays[k] + draw(rng, *one.inputs[k], (1.0, 0.3, 3.0, -1.0, 0.1)[attempt])
            after = _attempt(jaxpr, moved)
            if after is None:
                continue
            for n in outputs:
                sure.add((k, n))
                gap = difference(base[n], after[n])
                if gap > 1e-6:
                    tally.unsound.append(f"seed {one.seed}: output {n} moves by {gap:.2g} with input {k}")
                    return
    tally.checked += len(sure)


def difference(left: Any, right: Any) -> float:
    """The largest difference, relative where entries are large; −∞ differs from a number by ∞."""
    left, right = np.asarray(left, float), np.asarray(right, float)
    same = left == right
    with np.errstate(invalid="ignore"):
        gap = np.where(same, 0, np.abs(left - right) / (1 + np.abs(np.where(np.isfinite(left), left, 0))))
    return float(np.max(gap, initial=0))


def _attempt(jaxpr: Any, arrays: Sequence[Any]) -> list[Any] | None:
    try:
        with np.errstate(all="ignore"), jax.enable_x64(True):
            return run(jaxpr.jaxpr, jaxpr.consts, arrays)
    except UndefinedRunError:
        return None


def fuzz(seeds: Sequence[int]) -> Tally:
    """All programs of these seeds."""
    tally = Tally()
    for seed in seeds:
        check(program(seed), tally)
    return tally


def main(arguments: Sequence[str]) -> int:
    """Run N programs from a first seed on, and print what came of them."""
    count = int(arguments[0]) if arguments else 1000
    first = int(arguments[1]) if len(arguments) > 1 else 0
    tally = Tally()
    told = 0
    for seed in range(first, first + count):
        check(program(seed), tally)
        for line in (tally.unsound + tally.crashed)[told:]:
            print(line, flush=True)
        told = len(tally.unsound) + len(tally.crashed)
    print(f"{tally.programs} programs, {tally.claims} claims, {tally.free} free, {tally.checked} checked,", end=" ")
    print(f"{len(tally.unsound)} unsound, {len(tally.crashed)} crashed")
    return 1 if tally.unsound or tally.crashed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
