"""The full text of the errors, as a user reads them."""

from __future__ import annotations

import pytest

from bnproof.chain.build import build
from bnproof.chain.parse import parse
from bnproof.chain.tree import Chain
from bnproof.errors import ChainError

CASES = {
    "conv -> rellu -> bn": """\
unknown layer `rellu`
  conv -> rellu -> bn
          ^^^^^ did you mean relu?""",
    "convv2d": """\
unknown layer `convv2d`
  convv2d
  ^^^^^^^ did you mean conv2d?""",
    "conv(kernal=3) -> bn": """\
unknown argument `kernal` of conv
  conv(kernal=3) -> bn
       ^^^^^^ did you mean k? conv takes channels, k, s, pad, bias, groups, dilation, standardised, padding_mode""",
    "conv(16, stride=2)": """\
unknown argument `stride` of conv
  conv(16, stride=2)
           ^^^^^^ did you mean s? conv takes channels, k, s, pad, bias, groups, dilation, standardised, padding_mode""",
    "conv(valid)": """\
unknown argument `valid` of conv
  conv(valid)
       ^^^^^ did you mean pad=valid? conv takes channels, k, s, pad, bias, groups, dilation, standardised, padding_mode""",
    "bn -> relu(3)": """\
relu takes no arguments
  bn -> relu(3)
             ^ expected relu alone""",
    "conv(k=0)": """\
wrong value `0` for k of conv
  conv(k=0)
         ^ expected a whole number, 1 or more, or one for each axis as in (3,2)""",
    "linear -> dropout(p=1.5)": """\
wrong value `1.5` for p of dropout
  linear -> dropout(p=1.5)
                      ^^^ expected a number from 0 to below 1""",
    "conv(padding_mode=wrap)": """\
wrong value `wrap` for padding_mode of conv
  conv(padding_mode=wrap)
                    ^^^^ expected one of zeros, circular, reflect, replicate; did you mean circular?""",
    "conv(bias=nope)": """\
wrong value `nope` for bias of conv
  conv(bias=nope)
            ^^^^ expected yes or no""",
    "bn(momentum=2)": """\
wrong value `2` for momentum of bn
  bn(momentum=2)
              ^ expected a number from 0 to 1""",
    "conv(16, 5)": """\
`5` has no name
  conv(16, 5)
           ^ expected a name, as in k=5; conv takes channels, k, s, pad, bias, groups, dilation, standardised, padding_mode""",
    "conv(groups=2) -> bn": """\
2 groups do not divide 3 input channels
  conv(groups=2) -> bn
       ^^^^^^^^ the shape here is 4×3×8×8: expected groups that divide the 3 input channels""",
    "conv(8) -> gn(3)": """\
3 groups do not divide 8 channels
  conv(8) -> gn(3)
                ^ the shape here is 4×8×8×8: expected groups that divide the 8 channels""",
    "conv -> residual(bn -> relu": """\
missing `)`
  conv -> residual(bn -> relu
                  ^ expected a closing ) for this bracket""",
    "conv(3 -> bn": """\
missing `)`
  conv(3 -> bn
      ^ expected a closing ) for this bracket""",
    "concat(residual(conv); ": """\
missing `)`
  concat(residual(conv);
        ^ expected a closing ) for this bracket""",
    "conv -> bn) -> relu": """\
`)` without its opening bracket
  conv -> bn) -> relu
            ^ expected an arrow -> or the end of the chain""",
    "": """\
empty chain
  \n\
  ^ expected a layer, as in conv -> bn -> relu""",
    "conv -> bn ->": """\
the chain ends in an arrow
  conv -> bn ->
             ^^ expected a layer after it""",
    "conv -> → bn": """\
two arrows in a row
  conv -> → bn
          ^ expected a layer between them""",
    "conv => bn": """\
unexpected `=>`
  conv => bn
       ^^ did you mean ->?""",
    "conv -> linear": """\
linear needs batch × features
  conv -> linear
          ^^^^^^ the shape here is 4×8×8×8: expected flatten or globalpool before it""",
    "conv -> globalpool -> conv(3)": """\
conv needs batch × channels × height × width
  conv -> globalpool -> conv(3)
                        ^^^^ the shape here is 4×8: expected an input such as @ 4x3x8x8""",
    "maxpool(4) -> conv(k=3, pad=valid) @ 3x8x8": """\
a kernel of 3 is larger than its input
  maxpool(4) -> conv(k=3, pad=valid) @ 3x8x8
                     ^^^ the shape here is 4×3×2×2: expected k small enough for 2 positions, padding included""",
    "conv(dilation=4, pad=valid) @ 3x8x8": """\
a kernel of 3, dilated to 9, is larger than its input
  conv(dilation=4, pad=valid) @ 3x8x8
  ^^^^ the shape here is 4×3×8×8: expected k small enough for 8 positions, padding included""",
    "conv(k=5, pad=reflect) @ 4x3x2x8": """\
reflect padding of 2 does not fit
  conv(k=5, pad=reflect) @ 4x3x2x8
            ^^^^^^^^^^^ the shape here is 4×3×2×8: expected 3 positions or more along each axis""",
    "conv(k=7, pad=circular) @ 4x3x2x8": """\
circular padding of 3 does not fit
  conv(k=7, pad=circular) @ 4x3x2x8
            ^^^^^^^^^^^^ the shape here is 4×3×2×8: expected 3 positions or more along each axis""",
    "avgpool(2, pad=2)": """\
padding of 2 is more than half of k=2
  avgpool(2, pad=2)
             ^^^^^ the shape here is 4×3×8×8: expected pad=1 or less""",
    "maxpool(9) @ 4x3x8x8": """\
a window of 9 is larger than its input
  maxpool(9) @ 4x3x8x8
          ^ the shape here is 4×3×8×8: expected k small enough for 8 positions, padding included""",
    "attention(3)": """\
3 heads do not divide 8 channels
  attention(3)
            ^ the shape here is 4×8×6: expected heads that divide the 8 channels""",
    "attention(8, rope=yes)": """\
rope rotates pairs of channels
  attention(8, rope=yes)
               ^^^^^^^^ the shape here is 4×8×6: expected an even number of channels a head, not 1""",
    "bn -> residual(conv -> bn)": """\
the block of residual changes the shape from 4×3×8×8 to 4×8×8×8
  bn -> residual(conv -> bn)
        ^^^^^^^^ the shape here is 4×3×8×8: expected a block that keeps it""",
    "concat(conv; maxpool)": """\
concat of different sizes: 4×8×8×8 and 4×3×4×4
  concat(conv; maxpool)
  ^^^^^^ the shape here is 4×3×8×8: expected branches that differ in their channels only""",
    "add(identity; conv)": """\
add of different shapes: 4×3×8×8 and 4×8×8×8
  add(identity; conv)
  ^^^ the shape here is 4×3×8×8: expected branches that return one shape""",
    "conv @ 4x0x8x8": """\
bad input shape
  conv @ 4x0x8x8
       ^^^^^^^^^ expected 1 to 5 sizes of 1 or more, batch and channels first, as in @ 4x3x32x32""",
    "residual(conv @ 4x3)": """\
the input shape stands inside a bracket
  residual(conv @ 4x3)
                ^^^^^^ expected it at the end of the chain""",
}


