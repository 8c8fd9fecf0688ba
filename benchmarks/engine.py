"""The tensor normal form: analysis against tracing, growth with length, memory, the whole command, and tensorgrad.

Each number is a ratio of two times (or a difference of two peaks) taken in turn in one run.

python -m benchmarks.engine      prints, and writes benchmarks/results/engine-DATE.json
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from bnproof.algebra.analysis import analyse

from .against_tensorgrad import peer
from .machine import machine
from .timing import paired, process, python, reported

TRACE, GROWTH, COMMAND, PEER, MEGABYTES = 0.25, 1.3, 3.0, 100.0, 50.0
"""What is wanted: at most 0.25 of the tracing time, 1.3 times the time an equation, 3 times `import jax`; at least 100 times faster
than tensorgrad; less than 50 MB more at peak for 10¹¹ parameters than for 10⁷."""
STAGES = (16, 24, 32, 48, 64)
NETWORKS = {
    "120 × conv -> bn -> relu": " -> ".join(["conv -> bn -> relu"] * 120),
    "residual network, 5 widths of 12 blocks": "conv(16) -> "
    + " -> ".join(
        f"conv({c}, k=1) -> " + " -> ".join([f"residual(conv({c}) -> bn -> relu -> conv({c}) -> bn) -> relu"] * 12)
        for c in STAGES
    )
    + " @ 4x3x16x16",
    "40 transformer blocks": " -> ".join(
        ["residual(ln -> attention(2)) -> residual(ln -> conv1d(16, k=1) -> gelu -> conv1d(8, k=1))"] * 40
    )
    + " @ 4x8x6",
}


FIRST = """
import time
import jax
from bnproof.algebra.analysis import analyse
from bnproof.chain.build import build
built = build({text!r})
args = built.structs()
names = sorted(built.parameters)
tracked = {{k: name for k, name in enumerate(names) if name.endswith(("bias", "beta"))}}
for _ in range(4):
    start = time.perf_counter()
    jaxpr = jax.make_jaxpr(lambda p, s, x: built.apply(p, s, x, "train"))(*args)
    traced = time.perf_counter()
    analyse(jaxpr, tracked).findings([0])
    end = time.perf_counter()
    print(traced - start)
    print(end - traced)
print(len(jaxpr.jaxpr.eqns))
"""


def against_tracing() -> dict[str, object]:
    """Analysis over tracing on networks of 2,000 to 5,000 equations, in fresh processes.

    "first" is what an audit does: trace once, analyse once. "warm" is the fourth time, when JAX has every operation's trace cached.
    """
    result: dict[str, object] = {}
    for title, text in NETWORKS.items():
        runs = [reported(sys.executable, FIRST.format(text=text)) for _ in range(5)]
        ratios = {label: statistics.median(run[k + 1] / run[k] for run in runs) for label, k in (("first", 0), ("warm", 6))}
        print(
            f"{title}: {runs[0][-1]:.0f} equations, analysis / tracing {ratios['first']:.3f} the first time, "
            f"{ratios['warm']:.3f} warm (wanted ≤ {TRACE})"
        )
        seconds = {label: statistics.median(run[k] for run in runs) for label, k in (("trace_s", 0), ("analyse_s", 1))}
        result[title] = {"equations": runs[0][-1], "first_ratio": ratios["first"], "warm_ratio": ratios["warm"], **seconds}
    return result


def plain(n: int) -> Callable[..., Any]:
    def program(biases: list[Any], x: Any) -> Any:
        for k in range(n // 4):
            x = lax.tanh(lax.add(lax.mul(x, x), biases[k]))
            x = lax.neg(x)
        return x

    return program


def residual(n: int) -> Callable[..., Any]:
    def program(biases: list[Any], x: Any) -> Any:
        for k in range(n // 4):
            x = lax.add(x, lax.neg(lax.add(lax.tanh(x), biases[k])))
        return x

    return program


def dense(n: int) -> Callable[..., Any]:
    """Each concatenation has two operands: the time is per operand by being per equation."""

    def program(biases: list[Any], x: Any) -> Any:
        for k in range(n // 4):
            h = lax.add(lax.tanh(lax.slice(x, (0, 0), (4, 3))), biases[k])
            x = lax.concatenate([x, h], 1)
        return x

    return program


def growth(short: int = 1_000, long: int = 100_000) -> dict[str, object]:
    """Time an equation at `long` equations over that at `short`."""
    result: dict[str, object] = {}
    value = jax.ShapeDtypeStruct((4, 3), jnp.float32)
    for make in (plain, residual, dense):
        programs = {n: jax.make_jaxpr(make(n))([value] * (n // 4), value) for n in (short, long)}

        def each(n: int, repeat: int, programs: Any = programs) -> float:
            start = time.perf_counter()
            for _ in range(repeat):
                analyse(programs[n], {k: f"b{k}" for k in range(n // 4)}).findings()
            return (time.perf_counter() - start) / repeat / len(programs[n].jaxpr.eqns)

        each(short, 3)
        pairs = [(each(long, 1), each(short, 20)) for _ in range(5)]
        ratio = statistics.median(a / b for a, b in pairs)
        micro = [statistics.median(side) * 1e6 for side in zip(*pairs, strict=True)]
        print(
            f"{make.__name__}: {micro[0]:.1f} µs an equation at {long}, {micro[1]:.1f} at {short}: {ratio:.2f}× (wanted ≤ {GROWTH})"
        )
        result[make.__name__] = {"long_us": micro[0], "short_us": micro[1], "ratio": ratio}
    return result


MEMORY = """
import resource, time
import jax, jax.numpy as jnp
from bnproof.algebra.analysis import analyse
width = {width}
layers = 100
def program(params, x):
    for w, b in params:
        x = x @ w + b
        x = (x - jnp.mean(x, 0)) / jnp.sqrt(jnp.mean(jnp.square(x - jnp.mean(x, 0)), 0) + 1e-5)
        x = jnp.maximum(x, 0)
    return x
