"""The random networks: all build, every layer and argument occurs, interesting cases are common, and the sites are few."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bnproof.chain.build import Built, build
from bnproof.chain.kinds import KINDS as LAYER_KINDS
from bnproof.chain.layers import LAYERS
from bnproof.chain.parse import parse
from bnproof.chain.shapes import Place, walk

from .generate import DEEPEST, LARGEST, Network, generate
from .menus import PADDINGS

SEEDS = 3000
SITES = 1650
"""At most so many layers with their arguments and input shapes; 10,000 seeds have no more than that either."""

CONVOLUTIONS = {"conv1d", "conv", "conv3d", "depthwise"}
TRANSPOSED = {"convtranspose", "convtranspose1d", "convtranspose3d"}
NORMS = {"bn", "brn", "ln", "gn", "in", "rms"}
ACTIVATIONS = {token for token, kind in LAYER_KINDS.items() if kind.curve not in (None, "joint")}
KINDS = {
    "conv": CONVOLUTIONS,
    "bias": {*CONVOLUTIONS, *TRANSPOSED, "linear"},
    "norm": NORMS,
    "act": ACTIVATIONS,
    "block": {"residual", "add", "concat"},
    "globalpool": {"globalpool", "globalmaxpool", "adaptiveavgpool", "adaptivemaxpool"},
    "around": {"zeropad", "circularpad", "reflectpad", "replicatepad"},
}

VALUES: dict[tuple[str, str], set[object]] = {
    **{(token, "pad"): set(PADDINGS) for token in CONVOLUTIONS},
    ("conv1d", "pad"): {*PADDINGS, "same", "causal", 1},
    ("conv", "pad"): {*PADDINGS, "same", 1, (1, 0), (0, 2)},
    **{(token, "padding_mode"): {"zeros", "circular", "reflect", "replicate"} for token in ("conv1d", "conv")},
    ("depthwise", "pad"): {*PADDINGS, "same"},
    ("depthwise", "multiplier"): {1, 2},
    ("convtranspose", "pad"): {"zeros", "valid"},
    ("convtranspose1d", "pad"): {"zeros", "same", 1},
    **{(token, "bias"): {True, False} for token in KINDS["bias"]},
    **{(token, "k"): {1, 2, 3} for token in (*CONVOLUTIONS, "convtranspose")},
    ("conv", "k"): {1, 2, 3, (3, 1), (2, 1), (1, 3)},
    **{(token, "s"): {1, 2} for token in (*CONVOLUTIONS, "convtranspose")},
    **{(token, "groups"): {1, 2} for token in ("conv1d", "conv", "conv3d", "convtranspose")},
    **{(token, "channels"): {2, 4} for token in ("conv1d", "conv", "convtranspose")},
    **{(token, "dilation"): {1, 2} for token in (*CONVOLUTIONS, "convtranspose")},
    ("linear", "features"): {2, 4},
    **{(token, "eps"): {1e-5, 0.001} for token in NORMS - {"rms", "brn"}},
    ("rms", "eps"): {1e-5, 0.1},
    ("bn", "momentum"): {0.1, 0.3, 1.0},
    ("gn", "groups"): {1, 2, 4},
    **{("bn", argument): {True, False} for argument in ("gamma", "beta", "track")},
    ("bn", "variance"): {"twopass", "onepass"},
    ("in", "track"): {True, False},
    ("ln", "over"): {"channels", "all"},
    ("prelu", "over"): {"one", "channels", "all"},
    ("gelu", "approximate"): {"none", "tanh"},
    ("upsample", "mode"): {"nearest", "bilinear"},
    ("upsample", "align_corners"): {True, False},
    ("globalpool", "keepdims"): {True, False},
    ("lrelu", "a"): {0.01, 1.0, 0.0, -0.5},
    ("maxpool", "k"): {2, 3, 4, 5},
    ("maxpool", "s"): {None, 1, 2},
    ("maxpool", "pad"): {0, 1, 2, "same"},
    ("maxpool", "dilation"): {1, 2},
    **{(token, "ceil"): {True, False} for token in ("maxpool", "avgpool")},
    ("avgpool", "k"): {2, 3, 4, 5},
    ("avgpool", "s"): {None, 1, 2},
    ("avgpool", "pad"): {0, 1, 2, "same"},
    ("avgpool", "count_include_pad"): {True, False},
    ("dropout", "p"): {0.5, 0.25, 0.0},
    ("upsample", "scale"): {2, 3},
    ("attention", "heads"): {1, 2},
    ("attention", "rope"): {True, False},
}
"""Argument values that must occur."""


@cache
def networks() -> list[tuple[Network, Built]]:
    return [(network, build(network.text)) for network in map(generate, range(SEEDS))]


def layers(built: Built) -> list[Place]:
    return [here for here in walk(built.places) if not here.branches]


def runs(places: tuple[Place, ...]) -> list[tuple[Place, ...]]:
    """The sequences of layers: the chain itself and every branch."""
    return [places, *(run for here in places for branch in here.branches for run in runs(branch))]


def is_kind(here: Place, kind: str) -> bool:
    if kind == "bias" and not here.layer.arguments.get("bias"):
        return False
    return here.layer.token in KINDS.get(kind, {kind})


def has(built: Built, *kinds: str) -> bool:
    """Whether layers of these kinds stand one after the other somewhere."""
    return any(
        all(is_kind(here, kind) for here, kind in zip(run[at:], kinds, strict=False))
        for run in runs(built.places)
        for at in range(len(run) - len(kinds) + 1)
    )


def share(*kinds: str) -> float:
    return sum(has(built, *kinds) for _, built in networks()) / SEEDS


def test_every_network_is_small_and_its_text_is_the_canonical_one() -> None:
    for network, built in networks():
        assert str(parse(network.text)) == network.text
        assert 2 <= len(layers(built)) <= LARGEST
        assert network.text.count("@") == 1


def test_blocks_are_nested_and_never_too_deeply() -> None:
    def depth(places: tuple[Place, ...]) -> int:
        return max((1 + max(map(depth, here.branches)) for here in places if here.branches), default=0)

    depths = Counter(depth(built.places) for _, built in networks())
    assert max(depths) == DEEPEST
    assert all(depths[d] >= SEEDS / 100 for d in range(DEEPEST + 1))


def test_some_add_and_some_concat_has_three_branches() -> None:
    found = {(here.layer.token, len(here.branches)) for _, built in networks() for here in walk(built.places)}
    assert {("residual", 1), ("add", 2), ("add", 3), ("concat", 2), ("concat", 3)} <= found


@pytest.mark.parametrize("token", LAYERS)
def test_every_layer_occurs(token: str) -> None:
    assert sum(any(here.layer.token == token for here in walk(built.places)) for _, built in networks()) >= SEEDS / 200


@pytest.mark.parametrize(("token", "argument"), sorted(VALUES))
def test_every_value_occurs(token: str, argument: str) -> None:
    found = {h.layer.arguments[argument] for _, b in networks() for h in layers(b) if h.layer.token == token}
    assert found >= VALUES[token, argument]


@pytest.mark.parametrize(("mode", "least"), [("train", 0.55), ("eval", 0.15), ("frozen", 0.15)])
def test_modes(mode: str, least: float) -> None:
    assert sum(network.mode == mode for network, _ in networks()) >= least * SEEDS


@pytest.mark.parametrize("dimensions", [0, 1, 2, 3])
def test_every_number_of_dimensions(dimensions: int) -> None:
    assert sum(len(built.input_shape) == dimensions + 2 for _, built in networks()) >= 0.04 * SEEDS


def test_batches_of_one_and_single_positions() -> None:
    shapes = [built.input_shape for _, built in networks()]
    assert sum(shape[0] == 1 for shape in shapes) >= 0.03 * SEEDS
    single = [any(len(h.shape) > 2 and set(h.shape[2:]) == {1} for h in layers(built)) for _, built in networks()]
    assert sum(single) >= 0.05 * SEEDS


@pytest.mark.parametrize(
    ("kinds", "least"),
    [
        (("bias", "norm"), 0.25),
        (("bias", "conv", "norm"), 0.1),
        (("bias", "conv", "bn"), 0.04),
        *((("bias", between, "norm"), 0.01) for between in ("maxpool", "avgpool", "upsample", "flatten", "attention")),
        *((("bias", between, "norm"), 0.015) for between in ("residual", "add", "concat", "globalpool")),
        (("bias", "act", "norm"), 0.03),
        (("bias", "relu", "norm"), 0.015),
        (("bias", "softmax"), 0.02),
        (("bias", "norm", "norm"), 0.02),
        (("flatten", "bn"), 0.005),
        (("flatten", "ln"), 0.002),
        (("globalpool", "bn"), 0.01),
        (("attention", "ln"), 0.003),
        (("attention", "norm"), 0.02),
        (("block", "norm"), 0.06),
    ],
)
def test_interesting_cases_are_common(kinds: tuple[str, ...], least: float) -> None:
    assert share(*kinds) >= least


@pytest.mark.parametrize("pad", PADDINGS)
def test_every_padding_stands_between_a_bias_and_a_norm(pad: str) -> None:
    def between(run: tuple[Place, ...]) -> bool:
        return any(
            is_kind(a, "bias") and is_kind(b, "conv") and is_kind(c, "norm") and b.layer.arguments["pad"] == pad and wide(b)
            for a, b, c in zip(run, run[1:], run[2:], strict=False)
        )

    def wide(here: Place) -> bool:
        k = here.layer.arguments["k"]
        return isinstance(k, int) and k > 1

    assert sum(any(map(between, runs(built.places))) for _, built in networks()) >= 0.008 * SEEDS


def test_some_pool_windows_cover_every_position_and_some_strides_skip_the_padding() -> None:
    def covering(here: Place) -> bool:
        """Whether the first and the last window both contain all positions."""
        if here.layer.token not in ("maxpool", "avgpool"):
            return False
        k, pad = here.layer.arguments["k"], here.layer.arguments["pad"]
        s = here.layer.arguments["s"] or k
        if not (isinstance(k, int) and isinstance(pad, int) and isinstance(s, int)):
            return False
        sizes = zip(here.shape[2:], here.plan.output[2:], strict=True)
        return all(k - pad >= size and (output - 1) * s <= pad for size, output in sizes)

    def skipping(here: Place) -> bool:
        """Whether a zero-padded convolution leaves out the padding on the far side."""
        if here.layer.token not in CONVOLUTIONS or here.layer.arguments["pad"] != "zeros":
            return False
        reach, s = (here.layer.integer("k") - 1) * here.layer.integer("dilation"), here.layer.integer("s")
        sizes = zip(here.shape[2:], here.plan.output[2:], strict=True)
        return reach > 1 and any((output - 1) * s + reach - reach // 2 < size for size, output in sizes)

    assert sum(any(map(covering, layers(built))) for _, built in networks()) >= 0.02 * SEEDS
    assert sum(any(map(skipping, layers(built))) for _, built in networks()) >= 0.005 * SEEDS


def test_sites_are_few() -> None:
    sites = {(str(here.layer), here.shape) for _, built in networks() for here in layers(built)}
    assert len(sites) <= SITES


def test_the_same_seed_is_the_same_network_in_another_process() -> None:
    program = "from tests.soak.generate import generate\nfor seed in range(300): print(generate(seed))"
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join([root, *sys.path])}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [str(network) for network, _ in networks()[:300]]


def test_different_seeds_are_different_networks() -> None:
    assert len({network for network, _ in networks()}) >= 0.9 * SEEDS
