"""Keras' words: each call of keras.layers as the layers it is in our words, and what its signature does not allow.

The translations were compared with Keras 3.15, outputs in both modes, on several hundred random networks.
"""

from __future__ import annotations

import pytest

from bnproof.chain.build import build
from bnproof.chain.layers import LAYERS
from bnproof.chain.parse import parse
from bnproof.chain.spellings import WORDS
from bnproof.errors import ChainError

READ = {
    "Conv2D(64, 3)": "conv(64, pad=valid)",
    "layers.Conv2D(64, (3, 5), strides=(2, 1))": "conv(64, k=(3, 5), s=(2, 1), pad=valid)",
    "tf.keras.layers.Conv2D(64, 3, padding='same')": "conv(64, pad=same)",
    "keras.layers.Conv2D(64, 3, 2, 'SAME')": "conv(64, s=2, pad=same)",
    "Conv2D(64, 3, padding='same', activation='relu', use_bias=False, name='c1')": "c1: conv(64, pad=same, bias=no) -> c1.relu: relu",
    "Conv2D(8, 3, kernel_initializer=keras.initializers.HeNormal(), kernel_regularizer=l2(1e-4), dtype='float32')": "conv(pad=valid)",
    "Conv2D(8, 3, activation=tf.nn.leaky_relu)": "conv(pad=valid) -> lrelu(0.2)",
    "Conv2D(8, 3, activation=keras.activations.gelu)": "conv(pad=valid) -> gelu",
    "Conv2D(8, 3, activation=layers.LeakyReLU())": "conv(pad=valid) -> lrelu(0.3)",
    "Conv2D(8, 3, activation=None)": "conv(pad=valid)",
    "Conv2D(8, 3, activation='linear')": "conv(pad=valid)",
    "Conv2D(8, 3, dilation_rate=2, groups=4)": "conv(pad=valid, groups=4, dilation=2)",
    "Conv1D(8, 3, padding='causal')": "conv1d(pad=causal)",
    "Conv3D(8, 2)": "conv3d(k=2, pad=valid)",
    "Convolution2D(8, 3)": "conv(pad=valid)",
    "Conv2DTranspose(8, 3, strides=2, padding='same')": "convtranspose(s=2, pad=same)",
    "Conv2DTranspose(8, 3, 2, 'same', 1)": "convtranspose(s=2, pad=same, output_padding=1)",
    "DepthwiseConv2D(3, depth_multiplier=2, use_bias=False)": "depthwise(pad=valid, multiplier=2, bias=no)",
    "SeparableConv2D(8, 3, padding='same', name='s')": "s.depthwise: depthwise(pad=same, bias=no) -> s: conv(k=1, pad=valid)",
    "Dense(10, activation='softmax')": "linear(10) -> softmax",
    "Dense(10, 'relu', False)": "linear(10, bias=no) -> relu",
    "BatchNormalization()": "bn(0.001, 0.01)",
    "BatchNormalization(momentum=0.9, epsilon=1e-5, center=False)": "bn(1e-05, 0.1, beta=no)",
    "BatchNormalization(scale=False, name='bn_a')": "bn_a: bn(0.001, 0.01, gamma=no)",
    "LayerNormalization()": "ln(0.001)",
    "GroupNormalization(4)": "gn(4, eps=0.001)",
    "RMSNormalization()": "rms(1e-06)",
    "layers.ReLU()": "relu",
    "layers.ReLU(max_value=6)": "relu6",
    "layers.ReLU(max_value=2.0)": "hardtanh(0.0, 2.0)",
    "layers.ReLU(negative_slope=0.1)": "lrelu(0.1)",
    "layers.LeakyReLU()": "lrelu(0.3)",
    "layers.LeakyReLU(0.2)": "lrelu(0.2)",
    "layers.LeakyReLU(alpha=0.1)": "lrelu(0.1)",
    "layers.ELU(alpha=0.5)": "elu(0.5)",
    "Activation('swish')": "silu",
    "Activation('hard_sigmoid', name='gate')": "gate: hardsigmoid",
    "Activation('linear')": "identity",
    "layers.Softmax()": "softmax",
    "MaxPooling2D()": "maxpool",
    "MaxPool2D(3, 2, 'same')": "maxpool(3, s=2, pad=same)",
    "AveragePooling2D(2)": "avgpool",
    "AveragePooling2D(3, padding='same')": "avgpool(3, pad=same, count_include_pad=no)",
    "GlobalAveragePooling2D()": "globalpool",
    "GlobalMaxPool1D(keepdims=True)": "globalmaxpool(keepdims=yes)",
    "layers.Dropout(0.3, seed=1)": "dropout(0.3)",
    "SpatialDropout2D(0.3)": "channeldropout(0.3)",
    "ZeroPadding2D()": "zeropad(1, 1)",
    "ZeroPadding2D(padding=(1, 2))": "zeropad((1, 2), (1, 2))",
    "ZeroPadding2D(((0, 1), (2, 3)))": "zeropad((0, 2), (1, 3))",
    "ZeroPadding1D((1, 2))": "zeropad(1, 2)",
    "UpSampling2D((2, 2), interpolation='bilinear')": "upsample(mode=bilinear)",
    "UpSampling1D(3)": "upsample(3)",
    "Conv2D -> BatchNormalization -> ReLU": "conv(pad=valid) -> bn(0.001, 0.01) -> relu",
    "Input(shape=(32, 16, 3)) -> Conv2D(8, 3)": "conv(pad=valid) @ 4x3x32x16",
    "Input((784,)) -> Dense(10)": "linear(10) @ 4x784",
    "keras.Input(shape=(20, 3), batch_size=2) -> Conv1D(8, 3)": "conv1d(pad=valid) @ 2x3x20",
    "InputLayer(batch_shape=(None, 9, 9, 1)) -> Conv2D(8, 3)": "conv(pad=valid) @ 4x1x9x9",
    "Conv2D(8, 3, input_shape=(28, 28, 1))": "conv(pad=valid) @ 4x1x28x28",
}

