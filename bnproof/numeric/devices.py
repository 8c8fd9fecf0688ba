"""Devices by name, their memory, and what to do when there are too few of either."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from ..errors import CheckError, nearest

NAMES = ("cpu", "gpu", "auto")
_GIB = 2**30


class Device(Protocol):
    """What is used of a `jax.Device`, which JAX does not declare as a type."""

    @property
    def platform(self) -> str:
        """``cpu``, ``gpu`` or another."""
        ...

    @property
    def device_kind(self) -> str:
        """The model."""
        ...

    @property
    def id(self) -> int:
        """Its number, over all processes."""
        ...

    @property
    def process_index(self) -> int:
        """The number of the process it belongs to."""
        ...

    def memory_stats(self) -> dict[str, Any] | None:
        """Among others ``bytes_limit`` and ``bytes_in_use``; None where it has no memory of its own."""
        ...


def choose(name: str, count: int = 1) -> tuple[Device, ...]:
    """The first `count` devices of this process of a kind: ``cpu``, ``gpu``, or ``auto``, which is JAX's own choice.

    Raises CheckError for another name, a count below 1, a kind JAX does not see, and for fewer than `count` devices.
    """
    check_request(name, count)
    found = _devices(name)
    if not found:
        raise CheckError(f"no device `{name}`: {_seen()}. {_remedy(name)}")
    if len(found) < count:
        platform = found[0].platform
        more = (
            f"force more host devices before JAX starts: XLA_FLAGS=--xla_force_host_platform_device_count={count}"
            if platform == "cpu"
            else f"ask for {len(found)}, or for `cpu`, which can be split into any number"
        )
        raise CheckError(f"{count} devices asked for, but there {_number(len(found), platform)}: {more}")
    return tuple(found[:count])


def check_request(name: str, count: int) -> None:
    """Raises CheckError for a name or count that `choose` could never serve; JAX is not started."""
    if name not in NAMES:
        raise CheckError(f"unknown device `{name}`: expected {', '.join(NAMES)}; did you mean {nearest(name, NAMES, 1)[0]}?")
    if count < 1:
        raise CheckError(f"{count} devices asked for: expected 1 or more")


def force_host_devices(count: int) -> None:
    """Makes JAX split the CPU into `count` devices; to be called before JAX has started, that is before its first array.

    Does nothing if JAX has started with at least as many. Raises CheckError if it has started with fewer, or for a count below 1.
    """
    import jax

    if count < 1:
        raise CheckError(f"{count} host devices asked for: expected 1 or more")
    try:
        jax.config.update("jax_num_cpu_devices", count)
    except RuntimeError as error:  # JAX has started: the number can no longer change
        there = len(_devices("cpu"))
        if there < count:
            raise CheckError(
                f"{count} host devices asked for, but JAX has already started and there {_number(there, 'cpu')}: "
                f"ask for them first, or set XLA_FLAGS=--xla_force_host_platform_device_count={count} and start again"
            ) from error


def describe(device: Device) -> str:
    """One line for people, such as ``gpu:0 (NVIDIA H200, 139.7 GiB free)``."""
    free = memory(device)
    facts = [] if device.device_kind == device.platform else [device.device_kind]
    if free is not None:
        facts.append(f"{free / _GIB:.1f} GiB free")
    return f"{device.platform}:{device.id}" + (f" ({', '.join(facts)})" if facts else "")


def memory(device: Device) -> int | None:
    """Bytes that can still be allocated on the device; None where neither it nor the operating system says.

    All host devices share one memory, and each reports the whole of it.
    """
    statistics = device.memory_stats()
    if statistics and "bytes_limit" in statistics:
        return int(statistics["bytes_limit"]) - int(statistics.get("bytes_in_use", 0))
    return _host_memory() if device.platform == "cpu" else None


@contextmanager
def enough_memory(device: Device, bytes_per_value: int, count: int, what: str = "values") -> Generator[None]:
    """A block that allocates `count` values of so many bytes each, all intermediate results included.

    Raises CheckError up front if that plainly cannot fit, and in place of an allocation that fails within the block.
    """
    available = memory(device)
    if available is not None and bytes_per_value * count > available:
        raise CheckError(_too_large(device, bytes_per_value, count, what, available))
    try:
        yield
    except Exception as error:
        short = out_of_memory(error, device, bytes_per_value, count, what)
        if short is None:
            raise
        raise short from error


def out_of_memory(error: Exception, device: Device, bytes_per_value: int, count: int, what: str) -> CheckError | None:
    """What to raise instead of a failed allocation of `count` values, with the number that would fit; None for other errors.

    bytes_per_value: of all that one value needs, intermediate results included.
    """
    if not isinstance(error, MemoryError) and not re.search(r"RESOURCE_EXHAUSTED|[Oo]ut of memory", str(error)):
        return None
    return CheckError(_too_large(device, bytes_per_value, count, what, memory(device)))


def _too_large(device: Device, bytes_per_value: int, count: int, what: str, available: int | None) -> str:
    needed = bytes_per_value * count
    message = f"{count} {what} need about {needed / _GIB:.3g} GiB on {device.platform}:{device.id}"
    # an allocation that failed although it seemed to fit: half is the next thing to try
    fits = count // 2 if available is None or needed <= available else available // bytes_per_value
    if available is not None:
        message += f", {available / _GIB:.3g} GiB are free"
    return f"{message}: about {fits} would fit"


def _devices(name: str) -> list[Device]:
    """This process's devices of a kind; none if JAX knows no such platform."""
    import jax

    try:
        return jax.local_devices(backend=None if name == "auto" else name)
    except (RuntimeError, AssertionError):  # JAX raises either, by whether JAX_PLATFORMS leaves the platform out
        return []


def _seen() -> str:
    found = _devices("auto")
    return f"JAX sees {', '.join(f'{d.platform}:{d.id}' for d in found)}" if found else "JAX sees no device at all"


def _remedy(name: str) -> str:
    if name == "gpu":
        return "Install JAX for your GPU, for instance `pip install 'bnproof[gpu]'`, or choose the device `cpu`."
    chosen = os.environ.get("JAX_PLATFORMS")
    return f"Unset JAX_PLATFORMS={chosen}, or add this platform to it." if chosen else "Add this platform to JAX's."


def _number(count: int, platform: str) -> str:
    return f"is 1 ({platform})" if count == 1 else f"are {count} ({platform})"


def _host_memory() -> int | None:
    """Free memory of this machine or, where smaller, of the control group the process runs in."""
    found: list[int] = []
    try:
        line = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
        if line:
            found.append(int(line[1]) * 1024)
        group = Path("/sys/fs/cgroup")
        limit = (group / "memory.max").read_text(encoding="ascii").strip()
        if limit != "max":
            found.append(int(limit) - int((group / "memory.current").read_text(encoding="ascii")))
    except OSError:  # no such file on this system: what was found so far is all that is known
        pass
    return max(min(found), 0) if found else None
