"""Replays and proofs run on the CPU in float64, the program that is checked on its own device."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

import bnproof
from bnproof.errors import CheckError
from bnproof.host import host, on_host

PROGRAM = Path(__file__).parent / "two_devices.py"
ROOT = Path(bnproof.__path__[0])


def test_only_the_checked_program_runs_on_another_device() -> None:
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        env={**environment, "PYTHONPATH": str(ROOT.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "replayed": [0],
        "differentiated": [0],
        "proved": [0],
        "checked": [1],
        "default": [1],
        "first": 0,
    }


def test_nothing_is_changed_globally() -> None:
    with on_host():
        assert jnp.ones(2).dtype == "float64"
        assert jnp.ones(2).devices() == {host()}
    assert jnp.ones(2).dtype == "float32"
    assert jax.config.jax_default_device is None  # type: ignore[attr-defined]


def test_a_jax_without_a_cpu_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> list[object]:
        raise RuntimeError("Unknown backend: 'cpu' requested")

    monkeypatch.setattr(jax, "local_devices", refuse)
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    with pytest.raises(CheckError, match="set JAX_PLATFORMS=cuda,cpu"), on_host():
        pytest.fail("the block ran")


def test_nothing_turns_64_bit_mode_on_by_itself() -> None:
    """What computes in float64 does so on the CPU, or in the dtype and on the device of a check."""
    users = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "enable_x64"
    }
    assert users == {"host.py", "numeric/roundoff/precision.py"}
