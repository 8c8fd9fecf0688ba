"""Sums in the text of compiled programs: chains with padding, libraries, several results, what is refused. Texts as GPUs have them."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from bnproof.numeric.roundoff.compiled import Stage, Sum, products, sums
from bnproof.numeric.roundoff.emitters import stage_depth
from bnproof.numeric.roundoff.hlo import UnreadableError, parse
from bnproof.numeric.roundoff.sum_depth import SumDepth

from .hlo_texts import ADD, HEAD, ROUNDED, SEVERAL, SOFTMAX, TREE


def depths(text: str, *counts: int) -> SumDepth:
    """The depths of a program that sums over so many numbers."""
    return SumDepth(text, jax.make_jaxpr(lambda *xs: [x.sum(0) for x in xs])(*(np.ones((n, 2), np.float32) for n in counts)))


def chains(text: str) -> list[list[Sum]]:
    return sums(parse(text))


def test_a_chain_with_padding() -> None:
    """316 rows of 317, then 317: each stage one number after the other, which no order exceeds."""
    (rows,), (alone, chain) = chains(TREE)
    assert (rows.fewest, rows.most) == (316, 316)
    assert (alone.fewest, alone.most) == (317, 317)
    assert (chain.fewest, chain.most) == (100_000, 316 * 317)
    assert [(stage.emitter, stage.count) for stage in chain.stages] == [("kInput", 316), ("kInput", 317)]
    found = depths(TREE, 100_000)
    assert not found.unreadable
    assert found((100_000, 2), (0,), "float32") == 315 + 316
    assert found((99_999, 2), (0,), "float32") == 99_998


def test_padding_that_makes_a_chain_unknown() -> None:
    """A program that sums over 50,000 numbers has no use for such a chain: not understood, so it may hold that sum."""
    found = depths(TREE, 50_000)
    assert found((50_000, 2), (0,), "float32") == 49_999
    assert found((10, 2), (0,), "float32") == 315 + 316


def test_a_generated_kernel_counts_one_by_one() -> None:
    ((one,),) = chains(SOFTMAX)
    assert one.stages[0].emitter == "library __triton"
    assert stage_depth(one.stages[0]) == 299
    assert depths(SOFTMAX, 300)((300, 2), (0,), "float32") == 299


def test_one_of_several_results_is_a_sum() -> None:
    ((one,),) = chains(SEVERAL)
    assert one.stages[0].shape == (8, 16, 16, 4)
    assert one.stages[0].reduced == (0, 1, 2)
    assert depths(SEVERAL, 2048)((2048, 2), (0,), "float32") == 2047


def test_a_rounded_accumulator_counts_in_its_own_type() -> None:
    """Each of 255 additions rounds to float32, then to bfloat16; a sum traced in float32 is not this one."""
    found = depths(ROUNDED, 256)
    assert found((256, 8), (0,), "bfloat16") == 255 * (1 + 2.0**-16)
    assert found((256, 8), (0,), "float32") == 255
    wide = depths(ROUNDED.replace("bf16[] convert(%sum)", "f32[] convert(%sum)"), 256)
    assert wide((256, 8), (0,), "bfloat16") == 1 + 255 * 2.0**-16
    assert wide((256, 8), (0,), "float32") == 255


def test_layouts_are_those_in_memory() -> None:
    """An image stored with its channels last is reduced as such, whatever the order of its axes."""
    text = (
        HEAD
        + ADD
        + """
ENTRY %main (x: f32[8,4,16,5]) -> f32[4] {
  %x = f32[8,4,16,5]{1,3,2,0} parameter(0)
  %start = f32[] constant(1)
  ROOT %total = f32[4]{0} reduce(%x, %start), dimensions={0,2,3}, to_apply=%plus
}
"""
    )
    ((one,),) = chains(text)
    assert (one.stages[0].shape, one.stages[0].reduced) == ((8, 16, 5, 4), (0, 1, 2))
    assert not one.stages[0].fromzero
    assert stage_depth(one.stages[0]) == 640  # what it starts with is one number more


def test_windows_that_overlap_or_leave_gaps_make_no_chain() -> None:
    def windows(window: str, places: int) -> list[list[Sum]]:
        return chains(
            HEAD
            + ADD
            + f"""
