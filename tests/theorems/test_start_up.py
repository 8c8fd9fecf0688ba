"""Whoever only lists theorems or claims does not wait for SymPy, JAX or NumPy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("sympy", "jax", "numpy", "matplotlib")


def loaded_after(code: str) -> list[str]:
    """Which heavy libraries a fresh Python has imported after the code."""
    shown = f"import sys\ntry:\n    {code}\nfinally:\n    print('loaded', *[m for m in {HEAVY!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True).stdout
    return out.splitlines()[-1].split()[1:]


def command(*args: str) -> str:
    return f"sys.argv = ['bnproof', *{args!r}]; import runpy; runpy.run_module('bnproof', run_name='__main__')"


@pytest.mark.parametrize(
    "code",
    [
        "from bnproof.theorems.registry import theorems; assert theorems()",
        "import bnproof.theorems.prove, bnproof.report.json, bnproof.report.pages.theorem",
        "from bnproof.theorems.registry import theorems; assert all([*t.vocabulary.definitions] for t in theorems())",
        command("theorems"),
        command("claims"),
        command("claims", "--json"),
        command("--help"),
    ],
)
def test_a_list_needs_nothing_heavy(code: str) -> None:
    assert loaded_after(code) == []


def test_a_proof_needs_sympy_alone() -> None:
    """So that the tests above can fail."""
    assert loaded_after(command("theorems", "--json")) == ["sympy"]
