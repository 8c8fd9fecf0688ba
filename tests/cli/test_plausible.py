"""``bnproof plausible`` as a user runs it."""

from __future__ import annotations

import json

import pytest

from .test_commands import run


def test_the_answer_comes_first_and_the_exit_code_says_it() -> None:
    done = run("plausible", "3e-9", "--n", "4096", "--dtype", "float32", "--grad-norm", "0.7")
    assert done.returncode == 0
    assert done.stdout.startswith("A bias gradient of 3e-09 is round-off, no bug")
    assert "γ = 1, σ = 1, ε = 1e-05, mean of the values at most σ" in " ".join(done.stdout.split())
    done = run("plausible", "-0.3", "--n", "4096", "--grad-norm", "0.7")
    assert done.returncode == 1
    assert done.stdout.startswith("A bias gradient of 0.3 is not round-off")
    assert 'bnproof prove "conv -> bn" --mode eval' in " ".join(done.stdout.split())


def test_json_holds_the_numbers() -> None:
    done = run("plausible", "0.003", "--n", "4096", "--grad-norm", "0.7", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found["schema"] == 1
    assert found["zone"] == "unusual"
    assert found["expected"] < found["probable"] < found["gradient"] < found["bound"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nan", "--n", "8", "--grad-norm", "1"), "gradient = nan"),
        (("1", "--n", "-8", "--grad-norm", "1"), "count = -8"),
        (("1", "--n", "8", "--grad-norm", "-1"), "norm = -1"),
        (("1", "--n", "8"), "--grad-norm"),
        (("1", "--n", "8", "--grad-norm", "1", "--norm", "rms"), "subtracts no mean"),
        (("1", "--n", "8", "--grad-norm", "1", "--dtype", "half"), "unknown dtype"),
        (("1", "--n", "8", "--grad-norm", "1", "--gama", "1"), "--gama"),
    ],
)
def test_wrong_usage_exits_with_2(args: tuple[str, ...], words: str) -> None:
    done = run("plausible", *args)
    assert done.returncode == 2
    assert not done.stdout
    assert words in done.stderr
    assert "Traceback" not in done.stderr
