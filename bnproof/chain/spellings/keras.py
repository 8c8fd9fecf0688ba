"""Keras 3's layers: their signatures, and what each is in our words. padding="valid" unless asked for; ε = 1e-3.

Keras has the channels last, and our chains have them first: axes and shapes are turned around in the translation. Keras' momentum
is the share of the old statistic, ours that of the new one. Keras stores the batch's variance as divided by n, we as divided by
n − 1: no output in training contains it, and no verdict depends on the factor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from ..tree import Layer
from . import keras_layers as said
from .constructor import Call, Constructor, table
from .parameter import Parameter, needed

_ROOTS = ("tensorflow.keras.", "tf.keras.", "keras.", "")
PREFIXES = (*(f"{root}{part}." for root in _ROOTS for part in ("layers", "models")), *_ROOTS[:3])

_COMMON = (
    Parameter("name", "label", keyword=True),
    Parameter("trainable", "flag", True, keyword=True),
    Parameter("dtype", keyword=True),
    Parameter("input_shape", "nested", keyword=True, low=1),
    Parameter("activity_regularizer", keyword=True),
)
"""What every layer takes by name."""


def _ignored(*names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name) for name in names)


def _sizes(name: str, default: int | None, low: int = 1) -> Parameter:
    return Parameter(name, "sizes", default, low=low, none=default is None)


def _padding(*words: str) -> Parameter:
    return Parameter("padding", "word", "valid", words=words, anycase=True)


def _number(name: str, default: float) -> Parameter:
    return Parameter(name, "number", default)


def _flag(name: str, default: bool) -> Parameter:
    return Parameter(name, "flag", default)


_FORMAT = Parameter("data_format", "word", words=("channels_last",), none=True)
_LABEL = Parameter("name", "label")
_ACTIVATION, _USE_BIAS = Parameter("activation", "activation", none=True), _flag("use_bias", True)
_PARTS = ("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer", "activity_regularizer")
_LIMITS = ("kernel_constraint", "bias_constraint")
_SLIDING = (needed("kernel_size", "sizes", "3"), _sizes("strides", 1))
_FILTERS, _DILATION, _VALID = needed("filters", "size", "64"), _sizes("dilation_rate", 1), _padding("valid", "same")
_MULTIPLIER = Parameter("depth_multiplier", "sizes", 1)
_AXIS = Parameter("axis", "axes", -1, low=-math.inf)
_SCALED = (_flag("center", True), _flag("scale", True))
_AROUND = (
    "beta_initializer",
    "gamma_initializer",
    "beta_regularizer",
    "gamma_regularizer",
    "beta_constraint",
    "gamma_constraint",
)
_SHARE = needed("rate", "share", "0.5")


def _entry(
    words: str,
    token: str,
    parameters: tuple[Parameter, ...] = (),
    names: Mapping[str, str] | None = None,
    axes: int = 0,
    special: Callable[[Call], tuple[Layer, ...]] = said.plain,
) -> Iterator[Constructor]:
    """A layer by its own word, the first of `words`, and by its aliases, with what every layer takes."""
    known = {parameter.name for parameter in parameters}
    every = (*parameters, *(parameter for parameter in _COMMON if parameter.name not in known))
    own, *_ = words.split()
    for word in words.split():
        yield Constructor(
            word, "keras", token, every, names or {}, axes=(axes,) if axes else (), special=special, canonical=own
        )


def _convolutions(axes: int, d: str) -> Iterator[Constructor]:
    token = {1: "conv1d", 2: "conv", 3: "conv3d"}[axes]
    padding = _padding("valid", "same", "causal") if axes == 1 else _VALID
    after = (_ACTIVATION, _USE_BIAS, *_ignored(*_PARTS, *_LIMITS))
    parameters = (_FILTERS, *_SLIDING, padding, _FORMAT, _DILATION, Parameter("groups", "size", 1), *after)
    names = {"channels": "filters", "groups": "groups", **said.WHOLE}
    yield from _entry(f"Conv{d} Convolution{d}", token, parameters, names, axes, said.sliding)
    token = {1: "convtranspose1d", 2: "convtranspose", 3: "convtranspose3d"}[axes]
    ends = (_sizes("output_padding", None, 0), _FORMAT)
    parameters = (_FILTERS, *_SLIDING, _VALID, *(ends if axes < 3 else ends[::-1]), _DILATION, *after)
    names = {"channels": "filters", "output_padding": "output_padding", **said.WHOLE}
    yield from _entry(f"Conv{d}Transpose Convolution{d}Transpose", token, parameters, names, axes, said.transposed)


def _depthwise(axes: int, d: str) -> Iterator[Constructor]:
    parts = _ignored(*(part.replace("kernel", "depthwise") for part in (*_PARTS, *_LIMITS)))
    parameters = (*_SLIDING, _VALID, _MULTIPLIER, _FORMAT, _DILATION, _ACTIVATION, _USE_BIAS, *parts)
    yield from _entry(f"DepthwiseConv{d}", "depthwise", parameters, {"multiplier": "depth_multiplier", **said.WHOLE}, axes)
    both = (
        "depthwise_initializer",
        "pointwise_initializer",
        "bias_initializer",
        "depthwise_regularizer",
        "pointwise_regularizer",
    )
    both += ("bias_regularizer", "activity_regularizer", "depthwise_constraint", "pointwise_constraint", "bias_constraint")
    parameters = (_FILTERS, *_SLIDING, _VALID, _FORMAT, _DILATION, _MULTIPLIER, _ACTIVATION, _USE_BIAS, *_ignored(*both))
    token = {1: "conv1d", 2: "conv"}[axes]
    yield from _entry(f"SeparableConv{d} SeparableConvolution{d}", token, parameters, axes=axes, special=said.separable)


def _positions(axes: int, d: str) -> Iterator[Constructor]:
    """Pools, and what else acts on positions."""
    window = (_sizes("strides", None), _VALID, _FORMAT, _LABEL)
    size = Parameter("pool_size", "sizes", 2, example="2")
    names = {"k": "pool_size", "s": "strides", "pad": "padding"}
    yield from _entry(f"MaxPooling{d} MaxPool{d}", "maxpool", (size, *window), names, axes)
    mean = (needed("pool_size", "sizes", "2"), *window)
    yield from _entry(f"AveragePooling{d} AvgPool{d}", "avgpool", mean, axes=axes, special=said.average)
    whole, names = (_FORMAT, _flag("keepdims", False)), {"keepdims": "keepdims"}
    yield from _entry(f"GlobalAveragePooling{d} GlobalAvgPool{d}", "globalpool", whole, names, axes)
    yield from _entry(f"GlobalMaxPooling{d} GlobalMaxPool{d}", "globalmaxpool", whole, names, axes)
    goal, names = (needed("output_size", "sizes", "1"), _FORMAT), {"size": "output_size"}
    yield from _entry(f"AdaptiveAveragePooling{d}", "adaptiveavgpool", goal, names, axes)
    yield from _entry(f"AdaptiveMaxPooling{d}", "adaptivemaxpool", goal, names, axes)
    dropped = (_SHARE, *((_FORMAT,) if axes > 1 else ()), Parameter("seed"), _LABEL, Parameter("dtype"))
    yield from _entry(f"SpatialDropout{d}", "channeldropout", dropped, {"p": "rate"}, axes)
    around = (Parameter("padding", "nested", 1, low=0), _FORMAT)
    yield from _entry(f"ZeroPadding{d}", "zeropad", around, axes=axes, special=said.zero_padding)
    how = (Parameter("interpolation", "word", "nearest", words=("nearest", "bilinear")),) if axes == 2 else ()
    up = (_sizes("size", 2), _FORMAT, *how) if axes > 1 else (Parameter("size", "size", 2),)
    names = {"scale": "size", **({"mode": "interpolation"} if axes == 2 else {})}
    yield from _entry(f"UpSampling{d}", "upsample", up, names, axes)


def _norms() -> Iterator[Constructor]:
    renorm = Parameter("renorm", "flag", False, only="write brn, batch renormalisation, in its place")
    stored = _ignored(
        "beta_initializer", "gamma_initializer", "moving_mean_initializer", "moving_variance_initializer", *_AROUND[2:]
    )
    last = (renorm, *_ignored("renorm_clipping", "renorm_momentum", "synchronized"))
    batch = (_AXIS, _number("momentum", 0.99), _number("epsilon", 1e-3), *_SCALED, *stored, *last)
    yield from _entry("BatchNormalization", "bn", batch, special=said.batch_norm)
    root = Parameter("rms_scaling", "flag", False, keyword=True, only="write RMSNormalization in its place")
    layer = (_AXIS, _number("epsilon", 1e-3), *_SCALED, *_ignored(*_AROUND), root)
    yield from _entry("LayerNormalization", "ln", layer, special=said.layer_norm)
    grouped = (Parameter("groups", "size", 32, low=-1), *layer[:-1])
    yield from _entry("GroupNormalization", "gn", grouped, special=said.group_norm)
    yield from _entry("RMSNormalization", "rms", (_AXIS, _number("epsilon", 1e-6)), special=said.root_norm)


def _rest() -> Iterator[Constructor]:
    after = ("lora_rank", "lora_alpha", "quantization_config")
    dense = (needed("units", "size", "10"), _ACTIVATION, _USE_BIAS, *_ignored(*_PARTS, *_LIMITS, *after))
    yield from _entry("Dense", "linear", dense, special=said.dense)
    function = Parameter("activation", "activation", required=True, example="'relu'")
    yield from _entry("Activation", "identity", (function,), special=said.activation)
    most = Parameter("max_value", "number", none=True)
    yield from _entry("ReLU", "relu", (most, _number("negative_slope", 0.0), _number("threshold", 0.0)), special=said.relu)
    alpha = Parameter("alpha", "number", none=True, keyword=True)  # Keras 2's name
    yield from _entry("LeakyReLU", "lrelu", (_number("negative_slope", 0.3), alpha), special=said.leaky)
    shared = Parameter("shared_axes", "axes", none=True, low=-math.inf)
    slopes = (*_ignored("alpha_initializer", "alpha_regularizer", "alpha_constraint"), shared)
    yield from _entry("PReLU", "prelu", slopes, special=said.prelu)
    yield from _entry("ELU", "elu", (_number("alpha", 1.0),), {"a": "alpha"})
    yield from _entry("Softmax", "softmax", (_AXIS,), special=said.softmax)
    noise = Parameter("noise_shape", "nested", none=True, only="expected None: every entry is dropped by itself")
    yield from _entry("Dropout", "dropout", (_SHARE, noise, Parameter("seed")), {"p": "rate"})
    yield from _entry("Flatten", "flatten", (_FORMAT,), special=said.flatten)
    yield from _entry("Identity", "identity")
    shape = (Parameter("shape", "nested", low=1), Parameter("batch_size", "sizes", none=True), *_ignored("dtype", "sparse"))
    shape += (Parameter("ragged"), Parameter("batch_shape", "nested", low=1))
    yield from _entry("Input", "", (*shape, _LABEL, *_ignored("tensor", "optional")), special=said.nothing)
    yield from _entry("InputLayer", "", (*shape, *_ignored("input_tensor", "optional"), _LABEL), special=said.nothing)


def _entries() -> Iterator[Constructor]:
    for axes in (1, 2, 3):
        yield from _convolutions(axes, f"{axes}D")
        yield from _positions(axes, f"{axes}D")
    for axes in (1, 2):
        yield from _depthwise(axes, f"{axes}D")
    yield from _norms()
    yield from _rest()


CONSTRUCTORS = table(*_entries())
"""Keras' layers that can be said in our words, by name; Input too, which is none."""

