"""A proof for symbolic n costs the same whatever n is; checking a fixed n, written out, costs more and more."""

from __future__ import annotations

from fractions import Fraction

from bnproof.symbolic.checker import Checker
from bnproof.symbolic.notation import parse
from bnproof.symbolic.symbols import Replacement, Vocabulary
from bnproof.symbolic.term import Number
from bnproof.theorems.definitions import BATCHNORM_AT, definitions
from bnproof.theorems.glossary import GLOSSARY

from .timing import seconds

SIZES = (2, 4, 8, 16, 32)


def run() -> dict[str, object]:
    vocabulary = Vocabulary(GLOSSARY, definitions(*BATCHNORM_AT))
    sides = [parse(text, vocabulary) for text in ("y_at(1, b)", "y_at(1, 0)")]

    def prove(size: int | None) -> float:
        layers = ({"n": Replacement((), Number(Fraction(size)))},) if size else ()
        checker = Checker(vocabulary, layers=layers)
        return seconds(lambda: checker.symbolic(*sides))

    prove(None)
    symbolic = min(prove(None) for _ in range(5))
    fixed = {size: prove(size) / symbolic for size in SIZES}
    shown = ", ".join(f"n = {size}: {ratio:.1f}×" for size, ratio in fixed.items())
    print(f"one proof for all n: {symbolic * 1e3:.1f} ms; the same for one n written out: {shown}")
    return {"symbolic_s": symbolic, "fixed_over_symbolic": {str(size): ratio for size, ratio in fixed.items()}}