ENTRY %main (x: f32[64]) -> f32[] {{
  %x = f32[64]{{0}} parameter(0)
  %start = f32[] constant(0)
  %parts = f32[{places}]{{0}} reduce-window(%x, %start), window={{{window}}}, to_apply=%plus
  ROOT %total = f32[] reduce(%parts, %start), dimensions={{0}}, to_apply=%plus
}}
"""
        )

    assert [chain.most for chain in windows("size=8 stride=8", 8)[1]] == [8, 64]
    assert [chain.most for chain in windows("size=64", 1)[1]] == [1, 64]
    assert [chain.most for chain in windows("size=8 stride=4", 15)[1]] == [15]
    assert [chain.most for chain in windows("size=8 stride=8 rhs_dilate=2", 7)[1]] == [7]
    with pytest.raises(UnreadableError):
        windows("stride=8", 8)


def test_what_is_no_sum() -> None:
    for applied in ("maximum", "multiply", "minimum"):
        assert chains(TREE.replace("f32[] add(", f"f32[] {applied}(")) == []
    assert chains(TREE.replace("f32", "s32")) == []


REFUSED: dict[str, Any] = {
    "a difference": ("f32[] add(%a, %b)", "f32[] subtract(%a, %b)"),
    "twice the same": ("f32[] add(%a, %b)", "f32[] add(%a, %a)"),
    "an unknown function": ("f32[] add(%a, %b)", "f32[] fusion(%a, %b), kind=kLoop, calls=%plus"),
    "more than a sum": ("ROOT %sum = f32[] add(%a, %b)", "%c = f32[] add(%a, %b)\n  ROOT %sum = f32[] add(%c, %b)"),
    "no such computation": ("to_apply=%plus", "to_apply=%minus"),
    "no such operand": ("reduce(%table, %nothing)", "reduce(%chair, %nothing)"),
    "sizes not fixed": ("f32[317]{0} parameter(0)", "f32[<=317]{0} parameter(0)"),
    "a layout of other axes": ("f32[316,317]{1,0}", "f32[316,317]{2,0}"),
    "no type": ("= f32[317]{0} parameter(0)", "= parameter(0)"),
    "not closed": ("reduce(%table, %nothing)", "reduce(%table, %nothing"),
    "two roots": ("  %table =", "  ROOT %table ="),
    "a name twice": ("  %table =", "  %longer ="),
    "two entries": ("%rest (", "ENTRY %rest ("),
    "no entry": ("ENTRY %main", "%main"),
    "another accumulator": ("f32[317]{0} reduce(", "f64[317]{0} reduce("),
    "over devices": ("bitcast(%longer)", "all-reduce(%longer), to_apply=%plus"),
    "words": ("  %table =", "  this is no instruction\n  %table ="),
    "the end missing": (TREE[-30:], ""),
    "the head missing": ("HloModule", "LloModule"),
    "empty": (TREE, ""),
}


@pytest.mark.parametrize("why", REFUSED)
def test_refused(why: str) -> None:
    """Not understood means one number after the other, not a guess."""
    old, new = REFUSED[why]
    assert old in TREE
    text = TREE.replace(old, new)
    with pytest.raises(UnreadableError):
        chains(text)
    found = depths(text, 100_000)
    assert found.unreadable
    assert found((100_000, 2), (0,), "float32") == 99_999


def test_products_of_matrices() -> None:
    text = (
        HEAD
        + """
ENTRY %main (a: f32[12,50], b: f32[50,7]) -> f32[12,7] {
  %a = f32[12,50]{1,0} parameter(0)
  %b = f32[50,7]{1,0} parameter(1)
  ROOT %c = f32[12,7]{1,0} dot(%a, %b), lhs_contracting_dims={1}, rhs_contracting_dims={0}, operand_precision={highest,highest}
}
"""
    )
    assert products(parse(text)) == {50}


def test_strings_are_not_read() -> None:
    """A name of a scope may look like anything."""
    text = TREE.replace('op_name="x"', 'op_name="ROOT %x = f32[2] add(%a), dimensions={1}, to_apply=%minus \\" {"')
    assert chains(text) == chains(TREE)


def test_what_else_is_fused_into_a_library_call_does_not_matter_unless_unknown() -> None:
    def stage(*fused: str) -> Stage:
        return Stage("f32", "f32", (3000, 4), (0,), 3000, "library __ynn_fusion", frozenset(fused))

    assert stage_depth(stage("multiply", "broadcast")) < 2999
    assert stage_depth(stage("scatter")) == 2999
    assert stage_depth(stage("reduce")) == 2999


def test_a_probe_that_is_another_reduction_does_not_count() -> None:
    """XLA gives so few numbers to no library: the probe's own text says so."""
    assert stage_depth(Stage("f32", "f32", (4, 8, 8, 4), (0, 1, 2), 256, "library __ynn_fusion")) == 255
