"""The theorems, one a file, and what belongs to them: glossary, definitions, registry, claims, questions.

Called, the package gives all theorems in reading order. Importing any of its modules makes Python set the name ``theorems``
of `bnproof` to this package, where the public function ``bnproof.theorems()`` stands before; so both do the same.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .theorem import Theorem


class _Theorems(ModuleType):
    """The package as a module that can be called."""

    def __call__(self) -> tuple[Theorem, ...]:
        """All theorems in reading order."""
        from .registry import theorems

        return theorems()


sys.modules[__name__].__class__ = _Theorems
