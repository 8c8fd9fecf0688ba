"""Each row of `surroundings` in a process of its own: no traceback, no lost answer, the right exit code."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .surroundings import C_LOCALE, CLAIMS, ENCODINGS, PIPED, PROVE, SURROUNDINGS, WRONG, Row

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-m", "bnproof"]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="redirections as in a POSIX shell")


def run(row: Row) -> subprocess.CompletedProcess[bytes]:
    """The row, in an environment that has none of the variables of its table."""
    told = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "COLUMNS", "JAX_"))}
    line = f"{shlex.join([*COMMAND, *row.arguments])} {row.redirection}"
    kept = {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        ["sh", "-c", line], env={**told, **kept, **row.environment}, capture_output=True, timeout=120, cwd=ROOT, check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr
    assert b"Exception ignored" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize("row", SURROUNDINGS, ids=lambda row: ascii(f"{row.environment}{row.redirection} {row.arguments}")[:90])
def test_rows(row: Row) -> None:
    done = run(row)
    message = done.stderr.decode()
    assert done.returncode == row.code, message
    assert [word for word in row.words if word not in message] == []
    assert message.startswith("error: ") if row.words else message == ""
    assert "\x1b" not in message


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_in_other_encodings(encoding: str) -> None:
    done = run(Row(PROVE, {"PYTHONIOENCODING": encoding}))
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding.split(":", maxsplit=1)[0])
    assert "A bias before batch normalisation cancels" in text
    mu = {"utf-16": "μ", "ascii:replace": "?"}.get(encoding, "\\u03bc")
    assert f"= {mu}(0) + b" in text


@pytest.fixture(scope="module")
def value() -> object:
    return json.loads(run(Row((*PROVE, "--json"))).stdout)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_in_other_encodings(encoding: str, value: object) -> None:
    done = run(Row((*PROVE, "--json"), {"PYTHONIOENCODING": encoding}))
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode(encoding.split(":", maxsplit=1)[0])) == value


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_mistakes_in_other_encodings(encoding: str) -> None:
    done = run(Row(WRONG, {"PYTHONIOENCODING": encoding}))
    assert (done.returncode, done.stdout) == (2, b"")
    message = done.stderr.decode(encoding.split(":", maxsplit=1)[0])
    assert message.startswith("error: ")
    assert ("é" if encoding in ("latin-1", "cp1252", "cp437", "utf-16") else "\\xe9") in message


@pytest.mark.parametrize("arguments", [PROVE, (*CLAIMS, "--json"), WRONG, ("report", "--out", "/proc/é"), ("é",)])
def test_without_a_locale(arguments: tuple[str, ...]) -> None:
    done = run(Row(arguments, C_LOCALE))
    refused = arguments in (WRONG, ("é",)) or "--out" in arguments
    assert done.returncode == (2 if refused else 0)
    assert done.stderr.isascii()
    if "--json" in arguments:
        assert json.loads(done.stdout)["schema"] == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", PIPED)
def test_a_reader_that_has_seen_enough(arguments: tuple[str, ...], unbuffered: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()  # before anything is written: the first write fails
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), said) == (0, b"")


@pytest.mark.parametrize("text", [b"conv -> b\xff", b"\xfe\xffconv", "conv → \x1b[1m".encode(), b"conv\x00"])
def test_bytes_that_are_no_text(text: bytes) -> None:
    done = subprocess.run(
        [*COMMAND, "prove", "-"], input=text, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")
    message = done.stderr.decode()
    assert message.startswith("error: ")
    assert "\\x" in message
    assert "\x1b" not in message
