"""Units of work under a budget of time, recorded as JSON while they go.

The file is whole and valid at any moment: it lists every unit from the start, and is replaced after each. A unit that fails is
recorded with its message and the next one begins; one that finds its part's time spent is skipped; whatever is unfinished when
the budget is spent is given up. `complete` says that every unit was tried.
"""

from __future__ import annotations

import datetime
import json
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnproof.report.files import replace_whole

WAITING, DONE, FAILED, SKIPPED, INAPPLICABLE = "not begun", "done", "failed", "skipped", "not applicable"
"""What a unit is. Only the first and the fourth leave a run incomplete."""
LONGEST = 2000
"""Characters of an error's message that are kept."""


class NotApplicable(Exception):
    """This machine cannot be asked that; the message says why."""


@dataclass(frozen=True)
class Found:
    """What a unit found, as JSON and in a few words; wrong: it speaks against what is proved."""

    result: Mapping[str, object]
    words: str
    wrong: bool = False


@dataclass(frozen=True)
class Unit:
    """about: what it measures, as JSON; title: the same in words."""

    about: Mapping[str, object]
    title: str
    action: Callable[[], Found]


@dataclass(frozen=True)
class Part:
    """Units of one kind.

    - until: the part of the budget, 0 to 1, after which none of them begins; time left over goes to the parts that follow;
    - together: several at once; for what compiles more than it computes, never for timings;
    - summary: of the results found so far, as JSON.
    """

    name: str
    until: float
    units: Sequence[Unit]
    together: bool = False
    summary: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, object]] | None = None


class Run:
    """Works through parts and keeps the record. started: by `time.monotonic`, when the budget (seconds) began to run.

    Raises OSError on construction if the file cannot be written.
    """

    def __init__(self, path: Path, head: Mapping[str, object], parts: Sequence[Part], budget: float, started: float) -> None:
        self.path, self.parts, self.budget, self.started = path, parts, budget, started
        self.wrong = False
        self._lock = threading.RLock()
        self._units: dict[str, list[dict[str, object]]] = {
            part.name: [{**unit.about, "status": WAITING} for unit in part.units] for part in parts
        }
        self._parts: dict[str, dict[str, Any]] = {
            part.name: {"seconds": None, "units": self._units[part.name]} for part in parts
        }
        self.record: dict[str, object] = {
            "schema": 1,
            **head,
            "started": _now(),
            "updated": _now(),
            "budget_s": budget,
            "seconds": 0.0,
            "complete": False,
            "stopped": None,
            "counts": {},
            "parts": self._parts,
        }
        self._write()

    def work(self) -> None:
        """Every part in turn."""
        for part in self.parts:
            began = self.elapsed()
            jobs = [lambda unit=unit, part=part: self._tried(unit, part) for unit in part.units]
            if part.together:
                pool = ThreadPoolExecutor(max(2, os.cpu_count() or 1))
                try:
                    places = {pool.submit(job): k for k, job in enumerate(jobs)}
                    for future in as_completed(places):
                        self._keep(part, places[future], began, *future.result())
                finally:  # an interruption: what has not begun need not begin
                    pool.shutdown(cancel_futures=True, wait=False)
            else:
                for k, job in enumerate(jobs):
                    self._keep(part, k, began, *job())
        with self._lock:
            self.record["complete"] = not {WAITING, SKIPPED} & set(self.counts())
            self._write()

    def stop(self, why: str) -> None:
        """Records that the run ends here, with units unfinished."""
        with self._lock:
            self.record["stopped"] = why
            self._write()

    def elapsed(self) -> float:
        """Seconds since the budget began to run."""
        return time.monotonic() - self.started

    def counts(self) -> dict[str, int]:
        """How many units are done, failed, …"""
        return dict(Counter(str(unit["status"]) for units in self._units.values() for unit in units))

    def summaries(self) -> dict[str, Mapping[str, Any]]:
        """Of the parts that have one, by name."""
        return {name: part["summary"] for name, part in self._parts.items() if "summary" in part}

    @property
    def code(self) -> int:
        """The exit status: 1 if a unit failed, or found something wrong."""
        return int(self.wrong or FAILED in self.counts())

    def _tried(self, unit: Unit, part: Part) -> tuple[dict[str, object], str]:
        """What to record of a unit, and in words."""
        began = self.elapsed()
        if began >= part.until * self.budget:
            why = f"{began:.0f} s of {self.budget:.0f} s were spent, and {part.name} has the first {part.until:.0%} of them"
            return {"status": SKIPPED, "why": why}, why
        try:
            found = unit.action()
        except NotApplicable as error:
            return {"status": INAPPLICABLE, "why": str(error)}, str(error)
        except Exception as error:  # whatever it is: the other units can still be measured
            why = f"{type(error).__name__}: {error}"[:LONGEST]
            return {"status": FAILED, "why": why, "seconds": round(self.elapsed() - began, 2)}, why
        self.wrong |= found.wrong
        return {"status": DONE, "seconds": round(self.elapsed() - began, 2), "result": _plain(found.result)}, found.words

    def _keep(self, part: Part, place: int, began: float, kept: dict[str, object], words: str) -> None:
        with self._lock:
            units = self._units[part.name]
            units[place].update(kept)
            entry = self._parts[part.name]
            entry["seconds"] = round(self.elapsed() - began, 2)
            if part.summary:
                entry["summary"] = _plain(part.summary([unit for unit in units if unit["status"] == DONE]))
            self._write()
        print(f"{self.elapsed():6.1f} s  {part.name}, {part.units[place].title}: {kept['status']}: {words}", flush=True)

    def _write(self) -> None:
        with self._lock:
            self.record["updated"], self.record["seconds"] = _now(), round(self.elapsed(), 2)
            self.record["counts"] = self.counts()
            write(self.path, json.dumps(self.record, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write(path: Path, text: str) -> None:
    """Replaces a file whole or not at all, in a folder that is made if it is not there. Raises OSError where that is impossible."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_whole(path, text.encode("utf-8"))


def _plain(value: Any) -> Any:
    """Numbers that JSON cannot hold as words (``inf``, ``nan``), at any depth."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _now() -> str:
    return datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds")
