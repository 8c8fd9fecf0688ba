"""What can be typed, in this process: each row of the tables is refused in words, without a traceback, and leaves nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bnproof.cli.app import main

from .chains import CHAINS
from .names import NAMES
from .options import OPTIONS
from .places import PLACES

Refused = Callable[..., str]


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Refused:
    """Runs the command with these arguments, in an empty directory, and returns the message with which it was refused."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["bnproof", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert (ended.value.code, shown.out) == (2, "")
        assert shown.err.startswith("error: ")
        assert "Traceback" not in shown.err
        raw = [letter for letter in shown.err if letter != "\n" and not letter.isprintable() and letter != "\xa0"]
        assert not raw
        return shown.err

    return run


@pytest.mark.parametrize(("chain", "quoted"), CHAINS, ids=[ascii(chain)[:40] for chain, _ in CHAINS])
def test_chains(chain: str, quoted: str, refused: Refused, tmp_path: Path) -> None:
    assert quoted in refused("prove", chain)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("arguments", "words"), NAMES, ids=[ascii(" ".join(row))[:60] for row, _ in NAMES])
def test_names(arguments: tuple[str, ...], words: tuple[str, ...], refused: Refused, tmp_path: Path) -> None:
    message = refused(*arguments)
    assert [word for word in words if word not in message] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("arguments", "words"), OPTIONS, ids=[ascii(" ".join(row))[:60] for row, _ in OPTIONS])
def test_options(arguments: tuple[str, ...], words: tuple[str, ...], refused: Refused, tmp_path: Path) -> None:
    message = refused(*arguments)
    assert [word for word in words if word not in message] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("out", "words"), PLACES, ids=[ascii(out)[:40] for out, _ in PLACES])
def test_places(out: str, words: tuple[str, ...], refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "link").symlink_to("no/where")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "derivations").write_text("a file")
    before = sorted(tmp_path.rglob("*"))

    def early(*_: object) -> None:
        raise AssertionError("the work has begun")

    monkeypatch.setattr("bnproof.theorems.prove.Prover", early)
    message = refused("report", "--out", out)
    assert [word for word in words if word not in message] == []
    assert sorted(tmp_path.rglob("*")) == before


def test_there_are_many() -> None:
    assert len(CHAINS) + len(NAMES) + len(OPTIONS) + len(PLACES) >= 250
