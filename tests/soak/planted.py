"""Wrong rules, each planted in place of a right one: the soak must find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import pytest

from bnproof.algebra import forms
from bnproof.algebra.forms import Form, Ring
from bnproof.algebra.monomials import ONE, Terms, bits
from bnproof.algebra.rules import RULES, Rule, convolve, copy, join, order, reshape, sums, windows

Plant = Callable[[pytest.MonkeyPatch], None]
PLANTED: dict[str, tuple[tuple[str, ...], Plant]] = {}
"""What is wrong → (the rule only matters in networks with one of these layers; how to plant it)."""


def planted(*tokens: str) -> Callable[[Plant], Plant]:
    def register(plant: Plant) -> Plant:
        PLANTED[plant.__name__] = (tokens, plant)
        return plant

    return register


def tainted_part(ring: Ring, terms: Mapping[Any, Any]) -> Terms:
    return {m: c for m, c in terms.items() if ring.about(m)[0]}


def without(ring: Ring, form: Form) -> Form:
    return Form({m: c for m, c in form.terms.items() if not ring.about(m)[0]}, form.shape, form.dtype, False)


def replace(monkeypatch: pytest.MonkeyPatch, name: str, function: Callable[..., list[Form]]) -> None:
    """`function` gets the right rule first."""
    right = RULES[name]
    monkeypatch.setitem(RULES, name, Rule(lambda r, e, o: function(right.apply, r, e, o), right.law))


def drops_shift(name: str) -> Plant:
    """The operation does not depend on tainted terms at all."""

    def wrong(right: Any, ring: Ring, equation: Any, operands: Sequence[Form]) -> list[Form]:
        return right(ring, equation, [without(ring, form) for form in operands])

    return lambda monkeypatch: replace(monkeypatch, name, wrong)


def passes_shift(name: str) -> Plant:
    """f(v + s) = f(v) + s for every s."""

    def wrong(right: Any, ring: Ring, equation: Any, operands: Sequence[Form]) -> list[Form]:
        (plain,) = right(ring, equation, [without(ring, operands[0]), *operands[1:]])
        shift = tainted_part(ring, operands[0].terms)
        return [ring.form(ring.plus(plain.terms, shift), plain.shape, plain.dtype)]

    return lambda monkeypatch: replace(monkeypatch, name, wrong)


def split_drops_the_rest(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    """Terms that use the axes compared along do not matter, in the rules of this module."""
    right = vars(module)["split"]

    def wrong(ring: Ring, form: Form, axes: int) -> tuple[Terms, Form]:
        uniform, rest = right(ring, form, axes)
        return uniform, without(ring, rest)

    monkeypatch.setattr(module, "split", wrong)


@planted("relu")
def max_passes_any_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    passes_shift("max")(monkeypatch)


@planted("relu")
def relu_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(right: Any, ring: Ring, equation: Any, operands: Sequence[Form]) -> list[Form]:
        form = operands[0]
        total: Terms = {}
        for monomial, coefficient in form.terms.items():
            part = ring.form({monomial: coefficient}, form.shape, form.dtype)
            total = ring.plus(total, right(ring, equation, [part, *operands[1:]])[0].terms)
        return [ring.form(total, form.shape, form.dtype)]

    replace(monkeypatch, "max", wrong)


@planted("conv", "conv1d", "conv3d", "depthwise")
def zero_padding_keeps_uniformity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convolve, "_meets_same", lambda *_: True)


@planted("convtranspose")
def dilation_of_the_value_leaves_no_holes(monkeypatch: pytest.MonkeyPatch) -> None:
    right = vars(convolve)["_meets_same"]
    monkeypatch.setattr(convolve, "_meets_same", lambda step, b, a: step[3] != 1 or right(step, b, a))


@planted("conv", "conv1d", "conv3d", "depthwise", "convtranspose")
def kernel_does_not_spread_over_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    right = vars(convolve)["_image"]

    def wrong(*arguments: Any) -> Terms:
        *rest, _ = arguments
        return right(*rest, False)

    monkeypatch.setattr(convolve, "_image", wrong)


@planted("bn", "in", "gn", "ln")
def reduce_sum_forgets_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    # no parameter is declared free by this, but nothing is proved behind a mean any more: found as undecided
    right = sums.size_terms

    def sizes(right_rule: Any, ring: Ring, equation: Any, operands: Sequence[Form]) -> list[Form]:
        del right_rule, operands
        return [ring.form(right(ring, equation.params["dim"]), (), "i")]

    monkeypatch.setattr(sums, "size_terms", lambda *_: {ONE: 1})
    replace(monkeypatch, "dim_as_value", sizes)


@planted("flatten", "attention", "gn", "upsample")
def reshape_keeps_axes(monkeypatch: pytest.MonkeyPatch) -> None:
    right = vars(reshape)["_factor"]

    def wrong(ring: Ring, factor: Any, groups: Any, before: Any, after: Any) -> Terms:
        result = right(ring, factor, groups, before, after)
        return {
            tuple((n, p, e) for n, p, e in monomial if not (ring.atoms[n].tainted and len(p) > 0 and p != factor[1])): c
            for monomial, c in result.items()
        }

    monkeypatch.setattr(reshape, "_factor", wrong)


@planted("maxpool")
def window_maximum_passes_any_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    split_drops_the_rest(monkeypatch, windows)


@planted("softmax", "attention")
def exp_ignores_a_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    drops_shift("exp")(monkeypatch)


@planted("bn", "in", "gn", "ln")
def division_ignores_a_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(right: Any, ring: Ring, equation: Any, operands: Sequence[Form]) -> list[Form]:
        return right(ring, equation, [without(ring, operands[0]), without(ring, operands[1])])

    replace(monkeypatch, "div", wrong)


@planted("rms", "ln", "gn", "in")
def a_quotient_of_shifted_values_is_that_of_the_values(monkeypatch: pytest.MonkeyPatch) -> None:
    drops_shift("sqrt")(monkeypatch)
    drops_shift("div")(monkeypatch)


@planted("avgpool")
def average_counts_padding_as_values(monkeypatch: pytest.MonkeyPatch) -> None:
    right = windows.taps

    def wrong(window: Any, before: int, after: int) -> Any:
        size, stride, *_ = window
        if size == 1:
            return right(window, before, after)
        return [[(tap, min(place * stride + tap, before - 1)) for tap in range(size)] for place in range(after)]

    monkeypatch.setattr(windows, "taps", wrong)


@planted("linear", "attention")
def matrix_product_leaves_a_uniform_term_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(right: Any, ring: Ring, equation: Any, operands: Sequence[Form]) -> list[Form]:
        (form,) = right(ring, equation, operands)
        return [without(ring, form)] if operands[0].tainted and len(form.shape) == 2 else [form]

    replace(monkeypatch, "dot_general", wrong)


@planted("sigmoid", "silu")
def sigmoid_passes_any_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    passes_shift("logistic")(monkeypatch)


@planted("tanh")
def tanh_passes_any_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    passes_shift("tanh")(monkeypatch)


@planted("concat")
def concatenation_does_not_use_its_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    right = vars(join)["_joined"]

    def wrong(ring: Ring, parts: Any, sizes: Any, axis: int, shape: Any) -> Terms:
        result = right(ring, parts, sizes, axis, shape)
        # as if the joined parameter were one number for all channels, which any normalisation of a group then takes out
        return {m: c for m, c in result.items() if not ring.about(m)[0]}

    monkeypatch.setattr(join, "_joined", wrong)


@planted("lrelu")
def a_comparison_forgets_its_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ge", "gt"):
        drops_shift(name)(monkeypatch)

    def wrong(right: Any, ring: Ring, equation: Any, operands: Sequence[Form]) -> list[Form]:
        predicate, *cases = operands
        (plain,) = right(ring, equation, [predicate, *(without(ring, case) for case in cases)])
        shift = tainted_part(ring, cases[-1].terms)
        return [ring.form(ring.plus(plain.terms, shift), plain.shape, plain.dtype)]

    replace(monkeypatch, "select_n", wrong)


@planted("bn", "in", "gn", "ln", "rms")
def square_of_a_sum_is_the_sum_of_squares(monkeypatch: pytest.MonkeyPatch) -> None:
    drops_shift("square")(monkeypatch)
    drops_shift("div")(monkeypatch)


@planted("softmax", "attention")
def maximum_passes_any_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    split_drops_the_rest(monkeypatch, order)
    drops_shift("exp")(monkeypatch)


@planted("attention")
def slices_are_uniform(monkeypatch: pytest.MonkeyPatch) -> None:
    right = vars(copy)["_taken"]

    def wrong(ring: Ring, factor: Any, *rest: Any) -> Terms:
        return {ONE: 1} if ring.atoms[factor[0]].tainted else right(ring, factor, *rest)

    monkeypatch.setattr(copy, "_taken", wrong)
    drops_shift("gather")(monkeypatch)  # what a slice is traced to where the batch size is a symbol


@planted("residual", "add", "concat")
def merging_forgets_the_combination(monkeypatch: pytest.MonkeyPatch) -> None:
    # parameters that lie alike are merged into one atom keyed by where they lie, not by their exact combination
    monkeypatch.setattr(forms, "MERGE", 1)

    def wrong(self: Ring, terms: Terms, shape: Any) -> tuple[Any, Any]:
        if any(self.about(m)[0] for m in terms) and len(terms) > 1:
            axes = bits(self.used(terms))
            key = ("merged", axes, tuple(shape[a] for a in axes))
            atom = self.atoms.find(key) or self.atoms.make(key, "sum of terms", key[2], self.children(terms))
            return ((atom.number, axes, 1),), 1
        return right(self, terms, shape)

    right = Ring.combine
    monkeypatch.setattr(Ring, "combine", wrong)
