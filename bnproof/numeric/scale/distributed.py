"""The checks of `sharded` over the devices of several processes, on one host or many, through `jax.distributed`.

JAX joins a group of processes once, before its first array, and aborts the whole process if another one is missing or lost. So each
call does its work in a process of its own (`peer`), and turns that one's end into an error that says what to do. A process that
does not arrive is noticed after `timeout` seconds; one that is lost later by its closed connections, or by missing heartbeats,
within as long.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from ...errors import CheckError
from ..checking.measurement import Measurement
from ..devices import check_request
from ..roundoff.precision import storage
from .limits import check_host_devices, check_processes
from .peer import AGREED, CONNECTED, Request
from .sharded import shards

_ROOT = Path(__file__).parents[2]
_FAREWELL = 5.0
"""Seconds in which the others hear of this process's error; if it is theirs as well they have it by then."""


def run_distributed(
    coordinator: str,
    num_processes: int,
    process_id: int,
    dtype: str = "float64",
    *,
    sizes: Sequence[int] | None = None,
    seed: int = 0,
    device: str = "auto",
    devices: int = 1,
    timeout: float = 60.0,
    progress: Callable[[str], None] | None = None,
) -> list[Measurement]:
    """All comparisons of `run_sharded` over every process's devices; to be called in each process, with the same options.

    - coordinator: ``HOST:PORT``, an address of the host of process 0 where it may listen;
    - num_processes, process_id: how many processes there are, 2 or more, and which is this, from 0;
    - sizes: images on each device, process by process; without them as `run_sharded`;
    - device, devices: kind, as for `choose`, and number of each process's devices; host devices are made as needed;
    - timeout: seconds to wait for the others to arrive, and to notice that one is lost;
    - progress: called with ``connected`` and ``agreed`` when all have arrived, and have been asked for the same.

    Raises CheckError for arguments out of range, a process that is missing or lost, processes asked for different things, and as
    `run_sharded`.
    """
    request = Request(
        coordinator, num_processes, process_id, dtype, None if sizes is None else tuple(sizes), seed, device, devices, timeout
    )
    _validate(request)
    with tempfile.TemporaryFile() as log, _started(log) as process:
        try:
            return _answer(request, process, log, progress or (lambda _: None))
        finally:
            process.kill()


def parse_coordinator(text: str) -> tuple[str, int]:
    """(host, port) of ``HOST:PORT``; an IPv6 address stands in brackets. Raises CheckError for anything else."""
    host, colon, port = text.rpartition(":")
    example = "expected HOST:PORT, such as `192.0.2.1:1234`"
    if not colon or text.endswith("]"):
        raise CheckError(f"coordinator `{text}` has no port: {example}")
    if not re.fullmatch(r"\[[0-9A-Fa-f:.]+(%\w+)?\]|[\w.-]+", host):
        raise CheckError(f"coordinator `{text}` has no usable host `{host}`: {example}, with an IPv6 address in brackets")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise CheckError(f"coordinator `{text}` has no usable port `{port}`: expected a number from 1 to 65535; {example}")
    return host, int(port)


def _validate(request: Request) -> None:
    _, port = parse_coordinator(request.coordinator)
    n, k = request.num_processes, request.process_id
    if n < 2:
        raise CheckError(f"{n} processes: expected 2 or more; for one process with several devices leave the coordinator out")
    check_processes(n)
    if not 0 <= k < n:
        raise CheckError(f"process {k} of {n}: processes are counted from 0, expected 0 to {n - 1}")
    check_request(request.device, request.devices)
    if request.device != "gpu":
        check_host_devices(request.devices)
    if not (math.isfinite(request.timeout) and request.timeout > 0):
        raise CheckError(f"timeout of {request.timeout} seconds: expected a positive number")
    storage(request.dtype)
    shards(n * request.devices, request.sizes)
    if k == 0:
        _try_port(request.coordinator, port)


def _try_port(coordinator: str, port: int) -> None:
    """Raises CheckError if nothing can listen there; JAX may crash then, or share the port with another coordinator."""
    try:
        with socket.create_server(("", port)):
            pass
    except OSError as error:
        raise CheckError(
            f"process 0 cannot listen at {coordinator}: {error.strerror}; choose another port for all processes"
        ) from error


def _started(log: IO[bytes]) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-m", "bnproof.numeric.scale.peer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
    )


def _answer(
    request: Request, process: subprocess.Popen[bytes], log: IO[bytes], progress: Callable[[str], None]
) -> list[Measurement]:
    """The measurements, or why there are none."""
    assert process.stdin is not None
    assert process.stdout is not None
    messages: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process.stdout, messages), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):  # it has ended already: below is said why
        process.stdin.write((json.dumps(asdict(request)) + "\n").encode())
        process.stdin.flush()  # and left open: the process ends when it is closed
    stage = ""
    while True:
        try:
            # once all have agreed the work may take any time: only heartbeats tell whether the others are there
            message = messages.get(timeout=None if stage == AGREED else request.timeout)
        except queue.Empty:
            raise CheckError(_late(request, stage)) from None
        if "measurements" in message:
            _wait(process, request.timeout)
            return [Measurement.of(fields) for fields in message["measurements"]]
        if "error" in message:
            _wait(process, min(_FAREWELL, request.timeout))
            raise CheckError(message["error"])
        if "stage" not in message:
            raise _ended(request, stage, message.get("lost"), process, log)
        stage = message["stage"]
        progress(stage)


def _read(stream: IO[bytes], messages: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Passes on each line; an empty message says that there will be no more."""
    for line in stream:
        messages.put(json.loads(line))
    messages.put({})


def _wait(process: subprocess.Popen[bytes], timeout: float) -> None:
    """Lets the process take leave of the others, so that they can finish too; its own answer stands, whether or not it does."""
    limit = time.monotonic() + timeout
    while process.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)


def _late(request: Request, stage: str) -> str:
    n, k, at, limit = request.num_processes, request.process_id, request.coordinator, f"{request.timeout:g} s"
    if stage == CONNECTED:
        return f"the {n} processes have met at {at} but exchanged no data within {limit}: open the ports between their hosts"
    if k == 0:
        return (
            f"process 0 waited {limit} at {at}, but not all {n} processes arrived: start the others with the same "
            "coordinator and number of processes, and check that their hosts can reach this one"
        )
    return (
        f"process {k} waited {limit} for the coordinator at {at}: start process 0 there, and all {n} processes, "
        "and check that its host and port can be reached from here"
    )


def _ended(request: Request, stage: str, said: str | None, process: subprocess.Popen[bytes], log: IO[bytes]) -> Exception:
    """What to raise if the process ended without an answer: it was lost with another one, or bnproof has a defect."""
    process.wait(request.timeout)
    log.seek(0)
    text = log.read().decode(errors="replace")
    if said is None and "Traceback (most recent call last)" in text:
        return RuntimeError(f"process {request.process_id} failed:\n{text}")
    status = re.search(r"absl::Status: (.*)", text)
    reason = said or (status[1] if status else f"it ended with code {process.returncode}")
    reason = reason.split(". ")[0].rstrip(".:")
    n, k, at = request.num_processes, request.process_id, request.coordinator
    if stage == "":
        return CheckError(
            f"process {k} of {n} could not join the others at {at}: JAX says `{reason}`. "
            f"Start all {n} again, each with its own number"
        )
    return CheckError(f"process {k} of {n} lost another process during the check: JAX says `{reason}`. Start all {n} again")
