"""Which theorem states a verdict in general: decided from what the layers on the way are, and cited only where its hypotheses fit."""

from __future__ import annotations

from collections.abc import Sequence

from ..algebra.analysis import Finding
from ..chain.kinds import KINDS, Along, stores, together
from ..chain.shapes import Place
from .program import Program
from .route import BATCH, Stop, all_inside, altered, between, by_batch, is_batch_norm, onward, own_layer

CANCELS: dict[tuple[Along, ...], str] = {
    BATCH: "bias_cancels_of_batch_statistics",
    ("positions",): "instancenorm_removes_channel_bias",
    ("group", "positions"): "groupnorm_removes_group_mean_of_channel_bias",
    ("channels", "positions"): "groupnorm_removes_group_mean_of_channel_bias",  # one group
    ("channels",): "layernorm_removes_mean_of_channel_bias",
}
"""What a centring normalisation averages together → the theorem on a bias right before it."""
POINTWISE = "output_moves_of_pointwise_activation_before_batchnorm"
CURVES = {
    "relu": "output_moves_of_relu_before_batchnorm",
    "leaky": "output_moves_of_leaky_relu_before_batchnorm",
    "pieces": POINTWISE,
    "smooth": POINTWISE,
}
"""The graph of an activation between a bias and batch statistics → the theorem."""
KEY_BIAS = "softmax_removes_key_bias"
RMS = "rmsnorm_keeps_bias"
RENORM = "gradient_zero_yet_output_moves_of_batch_renorm"
STORED = "eval_output_moves_of_stored_statistics"
LAST = "output_bias_acts_of_linear_output"
DROPOUT = "output_moves_of_dropout_before_batchnorm"
UNEVEN = "output_moves_of_uneven_shift"
SOFTMAX = "one_direction_redundant_of_softmax_head"
SECOND_CONVOLUTION = "first_bias_cancels_of_borderless_second_convolution"
MAXIMA = "shift_passes_of_max_pooling"
AVERAGES = "shift_passes_of_average_pooling"
JOINED = "shift_passes_of_residual_concatenation_upsampling"


def theorem(program: Program, finding: Finding) -> str | None:
    """The theorem that states this verdict about a layer's bias, if there is one whose hypotheses the chain fulfils.

    Hypotheses on values (γ ≠ 0, some units active and some not) are left to the theorem's page; those on layers are looked at.
    """
    own = own_layer(program.layers, finding.name)
    if own is None:
        return None
    other = program.layers.get(program.layer(finding.place))
    role, part = KINDS[own.layer.token].role, finding.name.removeprefix(f"{own.name}.")
    if role == "attention":
        return KEY_BIAS if finding.free and (part, other) == ("k.bias", own) and not own.layer.flag("rope") else None
    if role != "affine" or part != "bias":
        return None
    if not finding.free:
        return _acts(program, own, other)
    return None if other is None else _cancels(program, own, other)


def _cancels(program: Program, own: Place, other: Place) -> str | None:
    """On a bias that disappears in the layer `other`."""
    way, kind = between(program.layers, own, other), KINDS[other.layer.token]
    if way is None or not kind.centred or kind.corrected or not by_batch(other, program.mode):
        return None
    stops = altered(way, program.mode)
    if not stops:
        return CANCELS.get(together(other.layer))
    return _passed(stops) if together(other.layer) == BATCH else None


def _passed(stops: Sequence[Stop]) -> str | None:
    """On what lies between a bias and batch statistics and carries it along, if all of it is of one sort."""
    sorts = {_sort(stop) for stop in stops}
    (sort, *others) = sorts
    return None if others or (sort == SECOND_CONVOLUTION and len(stops) > 1) else sort


def _sort(stop: Stop) -> str | None:
    layer, kind, bordered = stop.place.layer, stop.kind, stop.place.plan.bordered
    if stop.leaves or "scale" in layer.arguments:  # a branch joins others, or the map is upsampled
        return JOINED
    if kind.role == "pooling":
        return MAXIMA if kind.largest else None if bordered else AVERAGES
    return SECOND_CONVOLUTION if _convolves(stop) and not bordered else None


def _convolves(stop: Stop) -> bool:
    """Whether every output meets the whole kernel: a convolution, and no transposed one."""
    arguments = stop.place.layer.arguments
    return stop.kind.role == "affine" and "dilation" in arguments and "output_padding" not in arguments


def _acts(program: Program, own: Place, other: Place | None) -> str | None:
    """On a bias that acts; `other` is where it stopped being a shift, None if it reached the output as one."""
    ahead = altered(onward(program.layers, own), program.mode)
    if not ahead:
        return LAST if len(own.plan.output) == 2 else None
    first = ahead[0]
    if first.leaves or first.place.branches:
        return _uneven(program, own, other)
    kind, layer = first.kind, first.place.layer
    if kind.role == "normalisation":
        return _before_norm(program, first.place)
    if kind.curve == "joint":
        return SOFTMAX if first.place is other and len(ahead) == 1 else None
    if kind.curve is not None and first.place is other and _batch_follows(program, first.place):
        apart = layer.arguments.get("over") == "all"  # a slope of its own for every entry: no one function
        return None if apart else CURVES.get(kind.curve)
    if kind.role == "random" and _batch_follows(program, first.place, precise=True):
        return DROPOUT
    return _uneven(program, own, other)


def _before_norm(program: Program, norm: Place) -> str | None:
    """On a bias that acts right before a normalisation."""
    kind = KINDS[norm.layer.token]
    if stores(norm.layer) and program.mode != "train":
        return STORED
    if kind.corrected:
        open_ = norm.layer.number("rmax") > 1 or norm.layer.number("dmax") > 0
        return RENORM if open_ else None
    if norm.layer.number("eps") == 0:
        return None
    return CANCELS.get(together(norm.layer)) if kind.centred else RMS


def _batch_follows(program: Program, place: Place, precise: bool = False) -> bool:
    """Whether the next layer after this one is a normalisation by batch statistics; if `precise`, with ε > 0."""
    ahead = altered(onward(program.layers, place), program.mode)
    if not ahead or ahead[0].leaves:
        return False
    norm = ahead[0].place
    return is_batch_norm(norm, program.mode) and not (precise and norm.layer.number("eps") == 0)


def _uneven(program: Program, own: Place, other: Place | None) -> str | None:
    """On a bias that reaches batch statistics as a shift that is not the same for all values."""
    if other is None or not is_batch_norm(other, program.mode) or other.layer.number("eps") == 0:
        return None
    way = between(program.layers, own, other)
    linear = ("affine", "reshaping", "random", "block", "pooling")
    kinds = [KINDS[place.layer.token] for place in all_inside(way or ())]
    return UNEVEN if kinds and all(kind.role in linear and not kind.largest for kind in kinds) else None
