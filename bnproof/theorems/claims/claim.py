"""A claim, what is found of it, and the evidence by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...modes import Mode
from ...verdict import Ruling

ClaimVerdict = Literal["true", "true if", "imprecise", "false", "open", "answer"]


@dataclass(frozen=True)
class Word:
    """A verdict's word: what it means, and what leads from it to the reason."""

    meaning: str
    leads: str


WORDS: dict[ClaimVerdict, Word] = {
    "true": Word("it holds as it is said", "because"),
    "true if": Word("it holds under a condition that the source leaves out", "if"),
    "imprecise": Word("a part of it holds, and the reason says which", "better"),
    "false": Word("it does not hold", "because"),
    "open": Word("it is not shown here, or not this project's matter; what is known of it stands beside it", "known"),
    "answer": Word("the source asks, and is answered", "answer"),
}
"""Every verdict."""


@dataclass(frozen=True)
class Decided:
    """What the engine says of one bias or beta of a chain of layers, in the modes that are given.

    - irreplaceable_by: the parameters of which a theorem says that they cannot do its work in training; empty where none says so;
    - called: what a page calls a chain that is too long to be shown.
    """

    chain: str
    bias: str
    train: Ruling | None = None
    eval: Ruling | None = None
    irreplaceable_by: tuple[str, ...] = ()
    called: str = ""

    @property
    def rulings(self) -> Iterator[tuple[Mode, Ruling]]:
        """The verdict in each mode that is given."""
        modes: tuple[tuple[Mode, Ruling | None], ...] = (("train", self.train), ("eval", self.eval))
        return ((mode, ruling) for mode, ruling in modes if ruling is not None)


@dataclass(frozen=True)
class Claim:
    """A claim in our own words, the verdict, and the reason; both texts may hold formulas in braces and code in backticks.

    - theorems, experiments: by name, the one that decides first; what is proved and what was measured are kept apart;
    - chains: verdicts that the reason rests on; they are decided anew by the tests.

    The reason for “true if” begins with the condition and goes on where the verdict stops.
    """

    id: str
    claim: str
    verdict: ClaimVerdict
    reason: str
    theorems: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    chains: tuple[Decided, ...] = ()
