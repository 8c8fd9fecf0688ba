"""Hostile surroundings: variables of the environment, and where standard output leads; what is run there, and how it must end."""

from __future__ import annotations

from dataclasses import dataclass, field

from .names import T1

PROVE, LIST, CLAIMS, VERSION, HELP = ("prove", T1), ("theorems",), ("claims",), ("--version",), ("--help",)
WRONG, SMALL = ("prove", "conv → bn → ré"), ("check", "--case", "linear(2) -> bn @ 6x2", "--dtype", "float32")


@dataclass(frozen=True)
class Row:
    """Run with `arguments`, variables of the environment and a redirection in the shell's words; the exit code, words of stderr."""

    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict[str, str])
    redirection: str = ""
    code: int = 0
    words: tuple[str, ...] = ()


C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
FULL, CLOSED = "cannot write to standard output: No space left", "standard output is closed"

SURROUNDINGS: tuple[Row, ...] = (
    # nowhere to write to
    *(
        Row(run, redirection=">/dev/full", code=2, words=(FULL,))
        for run in (PROVE, (*PROVE, "--json"), LIST, CLAIMS, VERSION, HELP)
    ),
    *(Row(run, redirection=">&-", code=2, words=(CLOSED,)) for run in (PROVE, LIST, CLAIMS, VERSION, HELP)),
    Row(SMALL, redirection=">/dev/full", code=2, words=(FULL,)),
    Row(("--show-completion", "bash"), redirection=">/dev/full", code=2, words=(FULL,)),
    Row(WRONG, redirection=">&-", code=2, words=(CLOSED,)),
    Row(WRONG, redirection="2>&-", code=2),
    Row(WRONG, redirection="2>/dev/full", code=2),
    Row(("nosuch",), redirection="2>&-", code=2),
    Row((), redirection="2>/dev/full", code=2),
    Row(("check", "--case", "relu @ 4x3", "--csv"), redirection="2>/dev/full"),
    Row(VERSION, redirection="2>&-"),
    Row(VERSION, redirection="<&-"),
    Row(VERSION, redirection="<&- 2>&-"),
    Row(VERSION, redirection="<&- >&- 2>&-", code=2),
    # what comes in
    Row(("prove", "-"), redirection="<&-", code=2, words=("empty chain",)),
    Row(("prove", "-"), redirection="</dev/null", code=2, words=("empty chain",)),
    Row(("prove", "-"), redirection="</dev/zero", code=2, words=("more than 1,000,000 letters",)),
    Row(("prove", "-"), redirection="<figures/output_against_bias.svg", code=2, words=("<",)),
    Row(PROVE, {"PYTHONIOENCODING": "ascii"}, ">/dev/full", 2, (FULL,)),
    Row(PROVE, {"PYTHONUNBUFFERED": "1"}, ">/dev/full", 2, (FULL,)),
    # variables that libraries read
    Row(SMALL, {"JAX_ENABLE_X64": "banana"}, code=2, words=("JAX_ENABLE_X64=banana", "Unset it")),
    Row(("prove", "conv -> bn @ 2x2x3x3"), {"JAX_ENABLE_X64": "banana"}, code=2, words=("JAX_ENABLE_X64=banana",)),
    Row(SMALL, {"JAX_DEBUG_NANS": "2"}, code=2, words=("JAX_DEBUG_NANS=2",)),
    Row(SMALL, {"JAX_NUM_CPU_DEVICES": "many"}, code=2, words=("JAX_NUM_CPU_DEVICES=many",)),
    Row(SMALL, {"JAX_DEFAULT_MATMUL_PRECISION": "b\x1b[1m"}, code=2, words=("JAX_DEFAULT_MATMUL_PRECISION=b\\x1b[1m",)),
    Row(SMALL, {"JAX_PLATFORMS": "banana"}, code=2, words=("JAX_PLATFORMS=banana",)),
    Row(SMALL, {"JAX_PLATFORMS": "cuda"}, code=2, words=("JAX_PLATFORMS=cuda",)),
    Row(SMALL, {"JAX_DISABLE_JIT": "1"}, code=2, words=("JAX_DISABLE_JIT=1",)),
    Row(LIST, {"JAX_ENABLE_X64": "banana"}),
    # the terminal
    *(Row(HELP, {"COLUMNS": columns}) for columns in ("garbage", "", "0", "-5", "1", "20", "9" * 30)),
    *(Row(CLAIMS, {"COLUMNS": columns}) for columns in ("garbage", "20")),
    Row(WRONG, {"COLUMNS": "20"}, code=2, words=("é",)),
    Row(HELP, {"TERM": "dumb"}),
    Row(HELP, {"TERM": "\x1b[31m", "NO_COLOR": ""}),
    # elsewhere
    Row(VERSION, {"HOME": "/nowhere"}),
    Row(PROVE, {"HOME": "/proc", "TMPDIR": "/nowhere"}),
    Row(VERSION, {"PYTHONWARNINGS": "error"}),
)

ENCODINGS = ("ascii", "latin-1", "cp1252", "cp437", "utf-16", "ascii:replace", "ascii:strict")
"""Of the standard streams, with what to do about letters that they lack."""
PIPED = (PROVE, (*PROVE, "--json"), LIST, CLAIMS, HELP)
"""What may be cut off by ``| head -1``."""
