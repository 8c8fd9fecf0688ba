"""Random programs in which a bias drops out: layers, a normalisation that takes no notice of it, and whatever follows.

The statement is true by construction: the bias is the same wherever the normalisation takes its mean (or, for a softmax, wherever it
sums), and so is what the layers between make of it. `draw` gives numbers that are hostile to round-off.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np

from bnproof.numeric.checking.subject import Subject

from .layers import ACTIVATIONS, MEANS, NORMS, convolved, pooled, two_pass
from .numbers import Numbers, epsilon, gain, inputs, power

Step = Callable[[Any, Any], Any]
"""(params, z) → z."""
LARGEST = 1500
"""Numbers in an input, but for a few long sums."""


@dataclass
class Draft:
    """A structure being made: its shape so far, the channel's axis, what is done, in words and in steps, and its parameters."""

    rng: random.Random
    dtype: str
    shape: list[int]
    channel: int
    words: list[str] = field(default_factory=list[str])
    steps: list[Step] = field(default_factory=list[Step])
    params: dict[str, tuple[Numbers, tuple[int, ...]]] = field(default_factory=dict[str, tuple[Numbers, tuple[int, ...]]])

    def param(self, numbers: Numbers, shape: tuple[int, ...]) -> str:
        name = f"p{len(self.params)}"
        self.params[name] = (numbers, shape)
        return name

    def do(self, words: str, step: Step) -> None:
        self.words.append(words)
        self.steps.append(step)

    @property
    def channels(self) -> int:
        return self.shape[self.channel]

    @property
    def spatial(self) -> list[int]:
        return [a for a in range(1, len(self.shape)) if a != self.channel]

    @property
    def layout(self) -> str:
        return "NCHW" if self.channel == 1 else "NHWC"

    def along(self, v: Any) -> Any:
        """A vector with an entry for each channel, to be broadcast."""
        return v.reshape([-1 if a == self.channel else 1 for a in range(len(self.shape))])


def weights(rng: random.Random) -> Numbers:
    return Numbers("normal", 1.0 if rng.random() < 0.8 else power(rng, -3, 3), 0.0)


def linear(d: Draft, standardised: bool = False) -> None:
    """A product with a matrix along the channel's axis, a 1×1 or 3×3 convolution, or none: the bias is added to the input itself."""
    rng, axis = d.rng, d.channel
    kind = rng.choice(
        ["matrix", "conv", "conv", "identity conv", "depthwise", "none"] if len(d.shape) == 4 else ["matrix", "matrix", "none"]
    )
    outputs = d.channels if kind in ("identity conv", "depthwise", "none") else rng.randint(1, 5)
    k = rng.choice([1, 3])
    if kind == "matrix":
        w = d.param(weights(rng), (d.channels, outputs))
        d.do(
            "matrix",
            lambda p, z: jnp.moveaxis(
                jnp.tensordot(z, _standard(p[w], (0,)) if standardised else p[w], ((axis,), (0,))), -1, axis
            ),
        )
    elif kind != "none":
        layout, groups = d.layout, d.channels if kind == "depthwise" else 1
        inside = d.channels // groups
        shape = (outputs, inside, k, k) if layout == "NCHW" else (k, k, inside, outputs)
        if kind == "identity conv":
            shape = (outputs, inside, 1, 1) if layout == "NCHW" else (1, 1, inside, outputs)
            eye = np.eye(outputs).reshape(shape)
            d.do(f"identity conv {layout}", lambda p, z: convolved(z, jnp.asarray(eye, z.dtype), layout))
        else:
            w = d.param(weights(rng), shape)
            axes = (1, 2, 3) if layout == "NCHW" else (0, 1, 2)
            d.do(
                f"{kind} {k} {layout}",
                lambda p, z: convolved(z, _standard(p[w], axes) if standardised else p[w], layout, groups),
            )
    d.shape[axis] = outputs


def _standard(w: Any, axes: tuple[int, ...]) -> Any:
    return two_pass(w, axes, 1e-5, MEANS["mean"])


def _transposed(d: Draft) -> None:
    if len(d.shape) != 4:
        return
    order = (0, 2, 3, 1) if d.channel == 1 else (0, 3, 1, 2)
    d.shape, d.channel = [d.shape[a] for a in order], 3 if d.channel == 1 else 1
    d.do("transpose", lambda _, z: z.transpose(order))


def _flat(d: Draft) -> None:
    if len(d.shape) != 4:
        return
    n, c, size = d.shape[0], d.channels, math.prod(d.shape[a] for a in d.spatial)
    d.shape = [n, c, size] if d.channel == 1 else [n, size, c]
    d.channel = 1 if d.channel == 1 else 2
    shape = tuple(d.shape)
    d.do("reshape", lambda _, z: z.reshape(shape))


