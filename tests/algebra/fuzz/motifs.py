"""What random programs are made of: values that are drawn, and motifs in which shifts often cancel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
from jax import lax

from .shapes import F64, LIMIT, fits, spread, thinned


class Motifs:
    """Draws from the values so far. Everything is decided by shapes and the generator, nothing by values."""

    def __init__(self, rng: Random, arrays: Sequence[Any], first: int) -> None:
        self.rng = rng
        self.values: list[Any] = list(arrays[:first])
        self.shifts = list(arrays[first:])
        self.depth = 0

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
        thin = thinned(rng, shape)
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
        thin = thinned(rng, shape)
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
