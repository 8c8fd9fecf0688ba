"""`python -m benchmarks.gpu` as it is run: rehearsed on the CPU, cut short, interrupted, and asked for what is not there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from benchmarks import gpu
from benchmarks.gpu_bounds import cost, probe_line, soak_outcomes
from benchmarks.gpu_plan import GPU, PRETEND, RESULTS, parts, repeated
from benchmarks.on_device import DTYPES, joined, outcome_line, outcomes, summed
from bnproof.decide.checking.suites import quick
from bnproof.numeric.compiling import ASKED
from bnproof.numeric.roundoff.probes.functions import EXACT, FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]
PARTS = [
    "probes",
    "checks",
    "soak",
    "step",
    "PyTorch",
    "floor",
    "cost of the bound",
    "bias gradient",
    "determinism",
    "soak, the rest",
]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.gpu", *options]


def ran(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*options), cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=240, check=False
    )


def load(path: Path) -> dict[str, Any]:
    def refuse(word: str) -> Any:
        raise AssertionError(word)

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def test_a_short_rehearsal(tmp_path: Path) -> None:
    path = tmp_path / "out" / "r.json"
    done = ran("--pretend", "--quick", "--out", str(path))
    assert done.returncode == 0, done.stderr
    record = load(path)
    assert (record["schema"], record["pretend"], record["quick"], record["complete"]) == (1, True, True, True)
    assert record["stopped"] is None
    assert record["budget_s"] == gpu.BUDGET
    assert 0 < record["seconds"] < gpu.BUDGET
    assert set(record["packages"]) == {"bnproof", "jax", "jaxlib", "numpy"}
    assert (record["device"]["platform"], record["device"]["nvidia_smi"]) == ("cpu", None)
    assert record["device"]["packages"]["jax"] == jax.__version__
    assert list(record["parts"]) == PARTS
    units = {name: part["units"] for name, part in record["parts"].items()}
    for rows in units.values():
        assert {row["dtype"] for row in rows} == set(DTYPES)
        for row in rows:
            assert row["status"] != "failed", row
            assert (row["status"] == "not applicable") == (row["dtype"] == "tf32") or rows is units["PyTorch"]
    for row in units["checks"] + units["bias gradient"]:
        for m in row.get("result", {"measurements": []})["measurements"]:
            assert m["outcome"] in ("as proved", "cannot tell")
            assert m["dtype"] == row["dtype"]
            assert {"kernels", "measurements"} <= set(row["result"]) or row in units["bias gradient"]
    for row in units["probes"]:
        if row["status"] == "done":
            assert (row["result"]["operand"], row["result"]["transforms"]) == (0, False)
            assert set(row["result"]["functions"]) == {*EXACT, *FUNCTIONS}
    for row in units["soak"] + units["soak, the rest"]:
        if row["status"] == "done":
            assert (row["result"]["cases"], row["result"]["failures"]) == (2, [])
            assert row["result"]["measurements"] >= 2
    for row in units["cost of the bound"]:
        if row["status"] == "done":
            assert row["result"]["times"] > 1
    for row in units["floor"]:
        if row["status"] == "done":
            assert 0 < row["result"]["fraction"] < 2
    for row in units["step"]:
        if row["status"] == "done":
            assert isinstance(row["result"]["kernels"], list)
            assert row["result"]["ratio"] > 0
            assert 0 <= row["result"]["gradient_over_bound"] <= 1
    for name in ("checks", "bias gradient"):
        summary = record["parts"][name]["summary"]
        assert set(summary) == set(DTYPES) - {"tf32"}
        assert summary["float32"]["as proved"]
        assert not any(found["FAILED"] for found in summary.values())  # of one small case a half type need tell nothing
        assert all(0 < float(found["largest"]["ratio"]) <= 1 for found in summary.values() if found["largest"])
    weakest = [found["weakest"] for found in record["parts"]["bias gradient"]["summary"].values() if found["weakest"]]
    assert weakest
    assert all(row["ratio"] >= row["factor"] > 1 and "relu" in row["case"] for row in weakest)
    assert done.stdout.splitlines()[-1].endswith(f"Written to {path}")
    assert "complete: " in done.stdout


def test_a_budget_that_is_too_short(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    done = ran("--pretend", "--budget", "0.5", "--out", str(path))
    assert done.returncode == 0, done.stderr
    record = load(path)
    assert not record["complete"]
    assert record["counts"].get("done", 0) < 10
    assert record["counts"].get("skipped", 0) + record["counts"].get("not begun", 0) > 50
    assert record["seconds"] < 20
    assert "incomplete" in done.stdout


def test_what_is_still_running_is_given_up_when_the_budget_is_spent(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from benchmarks import gpu, gpu_plan\n"
        "from benchmarks.units import Part, Unit\n"
        "units = [Unit({'k': k}, str(k), lambda: time.sleep(100)) for k in range(3)]\n"
        "gpu_plan.parts = lambda *_: [Part('p', 0.9, units, together=True)]\n"
        "raise SystemExit(gpu.main(['--pretend', '--budget', '4', '--out', sys.argv[1]]))\n"
    )
    path, began = tmp_path / "r.json", time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 60
    record = load(path)
    assert (record["complete"], record["stopped"]) == (False, "the budget was spent")
    assert record["counts"] == {"not begun": 3}


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_recorded(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "r.json"
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # so it is in a shell's background, and the child would ignore it too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command("--pretend", "--out", str(path)),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        end = time.monotonic() + 120
        while time.monotonic() < end and not (path.exists() and load(path)["counts"].get("done")):
            time.sleep(0.1)
        process.send_signal(number)
        printed, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")
    record = load(path)
    assert (record["complete"], record["stopped"]) == (False, "interrupted")
    assert record["counts"]["done"] > 0
    assert "incomplete (interrupted)" in printed


def test_without_a_gpu() -> None:
    done = ran()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: no device `gpu`: JAX sees cpu:0.")
    assert done.stderr.count("\n") == 1
    assert "python -m benchmarks.gpu --pretend" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--budget", "0"], "`0`: expected a number of seconds above 0"),
        (["--budget", "nan"], "`nan`: expected a number"),
        (["--budget", "soon"], "`soon`: expected a number"),
        (["--out", "README.md"], "`README.md`: expected a name that ends in .json"),
    ],
)
def test_wrong_usage(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        gpu.main(["--pretend", *options])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_file_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert gpu.main(["--pretend", "--out", str(tmp_path / "file" / "r.json")]) == 2
    assert "choose another --out" in capsys.readouterr().err


def test_the_plan_covers_the_quick_suite_in_every_dtype() -> None:
    device = jax.devices("cpu")[0]
    suite = {(asked.case.title, asked.case.bias) for asked in quick() if asked.dtype == "float64"}
    for plan in (GPU, PRETEND):
        for part in parts(plan, device, list):
            by_dtype = [[unit.about["dtype"] for unit in part.units].count(dtype) for dtype in DTYPES]
            assert len(set(by_dtype)) == 1
            assert by_dtype[0] > 0
        (probes, checks, *_) = parts(plan, device, list)
        assert probes.name == "probes"
        assert {(unit.about["case"], unit.about["bias"]) for unit in checks.units} == suite
    assert len(DTYPES) * GPU.random * GPU.draws == 10_000
    until = [part.until for part in parts(GPU, device, list)]
    assert until == sorted(until)
    assert until[-1] < 1


def test_results_that_differ_in_one_bit_are_found() -> None:
    same, nan = np.arange(4, dtype=np.float32), np.full(2, np.nan)
    bit, sign = np.nextafter(same, np.float32(9)), np.array([0.0, -0.0])
    runs = iter([(same, same, nan, sign, same, same), (same, same, nan, sign, same, same), (same, bit, nan, -sign, same, same)])
    assert repeated(lambda: next(runs), (), 3) == ["dx", "dgamma"]
    runs = iter([(same,) * len(RESULTS)] * 2)
    assert repeated(lambda: next(runs), (), 2) == []


def row(expected: str, ratio: object, outcome: str = "as proved") -> dict[str, object]:
    return {
        "expected": expected,
        "ratio": ratio,
        "outcome": outcome,
        "factor": 3.0,
        "case": f"{expected} {ratio}",
        "bias": "b",
        "quantity": "q",
    }


def test_extremes() -> None:
    rows = [row("below", 0.1), row("below", 0.4), row("below", 5.0, "cannot tell"), row("above", 7.0), row("above", 4.0)]
    found: dict[str, Any] = outcomes([{"dtype": "float16", "result": {"measurements": rows}}])
    assert (found["float16"]["largest"]["ratio"], found["float16"]["weakest"]["ratio"]) == (0.4, 4.0)
    assert (found["float16"]["as proved"], found["float16"]["cannot tell"], found["float16"]["FAILED"]) == (4, 1, 0)
    assert "zero 0.4 of the bound (below 0.4, q)" in outcome_line(found["float16"])
    failing = [row("below", "nan", "FAILED"), row("above", "nan", "FAILED")]
    found = outcomes([{"dtype": "float16", "result": {"measurements": rows + failing}}])
    assert (found["float16"]["largest"]["ratio"], found["float16"]["weakest"]["ratio"]) == ("nan", "nan")
    found = outcomes([{"dtype": "float16", "result": {"measurements": []}}])
    assert found["float16"]["largest"] is found["float16"]["weakest"] is None


def test_summaries_join_to_that_of_all() -> None:
    rows = [row("below", 0.1), row("below", 5.0, "cannot tell"), row("above", 7.0), row("above", "nan", "FAILED")]
    rows += [row("below", 0.4), row("above", 4.0), row("below", "inf", "FAILED")]
    for cut in range(len(rows) + 1):
        assert joined([summed(rows[:cut]), summed(rows[cut:])]) == summed(rows)
    units: Any = [{"dtype": "float16", "result": {"cases": 2, **summed(rows[k:][:1])}} for k in range(len(rows))]
    assert soak_outcomes(units) == {"float16": {"cases": 14, **summed(rows)}}


def test_a_probe_in_words() -> None:
    found = {
        "dtype": "float16",
        "accumulator": 2.0**-24,
        "operand": 0.0,
        "transforms": False,
        "functions": {"div": 0.99, "erfc": "inf"},
    }
    assert probe_line(found) == (
        "products add up with u = 5.960464477539063e-08, operands read as they are, no transforms seen, division 0.99 u, "
        "worst function erfc inf u"
    )
    tf32 = {**found, "dtype": "tf32", "operand": 2.0**-10, "transforms": True}
    assert probe_line(tf32).startswith(
        "products add up in their type, operands read with u = 0.0009765625, convolutions by tra"
    )


def test_a_bound_costs_more_than_the_program() -> None:
    found = cost("conv(2) -> bn @ 4x2x2x2", "float32", jax.devices("cpu")[0])
    assert found["check_s"] > found["program_s"] > 0
    assert found["times"] == found["check_s"] / found["program_s"]


def test_the_soak_needs_no_pytest() -> None:
    code = "import sys, benchmarks.gpu_bounds; print([m for m in ('pytest', 'hypothesis') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_determinism_is_asked_for_before_jax_starts_but_not_in_a_rehearsal(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom benchmarks import gpu\nfrom bnproof.errors import CheckError\nimport bnproof.numeric.devices as d\n"
        "def refuse(name):\n    print(os.environ.get('XLA_FLAGS', ''), end='')\n    raise CheckError('stop')\n"
        "d.choose = refuse\ngpu.main(sys.argv[1:])"
    )
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "XLA_FLAGS"}
    said = [
        subprocess.run(
            [sys.executable, "-c", code, *options], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout
        for options in ([], ["--pretend"])
    ]
    assert said == [" ".join(f"--{name}={value}" for name, value in ASKED.items()), ""]
