"""The SymPy on the pages: short, plain, and it prints what stands below each print as a comment."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from bnproof.report.document import Listing
from bnproof.report.pages.theorem import page
from bnproof.theorems import registry
from bnproof.theorems.prove import Prover

SHOWN = tuple(theorem.name for theorem in registry.theorems() if theorem.sympy)
HEADLINES = ("bias_cancels_of_batch_statistics", "affine_cannot_replace_bias_of_relu_before_batchnorm")
LINES, COLUMNS = 15, 76


def run(program: str, folder: Path) -> list[str]:
    """What the program prints in a Python of its own, which sees nothing of ours."""
    done = subprocess.run([sys.executable, "-I", "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def promised(program: str) -> list[str]:
    """What the comments say that it prints."""
    return [line.removeprefix("# ") for line in program.splitlines() if line.startswith("#")]


def imported(program: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(program)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_the_headline_pages_show_it() -> None:
    assert set(HEADLINES) <= set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_what_the_page_shows_runs_and_prints_what_it_says(name: str, prover: Prover, tmp_path: Path) -> None:
    (listing,) = (block for block in page(prover.prove(registry.theorem(name))).blocks if isinstance(block, Listing))
    lines = listing.program.splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    assert imported(listing.program) == {"sympy"}
    assert promised(listing.program)
    assert run(listing.program, tmp_path) == promised(listing.program)


@pytest.mark.parametrize("name", SHOWN)
def test_other_numbers_are_found_out(name: str, tmp_path: Path) -> None:
    program = registry.theorem(name).sympy
    wrong = {HEADLINES[0]: ("+ b -", "+ i*b -"), HEADLINES[1]: ("(-1, 1, 2)", "(1, 2, 3)")}.get(name, ("print(", "print(1, "))
    assert wrong[0] in program
    assert run(program.replace(*wrong, 1), tmp_path) != promised(program)
