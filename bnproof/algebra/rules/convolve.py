"""Convolution: linear in the value and in the kernel; what it keeps uniform is computed from the taps each window meets."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from ...jaxpr import Equation, is_one
from ..forms import Form, Ring
from ..monomials import Monomial, Shape, Terms, moved
from .table import opaque, result, rule
from .windows import Window, concrete, taps


@rule("conv_general_dilated", law="linear")
def convolve(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """conv(v + s, w) = conv(v, w) + conv(s, w), for every w, tainted or not.

    conv(s, w) does not use the batch axis if s does not; it does not use a spatial axis if s does not and every window meets
    the same taps (no padding touched, no holes from lhs_dilation). Factors of s along the batch, and factors of the kernel
    along its output channels, come out. With batch_group_count ≠ 1 the batch is mixed with the channels: opaque.
    """
    (shape, kind), (value, kernel) = result(equation), operands
    params = equation.params
    if kind != "f" or params["batch_group_count"] != 1 or any(ring.is_lowest(form) for form in operands):
        return opaque(ring, equation, operands)
    numbers = params["dimension_numbers"]
    lhs, rhs, out = numbers.lhs_spec, numbers.rhs_spec, numbers.out_spec
    steps: list[Window] = [
        (kernel.shape[rhs[k + 2]], stride, (low, high), base, dilation)
        for k, (stride, (low, high), base, dilation) in enumerate(
            zip(params["window_strides"], params["padding"], params["lhs_dilation"], params["rhs_dilation"], strict=True)
        )
    ]
    same = [_meets_same(step, value.shape[lhs[k + 2]], shape[out[k + 2]]) for k, step in enumerate(steps)]
    if not kernel.terms or not value.terms:
        return [ring.number(0, shape, kind)]
    weights, scale = ring.combine(kernel.terms, kernel.shape)
    channel = [factor for factor in weights if factor[1] == (rhs[0],)]
    weights = tuple(factor for factor in weights if factor not in channel)
    pulled = moved(channel, {rhs[0]: out[1]})
    spread = any(rhs[0] in p for _, p, _ in weights) or params["feature_group_count"] != 1
    how = (tuple(steps), params["feature_group_count"], lhs, rhs, out, value.shape, kernel.shape, weights)
    total: Terms = {}
    for monomial, coefficient in value.terms.items():
        outside = [factor for factor in monomial if factor[1] in ((), (lhs[0],))]
        inside = tuple(factor for factor in monomial if factor[1] not in ((), (lhs[0],)))
        image = _image(ring, inside, how, lhs, out, shape, same, spread)
        outer = ring.product(moved(outside, {lhs[0]: out[0]}), pulled)
        total = ring.plus(total, ring.times({outer: coefficient * scale}, image))
    return [ring.form(total, shape, kind)]


def _image(
    ring: Ring,
    inside: Monomial,
    how: tuple[object, ...],
    lhs: Sequence[int],
    out: Sequence[int],
    shape: Shape,
    same: Sequence[bool],
    spread: bool,
) -> Terms:
    """The atom conv(inside, kernel), on the axes it uses."""
    used = ring.about(inside)[1]
    axes = [out[0]] if used >> lhs[0] & 1 else []
    if spread:
        axes.append(out[1])
    axes += [out[k + 2] for k, alike in enumerate(same) if not alike or used >> lhs[k + 2] & 1]
    axes = [axis for axis in sorted(axes) if not is_one(shape[axis])]
    key = ("convolve", *how, inside)
    atom = ring.atoms.find(key)
    if atom is None:
        weights = how[-1]
        assert isinstance(weights, tuple)
        children = ring.children([inside, weights])
        atom = ring.atoms.make(key, "convolution", tuple(shape[axis] for axis in axes), children)
        atom.infinite = ring.infinite([inside, weights])
    return {((atom.number, tuple(axes), 1),): 1}


@functools.lru_cache(maxsize=4096)
def _meets_same(step: Window, before: object, after: object) -> bool:
    """Whether every output place meets the same taps."""
    if step[2] == (0, 0) and step[3] == 1:
        return True
    if not concrete(step, before, after):
        return False
    assert isinstance(before, int)
    assert isinstance(after, int)
    met = [{tap for tap, _ in place} for place in taps(step, before, after)]
    return all(place == met[0] for place in met)
