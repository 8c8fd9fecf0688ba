"""The README's commands and code run, and what it says they print, they print."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bnproof.chain.layers import LAYERS
from bnproof.verdict import Answer, Verdict

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, flags=re.DOTALL)


def shell_lines() -> list[str]:
    return [line for kind, body in BLOCKS if kind == "sh" for line in body.splitlines()]


def commands() -> list[tuple[str, list[str]]]:
    """Each command with the blocks that show what it prints: those without a language up to the next command."""
    found: list[tuple[str, list[str]]] = []
    for kind, body in BLOCKS:
        if kind == "sh":
            found += [(line, []) for line in body.splitlines() if line.startswith("bnproof")]
        elif kind == "" and found:
            found[-1][1].append(body)
    return found


@pytest.mark.parametrize(("line", "shown"), commands())
def test_commands_run_and_print_what_is_shown(line: str, shown: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *shlex.split(line)], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0
    assert shown
    for block in shown:
        assert block in done.stdout


@pytest.mark.parametrize("line", [line for line in shell_lines() if line.startswith("make")])
def test_make_targets_exist(line: str) -> None:
    done = subprocess.run([*line.split(), "--dry-run"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("code", [body for kind, body in BLOCKS if kind == "python"])
def test_python_runs(code: str) -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "True"


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_layer_and_every_field_of_a_verdict_is_named() -> None:
    words = set(re.findall(r"[a-z_0-9]+", README))
    assert set(LAYERS) <= words
    assert set(Verdict("b", "train", "acts", "").as_json()) <= words
    assert set(Answer("c", ()).as_json()) <= words
