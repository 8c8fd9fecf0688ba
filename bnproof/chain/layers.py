"""The one table of layers: names, aliases, and arguments with their defaults and ranges. What each layer is says `kinds`."""

from __future__ import annotations

import math
from collections.abc import Iterable

from .signature import LARGEST, Argument, Signature, Value, flag, integer, number, sizes, spelled, word

__all__ = ["ALIASES", "ELSEWHERE", "LARGEST", "LAYERS", "Argument", "Signature", "Value", "flag", "integer", "layer"]

LAYERS: dict[str, Signature] = {}
"""Every layer by its own name, which also names its parameters."""
ALIASES: dict[str, str] = {}
"""Other spellings of a layer's name."""


def layer(
    token: str,
    *arguments: Argument,
    positional: int | None = None,
    branches: tuple[int, float] = (0, 0),
    aliases: Iterable[str] = (),
) -> None:
    """Put a layer into the table. Raises ValueError for a name that is already there."""
    others = [alias for alias in dict.fromkeys(aliases) if alias != token]
    for name in (token, *others):
        if name in LAYERS or name in ALIASES:
            raise ValueError(f"the layer `{name}` is defined twice")
    LAYERS[token] = Signature(arguments, min(1, len(arguments)) if positional is None else positional, branches)
    ALIASES.update(dict.fromkeys(others, token))


_STRIDED = (sizes("k", 3), sizes("s", 1))
_PADDINGS = ("zeros", "valid", "circular", "reflect", "replicate", "same")
_PADDED = sizes("pad", "zeros", *_PADDINGS, low=0)
_MODE = word("padding_mode", "zeros", "circular", "reflect", "replicate")
_STANDARDISED = flag("standardised", False)


def _convolution(pad: Argument = _PADDED) -> tuple[Argument, ...]:
    return (
        integer("channels", 8),
        *_STRIDED,
        pad,
        flag("bias", True),
        integer("groups", 1),
        sizes("dilation", 1),
        _STANDARDISED,
        _MODE,
    )


_TRANSPOSED = (
    integer("channels", 8),
    *_STRIDED,
    sizes("pad", "zeros", "zeros", "valid", "same", low=0),  # no other padding in PyTorch either
    flag("bias", True),
    integer("groups", 1),
    sizes("dilation", 1),
    sizes("output_padding", None, low=0),
)
_POOL = (sizes("k", 2), sizes("s", None), sizes("pad", 0, "valid", "same", low=0), flag("ceil", False))
_EPS = number("eps", 1e-5, 0, 1000)  # ε = 0 is allowed: some theorems are about it
_MOMENTUM = number("momentum", 0.1, 0, 1)
_AFFINE = (flag("gamma", True), flag("beta", True))
_PROBABILITY = number("p", 0.5, 0, 1, below=True)

layer("conv", *_convolution(), aliases=("conv2d", "conv_2d", "convolution", "convolution2d"))
layer("conv1d", *_convolution(sizes("pad", "zeros", *_PADDINGS, "causal", low=0)), aliases=("conv_1d", "convolution1d"))
layer("conv3d", *_convolution(), aliases=("conv_3d", "convolution3d"))
layer("convtranspose", *_TRANSPOSED, aliases=spelled("conv_transpose", "deconv", axes="2"))
layer("convtranspose1d", *_TRANSPOSED, aliases=("conv_transpose1d", "conv_transpose_1d"))
layer("convtranspose3d", *_TRANSPOSED, aliases=("conv_transpose3d", "conv_transpose_3d"))
# the channels are the input's, so depthwise(8) would be read in two ways: every argument needs its name
layer(
    "depthwise",
    *_STRIDED,
    _PADDED,
    flag("bias", True),
    sizes("dilation", 1),
    _STANDARDISED,
    _MODE,
    integer("multiplier", 1),
    positional=0,
    aliases=spelled("depthwise_conv", axes="12"),
)
layer("linear", integer("features", 8), flag("bias", True), aliases=("dense", "fc"))

layer(
    "bn",
    _EPS,
    _MOMENTUM,
    word("variance", "twopass", "onepass"),
    *_AFFINE,
    flag("track", True),
    positional=2,
    aliases=(*spelled("batch_norm", axes="123"), *spelled("batch_normalization", "batch_normalisation")),
)
layer(
    "brn",
    number("rmax", 3, 1, 1e6),
    number("dmax", 5, 0, 1e6),
    _EPS,
    _MOMENTUM,
    *_AFFINE,
    positional=2,
    aliases=spelled("batch_renorm", "batch_renormalization", "batch_renormalisation"),
)
layer(
    "ln",
    _EPS,
    word("over", "channels", "all"),
    *_AFFINE,
    aliases=spelled("layer_norm", "layer_normalization", "layer_normalisation"),
)
layer(
    "gn",
    integer("groups", 1),
    _EPS,
    *_AFFINE,
    aliases=spelled("group_norm", "group_normalization", "group_normalisation"),
)
layer(
    "in",
    _EPS,
    *_AFFINE,
    flag("track", False),
    _MOMENTUM,
    aliases=(*spelled("instance_norm", axes="123"), *spelled("instance_normalization", "instance_normalisation")),
)
layer("rms", _EPS, flag("gamma", True), aliases=spelled("rms_norm", "rms_normalization", "rms_normalisation"))