def _pool(d: Draft) -> None:
    if len(d.shape) != 4 or any(d.shape[a] < 2 for a in d.spatial):
        return
    kind, spatial = d.rng.choice(["max", "average"]), tuple(d.spatial)
    d.shape = [n // 2 if a in spatial else n for a, n in enumerate(d.shape)]
    d.do(f"{kind} pool", lambda _, z: pooled(z, spatial, kind))


def _add(d: Draft) -> None:
    """Another tensor added: it may be far larger than what is normalised."""
    other = d.param(inputs(d.rng, d.dtype), tuple(d.shape))
    d.do("+ other", lambda p, z: z + p[other])


def _scale(d: Draft) -> None:
    s = d.param(Numbers("signs", power(d.rng, -4, 4), 0.0), ())
    d.do("scale", lambda p, z: p[s] * z)


def _twice(d: Draft) -> None:
    d.shape[0] *= 2
    d.do("concatenate", lambda _, z: jnp.concatenate((z, z[::-1]), 0))


def _reverse(d: Draft) -> None:
    a = d.rng.randrange(len(d.shape))
    if a != d.channel:
        d.do("roll", lambda _, z: jnp.roll(z, 1, a))


def _narrow(d: Draft) -> None:
    """float64 through float32."""
    if d.dtype == "float64":
        d.do("float32", lambda _, z: z.astype(jnp.float32))


BETWEEN: list[Callable[[Draft], None]] = [_transposed, _flat, _pool, _add, _scale, _twice, _reverse, _narrow]


def normalise(d: Draft, over: str, group: int = 1) -> None:
    """A normalisation over all axes but the channel's (bn), over the spatial ones (in), over all but the first (ln), or in groups."""
    rng, form, mu, eps = (
        d.rng,
        d.rng.choice([*NORMS, *["two-pass", "two-pass div"] * 3]),
        d.rng.choice(list(MEANS)),
        epsilon(d.rng),
    )
    if form in ("softmax", "log softmax"):
        eps = 0.0
    norm, average, channel, rank = NORMS[form], MEANS[mu], d.channel, len(d.shape)
    axes = {
        "bn": [a for a in range(rank) if a != channel],
        "in": d.spatial,
        "ln": list(range(1, rank)),
        "channels": [channel],
        "gn": [],
    }[over]
    upward = d.dtype in ("bfloat16", "float16") and rng.random() < 0.4
    shape = list(d.shape)
    split = [*shape[:channel], group, shape[channel] // group, *shape[channel + 1 :]]
    grouped = [a for a in range(1, rank + 1) if a != channel]

    def run(_: Any, z: Any) -> Any:
        dtype = z.dtype
        z = z.astype(jnp.float32) if upward else z
        y = norm(z.reshape(split), grouped, eps, average).reshape(shape) if over == "gn" else norm(z, axes, eps, average)
        return y.astype(dtype)

    d.do(f"{over}({form}, {mu}, ε {eps:.1g}{', float32' if upward else ''})", run)
    if rng.random() < 0.7:
        g, b = d.param(gain(rng), (d.channels,)), d.param(Numbers("normal", power(rng, -2, 2), 0.0), (d.channels,))
        along = tuple(-1 if a == channel else 1 for a in range(rank))
        d.do(
            f"γ {d.params[g][0].scale:.1g}",
            lambda p, z: z * p[g].astype(z.dtype).reshape(along) + p[b].astype(z.dtype).reshape(along),
        )


def follow(d: Draft) -> None:
    """Something after the normalisation."""
    rng = d.rng
    kind = rng.choice(["activation"] * 5 + ["linear", "norm", "mean", "pool", "softmax", "square sum"])
    if kind == "activation":
        name = rng.choice(list(ACTIVATIONS))
        d.do(name, lambda _, z: ACTIVATIONS[name](z))
    elif kind == "linear":
        linear(d)
    elif kind == "norm":
        normalise(d, rng.choice(["bn", "ln", "channels"]))
    elif kind == "mean" and d.spatial:
        spatial = tuple(d.spatial)
        d.shape = [1 if a in spatial else n for a, n in enumerate(d.shape)]
        d.do("global mean", lambda _, z: jnp.mean(z, spatial, keepdims=True))
    elif kind == "pool":
        _pool(d)
    elif kind == "softmax":
        axis = d.channel
        d.do("softmax", lambda _, z: NORMS["softmax"](z, (axis,), 0.0, MEANS["mean"]))
    elif kind == "square sum":
        d.shape = [d.shape[0]]
        d.do("square sum", lambda _, z: jnp.sum(z * z, tuple(range(1, z.ndim))))


def start(rng: random.Random, dtype: str) -> Draft:
    """An input's shape: long sums sometimes, images, images with the channels last, rows."""
    kind = rng.random()
    if kind < 0.05:
        return Draft(rng, dtype, [rng.choice([500, 1000, 4096, 10_000]), 1], 1)
    if kind < 0.4:
        return Draft(rng, dtype, [rng.choice([2, 3, 3, 4, 5, 8, 9, 16, 31, 33, 64, 200]), rng.randint(1, 5)], 1)
    while True:
        n, c, h, w = (
            rng.randint(1, 4),
            rng.choice([1, 2, 3, 4, 4, 6]),
            *(rng.choice([1, 2, 3, 4, 4, 5, 7, 8, 8, 16]) for _ in range(2)),
        )
        if n * c * h * w <= LARGEST:
            last = rng.random() < 0.4
            return Draft(rng, dtype, [n, h, w, c] if last else [n, c, h, w], 3 if last else 1)


def attention(rng: random.Random, dtype: str, seed: int) -> Subject:
    """The bias of the keys: it adds the same to all scores of a query."""
    n, length, width = rng.randint(1, 3), rng.randint(2, 9), rng.randint(1, 6)
    numbers, spread, act = inputs(rng, dtype), Numbers("normal", power(rng, -2, 2), 0.0), rng.choice(list(ACTIVATIONS))
    keep = rng.random() < 0.3

    def draw(g: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        params = {name: spread.draw(g, (width, width)) for name in "qkv"}
        return {**params, "b": g.normal(size=width)}, numbers.draw(g, (n, length, width))

    def run(p: Any, x: Any) -> Any:
        scores = jnp.einsum("nid,njd->nij", x @ p["q"], x @ p["k"] + p["b"]) / math.sqrt(width)
        if keep:
            scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, -jnp.inf)
        y = NORMS["softmax"](scores, (2,), 0.0, MEANS["mean"]) @ (x @ p["v"])
        return ACTIVATIONS[act](y)

    words = f"{seed}: attention{' causal' if keep else ''} -> {act} @ {n}x{length}x{width}, {_said(numbers)}"
    return Subject(words, "b", run, draw, "below", count=length)


def _said(numbers: Numbers) -> str:
    return f"{numbers.pattern} × {numbers.scale:.2g} + {numbers.offset:.2g}"


def structure(seed: int, dtype: str) -> Subject:
    """The seed's program in a dtype."""
    rng = random.Random(f"{seed} {dtype}")
    if rng.random() < 0.06:
        return attention(rng, dtype, seed)
    d = start(rng, dtype)
    given = list(d.shape)
    numbers = inputs(rng, dtype)
    linear(d, rng.random() < 0.15)
    over = rng.choice(["bn"] * 5 + ["in", "ln", "channels", "gn"])
    if over == "in" and not d.spatial:
        over = "bn"
    group = rng.choice([g for g in range(1, d.channels + 1) if d.channels % g == 0])
    channels = d.channels
    bias = Numbers("normal", rng.choice([1.0, 1.0, power(rng, -3, 3) if dtype == "float16" else power(rng, -6, 6)]), 0.0)
    along = tuple(-1 if a == d.channel else 1 for a in range(len(d.shape)))
    d.do("+ b", lambda p, z: z + p["b"].reshape(along))
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        rng.choice(BETWEEN)(d)
    if over == "in" and not d.spatial:
        over = "bn"
    normalise(d, over, group)
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        if len(d.shape) > 1:
            follow(d)
    groups = {"ln": 1, "channels": 1, "gn": group}.get(over)
    directions = None if groups is None else np.kron(np.eye(groups), np.ones(channels // groups)).reshape(groups, channels)
    steps, params = tuple(d.steps), dict(d.params)

    def draw(g: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        values = {name: of.draw(g, shape) if shape else of.draw(g, (1,)).reshape(()) for name, (of, shape) in params.items()}
        return {**values, "b": bias.draw(g, (channels,))}, numbers.draw(g, tuple(given))

    def run(p: Any, x: Any) -> Any:
        for step in steps:
            x = step(p, x)
        return x.astype(p["b"].dtype)

    words = f"{seed}: {' -> '.join(d.words)} @ {'x'.join(map(str, given))}, {_said(numbers)}, b × {bias.scale:.2g}"
    return Subject(words, "b", run, draw, "below", directions, count=max(2, math.prod(given) // channels))
