"""Calls of torch.nn's layers: what both must take alike, what both refuse, and what is refused here although PyTorch has it."""

from __future__ import annotations

from collections.abc import Iterator

from bnproof.chain.tree import Shape

from .tables import Case, Table, Written

FLAT: Shape = (5, 4)
POSITIONS: dict[int, Shape] = {1: (2, 4, 9), 2: (2, 4, 9, 8), 3: (2, 4, 5, 6, 7)}
EVERYWHERE = (FLAT, *POSITIONS.values())


def _each(axes: int, shape: Shape) -> Iterator[Table]:
    d, here = f"{axes}d", (shape,)
    strides, kernels = (1, 2, 1)[:axes], (3, 2, 1)[:axes]
    sliding: dict[str, list[Written]] = {"stride": [2, strides, (2,)], "dilation": [2], "groups": [2], "bias": [False]}
    modes: list[Written] = ["circular", "reflect", "replicate"] if axes == 2 else ["circular"]
    padded: dict[str, list[Written]] = {"padding": [1, strides, "same", "valid"], "padding_mode": modes}
    for kernel in (3, kernels, 2) if axes == 2 else (kernels,):
        yield Table(f"nn.Conv{d}", (4, 6, kernel), {**sliding, **padded}, here)
    for kernel in (3, kernels) if axes == 2 else (kernels,):
        yield Table(f"nn.ConvTranspose{d}", (4, 6, kernel), {**sliding, "padding": [1, (1, 0, 1)[:axes]]}, here)
        yield Table(
            f"nn.ConvTranspose{d}", (4, 6, kernel, 3), {"padding": [1], "output_padding": [1, strides], "dilation": [2]}, here
        )
    yield Table(f"nn.LazyConv{d}", (6, 3), {"padding": [1]}, here)
    yield Table(f"nn.LazyConvTranspose{d}", (6, 3), {"stride": [2]}, here)
    norm: dict[str, list[Written]] = {"eps": [1e-3, 2.0], "bias": [False]}
    batch: dict[str, list[Written]] = {**norm, "momentum": [0.3, 1.0, 0.0], "affine": [False], "track_running_stats": [False]}
    yield Table(f"nn.BatchNorm{d}", (4,), batch, (FLAT, shape) if axes == 1 else here)
    yield Table(f"nn.LazyBatchNorm{d}", (), {"affine": [False]}, here)
    yield Table("nn.SyncBatchNorm", (4,), {"eps": [1e-3], "affine": [False]}, here)
    instance: dict[str, list[Written]] = {**norm, "momentum": [0.3], "affine": [True], "track_running_stats": [True]}
    yield Table(f"nn.InstanceNorm{d}", (4,), instance, here)
    yield Table(f"nn.LazyInstanceNorm{d}", (), {"affine": [False], "track_running_stats": [False]}, here)
    window: dict[str, list[Written]] = {"stride": [1, strides, 3], "padding": [1, (1, 0, 1)[:axes]], "ceil_mode": [True]}
    window = window if axes == 2 else {name: values[-1:] for name, values in window.items()}
    for kernel in (2, 3, (2, 3)) if axes == 2 else ((2, 3, 2)[:axes],):
        yield Table(f"nn.MaxPool{d}", (kernel,), {**window, "dilation": [2]}, here)
        yield Table(f"nn.AvgPool{d}", (kernel,), {**window, "count_include_pad": [False]}, here)
    sizes: list[Written] = [1, (3, 2, 7)[:axes] if axes < 3 else (5, 2, 1)]
    sizes += [] if axes == 1 else [(None, 1, 1)[:axes], (3 if axes == 2 else 1, None, None)[:axes]]
    for size in sizes:
        yield Table(f"nn.AdaptiveAvgPool{d}", (size,), shapes=here)
        yield Table(f"nn.AdaptiveMaxPool{d}", (size,), shapes=here)
    yield Table(f"nn.Dropout{d}", (), {"p": [0.2, 0.0]}, here)
    for word in ("Zero", "Circular", "Reflection", "Replication"):
        for sides in (1, (1, 2) * axes, (2, 0, 1, 3, 1, 2)[: 2 * axes]):
            yield Table(f"nn.{word}Pad{d}", (sides,), shapes=here)
    yield Table(f"nn.ConstantPad{d}", ((1, 2) * axes, 0.0), shapes=here)
    linear = {1: "linear", 2: "bilinear", 3: "trilinear"}[axes]
    up: dict[str, list[Written]] = {"mode": ["nearest-exact", linear]}
    for factor in (2, 2.0, 1, (2.0, 3.0, 1.0)[:axes]) if axes == 2 else (2, (2.0, 3.0, 1.0)[:axes]):
        yield Table("nn.Upsample", (None, factor), {**up, "recompute_scale_factor": [True]}, here)
    yield Table("nn.Upsample", (tuple(2 * n for n in shape[2:]),), up, here)
    for aligned in (True, False):
        yield Table("nn.Upsample", (None, 3, linear, aligned), shapes=here)
    for ends in ((1, -1), (1, axes + 1), (-axes - 1, -1), (2, 2)):
        yield Table("nn.Flatten", ends, shapes=here)


