"""`bnproof check file.py:function`, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bnproof.cli.app import main

Called = Callable[..., int]
FILE = """
import jax
import jax.numpy as jnp

print("imported")
PARAMS = {"kernel": jnp.ones((3, 4)), "conv1": {"bias": jnp.zeros(4)}}


def norm(z):
    centred = z - z.mean(0)
    return centred * jax.lax.rsqrt((centred**2).mean(0) + 1e-3)


def forward(params, x):
    print("called")
    return norm(x @ params["kernel"] + params["conv1"]["bias"])


def wrong(x, bias):
    return norm(x + bias) @ norm


def loss(x, labels, rng, kernel=PARAMS["kernel"], bias=jnp.zeros(4), train=False):
    z = norm(x @ kernel + bias)
    if train:
        z = jnp.where(jax.random.bernoulli(rng, 0.5, z.shape), z, 0)
    return -jax.nn.log_softmax(z)[jnp.arange(len(x)), labels].mean()


@jax.custom_vjp
def careless(z):
    return norm(z)


careless.defvjp(lambda z: (norm(z), z), lambda z, g: (g / z.std(0),))


def mistaken(x, bias):
    return careless(x + bias)


class Layer:
    def __init__(self):
        self.offset = jnp.ones(3)

    def __call__(self, x):
        return norm(x + self.offset)


jax.tree_util.register_pytree_with_keys(
    Layer,
    lambda layer: (((jax.tree_util.GetAttrKey("offset"), layer.offset),), None),
    lambda _, children: layer_of(*children),
)


def layer_of(offset):
    made = Layer.__new__(Layer)
    made.offset = offset
    return made


layer = Layer()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.py"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture
def called(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Called]:
    """Calls the command in this process, in the file's folder; returns its exit code."""

    def call(*args: str) -> int:
        monkeypatch.chdir(file.parent)
        monkeypatch.setattr(sys, "argv", ["bnproof", "check", *args])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    monkeypatch.setattr(sys, "path", list(sys.path))
    yield call
    sys.modules.pop("own", None)


def test_a_process_of_its_own(file: Path) -> None:
    """Warnings are errors; what the function prints is not among the results."""
    env = {**os.environ, "PYTHONWARNINGS": "error", "COLUMNS": "80", "JAX_PLATFORMS": "cpu"}
    args = ["check", f"{file}:forward", "--input", "params=PARAMS", "--input", "8,3", "--dtype", "float32"]
    done = subprocess.run([sys.executable, "-m", "bnproof", *args], capture_output=True, text=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (0, "imported\ncalled\n")
    lines = done.stdout.splitlines()
    assert lines[0] == "params.conv1.bias is redundant: no value of it changes the output."
    assert lines[1].startswith("  In float32 its gradient is ")
    assert lines[1].endswith(" by round-off.")
    assert "own.py:forward, params.conv1.bias: proved zero" in lines
    assert any(line.startswith("1 case × dtype on cpu, ") for line in lines)
    assert max(map(len, lines)) <= 80


def test_json(called: Called, capsys: pytest.CaptureFixture[str]) -> None:
    shapes = ("--input", "8,3", "--input", "labels=8:int32", "--input", "rng=key", "--input", "train=True")
    assert called("own.py:loss", *shapes, "--json", "--dtype", "float32", "--bias", "bias", "--bias", "kernel") == 0
    value = json.loads(capsys.readouterr().out)
    assert {(case["case"], case["bias"], case["expected"]) for case in value["cases"]} == {
        ("own.py:loss", "bias", "below"),
        ("own.py:loss", "kernel", "above"),
    }
    assert value["summary"]["failed"] == 0


def test_a_wrong_backward_pass_is_bad_news(called: Called, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("own.py:mistaken", "--input", "8,3", "--input", "3", "--dtype", "float32") == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("bias is redundant: no value of it changes the output. Not so in floating point: its gradient is")
    assert "is not the derivative of the function" in shown


def test_an_object_with_arrays_of_its_own(called: Called, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("own.py:layer", "--input", "8,3", "--dtype", "float32") == 0
    assert capsys.readouterr().out.startswith("offset is redundant: no value of it changes the output.\n")


def test_parameters_by_their_shapes(called: Called, capsys: pytest.CaptureFixture[str]) -> None:
    shapes = ("--input", "params.kernel=3,4", "--input", "params.conv1.bias=4", "--input", "8,3")
    assert called("own.py:forward", *shapes, "--dtype", "float32", "--csv") == 0
    assert "own.py:forward,params.conv1.bias,bias gradient,float32,cpu" in capsys.readouterr().out


def test_a_positional_chain_is_a_case(called: Called, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--dtype", "float32", "--bias", "linear1.bias", "--csv")
    assert called("linear(2) -> bn @ 6x2", *options) == 0
    plain = capsys.readouterr().out
    assert called("--case", "linear(2) -> bn @ 6x2", *options) == 0
    assert capsys.readouterr().out == plain


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("own.py:forward", "--input", "8,3"), "forward(params, x) is called without `x`: give the shape"),
        (("own.py:forward", "--input", "params=PARAM", "--input", "8,3"), "`own.py` has no `PARAM`; did you mean PARAMS"),
        (
            ("own.py:forward", "--input", "params=PARAMS", "--input", "8,4"),
            "got (4,) and (3,).\n  own.py, line 16: return norm(",
        ),
        (("own.py:wrong", "--input", "8,3", "--input", "3"), "cannot be traced with x [8, 3], bias [3]: TypeError"),
        (("own.py:forwrd", "--input", "8,3"), "`own.py` has no `forwrd`; did you mean forward"),
        (("own.py:Layer", "--input", "8,3"), "`own.py:Layer` is a class: name an instance of it"),
        (("own.py:PARAMS", "--input", "8,3"), "cannot be called: name a function of it, and give it by --input params=PARAMS"),
        (("own.py",), "`own.py` names no function: write own.py:NAME; own.py has norm, forward, wrong, loss"),
        (("own.py:norm", "--input", "8,3"), "is named like a bias or a shift"),
        (("own.py:forward", "--input", "params=PARAMS", "--input", "8,3", "--bias", "bas"), "did you mean params.conv1.bias?"),
        (("owm.py:forward", "--input", "8,3"), "there is no file `owm.py`; did you mean own.py?"),
    ],
)
def test_mistakes(args: tuple[str, ...], words: str, called: Called, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(*args) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert words in shown.err
