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


def test_what_is_public_is_listed_once_and_described() -> None:
    listed = bnproof.__dict__["_PUBLIC"]
    assert sorted(listed) == sorted(bnproof.__all__) == dir(bnproof)
    assert bnproof.__doc__ is not None
    assert all(name in bnproof.__doc__ for name in listed)


def test_decide_can_be_called_whatever_was_imported() -> None:
    code = "import bnproof, bnproof.decide.chain\nprint(bnproof.decide('conv -> bn', 'train').verdicts[0].verdict)"
    assert said(code) == "redundant"


def test_prove_takes_a_chain_a_theorem_an_example_and_a_claim() -> None:
    answer = bnproof.prove("conv -> bn", "train")
    assert isinstance(answer, bnproof.Answer)
    assert [(v.bias, v.verdict) for v in answer.verdicts] == [("conv1.bias", "redundant"), ("bn1.beta", "acts")]
    theorem = bnproof.theorem("rmsnorm_keeps_bias")
    by_name, by_object = bnproof.prove(theorem.name), bnproof.prove(theorem)
    assert isinstance(by_name, bnproof.Proved)
    assert by_name.steps == by_object.steps > 0
    claim = bnproof.prove("s0.F")
    assert isinstance(claim, bnproof.Claim)
    assert claim.id == "S0.f"
    judged = bnproof.prove("S2", "train")
    assert isinstance(judged, bnproof.Judged)
    assert judged.example.name == "S2"
    for unknown in ("S9", "S0.zz", "no_such_theorem_here"):
        with pytest.raises(bnproof.UnknownNameError):
            bnproof.prove(unknown)
    with pytest.raises(bnproof.ChainError):
        bnproof.prove("conv -> rellu")