def _anywhere() -> Iterator[Table]:
    for shape in EVERYWHERE:
        whole: tuple[Written, ...] = shape[1:] if len(shape) > 2 else (4,)
        norm: dict[str, list[Written]] = {"eps": [1e-3], "elementwise_affine": [False]}
        yield Table("nn.LayerNorm", (whole,), {**norm, "bias": [False]}, (shape,))
        yield Table("nn.Softmax", (1,), shapes=(shape,))
        yield Table("nn.LogSoftmax", (1 - len(shape),), shapes=(shape,))
    yield Table("nn.LayerNorm", (4,), {"bias": [False]}, (FLAT,))
    yield Table("nn.RMSNorm", (4, 1e-3), {"elementwise_affine": [False]}, (FLAT,))
    yield Table("nn.Softmax", (), shapes=(FLAT, POSITIONS[2], POSITIONS[3]))
    yield Table("nn.Softmax2d", (), shapes=(POSITIONS[2],))
    for groups in (1, 2, 4):
        grouped: dict[str, list[Written]] = {"eps": [1e-3], "affine": [False], "bias": [False]}
        yield Table("nn.GroupNorm", (groups, 4), grouped, (FLAT, POSITIONS[2]))
    yield Table("nn.PReLU", (), {"num_parameters": [4], "init": [0.1]}, EVERYWHERE)
    yield Table("nn.Linear", (4, 3), {"bias": [False]}, (FLAT,))
    yield Table("nn.LazyLinear", (3,), {"bias": [False]}, (FLAT,))
    for word in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid"):
        yield Table(f"nn.{word}", (), {"inplace": [True]}, (FLAT, POSITIONS[2]))
    for word in ("Sigmoid", "LogSigmoid", "Tanh", "Softsign", "Flatten"):
        yield Table(f"nn.{word}", (), shapes=(FLAT, POSITIONS[2]))
    yield Table("nn.GELU", (), {"approximate": ["none", "tanh"]}, (FLAT,))
    yield Table("nn.LeakyReLU", (), {"negative_slope": [0.3, -0.5, 1]}, (FLAT,))
    yield Table("nn.ELU", (), {"alpha": [2.0, -1.0, 0]}, (FLAT,))
    yield Table("nn.CELU", (), {"alpha": [2.0, 0.5]}, (FLAT,))
    yield Table("nn.Hardtanh", (), {"min_val": [-2.0, 0.5], "max_val": [0.7, 6]}, (FLAT,))
    yield Table("nn.Softplus", (), {"beta": [0.5, 2], "threshold": [30]}, (FLAT,))
    yield Table("nn.Identity", (), {"anything": [3]}, (FLAT, POSITIONS[2]))
    yield Table("nn.Dropout", (), {"p": [0.2, 0.0], "inplace": [True]}, (FLAT, POSITIONS[2]))
    for word in ("UpsamplingNearest2d", "UpsamplingBilinear2d"):
        for given in ((None, 2), (None, (2, 3)), ((18, 16),)):
            yield Table(f"nn.{word}", given, shapes=(POSITIONS[2],))


TABLES = [*(table for axes, shape in POSITIONS.items() for table in _each(axes, shape)), *_anywhere()]