_SEVERAL = "it takes several inputs; chains have add(f; g), concat(f; g) and residual(f)"
_RECURRENT = (
    *("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"),
    *("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"),
)
_DRAWN = (
    *(
        "AugMix",
        "AutoContrast",
        "ContrastLimitedAdaptiveHistogramEqualization",
        "CutMix",
        "Equalization",
        "MixUp",
        "RandAugment",
    ),
    *("RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast", "RandomCrop", "RandomErasing"),
    *("RandomElasticTransform", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert"),
    *("RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear"),
    *("RandomTranslation", "RandomZoom", "Solarization"),
)
_PREPARED = (
    *("CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization"),
    *("MaxNumBoundingBoxes", "MelSpectrogram", "STFTSpectrogram"),
)
_MADE = ("FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper", "Layer", "Wrapper", "Pipeline")
REFUSED: dict[str, str] = {
    **dict.fromkeys(_RECURRENT, "recurrent layers are not in the chain language"),
    **dict.fromkeys(("Embedding", "ReversibleEmbedding"), "its input is whole numbers, and a chain's is real ones"),
    **dict.fromkeys(_DRAWN, "it changes the images of a data set at random: write the layers behind it"),
    **dict.fromkeys(_PREPARED, "it prepares data: write the layers behind it"),
    **dict.fromkeys(("Concatenate", "Multiply", "Subtract", "Average", "Dot", "Maximum", "Minimum"), _SEVERAL),
    **dict.fromkeys(
        ("Reshape", "Permute", "RepeatVector", "TimeDistributed"), "it moves entries between axes, and no layer here does"
    ),
    **dict.fromkeys(("Lambda", "Masking", *_MADE), "what it computes cannot be read from its text"),
    **dict.fromkeys(
        ("AlphaDropout", "GaussianDropout", "GaussianNoise"), "only dropout that puts zeros is in the chain language"
    ),
    **dict.fromkeys(
        ("Cropping1D", "Cropping2D", "Cropping3D", "CenterCrop", "Resizing", "UnitNormalization", "Normalization", "Rescaling"),
        "it has no layer here",
    ),
    **dict.fromkeys(("EinsumDense", "SpectralNormalization", "ActivityRegularization"), "it has no layer here"),
    **dict.fromkeys(
        ("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention"),
        f"{_SEVERAL}; attention(heads) is ours, with biases",
    ),
}
"""Keras' layers that cannot, and why."""
