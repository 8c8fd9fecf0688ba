"""Every rule against execution in float64: what the form of a result says, evaluated, is what the program computes.

Each sample is run on operands that are sums and products of values lying along every subset of the axes, on known constants,
counts and −∞ masks. All operands of one primitive share one set of atoms. So three things are tested: the formula of each
result (what comes out of an operation, and along which axes), what its atoms say they are made of, and congruence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import Any

import jax
import numpy as np
import pytest
from jax.extend.core import jaxpr_as_fun

from bnproof.algebra.constants import content_terms, kind_of
from bnproof.algebra.forms import Form, Ring, Terms
from bnproof.algebra.loops import LOOPS as LOOP_RULES
from bnproof.algebra.rules import RULES
from bnproof.algebra.walk import INSIDE, Walk

from .evaluate import Array, Numbers, UnknownError, same
from .operations import DTYPES, Sample
from .samples import LOOPS, NESTED, SAMPLES

EVERY = {**SAMPLES, **LOOPS, **NESTED}
FREE = (-2.0, 2.0)


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)  # they take longer than they save
    with jax.enable_x64(True):
        yield
    jax.config.update("jax_disable_most_optimizations", before)


def test_every_rule_loop_and_nested_program_has_a_sample() -> None:
    assert set(SAMPLES) == set(RULES)
    assert set(LOOPS) == set(LOOP_RULES)
    assert set(NESTED) == set(INSIDE)


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
            content[index] = k * k % 3 % 2 if kind == "b" else low + k % 3 if kind != "f" else Fraction(k * k % 7, 2)
        return content_terms(self.ring, content, tuple(axes))


def subsets(axes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(len(axes) + 1):
        yield from combinations(axes, size)


def cases(bench: Bench, sample: Sample, jaxpr: Any) -> Iterator[tuple[str, list[Form]]]:
    """Operands of a sample as forms, with what was done to them."""
    ring = bench.ring
    free = (sample.low, sample.high) == FREE
    middle = sample.high if free else (sample.low + sample.high) / 2
    shapes = [tuple(var.aval.shape) for var in jaxpr.jaxpr.invars]
    kinds = [kind for kind, *_ in operands(sample)]

    def plain(j: int, axes: Sequence[int]) -> Terms:
        bounds = (sample.low, middle) if kinds[j] in "fc" else (0, 2) if kinds[j] == "b" else sample.ints
        return bench.terms("plain", j, kinds[j], shapes[j], axes, *bounds)

    whole = [plain(j, range(len(shape))) for j, shape in enumerate(shapes)]

    def forms(changed: dict[int, Terms]) -> list[Form]:
        return [ring.form(changed.get(j, whole[j]), shapes[j], kind_of(DTYPES[kind])) for j, kind in enumerate(kinds)]

    def together(j: int, axes: Sequence[int], added: Terms, where: Sequence[int]) -> dict[int, Terms]:
        """Added to all operands that it fits."""
        fits = [k for k in where if kinds[k] == kinds[j] and (not axes or len(shapes[k]) == len(shapes[j]))]
        return {k: ring.plus(whole[k], added) for k in fits if all(shapes[k][axis] == shapes[j][axis] for axis in axes)}

    def changes(j: int, axes: tuple[int, ...]) -> Iterator[tuple[str, dict[int, Terms]]]:
        kind, shape = kinds[j], shapes[j]
        known = bench.known(shape, axes, kind, sample.ints[0]) if free and axes else None
        if known is not None:
            yield "known", {j: known}
        if kind == "b":
            yield "not", {j: ring.plus({(): 1}, plain(j, axes), -1)}
        if kind in "iuhg" and sample.ints[0] >= 0:
            alike = [k for k, one in enumerate(shapes) if len(one) == len(shape) and kinds[k] == kind]
            every = {k: bench.terms("count", k, kind, shapes[k], axes, *sample.ints) for k in alike}
            yield "counts", every
            if len(every) > 1:
                yield "a count", {j: every[j]}
            if not axes:
                yield "a number", {j: {(): sample.ints[1] - 1}}
        if kind not in "fc" or not free:
            yield "uniform", {j: plain(j, axes)}
        if kind not in "fc":
            return
        bounds = FREE if free else (0.0, (sample.high - sample.low) / 2)
        shift = bench.terms("shift", 0, kind, shape, axes, *bounds)
        yield "plus", {j: ring.plus(whole[j], shift)}
        if len(shapes) > 1:
            yield "together plus", together(j, axes, shift, range(len(shapes)))
        if free:
            yield "only", {j: shift}
            two = bench.terms("shift", 1, kind, shape, range(len(shape)), *bounds)
            yield "times, two", {j: ring.plus(ring.times(whole[j], shift), ring.scale(ring.times(two, shift), 3))}
        if known is not None:
            yield "times known, plus", {j: ring.plus(ring.times(whole[j], known), shift)}
        if j in sample.masked:
            mask = bench.terms("mask", 0, kind, shape, axes, 0, 0)
            yield "masked, plus", {j: ring.plus(ring.plus(whole[j], mask), shift)}
            if len(shapes) > 1:
                yield "together masked", together(j, axes, mask, sample.masked)
            if not axes:
                yield "−∞", {j: {ring.lowest: 1}}

    yield "as it is", forms({})
    for j, shape in enumerate(shapes):
        for axes in subsets([axis for axis, size in enumerate(shape) if not (isinstance(size, int) and size == 1)]):
            for what, changed in changes(j, axes):
                yield f"operand {j}: {what}, along {axes}", forms(changed)


def checked(bench: Bench, sample: Sample, jaxpr: Any, given: Sequence[Form]) -> None:
    """What the forms of the results say is what execution gives."""
    numbers, ring = bench.numbers, bench.ring
    results = Walk(ring).run(jaxpr.jaxpr, jaxpr.consts, given)
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


@pytest.mark.parametrize("name", EVERY)
def test_what_a_form_says_is_what_the_program_computes(name: str) -> None:
    run(name, EVERY[name])


def run(name: str, samples: Sequence[Sample]) -> None:
    """All cases with all operands tainted; those with a shift also with nothing tainted but the shift."""
    for rest in (True, False):
        bench = Bench(rest)
        for sample in samples:
            jaxpr = traced(sample, False)
            assert name in names(jaxpr.jaxpr), f"{sample} does not use the primitive"
            symbols = (size for var in jaxpr.jaxpr.invars for size in var.aval.shape if str(size) in sample.sizes)
            bench.ring.symbols = tuple(dict.fromkeys(symbols))
            bench.numbers.sizes.update(sample.sizes)
            for what, given in cases(bench, sample, jaxpr):
                if not rest and "together plus" not in what and ": plus" not in what:
                    continue
                try:
                    checked(bench, sample, jaxpr, given)
                except Exception as error:
                    error.add_note(f"{name} on {sample.operands}, {what}; operands tainted: {rest}")
                    raise
