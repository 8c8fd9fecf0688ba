"""Numbers for forms: what a form says, computed from values of the input atoms, atom by atom, as each atom's key defines it.

An opaque atom is evaluated by the equation that made it first, run on the operands in its key. So two different operations that
were taken for one give a wrong number for the second. Every atom met on the way is checked too: its sizes, the atoms it says it
is made of, and whether it is 0 or 1, whole, or may be infinite. Atoms without a key (values carried round a loop) are unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jax import lax

from bnproof.algebra.atoms import Atom
from bnproof.algebra.forms import Form, Ring
from bnproof.algebra.monomials import Monomial
from bnproof.algebra.rationals import Coefficient

from .arrays import Array, fitted, spread, taken

FUNCTIONS: dict[str, Callable[..., Array]] = {
    "sum of terms": lambda v: v,
    "product": lambda v: v,
    "logic": lambda v: v,
    "exp": np.exp,
    "exp2": np.exp2,
    "sqrt": np.sqrt,
    "is_finite": np.isfinite,
    "max": np.maximum,
    "min": np.minimum,
}
"""Pointwise atoms that are not simply their equation applied to what the key holds."""
COMPARE = {name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
ARITHMETIC = {"add": lax.add_p, "mul": lax.mul_p, "sub": lax.sub_p, "neg": lax.neg_p, "div": lax.div_p}


class UnknownError(Exception):
    """An atom that is no function of the inputs that one could compute from its key."""


class Numbers:
    """Values of atoms. `sizes`: what the symbolic sizes are."""

    def __init__(self, ring: Ring, sizes: Mapping[str, int] | None = None) -> None:
        self.ring = ring
        self.sizes = dict(sizes or {})
        self.values: dict[int, Array] = {}
        self.products: dict[tuple[Monomial, int], Array] = {}
        self.unknown: set[int] = set()
        self.keys: dict[int, Any] = {}
        self.asked: list[set[int]] = [set()]

    # -- forms

    def size(self, size: Any) -> int:
        """A size as an int."""
        if isinstance(size, int):
            return size
        functions = {"max": max, "min": min, "mod": operator.mod, "floordiv": operator.floordiv}
        return int(eval(str(size).replace("^", "**"), functions, self.sizes))

    def concrete(self, value: Any) -> Any:
        """A parameter of an equation, with sizes that are ints."""
        if isinstance(value, tuple) and type(value) is tuple:
            return tuple(self.concrete(entry) for entry in value)
        return self.size(value) if type(value).__name__ == "_DimExpr" else value

    def form(self, form: Form) -> Array:
        """Every entry of a value."""
        return self.terms(form.terms, form.shape)

    def terms(
        self, terms: Mapping[Monomial, Coefficient] | Iterable[tuple[Monomial, Coefficient]], shape: Sequence[Any]
    ) -> Array:
        """Σ coefficient · product of atoms, on all of `shape`."""
        total: Any = np.zeros((), np.int64)
        with np.errstate(all="ignore"):
            for monomial, coefficient in dict(terms).items():
                factor = coefficient if isinstance(coefficient, int) and abs(coefficient) < 1 << 62 else float(coefficient)
                total = total + factor * self.monomial(monomial, len(shape))
        return np.broadcast_to(total, [self.size(size) for size in shape])

    def monomial(self, monomial: Monomial, rank: int) -> Array:
        """The product, with size 1 along axes that it does not use."""
        self.asked[-1].update([number for number, _, _ in monomial])
        total = self.products.get((monomial, rank))
        if total is None:
            total = np.ones((1,) * rank, np.int64)
            for number, placement, exponent in monomial:
                value = spread(self.atom(number), placement, rank)
                total = total * (value**exponent if exponent > 0 else 1.0 / value**-exponent)
            self.products[monomial, rank] = total
        return total

    # -- atoms

    def atom(self, number: int) -> Array:
        """The value of an atom, along its own axes; checked against what the atom says of itself."""
        if number in self.unknown:
            raise UnknownError(number)
        if number not in self.values:
            atom = self.ring.atoms[number]
            if number not in self.keys:
                self.keys = {known.number: key for key, known in self.ring.atoms.by_key.items()}
            self.asked.append(set())
            try:
                value = self._value(atom)
            except UnknownError:
                self.unknown.add(number)
                raise
            finally:
                inside = self.asked.pop()
            self._check(atom, value, inside)
            self.values[number] = value
        return self.values[number]

    def _check(self, atom: Atom, value: Array, inside: set[int]) -> None:
        what = f"atom {atom.number} ({atom.operation})"
        sizes = tuple(self.size(size) for size in atom.sizes)
        assert value.shape == sizes, f"{what} has sizes {sizes}, but what its key says has {value.shape}"
        assert not any(isinstance(size, int) and size == 1 for size in atom.sizes), f"{what} has an axis of size 1"
        every = self.ring.atoms.all
        missing = {number for number in inside if every[number].tainted} - set(atom.children)
        assert not missing, f"{what} is made of {missing} too, but its children are {atom.children}"
        assert atom.tainted or not any(every[number].tainted for number in inside), f"{what} is tainted but does not say so"
        assert not atom.idempotent or np.isin(value, (0, 1)).all(), f"{what} says that it is 0 or 1"
        if atom.most is not None:
            assert (value == np.round(value)).all(), f"{what} says that it is whole"
            assert self.sizes or (np.abs(value) <= atom.most).all(), f"{what} says that it is at most {atom.most}"
        assert atom.infinite or not np.isneginf(value.real).any(), f"{what} is −∞ somewhere, but does not say so"

    def _value(self, atom: Atom) -> Array:
        key = self.keys.get(atom.number)
        if key == "-inf":
            return np.full((), -np.inf)
        if key is None or key[0] in ("input", "object"):
            raise UnknownError(atom.number)
        if len(key) == 5 and isinstance(key[4], int):
            return self._opaque(atom, *key)
        if key[0] in SIMPLE and (key[0], len(key)) != ("pad", 5):
            return np.asarray(SIMPLE[key[0]](self, atom, *key[1:]))
        if len(key) == 4:
            return self._pointwise(atom, *key)
        return self._along(atom, *key)

    # -- operations

    def _pointwise(self, atom: Atom, kind: str, extra: tuple[Any, ...], sizes: Sequence[Any], inside: Sequence[Any]) -> Array:
        values = [self.terms(terms, sizes) for terms in inside]
        with np.errstate(all="ignore"):
            if kind in COMPARE:
                return np.asarray(COMPARE[kind](*values, *([0] if len(values) == 1 else [])))
            if kind == "integer_pow":
                return values[0].astype(_dtype(atom, values[0])) ** extra[0]
            if kind in ("select_n", "cond"):
                index = np.clip(values[0].astype(int), 0, len(values) - 2)
                return np.asarray(sum(np.where(index == k, value, 0) for k, value in enumerate(values[1:])))
            if kind in FUNCTIONS:
                return np.asarray(FUNCTIONS[kind](*values))
        primitive = ARITHMETIC.get(kind)
        shape = self.concrete(tuple(atom.origin.equation.outvars[0].aval.shape))  # JAX has compiled it for this shape
        whole = self._bound(
            atom, [np.resize(value, shape) for value in values], 0, primitive, None if primitive is None else {}
        )
        return whole.reshape(-1)[: values[0].size].reshape(values[0].shape)

    def _opaque(self, atom: Atom, name: str, params: Any, avals: Any, inside: Any, k: int) -> Array:
        del name, params, avals
        values = [self.terms(terms, shape) for terms, shape, _ in inside]
        return np.squeeze(self._bound(atom, values, k), _ones(atom, k))

    def _along(
        self, atom: Atom, name: str, extra: tuple[Any, ...], shape: Sequence[Any], axes: Sequence[int], inside: Any
    ) -> Array:
        values = [self.terms(terms, size) for terms, size in inside]
        k, changed, primitive = 0, None, None
        if name == "sort":
            k = len(values) - 1 if extra[-1] == "payload" else extra[-1]
            changed = {**atom.origin.equation.params, "num_keys": extra[1]}
            values = [value.astype(np.int32) if value.dtype == np.int64 else value for value in values]
        elif name == "top_k places":
            k = 1
        elif name == "concatenate":  # the equation may be a stack
            primitive, changed = lax.concatenate_p, {"dimension": extra[0]}
        whole = self._bound(atom, values, k, primitive, changed)
        return taken(whole, axes, name)

    def _bound(self, atom: Atom, values: Sequence[Array], k: int, primitive: Any = None, params: Any = None) -> Array:
        """The result of the atom's equation, or of its primitive with other parameters, on these operands."""
        equation = atom.origin.equation
        primitive = primitive or equation.primitive
        if len(values) == len(equation.invars) and primitive is not lax.sort_p:
            values = [_cast(value, var.aval.dtype) for value, var in zip(values, equation.invars, strict=True)]
        chosen = equation.params if params is None else params
        with np.errstate(all="ignore"), equation.ctx.manager:  # as when the program is run, so that it is compiled once
            found = primitive.bind(*values, **{name: self.concrete(value) for name, value in chosen.items()})
        return np.asarray(found[k] if primitive.multiple_results else found)

    # -- atoms with a key of their own

    def _constant(self, atom: Atom, shape: Sequence[int], entries: Sequence[Coefficient]) -> Array:
        del atom
        whole = all(isinstance(entry, int) for entry in entries)
        return np.array([entry if whole else float(entry) for entry in entries]).reshape(shape)

    def _array(self, atom: Atom, dtype: str, sizes: Sequence[int], content: Any) -> Array:
        del atom
        return np.frombuffer(content, np.dtype(dtype)).reshape(sizes)

    def _size(self, atom: Atom, size: Any) -> Array:
        del atom
        return np.asarray(self.size(size))

    def _iota(self, atom: Atom, size: Any, dtype: Any = None) -> Array:
        del atom
        return np.arange(self.size(size)).astype(dtype)

    def _reduce(self, atom: Atom, monomial: Monomial, sizes: Sequence[Any], over: tuple[int, ...]) -> Array:
        del atom
        return np.sum(self.terms({monomial: 1}, sizes), axis=over)

    def _cumsum(self, atom: Atom, axis: int, reverse: bool, sizes: Sequence[Any], terms: Any) -> Array:
        del atom
        value = self.terms(terms, sizes)
        return np.flip(np.cumsum(np.flip(value, axis), axis), axis) if reverse else np.cumsum(value, axis)

    def _pad(self, atom: Atom, axis: int, how: Any, before: Any, sizes: Sequence[Any], terms: Any) -> Array:
        value = self.terms(terms, (*sizes[:axis], before, *sizes[axis + 1 :]))
        low, _, inside = self.concrete(tuple(how))
        moved, padded = np.moveaxis(value, axis, 0), np.zeros([self.size(size) for size in sizes], value.dtype)
        for k, entry in enumerate(moved):
            if 0 <= low + k * (inside + 1) < padded.shape[axis]:
                np.moveaxis(padded, axis, 0)[low + k * (inside + 1)] = entry
        return fitted(padded, tuple(self.size(size) for size in atom.sizes), "pad")

    def _join(self, atom: Atom, axis: int, sizes: Sequence[Any], own: Sequence[Any], inside: Any) -> Array:
        del atom
        given = dict(inside)
        pieces = [self.terms(given.get(k, {}), (*own[:axis], size, *own[axis + 1 :])) for k, size in enumerate(sizes)]
        return np.concatenate(pieces, axis)

    def _window(self, atom: Atom, how: Any, sizes: Any, terms: Any) -> Array:
        value = self.terms(terms, [before for before, _ in sizes])
        for (axis, (size, stride, (low, _), base, dilation)), (_, after) in zip(
            how, [sizes[axis] for axis, _ in how], strict=True
        ):
            moved = np.moveaxis(value, axis, 0)
            summed = np.zeros((self.size(after), *moved.shape[1:]))
            for place in range(len(summed)):
                for at in range(place * stride - low, place * stride - low + size * dilation, dilation):
                    if at % base == 0 and 0 <= at // base < len(moved):
                        summed[place] += moved[at // base]
            value = np.moveaxis(summed, 0, axis)
        return fitted(value, tuple(self.size(size) for size in atom.sizes), "window")

    def _convolve(self, atom: Atom, *key: Any) -> Array:
        steps, groups, lhs, rhs, out, before, kernel, weights, inside = key
        value, weight = (self.terms({one: 1}, shape).astype(float) for one, shape in ((inside, before), (weights, kernel)))
        strides, edges, bases, dilations = ([step[k] for step in steps] for k in (1, 2, 3, 4))
        with atom.origin.equation.ctx.manager:
            names = lax.ConvDimensionNumbers(lhs, rhs, out)
            found = lax.conv_general_dilated(value, weight, strides, edges, bases, dilations, names, groups)
        return fitted(np.asarray(found), tuple(self.size(size) for size in atom.sizes), "convolve")

    def _gather(self, atom: Atom, *key: Any) -> Array:
        _, sizes, shape, result, number, placement, terms, where = key
        operands = [self.terms({((number, placement, 1),): 1}, shape), self.terms(terms, where)]
        numbers = atom.origin.equation.params["dimension_numbers"]
        gone = (*numbers.collapsed_slice_dims, *numbers.operand_batching_dims)
        window = [axis for axis in range(len(shape)) if axis not in gone]
        whole = {axis: to for axis, to in zip(window, numbers.offset_dims, strict=True) if sizes[axis] == shape[axis]}
        rest = [axis for axis, size in enumerate(result) if axis not in whole.values() and size != 1]
        return taken(self._bound(atom, operands, 0), [*(whole[axis] for axis in placement if axis in whole), *rest], "gather")

    def _copy(self, atom: Atom, what: Any, number: int, *key: Any) -> Array:
        self.asked[-1].add(number)
        value = self.atom(number)
        if what == "reshape":
            where, old, new = key
            simple = [axis for axis, place in enumerate(where) if place < 0]
            placement = tuple(len(simple) + w if w >= 0 else -1 - w for w in where)
            stay = tuple(value.shape[where.index(-1 - k)] for k in range(len(simple)))
            full = np.broadcast_to(spread(value, placement, len(simple) + len(old)), (*stay, *map(self.size, old)))
            return full.reshape((*stay, *map(self.size, new)))
        axis, size, index = key
        if what[0] == "rev":
            return np.flip(value, axis)
        if what[0] == "tile":
            return np.concatenate([value[(slice(None),) * axis + (slice(0, 0),)], *[value] * self.size(what[1])], axis)
        if what[0] == "slice":
            value = value[(slice(None),) * axis + (slice(*map(self.size, what[1:])),)]
        else:
            start = int(np.clip(self.terms(index, ()), 0, value.shape[axis] - self.size(size)))
            value = value[(slice(None),) * axis + (slice(start, start + self.size(size)),)]
        return value[(slice(None),) * axis + (0,)] if isinstance(size, int) and size == 1 else value


SIMPLE: dict[str, Callable[..., Array]] = {
    name: getattr(Numbers, f"_{name}")
    for name in ("constant", "array", "size", "iota", "reduce", "cumsum", "pad", "join", "window", "convolve", "gather", "copy")
}


def _cast(value: Array, dtype: Any) -> Array:
    """As the program has it; a factor of a value of whole numbers need not be whole itself."""
    with np.errstate(all="ignore"):
        cast = value.astype(dtype)
    return cast if np.issubdtype(dtype, np.inexact) or (cast == value).all() else value


def _ones(atom: Atom, k: int) -> tuple[int, ...]:
    return tuple(
        axis for axis, size in enumerate(atom.origin.equation.outvars[k].aval.shape) if isinstance(size, int) and size == 1
    )


def _dtype(atom: Atom, value: Array) -> Any:
    dtype = atom.origin.equation.outvars[0].aval.dtype
    return dtype if jax.numpy.issubdtype(dtype, np.integer) else value.dtype
