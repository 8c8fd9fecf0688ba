"""What the machine is, for the head of every result."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path
from typing import TYPE_CHECKING

from bnproof.numeric.compiling import settings

if TYPE_CHECKING:
    from bnproof.numeric.devices import Device


def machine(*packages: str) -> dict[str, object]:
    """Date, processor, Python and package versions."""
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in packages},
    }


def accelerator(device: Device) -> dict[str, object]:
    """The device JAX computes on: model, memory, driver, the libraries JAX drives it with, and settings of XLA and JAX."""
    statistics = device.memory_stats() or {}
    return {
        "platform": device.platform,
        "kind": device.device_kind,
        "id": device.id,
        "memory_bytes": statistics.get("bytes_limit"),
        "nvidia_smi": _said(
            "nvidia-smi", "--query-gpu=name,memory.total,driver_version,clocks.max.sm,power.limit", "--format=csv"
        )
        if device.platform == "gpu"
        else None,
        "packages": _like(r"jax|nvidia-(cudnn|cublas|cuda-runtime|nccl)"),
        "settings": settings(),
    }


def commit() -> str | None:
    """The commit of the checkout, with ``-dirty`` if it was changed; None where git does not say."""
    said = _said("git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=12")
    return said[0] if said else None


def _said(*command: str) -> list[str] | None:
    """The lines a command prints; None where there is no such command, or it fails."""
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.split("\n")[:-1]


def _like(pattern: str) -> dict[str, str]:
    """Versions of the installed packages whose names begin like that."""
    names = ((found.metadata["Name"], found.version) for found in distributions())
    return {name: number for name, number in sorted(names) if name and re.match(pattern, name)}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as handle:
            for line in handle:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
