"""bnproof: does this bias matter? Machine-checked proofs about biases before normalisation layers.

The public names, imported when first used:

- ``theorem(name)``, ``theorems()``: statement, hypotheses, proof; ``prove(theorem)`` checks one and returns what it found;
- ``check(chain, dtypes)``: what is proved about a chain's biases, measured by JAX autodiff against derived round-off bounds;
- ``BnproofError`` and its children ``CheckError``, ``NotationError``, ``ProofError``, ``UnknownNameError``, ``OutputError``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .decide.checking.run import check
    from .errors import BnproofError, CheckError, NotationError, OutputError, ProofError, UnknownNameError
    from .theorems.prove import prove
    from .theorems.registry import theorem, theorems

__version__ = "0.1.0"

_PUBLIC = {
    "BnproofError": ".errors",
    "CheckError": ".errors",
    "NotationError": ".errors",
    "OutputError": ".errors",
    "ProofError": ".errors",
    "UnknownNameError": ".errors",
    "check": ".decide.checking.run",
    "prove": ".theorems.prove",
    "theorem": ".theorems.registry",
    "theorems": ".theorems.registry",
}
__all__ = [
    "BnproofError",
    "CheckError",
    "NotationError",
    "OutputError",
    "ProofError",
    "UnknownNameError",
    "check",
    "prove",
    "theorem",
    "theorems",
]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
