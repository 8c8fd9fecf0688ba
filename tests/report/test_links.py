"""Links of the committed pages lead somewhere. That the pages are what the program writes now is seen in `tests/cli/test_report.py`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).resolve().parents[2] / "derivations").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).resolve().exists(), target


def test_there_are_links() -> None:
    assert len(PAGES) > 50
    assert sum("](" in page.read_text(encoding="utf-8") for page in PAGES) > 50
