"""What a question is about, a theorem, a claim, a source's example or a chain of layers, and the answer to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

from .modes import Asked

if TYPE_CHECKING:
    from .report.answer.example import Judged
    from .theorems.claims import Claim
    from .theorems.prove import Proved
    from .theorems.theorem import Theorem
    from .verdict import Answer

Subject = Literal["theorem", "claim", "example", "chain"]
Each = Callable[[Iterable[str], str, int], Iterable[str]]
"""Passes names through while it shows how far the work is: (names, label, how many)."""


def subject_of(what: str) -> Subject:
    """What these words ask about: an exact name first; otherwise a chain, or a theorem's name that is misspelt.

    A single word with an underscore that is no layer is taken for a theorem's name, so that the nearest ones can be given.
    """
    from .theorems import registry

    if what in registry.names():
        return "theorem"
    if re.fullmatch(r"[Ss][0-9]+", what):
        return "example"
    if re.fullmatch(r"[Ss][0-9]+\.[A-Za-z]+", what):
        return "claim"
    if re.fullmatch(r"[a-z0-9_]*_[a-z0-9_]*", what):
        from .chain.layers import ALIASES, LAYERS

        return "chain" if what in LAYERS or what in ALIASES else "theorem"
    return "chain"


@overload
def prove(what: Theorem) -> Proved: ...
@overload
def prove(
    what: str,
    mode: Asked = "both",
    *,
    all_parameters: bool = False,
    directions: bool = False,
    explain: bool = False,
    seed: int = 0,
) -> Proved | Claim | Judged | Answer: ...
def prove(
    what: str | Theorem,
    mode: Asked = "both",
    *,
    all_parameters: bool = False,
    directions: bool = False,
    explain: bool = False,
    seed: int = 0,
) -> Proved | Claim | Judged | Answer:
    """The answer to a question.

    - a theorem or its name: `Proved`, after every line was checked; a claim's id (``S0.f``): the `Claim`, judged;
    - an example (``S0`` … ``S4``): `Judged`, verdicts about the source's network and its variants;
    - a chain of layers (``conv -> bn -> relu``): `Answer`, verdicts about every bias and beta.

    The settings are those of `decide`, and only for examples and chains. Raises UnknownNameError for a name that does not exist,
    ChainError for a chain that cannot be read, ProofError for a theorem that does not hold, ContradictionError where a run
    contradicts a proof.
    """
    from .theorems import registry
    from .theorems.prove import Prover

    if not isinstance(what, str):
        return Prover().prove(what)
    what = what.strip()
    settings = Settings(mode, all_parameters, directions, explain, seed)
    match subject_of(what):
        case "theorem":
            return Prover().prove(registry.theorem(what))
        case "claim":
            return claim_of(what)
        case "example":
            return judge(what, settings)
        case "chain":
            return settings.decide(what)


@dataclass(frozen=True)
class Settings:
    """What is asked about every chain."""

    mode: Asked = "both"
    all_parameters: bool = False
    directions: bool = False
    explain: bool = False
    seed: int = 0

    def decide(self, chain: str) -> Answer:
        """The answer for one chain; a text that cannot be read is refused before any heavy library is imported."""
        from .chain.parse import parse

        parse(chain)
        from .decide.chain import decide

        return decide(
            chain,
            self.mode,
            all_parameters=self.all_parameters,
            directions=self.directions,
            explain=self.explain,
            seed=self.seed,
        )


def judge(name: str, settings: Settings, each: Each = lambda names, _label, _total: names) -> Judged:
    """A source's example decided, and its variants. Raises UnknownNameError for an example that does not exist."""
    from .chain.examples import example
    from .report.answer.example import Judged

    found = example(name)
    chains = {"": found.chain, **found.variants}
    answers = {key: settings.decide(chains[key]) for key in each(chains, "deciding", len(chains))}
    return Judged(found, answers.pop(""), answers)


def claim_of(name: str) -> Claim:
    """The claim of that id, in either case. Raises UnknownNameError with the nearest ids."""
    from .errors import UnknownNameError, nearest
    from .theorems.claims import CLAIMS

    claims = {claim.id.lower(): claim for claim in CLAIMS}
    found = claims.get(name.lower())
    if found is None:
        near = ", ".join(claims[key].id for key in nearest(name.lower(), claims))
        raise UnknownNameError(f"there is no claim `{name}`; did you mean {near}? All of them: bnproof claims")
    return found
