"""The derivation of a redundant verdict: what becomes of the parameter, operation by operation, until it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from jax.interpreters import partial_eval

from ..algebra.analysis import analyse
from ..algebra.forms import Form, Ring
from ..algebra.monomials import Monomial
from ..algebra.rationals import Coefficient
from ..algebra.walk import Place
from ..verdict import Proof, Step, Verdict
from .program import Program
from .reasons import line_of

LONGEST = 40
"""A derivation with more lines than this leaves out its middle, and says so."""
SIGNS = {"add": " + ", "add_any": " + ", "sub": " − ", "mul": " · ", "div": " / "}
NAMED = {"reduce_sum": "Σ", "reduce_max": "max", "reduce_min": "min", "sqrt": "√", "exp": "exp", "square": "square"}


def with_proofs(program: Program, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts, each redundant one with its derivation."""
    return [replace(v, proof=derive(program, v.bias)) if v.verdict == "redundant" else v for v in verdicts]


def derive(program: Program, name: str) -> Proof:
    """The lines for one parameter, analysed by itself, through those operations that the outputs need."""
    jaxpr = _needed(program)
    analysis = analyse(jaxpr, {program.inputs.index(name): name}, explain=True)
    assert analysis.walk.trace is not None
    writer = _Writer(analysis.ring, program, name)
    steps: list[Step] = []
    for place, operands, results, law in analysis.walk.trace:
        step = writer.step(place, operands, results, law)
        if step is not None:
            steps.append(step)
    if len(steps) > LONGEST:
        half = LONGEST // 2
        left_out = Step(f"… {len(steps) - 2 * half} more operations of the same kinds …", "")
        steps = [*steps[:half], left_out, *steps[-half:]]
    return Proof(tuple(steps))


def _needed(program: Program) -> Any:
    """The program without operations that only updated statistics need."""
    whole = program.jaxpr
    used = [k < program.outputs for k in range(len(whole.jaxpr.outvars))]
    inner, _ = partial_eval.dce_jaxpr(whole.jaxpr, used, instantiate=True)
    return whole.replace(jaxpr=inner)


class _Writer:
    """Names in order of appearance: v1, v2, … for values, r1, r2, … for their parts without the parameter, s1, s2, … for what
    operations make of the parameter.
    """

    def __init__(self, ring: Ring, program: Program, parameter: str) -> None:
        self.ring = ring
        self.program = program
        self.parameter = parameter
        self.names: dict[int, str] = {}
        self.rests: dict[int, str] = {}
        self.written: dict[tuple[object, ...], list[str]] = {}
        self.kept: list[Form] = []  # names go by identity, so every named form is kept alive

    def step(self, place: Place, operands: Sequence[Form], results: Sequence[Form], law: str) -> Step | None:
        """A line for one equation; None where a value only moves (a copy keeps its name)."""
        name = place.equation.primitive.name
        tainted = [form for form in operands if form.tainted]
        if law == "copy" and len(tainted) == 1 and len(results) == 1 and results[0].tainted:
            self._call(results[0], self._name(tainted[0]))
            return None
        if len(tainted) == 1 and len(results) == 1 and results[0].terms == tainted[0].terms:
            self._call(results[0], self._name(tainted[0]))
            return None
        done = self._applied(name, operands)
        key = (done, tuple(form.key() for form in results))
        if key in self.written:  # the program computes it twice
            for form, known in zip(results, self.written[key], strict=True):
                self._call(form, known)
            return None
        written: list[str] = []
        for form in results:
            shown = self._form(form)
            written.append(f"{self._name(form)} = {done}" + (f" = {shown}" if shown != done else ""))
        self.written[key] = [self._name(form) for form in results]
        last = "" if any(form.tainted for form in results) else f"   ({self.parameter} is gone)"
        return Step("; ".join(written) + last, law, name, self.program.layer(place), line_of(place))

    def _applied(self, name: str, operands: Sequence[Form]) -> str:
        shown = [self._name(form) if form.tainted else self._plain(form) for form in operands]
        if name in SIGNS and len(shown) == 2:
            if name in ("mul", "div") or (name == "sub" and " " in shown[1]):
                shown = [
                    f"({text})" if " " in text or (name == "div" and "·" in text) or "/" in text else text for text in shown
                ]
            return SIGNS[name].join(shown)
        return f"{NAMED.get(name, name)}({', '.join(shown)})"

    def _name(self, form: Form) -> str:
        found = self.names.get(id(form))
        if found is None:
            only = self._single(form)
            found = self.parameter if only else f"v{len(set(self.names.values()) - {self.parameter}) + 1}"
            self._call(form, found)
        return found

    def _call(self, form: Form, name: str) -> None:
        self.kept.append(form)
        self.names[id(form)] = name

    def _single(self, form: Form) -> bool:
        """Whether the form is the parameter itself, on whatever axes."""
        if len(form.terms) != 1:
            return False
        ((monomial, coefficient),) = form.terms.items()
        if coefficient != 1 or len(monomial) != 1 or monomial[0][2] != 1:
            return False
        atom = self.ring.atoms[monomial[0][0]]
        return atom.kind == "input" and atom.name == self.parameter

    def _plain(self, form: Form) -> str:
        return self._form(form) if form.terms else "0"

    def _form(self, form: Form) -> str:
        parts: list[str] = []
        for monomial, coefficient in sorted(form.terms.items(), key=lambda item: self.ring.about(item[0])[0]):
            sign = " − " if coefficient < 0 else " + "
            parts.append((sign if parts else sign.strip().replace("+", "")) + self._term(monomial, abs(coefficient)))
        return "".join(parts) or "0"

    def _term(self, monomial: Monomial, coefficient: Coefficient) -> str:
        every = self.ring.atoms
        monomial = tuple(sorted(monomial, key=lambda factor: (every[factor[0]].kind != "size", every[factor[0]].tainted)))
        above = [self._factor(n, e) for n, _, e in monomial if e > 0]
        below = [self._factor(n, -e) for n, _, e in monomial if e < 0]
        if coefficient != 1 or not above:
            above.insert(0, _number(coefficient))
        text = "·".join(above)
        if not below:
            return text
        return f"{text}/{below[0]}" if len(below) == 1 else f"{text}/({'·'.join(below)})"

    def _factor(self, number: int, exponent: int) -> str:
        atom = self.ring.atoms[number]
        if atom.kind == "input" and atom.name:
            name = atom.name
        elif atom.kind == "size":
            name = next((str(size) for size in self.ring.symbols if self.ring.atoms.find(("size", size)) is atom), "size")
        elif atom.tainted:
            name = self.rests.setdefault(
                number, f"{atom.operation}⟨{self.parameter}⟩{sum(1 for n in self.rests if n != number) or ''}"
            )
        else:
            name = self.rests.setdefault(number, f"r{sum(name[0] == 'r' for name in self.rests.values()) + 1}")
        return name if exponent == 1 else f"{name}^{exponent}"


def _number(value: Coefficient) -> str:
    """A number exactly if that is short, else rounded (and marked so)."""
    text = str(value)
    if len(text) <= 7:
        return f"({text})" if "/" in text else text
    return f"≈{float(value):.6g}"