REFUSED = {
    "Conv2D(8, (3,))": ("wrong value `(3,)` for kernel_size", "there are 2 axes"),
    "Conv2D(8, 3, strides=2, dilation_rate=2)": (
        "strides above 1 and a dilation_rate above 1 of Conv2D",
        "Keras refuses it too: expected one of them to be 1",
    ),
    "Conv2DTranspose(8, 3, strides=(2, 1), output_padding=1)": (
        "output_padding of 1 is too large for Conv2DTranspose",
        "Keras refuses it too: expected less than strides, 1",
    ),
    "Conv3DTranspose(8, 3, 2, 'valid', 1)": ("wrong value `1` for data_format", "expected one of channels_last"),
    "SpatialDropout1D(0.5, data_format=None)": ("unknown argument `data_format` of SpatialDropout1D", "SpatialDropout1D(rate"),
    "UpSampling1D((2,))": ("wrong value `(2,)` for size of UpSampling1D", "expected a whole number"),
    "ZeroPadding1D((1,))": ("wrong padding for ZeroPadding1D", "expected a number, or 1 numbers"),
    "ZeroPadding1D(((1, 2),))": ("wrong padding for ZeroPadding1D", "expected a number, or 1 numbers"),
    "layers.LeakyReLU(-1)": ("negative_slope=-1 of layers.LeakyReLU is below 0", "Keras refuses it too: expected 0 or more"),
    "layers.ReLU(negative_slope=-0.5)": ("negative_slope=-0.5 of layers.ReLU is below 0", "expected 0 or more"),
    "layers.PReLU(shared_axes=[-3, -2]) @ 2x4x8x8": ("shared_axes of layers.PReLU below 1", "expected axes counted from 1"),
    "LayerNormalization(axis=[1, -1]) @ 4x8": ("LayerNormalization names an axis twice", "expected each axis once"),
    "GroupNormalization(0)": ("0 groups of GroupNormalization", "-1 for one a channel"),
    "Dense(10) -> RandomFlip()": ("Keras' RandomFlip cannot be said in a chain", "at random"),
    "Conv2D(64)": (
        "Conv2D lacks kernel_size: Keras refuses it too",
        "expected it, as in Conv2D(64, 3): Conv2D(filters, kernel_size,",
    ),
    "Conv2D(64, 3, stride=2)": ("unknown argument `stride` of Conv2D", "did you mean strides? Conv2D(filters,"),
    "Conv2D(64, 3, padding=1)": ("wrong value `1` for padding of Conv2D", "^ expected one of valid, same"),
    "Conv2D(64, 3, padding='causal')": ("wrong value `'causal'` for padding", "expected one of valid, same"),
    "Conv2D(64, 3, data_format='channels_first')": (
        "wrong value `'channels_first'` for data_format",
        "expected one of channels_last or None",
    ),
    "Conv2D(64, 3, activation='wobble')": (
        "unknown activation `'wobble'` of Conv2D",
        "expected a layer, or one of relu, relu6",
    ),
    "Conv2D(64, 3, activation=my_function)": ("unknown activation `my_function` of Conv2D", "expected a layer"),
    "Conv2D(64, 3, name=3)": ("wrong value `3` for name of Conv2D", "expected a name in quotes"),
    "Conv2D(64, 3, name='a b')": ("wrong value `'a b'` for name of Conv2D", "letters, digits, _ and dots"),
    "Conv2D(64, 3) -> Conv2D(8, (3, 3, 3))": ("wrong value `(3, 3, 3)` for kernel_size", "there are 2 axes"),
    "Dense()": ("Dense lacks units", "as in Dense(10)"),
    "Dense(10) -> Conv2D(8, 3)": ("Conv2D takes batch × channels × height × width", "the shape here is 4×10"),
    "Dense(10) -> MaxPooling2D()": ("MaxPooling2D takes batch × channels × height × width", "4×10"),
    "layers.Dropout()": ("layers.Dropout lacks rate", "as in layers.Dropout(0.5)"),
    "layers.Dropout(0.5, noise_shape=(None, 1, 1, 3))": ("noise_shape of layers.Dropout cannot be read here", "expected None"),
    "Conv2D(8, 3) -> BatchNormalization(axis=1)": (
        "BatchNormalization acts along axis 1 here",
        "expected axis=-1, the channels",
    ),
    "BatchNormalization(trainable=False)": (
        "BatchNormalization with trainable=False uses its stored statistics",
        "--mode frozen",
    ),
    "BatchNormalization(momentum=1.5)": ("momentum of BatchNormalization is out of range", "from 0 to 1"),
    "BatchNormalization(renorm=True)": ("renorm of BatchNormalization cannot be read here", "write brn"),
    "Conv2D(8, 3) -> LayerNormalization(axis=[1, 2])": (
        "LayerNormalization over these axes is not one of the layers",
        "axis=-1",
    ),
    "Conv2D(8, 3) -> layers.PReLU(shared_axes=[1])": ("layers.PReLU shared along these axes is not one", "shared_axes=[1, 2]"),
    "Conv2D(8, 3) -> Flatten -> GroupNormalization(4)": (
        "GroupNormalization behind Flatten groups features",
        "expected groups=1",
    ),
    "Conv2D(8, 3) -> Flatten -> residual(Dense(288)) -> GroupNormalization(4)": (
        "GroupNormalization behind Flatten",
        "expected groups=1",
    ),
    "layers.ReLU(threshold=1.0)": ("threshold of layers.ReLU is not in the chain language", "expected 0"),
    "layers.ReLU(max_value=6, negative_slope=0.1)": ("layers.ReLU with a slope and a maximum", "expected one of them"),
    "ZeroPadding2D((1, 2, 3))": ("wrong padding for ZeroPadding2D", "2 numbers or pairs of numbers"),
    "Activation()": ("Activation lacks activation", "as in Activation('relu')"),
    "Activation": ("Activation lacks activation", "as in Activation('relu')"),
    "Dense(10) -> LSTM(3)": ("Keras' LSTM cannot be said in a chain", "recurrent layers"),
    "Dense(10) -> Reshape((2, 5))": ("Keras' Reshape cannot be said in a chain", "moves entries between axes"),
    "layers.Lambda": ("Keras' Lambda cannot be said in a chain", "cannot be read from its text"),
    "layers.Dens(3)": ("unknown layer `layers.Dens`", "did you mean Dense?"),
    "Dense(10) -> Input((3,))": ("the input stands behind a layer", "expected it first"),
    "Input((3,))": ("there is no layer behind the input", "expected one"),
    "Input((8, 8, 3)) -> Conv2D(8, 3) @ 4x3x8x8": ("the input shape is given twice", "expected it once"),
    "Input(shape=(1, 2, 3, 4, 5)) -> Dense(3)": ("wrong shape of Input", "the channels last"),
    "Input((8, 8, 3)) -> Conv2D(8, 9)": ("a kernel of 9 is larger than its input", "4×3×8×8"),
}


