"""What is committed is what the program renders now."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from bnproof.plots.gallery import figures
from bnproof.report.build import pages
from bnproof.theorems import registry
from bnproof.theorems.prove import Proved, Prover

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def proofs() -> list[Proved]:
    prover = Prover()
    return [prover.prove(registry.theorem(name)) for name in registry.names()]


@pytest.fixture(scope="module")
def rendered(proofs: list[Proved]) -> dict[Path, str]:
    return {path: content for path, content in pages(proofs, "md").items() if isinstance(content, str)}


def test_derivations_are_fresh(rendered: dict[Path, str]) -> None:
    stale = [str(path) for path, text in rendered.items() if _read(path) != text]
    assert not stale, f"run `make report`: {stale}"


def test_there_are_no_other_pages(rendered: dict[Path, str]) -> None:
    assert {p.relative_to(ROOT) for p in (ROOT / "derivations").iterdir()} == set(rendered)


def test_figures_are_fresh() -> None:
    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line
    )
    if version("matplotlib") != pinned["matplotlib"]:
        pytest.skip(f"byte comparison holds for matplotlib {pinned['matplotlib']}, not {version('matplotlib')}")
    drawn = figures()
    assert {p.relative_to(ROOT) for p in (ROOT / "figures").iterdir()} == set(drawn)
    stale = [str(path) for path, text in drawn.items() if _read(path) != text]
    assert not stale, f"run `make report`: {stale}"


def test_links_lead_somewhere(rendered: dict[Path, str]) -> None:
    import re

    for path, text in rendered.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            assert (ROOT / path.parent / target).resolve().exists(), f"{path}: {target}"


def test_tex_pages_use_letters_that_latex_knows(proofs: list[Proved]) -> None:
    written = pages(proofs, "tex")
    words = [text for text in written.values() if isinstance(text, str)]
    assert len(words) == len(written)
    unknown = {letter for text in words for letter in text if ord(letter) > 0x17F} - set("–—‘’“”")
    assert not unknown


def _read(path: Path) -> str | None:
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
