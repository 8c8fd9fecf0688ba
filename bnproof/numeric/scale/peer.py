"""One process of a group, run as ``python -m bnproof.numeric.scale.peer`` by `distributed`: JAX ends the process if another is lost.

Reads one line of JSON from standard input, the fields of `Request`, and writes lines of JSON to standard output: ``stage`` as it gets
on, and last ``measurements``, ``error`` (the caller's mistake) or ``lost`` (what JAX said of the others). Ends when standard input
is closed: nobody waits for the answer any more.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ...errors import CheckError
from ..checking.measurement import Measurement
from ..devices import Device, choose, force_host_devices

CONNECTED, AGREED = "connected", "agreed"
_LOST = re.compile(r"Gloo|NCCL|UNAVAILABLE|DEADLINE_EXCEEDED|ABORTED|CANCELLED|coordination|RPC", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """What `run_distributed` was asked for; the fields are its arguments."""

    coordinator: str
    num_processes: int
    process_id: int
    dtype: str
    sizes: tuple[int, ...] | None
    seed: int
    device: str
    devices: int
    timeout: float

    @property
    def common(self) -> str:
        """What all processes must agree on, as one line."""
        fields = {k: v for k, v in asdict(self).items() if k not in ("coordinator", "process_id", "timeout")}
        return json.dumps(fields)


def main() -> None:
    """Answers one request and ends the process."""
    answers = os.dup(1)
    os.dup2(2, 1)  # libraries print to standard output, too

    def send(**answer: Any) -> None:
        os.write(answers, (json.dumps(answer) + "\n").encode())

    request = Request(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with_caller, daemon=True).start()
    try:
        found = _measured(request, lambda stage: send(stage=stage))
        send(measurements=[asdict(m) for m in found])
        _take_leave()
    except CheckError as error:
        send(error=str(error))
        _take_leave()
    except (RuntimeError, ValueError) as error:
        if not _LOST.search(str(error)):
            raise
        send(lost=str(error).splitlines()[0])
    os._exit(0)  # at a normal end JAX would wait for lost processes, and then abort


def _measured(request: Request, reached: Callable[[str], None]) -> list[Measurement]:
    import jax

    from .sharded import measure_all

    if request.device == "cpu":
        jax.config.update("jax_platforms", "cpu")
    if request.device != "gpu":
        force_host_devices(request.devices)
    jax.distributed.initialize(
        request.coordinator,
        request.num_processes,
        request.process_id,
        cluster_detection_method="deactivate",
        initialization_timeout=math.ceil(request.timeout) + 10,  # the caller's own limit comes first, and can be reported
        heartbeat_timeout_seconds=max(2, int(request.timeout / 3)),
        shutdown_timeout_seconds=max(2, int(request.timeout / 3)),
    )
    reached(CONNECTED)
    platform = choose(request.device, request.devices)[0].platform
    _agree(request)
    reached(AGREED)
    chosen: list[Device] = []
    for process in range(request.num_processes):
        chosen += [d for d in jax.devices(platform) if d.process_index == process][: request.devices]
    return measure_all(chosen, request.dtype, request.sizes, request.seed)


def _agree(request: Request) -> None:
    """Raises CheckError unless all processes were asked for the same."""
    import numpy as np
    from jax.experimental.multihost_utils import process_allgather

    digest = np.frombuffer(hashlib.sha256(request.common.encode()).digest(), np.uint8).astype(np.int32)
    others: Any = process_allgather(digest)
    different = [k for k, other in enumerate(others) if not np.array_equal(other, digest)]
    if different:
        names = ", ".join(str(k) for k in different)
        raise CheckError(
            f"process {names} of the group was asked for something else than {request.common}: use the same options"
        )


def _take_leave() -> None:
    """Waits for the others to get as far: without the coordinator, process 0, they could not finish."""
    import jax

    jax.distributed.shutdown()


def _end_with_caller() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
