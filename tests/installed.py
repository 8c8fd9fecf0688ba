"""Python packages that some tests need, where they are installed."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

import pytest


def installed(name: str, otherwise: str = "pip install -e '.[docs,test]'") -> Any:
    """The package's module. Where it is not installed the test or module is skipped, or fails if CI is set and not empty.

    otherwise: what to do about it.
    """
    if importlib.util.find_spec(name) is None:
        reason = f"{name} is not installed: {otherwise}"
        if os.environ.get("CI"):
            raise ModuleNotFoundError(reason)
        pytest.skip(reason, allow_module_level=True)
    return importlib.import_module(name)
