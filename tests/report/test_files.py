"""Files are written whole or not at all, and nobody else's file is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnproof.errors import OutputError
from bnproof.report import files
from bnproof.report.files import write_all

OWN = "<!-- Written by `bnproof report` -->\n"


def test_writes_and_reports_changes(tmp_path: Path) -> None:
    target = {tmp_path / "a" / "b.md": OWN + "one\n"}
    assert write_all(target) == list(target)
    assert write_all(target) == []
    assert (tmp_path / "a" / "b.md").read_text() == OWN + "one\n"
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b.md"]


def test_foreign_files_stay_and_nothing_else_is_written(tmp_path: Path) -> None:
    foreign = tmp_path / "README.md"
    foreign.write_text("mine")
    with pytest.raises(OutputError, match=r"README\.md exists and was not written by bnproof.*--force"):
        write_all({tmp_path / "new.md": OWN, foreign: OWN})
    assert foreign.read_text() == "mine"
    assert not (tmp_path / "new.md").exists()
    write_all({foreign: OWN}, force=True)
    assert foreign.read_text() == OWN


def test_own_files_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    write_all({path: OWN + "old"})
    assert write_all({path: OWN + "new"}) == [path]


def test_binary_foreign_file(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OutputError):
        write_all({path: OWN})
    assert path.read_bytes() == b"\xff\xfe\x00"


def test_a_file_where_a_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "derivations").write_text("a file")
    with pytest.raises(OutputError, match=r"cannot write to .*derivations"):
        write_all({tmp_path / "derivations" / "page.md": OWN})


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place where not even root may write")
def test_unwritable_directory() -> None:
    with pytest.raises(OutputError, match="cannot write to /proc/bnproof"):
        write_all({Path("/proc/bnproof/page.md"): OWN})


def test_interruption_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all({tmp_path / "page.md": OWN})
    assert list(tmp_path.iterdir()) == []
