"""``bnproof --help`` against importing typer, whole processes in turn."""

from __future__ import annotations

from .timing import paired, process, python

WANTED = 2.5


def run() -> dict[str, object]:
    process(*python("-m", "bnproof", "--help"))
    result = paired(
        lambda: process(*python("-m", "bnproof", "--help")),
        lambda: process(*python("-c", "import typer")),
        runs=9,
    )
    print(f"bnproof --help: {result['ratio']:.2f}× the time of `import typer` (wanted ≤ {WANTED:g}×)")
    return {"help_s": result["first_s"], "import_typer_s": result["second_s"], "ratio": result["ratio"]}
