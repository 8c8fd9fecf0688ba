"""Layer, group and RMS normalisation; the softmax of attention."""

from __future__ import annotations

import random
from fractions import Fraction

from ..dice import batch, is_square, nonzero
from ..exercise import Exercise, part
from ..numbers import Numbers, listed, total, written
from ..template import template

LAYER = "layernorm_removes_mean_of_channel_bias"
GROUP = "groupnorm_removes_group_mean_of_channel_bias"
RMS = "rmsnorm_keeps_bias"
KEYS = "softmax_removes_key_bias"


@template("What layer normalisation leaves of a bias", "intro", LAYER)
def layernorm_rest(rng: random.Random) -> Exercise:
    """Of a bias with one number a channel only the mean disappears."""
    C = rng.choice((3, 4, 5))
    biases = batch(rng, C, 7)
    num = Numbers(LAYER, C=C, biases=biases, zch=tuple([0] * C), c=1)
    rest = num.row(*(f"biases[{c}] - bar" for c in range(1, C + 1)))
    bar = num.value("bar")
    return Exercise(
        (
            num.say(
                "Layer normalisation centres and scales the {C} channels of one sample. Before it a bias {biases[c]} is "
                "added to each channel."
            ),
            num.given("biases"),
        ),
        (
            part(
                num.prose("Which bias, with mean 0, gives the same outputs?"),
                rest,
                2,
                num.page("centred"),
                num.say(
                    f"The mean of the biases is {{bar == {total(biases)}/{C}}}, which is {{{written(bar)}}}; it disappears."
                ),
                num.lines(
                    *(
                        f"biases[{c}] - bar == {written(biases[c - 1])} - {written(bar)} == {written(rest[c - 1])}"
                        for c in range(1, C + 1)
                    )
                ),
                wrong=(
                    (
                        tuple(Fraction(0) for _ in biases),
                        num.prose("this is so for batch normalisation, which has one bias for each mean"),
                        0,
                    ),
                    (biases, num.prose("its mean is not 0"), 0),
                ),
            ),
        ),
        {"biases": biases},
    )


@template("Directions that group normalisation removes", "standard", GROUP)
def groupnorm_directions(rng: random.Random) -> Exercise:
    """One direction a group is redundant; the rest of the bias acts."""
    J = rng.choice((2, 3, 4))
    groups = [batch(rng, J, 7) for _ in range(2)]
    number = rng.choice((4, 6, 8, 12, 16, 32))
    channels = number * rng.choice((2, 3, 4, 6, 8))
    both = [Numbers(GROUP, J=J, gbias=biases, L=1, zgroup=tuple([(0,)] * J)) for biases in groups]
    num = both[0]
    rests = [each.row(*(f"gbias[{c}] - gbar" for c in range(1, J + 1))) for each in both]
    whole = sum((value for biases in groups for value in biases), Fraction(0)) / (2 * J)
    return Exercise(
        (
            num.say(
                "Group normalisation centres and scales the channels of a group at all positions together. A convolution "
                "before it has one bias "
                "a channel."
            ),
        ),
        (
            part(
                num.prose(
                    f"There are {channels} channels in {number} groups, more than one in each. The biases are {channels} "
                    "numbers. How many of these dimensions act?"
                ),
                Fraction(channels - number),
                1,
                num.say(
                    f"In each group the mean of the biases disappears, and nothing else. So of {channels} dimensions "
                    f"{number} are redundant, one "
                    f"for each group, and {{{channels} - {number} == {channels - number}}} act."
                ),
                wrong=(
                    (Fraction(channels), num.prose("the group means disappear"), 0),
                    (Fraction(channels - 1), num.prose("as for layer normalisation; every group has a mean of its own"), 0),
                ),
            ),
            part(
                num.prose(
                    f"Two groups of {J} channels have the biases {listed(groups[0])} and {listed(groups[1])}. Which biases "
                    "with mean 0 in each group give the "
                    "same outputs? List them in this order."
                ),
                (*rests[0], *rests[1]),
                2,
                num.page("mean"),
                *(
                    each.lines(
                        f"gbar == {total(biases)}/{J} == {written(each.value('gbar'))}",
                        *(
                            f"gbias[{c}] - gbar == {written(biases[c - 1])} - {written(each.value('gbar'))} == "
                            f"{written(rest[c - 1])}"
                            for c in range(1, J + 1)
                        ),
                    )
                    for each, biases, rest in zip(both, groups, rests, strict=True)
                ),
                wrong=(
                    (
                        tuple(value - whole for biases in groups for value in biases),
                        num.prose("the mean over both groups was subtracted"),
                        1,
                    ),
                ),
            ),
        ),
        {"channels": channels, "groups": number, "biases": tuple(groups)},
    )


