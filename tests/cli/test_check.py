"""`bnproof check` as a user runs it: exit codes, formats, and every mistake answered in one sentence."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bnproof.cli.app import main
from bnproof.decide.checking import run as module
from bnproof.decide.checking import suites
from bnproof.numeric.checking.measurement import Measurement
from bnproof.report.measurements import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
CHAIN = "linear(2) -> bn @ 6x2"
GOOD = Measurement("conv -> bn", "bias gradient", "float32", "cpu", 8, 1e-7, 1e-6, "below", bias="conv1.bias", sequential=1e-6)


def run(*args: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, in which warnings are errors."""
    env = {**os.environ, "PYTHONWARNINGS": "error", "COLUMNS": "80", "JAX_PLATFORMS": "cpu"}
    return subprocess.run(
        [sys.executable, "-m", "bnproof", "check", *args],
        capture_output=True,
        text=True,
        timeout=120,
        env=env,
        cwd=ROOT,
        check=False,
    )


def called(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    """In this process: the exit code."""
    monkeypatch.setattr(sys, "argv", ["bnproof", "check", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


# --- whole runs


def test_a_chain_as_proved() -> None:
    done = run("--case", CHAIN, "--case", "linear(2) -> relu -> bn @ 6x2", "--dtype", "float32")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "linear(2) -> bn @ 6x2, linear1.bias: proved zero, 6 values together" in lines
    assert "linear(2) -> bn @ 6x2, bn1.beta: acts" in lines
    assert "linear(2) -> relu -> bn @ 6x2, linear1.bias: acts, 6 values together" in lines
    assert "4 cases × dtypes on cpu" in done.stdout
    assert " 0 failed." in " ".join(done.stdout.split())
    assert max(map(len, lines)) <= 80


def test_every_option_belongs_to_a_kind_of_run_or_of_output() -> None:
    import inspect

    from bnproof.cli.check import OUTPUTS, RUNS, check

    assert {name for kind in (*RUNS, *OUTPUTS) for name in kind.options} == {*inspect.signature(check).parameters} - {"context"}


def test_json() -> None:
    done = run("--case", CHAIN, "--bias", "linear1.bias", "--json", "--seed", "3")
    assert (done.returncode, done.stderr) == (0, "")

    def refuse(word: str) -> Any:
        raise AssertionError(word)

    value = json.loads(done.stdout, parse_constant=refuse)
    assert set(value) == {
        "schema",
        "devices",
        "python",
        "versions",
        "settings",
        "kernels",
        "arithmetic",
        "seconds",
        "notes",
        "summary",
        "cases",
        "normal",
        "blame",
        "bounds",
    }
    assert value["schema"] == 1
    assert value["notes"] == []
    assert set(value["versions"]) == {"bnproof", "jax", "jaxlib", "numpy"}
    assert value["summary"]["failed"] == 0
    assert value["summary"]["pairs"] == 2
    assert {case["dtype"] for case in value["cases"]} == {"float64", "float32"}
    assert {case["bias"] for case in value["cases"]} == {"linear1.bias"}
    assert all(set(case) == {*COLUMNS, "passed"} for case in value["cases"])
    quantities = {case["quantity"] for case in value["cases"]}
    assert {"bias gradient", "Hessian row", "other gradients", "output shift by 1"} <= quantities


def test_two_devices() -> None:
    done = run("--devices", "2", "--dtype", "float32", "--csv")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert tuple(rows[0]) == COLUMNS
    assert {row["expected"] for row in rows} == {"below", "above"}
    assert {row["outcome"] for row in rows} == {"as proved"}
    assert all(float(row["measured"]) <= float(row["bound"]) for row in rows if row["expected"] == "below")


def test_a_mistake_ends_the_process_with_two() -> None:
    done = run("--case", "conv -> rellu -> bn")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: unknown layer `rellu`\n  conv -> rellu -> bn\n          ^^^^^ did you mean relu?\n"


def test_batches_larger_than_memory() -> None:
    done = run("--case", "linear(1) -> bn @ 100000000000x1")
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "GiB" in done.stderr


# --- with the measurements planted


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> list[Measurement]:
    """What any run measures."""
    rows: list[Measurement] = []

    def measured(tasks: Any, *_: object) -> Iterator[list[Measurement]]:
        assert list(tasks)
        yield rows

    monkeypatch.setattr(module, "run", measured)
    return rows


def test_a_failure_is_bad_news(
    planted: list[Measurement], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted += [GOOD, replace(GOOD, quantity="other gradients", measured=1.0)]
    assert called(monkeypatch, "--case", CHAIN) == 1
    shown = capsys.readouterr()
    assert "1 as proved, 0 cannot tell, 1 failed." in " ".join(shown.out.split())
    assert "FAILED: conv -> bn, conv1.bias, float32: other gradients is 1" in " ".join(shown.out.split())
    assert shown.err == ""


@pytest.mark.parametrize("option", ["--json", "--csv"])
def test_a_failure_is_bad_news_in_every_format(
    option: str, planted: list[Measurement], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted += [replace(GOOD, measured=float("nan"), obstacle="the bound is too large")]
    assert called(monkeypatch, "--case", CHAIN, option) == 1
    shown = capsys.readouterr()
    assert "FAILED" in shown.out
    assert shown.err == ""


def test_what_cannot_be_told_is_no_failure(
    planted: list[Measurement], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted += [GOOD, replace(GOOD, quantity="output shift by 1", obstacle="the bound is too large: by far")]
    assert called(monkeypatch, "--case", CHAIN) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Floating point agrees with what is proved: 1 of 2 measurements does, and 1\ncannot tell.\n\n")
    words = " ".join(shown.split())
    assert (
        "Cannot tell: the bound is too large (try a wider dtype, or fewer values normalised together): conv -> bn, conv1"
        in words
    )


def test_every_quantity(
    planted: list[Measurement], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted += [GOOD, replace(GOOD, quantity="output shift by 1", measured=5e-7)]
    assert called(monkeypatch, "--case", CHAIN) == 0
    assert "\n  float32   bias gradient " not in capsys.readouterr().out
    assert called(monkeypatch, "--case", CHAIN, "--all") == 0
    assert "bias gradient" in capsys.readouterr().out


def test_options_reach_the_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[tuple[list[Any], int]] = []

    def measured(tasks: Any, device: object, seed: int) -> Iterator[list[Measurement]]:
        asked.append((list(tasks), seed))
        yield [GOOD]

    monkeypatch.setattr(module, "run", measured)
    chosen = ("--case", CHAIN, "--bias", "linear1.bias", "--mode", "eval", "--dtype", "float16", "--dtype", "float64")
    assert called(monkeypatch, *chosen, "--seed", "7") == 0
    assert called(monkeypatch, "--dtype", "bfloat16") == 0
    assert called(monkeypatch) == 0
    (first, seed), (half, _), (quick, _) = asked
    assert [(t.case.chain, t.case.bias, t.case.mode, t.dtype) for t in first] == [
        (CHAIN, "linear1.bias", "eval", dtype) for dtype in ("float16", "float64")
    ]
    assert seed == 7
    assert {t.dtype for t in half} == {"bfloat16"}
    assert len(quick) >= 40
    capsys.readouterr()


def test_interruption_speaks_of_no_files(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run", interrupted)
    assert called(monkeypatch, "--case", CHAIN) == 130
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "interrupted\n")


def test_repeated_options_count_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Any] = []

    def measured(tasks: Any, *_: object) -> Iterator[list[Measurement]]:
        asked.extend(tasks)
        yield [GOOD]

    monkeypatch.setattr(module, "run", measured)
    twice = ("--case", CHAIN, "--dtype", "float32")
    assert called(monkeypatch, *twice, *twice, "--bias", "linear1.bias") == 0
    assert len(asked) == 1
    capsys.readouterr()


def test_long_runs_say_so_beforehand(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def measured(*_: object, **__: object) -> list[Measurement]:
        return [GOOD]

    monkeypatch.setattr("bnproof.numeric.scale.chunked.run_chunked", measured)
    assert called(monkeypatch, "--values", "1000000000", "--dtype", "float32") == 0
    assert capsys.readouterr().err == "1,000,000,000 values in float32: this takes about 30 minutes\n"
    assert called(monkeypatch, "--values", "1000000", "--dtype", "float32") == 0
    assert capsys.readouterr().err == ""


def test_a_suite_without_the_dtype(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(suites.SUITES, "quick", tuple)
    assert called(monkeypatch, "--dtype", "float16") == 2
    assert "the quick suite has no case in float16" in capsys.readouterr().err


def test_a_chain_without_anything_to_check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(monkeypatch, "--case", "relu @ 4x3") == 0
    assert capsys.readouterr().out == "`relu @ 4x3` has no bias and no beta: nothing to check\n"
    assert called(monkeypatch, "--case", "relu @ 4x3", "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert value["notes"] == ["`relu @ 4x3` has no bias and no beta: nothing to check"]
    assert value["cases"] == []
    assert called(monkeypatch, "--case", "relu @ 4x3", "--csv") == 0
    shown = capsys.readouterr()
    assert shown.out == ",".join(COLUMNS) + "\n"
    assert "nothing to check" in shown.err


# --- devices (mistakes in options: tests/cli/hostile)


def test_no_gpu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import jax

    def only_cpu(backend: str | None = None, **_: object) -> list[Any]:
        if backend == "gpu":
            raise RuntimeError("Unknown backend: 'gpu' requested")
        return [jax.devices("cpu")[0]]

    monkeypatch.setattr(jax, "local_devices", only_cpu)
    assert called(monkeypatch, "--device", "gpu") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: no device `gpu`: JAX sees cpu:0.")
    assert "Install JAX for your GPU" in shown.err
