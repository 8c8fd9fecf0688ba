"""Recurrent layers, which PyTorch gives two biases."""

from __future__ import annotations

import random
from fractions import Fraction

from ....report.document import Code, Paragraph, Text
from ..dice import batch
from ..exercise import Exercise, part
from ..numbers import Numbers, listed, written
from ..template import template

SUM = "shift_passes_of_residual_concatenation_upsampling"
GATES = {"LSTM": (4, 4), "GRU": (3, 2)}
"""Gates of a layer, and in how many of them the two biases occur as a sum only."""


@template("Which of the two biases of an LSTM?", "standard", SUM)
def two_biases(rng: random.Random) -> Exercise:
    """PyTorch adds a bias to the input's part and one to the state's part of each gate; only their sum counts."""
    kind = rng.choice(tuple(GATES))
    hidden = rng.choice((8, 12, 16, 20, 24, 32, 48, 64, 100, 128, 200, 256))
    gates, summed = GATES[kind]
    input_biases, state_biases = batch(rng, 4, 8), batch(rng, 4, 8)
    sums = tuple(first + second for first, second in zip(input_biases, state_biases, strict=True))
    num = Numbers(SUM, n=4, z=(0, 0, 0, 0), trunk=(0, 0, 0, 0), b=input_biases[0], b2=state_biases[0])
    gated = kind == "GRU"
    note = (
        "In the GRU's gates r and z the two biases are added, and so one of them is spare in each unit. In the third, n, "
        "the reset gate multiplies the part "
        "of the state with its bias, and both biases act."
        if gated
        else "In every gate the two biases are added before anything else happens, and so one of them is spare in each unit."
    )
    return Exercise(
        (
            Paragraph(
                (
                    Text("In PyTorch a "),
                    Code(f"nn.{kind}"),
                    Text(f" of one layer has {gates} gates with {hidden} units each, and two vectors of biases, "),
                    Code("bias_ih"),
                    Text(" and "),
                    Code("bias_hh"),
                    Text(
                        ", each with one number for every unit of every gate. "
                        + (
                            "In the gates r and z both are added; in n the reset gate r multiplies the state's part with "
                            "its bias."
                            if gated
                            else ""
                        )
                    ),
                )
            ),
        ),
        (
            part(
                num.prose("How many of these numbers can be set to 0 for good, without any function being lost?"),
                Fraction(summed * hidden),
                2,
                num.say(
                    f"{note} These are {{{summed}*{hidden} == {summed * hidden}}} of "
                    f"{{2*{gates}*{hidden} == {2 * gates * hidden}}} numbers. It does not matter which of the two is kept."
                ),
                wrong=(
                    (Fraction(2 * gates * hidden), num.prose("all of them; the sum of the two does act"), 0),
                    *(
                        ((Fraction(gates * hidden), num.prose("as in an LSTM; the third gate of a GRU needs both"), 1),)
                        if gated
                        else ()
                    ),
                ),
            ),
            part(
                num.prose(
                    f"In one gate of an LSTM with four units, `bias_ih` is {listed(input_biases)} and `bias_hh` is "
                    f"{listed(state_biases)}. `bias_hh` is set to 0. What must "
                    "`bias_ih` be then?"
                ),
                sums,
                1,
                num.chain("""
                  (z[1] + b) + (trunk[1] + b2)
                = (z[1] + (b + b2)) + trunk[1] -- exchange {b2} and {trunk[1]}: one bias does the work of both
                """),
                num.lines(
                    *(
                        f"{written(first)} + {written(second)} == {written(both)}"
                        for first, second, both in zip(input_biases, state_biases, sums, strict=True)
                    )
                ),
                wrong=(
                    (
                        tuple(a - b for a, b in zip(input_biases, state_biases, strict=True)),
                        num.prose("subtracted instead of added"),
                        0,
                    ),
                ),
            ),
        ),
        {"kind": kind, "hidden": hidden, "bias_ih": input_biases, "bias_hh": state_biases},
    )
