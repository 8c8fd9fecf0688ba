"""Operands of samples as forms with numbers, and the comparison of what a form says with what a program computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import Any

import jax
import numpy as np
from jax.extend.core import jaxpr_as_fun

from bnproof.algebra.constants import kind_of
from bnproof.algebra.forms import Form, Ring
from bnproof.algebra.known import content_terms
from bnproof.algebra.loops import LOOPS
from bnproof.algebra.monomials import Terms
from bnproof.algebra.walk import Walk

from .arrays import Array, same
from .evaluate import Numbers, UnknownError
from .operations import DTYPES, Sample

FREE = (-2.0, 2.0)
"""The range of operands of a function that is defined everywhere."""


@cache
def traced(sample: Sample, concrete: bool) -> Any:
    """The program of a sample, with symbolic sizes or with ints for them."""
    scope: Any = jax.export.SymbolicScope()
    avals = [
        jax.ShapeDtypeStruct(shape if concrete else jax.export.symbolic_shape(",".join(text), scope=scope), DTYPES[kind])
        for kind, text, shape in operands(sample)
    ]
    return jax.make_jaxpr(sample.function)(*avals)


def operands(sample: Sample) -> list[tuple[str, list[str], tuple[int, ...]]]:
    """(letter, sizes as written, sizes) of each operand."""
    found: list[tuple[str, list[str], tuple[int, ...]]] = []
    for text in sample.operands.split():
        sizes = text[1:].split("x") if text[1:] else []
        found.append((text[0], sizes, tuple(sample.sizes[size] if size in sample.sizes else int(size) for size in sizes)))
    return found


def names(jaxpr: Any) -> set[str]:
    """All primitives of a program, at any depth."""
    found: set[str] = set()
    for equation in jaxpr.eqns:
        found.add(equation.primitive.name)
        for value in equation.params.values():
            for inner in value if isinstance(value, tuple | list) else [value]:
                inner = getattr(inner, "jaxpr", inner)
                if hasattr(inner, "eqns"):
                    found |= names(inner)
    return found


class Bench:
    """One ring, and one value for each of its input atoms, for all samples of a primitive.

    `rest`: whether the operands themselves are tainted, or only what is added to them.
    """

    def __init__(self, rest: bool, sizes: Any = ()) -> None:
        self.ring = Ring()
        self.rest = rest
        self.numbers = Numbers(self.ring, dict(sizes))
        self.draws: dict[int, tuple[Any, ...]] = {}
        self.random = np.random.default_rng(0)

    def terms(self, role: str, j: int, kind: str, shape: Sequence[Any], axes: Sequence[int], low: float, high: float) -> Terms:
        """An input atom lying along these axes of a shape, between two numbers."""
        axes = tuple(axis for axis in axes if not (isinstance(shape[axis], int) and shape[axis] == 1))
        sizes = tuple(shape[axis] for axis in axes)
        group = "n" if kind in "iuhg" else kind
        key = ("input", role, j, group, sizes, low, high)
        atom = self.ring.atoms.find(key)
        if atom is None:
            atom = self.ring.atoms.make(key, "input", sizes, (), self.rest or role != "plain")
            atom.boolean(kind == "b")
            if role == "count":
                atom.most = max(abs(int(low)), int(high) - 1)
            atom.infinite = role == "mask"
            self.draws[atom.number] = (role, group, low, high)
            self.numbers.values[atom.number] = self.draw(atom.number)
        return {((atom.number, axes, 1),): 1}

    def draw(self, number: int) -> Array:
        """A random value of an atom."""
        role, group, low, high = self.draws[number]
        sizes = tuple(self.numbers.size(size) for size in self.ring.atoms[number].sizes)
        if role == "mask":
            return np.where(self.random.random(sizes) < 0.4, -np.inf, 0.0)
        if group in "nb":
            return self.random.integers(int(low), int(high), sizes, endpoint=False)
        value = self.random.uniform(low, high, sizes)
        return value + 1j * self.random.uniform(low, high, sizes) if group == "c" else value

    def known(self, shape: Sequence[Any], axes: Sequence[int], kind: str, low: int) -> Terms | None:
        """A known constant along these axes, not a product of vectors."""
        sizes = [shape[axis] for axis in axes]
        if not all(isinstance(size, int) and size > 1 for size in sizes) or kind == "c":
            return None
        content = np.empty(sizes, object)
        for k, index in enumerate(np.ndindex(*sizes)):
            content[index] = k * k % 3 % 2 if kind == "b" else Fraction(k * k % 7, 2) if kind == "f" else low + (k + 3) % 4
        return content_terms(self.ring.atoms, content, tuple(axes))


def subsets(axes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(len(axes) + 1):
        yield from combinations(axes, size)


class Operands:
    """The operands of one sample as forms, changed in many ways."""

    def __init__(self, bench: Bench, sample: Sample, jaxpr: Any) -> None:
        self.bench = bench
        self.sample = sample
        self.shapes = [tuple(var.aval.shape) for var in jaxpr.jaxpr.invars]
        self.kinds = [kind for kind, *_ in operands(sample)]
        self.free = (sample.low, sample.high) == FREE
        self.whole = [self.plain(j, range(len(shape))) for j, shape in enumerate(self.shapes)]

    def plain(self, j: int, axes: Sequence[int]) -> Terms:
        """An operand that lies along these axes."""
        sample, kind = self.sample, self.kinds[j]
        bounds = (0, 2) if kind == "b" else sample.ints
        if kind in "fc":
            bounds = (sample.low, sample.high if self.free else (sample.low + sample.high) / 2)
        return self.bench.terms("plain", j, kind, self.shapes[j], axes, *bounds)

    def cases(self) -> Iterator[tuple[str, list[Form]]]:
        """What was done to the operands, and all of them."""
        yield "as it is", self.forms({})
        for j, shape in enumerate(self.shapes):
            change = self.floating if self.kinds[j] in "fc" else self.whole_numbers
            for axes in subsets([axis for axis, size in enumerate(shape) if not (isinstance(size, int) and size == 1)]):
                for what, changed in change(j, axes):
                    yield f"operand {j}: {what}, along {axes}", self.forms(changed)

    def forms(self, changed: dict[int, Terms]) -> list[Form]:
        """All operands, some of them changed."""
        return [
            self.bench.ring.form(changed.get(j, self.whole[j]), shape, kind_of(DTYPES[self.kinds[j]]))
            for j, shape in enumerate(self.shapes)
        ]

    def together(self, j: int, axes: Sequence[int], added: Terms, where: Sequence[int]) -> dict[int, Terms]:
        """Added to all operands that it fits."""
        shapes, shape = self.shapes, self.shapes[j]
        fits = [k for k in where if self.kinds[k] == self.kinds[j] and (not axes or len(shapes[k]) == len(shape))]
        fits = [k for k in fits if all(shapes[k][axis] == shape[axis] for axis in axes)]
        return {k: self.bench.ring.plus(self.whole[k], added) for k in fits}

    def whole_numbers(self, j: int, axes: tuple[int, ...]) -> Iterator[tuple[str, dict[int, Terms]]]:
        """Changes of an operand of integers or Booleans."""
        bench, kind, shape, ints = self.bench, self.kinds[j], self.shapes[j], self.sample.ints
        yield "uniform", {j: self.plain(j, axes)}
        known = bench.known(shape, axes, kind, ints[0]) if axes else None
        if known is not None:
            yield "known", {j: known}
        if kind == "b":
            yield "not", {j: bench.ring.plus({(): 1}, self.plain(j, axes), -1)}
            return
        alike = [k for k, one in enumerate(self.shapes) if len(one) == len(shape) and self.kinds[k] == kind]
        counts = {k: bench.terms("count", k, kind, self.shapes[k], axes, *ints) for k in alike}
        yield "a count", {j: counts[j]}
        if len(counts) > 1:
            yield "counts", counts
        if not axes:
            yield "a number", {j: {(): ints[1] - 1}}

    def floating(self, j: int, axes: tuple[int, ...]) -> Iterator[tuple[str, dict[int, Terms]]]:
        """Changes of an operand of real or complex numbers."""
        ring, sample, kind, shape, whole = self.bench.ring, self.sample, self.kinds[j], self.shapes[j], self.whole[j]
        bounds = FREE if self.free else (0.0, (sample.high - sample.low) / 2)
        shift = self.bench.terms("shift", 0, kind, shape, axes, *bounds)
        yield "plus", {j: ring.plus(whole, shift)}
        if len(self.shapes) > 1:
            yield "together plus", self.together(j, axes, shift, range(len(self.shapes)))
        if not self.free:
            yield "uniform", {j: self.plain(j, axes)}
            return
        yield "only", {j: shift}
        two = self.bench.terms("shift", 1, kind, shape, range(len(shape)), *bounds)
        yield "times, two", {j: ring.plus(ring.times(whole, shift), ring.scale(ring.times(two, shift), 3))}
        known = self.bench.known(shape, axes, kind, 0) if axes else None
        if known is not None:
            yield "known", {j: known}
            yield "times known, plus", {j: ring.plus(ring.times(whole, known), shift)}
        if j in sample.masked and kind == "f":
            mask = self.bench.terms("mask", 0, kind, shape, axes, 0, 0)
            yield "masked, plus", {j: ring.plus(ring.plus(whole, mask), shift)}
            if len(self.shapes) > 1:
                yield "together masked", self.together(j, axes, mask, sample.masked)
            if not axes:
                yield "−∞", {j: {ring.lowest: 1}}


def checked(bench: Bench, sample: Sample, jaxpr: Any, given: Sequence[Form]) -> None:
    """What the forms of the results say is what execution gives."""
    numbers, ring = bench.numbers, bench.ring
    results = Walk(LOOPS, ring).run(jaxpr, given)
    outs = executed(numbers, sample, given)
    if outs is None:
        return
    reached: list[set[int]] = []
    for form, out, var in zip(results, outs, jaxpr.jaxpr.outvars, strict=True):
        assert form.shape == tuple(var.aval.shape)
        assert form.dtype == kind_of(var.aval.dtype)
        compared(numbers, form, out)
        reached.append(closure(ring, form))
    inputs = {number for form in given for number in closure(ring, form) if number in bench.draws}
    for free in inputs - set.intersection(*reached):
        other = Numbers(ring, numbers.sizes)
        other.values = {number: bench.draw(number) if number == free else numbers.values[number] for number in bench.draws}
        again = executed(other, sample, given)
        for k, out in enumerate(outs if again is not None else ()):
            assert free in reached[k] or again is None or same(out, again[k]), f"result {k} depends on atom {free}"


def compared(numbers: Numbers, form: Form, out: Array) -> None:
    """A form's number and an array. What is left of it after the terms that are known may use the axes of the others only."""
    unknown: Terms = {}
    said = np.zeros((), np.int64)
    with np.errstate(all="ignore"):
        for monomial, coefficient in form.terms.items():
            try:
                said = said + numbers.terms({monomial: coefficient}, form.shape)
            except UnknownError:
                unknown[monomial] = coefficient
        if not unknown:
            said = np.broadcast_to(said, out.shape)
            meant = ~np.isnan(said)  # ∞ − ∞, where a mask was multiplied out
            assert same(said[meant], out[meant]), f"the form says {said}, but the result is {out}"
            return
        used, left = numbers.ring.used([*unknown]), out - said
        for axis in range(out.ndim):
            if not used >> axis & 1 and out.shape[axis]:
                assert same(left, np.broadcast_to(left.take([0], axis), left.shape)), f"not uniform along axis {axis}"


