"""The README's blocks of code: commands with what they are shown to print, and which of them need a framework."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, flags=re.DOTALL)
FRAMEWORKS = ("flax", "equinox", "torch", "keras")


def commands(framework: str | None = None) -> list[tuple[str, list[str]]]:
    """Each command with the blocks that show what it prints, those without a language up to the next command.

    Of the commands that run a file of ``examples/`` named for a framework only those of `framework`; of others only where that is None.
    """
    found: list[tuple[str, list[str]]] = []
    for kind, body in BLOCKS:
        if kind == "sh":
            found += [(line, []) for line in body.splitlines() if line.startswith("bnproof")]
        elif kind == "" and found:
            found[-1][1].append(body)
    return [(line, shown) for line, shown in found if framework_of(line) == framework]


def framework_of(line: str) -> str | None:
    """The framework that the file of an example is named for, if the command runs one."""
    named = re.search(r"examples/([a-z]+)_", line)
    return named[1] if named and named[1] in FRAMEWORKS else None


def assert_prints(line: str, shown: list[str]) -> None:
    """Runs a command of the README, and compares what it prints with what is shown."""
    done = subprocess.run([sys.executable, "-m", *shlex.split(line)], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert shown
    for block in shown:
        assert block in done.stdout
