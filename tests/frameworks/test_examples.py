"""The README's examples that need a framework print what is shown."""

from __future__ import annotations

import pytest

from tests.readme_blocks import assert_prints, commands

from .available import framework

framework("flax")
FLAX = commands("flax")


def test_there_is_one() -> None:
    assert FLAX


@pytest.mark.parametrize(("line", "shown"), FLAX)
def test_an_example_prints_what_is_shown(line: str, shown: list[str]) -> None:
    assert_prints(line, shown)
