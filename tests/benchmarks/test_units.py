"""Units under a budget: what fails, does not apply or comes too late is recorded, and the file is whole at any moment."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.units import Found, NotApplicable, Part, Run, Unit, write

ROOT = Path(__file__).resolve().parents[2]


def unit(name: str, action: Callable[[], Found]) -> Unit:
    return Unit({"name": name}, name, action)


def good(value: object = 1) -> Callable[[], Found]:
    return lambda: Found({"value": value}, "found")


def raising(error: Exception) -> Callable[[], Found]:
    def action() -> Found:
        raise error

    return action


def load(path: Path) -> dict[str, Any]:
    def refuse(word: str) -> Any:
        raise AssertionError(word)

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def worked(path: Path, *parts: Part, budget: float = 100.0) -> tuple[Run, dict[str, Any]]:
    run = Run(path, {"machine": "this"}, parts, budget, time.monotonic())
    run.work()
    return run, load(path)


@pytest.mark.parametrize("together", [False, True])
def test_all_is_recorded_in_order(tmp_path: Path, together: bool) -> None:
    units = [unit(str(k), good(k)) for k in range(5)]
    part = Part("p", 1, units, together, summary=lambda done: {"values": [row["result"]["value"] for row in done]})
    run, record = worked(tmp_path / "new" / "r.json", part)
    assert (record["complete"], record["stopped"], record["counts"], record["machine"]) == (True, None, {"done": 5}, "this")
    assert [row["result"]["value"] for row in record["parts"]["p"]["units"]] == [0, 1, 2, 3, 4]
    assert record["parts"]["p"]["summary"] == {"values": [0, 1, 2, 3, 4]}
    assert record["parts"]["p"]["seconds"] >= 0
    assert run.code == 0
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "r.json"]


@pytest.mark.parametrize("together", [False, True])
def test_a_failure_is_recorded_and_the_next_one_begins(tmp_path: Path, together: bool) -> None:
    units = [unit("a", raising(ValueError("no such thing"))), unit("b", raising(NotApplicable("not here"))), unit("c", good())]
    run, record = worked(tmp_path / "r.json", Part("p", 1, units, together))
    a, b, c = record["parts"]["p"]["units"]
    assert (a["status"], a["why"]) == ("failed", "ValueError: no such thing")
    assert (b["status"], b["why"]) == ("not applicable", "not here")
    assert c["status"] == "done"
    assert record["complete"]
    assert run.code == 1


def test_what_speaks_against_a_proof_is_seen_in_the_exit_status(tmp_path: Path) -> None:
    run, record = worked(tmp_path / "r.json", Part("p", 1, [unit("a", lambda: Found({}, "FAILED", wrong=True))]))
    assert record["complete"]
    assert run.code == 1
    run, _ = worked(tmp_path / "r.json", Part("p", 1, [unit("a", raising(NotApplicable("not here")))]))
    assert run.code == 0


def test_a_part_whose_time_is_spent_is_skipped_and_the_next_one_begins(tmp_path: Path) -> None:
    def slow() -> Found:
        time.sleep(0.3)
        return Found({}, "late")

    parts = (Part("first", 0.01, [unit("a", slow), unit("b", good())]), Part("second", 1, [unit("c", good())]))
    run, record = worked(tmp_path / "r.json", *parts, budget=20)
    assert [row["status"] for row in record["parts"]["first"]["units"]] == ["done", "skipped"]
    assert "0 s of 20 s were spent" in record["parts"]["first"]["units"][1]["why"]
    assert record["parts"]["second"]["units"][0]["status"] == "done"
    assert not record["complete"]
    assert run.code == 0


def test_numbers_that_json_cannot_hold(tmp_path: Path) -> None:
    _, record = worked(tmp_path / "r.json", Part("p", 1, [unit("a", good({"x": [math.inf, (math.nan, 1.5)]}))]))
    assert record["parts"]["p"]["units"][0]["result"]["value"] == {"x": ["inf", ["nan", 1.5]]}


def test_the_plan_is_there_before_anything_was_done(tmp_path: Path) -> None:
    seen: list[Mapping[str, Any]] = []

    def look() -> Found:
        seen.append(load(tmp_path / "r.json"))
        return Found({}, "seen")

    worked(tmp_path / "r.json", Part("p", 1, [unit("a", good()), unit("b", look)]))
    (record,) = seen
    assert [row["status"] for row in record["parts"]["p"]["units"]] == ["done", "not begun"]
    assert (record["complete"], record["counts"]) == (False, {"done": 1, "not begun": 1})


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    write(tmp_path / "r.json", "old")
    with pytest.raises(UnicodeEncodeError):
        write(tmp_path / "r.json", "new \ud800")
    assert (tmp_path / "r.json").read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "r.json"]


PROGRAM = """
import sys, time
from pathlib import Path
from benchmarks.units import Found, Part, Run, Unit

def quick():
    return Found({"much": "x" * 200_000}, "found")

units = [Unit({"k": k}, str(k), quick) for k in range(2000)]
Run(Path(sys.argv[1]), {}, [Part("p", 1, units)], 600, time.monotonic()).work()
"""


def test_a_run_killed_at_any_moment_leaves_valid_json(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        end, reads = time.monotonic() + 60, 0
        while time.monotonic() < end and reads < 20:
            if path.exists():
                record = load(path)
                reads += record["counts"].get("done", 0) > 0
                assert not record["complete"]
        process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    assert reads == 20
    record = load(path)
    assert not record["complete"]
    assert 0 < record["counts"]["done"] < 2000
    assert process.returncode != 0
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".json") and name != "r.json"]