_SQUARES = [
    (first, second, root)
    for first in range(-9, 10)
    for second in range(-9, 10)
    for root in range(1, 10)
    if first and second and abs(first) != abs(second) and 0 < root**2 - Fraction(first**2 + second**2, 2) <= 3
]
"""Two inputs, and a root that their mean square comes to with a small ε."""


@template("RMS normalisation keeps a bias", "standard", RMS)
def rms_output(rng: random.Random) -> Exercise:
    """Nothing is centred, so that even a bias that is equal in all channels moves the output."""
    first, second, root = rng.choice(_SQUARES)
    eps = root**2 - Fraction(first**2 + second**2, 2)
    b = nonzero(rng, 5)
    x = (first - b, second - b)
    num = Numbers(RMS, C=2, zch=x, biases=(b, b), eps=eps)
    output = num.row("rms_out(1)", "rms_out(2)")
    assert is_square(num.value("mean_square + eps"))
    centred = (Fraction(first - second, 2), Fraction(second - first, 2))
    return Exercise(
        (
            num.say(
                "RMS normalisation divides the {C} channels of a sample by {sqrt(mean_square + eps)}, where {mean_square} "
                "is the mean of their squares. Both "
                "channels have the same bias. ({eps} is large here, so that the root comes out rational.)"
            ),
            num.given("zch", "biases", "eps"),
        ),
        (
            part(
                num.prose("What are the two outputs?"),
                output,
                3,
                num.chain(f"""
                  mean_square + eps
                = ({written(first)}**2 + {written(second)}**2)/2 + {written(eps)}
                    -- the inputs with their biases are {{{written(first)}}} and {{{written(second)}}}
                = {root}**2 -- add
                """),
                num.lines(
                    *(
                        f"rms_out({c}) == (zch[{c}] + biases[{c}])/sqrt(mean_square + eps) == {written(value)}/{root} == "
                        f"{written(output[c - 1])}"
                        for c, value in ((1, first), (2, second))
                    )
                ),
                wrong=(
                    (
                        tuple(value / root for value in centred),
                        num.prose("the mean was subtracted, as layer normalisation does"),
                        1,
                    ),
                    (tuple(value / root for value in x), num.prose("the biases were taken to cancel"), 0),
                ),
            ),
        ),
        {"x": x, "b": b, "eps": eps},
    )


@template("The bias of the keys", "advanced", KEYS)
def key_bias(rng: random.Random) -> Exercise:
    """A key bias adds the same number to all scores, and the softmax removes it."""
    query, bias = tuple(nonzero(rng, 4) for _ in range(3)), tuple(nonzero(rng, 4) for _ in range(3))
    keys = tuple(batch(rng, 3, 4) for _ in range(2))
    num = Numbers(KEYS, Fkey=3, T=2, query=query, kbias=bias, key=keys, jkey=1)
    scores = num.row("key_score(1)", "key_score(2)")
    shift, gap = num.value("score_shift"), num.value("key_score(1) - key_score(2)")
    products = " + ".join(f"{written(q)}*{written(b)}" for q, b in zip(query, bias, strict=True))
    return Exercise(
        (
            num.say(
                "A query {query[feat]} attends to two keys {key[jkey, feat]}, each with the same bias {kbias[feat]} added. "
                "The scores are {key_score(jkey)}, and "
                "the weights are their softmax."
            ),
            num.given("query", "key", "kbias"),
        ),
        (
            part(
                num.prose("What number {score_shift} does the bias add to both scores?"),
                shift,
                1,
                num.chain(f"""
                  score_shift
                = sum(feat, query[feat]*kbias[feat]) -- definition of {{score_shift}}
                = {products} -- the numbers
                = {written(shift)} -- add
                """),
                wrong=((sum(bias, Fraction(0)), num.prose("the query was left out"), 0),),
            ),
            part(
                num.prose(
                    "The weights have the quotient {exp(key_score(1) - key_score(2))}. What is the exponent, "
                    "{key_score(1) - key_score(2)}? Does it depend on the bias?"
                ),
                gap,
                2,
                num.page("score"),
                num.chain(f"""
                  key_score(1) - key_score(2)
                = bare_score(1) - bare_score(2) -- both contain {{score_shift}}, which cancels
                = {written(scores[0] - shift)} - {written(scores[1] - shift)} -- the scores without the bias
                = {written(gap)} -- no: the bias does not occur in it
                """),
                wrong=(
                    (gap + shift, num.prose("the bias was added to one score only"), 0),
                    (-gap, num.prose("the wrong way round"), 1),
                ),
            ),
        ),
        {"query": query, "key": keys, "kbias": bias},
    )
