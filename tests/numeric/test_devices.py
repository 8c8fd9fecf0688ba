"""Devices by name and their memory: every error says what there is and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from bnproof.errors import CheckError
from bnproof.numeric import devices
from bnproof.numeric.devices import choose, describe, enough_memory, force_host_devices, memory, out_of_memory

CPU = jax.devices("cpu")[0]


def in_new_process(code: str, **environment: str) -> str:
    """What the code prints; JAX sees host devices only."""
    kept = {k: v for k, v in os.environ.items() if k not in ("XLA_FLAGS", "JAX_NUM_CPU_DEVICES")}
    environment = {**kept, "JAX_PLATFORMS": "cpu", **environment}
    program = "from bnproof.errors import CheckError\nfrom bnproof.numeric.devices import *\n" + code
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_names() -> None:
    assert choose("cpu") == (CPU,)
    assert choose("auto") == (jax.local_devices()[0],)
    with pytest.raises(CheckError, match=r"unknown device `gpus`.*did you mean gpu"):
        choose("gpus")
    with pytest.raises(CheckError, match="1 or more"):
        choose("cpu", 0)


def test_too_few_says_how_many_and_how_to_get_more() -> None:
    there = len(jax.local_devices(backend="cpu"))
    with pytest.raises(CheckError, match=rf"there (is|are) {there} \(cpu\).*device_count=999"):
        choose("cpu", 999)
    with pytest.raises(CheckError, match=rf"already started.*there (is|are) {there} \(cpu\)"):
        force_host_devices(999)
    force_host_devices(there)
    with pytest.raises(CheckError, match="1 or more"):
        force_host_devices(0)


def test_without_a_gpu() -> None:
    printed = in_new_process("try: choose('gpu')\nexcept CheckError as error: print(error)")
    assert "no device `gpu`: JAX sees cpu:0" in printed
    assert "pip install" in printed
    printed = in_new_process("try: choose('cpu')\nexcept CheckError as error: print(error)", JAX_PLATFORMS="cuda")
    assert "no device `cpu`: JAX sees no device at all" in printed
    assert "JAX_PLATFORMS" in printed


def test_host_devices_are_forced_before_the_start() -> None:
    code = "force_host_devices(5)\nprint([describe(d).split()[0] for d in choose('cpu', 5)])\nforce_host_devices(3)"
    printed = in_new_process(code, XLA_FLAGS="--xla_force_host_platform_device_count=2")
    assert printed.strip() == str([f"cpu:{k}" for k in range(5)])


def test_memory_of_the_host() -> None:
    free = memory(CPU)
    if not Path("/proc/meminfo").exists():
        assert free is None
        return
    assert free is not None
    assert 2**20 < free < 2**50
    assert "GiB free" in describe(CPU)


class Pretended:
    """A device with a memory of its own."""

    platform, id, device_kind, process_index = "gpu", 3, "Model X", 0

    def memory_stats(self) -> dict[str, int]:
        return {"bytes_limit": 8 * 2**30, "bytes_in_use": 2**30}


def test_memory_of_a_device() -> None:
    device = Pretended()
    assert memory(device) == 7 * 2**30
    assert describe(device) == "gpu:3 (Model X, 7.0 GiB free)"


def test_what_cannot_fit_is_refused() -> None:
    device = Pretended()
    message = rf"values need about 16 GiB on gpu:3, 7 GiB are free: about {7 * 2**30 // 8} would fit"
    with pytest.raises(CheckError, match=message), enough_memory(device, 8, 2**31):
        pytest.fail("the block ran")
    with enough_memory(device, 8, 100):
        pass


def test_an_allocation_that_fails_says_what_would_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 2**45
    monkeypatch.setattr(devices, "memory", lambda _: None)  # nothing known up front: XLA itself fails
    message = rf"{count} values .* about {count // 2} would fit"
    with pytest.raises(CheckError, match=message) as caught, enough_memory(CPU, 4, count):
        jnp.zeros(count).block_until_ready()
    assert "RESOURCE_EXHAUSTED" in str(caught.value.__cause__)


def test_other_errors_pass_through() -> None:
    assert out_of_memory(ValueError("no"), CPU, 8, 1, "values") is None
    assert out_of_memory(MemoryError(), CPU, 8, 1, "values") is not None
    with pytest.raises(ValueError, match="no"), enough_memory(CPU, 8, 1):
        raise ValueError("no")
