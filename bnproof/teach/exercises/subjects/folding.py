"""Folding a normalisation with stored statistics into the layer before it."""

from __future__ import annotations

import random
from fractions import Fraction

from ....report.document import Derivation, Math, Prose, Table, text
from ..dice import nonzero, stored
from ..exercise import Exercise, part
from ..numbers import Numbers, Value, shown_number, written
from ..template import template

FOLDS = "batchnorm_folds_of_stored_statistics"


@template("Folding a layer with two channels", "standard", FOLDS)
def fold_two_channels(rng: random.Random) -> Exercise:
    """Weights times γ/√(V + ε), bias β + (b − M)·γ/√(V + ε), channel by channel."""
    _, eps, _ = stored(rng)
    channels = [_channel(rng, eps) for _ in range(2)]
    biases = [num.value("bf") for num in channels]
    weights = [num.row("Wf(1)", "Wf(2)") for num in channels]
    roots = [num.value("sqrt(V + eps)") for num in channels]
    num = channels[0]
    names = ("W", "b", "gamma", "beta", "M", "V")
    header = (text("channel"), *((Math(s.latex, s.plain),) for s in (num.vocabulary.symbols[n] for n in names)))
    rows = tuple((text(str(k)), *(_cell(each.values[n]) for n in names)) for k, each in enumerate(channels, 1))

    def work(k: int) -> Derivation:
        each, root = channels[k], written(roots[k])
        gamma, beta, b, mean = (written(each.value(name)) for name in ("gamma", "beta", "b", "M"))
        return each.chain(f"""
          bf
        = beta + (b - M)*gamma/sqrt(V + eps) -- definition of the folded bias
        = {beta} + ({b} - {mean})*{gamma}/{root} -- the numbers of channel {k + 1}; the root is {{{root}}}
        = {written(biases[k])} -- add
        """)

    return Exercise(
        (
            num.say(
                "A layer with two inputs and two output channels is followed by batch normalisation in evaluation mode, with "
                f"{{eps == {written(eps)}}}. It is to be folded into one layer."
            ),
            Table(header, rows),
        ),
        (
            part(
                num.prose("What are the two weights of the folded layer's channel 1?"),
                weights[0],
                2,
                num.page("output"),
                num.say(f"In channel 1 {{sqrt(V + eps) == {written(roots[0])}}}:"),
                num.lines(
                    *(
                        f"Wf({u}) == W[{u}]*gamma/sqrt(V + eps) == "
                        f"{written(num.value(f'W[{u}]'))}*{written(num.value('gamma'))}/{written(roots[0])} == "
                        f"{written(weights[0][u - 1])}"
                        for u in (1, 2)
                    )
                ),
                wrong=(
                    (tuple(w / roots[0] for w in weights[0]), num.prose("divided by the variance, without the root"), 1),
                    (num.row("W[1]*gamma", "W[2]*gamma"), num.prose("not divided"), 0),
                ),
            ),
            part(
                num.prose("What are the biases of its two channels?"),
                (biases[0], biases[1]),
                3,
                work(0),
                work(1),
                wrong=(
                    (
                        tuple(each.value("beta + b - M*gamma/sqrt(V + eps)") for each in channels),
                        num.prose("the old bias has to be scaled too"),
                        1,
                    ),
                    (
                        tuple(each.value("beta - M*gamma/sqrt(V + eps)") for each in channels),
                        num.prose("the old bias was left out"),
                        1,
                    ),
                ),
            ),
        ),
        {"eps": eps, "channels": tuple(tuple(each.values[n] for n in names) for each in channels)},
    )


def _channel(rng: random.Random, eps: Fraction) -> Numbers:
    root = nonzero(rng, 5)
    while root**2 <= eps:
        root = nonzero(rng, 5)
    return Numbers(
        FOLDS,
        F=2,
        W=(nonzero(rng, 6), nonzero(rng, 6)),
        b=nonzero(rng, 5),
        gamma=nonzero(rng, 5),
        beta=nonzero(rng, 5),
        M=nonzero(rng, 6),
        V=root**2 - eps,
        eps=eps,
        n=1,
        x=((1,), (1,)),
        k=1,
    )


def _cell(value: Value) -> Prose:
    if isinstance(value, tuple):
        return text("(" + ", ".join(str(v).replace("-", "−") for v in value) + ")")
    return (shown_number(Fraction(value), small=True),)
