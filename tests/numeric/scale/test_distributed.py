"""Real processes on this machine: the check over two of them, and every way in which one can be missing or lost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from bnproof.errors import CheckError
from bnproof.numeric.scale.distributed import parse_coordinator, run_distributed

TIMEOUT = 60.0
"""Of the groups in these tests, in seconds; their errors must come soon after."""
PROGRAM = """
import json, os, signal, subprocess, sys
from bnproof.errors import CheckError
from bnproof.numeric.scale.distributed import run_distributed

options = json.loads(sys.argv[1])
last = options.pop("last", None)

def progress(stage):
    if stage == last:
        os.kill(os.getpid(), signal.SIGKILL)

try:
    found = run_distributed(**options, device="cpu", progress=progress)
    print(json.dumps([m.as_json() for m in found]))
except CheckError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(port: int, process_id: int, **options: Any) -> subprocess.Popen[str]:
    arguments: dict[str, Any] = {
        "coordinator": f"127.0.0.1:{port}",
        "num_processes": 2,
        "process_id": process_id,
        "timeout": TIMEOUT,
        **options,
    }
    environment = {k: v for k, v in os.environ.items() if k not in ("XLA_FLAGS", "JAX_NUM_CPU_DEVICES")}
    command = [sys.executable, "-c", PROGRAM, json.dumps(arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def both(first: dict[str, Any], second: dict[str, Any]) -> list[tuple[int, str, str]]:
    """(exit code, standard output, standard error) of process 0 and 1."""
    port = free_port()
    processes = [start(port, 0, **first), start(port, 1, **second)]
    results: list[tuple[int, str, str]] = []
    try:
        for process in processes:
            out, err = process.communicate(timeout=60)
            results.append((process.returncode, out, err))
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return results


def test_two_processes_with_two_devices_each() -> None:
    options = {"dtype": "float64", "devices": 2, "sizes": [1, 2, 3, 4], "timeout": 60}
    results = both(options, options)
    assert [code for code, _, _ in results] == [0, 0], results
    found, same = (json.loads(out) for _, out, _ in results)
    assert found == same
    assert [m["case"] for m in found] == ["conv -> bn, 4 devices, unequal shards"] * 3 + [
        "conv -> relu -> bn, 4 devices, unequal shards"
    ] * 2
    assert all(m["outcome"] == "as proved" for m in found)
    assert found[1]["count"] == 160


@pytest.mark.parametrize(("lost", "stage"), [(1, "connected"), (0, "connected"), (1, "agreed")])
def test_a_lost_process_is_named_in_time(lost: int, stage: str) -> None:
    """The caller is killed: the process that works for it must end as well, or nobody would notice."""
    options: list[dict[str, Any]] = [{}, {}]
    options[lost]["last"] = stage
    began = time.monotonic()
    results = both(*options)
    assert results[lost][0] == -9
    code, out, err = results[1 - lost]
    assert (code, out) == (2, "")
    assert f"process {1 - lost} of 2 lost another process" in err
    assert "Traceback" not in err
    assert time.monotonic() - began < 50


@pytest.mark.parametrize("process_id", [0, 1])
def test_a_process_that_never_starts(process_id: int) -> None:
    port, began = free_port(), time.monotonic()
    with pytest.raises(CheckError, match=f"process {process_id} waited 4 s .*127.0.0.1:{port}.*: start "):
        run_distributed(f"127.0.0.1:{port}", 2, process_id, device="cpu", timeout=4)
    assert time.monotonic() - began < 20


def test_different_options_are_refused() -> None:
    for (code, _, err), other in zip(both({"dtype": "float64"}, {"dtype": "float32"}), ("1", "0"), strict=True):
        assert code == 2
        assert f"process {other} of the group was asked for something else" in err


def test_a_port_in_use() -> None:
    with socket.create_server(("", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CheckError, match=rf"cannot listen at 127.0.0.1:{port}: .* choose another port"):
            run_distributed(f"127.0.0.1:{port}", 2, 0, device="cpu", timeout=TIMEOUT)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("localhost", "`localhost` has no port"),
        ("[::1]", r"`\[::1\]` has no port"),
        ("localhost:", "no usable port ``"),
        ("localhost:http", "no usable port `http`"),
        ("localhost:70000", "no usable port `70000`"),
        ("localhost:0", "no usable port `0`"),
        ("localhost:-1", "no usable port `-1`"),
        ("localhost:١", "no usable port"),
        (":1234", "no usable host ``"),
        ("::1:1234", "no usable host `::1`"),
        ("http://localhost:1234", "no usable host `http://localhost`"),
    ],
)
def test_unusable_coordinators(text: str, message: str) -> None:
    with pytest.raises(CheckError, match=message) as caught:
        run_distributed(text, 2, 0)
    assert "expected" in str(caught.value)


def test_usable_coordinators() -> None:
    assert parse_coordinator("host.example:1") == ("host.example", 1)
    assert parse_coordinator("[fe80::1%eth0]:65535") == ("[fe80::1%eth0]", 65535)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_processes": 1}, "1 processes: expected 2 or more"),
        ({"process_id": 2}, "process 2 of 2: .* expected 0 to 1"),
        ({"process_id": -1}, "process -1 of 2"),
        ({"devices": 0}, "0 devices"),
        ({"device": "cpus"}, "unknown device `cpus`"),
        ({"sizes": [1, 2, 3]}, "expected 2 numbers"),
        ({"dtype": "float65"}, "unknown dtype `float65`"),
        ({"timeout": 0}, "timeout of 0"),
        ({"timeout": float("nan")}, "timeout of nan"),
    ],
)
def test_arguments_out_of_range(options: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"coordinator": "localhost:1234", "num_processes": 2, "process_id": 0, **options}
    with pytest.raises(CheckError, match=message):
        run_distributed(**arguments)


def test_an_error_of_one_process_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    port = free_port()
    other = start(port, 1)
    try:
        with pytest.raises(CheckError, match="no device `gpu`: JAX sees cpu:0"):
            run_distributed(f"127.0.0.1:{port}", 2, 0, device="gpu", timeout=TIMEOUT)
    finally:
        other.kill()
        other.communicate()
