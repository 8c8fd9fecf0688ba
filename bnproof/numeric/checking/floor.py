"""The precision floor: how a program would round if nothing in it were narrower than the dtype asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..replay.op import Op, Record
from ..replay.operations import floating
from ..roundoff.precision import storage, unit
from ..roundoff.rounding import Rounding


@dataclass(frozen=True)
class Floor(Rounding):
    """A rounding in which an operation of a narrower format than `dtype` rounds as `dtype` does, and converting to one is exact."""

    dtype: str = "float64"

    def result(self, op: Op) -> tuple[float, float]:
        """(unit round-off, what results near 0 may be off by) of one operation."""
        found, tiny = super().result(op)
        if not self._narrower(op):
            return found, tiny
        return unit(storage(self.dtype)), float(jnp.finfo(storage(self.dtype)).tiny)

    def narrows(self, op: Op) -> bool:
        """Whether a conversion between floating types rounds."""
        return super().narrows(op) and not self._narrower(op)

    def coarsest(self, op: Op) -> float:
        """The unit round-off by which an operation's operands may be off, relative to their size."""
        limit = unit(storage(self.dtype))
        return (
            min(super().coarsest(op), limit) if op.dtypes and any(map(self._is_narrower, op.dtypes)) else super().coarsest(op)
        )

    def _narrower(self, op: Op) -> bool:
        return self.unit is None and op.dtypes is not None and self._is_narrower(op.dtypes[1])

    def _is_narrower(self, dtype: Any) -> bool:
        return floating(dtype) and unit(dtype) > unit(storage(self.dtype))


def floor_of(rounding: Rounding, dtype: str) -> Floor:
    """The same rounding without what is narrower than a dtype."""
    return Floor(**{field.name: getattr(rounding, field.name) for field in fields(Rounding)}, dtype=dtype)


def narrower(record: Record, dtype: str) -> tuple[str, ...]:
    """The formats coarser than a dtype that a recorded run rounds to, each once."""
    limit = unit(storage(dtype))
    return tuple(dict.fromkeys(_names(record, limit)))


def _names(record: Record, limit: float) -> Iterable[str]:
    for op, _, _ in record:
        if op.dtypes is not None and floating(op.dtypes[1]) and unit(op.dtypes[1]) > limit:
            yield np.dtype(op.dtypes[1]).name
