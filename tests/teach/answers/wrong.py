"""Wrong answers: (exercise, lines, the lines that fail by their place from 1, verdict of the first, and the two sides of the first that
is refuted as Python on its numbers: n, b and so on are Fractions, z a list that counts from 0).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from math import isqrt
from typing import Any, NamedTuple

Values = dict[str, Any]
Side = Callable[[Values], F]


class Wrong(NamedTuple):
    exercise: str
    lines: tuple[str, ...]
    fails: tuple[int, ...]
    verdict: str
    before: Side | None = None
    after: Side | None = None


def mean(values: list[F]) -> F:
    return sum(values, F(0)) / len(values)


def var(values: list[F]) -> F:
    return mean([(v - mean(values)) ** 2 for v in values])


def root(value: F) -> F:
    """Of a square only."""
    found = F(isqrt(value.numerator), isqrt(value.denominator))
    assert found**2 == value
    return found


def shifted(v: Values) -> list[F]:
    return [x + v["b"] for x in v["z"]]


def output(v: Values, eps: F) -> F:
    return v["gamma"] * (v["z"][int(v["k"]) - 1] - mean(v["z"])) / root(var(v["z"]) + eps) + v["beta"]


WRONG: dict[str, Wrong] = {
    "n times too much": Wrong(
        "mean-moves", ("mu_at(b)", "1/n*sum(i, z[i]) + n*b", "mu_at(0) + b"), (2,), "wrong",
        lambda v: mean(shifted(v)), lambda v: mean(v["z"]) + v["n"] * v["b"],
    ),
    "the bias forgotten": Wrong(
        "mean-moves", ("mu_at(b)", "mean(i, z[i] + b)", "mean(i, z[i])", "mu_at(0) + b"), (3,), "wrong",
        lambda v: mean(shifted(v)), lambda v: mean(v["z"]),
    ),
    "a sum of a constant": Wrong(
        "mean-moves", ("mu_at(b)", "1/n*(sum(i, z[i]) + b)", "mu_at(0) + b"), (2,), "wrong",
        lambda v: mean(shifted(v)), lambda v: (sum(v["z"]) + v["b"]) / v["n"],
    ),
    "the variance moves by the square": Wrong(
        "variance-stays", ("v_at(b)", "v_at(0) + b**2", "v_at(0)"), (2,), "wrong",
        lambda v: var(v["z"]), lambda v: var(v["z"]) + v["b"] ** 2,
    ),
    "one mean shifted, one not": Wrong(
        "variance-stays", ("v_at(b)", "mean(i, (z[i] + b - mu_at(0))**2)", "v_at(0)"), (2,), "wrong",
        lambda v: var(v["z"]), lambda v: mean([(x - mean(v["z"])) ** 2 for x in shifted(v)]),
    ),
    "the square of a mean": Wrong(
        "variance-stays", ("v_at(b)", "mean(i, z[i] - mu_at(0))**2", "v_at(0)"), (2,), "wrong",
        lambda v: var(v["z"]), lambda v: F(0),
    ),
    "the sign of the squared mean": Wrong(
        "variance-in-one-pass", ("v", "mean(i, z[i]**2) + mu**2", "mean(i, z[i]**2) - mu**2"), (2,), "wrong",
        lambda v: var(v["z"]), lambda v: mean([x**2 for x in v["z"]]) + mean(v["z"]) ** 2,
    ),
    "the bias of all units": Wrong(
        "relu-mean", ("rm", "Z/n + b", "Z/n + m*b/n"), (2,), "wrong",
        lambda v: mean([c * x for c, x in zip(v["chi"], shifted(v), strict=True)]),
        lambda v: mean([c * x for c, x in zip(v["chi"], v["z"], strict=True)]) + v["b"],
    ),
    "a mean held against a value": Wrong(
        "centred-value", ("z[k] + b - mu_at(b)", "z[k] - mu_at(b)", "z[k] - mu_at(0)"), (2,), "wrong",
        lambda v: v["z"][int(v["k"]) - 1] - mean(v["z"]), lambda v: v["z"][int(v["k"]) - 1] - mean(shifted(v)),
    ),
    "beta forgotten": Wrong(
        "output-stays", ("y_at(k, b)", "gamma*(z[k] - mu_at(0))/s_at(0)", "y_at(k, 0)"), (2,), "wrong",
        lambda v: output(v, v["eps"]), lambda v: output(v, v["eps"]) - v["beta"],
    ),
    "the root of a sum": Wrong(
        "output-stays", ("y_at(k, b)", "gamma*(z[k] - mu_at(0))/(sqrt(v_at(0)) + sqrt(eps)) + beta", "y_at(k, 0)"), (2,), "wrong"
    ),
    "divided by the bias": Wrong("variance-stays", ("v_at(b)", "b*v_at(b)/b", "v_at(0)"), (2,), "undefined"),
    "epsilon forgotten": Wrong(
        "output-stays", ("y_at(k, b)", "gamma*(z[k] - mu_at(0))/sqrt(v_at(0)) + beta", "y_at(k, 0)"), (2,), "undefined"
    ),
    "an exponential of a sum": Wrong(
        "softmax",
        ("exp(z[l] + b)/sum(i, exp(z[i] + b))", "(exp(z[l]) + exp(b))/sum(i, exp(z[i]) + exp(b))", "exp(z[l])/sum(i, exp(z[i]))"),
        (2,), "wrong",
    ),
    "two mistakes": Wrong(
        "mean-moves", ("mu_at(b)", "mu_at(0) + 2*b", "mu_at(0) + 3*b", "mu_at(0) + b"), (2, 3), "wrong",
        lambda v: mean(shifted(v)), lambda v: mean(v["z"]) + 2 * v["b"],
    ),
    "another beginning": Wrong("mean-moves", ("mean(i, z[i])", "mu_at(0)", "mu_at(0) + b"), (1, 3), "elsewhere"),
    "not at the end": Wrong("mean-moves", ("mu_at(b)", "mean(i, z[i] + b)"), (2,), "elsewhere"),
    "all in one go": Wrong("mean-moves", ("mu_at(b)", "mu_at(0) + b"), (), ""),
    "all in one go, twice": Wrong("mean-moves", ("mu_at(b)", "b + mu_at(0)", "mu_at(0) + b"), (), ""),
}  # fmt: skip
