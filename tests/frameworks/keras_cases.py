"""Calls of keras.layers: what both must take alike, what both refuse, and what is refused here although Keras has it.

Shapes are Keras', the channels last.
"""

from __future__ import annotations

from collections.abc import Iterator

from bnproof.chain.spellings.keras_layers import ACTIVATIONS
from bnproof.chain.tree import Shape

from .tables import Case, Table, Written

FLAT: Shape = (5, 4)
POSITIONS: dict[int, Shape] = {1: (2, 9, 4), 2: (2, 9, 8, 4), 3: (2, 5, 6, 7, 4)}
EVERYWHERE = (FLAT, *POSITIONS.values())


def _sliding(axes: int, shape: Shape) -> Iterator[Table]:
    d, here = f"{axes}D", (shape,)
    strides, kernel = (1, 2, 1)[:axes], (3, 2, 1)[:axes]
    common: dict[str, list[Written]] = {"padding": ["same"], "activation": ["relu"], "use_bias": [False]}
    dilated: dict[str, list[Written]] = {"strides": [2, strides], "dilation_rate": [2], "groups": [2]}
    yield Table(f"layers.Conv{d}", (6, kernel), {**common, **dilated} if axes < 3 else {"padding": ["same"]}, here)
    yield Table(f"layers.Conv{d}", (6, 2, 3), {"padding": ["causal", "SAME"]} if axes == 1 else {"padding": ["SAME"]}, here)
    yield Table(f"layers.Convolution{d}", (6, kernel), shapes=here)
    for word in (f"Conv{d}Transpose", f"Convolution{d}Transpose"):
        yield Table(f"layers.{word}", (6, kernel), shapes=here)
    for size in (3, 2) if axes == 2 else (2,):
        ends: dict[str, list[Written]] = {"padding": ["same"], "output_padding": [0, strides], "use_bias": [False]}
        yield Table(f"layers.Conv{d}Transpose", (6, size, 3), ends, here)
        yield Table(f"layers.Conv{d}Transpose", (6, size, 1, "same"), {"dilation_rate": [2]}, here)
    if axes < 3:
        more: dict[str, list[Written]] = {**common, "strides": [2], "dilation_rate": [2], "depth_multiplier": [2]}
        yield Table(f"layers.DepthwiseConv{d}", (kernel,), more, here)
        yield Table(f"layers.SeparableConv{d}", (6, kernel), more, here)
        yield Table(f"layers.SeparableConvolution{d}", (6, kernel), shapes=here)


def _positions(axes: int, shape: Shape) -> Iterator[Table]:
    d, here = f"{axes}D", (shape,)
    window: dict[str, list[Written]] = {"strides": [(1, 2, 1)[:axes], 3], "padding": ["same"]}
    for size in (2, (3, 2, 1)[:axes]) if axes == 2 else (3,):
        yield Table(f"layers.MaxPooling{d}", (size,), window, here)
        yield Table(f"layers.AveragePooling{d}", (size,), window, here)
    yield Table(f"layers.MaxPooling{d}", (), shapes=here)
    for word in ("MaxPool", "AvgPool"):
        yield Table(f"layers.{word}{d}", (2,), shapes=here)
    for word in ("GlobalAveragePooling", "GlobalAvgPool", "GlobalMaxPooling", "GlobalMaxPool"):
        yield Table(f"layers.{word}{d}", (), {"keepdims": [True]}, here)
    for size in (1, (3, 2)[:axes] if axes < 3 else (5, 2, 1)):
        yield Table(f"layers.AdaptiveAveragePooling{d}", (size,), shapes=here)
        yield Table(f"layers.AdaptiveMaxPooling{d}", (size,), shapes=here)
    yield Table(f"layers.SpatialDropout{d}", (0.2,), shapes=here)
    sides: list[Written] = [0, 2, (1, 2) if axes == 1 else (1, 2, 3)[:axes]]
    sides += [] if axes == 1 else [((1, 2), (0, 3), (2, 0))[:axes]]
    yield Table(f"layers.ZeroPadding{d}", (), {"padding": sides}, here)
    factors: list[Written] = [3, 1] if axes == 1 else [3, 1, (1, 2, 3)[:axes]]
    how: dict[str, list[Written]] = {"interpolation": ["nearest", "bilinear"]} if axes == 2 else {}
    yield Table(f"layers.UpSampling{d}", (), {"size": factors, **how}, here)


