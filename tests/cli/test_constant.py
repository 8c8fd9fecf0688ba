"""``bnproof constant`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .test_commands import run

MODEL = """
import jax
import jax.numpy as jnp


def pooled(x, gamma, beta):
    print("traced")
    mean, var = x.mean((0, 2, 3), keepdims=True), x.var((0, 2, 3), keepdims=True)
    y = (x - mean) / jnp.sqrt(var + 1e-5) * gamma[:, None, None] + beta[:, None, None]
    return y.mean((0, 2, 3))


def gradients(x, gamma, beta):
    return jax.grad(lambda x: (pooled(x, gamma, beta) ** 2).sum())(x)


def both(x, gamma, beta):
    return {"constant": pooled(x, gamma, beta), "moving": jnp.tanh(x)}
"""
SHAPES = ("--input", "4,3,8,8", "--input", "3", "--input", "3")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text(MODEL, encoding="utf-8")
    return path


def test_the_answer_comes_first_with_the_value(model: Path) -> None:
    done = run("constant", f"{model}:pooled", *SHAPES)
    assert done.returncode == 0
    assert done.stdout.startswith("The output (3) is constant: exactly beta, whatever x is.")
    words = " ".join(done.stdout.split())
    assert "cancels in `reduce_sum` at" in words
    assert "model.py:10" in words
    assert "random weights on what goes into `reduce_sum`" in words
    assert "do test it" in words


def test_gradients_are_functions_too(model: Path) -> None:
    done = run("constant", f"{model}:gradients", *SHAPES)
    assert done.returncode == 0
    assert "exactly 0, whatever x is." in done.stdout


def test_one_that_moves_makes_the_exit_code_1(model: Path) -> None:
    done = run("constant", f"{model}:both", *SHAPES, "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [(output["output"], output["constant"]) for output in found["outputs"]] == [
        ("['constant']", True),
        ("['moving']", False),
    ]
    assert "round-off" not in done.stderr


def test_chains() -> None:
    done = run("constant", "conv -> in -> globalpool")
    assert done.returncode == 0
    assert "exactly in1.beta, whatever input is." in done.stdout
    done = run("constant", "conv -> bn -> globalpool")
    assert done.returncode == 1
    assert "its sum over axis 0 is exactly n·bn1.beta" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("conv -> rellu",), "did you mean relu"),
        (("conv -> bn", "--input", "3"), "--input has no effect"),
        (("conv -> bn", "--data", "x"), "--data has no effect"),
        (("nowhere.py:f", "--input", "3"), "nowhere.py"),
        (("MODEL:poled", *SHAPES), "did you mean pooled"),
        (("MODEL:pooled", "--input", "4,3,8,8"), "gamma"),
        (("MODEL:pooled", *SHAPES, "--data", "y"), "has no argument `y`"),
        (("MODEL:pooled", *SHAPES, "--mode", "eval"), "--mode has no effect"),
    ],
)
def test_wrong_usage_exits_with_2(model: Path, args: tuple[str, ...], words: str) -> None:
    done = run("constant", *(arg.replace("MODEL", str(model)) for arg in args))
    assert done.returncode == 2
    assert not done.stdout
    assert words in done.stderr
    assert "Traceback" not in done.stderr
