"""Theorems 1 and 2 against tensorgrad 0.3.0 proving the same two facts, each in fresh processes, in turn.

tensorgrad simplifies BN(xW + b) − BN(xW), with γ, β and ε, to zero for symbolic sizes, and the gradient of a loss with an
arbitrary cotangent with respect to b to zero. bnproof checks its whole derivations: every line, symbolically and on exact
instances, counterexamples included; and, the like for like, the same two facts as one equality each, symbolically and on exact
instances. Imports are not counted on either side; "first" is the first proof in a fresh process,
"warm" the third. Set BNPROOF_PEER_PYTHON to a Python that has tensorgrad, or let ``make bench`` install one.
"""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path

from .timing import reported

OURS = """
import time
from bnproof.theorems import registry
from bnproof.theorems.prove import Prover
names = ("bias_cancels_of_batch_statistics", "bias_gradient_vanishes_of_batch_statistics")
theorems = [registry.theorem(name) for name in names]
for _ in range(3):
    for theorem in theorems:
        start = time.perf_counter()
        Prover().prove(theorem)
        print(time.perf_counter() - start)
"""

FACTS = """
import time
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.notation import parse
from bnproof.theorems import registry
vocabulary = registry.theorem("bias_cancels_of_batch_statistics").vocabulary
facts = (("y_at(k, b) - y_at(k, 0)", "0"), ("diff(sum(j, g[j]*y_at(j, b)), b)", "0"))
for _ in range(3):
    for left, right in facts:
        start = time.perf_counter()
        Checker(vocabulary).equal(parse(left, vocabulary), parse(right, vocabulary))
        print(time.perf_counter() - start)
"""

THEIRS = """
import time
from fractions import Fraction
from sympy import symbols
import tensorgrad as tg
from tensorgrad import functions as F

n, i, o = symbols("n i o")

def bn(z, gamma, beta, eps):
    centred = z - F.mean(z, "n", keepdims=True)
    variance = F.mean(centred * centred, "n", keepdims=True)
    return gamma @ tg.Ones(n) * centred * F.pow(variance + eps, Fraction(-1, 2)) + beta @ tg.Ones(n)

for _ in range(3):
    x, w, b = tg.Variable("x", n, i), tg.Variable("w", i, o), tg.Variable("b", o)
    gamma, beta, e, g = tg.Variable("gamma", o), tg.Variable("beta", o), tg.Variable("e"), tg.Variable("g", n, o)
    eps = e @ tg.Ones(n, o)
    start = time.perf_counter()
    without = x @ w
    with_bias = without + b @ tg.Ones(n)
    difference = (bn(with_bias, gamma, beta, eps) - bn(without, gamma, beta, eps)).full_simplify()
    print(time.perf_counter() - start)
    assert isinstance(difference, tg.Zero)
    start = time.perf_counter()
    gradient = F.sum(g * bn(with_bias, gamma, beta, eps)).grad(b).full_simplify()
    print(time.perf_counter() - start)
    assert isinstance(gradient, tg.Zero)
"""

WANTED = 5.0


def peer() -> str | None:
    candidates = (os.environ.get("BNPROOF_PEER_PYTHON"), ".venv-peers/bin/python")
    return next((c for c in candidates if c and Path(c).exists()), None)


def run(runs: int = 5) -> dict[str, object] | None:
    python = peer()
    if python is None:
        print("tensorgrad: not measured, no Python with tensorgrad (make bench installs one)")
        return None
    result: dict[str, object] = {}
    for title, ours in (("whole derivations", OURS), ("the two facts alone", FACTS)):
        result[title] = _compare(title, [(reported(python, THEIRS), reported(sys.executable, ours)) for _ in range(runs)])
    return result


def _compare(title: str, pairs: list[tuple[list[float], list[float]]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for label, places in (("first", (0, 1)), ("warm", (4, 5))):
        cancel, gradient = (statistics.median(theirs[p] / ours[p] for theirs, ours in pairs) for p in places)
        both = statistics.median(sum(theirs[p] for p in places) / sum(ours[p] for p in places) for theirs, ours in pairs)
        seconds = [statistics.median(side[p] for side in column) for column in zip(*pairs, strict=True) for p in places]
        print(
            f"tensorgrad / bnproof, {title}, {label}: cancellation {cancel:.1f}×, zero gradient {gradient:.1f}×, both {both:.1f}× "
            f"(wanted ≥ {WANTED:g}×)"
        )
        result[label] = {
            "cancellation_ratio": cancel,
            "gradient_ratio": gradient,
            "both_ratio": both,
            "tensorgrad_s": seconds[:2],
            "bnproof_s": seconds[2:],
        }
    return result
