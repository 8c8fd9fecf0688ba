"""The README's commands and code run, and what it says they print, they print."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bnproof.chain.layers import LAYERS
from bnproof.verdict import Answer, Verdict

from .readme_blocks import BLOCKS, FRAMEWORKS, README, ROOT, assert_prints, commands, framework_of


def shell_lines() -> list[str]:
    return [line for kind, body in BLOCKS if kind == "sh" for line in body.splitlines()]


@pytest.mark.parametrize(("line", "shown"), commands())
def test_commands_run_and_print_what_is_shown(line: str, shown: list[str]) -> None:
    assert_prints(line, shown)


def test_commands_that_need_a_framework_are_told_apart() -> None:
    assert framework_of("bnproof check examples/flax_batchnorm.py:Block --input 4,8,8,3") == "flax"
    assert framework_of("bnproof check examples/own_function.py:layer --input 4") is None
    every = [line for line in shell_lines() if line.startswith("bnproof")]
    assert sorted(every) == sorted(line for name in (None, *FRAMEWORKS) for line, _ in commands(name))


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
