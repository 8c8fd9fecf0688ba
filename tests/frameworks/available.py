"""The frameworks that answers are compared with, where they are installed."""

from __future__ import annotations

import os
from typing import Any

from tests.installed import installed

os.environ["KERAS_BACKEND"] = "jax"  # read when Keras is imported


def framework(name: str) -> Any:
    """The framework's module; the calling module is skipped without it, and fails in CI."""
    return installed(name, "make test-frameworks sets up an environment that has it")
