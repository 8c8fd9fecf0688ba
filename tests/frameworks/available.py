"""The frameworks that answers are compared with, where they are installed."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

import pytest

os.environ["KERAS_BACKEND"] = "jax"  # read when Keras is imported


def framework(name: str) -> Any:
    """The framework's module. Where it is not installed the calling module is skipped, or fails if CI is set and not empty."""
    if importlib.util.find_spec(name) is None:
        reason = f"{name} is not installed: make test-frameworks sets up an environment that has it"
        if os.environ.get("CI"):
            raise ModuleNotFoundError(reason)
        pytest.skip(reason, allow_module_level=True)
    return importlib.import_module(name)
