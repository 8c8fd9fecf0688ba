"""Random programs from a first seed on: `python -m tests.algebra.fuzz 20000 [first seed]`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .claims import Tally, check
from .programs import program


def main(arguments: Sequence[str]) -> int:
    """Run N programs from a first seed on, and print what came of them."""
    count = int(arguments[0]) if arguments else 1000
    first = int(arguments[1]) if len(arguments) > 1 else 0
    tally = Tally()
    told = 0
    for seed in range(first, first + count):
        check(program(seed), tally)
        for line in (tally.unsound + tally.crashed)[told:]:
            print(line, flush=True)
        told = len(tally.unsound) + len(tally.crashed)
    print(f"{tally.programs} programs, {tally.claims} claims, {tally.free} free, {tally.checked} checked,", end=" ")
    print(f"{len(tally.unsound)} unsound, {len(tally.crashed)} crashed")
    return 1 if tally.unsound or tally.crashed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
