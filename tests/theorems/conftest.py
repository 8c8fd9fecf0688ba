"""Every theorem, proved once for the whole session."""

from __future__ import annotations

import pytest

from bnproof.theorems.prove import Prover


@pytest.fixture(scope="session")
def prover() -> Prover:
    return Prover()
