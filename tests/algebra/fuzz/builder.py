"""One random operation after the other, of families that cover the rules."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from random import Random
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .motifs import Motifs
from .shapes import F64, LIMIT, factored, flat, spread, thinned


class Builder(Motifs):
    """Draws operations on the values so far."""

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
        thin = thinned(rng, value.shape)
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
