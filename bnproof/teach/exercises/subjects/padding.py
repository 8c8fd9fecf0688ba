"""A second convolution with zero padding: the first bias arrives unevenly."""

from __future__ import annotations

import random
from fractions import Fraction

from ..dice import fraction, nonzero
from ..exercise import Exercise, part
from ..numbers import Numbers, written
from ..template import template

SURVIVES = "first_bias_survives_of_zero_padded_second_convolution"


def _numbers(L: int, b: Fraction, weights: tuple[Fraction, Fraction, Fraction]) -> Numbers:
    left, mid, right = weights
    return Numbers(SURVIVES, L=L, b=b, w_left=left, w_mid=mid, w_right=right, pos=1, images=1)


@template("Zero padding with a kernel of ones", "standard", SURVIVES)
def zero_padding_ones(rng: random.Random) -> Exercise:
    """Four positions, a kernel of three ones, bias 1: the bias arrives as 2, 3, 3, 2."""
    L, b = rng.choice((3, 4, 5, 6)), rng.choice((Fraction(1), nonzero(rng, 9), fraction(rng, 9, (2, 4, 5))))
    one = Fraction(1)
    num = _numbers(L, b, (one, one, one))
    places = range(1, L + 1)
    arrives, left = num.row(*(f"arrives({h})" for h in places)), num.row(*(f"centred({h})" for h in places))
    return Exercise(
        (
            num.say(
                "A first convolution adds its bias {b} to every position of a row of {L} positions. A second one, with the "
                "kernel (1, 1, 1), pads "
                "the row with one zero on either side, so that the size is kept. No activation stands between."
            ),
            num.given("L", "b"),
        ),
        (
            part(
                num.prose("How much does the first bias add at each position of the second convolution's output?"),
                arrives,
                2,
                num.chain(f"""
                  arrives(1)
                = b*(w_mid + w_right) -- at the border one entry of the kernel meets a padded zero
                = {written(b)}*2 -- two entries meet the row
                = {written(arrives[0])} -- likewise at the other end
                """),
                num.chain(f"""
                  arrives(2)
                = b*(w_left + w_mid + w_right) -- inside, all entries meet the row
                = {written(b)}*3 -- three ones
                = {written(arrives[1])} -- multiply
                """),
                wrong=(
                    (tuple(3 * b for _ in places), num.prose("the padding is 0, and has no bias in it"), 0),
                    (tuple(b for _ in places), num.prose("the second kernel was left out"), 0),
                ),
            ),
            part(
                num.prose("Batch normalisation follows and subtracts the mean. What is left of the bias at each position?"),
                left,
                2,
                num.page("left"),
                num.chain(f"""
                  centred(1)
                = {written(arrives[0])} - {written(arrives[0] - left[0])}
                    -- the mean over the positions is {{{written(arrives[0] - left[0])}}}
                = {written(left[0])} -- and the same at the other end
                """),
                num.chain(f"""
                  centred(2)
                = {written(arrives[1])} - {written(arrives[1] - left[1])} -- the same mean
                = {written(left[1])} -- at every position inside
                """),
                wrong=(
                    (tuple(Fraction(0) for _ in places), num.prose("only an equal shift cancels"), 0),
                    (
                        tuple(value - 3 * b for value in arrives),
                        num.prose("what arrives inside was subtracted, not the mean"),
                        1,
                    ),
                ),
            ),
        ),
        {"L": L, "b": b},
    )


@template("How much of a bias survives zero padding", "advanced", SURVIVES)
def surviving_variance(rng: random.Random) -> Exercise:
    """The mean square of what the mean does not remove."""
    L, b = rng.choice((3, 4, 5, 8)), nonzero(rng, 4)
    weights = (nonzero(rng, 4), nonzero(rng, 4), nonzero(rng, 4))
    num = _numbers(L, b, weights)
    left, mid, right = (written(w) for w in weights)
    ends = num.row("arrives(1)", "arrives(2)", "arrives(L)")
    survives = num.value("mean(pos, centred(pos)**2)")
    whole = b * sum(weights)
    return Exercise(
        (
            num.say(
                "A first convolution adds its bias {b} to every position of a row of {L} positions. A second one has the "
                "kernel {w_left}, {w_mid}, "
                "{w_right} (left neighbour, position itself, right neighbour) and pads the row with one zero on either "
                "side. No activation stands "
                "between, and batch normalisation follows."
            ),
            num.given("L", "b", "w_left", "w_mid", "w_right"),
        ),
        (
            part(
                num.prose("How much does the first bias add at the first position, at the second, and at the last?"),
                ends,
                2,
                num.chain(f"""
                  arrives(1)
                = b*(w_mid + w_right) -- the left neighbour is a padded zero
                = {written(ends[0])} -- {{{written(b)}*({mid} + {right})}}
                """),
                num.chain(f"""
                  arrives(2)
                = b*(w_left + w_mid + w_right) -- all entries meet the row
                = {written(ends[1])} -- {{{written(b)}*({left} + {mid} + {right})}}
                """),
                num.chain(f"""
                  arrives(L)
                = b*(w_left + w_mid) -- the right neighbour is a padded zero
                = {written(ends[2])} -- {{{written(b)}*({left} + {mid})}}
                """),
                wrong=(
                    ((whole, whole, whole), num.prose("the padding is 0, and has no bias in it"), 0),
                    ((ends[2], ends[1], ends[0]), num.prose("left and right were exchanged"), 1),
                ),
            ),
            part(
                num.prose(
                    "The mean over the positions is subtracted. What is the mean of the squares of what is left, "
                    "{mean(pos, centred(pos)**2)}?"
                ),
                survives,
                3,
                num.page("squares"),
                num.chain(f"""
                  mean(pos, centred(pos)**2)
                = 1/L*(b**2/L*((L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2))
                    -- the sum above, over {{L}} positions
                = 1/{L}*({written(b)}**2/{L}*(({L} - 2)*({left}**2 + {right}**2) + ({left} - {right})**2)) -- the numbers
                = {written(survives)} -- reduce
                """),
                wrong=(
                    (survives * L, num.prose("the sum, not the mean"), 2),
                    (Fraction(0), num.prose("it cancels only if {w_left} and {w_right} are 0, or all positions lie alike"), 0),
                ),
            ),
        ),
        {"L": L, "b": b, "weights": weights},
    )