def _norms() -> Iterator[Table]:
    scaled: dict[str, list[Written]] = {"epsilon": [1e-5, 0.5], "center": [False], "scale": [False]}
    for shape in (FLAT, POSITIONS[1], POSITIONS[2]):
        last = len(shape) - 1
        axis: list[Written] = [last]
        yield Table("layers.BatchNormalization", (), {"axis": axis, "momentum": [0.9, 0.0, 1.0], **scaled}, (shape,))
        over: list[Written] = [[last], list(range(1, last + 1))]
        yield Table("layers.LayerNormalization", (), {"axis": over, **scaled}, (shape,))
        yield Table("layers.GroupNormalization", (2,), {"axis": axis, **scaled} if last != 2 else {}, (shape,))
        yield Table("layers.RMSNormalization", (), {"axis": axis, "epsilon": [1e-3]}, (shape,))
        yield Table("layers.Softmax", (), {"axis": axis}, (shape,))
        shared: list[Written] = [list(range(1, last)), list(range(1, last + 1))]
        yield Table("layers.PReLU", (), {"shared_axes": shared}, (shape,))
    yield Table("layers.BatchNormalization", (), shapes=(POSITIONS[3],))
    for groups in (1, 4, -1):
        yield Table("layers.GroupNormalization", (groups,), shapes=(FLAT, POSITIONS[2]))


def _rest() -> Iterator[Table]:
    both = (FLAT, POSITIONS[2])
    for word in (*ACTIVATIONS, "linear"):
        yield Table("layers.Activation", (word,), shapes=(POSITIONS[2],) if "softmax" in word else (FLAT,))
    yield Table("layers.Dense", (3,), {"use_bias": [False], "activation": ["leaky_relu"]}, EVERYWHERE)
    yield Table("layers.ReLU", (), {"max_value": [6, 2.5], "threshold": [0]}, both)
    yield Table("layers.ReLU", (), {"negative_slope": [0.1, 0]}, both)
    yield Table("layers.LeakyReLU", (), {"negative_slope": [0.1, 0], "alpha": [0.2]}, both)
    yield Table("layers.ELU", (), {"alpha": [0.5, -1.0]}, both)
    yield Table("layers.Dropout", (0.5,), shapes=both)
    yield Table("layers.Flatten", (), shapes=EVERYWHERE)
    yield Table("layers.Identity", (), shapes=both)


TABLES = [
    *(table for axes, shape in POSITIONS.items() for table in (*_sliding(axes, shape), *_positions(axes, shape))),
    *_norms(),
    *_rest(),
]

TWO = POSITIONS[2]
NETWORKS: list[Case] = [
    (text, TWO)
    for text in (
        "layers.Conv2D(6, 3, activation='relu'), layers.BatchNormalization(), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(5)",
        "layers.SeparableConv2D(6, 3, padding='same', strides=2, activation='gelu'), layers.GlobalAveragePooling2D(keepdims=True), "
        "layers.Dense(5)",
        "layers.Flatten(), layers.BatchNormalization(), layers.Dense(3)",
        "layers.Flatten(), layers.LayerNormalization(), layers.PReLU(), layers.Dense(3, activation='softmax')",
        "layers.Flatten(), layers.GroupNormalization(1), layers.Softmax(), layers.Dense(3)",
        "layers.Flatten(), layers.PReLU(), layers.LayerNormalization(center=False)",
        "layers.Flatten(), layers.Dense(4), layers.GroupNormalization(2)",
        "layers.Dense(3, activation=layers.LeakyReLU(0.1)), layers.Activation(keras.activations.gelu), layers.Activation(layers.ReLU(6))",
        "layers.Conv2DTranspose(3, 4, 2, 'same', use_bias=False), layers.BatchNormalization(scale=False), layers.LeakyReLU()",
    )
]
"""Layers one behind the other, Flatten among them, which orders features otherwise than ours does."""

