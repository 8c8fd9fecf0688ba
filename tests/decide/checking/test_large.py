"""Large layers: what they need is said beforehand, what is left out is named, and too little memory is an error."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bnproof.decide.checking import run as running
from bnproof.decide.checking.run import LARGE, needs, run, tasks_of
from bnproof.errors import CheckError
from bnproof.numeric import devices
from bnproof.numeric.checking import apart
from bnproof.numeric.checking.measurement import Measurement

BIG = "conv(64) -> bn @ 64x64x56x56"
SMALL = "conv(4) -> bn @ 4x3x8x8"


def test_large_layers_need_time_and_memory_and_small_ones_nothing_to_speak_of() -> None:
    seconds, held, notes = needs(tasks_of(BIG, ["float32"])[0])
    assert 10 < seconds < 200
    assert 10**9 < held < 6 * 2**30
    assert len(notes) == 1
    assert BIG in notes[0]
    assert "Hessian" in notes[0]
    assert needs(tasks_of(SMALL, ["float32"])[0]) == (0.0, 0, [])
    assert needs(tasks_of(BIG, ["float32", "float64"])[0])[0] == 2 * seconds


def test_too_little_memory_is_an_error_before_anything_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "memory", lambda device: 2**30)
    tasks, _ = tasks_of(BIG, ["float32"], bias="conv1.bias")
    with pytest.raises(CheckError, match=r"numbers in one layer's output need about .* GiB .*, 1 GiB are free"):
        list(run(tasks))


@pytest.mark.parametrize("chain", [SMALL, "linear(4) -> bn @ 16x6", "conv(4) -> gn(2) @ 2x3x4x4", "conv(4) -> in @ 2x3x6x6"])
def test_bounds_and_verdicts_are_those_of_whole_runs(chain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole run may count a second order that is slight in one channel as so much more rounding, 2⁻¹⁰ of it."""
    monkeypatch.setattr(running, "LARGE", 1)
    tasks = [task for task in tasks_of(chain, ["float32"])[0] if task.case.bias]
    whole = [m for rows in run(tasks) for m in rows]
    monkeypatch.setattr(apart, "WHOLE", 0)
    lean = [m for rows in run(tasks) for m in rows]
    assert [told(m) for m in lean] == [told(m) for m in whole]
    assert [m.bound for m in lean] == pytest.approx([m.bound for m in whole], rel=2.0**-9)
    assert [m.sequential for m in lean] == pytest.approx([m.sequential for m in whole], rel=2.0**-9)


def told(m: Measurement) -> tuple[str, str, float, str]:
    """What was measured, and the verdict."""
    return m.bias, m.quantity, m.measured, m.outcome


def test_the_command_says_what_is_left_out_of_a_large_layer() -> None:
    size = f"{LARGE // 4}x4"
    command = [sys.executable, "-m", "bnproof", "check", "--case", f"linear(4) -> bn @ {size}", "--dtype", "float32"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "is large" in done.stdout
    assert "large layers" not in done.stderr


def test_where_every_number_hangs_on_all_others_more_memory_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bias before layer normalisation: nothing can be left out, and the numbers on the way are more than there is room for."""
    monkeypatch.setattr(running, "LARGE", 1)
    monkeypatch.setattr(apart, "WHOLE", 0)
    monkeypatch.setattr(devices, "memory", lambda device: 60_000)
    tasks, _ = tasks_of("conv(4) -> ln @ 1x3x8x8", ["float32"], bias="conv1.bias")
    with pytest.raises(CheckError, match="numbers on the way to one judged entry need about"):
        list(run(tasks))
