"""Text → tree: what is accepted, as what, and that nothing but ChainError comes of the rest."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnproof.chain.expressions import DEEPEST
from bnproof.chain.layers import ALIASES, LAYERS, flag, integer, layer
from bnproof.chain.parse import MOST_LAYERS, parse
from bnproof.chain.pointer import WIDEST
from bnproof.chain.tree import Chain
from bnproof.errors import BnproofError, ChainError

from .trees import chains

ACCEPTED = {
    "conv": "conv",
    "conv -> bn -> relu": "conv -> bn -> relu",
    "conv→bn  →relu": "conv -> bn -> relu",
    "  conv\n\t-> bn ": "conv -> bn",
    "Conv -> BatchNorm -> ReLU": "conv -> bn -> relu",
    "CONV2D -> batchNorm2d -> relu": "conv -> bn -> relu",
    "conv()": "conv",
    "conv(8, k=3, s=1, pad=zeros, bias=yes, groups=1, dilation=1)": "conv",
    "conv(16,k=5,s=2,pad=valid,bias=no,groups=1,dilation=2)": "conv(16, k=5, s=2, pad=valid, bias=no, dilation=2)",
    "conv(channels=16)": "conv(16)",
    "conv(2 * 8, k=7//2)": "conv(16)",
    "conv((3))": "conv(3)",
    "conv(3,)": "conv(3)",
    "conv(k=(3,5), pad=[1, 2],)": "conv(k=(3, 5), pad=(1, 2))",
    "conv(pad='same')": "conv(pad=same)",
    'conv(pad="valid", bias=False)': "conv(pad=valid, bias=no)",
    "maxpool(s=None)": "maxpool",
    "bn(eps=1e-05, momentum=1e-2)": "bn(momentum=0.01)",
    "conv  # the first\n-> bn  # and its norm": "conv -> bn",
    "c0: conv -> c1:conv->bn": "c0: conv -> c1: conv -> bn",
    "0: conv -> features.3: bn": "0: conv -> features.3: bn",
    "block: residual(block.conv: conv(3) -> bn)": "block: residual(block.conv: conv(3) -> bn)",
    "concat(a: conv; b: identity)": "concat(a: conv; b: identity)",
    "net = conv -> bn": "conv -> bn",
    "conv(bias=False)": "conv(bias=no)",
    "conv(bias=TRUE)": "conv",
    "conv(bias)": "conv",
    "bn(1e-3, 0.01)": "bn(0.001, 0.01)",
    "bn(momentum=0)": "bn(momentum=0.0)",
    "bn(eps=0, momentum=1)": "bn(0.0, 1.0)",
    "gn(2)": "gn(2)",
    "lrelu(-.5)": "lrelu(-0.5)",
    "lrelu(a=1)": "lrelu(1.0)",
    "dropout(0)": "dropout(0.0)",
    "avgpool(3, s=1, pad=1, count_include_pad=no)": "avgpool(3, s=1, pad=1, count_include_pad=no)",
    "avgpool(count_include_pad)": "avgpool",
    "attention(4)": "attention(4)",
    "attention(2, rope)": "attention(2, rope=yes)",
    "attention(rope=yes)": "attention(rope=yes)",
    "depthwise(k=5)": "depthwise(k=5)",
    "residual(conv -> bn)": "residual(conv -> bn)",
    "add(identity;conv)->relu": "add(identity; conv) -> relu",
    "concat(conv; bn ; residual( in ))": "concat(conv; bn; residual(in))",
    "conv @ 4x3x32x32": "conv @ 4x3x32x32",
    "linear @2 x 3": "linear @ 2x3",
    "linear @ 2048": "linear @ 2048",
    "linear @ 2×3": "linear @ 2x3",
}

REJECTED = (
    "conv -> ",
    "-> conv",
    "conv -> -> bn",
    "conv -> bn relu",
    "conv, bn",
    "conv -- bn",
    "conv --> bn",
    "conv > bn",
    "conv – bn",
    "conv | bn",
    "conv(",
    "conv)",
    "conv(3",
    "conv(3 -> bn",
    "conv(k=(3,)",
    "conv(3))",
    "conv(,3)",
    "conv(k)",
    "conv(k=)",
    "conv(k==3)",
    "conv(=3)",
    "conv(3; 4)",
    "conv(3 4)",
    "conv([3)",
    "conv(3]",
    "conv(k=(3,5)",
    "conv(k='3)",
    "conv(k=3.)",
    "conv(k=(3,'a'))",
    "conv(k=7/2)",
    "conv(k=1//0)",
    "conv(k=None)",
    "conv(k=lambda x: x)",
    "conv(3, *k)",
    "conv(k=3+)",
    "conv(k=((((3)))",
    "conv(k=" + "(" * (DEEPEST + 2) + "3" + ")" * (DEEPEST + 2) + ")",
    "conv(k=" + "-" * (DEEPEST + 2) + "3)",
    "conv(" + "1+" * 5000 + "1)",
    "conv(" + "2**" * 5000 + "1)",
    "conv((-8)**0.5)",
    "conv(9**64)",
    "conv(1%0)",
    "conv(1e999//3)",
    ": conv",
    "a b: conv",
    "a-b: conv",
    "a.: conv",
    "é: conv",
    "a: -> conv",
    "a: b: conv",
    "a: @ 4x3",
    "conv -> 'bn'",
    "conv +bn",
    "conv[0]",
    "{conv}",
    "conv(3x3)",
    "conv(k=3, k=3)",
    "conv(8, channels=8)",
    "conv(k=3, 8)",
    "conv(bias, 8)",
    "conv(8, 3)",
    "conv(-8)",
    "conv(1e3)",
    "conv(99999999999999)",
    "conv(bias=1)",
    "conv(relu)",
    "depthwise(8)",
    "relu(0)",
    "relu(conv -> bn)",
    "dropout(1)",
    "dropout(-0.1)",
    "bn(-1)",
    "bn(momentum=1.01)",
    "lrelu(nan)",
    "lrelu(inf)",
    "lrelu(a=nan)",
    "lrelu(a=infinity)",
    "bn(eps=yes)",
    "lrelu(1e999)",
    "convtranspose(pad=circular)",
    "residual",
    "residual -> conv",
    "residual()",
    "residual(;)",
    "residual(conv; bn)",
    "residual(conv ->)",
    "residual(conv, bn)",
    "residual(3)",
    "concat(conv)",
    "concat(conv; )",
    "concat(conv; bn",
    "conv @",
    "conv @ 4x",
    "conv @ 0x3",
    "conv @ 4x-3",
    "conv @ 4*3",
    "conv @ 1x1x1x1x1x1",
    "conv @ 4x3 -> bn",
    "conv @ 4x3 @ 4x3",
    "residual(conv @ 4x3)",
    "@ 4x3",
    "3",
    "conv1d1",
    "S1",
    "residual(" * (DEEPEST + 1) + "conv" + ")" * (DEEPEST + 1),
)


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str) -> None:
    tree = parse(text)
    assert str(tree) == ACCEPTED[text]
    assert parse(str(tree)) == tree


@pytest.mark.parametrize("text", REJECTED, ids=lambda text: text[:30])
def test_rejected(text: str) -> None:
    with pytest.raises(ChainError) as caught:
        parse(text)
    message, quoted, pointer = str(caught.value).split("\n")
    assert message
    if len(text) <= WIDEST:
        assert quoted == f"  {text.strip()}"
    else:
        assert len(quoted) <= WIDEST + 6
    carets, _, hint = pointer.strip().partition(" ")
    assert carets == "^" * len(carets)
    assert hint
    assert pointer.index("^") <= len(quoted)


def test_a_chain_error_is_one_of_ours() -> None:
    assert issubclass(ChainError, BnproofError)


def test_blocks_nest_as_deep_as_allowed() -> None:
    text = "residual(" * DEEPEST + "conv" + ")" * DEEPEST
    assert str(parse(text)) == text


def test_long_chains_are_read_in_a_loop() -> None:
    assert len(parse(" -> ".join(["relu"] * MOST_LAYERS)).layers) == MOST_LAYERS


def test_more_layers_than_can_be_decided_are_refused() -> None:
    with pytest.raises(ChainError, match=rf"^more than {MOST_LAYERS} layers\n") as caught:
        parse(" -> ".join(["bn"] * 30_000))
    assert len(str(caught.value)) < 1000


@settings(deadline=None)
@given(chains())
def test_a_tree_printed_and_parsed_is_the_same_tree(tree: Chain) -> None:
    assert parse(str(tree)) == tree


def test_a_long_line_is_quoted_around_the_place() -> None:
    text = "conv -> " * 500 + "rellu" + " -> bn" * 500
    with pytest.raises(ChainError) as caught:
        parse(text)
    _, quoted, pointer = str(caught.value).split("\n")
    assert len(quoted) <= WIDEST + 6
    assert quoted[pointer.index("^") : pointer.rindex("^") + 1] == "rellu"


def test_an_endless_number_is_named_shortly() -> None:
    with pytest.raises(ChainError) as caught:
        parse("conv(" + "9" * 5000 + ")")
    assert len(str(caught.value)) < 800


@pytest.mark.parametrize(
    "text", ["conv -> \x1b[31mbn", "conv('\x1b[2J')", "\x1b: conv", "conv(\x07)", "a\u202e -> conv", "conv \ue000"]
)
def test_what_a_terminal_would_obey_is_written_as_an_escape(text: str) -> None:
    with pytest.raises(ChainError) as caught:
        parse(text)
    assert all(c.isprintable() or c == "\n" for c in str(caught.value))
    assert "\\" in str(caught.value)


def test_the_line_of_a_block_that_is_wrong_is_quoted_alone() -> None:
    with pytest.raises(ChainError) as caught:
        parse("nn.Sequential(\n    nn.ReLU(),\n    nn.RelU(),\n)")
    assert str(caught.value).split("\n")[1:] == ["      nn.RelU(),", "      ^^^^^^^ did you mean ReLU?"]


PIECES = (
    "a:",
    "'a'",
    "nn.",
    "Conv2d",
    "Dense",
    "Sequential",
    "[",
    "]",
    "(0):",
    "f_in",
    "*",
    "#",
    "\n",
    "conv",
    "bn",
    "residual",
    "concat",
    "linear",
    "k",
    "bias",
    "yes",
    "->",
    "→",
    "(",
    ")",
    ",",
    ";",
    "=",
    "@",
    "3",
    "1e-5",
    "4x3",
    " ",
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=20))
def test_any_text_parses_or_raises_a_chain_error(text: str) -> None:
    try:
        tree = parse(text)
    except ChainError:
        return
    assert parse(str(tree)) == tree


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases_mean_their_layer(alias: str) -> None:
    assert parse(alias) == parse(ALIASES[alias])


def test_a_layer_defined_twice_is_refused() -> None:
    for name in ("conv", "conv2d"):
        with pytest.raises(ValueError, match=f"the layer `{name}` is defined twice"):
            layer(name, integer("k", 1))
    with pytest.raises(ValueError, match="defined twice"):
        layer("another", flag("x", True), aliases=("relu",))
    LAYERS.pop("another", None)


def test_parsing_needs_no_jax() -> None:
    code = "import sys, bnproof.chain.parse; print([m for m in ('jax', 'numpy', 'sympy') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