BOTH_REFUSE: list[Case] = [
    *(
        (text, TWO)
        for text in (
            *("layers.Conv2D(6)", "layers.Conv2D()", "layers.Dense()", "layers.AveragePooling2D()", "layers.Dropout()"),
            *(
                "layers.Conv2D(6, (3,))",
                "layers.Conv2D(6, (3, 3, 3))",
                "layers.Conv2D(6, 3, padding='full')",
                "layers.Conv2D(6, 10)",
            ),
            *("layers.Conv2D(6, 3, padding='causal')", "layers.Conv2D(6, 3, groups=3)", "layers.Conv2D(6, 3, stride=2)"),
            *(
                "layers.Conv2D(6, 3, 2, dilation_rate=2)",
                "layers.Conv2D(6, 3, (1, 2), dilation_rate=(2, 1))",
                "layers.Conv1D(6, 3)",
            ),
            *("layers.Conv2DTranspose(6, 3, 2, dilation_rate=2)", "layers.Conv2DTranspose(6, 3, output_padding=1)"),
            *(
                "layers.Conv2DTranspose(6, 3, (2, 3), output_padding=2)",
                "layers.MaxPooling2D((2,))",
                "layers.UpSampling2D((2,))",
            ),
            *(
                "layers.MaxPooling2D(10)",
                "layers.MaxPooling1D()",
                "layers.GroupNormalization()",
                "layers.GroupNormalization(3)",
            ),
            *("layers.LayerNormalization(axis=4)", "layers.BatchNormalization(axis=4)", "layers.ReLU(negative_slope=-1)"),
            *(
                "layers.LeakyReLU(-1)",
                "layers.ReLU(max_value=-1)",
                "layers.ReLU(threshold=-1)",
                "layers.Activation('nonsense')",
            ),
            *("layers.Dropout(1.5)", "layers.SpatialDropout1D(0.5)", "layers.Activation()", "layers.Dense(3, activation='no')"),
            *("layers.ZeroPadding2D((1,))", "layers.ZeroPadding2D(-1)", "layers.UpSampling2D(2, None, 'cubic')"),
        )
    ),
    ("layers.UpSampling1D((2,))", POSITIONS[1]),
    ("layers.ZeroPadding1D((1,))", POSITIONS[1]),
    ("layers.ZeroPadding1D(((1, 2),))", POSITIONS[1]),
    ("layers.SpatialDropout1D(0.5, data_format=None)", POSITIONS[1]),
    ("layers.LayerNormalization(axis=[1, -1])", FLAT),
    ("layers.PReLU(shared_axes=[-1])", FLAT),
]
"""What Keras refuses, at once or for that input, and so is refused here."""

OURS_ALONE: dict[str, str] = {
    "layers.Dropout(1.0)": "from 0 to below 1",
    "layers.BatchNormalization(momentum=1.5)": "out of range",
    "layers.BatchNormalization(axis=1)": "not along the channels",
    "layers.LayerNormalization(axis=[1, 2])": "over these axes is not one of the layers here",
    "layers.GroupNormalization(1, axis=1)": "not along the channels",
    "layers.Softmax(axis=1)": "not along the channels",
    "layers.Softmax(axis=[1, 2])": "along several axes is not one of the layers here",
    "layers.PReLU(shared_axes=[1])": "shared along these axes is not one of the layers here",
    "layers.PReLU(shared_axes=[-1])": "counted from 1",
    "layers.ReLU(threshold=1.0)": "is not in the chain language",
    "layers.ReLU(6, 0.1)": "with a slope and a maximum",
    "layers.AdaptiveAveragePooling2D(5)": "blocks of equal size",
    "layers.UpSampling2D(2, None, 'bicubic')": "wrong value",
    "layers.Activation('exponential')": "unknown activation",
    "layers.Dense(3, activation='sparsemax')": "unknown activation",
    "layers.Flatten(), layers.GroupNormalization(2)": "orders by position first",
    "layers.Cropping2D(1)": "cannot be said in a chain",
    "layers.Reshape((8, 36))": "cannot be said in a chain",
    "layers.GaussianNoise(0.1)": "cannot be said in a chain",
    "layers.BatchNormalization(trainable=False)": "uses its stored statistics in training too",
}
"""What Keras takes on an input of 2×9×8×4 and chains cannot say, and a part of what is said about it."""

DIFFERENT: dict[str, str] = {
    "layers.Conv2D(4, 3)": "layers.Conv2D(4, 3, padding='same')",
    "layers.Conv2D(4, 2, 2, 'same')": "layers.ZeroPadding2D(((1, 0), (0, 0))), layers.Conv2D(4, 2, 2)",
    "layers.Conv2D(4, 3, activation='relu')": "layers.Conv2D(4, 3)",
    "layers.Conv2DTranspose(4, 3, 2)": "layers.Conv2DTranspose(4, 3, 2, 'same')",
    "layers.DepthwiseConv2D(3, depth_multiplier=2)": "layers.Conv2D(8, 3, groups=2)",
    "layers.BatchNormalization()": "layers.BatchNormalization(epsilon=1e-2)",
    "layers.BatchNormalization(momentum=0.9)": "layers.BatchNormalization()",
    "layers.LayerNormalization()": "layers.LayerNormalization(axis=[1, 2, 3])",
    "layers.GroupNormalization(-1)": "layers.GroupNormalization(1)",
    "layers.AveragePooling2D(3, 2, 'same')": "layers.ZeroPadding2D(((1, 1), (0, 1))), layers.AveragePooling2D(3, 2)",
    "layers.ReLU(6)": "layers.ReLU()",
    "layers.LeakyReLU()": "layers.LeakyReLU(0.2)",
    "layers.Activation('leaky_relu')": "layers.LeakyReLU()",
    "layers.UpSampling2D(2)": "layers.UpSampling2D(2, interpolation='bilinear')",
    "layers.GlobalAveragePooling2D()": "layers.GlobalMaxPooling2D()",
}
"""Layers of Keras, and others that must not be taken for them."""