TWO = POSITIONS[2]
BOTH_REFUSE: list[Case] = [
    *(
        (text, TWO)
        for text in (
            *("nn.Conv2d(64)", "nn.Conv2d(4, 6)", "nn.AvgPool2d()", "nn.BatchNorm2d()", "nn.Linear(4)", "nn.GroupNorm(2)"),
            *(
                "nn.Conv2d(3, 6, 3)",
                "nn.Conv2d(4, 6, 3, groups=4)",
                "nn.Conv2d(4, 6, 3, padding='full')",
                "nn.Conv2d(4, 6, 12)",
            ),
            *("nn.Conv2d(4, 6, 3, 2, 'same')", "nn.Conv2d(4, 6, 3, padding_mode='mirror')", "nn.Conv2d(4, 6, (3,))"),
            *("nn.Conv2d(4, 6, (3, 3, 3))", "nn.Conv2d(4, 6, 3, padding=(1,), padding_mode='reflect')"),
            *("nn.Conv2d(4, 6, (None, 3))", "nn.Conv2d(4, 6, 3, padding=8, padding_mode='reflect')", "nn.Conv2d(4, 6, 0)"),
            *(
                "nn.Conv2d(4, 6, 3, strides=2)",
                "nn.Conv2d(4, 6, 3, 1, 0, 1, 1, True, 'zeros', None, None, 7)",
                "nn.Conv1d(4, 6, 3)",
            ),
            *("nn.ConvTranspose2d(4, 6, 3, output_padding=1)", "nn.ConvTranspose2d(4, 6, 3, (2, 1), output_padding=1)"),
            *("nn.ConvTranspose2d(4, 6, 3, padding_mode='reflect')", "nn.ConvTranspose2d(4, 6, (3,))"),
            *(
                "nn.BatchNorm1d(4)",
                "nn.BatchNorm3d(4)",
                "nn.BatchNorm2d(8)",
                "nn.InstanceNorm2d(8, affine=True)",
                "nn.GroupNorm(3, 4)",
            ),
            *("nn.GroupNorm(2, 8)", "nn.LayerNorm(4)", "nn.LayerNorm((4, 8, 9))", "nn.BatchNorm2d(4, eps=-1.0)"),
            *(
                "nn.MaxPool2d(2, padding=2)",
                "nn.MaxPool2d(3, padding=2, dilation=2)",
                "nn.AvgPool2d(2, padding=2)",
                "nn.MaxPool1d(2)",
            ),
            *("nn.MaxPool2d(10)", "nn.MaxPool2d(2, 0)", "nn.AdaptiveAvgPool2d((1,))", "nn.AdaptiveAvgPool2d(None)"),
            *(
                "nn.AdaptiveAvgPool2d()",
                "nn.ZeroPad2d((1,))",
                "nn.ReflectionPad2d(8)",
                "nn.CircularPad2d(9)",
                "nn.ConstantPad2d(1)",
            ),
            *(
                "nn.Upsample()",
                "nn.Upsample(2, 2)",
                "nn.Upsample(scale_factor=2, align_corners=False)",
                "nn.Upsample(scale_factor=(2,))",
            ),
            *("nn.Upsample(scale_factor=2, mode='linear')", "nn.Upsample(18, recompute_scale_factor=True)"),
            *("nn.Flatten(1, 7)", "nn.Flatten(-7)", "nn.Flatten(2, 1)", "nn.Softmax(4)", "nn.PReLU(3)", "nn.Hardtanh(1, 1)"),
            *(
                "nn.CELU(0.0)",
                "nn.Dropout(1.5)",
                "nn.Dropout(-0.1)",
                "nn.GELU('fast')",
                "nn.Linear(9, 3)",
                "nn.Dropout(0.5, False, 1)",
            ),
            *(
                "nn.Conv2d(4, 6, 3), nn.Linear(252, 3)",
                "nn.Conv2d(4, 6, 3), nn.BatchNorm2d(4)",
                "nn.Softmax2d(1)",
                "nn.ReLU(1, 2)",
            ),
        )
    ),
    ("nn.AdaptiveAvgPool1d((None,))", POSITIONS[1]),
    ("nn.MaxPool1d(3, padding=2, dilation=2)", POSITIONS[1]),
    ("nn.Linear(3, 4)", FLAT),
]
"""What PyTorch refuses, at once or for that input, and so is refused here."""