def closure(ring: Ring, form: Form) -> set[int]:
    """All tainted atoms inside."""
    found = set(ring.children(form.terms))
    stack = list(found)
    while stack:
        for number in ring.atoms[stack.pop()].children:
            if number not in found:
                found.add(number)
                stack.append(number)
    return found


def executed(numbers: Numbers, sample: Sample, given: Sequence[Form]) -> list[Array] | None:
    """What the program computes; None where it is not defined."""
    program = traced(sample, True)
    with np.errstate(all="ignore"):
        values = [numbers.form(form).astype(var.aval.dtype) for form, var in zip(given, program.jaxpr.invars, strict=True)]
        outs = [np.asarray(out) for out in jaxpr_as_fun(program)(*values)]
    return None if any(np.isnan(out).any() for out in outs) else outs


def run(name: str, samples: Sequence[Sample]) -> None:
    """All cases with all operands tainted; for the first samples, those with a shift also with nothing tainted but the shift."""
    for rest, chosen in ((True, samples), (False, samples[:2])):
        bench = Bench(rest)
        for sample in chosen:
            jaxpr = traced(sample, False)
            assert name in names(jaxpr.jaxpr), f"{sample} does not use the primitive"
            symbols = (size for var in jaxpr.jaxpr.invars for size in var.aval.shape if str(size) in sample.sizes)
            bench.ring.symbols = tuple(dict.fromkeys(symbols))
            bench.numbers.sizes.update(sample.sizes)
            for what, given in Operands(bench, sample, jaxpr).cases():
                if not rest and ": plus" not in what:
                    continue
                try:
                    checked(bench, sample, jaxpr, given)
                except Exception as error:
                    error.add_note(f"{name} on {sample.operands}, {what}; operands tainted: {rest}")
                    raise
