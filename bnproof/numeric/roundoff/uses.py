"""The sensitivities of entries to one value, use by use.

Where a compiled program may compute a value anew for each use, and round it differently there, the errors of a value add up in absolute
value: Σ_k |s_k|, not |Σ_k s_k|. The ways from a value to an entry multiply along a program, so that only some s_k can be followed one by
one. Of the others are kept Σ s_k and, carried back through the absolute values of the derivatives, a bound on Σ |s_k|.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

USES = 16
"""Uses of one value that are followed one by one."""
STACKED = 1 << 18
"""Numbers of which several uses are carried through one call."""
Pull = Callable[[Any], Sequence[Any]]
"""From sensitivities, of shape (entries, *value), to those to each operand of what made the value."""


class Uses:
    """Sensitivities (entries, *shape) of each use of one value.

    - apart: one by one;
    - rest: Σ of the others, and sizes: a bound on their Σ |s_k|; None where there are no others.
    """

    def __init__(self, *apart: Any, rest: Any = None, sizes: Any = None) -> None:
        self.apart, self.rest, self.sizes = list(apart), rest, sizes

    def join(self, other: Uses) -> None:
        """The uses of both."""
        self.apart += other.apart
        self.rest, self.sizes = _both(self.rest, other.rest), _both(self.sizes, other.sizes)

    @property
    def total(self) -> Any:
        """The sensitivities to the value, if it is the same for all uses."""
        found = self.rest
        for use in self.apart:
            found = _both(found, use)
        return found

    @property
    def absolute(self) -> Any:
        """Σ |s_k|, or a bound on it."""
        found = self.sizes
        for use in self.apart:
            found = _both(found, np.abs(use))
        return found

    @property
    def together(self) -> Uses:
        """The same for a value that is computed once."""
        return self if len(self.apart) == 1 and self.rest is None else Uses(self.total)

    def few(self, most: int = USES) -> Uses:
        """The same, of so many uses one by one; those that matter least are taken together."""
        if len(self.apart) <= most:
            return self
        self.apart.sort(key=_size, reverse=True)
        others = Uses(*self.apart[most:])
        return Uses(*self.apart[:most], rest=_both(self.rest, others.total), sizes=_both(self.sizes, others.absolute))

    def pulled(self, pull: Pull, stack: bool) -> Iterator[tuple[int, Uses]]:
        """(number of the operand, its uses) of an operation each of whose results depends on an operand's entry with one sign.

        stack: whether several uses may pass as so many more entries.
        """
        apart, others = self.apart, [] if self.rest is None else [self.rest, self.sizes]
        every = [*apart, *others]
        if stack and len(every) > 1 and sum(use.size for use in every) <= STACKED:
            back = [list(np.split(s, len(every))) for s in pull(np.concatenate(every))]
        else:
            back = [list(of) for of in zip(*map(pull, every), strict=True)]
        for k, of in enumerate(back):
            rest, sizes = (of[-2], np.abs(of[-1])) if others else (None, None)
            yield k, Uses(*of[: len(apart)], rest=rest, sizes=sizes)

    def each(self, f: Callable[[Any], Any]) -> Uses:
        """A linear operation with weights ≥ 0, of every use."""
        rest, sizes = (None if s is None else f(s) for s in (self.rest, self.sizes))
        return Uses(*map(f, self.apart), rest=rest, sizes=sizes)


def _both(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def _size(use: Any) -> float:
    return float(np.nan_to_num(np.abs(use).sum(), nan=np.inf, posinf=np.inf))
