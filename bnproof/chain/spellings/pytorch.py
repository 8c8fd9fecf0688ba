"""PyTorch's layers: the signatures of torch.nn (2.x), and what each is in our words. No padding unless asked for; ε = 1e-5."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from ..tree import Layer
from . import pytorch_layers as said
from .constructor import Call, Constructor, table
from .parameter import Parameter, needed

PREFIXES = ("torch.nn.modules.", "torch.nn.", "nn.")


def _flag(name: str, default: bool, keyword: bool = False) -> Parameter:
    return Parameter(name, "flag", default, keyword=keyword)


def _sizes(name: str, default: int | None, low: int = 1, words: tuple[str, ...] = (), single: bool = True) -> Parameter:
    return Parameter(name, "sizes", default, low=low, words=words, none=default is None, single=single)


def _number(name: str, default: float | None) -> Parameter:
    return Parameter(name, "number", default, none=default is None)


def _word(name: str, *words: str) -> Parameter:
    return Parameter(name, "word", words[0], words=words)


_DEVICE = (Parameter("device"), Parameter("dtype"))
_INPLACE, _BIAS, _AFFINE = _flag("inplace", False), _flag("bias", True), _flag("affine", True)
_ADDED = _flag("bias", True, keyword=True)  # of norms, since 2.13
_SLIDING = (needed("out_channels", "size", "64"), needed("kernel_size", "sizes", "3"), _sizes("stride", 1))
_GROUPS, _DILATION = Parameter("groups", "size", 1), _sizes("dilation", 1)
_MODES = _word("padding_mode", "zeros", "reflect", "replicate", "circular")
_CONVOLUTION = (*_SLIDING, _sizes("padding", 0, 0, ("valid", "same")), _DILATION, _GROUPS, _BIAS, _MODES, *_DEVICE)
_SHRINKING = (*_SLIDING, _sizes("padding", 0, 0), _sizes("output_padding", 0, 0))
_TRANSPOSED = (*_SHRINKING, _GROUPS, _BIAS, _DILATION, _word("padding_mode", "zeros"), *_DEVICE)
_EPS, _MOMENTUM = _number("eps", 1e-5), Parameter("momentum", "number", 0.1, none=True)
_BATCH = (_EPS, _MOMENTUM, _AFFINE, _flag("track_running_stats", True))
_INSTANCE = (_EPS, _MOMENTUM, _flag("affine", False), _flag("track_running_stats", False))
_WINDOW = (needed("kernel_size", "sizes", "2", single=True), _sizes("stride", None), _sizes("padding", 0, 0))
_OTHERWISE = "write it without: what it asks for is not in the chain language"
_INDICES = Parameter("return_indices", "flag", False, only=_OTHERWISE)
_SHARE = Parameter("p", "share", 0.5, example="0.5")


def _entry(
    word: str,
    token: str,
    parameters: tuple[Parameter, ...] = (),
    names: Mapping[str, str] | None = None,
    axes: tuple[int, ...] = (),
    special: Callable[[Call], tuple[Layer, ...]] | None = None,
    anything: bool = False,
) -> Constructor:
    return Constructor(word, "pytorch", token, parameters, names or {}, axes=axes, special=special, anything=anything)


def _fed(
    word: str,
    token: str,
    takes: str,
    parameters: tuple[Parameter, ...],
    special: Callable[[Call], tuple[Layer, ...]],
    axes: tuple[int, ...] = (),
    lazy: tuple[Parameter, ...] | None = None,
) -> Iterator[Constructor]:
    """A layer that is told how many channels flow in, and its lazy twin that is not; `lazy` are the twin's parameters if it has
    other defaults.
    """
    first = needed(takes, "size", "64")
    yield Constructor(word, "pytorch", token, (first, *parameters), takes=takes, axes=axes, special=special)
    others = parameters if lazy is None else lazy
    yield Constructor(f"Lazy{word}", "pytorch", token, others, axes=axes, special=special)


def _each(axes: int, d: str) -> Iterator[Constructor]:
    """The layers that there are for each number of axes of positions."""
    own = (axes,)
    token = {1: "conv1d", 2: "conv", 3: "conv3d"}[axes]
    yield from _fed(f"Conv{d}", token, "in_channels", _CONVOLUTION, said.convolution, own)
    token = {1: "convtranspose1d", 2: "convtranspose", 3: "convtranspose3d"}[axes]
    yield from _fed(f"ConvTranspose{d}", token, "in_channels", _TRANSPOSED, said.transposed, own)
    flat = (0, 1) if axes == 1 else own
    yield from _fed(f"BatchNorm{d}", "bn", "num_features", (*_BATCH, *_DEVICE, _ADDED), said.batch_norm, flat)
    kept, lazy = (*_INSTANCE, *_DEVICE, _ADDED), (*_BATCH, *_DEVICE, _ADDED)
    yield from _fed(f"InstanceNorm{d}", "in", "num_features", kept, said.batch_norm, own, lazy)
    ceil = _flag("ceil_mode", False)
    yield _entry(f"MaxPool{d}", "maxpool", (*_WINDOW, _DILATION, _INDICES, ceil), axes=own, special=said.largest)
    mean = (*_WINDOW, ceil, _flag("count_include_pad", True))
    mean += (Parameter("divisor_override", "number", none=True, only=_OTHERWISE),) if axes > 1 else ()
    yield _entry(f"AvgPool{d}", "avgpool", mean, axes=own, special=said.average)
    size = needed("output_size", "sizes", "1", kept=axes > 1)
    yield _entry(f"AdaptiveAvgPool{d}", "adaptiveavgpool", (size,), axes=own, special=said.adaptive)
    yield _entry(f"AdaptiveMaxPool{d}", "adaptivemaxpool", (size, _INDICES), axes=own, special=said.adaptive)
    yield _entry(f"Dropout{d}", "channeldropout", (_SHARE, _INPLACE), {"p": "p"}, own)
    around = (needed("padding", "nested", "1", low=0),)
    for word, pad in (
        ("Zero", "zeropad"),
        ("Circular", "circularpad"),
        ("Reflection", "reflectpad"),
        ("Replication", "replicatepad"),
    ):
        yield _entry(f"{word}Pad{d}", pad, around, axes=own, special=said.padded)
    value = Parameter("value", "number", required=True, example="0")
    yield _entry(f"ConstantPad{d}", "zeropad", (*around, value), axes=own, special=said.constant)


def _norms() -> Iterator[Constructor]:
    features = needed("num_features", "size", "64")
    synchronised = (features, *_BATCH, Parameter("process_group"), *_DEVICE, _ADDED)
    yield Constructor("SyncBatchNorm", "pytorch", "bn", synchronised, takes="num_features", special=said.batch_norm)
    grouped = (needed("num_groups", "size", "8"), needed("num_channels", "size", "64"), _EPS, _AFFINE, *_DEVICE, _ADDED)
    yield Constructor("GroupNorm", "pytorch", "gn", grouped, takes="num_channels", special=said.group_norm)
    shape, scaled = needed("normalized_shape", "shape", "64"), _flag("elementwise_affine", True)
    yield _entry("LayerNorm", "ln", (shape, _EPS, scaled, _BIAS, *_DEVICE), special=said.over_shape)
    yield _entry("RMSNorm", "rms", (shape, _number("eps", None), scaled, *_DEVICE), special=said.over_shape)


def _activations() -> Iterator[Constructor]:
    for word, token in _INPLACE_ACTIVATIONS.items():
        yield _entry(word, token, (_INPLACE,))
    for word, token in _ACTIVATIONS.items():
        yield _entry(word, token)
    yield _entry("LeakyReLU", "lrelu", (_number("negative_slope", 0.01), _INPLACE), {"a": "negative_slope"})
    for word, token in (("ELU", "elu"), ("CELU", "celu")):
        yield _entry(word, token, (_number("alpha", 1.0), _INPLACE), {"a": "alpha"})
    yield _entry("GELU", "gelu", (_word("approximate", "none", "tanh"),), {"approximate": "approximate"})
    limits = (_number("min_val", -1.0), _number("max_val", 1.0), _INPLACE)
    yield _entry("Hardtanh", "hardtanh", limits, {"low": "min_val", "high": "max_val"})
    yield _entry("Softplus", "softplus", (_number("beta", 1.0), _number("threshold", 20.0)), special=said.softplus)
    slopes = (Parameter("num_parameters", "size", 1), _number("init", 0.25), *_DEVICE)
    yield _entry("PReLU", "prelu", slopes, special=said.prelu)
    for word, token in (("Softmax", "softmax"), ("LogSoftmax", "logsoftmax")):
        yield _entry(word, token, (Parameter("dim", "axes", none=True, low=-math.inf),), special=said.softmax)
    yield _entry("Softmax2d", "softmax", axes=(2,))


def _rest() -> Iterator[Constructor]:
    linear = (needed("out_features", "size", "10"), _BIAS, *_DEVICE)
    yield from _fed("Linear", "linear", "in_features", linear, said.linear, (0, 1, 2, 3))
    yield _entry("Dropout", "dropout", (_SHARE, _INPLACE), {"p": "p"})
    ends = (Parameter("start_dim", "axes", 1, low=-math.inf), Parameter("end_dim", "axes", -1, low=-math.inf))
    yield _entry("Flatten", "flatten", ends, special=said.flatten)
    yield _entry("Identity", "identity", anything=True)
    goal = (_sizes("size", None, single=False), Parameter("scale_factor", "factors", none=True))
    modes = _word("mode", "nearest", "nearest-exact", "linear", "bilinear", "trilinear")
    aligned = (Parameter("align_corners", "flag", none=True), Parameter("recompute_scale_factor", "flag", none=True))
    yield _entry("Upsample", "upsample", (*goal, modes, *aligned), axes=(2, 1, 3), special=said.upsample)
    for word, mode in (("UpsamplingNearest2d", "nearest"), ("UpsamplingBilinear2d", "bilinear")):
        printed = Parameter("mode", "word", mode, words=(mode,), keyword=True)  # as it is printed
        yield _entry(word, "upsample", (*goal, printed), axes=(2,), special=said.upsample)


def _entries() -> Iterator[Constructor]:
    for axes in (1, 2, 3):
        yield from _each(axes, f"{axes}d")
    yield from _norms()
    yield from _activations()
    yield from _rest()


_INPLACE_ACTIVATIONS = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "SELU": "selu",
    "SiLU": "silu",
    "Mish": "mish",
    "Hardswish": "hardswish",
    "Hardsigmoid": "hardsigmoid",
}
_ACTIVATIONS = {"Sigmoid": "sigmoid", "LogSigmoid": "logsigmoid", "Tanh": "tanh", "Softsign": "softsign"}

CONSTRUCTORS = table(*_entries())
"""PyTorch's layers that can be said in our words, by name."""

