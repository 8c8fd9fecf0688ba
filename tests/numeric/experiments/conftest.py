"""Tiny networks spend their time in the compiler: the tests here compile without most optimisations."""

from __future__ import annotations

from collections.abc import Generator

import jax
import pytest


@pytest.fixture(autouse=True)
def _quick_compilation() -> Generator[None]:
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)
