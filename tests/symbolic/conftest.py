"""A vocabulary for the kernel's own tests: batch-norm abbreviations over the project's glossary."""

from __future__ import annotations

import pytest

from bnproof.symbolic.checker import Checker
from bnproof.symbolic.symbols import Vocabulary
from bnproof.theorems.definitions import BATCHNORM, BATCHNORM_AT, definitions
from bnproof.theorems.glossary import GLOSSARY


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return Vocabulary(GLOSSARY, definitions(*BATCHNORM, *BATCHNORM_AT))


@pytest.fixture
def checker(vocabulary: Vocabulary) -> Checker:
    return Checker(vocabulary)