f = jnp.float32
params = [(jax.ShapeDtypeStruct((width, width), f), jax.ShapeDtypeStruct((width,), f)) for _ in range(layers)]
jaxpr = jax.make_jaxpr(program)(params, jax.ShapeDtypeStruct((8, width), f))
start = time.perf_counter()
findings = analyse(jaxpr, {{2 * k + 1: str(k) for k in range(layers)}}).findings()
print(time.perf_counter() - start)
assert all(finding.free for finding in findings)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
print(layers * (width * width + width))
"""


def memory() -> dict[str, object]:
    """A network of 10¹¹ parameters against one of 10⁷, both given as shapes."""
    runs = [
        (reported(sys.executable, MEMORY.format(width=31_622)), reported(sys.executable, MEMORY.format(width=316)))
        for _ in range(5)
    ]
    ratio = statistics.median(large[0] / small[0] for large, small in runs)
    difference = statistics.median(large[1] - small[1] for large, small in runs)
    counts = [runs[0][0][2], runs[0][1][2]]
    print(
        f"{counts[0]:.2g} parameters against {counts[1]:.2g}: time {ratio:.2f}×, peak memory {difference:+.1f} MB (wanted < {MEGABYTES:g})"
    )
    return {"parameters": counts, "time_ratio": ratio, "peak_difference_mb": difference}


def command() -> dict[str, object]:
    """The whole command, imports and witnesses included, against `import jax`."""
    ours = python("-m", "bnproof", "prove", "conv -> bn -> relu")
    process(*ours)
    measured = paired(lambda: process(*ours), lambda: process(*python("-c", "import jax")), runs=9)
    print(f'prove "conv -> bn -> relu": {measured["ratio"]:.2f}× the time of `import jax` (wanted ≤ {COMMAND:g}×)')
    return dict(measured)


OURS = """
import time
import jax
from bnproof.chain.build import build
from bnproof.decide.chain import trace
from bnproof.algebra.analysis import analyse
built = build("linear -> bn")
for _ in range(3):
    start = time.perf_counter()
    program = trace(built, "train")
    traced = time.perf_counter()
    findings = analyse(program.jaxpr, {program.inputs.index("linear1.bias"): "linear1.bias"}).findings([0])
    end = time.perf_counter()
    assert findings[0].free
    print(end - start)
    print(end - traced)
"""

THEIRS = """
import time
from fractions import Fraction
from sympy import symbols
import tensorgrad as tg
from tensorgrad import functions as F

n, i, o = symbols("n i o")

def bn(z):
    centred = z - F.mean(z, "n", keepdims=True)
    variance = F.mean(centred * centred, "n", keepdims=True)
    return gamma @ tg.Ones(n) * centred * F.pow(variance + eps, Fraction(-1, 2)) + beta @ tg.Ones(n)

for _ in range(3):
    x, w, b = tg.Variable("x", n, i), tg.Variable("w", i, o), tg.Variable("b", o)
    gamma, beta, e = tg.Variable("gamma", o), tg.Variable("beta", o), tg.Variable("e")
    eps = e @ tg.Ones(n, o)
    start = time.perf_counter()
    difference = (bn(x @ w + b @ tg.Ones(n)) - bn(x @ w)).full_simplify()
    print(time.perf_counter() - start)
    assert isinstance(difference, tg.Zero)
"""


def against_tensorgrad() -> dict[str, object] | None:
    """Linear → BN: bnproof from the traced program, and with tracing; tensorgrad from its expression. First and third proof."""
    theirs = peer()
    if theirs is None:
        print("tensorgrad: not measured, no Python with tensorgrad (make bench installs one)")
        return None
    pairs = [(reported(theirs, THEIRS), reported(sys.executable, OURS)) for _ in range(5)]
    result: dict[str, object] = {}
    for label, k in (("first", 0), ("warm", 2)):
        whole = statistics.median(peer_s[k] / ours[2 * k] for peer_s, ours in pairs)
        proof = statistics.median(peer_s[k] / ours[2 * k + 1] for peer_s, ours in pairs)
        print(
            f"tensorgrad / bnproof, Linear → BN, {label}: proof {proof:.0f}×, tracing included {whole:.0f}× (wanted ≥ {PEER:g}×)"
        )
        result[label] = {
            "proof_ratio": proof,
            "with_tracing_ratio": whole,
            "tensorgrad_s": statistics.median(peer_s[k] for peer_s, _ in pairs),
            "bnproof_s": statistics.median(ours[2 * k + 1] for _, ours in pairs),
        }
    return result


def run() -> dict[str, object]:
    return {
        "against_tracing": against_tracing(),
        "growth": growth(),
        "memory": memory(),
        "command": command(),
        "tensorgrad_0.3.0": against_tensorgrad(),
    }


if __name__ == "__main__":
    head = machine("jax", "sympy", "typer")
    path = Path(__file__).parent / "results" / f"engine-{head['date']}.json"
    path.write_text(json.dumps({**head, **run()}, indent=1) + "\n", encoding="utf-8")
    print(f"written to {path}")