_SEVERAL = "it takes several inputs or returns several outputs; chains have add(f; g), concat(f; g) and residual(f)"
_ORDER = "it moves entries between axes, and no layer here does"
_NONE = "it has no layer here"
_RECURRENT = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell", "RNNBase", "RNNCellBase")
_CURVES = ("GLU", "Hardshrink", "RReLU", "Softmin", "Softshrink", "Tanhshrink", "Threshold")
_POOLS = ("FractionalMaxPool2d", "FractionalMaxPool3d", "LPPool1d", "LPPool2d", "LPPool3d")
_TRANSFORMERS = (
    "Transformer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
)
_LOSSES = (
    *("AdaptiveLogSoftmaxWithLoss", "BCELoss", "BCEWithLogitsLoss", "CTCLoss", "CosineEmbeddingLoss", "CrossEntropyLoss"),
    *("GaussianNLLLoss", "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss", "LinearCrossEntropyLoss", "MSELoss"),
    *("MarginRankingLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "NLLLoss", "NLLLoss2d"),
    *("PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss"),
)
REFUSED: dict[str, str] = {
    **dict.fromkeys(_RECURRENT, "recurrent layers are not in the chain language"),
    **dict.fromkeys(("Embedding", "EmbeddingBag"), "its input is whole numbers, and a chain's is real ones"),
    **dict.fromkeys(
        ("ModuleList", "ModuleDict", "ParameterList", "ParameterDict", "Module", "Container"),
        "it says which layers there are, not how they are connected: write them in order",
    ),
    **dict.fromkeys(("PixelShuffle", "PixelUnshuffle", "ChannelShuffle", "Unflatten", "Fold", "Unfold"), _ORDER),
    **dict.fromkeys(
        ("Bilinear", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d", "CosineSimilarity", "PairwiseDistance"), _SEVERAL
    ),
    "MultiheadAttention": "its input is batch × positions × channels, given three times; attention(heads) is ours, with biases",
    **dict.fromkeys(_TRANSFORMERS, "write its parts, as attention and residual"),
    **dict.fromkeys(("AlphaDropout", "FeatureAlphaDropout"), "only dropout that puts zeros is in the chain language"),
    **dict.fromkeys(("LocalResponseNorm", "CrossMapLRN2d", *_CURVES, *_POOLS), _NONE),
    **dict.fromkeys(_LOSSES, "a chain ends where the loss begins"),
    "DataParallel": "write the module that it runs: on one device it computes the same",
}
"""PyTorch's modules that cannot, and why."""