OURS_ALONE: dict[str, str] = {
    "nn.Dropout(1.0)": "from 0 to below 1",
    "nn.BatchNorm2d(4, momentum=None)": "averages all batches alike",
    "nn.BatchNorm2d(4, momentum=1.5)": "out of range here",
    "nn.GroupNorm(2, 6, affine=False)": "takes 6 channels; 4 flow into it",  # unused there, and surely not meant
    "nn.InstanceNorm2d(6)": "takes 6 channels; 4 flow into it",
    "nn.LayerNorm(8)": "normalises over the last axes",
    "nn.RMSNorm((4, 9, 8))": "over channels and positions is not one of the layers here",
    "nn.Linear(8, 3)": "acts along its last axis in PyTorch",
    "nn.Softmax(-1)": "not along the channels",
    "nn.Flatten(2)": "of some axes is not one of the layers here",
    "nn.Conv2d(4, 6, 3), nn.LazyLinear(3)": "acts along its last axis in PyTorch",
    "nn.AdaptiveAvgPool2d(5)": "blocks of equal size",
    "nn.AvgPool2d(2, divisor_override=3)": "cannot be read here",
    "nn.ZeroPad2d(-1)": "wrong value",
    "nn.ConstantPad2d(1, 0.5)": "with a value is not one of the layers here",
    "nn.Upsample(scale_factor=1.5)": "wrong value",
    "nn.Upsample(scale_factor=2, mode='bicubic')": "wrong value",
    "nn.Softplus(1, 10)": "cuts the curve",
    "nn.CELU(-1.0)": "out of range here",
    "nn.Hardshrink()": "cannot be said in a chain",
    "nn.PixelShuffle(2)": "cannot be said in a chain",
    "nn.AlphaDropout()": "cannot be said in a chain",
    "nn.LocalResponseNorm(2)": "cannot be said in a chain",
}
"""What PyTorch takes on an input of 2×4×9×8 and chains cannot say, and a part of what is said about it."""

DIFFERENT: dict[str, str] = {
    "nn.Conv2d(4, 4, 3, padding=1)": "nn.Conv2d(4, 4, 3, padding=1, padding_mode='circular')",
    "nn.Conv2d(4, 4, 2, padding='same')": "nn.ZeroPad2d((1, 0, 1, 0)), nn.Conv2d(4, 4, 2)",
    "nn.Conv2d(4, 4, 3)": "nn.Conv2d(4, 4, 3, bias=False)",
    "nn.ConvTranspose2d(4, 4, 3, padding=1)": "nn.Conv2d(4, 4, 3, padding=1)",
    "nn.BatchNorm2d(4)": "nn.BatchNorm2d(4, eps=1e-3)",
    "nn.BatchNorm2d(4, momentum=0.2)": "nn.BatchNorm2d(4)",
    "nn.BatchNorm2d(4, track_running_stats=False)": "nn.InstanceNorm2d(4, affine=True)",
    "nn.InstanceNorm2d(4, momentum=0.2, track_running_stats=True)": "nn.InstanceNorm2d(4, track_running_stats=True)",
    "nn.GroupNorm(2, 4)": "nn.GroupNorm(1, 4)",
    "nn.AvgPool2d(3, 2, 1)": "nn.AvgPool2d(3, 2, 1, count_include_pad=False)",
    "nn.MaxPool2d(3, 2)": "nn.MaxPool2d(3, 2, ceil_mode=True)",
    "nn.Upsample(None, 2, 'bilinear')": "nn.Upsample(None, 2, 'bilinear', True)",
    "nn.ZeroPad2d((1, 2, 0, 0))": "nn.ZeroPad2d((2, 1, 0, 0))",
    "nn.GELU()": "nn.GELU('tanh')",
    "nn.LeakyReLU()": "nn.LeakyReLU(0.02)",
    "nn.PReLU()": "nn.PReLU(4)",
}
"""Layers of PyTorch, and others that must not be taken for them."""
