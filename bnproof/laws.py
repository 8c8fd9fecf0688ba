"""The laws that proofs about traced programs cite, by name: what each says and why it holds.

Every rule of the tensor normal form cites one of these. All are statements about real numbers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Law:
    """A law: its name, its statement, a proof in a sentence or two, and where it is proved or taken from."""

    name: str
    statement: str
    proof: str
    source: str


LAWS: dict[str, Law] = {
    law.name: law
    for law in (
        Law(
            "ring",
            "sums and products of reals may be rearranged, multiplied out and cancelled: (v + b) − (m + b) = v − m",
            "The axioms of a commutative ring. Integers and Booleans wrap around or truncate, so there the law is used only for "
            "counts (sums of 0/1 values and sizes), which stay exact.",
            "axiom",
        ),
        Law(
            "linear",
            "f(v + s) = f(v) + f(s), and f(c·v) = c·f(v): sums, means, convolutions, matrix products, padding with 0",
            "Each entry of f(v) is a finite sum of entries of v with fixed coefficients; a factor that is the same in every term "
            "comes out of the sum, and a sum of n equal terms is n times the term.",
            "axiom: distributivity",
        ),
        Law(
            "order",
            "max(v + s) = max(v) + s, and so for min, sort and running maxima, where s is the same for all values compared",
            "x ↦ x + s keeps the order of the reals, so the same entry is the largest; −∞ + s = −∞ covers empty windows.",
            "axiom: ordered field",
        ),
        Law(
            "comparison",
            "whether v < w depends on v − w only; the place of a maximum does not depend on a common shift",
            "v < w iff v − w < 0 (ordered field).",
            "axiom: ordered field",
        ),
        Law(
            "select",
            "where(p, v, w) = p·v + (1 − p)·w for p in {0, 1}; where both branches are equal, p does not matter",
            "Put p = 1 and p = 0.",
            "axiom: two cases",
        ),
        Law(
            "exponential",
            "exp(v + s) = exp(v)·exp(s)",
            "The functional equation of exp; exp(−∞) = 0 for masked entries.",
            "definition of exp",
        ),
        Law(
            "reciprocal",
            "v·(1/v) = 1 and 1/(v·w) = (1/v)·(1/w) wherever the program divides",
            "A program that divides by zero is outside the verdict, so v and w are not 0.",
            "axiom: field",
        ),
        Law(
            "copy",
            "reshaping, transposing, broadcasting, slicing and gathering copy entries: they commute with every pointwise operation",
            "Entry i of the result is entry σ(i) of the operand, with σ fixed; a value that does not depend on an axis is not "
            "changed by what σ does along it.",
            "definition",
        ),
        Law(
            "congruence",
            "equal operations on equal values are equal; what an operation is not given, it cannot depend on",
            "Operations are functions of their operands.",
            "axiom: substitution",
        ),
    )
}
"""The laws by name."""
