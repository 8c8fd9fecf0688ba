"""``bnproof teach`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bnproof.cli.app import app
from bnproof.errors import BnproofError, OutputError
from bnproof.teach.explorable import explorable

from .test_commands import run

RIGHT = "exercise: mean-moves\n\n  mu_at(b)\n= mean(i, z[i]) + mean(i, b)  -- the mean of a sum\n= mu_at(0) + b  -- {b} is the same\n"
WRONG = "exercise: mean-moves\n\n  mu_at(b)\n= 1/n*sum(i, z[i]) + n*b  -- n times b\n= mu_at(0) + b  -- \x1b[31mthe mean\n"


def test_a_right_answer(tmp_path: Path) -> None:
    (tmp_path / "right.md").write_text(RIGHT)
    done = run("teach", "check", str(tmp_path / "right.md"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Accepted: every line of `mean-moves` is proved")
    assert "Only the expressions were judged." in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_wrong_answer_says_the_line_and_the_numbers(tmp_path: Path) -> None:
    (tmp_path / "wrong.md").write_text(WRONG)
    done = run("teach", "check", str(tmp_path / "wrong.md"))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("Refused: line 4 of `mean-moves` fails, the others hold.")
    assert "Line 4 does not follow from line 3. Take n = " in done.stdout
    assert "\x1b" not in done.stdout
    done = run("teach", "check", str(tmp_path / "wrong.md"), "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert (found["schema"], found["exercise"], found["accepted"]) == (1, "mean-moves", False)
    assert [line["verdict"] for line in found["lines"]] == ["begins", "wrong", "holds"]
    assert found["lines"][1]["value_before"] != found["lines"][1]["value"]
    assert found["lines"][1]["refuted_at"].keys() == {"n", "b", "z"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "a.md",
            "exercise: mean-moves\nmu_at(b)\n= mu(0) + b -- so\n",
            "line 3: `mu(0) + b` is refused: unknown function `mu`",
        ),
        ("a.md", "exercise: mean\nb\n= b -- so\n", "there is no exercise `mean` (nearest: `relu-mean`, `mean-moves`"),
        ("a.py", "import os\n", "line 1: `import os` is code, and nothing in an answer is run"),
        ("a.txt", "", "neither Markdown nor Python"),
    ],
)
def test_wrong_input_exits_with_2(name: str, text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    done = run("teach", "check", str(tmp_path / name))
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_exercises_are_listed_and_told() -> None:
    done = run("teach", "proofs")
    assert done.returncode == 0
    assert done.stdout.startswith("mean-moves")
    done = run("teach", "proofs", "relu-mean")
    assert done.returncode == 0
    assert "  from  rm\n  to    Z/n + m*b/n\n" in done.stdout
    assert "chi[i]*(z[i] + b)" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    done = run("teach", "proofs", "relu")
    assert done.returncode == 2
    assert "nearest: `relu-mean`" in done.stderr


def test_help_and_nothing() -> None:
    done = run("teach")
    assert (done.returncode, done.stdout) == (2, "")
    assert "check" in done.stderr
    done = run("teach", "check", "--help")
    assert done.returncode == 0
    assert "0 accepted, 1 a line is refused, 2 the answer cannot be read" in " ".join(done.stdout.split())


def made(tmp_path: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["teach", *words, "--out", str(tmp_path / "lesson")])


def test_a_sheet_with_solutions_and_marking_in_several_formats(tmp_path: Path) -> None:
    done = made(tmp_path, "exercises", "--seed", "11", "--format", "md,tex", "--level", "intro", "--count", "3")
    assert done.exit_code == 0, done.output
    names = {path.name for path in (tmp_path / "lesson").iterdir() if not path.name.startswith(".")}
    assert names == {f"{stem}-11.{form}" for stem in ("exercises", "solutions", "marking") for form in ("md", "tex")}
    assert "bnproof teach exercises --seed 11" in (tmp_path / "lesson" / "exercises-11.md").read_text("utf-8")
    assert "6 of them written now" in done.output
    assert "0 of them written now" in made(tmp_path, "exercises", "--seed", "11", "--level", "intro", "--count", "3").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("exercises", "--level", "hard"), "unknown level `hard`"),
        (("exercises", "--count", "0"), "0"),
        (("exercises", "--format", "doc"), "unknown format `doc`"),
        (("exercises", "--format", "json"), "unknown format `json`"),
    ],
)
def test_what_a_sheet_cannot_be(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    refused = made(tmp_path, *words)
    assert isinstance(refused.exception, BnproofError)
    assert said in str(refused.exception)
    assert not (tmp_path / "lesson").exists()


def test_the_explorable_and_puzzles_are_written_whole(tmp_path: Path) -> None:
    assert made(tmp_path, "explorable").exit_code == 0
    assert (tmp_path / "lesson" / "drag-the-bias.html").read_text("utf-8") == explorable()
    assert made(tmp_path, "puzzles").exit_code == 0
    written = list((tmp_path / "lesson" / "puzzles").glob("*.json"))
    assert len(written) > 50
    written[0].write_text("mine")
    assert isinstance(made(tmp_path, "puzzles").exception, OutputError)
    assert written[0].read_text() == "mine"
