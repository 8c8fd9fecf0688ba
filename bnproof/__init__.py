"""bnproof: does this bias matter? Machine-checked proofs about biases before normalisation layers.

The public names, imported when first used; everything else may change.

- ``prove(what)``: a chain of layers, a theorem's name (or a `Theorem`), an example ``S0`` … ``S4`` or a claim ``S0.f``;
- ``decide(chain, mode)``: verdicts about a chain's biases and betas; the part of `prove` that is about chains;
- ``check(what, …)``: what is proved about the biases of a chain, or of any JAX function, measured by JAX autodiff against derived
  round-off bounds;
- ``constant(function, *args)``: which outputs of a function or a chain are exact constants, with their value;
- ``monitored_batchnorm(z, gamma, beta, probe)``: batch normalisation for a training step whose backward pass also returns the gradient
  of any bias before it and its round-off bound, and ``within_bound(gradient)``, which compares the two;
- ``plausible(gradient, cotangent)``: whether a bias gradient that is 0 in exact arithmetic is as small as round-off makes it;
- ``theorem(name)``, ``theorems()``: statement, hypotheses, proof;
- results: `Answer` of `Verdict`, `Statistic`, `Witness`, `Directions`, `Irreplaceable`, `Part`; `Proved` and `Theorem`; `Judged` for an
  example; `Claim`; `Measurement`; `Plausible`; `Constancy`;
- `BnproofError`, for what a caller can mend, and its children `ChainError`, `CheckError`, `LoadError`, `NotationError`, `OutputError`,
  `ProofError`, `UnknownNameError`; `ContradictionError` for a defect of bnproof itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .asking import prove
    from .decide.chain import decide
    from .decide.checking.plausible import Plausible, plausible
    from .decide.checking.run import check
    from .decide.constancy.answer import Constancy
    from .decide.constancy.constant import constant
    from .errors import (
        BnproofError,
        ChainError,
        CheckError,
        ContradictionError,
        LoadError,
        NotationError,
        OutputError,
        ProofError,
        UnknownNameError,
    )
    from .numeric.checking.measurement import Measurement
    from .numeric.monitor import monitored_batchnorm, within_bound
    from .report.answer.example import Judged
    from .theorems.claims import Claim
    from .theorems.prove import Proved
    from .theorems.registry import theorem, theorems
    from .theorems.theorem import Theorem
    from .verdict import Answer, Directions, Irreplaceable, Part, Statistic, Verdict, Witness

__version__ = "0.1.0"

_PUBLIC = {
    "Answer": ".verdict",
    "BnproofError": ".errors",
    "ChainError": ".errors",
    "CheckError": ".errors",
    "Claim": ".theorems.claims",
    "Constancy": ".decide.constancy.answer",
    "ContradictionError": ".errors",
    "Directions": ".verdict",
    "Irreplaceable": ".verdict",
    "Judged": ".report.answer.example",
    "LoadError": ".errors",
    "Measurement": ".numeric.checking.measurement",
    "NotationError": ".errors",
    "OutputError": ".errors",
    "Part": ".verdict",
    "Plausible": ".decide.checking.plausible",
    "ProofError": ".errors",
    "Proved": ".theorems.prove",
    "Statistic": ".verdict",
    "Theorem": ".theorems.theorem",
    "UnknownNameError": ".errors",
    "Verdict": ".verdict",
    "Witness": ".verdict",
    "check": ".decide.checking.run",
    "constant": ".decide.constancy.constant",
    "decide": ".decide.chain",
    "monitored_batchnorm": ".numeric.monitor",
    "plausible": ".decide.checking.plausible",
    "prove": ".asking",
    "theorem": ".theorems.registry",
    "theorems": ".theorems.registry",
    "within_bound": ".numeric.monitor",
}
__all__ = [
    "Answer",
    "BnproofError",
    "ChainError",
    "CheckError",
    "Claim",
    "Constancy",
    "ContradictionError",
    "Directions",
    "Irreplaceable",
    "Judged",
    "LoadError",
    "Measurement",
    "NotationError",
    "OutputError",
    "Part",
    "Plausible",
    "ProofError",
    "Proved",
    "Statistic",
    "Theorem",
    "UnknownNameError",
    "Verdict",
    "Witness",
    "check",
    "constant",
    "decide",
    "monitored_batchnorm",
    "plausible",
    "prove",
    "theorem",
    "theorems",
    "within_bound",
]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
