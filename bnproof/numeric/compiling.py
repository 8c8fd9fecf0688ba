"""What XLA is asked for when it compiles for a GPU, so that what was probed is what runs; and what it says it chose.

- ``xla_gpu_exclude_nondeterministic_ops``: no operation whose result depends on which thread comes first. XLA then refuses what it has
  no other kernel for, select-and-scatter (the gradient of max pooling) above all; `compiled` gives up the wish for that program
  alone, and says so. Bounds of such operations hold for any order.
- ``xla_gpu_autotune_level=0``: kernels by rule, not by which was fastest this time; with autotuning a probe and a check of the same
  reduction may run different kernels.

What the environment says already is kept, and all of it is recorded (`settings`).
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
from typing import Any

ASKED = {"xla_gpu_exclude_nondeterministic_ops": "true", "xla_gpu_autotune_level": "0"}
"""Flags of XLA's and their values."""
SETTINGS = r"(XLA|JAX)_|TF_(CUDNN|DETERMINISTIC|XLA)|NVIDIA_TF32|CUDA_VISIBLE|CUBLAS_"
"""Environment variables that change what XLA, JAX and the libraries they call do begin like that."""
UNSETTLED = "not deterministic: XLA has no deterministic kernel for an operation of it"
"""Listed among the kernels of a program that XLA refuses to compile deterministically."""
_TARGET = re.compile(r'custom_call_target="([^"]+)"')
_CONFIG = re.compile(r"backend_config=")
_ALGORITHMS = ("algo_id", "selected_algorithm")
_CHOSEN: set[str] = set()
_NOT_KERNELS = ("Sharding", "SPMDFullToShardShape", "SPMDShardToFullShape", "AllocateBuffer", "annotate_device_placement")


def ask_for_determinism(device: str = "gpu") -> None:
    """Adds `ASKED` to XLA_FLAGS, but for flags that are there; to be called before JAX has started, or it has no effect.

    device: what will be computed on; for ``auto`` only if JAX's plugin for NVIDIA is installed, for ``cpu`` nothing is asked.
    """
    plugins = [f"jax_cuda{version}_plugin" for version in (12, 13)]
    if device == "cpu" or (device == "auto" and not any(map(importlib.util.find_spec, plugins))):
        return
    given = os.environ.get("XLA_FLAGS", "")
    missing = [f"--{name}={value}" for name, value in ASKED.items() if not re.search(rf"--{name}\b", given)]
    if missing:
        os.environ["XLA_FLAGS"] = " ".join([*([given] if given else []), *missing])


def settings() -> dict[str, str]:
    """The environment variables that change what XLA, JAX and their libraries compute with."""
    return {name: value for name, value in sorted(os.environ.items()) if re.match(SETTINGS, name)}


def compiled(lowered: Any) -> tuple[Any, tuple[str, ...]]:
    """A lowered program compiled, and the `kernels` it calls; once more without determinism where XLA has none for it.

    Raises what XLA raises for any other reason.
    """
    refused: tuple[str, ...] = ()
    try:
        program = lowered.compile()
    except Exception as error:  # XLA's own type is not public
        if not re.search(r"determini", str(error), re.IGNORECASE):
            raise
        program = lowered.compile(compiler_options={"xla_gpu_exclude_nondeterministic_ops": False})
        refused = (UNSETTLED,)
    found = (*kernels(program.as_text()), *refused)
    _CHOSEN.update(found)
    return program, found


def chosen() -> list[str]:
    """The kernels of all programs that `compiled` compiled in this process."""
    return sorted(_CHOSEN)


def kernels(text: str | None) -> tuple[str, ...]:
    """What a compiled program calls that XLA did not generate: targets and kinds of custom fusions, with the algorithm where it is told.

    text: of the program after compilation (`Compiled.as_text`); None: nothing. Each once, in alphabetical order.
    """
    found: set[str] = set()
    for line in (text or "").split("\n"):
        config = _config(line)
        target = _TARGET.search(line)
        if target is None and "kind=kCustom" not in line:
            continue
        name = target[1] if target else str(_first(config, "kind") or "custom fusion")
        if name in _NOT_KERNELS:
            continue
        facts = [f"algorithm {number}" for key in _ALGORITHMS if (number := _first(config, key)) is not None]
        facts += [str(math_type)] if (math_type := _first(config, "math_type")) is not None else []
        found.add(", ".join([name, *facts]))
    return tuple(sorted(found))


def _config(line: str) -> Any:
    """The backend's configuration of an instruction, where it is JSON; else nothing."""
    start = _CONFIG.search(line)
    if start is None:
        return {}
    try:
        return json.JSONDecoder().raw_decode(line[start.end() :])[0]
    except ValueError:  # a string of another kind
        return {}


def _first(config: Any, wanted: str) -> Any:
    """The first value of this name at any depth, in the order of the text."""
    if isinstance(config, list):
        config = dict(enumerate(config))
    if not isinstance(config, dict):
        return None
    for name, value in config.items():
        if name == wanted:
            return value
        if (inner := _first(value, wanted)) is not None:
            return inner
    return None
