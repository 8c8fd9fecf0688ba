"""Random trees of layers, for hypothesis: any layer, any arguments, whether or not the shapes fit."""

from __future__ import annotations

from hypothesis import strategies as st

from bnproof.chain.layers import LAYERS, Argument, Value
from bnproof.chain.tree import Chain, Layer, Shape


def values(argument: Argument) -> st.SearchStrategy[Value]:
    match argument.kind:
        case "integer":
            drawn: st.SearchStrategy[Value] = st.integers(int(argument.low), 4)
        case "number":
            drawn = st.floats(argument.low, argument.high, exclude_max=not argument.high_included)
        case "sizes":
            one = st.integers(int(argument.low), 4)
            drawn = one | st.lists(one, min_size=2, max_size=3).map(tuple)
            if argument.words:
                drawn = drawn | st.sampled_from(argument.words)
        case "word":
            drawn = st.sampled_from(argument.words)
        case "flag":
            drawn = st.booleans()
    return st.just(argument.default) | drawn


@st.composite
def layers(draw: st.DrawFn, deeper: int) -> Layer:
    tokens = [token for token, signature in LAYERS.items() if deeper or not signature.branches[1]]
    token = draw(st.sampled_from(tokens))
    signature = LAYERS[token]
    least, most = signature.branches
    if most:
        count = draw(st.integers(least, int(min(most, 3))))
        return Layer(token, {}, tuple(draw(blocks(deeper - 1)) for _ in range(count)))
    return Layer(token, {argument.name: draw(values(argument)) for argument in signature.arguments})


def blocks(deeper: int, most: int = 3) -> st.SearchStrategy[tuple[Layer, ...]]:
    return st.lists(layers(deeper), min_size=1, max_size=most).map(tuple)


SHAPES: st.SearchStrategy[Shape] = st.lists(st.integers(1, 9), min_size=2, max_size=5).map(tuple)


@st.composite
def chains(draw: st.DrawFn, depth: int = 2) -> Chain:
    return Chain(draw(blocks(depth, 4)), draw(st.none() | SHAPES))
