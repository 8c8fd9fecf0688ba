"""What a GPU's run says of the bounds: how the device computes, random cases as far as time allows, and what a bound costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from bnproof.decide.checking.cases import Case, subject
from bnproof.decide.checking.suites import task
from bnproof.numeric.checking.check import Check
from bnproof.numeric.checking.drawing import arguments
from bnproof.numeric.checking.quantities import gradients
from bnproof.numeric.devices import Device
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF, computing, storage
from bnproof.numeric.roundoff.probes.device import arithmetic
from tests.soak_bounds.run import measured

from .on_device import DTYPES, joined, summed, unit
from .timing import seconds
from .units import Found, Unit

REPEATS = 5
"""Timings of which the best counts."""


def probes(device: Device) -> Generator[Unit]:
    """How the device computes in each dtype: what every bound below rests on."""
    for dtype in DTYPES:

        def action(dtype: str = dtype) -> Found:
            found = arithmetic(dtype, device.platform)
            return Found(found.as_json(), probe_line(found.as_json()))

        yield unit({}, "arithmetic", dtype, device, action)


def probe_line(found: Mapping[str, Any]) -> str:
    """What `probes` found, in words."""
    own = UNIT_ROUNDOFF[storage(str(found["dtype"])).name]
    words = [
        f"products add up with u = {found['accumulator']}" if found["accumulator"] != own else "products add up in their type"
    ]
    words.append(f"operands read with u = {found['operand']}" if found["operand"] else "operands read as they are")
    words.append("convolutions by transforms" if found["transforms"] else "no transforms seen")
    words.append(f"division {float(found['functions']['div']):.2g} u")
    name = max(found["functions"], key=lambda name: float(found["functions"][name]))
    return ", ".join([*words, f"worst function {name} {float(found['functions'][name]):.3g} u"])


def soak(device: Device, structures: range, draws: int) -> Generator[Unit]:
    """Random chains, each drawn so many times: a draw is a case."""
    for structure in structures:
        for dtype in DTYPES:

            def action(structure: int = structure, dtype: str = dtype) -> Found:
                rows = [m.as_json() for found in measured(dtype, structure, draws, device) for m in found]
                found = summed(rows)
                failed = [row for row in rows if row["outcome"] == "FAILED"]
                words = (
                    f"{draws} cases, {found['as proved']} as proved, {found['cannot tell']} cannot tell, {len(failed)} FAILED"
                )
                return Found({"cases": draws, **found, "failures": failed}, words, wrong=bool(failed))

            yield unit({"structure": structure}, f"random chain {structure}", dtype, device, action)


def soak_outcomes(units: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """By dtype: cases, and what their measurements come to."""
    found: dict[str, object] = {}
    for dtype in dict.fromkeys(one["dtype"] for one in units):
        results = [one["result"] for one in units if one["dtype"] == dtype]
        found[dtype] = {"cases": sum(result["cases"] for result in results), **joined(results)}
    return found


def costs(device: Device, chains: Sequence[str]) -> Generator[Unit]:
    """What a bound costs: the compiled program by itself, a check of it with its bounds, and compiling it."""
    for chain in chains:
        for dtype in DTYPES:

            def action(chain: str = chain, dtype: str = dtype) -> Found:
                found = cost(chain, dtype, device)
                milliseconds = [f"{found[name] * 1e3:.3g} ms" for name in ("program_s", "check_s")]
                words = f"program {milliseconds[0]}, checked {milliseconds[1]}, compiled in {found['compile_s']:.2g} s"
                return Found(found, words)

            yield unit({"case": chain}, chain, dtype, device, action)


def cost(chain: str, dtype: str, device: Device) -> dict[str, Any]:
    """Seconds: to compile a check, to run its program of gradients, and to run the check with all its bounds."""
    about = subject(task(Case(chain), dtype).case)
    began = time.perf_counter()
    check = Check(about, dtype, device)
    compiling = time.perf_counter() - began
    kind = storage(dtype)
    params, x, amounts = arguments(about, kind, np.random.default_rng(0))
    with computing(dtype), jax.default_device(device):
        cotangent = np.ones(jax.eval_shape(about.function, params, x).shape, kind)
        program: Callable[..., Any] = jax.jit(gradients(about))
        given = jax.device_put((params, x, cotangent, amounts, amounts), device)
        jax.block_until_ready(program(*given))
        alone = min(seconds(lambda: jax.block_until_ready(program(*given))) for _ in range(REPEATS))
    check.run(0, [1.0])
    whole = min(seconds(lambda: check.run(0, [1.0])) for _ in range(REPEATS))
    return {
        "program_s": alone,
        "check_s": whole,
        "times": whole / alone,
        "compile_s": compiling,
        "kernels": list(check.kernels),
    }
