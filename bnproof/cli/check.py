"""``bnproof check``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import BnproofError, CheckError
from ..loading import is_file
from ..modes import Mode
from .common import interruptible, page_width, paint, print_json, progress
from .options import Inputs, Kind, refuse_idle
from .own_function import check_own_function

if TYPE_CHECKING:
    from ..numeric.checking.measurement import Measurement


class Suite(StrEnum):
    """Which cases."""

    quick = "quick"
    full = "full"


_ANY = frozenset({"dtype", "seed"})
SUITE = Kind("a suite", _ANY | {"suite", "device", "shares"}, "suite")
CHAINS = Kind("--case", _ANY | {"what", "case", "bias", "mode", "device", "shares"}, "case")
FUNCTION = Kind("file.py:function", _ANY | {"what", "inputs", "bias", "device", "shares"}, "what")
CHUNKS = Kind("--values", _ANY | {"values"}, "values")
SHARDS = Kind("--devices", _ANY | {"devices", "device"}, "devices")
PROCESSES = Kind("--coordinator", _ANY | {"coordinator", "num_processes", "process_id", "devices", "device"}, "coordinator")
RUNS = (SUITE, CHAINS, FUNCTION, CHUNKS, SHARDS, PROCESSES)
"""What can be run, and the options that matter to it."""
TEXT = Kind("a table", frozenset({"whole"}))
JSON, CSV = Kind("--json", frozenset({"json"}), "json"), Kind("--csv", frozenset({"csv"}), "csv")
OUTPUTS = (TEXT, JSON, CSV)
"""How the measurements can be printed: JSON and CSV hold every quantity."""
_PATIENCE = 60.0
"""Seconds from which on a run says beforehand how long it will take."""


_LARGE_PATIENCE = 10.0
"""The same for large layers, whose time hangs on the machine more than that of numbers in chunks."""


@interruptible
def check(
    context: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            help='Your own function, "file.py:function" with --input, or a chain of layers, as with --case; without it, a suite.',
            metavar="WHAT",
            show_default=False,
        ),
    ] = None,
    suite: Annotated[
        Suite | None,
        typer.Option("--suite", help="quick: a minute or two; full: every case, dtype and quantity.", show_default="quick"),
    ] = None,
    case: Annotated[
        list[str] | None,
        typer.Option("--case", help='A chain to check instead of a suite: "conv -> maxpool -> bn". May be repeated.'),
    ] = None,
    inputs: Inputs = None,
    bias: Annotated[
        list[str] | None,
        typer.Option(
            "--bias",
            help="Only this parameter, or argument of the function. May be repeated.",
            show_default="all that are named like a bias",
        ),
    ] = None,
    mode: Annotated[Mode, typer.Option("--mode", help="Of the chains: batch or stored statistics.")] = "train",
    dtype: Annotated[
        list[str] | None,
        typer.Option(
            "--dtype", help="float64, float32, tf32, bfloat16 or float16. May be repeated.", show_default="float64, float32"
        ),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, gpu or auto.")] = "auto",
    devices: Annotated[
        int | None,
        typer.Option(
            "--devices", help="Share a batch among so many devices; a CPU is split.", min=1, show_default="1", metavar="N"
        ),
    ] = None,
    values: Annotated[
        int | None,
        typer.Option(
            "--values", help="Normalise so many values together, in chunks with exact statistics.", min=2, metavar="N"
        ),
    ] = None,
    coordinator: Annotated[
        str | None, typer.Option("--coordinator", help="HOST:PORT of process 0, for several processes.", metavar="HOST:PORT")
    ] = None,
    num_processes: Annotated[
        int | None, typer.Option("--num-processes", help="How many processes there are.", metavar="N")
    ] = None,
    process_id: Annotated[int | None, typer.Option("--process-id", help="Which one this is, from 0.", metavar="K")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="For all random numbers.")] = 0,
    whole: Annotated[
        bool,
        typer.Option("--all", help="Print every quantity, not only the one closest to failing, and what the bounds contain."),
    ] = False,
    shares: Annotated[
        Path | None,
        typer.Option(
            "--shares",
            help="Also write a CSV file with the part of each bound that each operation is to blame for.",
            metavar="FILE",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
) -> None:
    """Check by automatic differentiation that floating point agrees with the proofs, against derived round-off bounds."""
    processes = (coordinator, num_processes, process_id)
    kind = _kind(processes, values, devices, what, case)
    refuse_idle(context, kind, RUNS)
    refuse_idle(context, JSON if json else CSV if csv else TEXT, OUTPUTS)
    from ..numeric.compiling import ask_for_determinism

    ask_for_determinism(device)
    dtypes: list[str] | None = list(dict.fromkeys(dtype or [])) or None
    if shares is not None:
        from ..report.normal import check_shares

        check_shares(shares)  # before anything is measured
    started = time.perf_counter()
    notes: list[str] = []
    if kind is PROCESSES:
        measured = _distributed(processes, dtypes, device, devices, seed)
    elif values is not None:
        measured = _chunked(values, dtypes, seed)
    elif devices is not None:
        measured = _sharded(devices, dtypes, device, seed)
    elif kind is FUNCTION:
        measured = check_own_function(what or "", inputs or (), bias or (), dtypes, device, seed, notes)
    else:
        chains: list[str] = [*([] if what is None else [what]), *(case or [])]
        measured = _single(
            suite, list(dict.fromkeys(chains)), list(dict.fromkeys(bias or [])), mode, dtypes, device, seed, notes
        )
    seconds = time.perf_counter() - started
    if shares is not None:
        from ..report.normal import write_shares

        write_shares(shares, measured)
    _print(measured, seconds, whole, json, csv, notes, kind)
    if not all(m.passed for m in measured):
        raise SystemExit(1)


def _kind(
    processes: tuple[object, ...], values: int | None, devices: int | None, what: str | None, case: list[str] | None
) -> Kind:
    """What is asked for, by the option that asks for it."""
    if any(part is not None for part in processes):
        return PROCESSES
    if values is not None:
        return CHUNKS
    if devices is not None:
        return SHARDS
    if what is not None and is_file(what):
        return FUNCTION
    return SUITE if what is None and not case else CHAINS


def _single(
    suite: Suite | None,
    chains: list[str],
    bias: list[str],
    mode: Mode,
    dtypes: list[str] | None,
    device: str,
    seed: int,
    notes: list[str],
) -> list[Measurement]:
    from ..decide.checking.run import needs, run, tasks_of
    from ..decide.checking.suites import SUITES, WIDE
    from ..numeric.devices import choose, memory
    from ..numeric.scale.limits import about

    (where,) = choose(device)
    _check_formats(dtypes or (), where.platform)
    if chains:
        tasks = []
        for chain in chains:
            found, undecided = tasks_of(chain, dtypes or WIDE, bias=bias or None, mode=mode)
            tasks += found
            notes += [
                f"{name} of `{chain}` is undecided, so there is nothing to compare with: {why}" for name, why in undecided
            ]
            if not found and not undecided:
                notes.append(f"`{chain}` has no bias and no beta: nothing to check")
        seconds, held, left_out = needs(tasks)
        notes += left_out
        free = memory(where)
        if seconds > _LARGE_PATIENCE and (free is None or held <= free):  # what does not fit is refused below
            print(f"large layers: this takes {about(seconds)} and about {held / 2**30:.1f} GiB of memory", file=sys.stderr)
    else:
        name = (suite or Suite.quick).value
        tasks = [task for task in SUITES[name]() if not dtypes or task.dtype in dtypes]
        if not tasks:
            raise CheckError(
                f"the {name} suite has no case in {', '.join(dtypes or ())}: use another --dtype, or name a --case"
            )
    return [m for rows in progress(run(tasks, where, seed), "checking", len(tasks)) for m in rows]


def _check_formats(dtypes: Iterable[str], platform: str) -> None:
    from ..numeric.roundoff.precision import check_format

    for name in dtypes:
        check_format(name, platform)


def _sharded(devices: int, dtypes: list[str] | None, device: str, seed: int) -> list[Measurement]:
    from ..decide.checking.suites import WIDE
    from ..numeric.devices import check_request, choose, force_host_devices
    from ..numeric.scale.limits import check_host_devices
    from ..numeric.scale.sharded import run_sharded

    check_request(device, devices)
    if device != "gpu":
        check_host_devices(devices)
        force_host_devices(devices)
    chosen = choose(device, devices)
    wanted = dtypes or WIDE
    _check_formats(wanted, chosen[0].platform)
    return [m for dtype in progress(wanted, "checking", len(wanted)) for m in run_sharded(chosen, dtype, None, seed)]


def _chunked(values: int, dtypes: list[str] | None, seed: int) -> list[Measurement]:
    from ..decide.checking.suites import WIDE
    from ..numeric.scale.chunked import run_chunked
    from ..numeric.scale.limits import about, check_values, seconds

    wanted = dtypes or WIDE
    _check_formats(wanted, "cpu")
    check_values(values)
    if (estimate := seconds(values, len(wanted))) > _PATIENCE:
        print(f"{values:,} values in {', '.join(wanted)}: this takes {about(estimate)}", file=sys.stderr)
    return [m for dtype in progress(wanted, "checking", len(wanted)) for m in run_chunked(dtype, values, seed=seed)]


def _distributed(
    processes: tuple[str | None, int | None, int | None],
    dtypes: list[str] | None,
    device: str,
    devices: int | None,
    seed: int,
) -> list[Measurement]:
    from ..numeric.scale.distributed import run_distributed

    coordinator, num_processes, process_id = processes
    if coordinator is None or num_processes is None or process_id is None:
        raise BnproofError(
            "several processes need all three: --coordinator HOST:PORT --num-processes N --process-id K, K from 0 to N − 1"
        )
    wanted = dtypes or ["float64"]
    if len(wanted) > 1:
        raise BnproofError("several processes check one dtype a run: give --dtype once")
    return run_distributed(
        coordinator,
        num_processes,
        process_id,
        wanted[0],
        seed=seed,
        device=device,
        devices=devices or 1,
        progress=lambda words: print(words, file=sys.stderr),
    )


def _print(
    measured: list[Measurement], seconds: float, whole: bool, json: bool, csv: bool, notes: list[str], kind: Kind
) -> None:
    """In one of the formats; as text the answer first, a sentence or one for each bias of a function, and a suite at a glance."""
    from ..report.measurements import closing, covered, csv_text, measurements_json, table
    from ..report.overview import first, overview
    from ..report.own_function import answers
    from ..report.writers.layout import wrapped

    if json:
        print_json(measurements_json(measured, {**_run(seconds), "notes": notes}))
        return
    if csv:
        print(csv_text(measured), end="")
    else:
        width = page_width()
        if measured:
            print(
                answers(measured, width, paint()) if kind is FUNCTION else wrapped(first(measured, paint()), width), end="\n\n"
            )
            short = kind is SUITE and not whole
            print(overview(measured, width, paint()) if short else table(measured, width, whole, paint()), end="\n\n")
            print(closing(measured, seconds, width, whole))
            if whole:
                print(f"\n{covered(width)}")
        for note in _wrapped(notes, width):
            print(note)
    for note in notes if csv else ():
        print(note, file=sys.stderr)


def _wrapped(notes: list[str], width: int) -> Iterator[str]:
    from ..report.writers.layout import wrapped

    return (wrapped(note, width, indent="  ") for note in notes)


def _run(seconds: float) -> dict[str, object]:
    """Where and with what the numbers were made."""
    import platform
    from importlib.metadata import version

    import jax

    import bnproof

    from ..numeric.compiling import chosen, settings
    from ..numeric.devices import describe
    from ..numeric.roundoff.probes.device import answers

    return {
        "devices": [describe(device) for device in jax.local_devices()],
        "python": platform.python_version(),
        "versions": {"bnproof": bnproof.__version__, **{name: version(name) for name in ("jax", "jaxlib", "numpy")}},
        "settings": settings(),
        "kernels": chosen(),
        "arithmetic": answers(),
        "seconds": round(seconds, 1),
    }
