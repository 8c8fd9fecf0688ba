"""The exact value of an output as a short formula of the inputs that remain in its normal form: ``beta``, ``1``, ``n·gamma²``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...algebra.forms import Form, Ring, SumOfTerms
from ...algebra.known import Known
from ...algebra.monomials import Monomial
from ...algebra.rationals import Coefficient
from ...algebra.rules.sums import SumOverAxes

LONGEST = 6
"""Terms of a formula at most."""
DEEPEST = 4
"""Sums inside of sums at most."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def formula(ring: Ring, form: Form, names: Mapping[int, str]) -> str | None:
    """The value of a form, where it is a short polynomial of inputs (names: atom number → name), sizes and numbers; else None.

    Quotients by them count. An input with axes stands for its entries along the output's axes of the same kind; Σ sums over all of an
    input's axes that the output does not have.
    """
    return _Writer(ring, names).terms(form.terms.items(), 0)


class _Writer:
    def __init__(self, ring: Ring, names: Mapping[int, str]) -> None:
        self.ring, self.names = ring, names
        self.sizes = {
            atom.number: str(key[1])
            for key, atom in ring.atoms.by_key.items()
            if atom.kind == "size" and isinstance(key, tuple) and len(key) == 2
        }

    def terms(self, terms: Iterable[tuple[Monomial, Coefficient]], depth: int) -> str | None:
        """A sum, terms without inputs last."""
        items = list(terms)
        if len(items) > LONGEST or depth > DEEPEST:
            return None
        if not items:
            return "0"
        written = ""
        for monomial, coefficient in sorted(items, key=lambda item: (not item[0], item[0])):
            product = self._product(monomial, depth)
            if product is None:
                return None
            size = abs(coefficient)
            term = product if product and size == 1 else f"{size}·{product}" if product else str(size)
            sign = "-" if coefficient < 0 else "+"
            written += f" {'−' if sign == '-' else '+'} {term}" if written else f"−{term}" if sign == "-" else term
        return written

    def _product(self, monomial: Monomial, depth: int) -> str | None:
        """The factors, numerators first; empty for 1."""
        parts: list[str] = []
        for number, _, exponent in sorted(monomial, key=lambda factor: (factor[2] < 0, number_first(self.sizes, factor[0]))):
            base = self._atom(number, depth)
            if base is None:
                return None
            parts.append(base if exponent == 1 else f"{base}{str(exponent).translate(_RAISED)}")
        return "·".join(parts)

    def _atom(self, number: int, depth: int) -> str | None:
        atom = self.ring.atoms[number]
        if number in self.names:
            return self.names[number]
        if number in self.sizes:
            return self.sizes[number]
        if isinstance(atom.content, SumOfTerms):
            inner = self.terms(atom.content.terms, depth + 1)
            return None if inner is None else f"({inner})"
        if isinstance(atom.content, SumOverAxes) and len(atom.content.over) == len(atom.content.sizes):
            inner = self._product(atom.content.monomial, depth + 1)
            simple = inner is not None and len(atom.content.monomial) == 1
            return None if inner is None else f"Σ{inner}" if simple else f"Σ({inner})"
        if isinstance(atom.content, Known) and atom.content.entries.size <= LONGEST:
            return f"[{', '.join(map(str, atom.content.entries.reshape(-1)))}]"
        return None


def number_first(sizes: Mapping[int, str], number: int) -> tuple[bool, int]:
    """Sizes before inputs."""
    return number not in sizes, number
