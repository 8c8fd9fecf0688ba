"""Every public name works at any time, whatever was imported before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bnproof


def said(code: str) -> str:
    """What a fresh Python prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    "before",
    [
        "import bnproof",
        "import bnproof.theorems.registry",
        "from bnproof.theorems import registry",
        "import bnproof; bnproof.theorem('rmsnorm_keeps_bias')",
        "import bnproof; bnproof.theorems()",
        "from bnproof import theorems; import bnproof.theorems.prove",
    ],
)
def test_theorems_can_be_called(before: str) -> None:
    names = "from bnproof.theorems.registry import names; n = len(names())"
    call = "import bnproof, sys; assert 'sympy' not in sys.modules; "
    assert (
        said(f"{before}; {call}found = bnproof.theorems(); {names}; print(len(found) == n == len(bnproof.theorems()))")
        == "True"
    )
    assert (
        said(f"{before}; from bnproof import theorems, theorem; print(theorem(theorems()[0].name) is theorems()[0])") == "True"
    )


def test_the_package_stays_a_package() -> None:
    code = "import bnproof; bnproof.theorems(); import bnproof.theorems.registry as r; print(bnproof.theorems.registry is r)"
    assert said(code) == "True"


@pytest.mark.parametrize("name", bnproof.__all__)
def test_no_module_takes_the_place_of_a_public_name(name: str) -> None:
    """With everything imported: a public name is still a class or can be called."""
    code = (
        "import importlib, pkgutil, bnproof\n"
        "for m in pkgutil.iter_modules(bnproof.__path__):\n"
        "    m.name.startswith('__') or importlib.import_module('bnproof.' + m.name)\n"
        f"print(callable(bnproof.{name}))"
    )
    assert said(code) == "True"
