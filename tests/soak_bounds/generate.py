"""Random chains for the soak of the round-off bounds: every kind of case, with random sizes, from 2 values together upwards."""

from __future__ import annotations

import random

from bnproof.decide.checking.cases import Case
from bnproof.decide.checking.suites import coarse
from bnproof.numeric.roundoff.precision import HALF

ZEROS = (
    "linear({c}) -> bn{v} @ {n}x{f}|linear1.bias",
    "conv1d({c}, k={k}) -> bn{v} @ {b}x{f}x{w}|conv1d1.bias",
    "conv({c}, k={k}) -> bn{v} @ {b}x{f}x{h}x{w}|conv1.bias",
    "conv({c}, k={k}, s=2) -> bn{v} @ {b}x{f}x{h}x{w}|conv1.bias",
    "conv({c}, k=3, dilation=2) -> bn @ {b}x{f}x{h}x{w}|conv1.bias",
    "conv({c2}, k={k}, groups=2) -> bn @ {b}x{f2}x{h}x{w}|conv1.bias",
    "depthwise(k={k}) -> bn{v} @ {b}x{f}x{h}x{w}|depthwise1.bias",
    "convtranspose({c}, k={k}, s={s}) -> bn @ {b}x{f}x{h}x{w}|convtranspose1.bias",
    "conv3d({c}, k={k}) -> bn @ {b}x{f}x2x{h}x{w}|conv3d1.bias",
    "conv({c}) -> maxpool -> bn @ {b}x{f}x{h2}x{w2}|conv1.bias",
    "conv({c}) -> avgpool -> bn @ {b}x{f}x{h2}x{w2}|conv1.bias",
    "conv({c}) -> conv({c}, pad=valid) -> bn @ {b}x{f}x{h3}x{w3}|conv1.bias",
    "conv({c}) -> conv({c}, pad=circular) -> bn @ {b}x{f}x{h}x{w}|conv1.bias",
    "conv({c}) -> conv({c}, pad=replicate) -> bn @ {b}x{f}x{h}x{w}|conv1.bias",
    "conv({c}) -> upsample -> bn @ {b}x{f}x{h}x{w}|conv1.bias",
    "residual(conv({f})) -> bn @ {b}x{f}x{h}x{w}|conv1.bias",
    "concat(conv({c}); conv({c})) -> bn @ {b}x{f}x{h}x{w}|conv2.bias",
    "conv({c}) -> bn -> relu -> globalpool -> linear(3) @ {b}x{f}x{h}x{w}|conv1.bias",
    "conv({c}) -> in @ {b}x{f}x{h2}x{w2}|conv1.bias",
    "conv({c}) -> ln @ {b}x{f}x{h}x{w}|conv1.bias|mean",
    "conv({c2}) -> gn(2) @ {b}x{f}x{h}x{w}|conv1.bias|groups",
    "attention @ {b}x{f2}x{w}|attention1.k.bias",
)
CONTROLS = (
    "linear({c}) -> relu -> bn @ {n}x{f}|linear1.bias",
    "conv({c}) -> relu -> bn @ {b}x{f}x2x2|conv1.bias",
    "conv({c}) -> lrelu(0.1) -> bn @ {b}x{f}x2x2|conv1.bias",
    "conv({c}) -> gelu -> bn @ {b}x{f}x2x2|conv1.bias",
    "conv({c}) -> dropout(0.5) -> bn @ {b}x{f}x2x2|conv1.bias",
    "conv({c}) -> bn @ {b}x{f}x2x2|conv1.bias|entries|eval",
    "conv({c}) -> bn @ {b}x{f}x2x2|conv1.bias|entries|frozen",
    "conv({c}) -> conv({c}) -> bn @ {b}x{f}x2x2|conv1.bias",
    "conv({c}) -> rms @ {b}x{f}x2x2|conv1.bias",
    "linear({c}) -> bn -> relu -> linear(3) @ {n}x{f}|linear2.bias",
)


def case(seed: int, dtype: str) -> Case:
    """The seed's case: two in three are proved zeros. Half types get sizes at which they can tell."""
    rng = random.Random(f"{seed} {dtype}")
    half = dtype in HALF
    template = rng.choice(ZEROS) if seed % 3 else rng.choice(CONTROLS)
    h, w, f, c = rng.randint(2, 3 if half else 6), rng.randint(2, 4 if half else 7), rng.randint(1, 4), rng.randint(1, 4)
    text = template.format(
        n=rng.choice((3, 4, 8, 16) if half else (3, 4, 8, 16, 64, 500)),
        b=rng.randint(2, 3 if half else 4),
        c=c,
        f=f,
        c2=2 * c,
        f2=2 * f,
        h=h,
        w=w,
        h2=2 * h,
        w2=2 * w,
        h3=h + 2,
        w3=w + 2,
        k=rng.choice((1, 3)),
        s=rng.randint(1, 2),
        v=rng.choice(("", "", "(variance=onepass)")),
    )
    chain, bias, *rest = text.split("|")
    along, mode = (*rest, "entries", "train")[0], (rest[1] if len(rest) > 1 else "train")
    found = Case(chain, bias, mode, along)  # type: ignore[arg-type]
    return coarse(found) if half else found