@pytest.mark.parametrize("text", READ)
def test_read_as(text: str) -> None:
    tree = parse(text)
    assert tree == parse(READ[text])
    assert parse(str(tree)) == tree


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    message, hint = REFUSED[text]
    with pytest.raises(ChainError) as caught:
        build(text)
    first, quoted, pointer = str(caught.value).split("\n")
    assert first.startswith(message)
    assert quoted.strip() == text
    assert hint in pointer


@pytest.mark.parametrize("word", WORDS["keras"].constructors)
def test_tables_name_what_there_is(word: str) -> None:
    constructor = WORDS["keras"].constructors[word]
    assert not constructor.token or set(constructor.names) <= set(LAYERS[constructor.token].by_name)
    assert all(constructor.parameter(theirs) for theirs in constructor.names.values())
    assert all(p.example for p in constructor.parameters if p.required)
    assert len({p.name for p in constructor.parameters}) == len(constructor.parameters)


@pytest.mark.parametrize(
    "word", [word for word in WORDS["keras"].constructors if word not in ("Activation", "Input", "InputLayer")]
)
def test_every_word_builds_without_brackets(word: str) -> None:
    built = build(f"layers.{word}" + (" @ 32" if word == "GroupNormalization" else ""))
    assert {place.layer.spelling for place in built.places} == {"keras"}
    assert {place.layer.constructor for place in built.places} == {f"layers.{word}"}
    assert build(built.chain.filled()).parameters == built.parameters