layer("relu")
layer("relu6")
layer("lrelu", number("a", 0.01, -1000, 1000), aliases=spelled("leaky_relu"))
layer("prelu", word("over", "one", "channels", "all"), positional=0, aliases=spelled("p_relu"))
layer("elu", number("a", 1, -1000, 1000))
layer("celu", number("a", 1, 1e-3, 1000))
layer("selu")
layer("gelu", word("approximate", "none", "tanh"), positional=0)
layer("silu", aliases=("swish",))
layer("mish")
layer("hardswish", aliases=spelled("hard_swish", "hard_silu"))
layer("hardsigmoid", aliases=spelled("hard_sigmoid"))
layer("hardtanh", number("low", -1, -1000, 1000), number("high", 1, -1000, 1000), positional=2, aliases=spelled("hard_tanh"))
layer("sigmoid")
layer("logsigmoid", aliases=spelled("log_sigmoid"))
layer("tanh")
layer("softplus", number("sharpness", 1, 1e-3, 1000))
layer("softsign", aliases=spelled("soft_sign"))
layer("softmax", aliases=("softmax2d",))
layer("logsoftmax", aliases=spelled("log_softmax"))

layer("maxpool", *_POOL, sizes("dilation", 1), aliases=spelled("max_pool", "max_pooling", axes="123"))
layer(
    "avgpool",
    *_POOL,
    flag("count_include_pad", True),
    aliases=spelled("avg_pool", "average_pool", "average_pooling", axes="123"),
)
layer(
    "globalpool",
    flag("keepdims", False),
    aliases=(
        *spelled("global_avg_pool", "global_average_pooling", axes="123"),
        *spelled("global_pool", "global_average_pool", "gap"),
    ),
)
layer("globalmaxpool", flag("keepdims", False), aliases=spelled("global_max_pool", "global_max_pooling", axes="123"))
layer("adaptiveavgpool", sizes("size", 1), aliases=spelled("adaptive_avg_pool", axes="123"))
layer("adaptivemaxpool", sizes("size", 1), aliases=spelled("adaptive_max_pool", axes="123"))

layer("dropout", _PROBABILITY)
layer(
    "channeldropout",
    _PROBABILITY,
    aliases=(*spelled("channel_dropout", "spatial_dropout", axes="123"), "dropout1d", "dropout2d", "dropout3d"),
)
_AROUND = (sizes("before", 1, low=0), sizes("after", None, low=0))
layer("zeropad", *_AROUND, positional=2, aliases=spelled("zero_pad", "zero_padding", axes="123"))
layer("circularpad", *_AROUND, positional=2, aliases=spelled("circular_pad", axes="123"))
layer("reflectpad", *_AROUND, positional=2, aliases=spelled("reflect_pad", "reflection_pad", axes="123"))
layer("replicatepad", *_AROUND, positional=2, aliases=spelled("replicate_pad", "replication_pad", axes="123"))
layer(
    "upsample",
    sizes("scale", 2),
    word("mode", "nearest", "bilinear"),
    flag("align_corners", False),
    aliases=(*spelled("up_sampling", axes="123"), "upsample2d"),
)
layer("flatten")
layer("identity")
layer("attention", integer("heads", 1), flag("rope", False))
layer("residual", branches=(1, 1))
layer("add", branches=(2, math.inf))
layer("concat", branches=(2, math.inf))

ELSEWHERE: dict[str, str] = {
    "kernel": "k",
    "kernel_size": "k",
    "pool_size": "k",
    "stride": "s",
    "strides": "s",
    "padding": "pad",
    "filters": "channels",
    "out_channels": "channels",
    "out_features": "features",
    "units": "features",
    "use_bias": "bias",
    "dilation_rate": "dilation",
    "depth_multiplier": "multiplier",
    "epsilon": "eps",
    "affine": "gamma",
    "elementwise_affine": "gamma",
    "scale": "gamma",
    "center": "beta",
    "track_running_stats": "track",
    "r_max": "rmax",
    "d_max": "dmax",
    "standardized": "standardised",
    "weight_standardisation": "standardised",
    "weight_standardization": "standardised",
    "negative_slope": "a",
    "alpha": "a",
    "rate": "p",
    "num_groups": "groups",
    "num_heads": "heads",
    "scale_factor": "scale",
    "size": "scale",
    "interpolation": "mode",
    "ceil_mode": "ceil",
    "output_size": "size",
    "min_val": "low",
    "max_val": "high",
    "constant": "zeros",
    "wrap": "circular",
    "edge": "replicate",
    "symmetric": "reflect",
}
"""What other libraries call an argument or a padding: used for hints only, so that one name stays the name."""
