"""What is installed is pinned, what is generated stays out of git, and what the package promises is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import bnproof

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED: dict[str, str] = {
    canonicalize_name(name): number
    for name, number in re.findall(r"^(\S+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
}
PROJECTS_OWN = Path(sys.prefix).name == ".venv" and (Path(sys.prefix) / ".ready").exists()
"""Whether this is the environment that `make` sets up; others need not have what constraints.txt says."""


def installed(requirements: list[str]) -> Iterator[Distribution]:
    """The distributions that these requirements bring, as far as they are installed."""
    waiting, seen = [Requirement(text) for text in requirements], set[tuple[str, str]]()
    while waiting:
        wanted = waiting.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = distribution(wanted.name)
        except PackageNotFoundError:
            continue
        for extra in {"", *wanted.extras}:
            key = (canonicalize_name(wanted.name), extra)
            if key in seen:
                continue
            seen.add(key)
            for text in found.requires or ():
                inner = Requirement(text)
                if inner.marker is None or inner.marker.evaluate({"extra": extra}):
                    inner.marker = None
                    waiting.append(inner)
        yield found


@pytest.mark.skipif(not PROJECTS_OWN, reason="not the environment that make sets up")
@pytest.mark.parametrize("extra", ["", *PROJECT["optional-dependencies"]])
def test_everything_installed_is_pinned(extra: str) -> None:
    requirements = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"].get(extra, [])]
    there = {canonicalize_name(found.metadata["Name"]): found.version for found in installed(requirements)}
    assert "sympy" in there
    assert {name: number for name, number in there.items() if PINNED.get(name) != number} == {}


def test_every_requirement_is_pinned_to_a_version_that_fits() -> None:
    for text in [*PROJECT["dependencies"], *(each for extra in PROJECT["optional-dependencies"].values() for each in extra)]:
        wanted = Requirement(text)
        assert PINNED[canonicalize_name(wanted.name)] in wanted.specifier


def test_constraints_are_sorted_and_each_pins_once() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    names = [canonicalize_name(line.split("==")[0]) for line in lines]
    assert names == sorted(set(names))
    assert len(PINNED) == len(lines)


def test_the_extra_for_gpus_is_one_that_jax_has() -> None:
    (text,) = PROJECT["optional-dependencies"]["gpu"]
    wanted = Requirement(text)
    assert wanted.extras <= set(distribution(wanted.name).metadata.get_all("Provides-Extra") or ())
    assert PINNED["jax-cuda12-plugin"] == PINNED["jax-cuda12-pjrt"] == PINNED["jaxlib"]


def test_one_version_stands_in_one_place() -> None:
    assert PROJECT["dynamic"] == ["version"]
    done = subprocess.run([sys.executable, "-m", "bnproof", "--version"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == f"bnproof {bnproof.__version__}\n"


def test_types_are_packaged() -> None:
    assert (Path(bnproof.__path__[0]) / "py.typed").exists()


@pytest.mark.skipif(shutil.which("git") is None or not (ROOT / ".git").exists(), reason="needs a checkout")
@pytest.mark.parametrize("name", ["uv.lock", ".bnproof.json", ".venv/x", "bnproof-report/derivations/README.md", "dist/x"])
def test_what_tools_leave_is_ignored(name: str) -> None:
    done = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False)
    assert done.returncode == 0