@pytest.mark.parametrize("text", CASES)
def test_errors_read_like_this(text: str) -> None:
    with pytest.raises(ChainError) as caught:
        build(text)
    assert str(caught.value) == CASES[text]


def test_a_far_fetched_name_is_answered_with_the_list() -> None:
    with pytest.raises(ChainError, match=r"\^\^\^ expected one of conv, conv1d, .*, concat$"):
        build("foo")


@pytest.mark.parametrize("text", ["linear -> in", "linear -> globalpool", "linear -> maxpool", "linear -> upsample"])
def test_layers_over_positions_ask_for_them(text: str) -> None:
    with pytest.raises(ChainError, match="needs batch × channels × positions"):
        build(text)


@pytest.mark.parametrize(
    ("text", "axes"),
    [("conv1d @ 2x3x4x5", "length"), ("conv3d @ 2x3x4", "depth × height × width"), ("convtranspose @ 2x3", "height × width")],
)
def test_convolutions_ask_for_their_axes(text: str, axes: str) -> None:
    with pytest.raises(ChainError, match=f"needs batch × channels × {axes}\n"):
        build(text)


@pytest.mark.parametrize("text", ["convtranspose(groups=2)", "convtranspose(groups=3)", "conv(groups=3)"])
def test_groups_divide_both_sides(text: str) -> None:
    with pytest.raises(ChainError, match="groups do not divide"):
        build(text)


def test_a_tree_made_by_hand_is_printed_to_be_pointed_at() -> None:
    tree = parse("conv   ->    linear")
    with pytest.raises(ChainError, match=r"\n  conv -> linear\n {10}\^{6} the shape here is 4×8×8×8"):
        build(Chain(tree.layers))
