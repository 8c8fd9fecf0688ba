"""The one table of layers: names, aliases, and arguments with their defaults and ranges."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal

Value = int | float | bool | str | None
"""What an argument can be. None is a default that another argument decides: a pool's stride is its k."""

LARGEST = 10**12
"""No size or count is above this: shapes alone may be huge, but a typing slip of a hundred digits is refused."""

_FLAGS = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Argument:
    """One argument: its kind, its default, and its range low … high or the words it may be."""

    name: str
    kind: Literal["integer", "number", "word", "flag"]
    default: Value
    low: float = 0
    high: float = 0
    high_included: bool = True
    words: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What may be written for it, in words, for error messages."""
        match self.kind:
            case "integer":
                return f"a whole number, {self.low:.0f} or more"
            case "word":
                return f"one of {', '.join(self.words)}"
            case "flag":
                return "yes or no"
            case "number":
                return f"a number from {self.low:g} {'to' if self.high_included else 'to below'} {self.high:g}"

    def read(self, text: str) -> Value:
        """The value that `text` means. Raises ValueError for the wrong kind of value and for one out of range."""
        match self.kind:
            case "integer":
                if not re.fullmatch(r"\+?[0-9]{1,16}", text):
                    raise ValueError(text)
                return self._in_range(int(text))
            case "number":
                return self._in_range(float(text))
            case "word":
                if text not in self.words:
                    raise ValueError(text)
                return text
            case "flag":
                if text.lower() not in _FLAGS:
                    raise ValueError(text)
                return _FLAGS[text.lower()]

    def _in_range(self, value: float) -> float:
        inside = self.low <= value <= self.high and (self.high_included or value < self.high)
        if not inside:  # so NaN is refused too
            raise ValueError(value)
        return value


@dataclass(frozen=True)
class Signature:
    """A layer's arguments; the first `positional` may be given without a name. Blocks take branches instead."""

    arguments: tuple[Argument, ...] = ()
    positional: int = 0
    branches: tuple[int, float] = (0, 0)
    by_name: dict[str, Argument] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {argument.name: argument for argument in self.arguments})


LAYERS: dict[str, Signature] = {}
"""Every layer by its own name, which also names its parameters."""
ALIASES: dict[str, str] = {}
"""Other spellings of a layer's name."""


def layer(
    token: str,
    *arguments: Argument,
    positional: int | None = None,
    branches: tuple[int, float] = (0, 0),
    aliases: tuple[str, ...] = (),
) -> None:
    """Put a layer into the table. Raises ValueError for a name that is already there."""
    for name in (token, *aliases):
        if name in LAYERS or name in ALIASES:
            raise ValueError(f"the layer `{name}` is defined twice")
    LAYERS[token] = Signature(arguments, min(1, len(arguments)) if positional is None else positional, branches)
    ALIASES.update(dict.fromkeys(aliases, token))


def integer(name: str, default: int | None, low: int = 1) -> Argument:
    """An argument that is a whole number, `low` or more."""
    return Argument(name, "integer", default, low, LARGEST)


def number(name: str, default: float, low: float, high: float, below: bool = False) -> Argument:
    """An argument that is a number from `low` to `high`; `below` leaves `high` itself out."""
    return Argument(name, "number", default, low, high, not below)


def word(name: str, *words: str) -> Argument:
    """An argument that is one of `words`; the first is the default."""
    return Argument(name, "word", words[0], words=words)


def flag(name: str, default: bool) -> Argument:
    """An argument that is yes or no."""
    return Argument(name, "flag", default)


_STRIDED = (integer("k", 3), integer("s", 1))
_PADDED = word("pad", "zeros", "valid", "circular", "reflect", "replicate")
_CONVOLUTION = (
    integer("channels", 8),
    *_STRIDED,
    _PADDED,
    flag("bias", True),
    integer("groups", 1),
    integer("dilation", 1),
    flag("standardised", False),
)
_POOL = (integer("k", 2), integer("s", None), integer("pad", 0, low=0))
_EPS = number("eps", 1e-5, 0, 1000)  # ε = 0 is allowed: some theorems are about it

layer("conv", *_CONVOLUTION, aliases=("conv2d",))
layer("conv1d", *_CONVOLUTION)
layer("conv3d", *_CONVOLUTION)
layer(
    "convtranspose",
    integer("channels", 8),
    *_STRIDED,
    word("pad", "zeros", "valid"),  # the transposed convolution has no other padding in PyTorch either
    flag("bias", True),
    integer("groups", 1),
    integer("dilation", 1),
    aliases=("convtranspose2d", "deconv"),
)
# the channels are the input's, so depthwise(8) would be read in two ways: every argument needs its name
layer("depthwise", *_STRIDED, _PADDED, flag("bias", True), integer("dilation", 1), flag("standardised", False), positional=0)
layer("linear", integer("features", 8), flag("bias", True), aliases=("dense", "fc"))
layer(
    "bn",
    _EPS,
    number("momentum", 0.1, 0, 1),
    word("variance", "twopass", "onepass"),
    positional=2,
    aliases=("batchnorm", "batchnorm1d", "batchnorm2d"),
)
layer(
    "brn",
    number("rmax", 3, 1, 1e6),
    number("dmax", 5, 0, 1e6),
    _EPS,
    number("momentum", 0.1, 0, 1),
    positional=2,
    aliases=("batchrenorm",),
)
layer("ln", _EPS, aliases=("layernorm",))
layer("gn", integer("groups", 1), _EPS, aliases=("groupnorm",))
layer("in", _EPS, aliases=("instancenorm",))
layer("rms", _EPS, aliases=("rmsnorm",))
layer("relu")
layer("lrelu", number("a", 0.01, -1000, 1000), aliases=("leakyrelu",))
layer("gelu")
layer("silu", aliases=("swish",))
layer("sigmoid")
layer("tanh")
layer("softplus")
layer("softmax")
layer("maxpool", *_POOL)
layer("avgpool", *_POOL, flag("count_include_pad", True))
layer("globalpool")
layer("dropout", number("p", 0.5, 0, 1, below=True))
layer("upsample", integer("scale", 2))
layer("flatten")
layer("identity")
layer("attention", integer("heads", 1), flag("rope", False))
layer("residual", branches=(1, 1))
layer("add", branches=(2, math.inf))
layer("concat", branches=(2, math.inf))

ELSEWHERE: dict[str, str] = {
    "kernel": "k",
    "kernel_size": "k",
    "stride": "s",
    "strides": "s",
    "padding": "pad",
    "padding_mode": "pad",
    "filters": "channels",
    "out_channels": "channels",
    "out_features": "features",
    "units": "features",
    "use_bias": "bias",
    "epsilon": "eps",
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
    "same": "zeros",
    "constant": "zeros",
    "wrap": "circular",
    "edge": "replicate",
    "symmetric": "reflect",
}
"""What other libraries call an argument or a padding: used for hints only, so that one name stays the name."""
