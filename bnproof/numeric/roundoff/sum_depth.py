"""The depth of a traced sum in the compiled program: which of its reductions may carry it out, and the deepest of them.

Compilers keep no record of which reduction came from which sum, so a sum of n terms is charged with every reduction, or chain of
reductions, of n terms; padding may add terms of 0. The deepest counts. What a compiler may have done besides, and why it is covered:

- it reads the numbers in another order, another layout, or computes the terms on the way: the reduction has n terms still;
- it splits a sum into a chain: n terms over all stages, and the depths of the stages add up;
- it moves a sum out of a loop, repeats it, or makes several at once: n terms each;
- it turns a sum into something else (a matrix product, a call): then no reduction has n terms, and any tree of n terms has a depth of
  at most n − 1;
- it merges two sums in a row, of n₁ and n₂ terms, into one of n₁ n₂: both are charged with the reductions of that many terms, which
  covers the whole: the magnitude Σ|terms| of the first sum is the merged one's;
- it adds up part by part what was concatenated or padded: n − 1 at least;
- a reduction whose number of terms no traced sum or product has is not understood: it may hold any sum, or be part of one. Every sum
  is charged with n − 1 at least, and with any larger one of them. A matrix product of that kind may hold a sum of products together
  with the sum after it, whose magnitude is not known here: sums that its terms are a multiple of have no bound (infinity).

A text that cannot be read leaves n − 1, and of merged sums that of both together. An accumulator in a wider type rounds less: its
additions count in units of the traced type, and the result of each stage once, when it is stored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .compiled import Sum, products, sums
from .emitters import stage_depth
from .hlo import UnreadableError, parse
from .precision import UNIT_ROUNDOFF
from .traced_sums import TracedSums, traced_sums


class SumDepth:
    """Depths of the sums of a program.

    - text: of the compiled program (HLO); program: as it was traced; device: the platform it runs on.
    """

    def __init__(self, text: str, program: Any, device: str | None = None) -> None:
        self.traced: TracedSums = traced_sums(program)
        self.device = device
        self.unreadable = ""
        try:
            module = parse(text)
            chains = sums(module)
            self._dots = products(module) - self.traced.products - self.traced.counts
        except UnreadableError as error:
            self.unreadable, chains, self._dots = str(error), [], set[int]()
        self._sums = [chain for of in chains for chain in of]
        self._strange = self._unexplained(chains)
        self._known: dict[tuple[int, str], float] = {}

    def __call__(self, shape: Sequence[int], axes: Sequence[int], dtype: Any) -> float:
        """How many additions, in units of the traced dtype's round-off, the deepest number of the sum takes part in, at most."""
        key = math.prod(shape[a] for a in axes), np.dtype(dtype).name
        if key not in self._known:
            self._known[key] = self._depth(*key)
        return self._known[key]

    def _depth(self, count: int, dtype: str) -> float:
        if count <= 1:
            return 0.0
        merged = self.traced.merged.get(count, ())
        if self.unreadable:
            return max((count, *merged)) - 1.0
        fine = [chain for chain in self._sums if _holds(chain, dtype)]
        alone = [self._rounds(chain, dtype) for chain in fine if chain.of(count)]
        found = [*alone, *(self._rounds(chain, dtype) for chain in fine for n in merged if chain.of(n))]
        if not alone or self._strange or self._dots or count in self.traced.joined:
            found.append(count - 1.0)
        found += [self._rounds(chain, dtype) for chain in self._strange if chain.most > count and _holds(chain, dtype)]
        found += [math.inf for terms in self._dots if terms > count and terms % count == 0]
        return max(found)

    def _rounds(self, chain: Sum, dtype: str) -> float:
        unit = UNIT_ROUNDOFF[dtype]
        stored = sum(stage.coarsest < unit for stage in chain.stages)
        return stored + sum(stage.unit / unit * stage_depth(stage, self.device) for stage in chain.stages)

    def _unexplained(self, chains: Sequence[Sequence[Sum]]) -> list[Sum]:
        """The longest chains of reductions that no traced sum, and no part of the chain of one, explains."""
        merged = (n for counts in self.traced.merged.values() for n in counts)
        known = {*self.traced.counts, *self.traced.products, *merged}
        explained = {id(stage) for of in chains for chain in of if any(map(chain.of, known)) for stage in chain.stages}
        return [of[-1] for of in chains if not any(id(chain.stages[-1]) in explained for chain in of)]


def _holds(chain: Sum, dtype: str) -> bool:
    """Whether every stage adds up in a type at least as fine as that."""
    return all(stage.coarsest <= UNIT_ROUNDOFF[dtype] for stage in chain.stages)
