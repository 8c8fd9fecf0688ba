"""Numbers that a format does not hold: what overflows, and what is so small that it is flushed to 0, on the way.

A bound on rounding says nothing of a value beyond the largest number of its format: it becomes infinite there, and what divides by it
comes out as 0, finite and wrong. So any such value on the way means that nothing can be told, wherever it went:

- a result that may lie beyond the largest number, by as much as the round-off of its operands may carry it;
- a sum of which some order of adding may get there although the whole does not: Σ|terms|, products of dots and convolutions taken one
  by one; a product of many factors: that of all factors above 1;
- a reciprocal, by which compilers replace a quotient: 1/y beyond it. One that is too small is no matter of range but of rounding
  (`operation_error`); the same goes for what `A/(B/C) = (A·C)/B` and `(A/B)/C = A/(B·C)` make of nested quotients: both products are
  looked at. Likewise (x·c₁)·c₂ = x·(c₁c₂) for numbers c that are arguments or constants;
- a nonzero number below the normal range, where such numbers are flushed to 0 when they come out or are read: float64, float32 and
  bfloat16 on XLA's CPU, not float16 (measured, `flushes`). Only if it is told from 0: what the round-off of
  its operands may have made of an exact zero is covered by theirs.

No harm do ∞ and NaN themselves, which programs mask with and `select` leaves out, and the largest finite number as a mask: it is held.
A pole (1/0, log 0) is no overflow; it is named where a result is NaN, and has an infinite bound where anything depends on it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..replay.op import Op, Record
from ..replay.operations import aligned, floating
from .operation_error import EXACT, Own, held
from .precision import computing, unit
from .rounding import Rounding

_POLES = {"div": (1, 0.0), "log": (0, 0.0), "rsqrt": (0, 0.0), "log1p": (0, -1.0), "pow": (0, 0.0), "integer_pow": (0, 0.0)}
"""Operations that are infinite where an operand, of this number, is this."""
MASK = 16
"""Units in the last place below the largest number within which a value is a mask, which no round-off carries beyond it."""
_FACTORS = ("reduce_prod", "cumprod")
_SPREAD = ("broadcast_in_dim", "reshape", "convert_element_type")


@functools.lru_cache(maxsize=64)
def flushes(dtype: str, device: str | None = None) -> bool:
    """Whether a device takes numbers of a dtype below its normal range for 0, as they come out or as they are read: tried out."""
    import jax
    from jax import numpy as jnp

    with computing(dtype), jax.default_device(jax.devices(device)[0]):
        tiny = jnp.finfo(dtype).tiny
        least, half = np.full(8, tiny, dtype), np.full(8, 0.5, dtype)
        made = np.asarray(jax.jit(lambda x, y: x * y)(least, half))  # half of the least normal number
        small = (np.full(8, tiny, np.float64) / 2).astype(dtype)
        read = np.asarray(jax.jit(lambda x, y: x / y)(small, half))
    return bool(made[0] == 0 or read[0] == 0)


@dataclass
class Range:
    """Looks at a run's values as `forward` passes them.

    outside: the first value found that a format does not hold; pole: the first operation that was at one; in words, empty if none.
    """

    rounding: Rounding
    own: Own
    device: str | None = None
    outside: str = ""
    pole: str = ""
    made: dict[int, tuple[Op, Sequence[Any]]] = field(default_factory=dict[int, tuple[Op, Sequence[Any]]])
    numbers: dict[int, float] = field(default_factory=dict[int, float])
    scaled: dict[int, float] = field(default_factory=dict[int, float])

    def inputs(self, record: Record) -> None:
        """Looks at arguments and constants: what is below the normal range is flushed as soon as it is read."""
        results = {id(y) for _, _, ys in record for y in ys}
        for op, xs, ys in record:
            if op.name in _SPREAD and id(xs[0]) in self.numbers:
                self.numbers[id(ys[0])] = self.numbers[id(xs[0])]
            for x in xs:
                if isinstance(x, np.ndarray) and floating(x.dtype) and id(x) not in results:
                    results.add(id(x))
                    if x.size == 1:
                        self.numbers[id(x)] = abs(float(x.reshape(-1)[0]))
                    name = self._format(op)
                    if name and flushes(name, self.device):
                        self._small(f"an operand of `{op.name}`", name, x, 0.0)

    def seen(self, op: Op, xs: Sequence[Any], y: Any, e: Any) -> None:
        """Looks at one result, which the round-off of the operands may have moved by e."""
        if self.outside or not (name := self._format(op, 1)) or (op.name in EXACT and not self.rounding.narrows(op)):
            return
        what, highest = f"`{op.name}`", limits(name)[0]
        if not np.isfinite(y).all():
            self._infinite(op, xs, y, name)
        size = np.abs(y)
        if op.name == "reduce_precision" and np.any(over := np.isfinite(y) & (size >= held(op))):
            self._large(what, f"number of {op.params['exponent_bits']} exponent bits", size[over].max())
        moved = size + np.where(np.isfinite(e), e, 0.0) > highest * (1 + MASK * unit(name))
        if np.any(over := np.isfinite(y) & (moved | (size > highest))):
            self._large(what, name, size[over].max())
        if op.name == "div":
            self._quotient(op, xs, name)
            self.made[id(y)] = (op, xs)
        elif op.name == "mul":
            self._scaled(xs, y, name)
        elif op.name in _FACTORS:
            grown = np.prod(np.maximum(np.abs(xs[0]), 1.0), tuple(range(1, xs[0].ndim)))
            if np.any(np.isfinite(grown) & (grown > highest)):
                self._large(f"a part of {what}", name, float(grown.max()))
        else:
            self._terms(op, xs, y, name)
        if flushes(name, self.device):
            self._small(what, name, y, e)

    def _infinite(self, op: Op, xs: Sequence[Any], y: Any, name: str) -> None:
        """Looks at a result with entries that are no finite numbers: made of such, at a pole, or by overflow."""
        from_finite = ~np.isfinite(y) & self._finite(xs, y)
        pole = self._pole(op, xs, y)
        if np.any(from_finite & pole):
            self.pole = self.pole or f"`{op.name}` divides by 0, or takes a power or logarithm of it"
        if np.any(from_finite & ~pole & np.isinf(y)):
            self._large(f"`{op.name}`", name, math.inf)

    def _terms(self, op: Op, xs: Sequence[Any], y: Any, name: str) -> None:
        """Σ|terms| of a sum, in the format that it adds up in."""
        errors = self.own(op, xs, y) or ()
        if not errors or errors[0].magnitude is y:
            return
        if self.rounding.accumulator is not None and op.name in ("dot_general", "conv_general_dilated"):
            name = "float32" if self.rounding.accumulator < unit(name) else name
        total = errors[0].magnitude
        if np.any(over := np.isfinite(total) & (total > limits(name)[0])):
            self._large(f"a part of `{op.name}`", name, float(total[over].max()))

    def _quotient(self, op: Op, xs: Sequence[Any], name: str) -> None:
        """What a compiler may make of a quotient: a product with 1/y, and one quotient of two."""
        highest, lowest = limits(name)
        a, b = aligned(xs)
        turned = np.abs(1 / b)
        if np.any(over := (b != 0) & (turned > highest) & (a != 0) & np.isfinite(a)):
            self._large("a reciprocal that stands for `div`", name, float(turned[np.broadcast_to(over, turned.shape)].max()))
        for k in (0, 1):
            inner = self.made.get(id(xs[k]))
            if inner is None or inner[0].name != "div":
                continue
            one, other = aligned((inner[1][1], xs[1 - k]))
            product = np.abs(one * other)
            if np.any(over := np.isfinite(product) & (product > highest)):
                self._large("a product that stands for two of `div`", name, float(product[over].max()))
            elif flushes(name, self.device) and np.any(below := (product < lowest) & (product > 0)):
                self._tiny("a product that stands for two of `div`", name, float(product[below].min()))

    def _scaled(self, xs: Sequence[Any], y: Any, name: str) -> None:
        """The product of the numbers that a value is multiplied by one after the other, which a compiler may form first."""
        for x, other in (xs, xs[::-1]):
            if (number := self.numbers.get(id(other))) is None:
                continue
            before = self.scaled.get(id(x))
            self.scaled[id(y)] = number if before is None else before * number
            highest, lowest = limits(name)
            if before is None or not math.isfinite(before * number):
                continue
            if before * number > highest:
                self._large("a product of two numbers of `mul`", name, before * number)
            elif 0 < before * number < lowest and flushes(name, self.device):
                self._tiny("a product of two numbers of `mul`", name, before * number)

    def _small(self, what: str, name: str, y: Any, e: Any) -> None:
        size = np.abs(y)
        if np.any(below := (size < limits(name)[1]) & (size > 0) & (size > e)):
            self._tiny(what, name, float(size[below].max()))

    def _large(self, what: str, name: str, value: float) -> None:
        found = "a value without bound" if math.isinf(value) else f"a value of {value:.2g}"
        self.outside = self.outside or f"{what} makes {found} on the way, beyond the largest {name}"

    def _tiny(self, what: str, name: str, value: float) -> None:
        self.outside = self.outside or f"{what} is {value:.2g} on the way, below the normal range of {name}: it is taken for 0"

    def _format(self, op: Op, which: int = 0) -> str:
        """The name of the floating format an operation reads or writes; empty if it has none."""
        if op.dtypes is None:
            return ""
        name = next((np.dtype(d).name for d in (op.dtypes[which], op.dtypes[1 - which]) if floating(d)), "")
        return name and (name if self.rounding.unit is None else "float64")

    def _finite(self, xs: Sequence[Any], y: Any) -> Any:
        """Where all operands of an entry are finite; of an operation that mixes entries, nowhere unless all are."""
        parts = [np.isfinite(x) for x in xs if isinstance(x, np.ndarray) and floating(x.dtype)]
        try:
            return np.broadcast_to(functools.reduce(np.logical_and, aligned(parts)), y.shape)
        except ValueError:
            return np.full(y.shape, all(bool(p.all()) for p in parts))

    def _pole(self, op: Op, xs: Sequence[Any], y: Any) -> Any:
        if op.name not in _POLES:
            return np.zeros(y.shape, bool)
        which, at = _POLES[op.name]
        return np.broadcast_to(aligned(xs)[which] == at, y.shape)


@functools.lru_cache(maxsize=16)
def limits(name: str) -> tuple[float, float]:
    """(what rounds to no finite number, the least normal number) of a format."""
    import jax.numpy as jnp

    info: Any = jnp.finfo(name)
    return float(info.max) * (1 + unit(name) / 2), float(info.tiny)