@pytest.mark.parametrize("word", WORDS["keras"].refused)
def test_what_cannot_be_said_is_not_said(word: str) -> None:
    assert word not in WORDS["keras"].constructors
    with pytest.raises(ChainError, match=rf"^Keras' {word} cannot be said in a chain"):
        parse(f"layers.{word}(3)")


def test_dense_behind_positions_acts_on_the_channels() -> None:
    built = build("Conv2D(4, 3) -> Dense(10, name='head')")
    assert built.output_shape == (4, 10, 6, 6)
    assert built.parameters["head.kernel"] == (10, 4, 1, 1)
    assert [str(note) for note in built.chain.notes] == [
        "conv of kernel 1 for Dense: behind positions Dense acts on the channels at each"
    ]


def test_the_order_of_flattened_features_is_lost_in_a_dense() -> None:
    build("Conv2D(8, 3) -> Flatten -> GroupNormalization(1)")
    build("Conv2D(8, 3) -> Flatten -> Dense(8) -> GroupNormalization(4)")


def test_an_open_input_says_channels_and_axes() -> None:
    built = build("Input((None, None, 5)) -> layers.ReLU -> Conv2D(4, 3)")
    assert built.input_shape == (4, 5, 8, 8)


def test_the_shape_behind_at_is_ours_and_that_is_said() -> None:
    assert not build("conv -> Conv @ 4x3x8x8").chain.notes
    (note,) = build("Conv2D(4, 3) @ 3x8x9").chain.notes
    assert str(note) == "3×8×9 has the channels before the positions: so does every @; Keras' Input(shape=…) has them last"


def test_groups_of_minus_one_are_the_channels() -> None:
    assert str(build("Conv2D(6, 3) -> GroupNormalization(-1)").places[1].layer) == "gn(6, eps=0.001)"
    assert str(build("Flatten -> GroupNormalization(-1) @ 2x3x4").places[1].layer) == "gn(12, eps=0.001)"


def test_arguments_stand_in_keras_s_order() -> None:
    transposed = build("Conv3DTranspose(4, 2, 2, 'valid', None, 1) @ 2x3x4x4x4").places[0].layer
    assert transposed.arguments["output_padding"] == 1
    assert str(build("SpatialDropout1D(0.2, 7, 'name') @ 2x3x4").places[0].layer) == "name: channeldropout(0.2)"
    assert build("Input((8, 8, 3), None, None, None, None, None, 'in') -> Conv2D(4, 3)").input_shape == (4, 3, 8, 8)


def test_layer_norm_over_everything() -> None:
    assert str(build("Conv2D(4, 3) -> LayerNormalization(axis=[1, 2, 3])").places[1].layer) == "ln(0.001, over=all)"
    assert str(build("Conv2D(4, 3) -> layers.PReLU()").places[1].layer) == "prelu(over=all)"
    assert str(build("Conv2D(4, 3) -> layers.PReLU(shared_axes=[1, 2, 3])").places[1].layer) == "prelu"


SIGNATURES = {
    "Conv2D": "Conv2D(filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, groups=1, activation=None, "
    "use_bias=True, name=None, trainable=True, input_shape=None)",
    "Dense": "Dense(units, activation=None, use_bias=True, name=None, trainable=True, input_shape=None)",
    "BatchNormalization": "BatchNormalization(axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, renorm=False, name=None, "
    "trainable=True, input_shape=None)",
    "AveragePooling2D": "AveragePooling2D(pool_size, strides=None, padding='valid', data_format=None, name=None, trainable=True, "
    "input_shape=None)",
}


@pytest.mark.parametrize("word", SIGNATURES)
def test_signatures_are_keras_s(word: str) -> None:
    assert WORDS["keras"].constructors[word].signature == SIGNATURES[word]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Conv2DTranspose(4, 2, strides=3)", 24),
        ("Conv2DTranspose(4, 3, strides=2)", 17),
        ("Conv2DTranspose(4, 2, strides=(3, 2))", 24),
    ],
)
def test_a_transposed_convolution_has_all_positions_of_its_strides(text: str, size: int) -> None:
    """Without padding Keras returns (P − 1)·s + max(k, s) positions, also where the stride is larger than the kernel."""
    assert build(f"{text} -> BatchNormalization() @ 2x3x8x8").output_shape[2] == size
