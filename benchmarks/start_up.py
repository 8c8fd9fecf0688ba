"""Start-up of whole processes in turn: ``--help``, lists, a syntax error, and ``prove S1`` beside the imports they need."""

from __future__ import annotations

from .timing import paired, process, python

WANTED = 2.0
S1_WANTED_S = 5.0
"""Seconds for all verdicts of the source S1's network, witnesses with round-off bounds included."""


def run() -> dict[str, object]:
    process(*python("-m", "bnproof", "--help"))
    result = paired(
        lambda: process(*python("-m", "bnproof", "--help")),
        lambda: process(*python("-c", "import typer")),
        runs=9,
    )
    print(f"bnproof --help: {result['ratio']:.2f}× the time of `import typer` (wanted ≤ {WANTED:g}×)")
    beside: dict[str, float] = {}
    for name, arguments in {
        "theorems": ("theorems",),
        "claims": ("claims",),
        "syntax error": ("prove", "conv -> rellu"),
    }.items():
        light = paired(
            lambda arguments=arguments: process(*python("-m", "bnproof", *arguments), codes=(0, 2)),
            lambda: process(*python("-m", "bnproof", "--help")),
            runs=5,
        )
        beside[name] = light["ratio"]
        print(f"bnproof {' '.join(arguments)}: {light['ratio']:.2f}× the time of `bnproof --help`")
    proved = paired(
        lambda: process(*python("-m", "bnproof", "prove", "S1", "--json")),
        lambda: process(*python("-c", "import jax")),
        runs=3,
    )
    print(
        f"bnproof prove S1: {proved['first_s']:.1f} s (wanted ≤ {S1_WANTED_S:g} s), {proved['ratio']:.1f}× the time of `import jax`"
    )
    return {
        "help_s": result["first_s"],
        "import_typer_s": result["second_s"],
        "ratio": result["ratio"],
        "against_help": beside,
        "prove_s1_s": proved["first_s"],
        "import_jax_s": proved["second_s"],
        "prove_s1_ratio": proved["ratio"],
    }
