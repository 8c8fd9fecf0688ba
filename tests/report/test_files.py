"""Files are written whole or not at all, and nobody else's file is overwritten."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bnproof.errors import OutputError
from bnproof.report import files
from bnproof.report.files import MANIFEST, check_writable, write_all

OWN = "<!-- Written by `bnproof report` -->\n"
PAGE = Path("pages", "page.md")
PICTURE = Path("figures", "figure.pdf")
BYTES = b"%PDF-1.5\x00\xff\xfe"


def manifest(out: Path) -> dict[str, list[str]]:
    return json.loads((out / MANIFEST).read_text())["files"]


def content(out: Path) -> dict[str, bytes]:
    """Everything below, the manifest excepted."""
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file() and p.name != MANIFEST}


def test_writes_and_reports_changes(tmp_path: Path) -> None:
    target: dict[Path, str | bytes] = {PAGE: OWN + "one\n", PICTURE: BYTES}
    assert write_all(tmp_path, target) == [tmp_path / PAGE, tmp_path / PICTURE]
    assert write_all(tmp_path, target) == []
    assert content(tmp_path) == {str(PAGE): (OWN + "one\n").encode(), str(PICTURE): BYTES}


def test_the_manifest_holds_digests_of_what_stands_there(tmp_path: Path) -> None:
    write_all(tmp_path, {PAGE: "any text", PICTURE: BYTES})
    write_all(tmp_path, {PAGE: "another"})
    assert manifest(tmp_path) == {
        "figures/figure.pdf": [hashlib.sha256(BYTES).hexdigest()],
        "pages/page.md": [hashlib.sha256(b"another").hexdigest()],
    }
    (tmp_path / PICTURE).unlink()
    write_all(tmp_path, {PAGE: "another"})
    assert list(manifest(tmp_path)) == ["pages/page.md"]


@pytest.mark.parametrize("first", [OWN + "old", "without a signature", BYTES])
def test_own_files_are_replaced(first: str | bytes, tmp_path: Path) -> None:
    write_all(tmp_path, {PAGE: first})
    assert write_all(tmp_path, {PAGE: "new"}) == [tmp_path / PAGE]
    assert write_all(tmp_path, {PAGE: b"newer\xff"}) == [tmp_path / PAGE]


def test_a_signature_is_enough_where_there_is_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(OWN + "of a fresh clone")
    assert write_all(tmp_path, {Path("page.md"): "new"}) == [tmp_path / "page.md"]


def test_a_signature_further_down_is_not(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("a" * 1024 + OWN)
    with pytest.raises(OutputError, match="was not written by bnproof"):
        write_all(tmp_path, {Path("page.md"): "new"})


@pytest.mark.parametrize("edit", [OWN + "edited", "edited", "", b"\xff"])
def test_a_file_that_was_changed_since_is_foreign(edit: str | bytes, tmp_path: Path) -> None:
    write_all(tmp_path, {PAGE: OWN + "old", PICTURE: BYTES})
    (tmp_path / PAGE).write_bytes(edit.encode() if isinstance(edit, str) else edit)
    before = content(tmp_path)
    with pytest.raises(OutputError, match=r"page\.md was changed since bnproof wrote it; .*--force"):
        write_all(tmp_path, {PAGE: OWN + "new", PICTURE: BYTES + b"new"})
    assert content(tmp_path) == before
    write_all(tmp_path, {PAGE: OWN + "new"}, force=True)
    assert (tmp_path / PAGE).read_text() == OWN + "new"
    assert write_all(tmp_path, {PAGE: OWN + "newer"}) == [tmp_path / PAGE]


def test_a_change_to_what_would_be_written_anyway_is_none(tmp_path: Path) -> None:
    write_all(tmp_path, {PAGE: "old"})
    (tmp_path / PAGE).write_text("new")
    assert write_all(tmp_path, {PAGE: "new"}) == []
    assert write_all(tmp_path, {PAGE: "newer"}) == [tmp_path / PAGE]


def test_foreign_files_stay_and_nothing_else_is_written(tmp_path: Path) -> None:
    foreign = tmp_path / "README.md"
    foreign.write_text("mine")
    with pytest.raises(OutputError, match=r"README\.md exists and was not written by bnproof.*--force"):
        write_all(tmp_path, {Path("new.md"): OWN, Path("README.md"): OWN})
    assert content(tmp_path) == {"README.md": b"mine"}
    write_all(tmp_path, {Path("README.md"): OWN}, force=True)
    assert foreign.read_text() == OWN


def test_binary_foreign_file(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"bnproof report\xff\xfe\x00")
    with pytest.raises(OutputError):
        write_all(tmp_path, {Path("page.md"): OWN})
    assert path.read_bytes() == b"bnproof report\xff\xfe\x00"


@pytest.mark.parametrize("text", ["", "mine", "[]", '{"files": 1}', '{"files": {"a": 1}}', '{"files"', "[" * 100_000])
def test_a_foreign_manifest_stays(text: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(OutputError, match=r"\.bnproof\.json is not a list of what bnproof wrote.*--force"):
        write_all(tmp_path, {PAGE: OWN})
    assert (tmp_path / MANIFEST).read_text() == text
    assert content(tmp_path) == {}
    write_all(tmp_path, {PAGE: OWN}, force=True)
    assert list(manifest(tmp_path)) == ["pages/page.md"]


@pytest.mark.parametrize("force", [False, True])
def test_a_directory_where_a_file_should_be(force: bool, tmp_path: Path) -> None:
    (tmp_path / PAGE).mkdir(parents=True)
    with pytest.raises(OutputError, match="cannot write" if force else "was not written by bnproof"):
        write_all(tmp_path, {PAGE: OWN}, force)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "page.md")
    with pytest.raises(OutputError, match="was not written by bnproof"):
        write_all(tmp_path, {Path("page.md"): OWN})


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(OWN + "old")
    (tmp_path / "page.md").symlink_to(tmp_path / "elsewhere")
    write_all(tmp_path, {Path("page.md"): OWN + "new"})
    assert (tmp_path / "elsewhere").read_text() == OWN + "old"
    assert (tmp_path / "page.md").read_text() == OWN + "new"


# --- where nothing can be written

REFUSED: dict[str, Any] = {
    "a file in place of the directory": lambda at: (at / "out").write_text("a file"),
    "a file in place of its parent": lambda at: at.joinpath("out").symlink_to(at / "file" / "out"),
    "a file in place of a folder": lambda at: ((at / "out").mkdir(), (at / "out" / "pages").write_text("a file")),
    "a link that leads nowhere": lambda at: (at / "out").symlink_to(at / "nowhere" / "else"),
    "a link to itself": lambda at: (at / "out").symlink_to(at / "out"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_before_anything_is_written(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    REFUSED[kind](tmp_path)
    before = content(tmp_path)
    for write in (lambda: check_writable(tmp_path / "out", [PAGE.parent]), lambda: write_all(tmp_path / "out", {PAGE: OWN})):
        with pytest.raises(OutputError, match=r"cannot write to .*out.*choose another --out"):
            write()
    assert content(tmp_path) == before


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place where not even root may write")
@pytest.mark.parametrize("out", ["/proc/bnproof", "/dev/null", "/dev/null/out", "/proc/self/fd/out"])
def test_unwritable_directory(out: str) -> None:
    with pytest.raises(OutputError, match=f"cannot write to {out}"):
        check_writable(Path(out), [PAGE.parent])


@pytest.mark.parametrize("name", ["a" * 300, "/".join(["abcdefgh"] * 1000)])
def test_long_names(name: str, tmp_path: Path) -> None:
    for write in (check_writable, lambda out, folders: write_all(out, {folder / "page.md": OWN for folder in folders})):
        with pytest.raises(OutputError, match="name too long"):
            write(tmp_path / name, [PAGE.parent])
    assert list(tmp_path.iterdir()) == []


def test_asking_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    check_writable(tmp_path / "a" / "b", [Path("c", "d")])
    check_writable(tmp_path / "there", [Path("c")])
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["there"]


# --- interruptions


def test_interruption_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, {Path("page.md"): OWN})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("after", [1, 2, 3])
def test_whatever_an_interruption_leaves_is_known_again(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_all(tmp_path, {PAGE: "old", PICTURE: b"old"})
    done: list[object] = []
    replace = os.replace

    def some(*args: Any) -> None:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(args)
        replace(*args)

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "replace", some)
        with pytest.raises(KeyboardInterrupt):
            write_all(tmp_path, {PAGE: "new", PICTURE: b"new"})
    assert write_all(tmp_path, {PAGE: "newer", PICTURE: b"newer"}) == [tmp_path / PAGE, tmp_path / PICTURE]
    assert {len(digests) for digests in manifest(tmp_path).values()} == {1}
