"""Packages that only some formats need, and what to install where they are missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from ...errors import BnproofError

EXTRA = "docs"
"""The extra of this package that brings what is needed."""


def needed(module: str, form: str) -> ModuleType:
    """An optional module. Raises BnproofError that says which extra brings it, and which formats do without."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BnproofError(
            f"format {form} needs the Python package {module}, which is not here: pip install 'bnproof[{EXTRA}]'\n"
            "The formats md, tex, ipynb and json need nothing more."
        ) from error
