"""Products that feed a library's sum, as the text of the program shows them, and the depth that follows."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from bnproof.numeric.roundoff.compiled import sums
from bnproof.numeric.roundoff.emitters import stage_depth
from bnproof.numeric.roundoff.hlo import parse
from bnproof.numeric.roundoff.reduction_tree import tree_depth
from bnproof.numeric.roundoff.sum_depth import SumDepth

from .hlo_texts import ADD, HEAD

FED: dict[str, Any] = {
    "nothing": (lambda x, y: x.sum(1), []),
    "a full factor": (lambda x, y: (x * y).sum(1), [((0, 1), (0, 1))]),
    "the same in all rows": (lambda x, y: (x * y[:1]).sum(1), [((0, 1), (1,))]),
    "the same in all columns": (lambda x, y: (x * y[:, :1]).sum(1), [((0, 1), (0,))]),
    "within a difference": (lambda x, y: (x * y[:1] - 1).sum(1), [((0, 1), (1,))]),
    "a square": (lambda x, y: ((x - y) * (x - y)).sum(1), [((0, 1), (0, 1))]),
}


@pytest.mark.parametrize("what", FED)
def test_products_that_feed_a_sum(what: str) -> None:
    """Read from the text, and the depth that follows is that of the tree which runs: planted numbers tell it."""
    program, expected = FED[what]
    shape = (32, 700)
    ones = np.ones(shape, np.float32)
    traced = jax.jit(program).trace(ones, 0 * ones if what == "a square" else ones)
    run = traced.lower().compile()
    text = run.as_text() or ""
    assert "__ynn_fusion" in text, "another version of XLA: choose a sum that its library takes"
    ((one,),) = sums(parse(text))
    assert one.stages[0].fed == {(frozenset(a), frozenset(b)) for a, b in expected}
    bound = SumDepth(text, traced.jaxpr)(shape, (1,), "float32")
    if what != "a square":  # of which there are no negative ones
        given = ones.copy()
        shift = np.float32(what == "within a difference")

        def total(flat: np.ndarray) -> float:
            given[0] = flat + shift
            return float(np.asarray(run(given, ones))[0])

        assert tree_depth([total], 700, "float32") <= bound
    assert bound < 699


def test_a_factor_that_is_moved_is_not_followed() -> None:
    text = (
        HEAD
        + ADD
        + """
%fused (x: f32[6,50], y: f32[50]) -> f32[6] {
  %x = f32[6,50]{1,0} parameter(0)
  %y = f32[50]{0} parameter(1)
  %wide = f32[50,6]{1,0} broadcast(%y), dimensions={0}
  %turned = f32[6,50]{1,0} FACTOR
  %both = f32[6,50]{1,0} multiply(%x, %turned)
  %start = f32[] constant(0)
  ROOT %total = f32[6]{0} reduce(%both, %start), dimensions={1}, to_apply=%plus
}

ENTRY %main (x: f32[6,50], y: f32[50]) -> f32[6] {
  %x = f32[6,50]{1,0} parameter(0)
  %y = f32[50]{0} parameter(1)
  ROOT %made = f32[6]{0} fusion(%x, %y), kind=kCustom, calls=%fused, backend_config={"fusion_config":{"kind":"__ynn_fusion"}}
}
"""
    )

    def fed(factor: str) -> Any:
        ((one,),) = sums(parse(text.replace("FACTOR", factor)))
        return one.stages[0].fed

    assert fed("transpose(%wide), dimensions={1,0}") is None
    assert fed("broadcast(%y), dimensions={1}") == {(frozenset({0, 1}), frozenset({1}))}
    stage = sums(parse(text.replace("FACTOR", "transpose(%wide), dimensions={1,0}")))[0][0].stages[0]
    assert stage_depth(stage) == 49
