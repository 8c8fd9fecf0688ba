"""Pooling, a second convolution, dropout between the bias and the normalisation."""

from __future__ import annotations

import random
from fractions import Fraction

from ..dice import batch, nonzero
from ..exercise import Exercise, part
from ..numbers import Numbers, total, written
from ..template import template

MAX = "shift_passes_of_max_pooling"
AVERAGE = "shift_passes_of_average_pooling"
COMPOSE = "convolutions_compose_of_valid_padding"
DROPOUT = "dropout_variance_differs_of_training_and_evaluation"


@template("A bias before max pooling", "intro", MAX)
def max_pooling(rng: random.Random) -> Exercise:
    """The maximum of values plus b is their maximum plus b, and b cancels behind it."""
    windows, b = tuple(batch(rng, 3, 8) for _ in range(3)), nonzero(rng, 6)
    num = Numbers(MAX, n=3, R=3, window=windows, b=b, gamma=1, beta=0, eps=1)
    peaks = num.row(*(f"max(slot, window[{k}, slot] + b)" for k in (1, 2, 3)))
    centred = num.row(*(f"peak({k}) + b - mean(i, peak(i) + b)" for k in (1, 2, 3)))
    mean = sum(peaks, Fraction(0)) / 3
    tops = tuple(max(window) for window in windows)
    return Exercise(
        (
            num.say(
                "A bias {b} is added to every entry {window[k, slot]} of a feature map. Max pooling cuts it into three "
                "windows, and "
                "batch normalisation subtracts the mean of the three maxima."
            ),
            num.given("window", "b"),
        ),
        (
            part(
                num.prose("What are the three maxima {max(slot, window[k, slot] + b)}?"),
                peaks,
                1,
                num.say("No entry of a window exceeds its largest entry plus {b}, and one attains it:"),
                num.lines(
                    *(
                        f"max(slot, window[{k}, slot] + b) == peak({k}) + b == {written(tops[k - 1])} + {written(b)} == "
                        f"{written(peaks[k - 1])}"
                        for k in (1, 2, 3)
                    )
                ),
                wrong=(
                    (tuple(top + 3 * b for top in tops), num.prose("the bias was added once for every entry"), 0),
                    (tops, num.prose("the bias was left out"), 0),
                ),
            ),
            part(
                num.prose("What is left of them after their mean is subtracted?"),
                centred,
                2,
                num.say(
                    f"Their mean is {{{total(peaks)}/3 == {written(mean)}}}; it contains {{b}} too, so that what is "
                    "left is the same as without."
                ),
                num.lines(
                    *(
                        f"peak({k}) + b - mean(i, peak(i) + b) == {written(peaks[k - 1])} - {written(mean)} == "
                        f"{written(centred[k - 1])}"
                        for k in (1, 2, 3)
                    )
                ),
                wrong=((tuple(peak - mean + b for peak in peaks), num.prose("the mean contains {b} too"), 1),),
            ),
        ),
        {"window": windows, "b": b},
    )


@template("Average pooling that counts its padding", "standard", AVERAGE)
def average_pooling(rng: random.Random) -> Exercise:
    """Where padded zeros count in the average, a window at the border receives less of the bias."""
    R = rng.choice((3, 4, 5))
    length = rng.choice((3, 4))
    b = nonzero(rng, 6)
    outside = [rng.randint(1, R - 1), *([0] * (length - 2)), rng.randint(0, R - 1)]
    inside = tuple(tuple(int(e > out) for e in range(1, R + 1)) for out in outside[:-1])
    inside = (*inside, tuple(int(e <= R - outside[-1]) for e in range(1, R + 1)))
    num = Numbers(AVERAGE, n=length, R=R, inside=inside, b=b, k=1, window=tuple((0,) * R for _ in range(length)))
    places = range(1, length + 1)
    arrives = num.row(*(f"b/R*sum(slot, inside[{k}, slot])" for k in places))
    mean = sum(arrives, Fraction(0)) / length
    left = tuple(value - mean for value in arrives)
    counts = [R - out for out in outside]
    return Exercise(
        (
            num.say(
                f"A bias {{b}} is added to every entry of a feature map. It is padded with zeros and cut into {length} "
                "windows of "
                f"{{R == {R}}} entries, of which {', '.join(map(str, counts[:-1]))} and {counts[-1]} lie inside the map. "
                "Average pooling divides each "
                "window's sum by {R}, the zeros included (`count_include_pad=True`)."
            ),
            num.given("b"),
        ),
        (
            part(
                num.prose("How much of the bias does each window's average contain?"),
                arrives,
                2,
                num.chain("""
                  counted(k, b)
                = 1/R*(sum(slot, inside[k, slot]*window[k, slot]) + b*sum(slot, inside[k, slot]))
                    -- each entry inside the map brings {b}, a padded zero does not
                = counted(k, 0) + b/R*sum(slot, inside[k, slot]) -- multiply out
                """),
                num.lines(
                    *(
                        f"counted({k}, b) - counted({k}, 0) == b/R*sum(slot, inside[{k}, slot]) == "
                        f"{written(b)}/{R}*{counts[k - 1]} == {written(arrives[k - 1])}"
                        for k in places
                    )
                ),
                wrong=(
                    (tuple(b for _ in places), num.prose("as without padding, or where padded zeros do not count"), 0),
                    (tuple(b * count for count in counts), num.prose("the sums, not the averages"), 1),
                ),
            ),
            part(
                num.prose("A batch normalisation subtracts the mean over the windows. What is left of the bias in each?"),
                left,
                2,
                num.say(
                    f"The mean of what arrives is {{{total(arrives)}/{length} == {written(mean)}}}; subtracted, it leaves "
                    + ", ".join(f"{{{written(value)}}}" for value in left)
                    + ". The bias does not cancel."
                ),
                wrong=(
                    (tuple(Fraction(0) for _ in places), num.prose("only an equal shift cancels"), 0),
                    (tuple(value - b for value in arrives), num.prose("{b} was subtracted, not the mean of what arrives"), 1),
                ),
            ),
        ),
        {"R": R, "counts": tuple(counts), "b": b},
    )


@template("Two convolutions are one", "advanced", COMPOSE)
def two_convolutions(rng: random.Random) -> Exercise:
    """Without padding and activation two convolutions compose, and the first bias arrives as a constant."""
    first, second = tuple(nonzero(rng, 4) for _ in range(3)), tuple(nonzero(rng, 4) for _ in range(2))
    stride, b, b2 = rng.choice((1, 2)), nonzero(rng, 5), nonzero(rng, 6)
    num = Numbers(COMPOSE, kernel1=first, kernel2=second, stride1=stride, b=b, b2=b2)
    reach = 3 + stride
    terms = [[(u, t - stride * (u - 1)) for u in (1, 2) if 1 <= t - stride * (u - 1) <= 3] for t in range(1, reach + 1)]
    symbols = [" + ".join(f"kernel2[{u}]*kernel1[{r}]" for u, r in pairs) for pairs in terms]
    composed = num.row(*symbols)
    constant = num.value("b*sum(tap2, 1, 2, kernel2[tap2]) + b2")
    return Exercise(
        (
            num.say(
                "Two convolutions along a line follow one another, with no activation between and no padding: the first "
                "has the kernel "
                f"{{kernel1[tap]}}, the stride {stride} and the bias {{b}}; the second has the kernel {{kernel2[tap2]}}, "
                "the stride 1 and the bias "
                "{b2}. Both kernels are counted from 1, and a convolution here multiplies without turning the kernel "
                "round, as in "
                "PyTorch and Keras."
            ),
            num.given("kernel1", "kernel2", "b", "b2"),
        ),
        (
            part(
                num.prose(f"Together they are one convolution. What are the {reach} entries of its kernel?"),
                composed,
                3,
                num.say(
                    "Output by output, the second reads the first at {stride1} times its offset, so that the entries with "
                    "the same whole offset "
                    "add up:"
                ),
                num.lines(
                    *(
                        f"{symbol} == {' + '.join(f'{written(second[u - 1])}*{written(first[r - 1])}' for u, r in pairs)} "
                        f"== {written(composed[place - 1])}"
                        for place, (symbol, pairs) in enumerate(zip(symbols, terms, strict=True), 1)
                    )
                ),
                wrong=((tuple(reversed(composed)), num.prose("the kernels were turned round"), 2),),
            ),
            part(
                num.prose("What constant do the two biases add at every position?"),
                constant,
                1,
                num.chain(f"""
                  b*sum(tap2, 1, 2, kernel2[tap2]) + b2
                = {written(b)}*{total(second)} + {written(b2)} -- the first bias meets every entry of the second kernel
                = {written(constant)} -- add
                """),
                wrong=(
                    (b + b2, num.prose("the first bias passes through the second kernel"), 0),
                    (b * second[0] + b2, num.prose("only one entry of the kernel was counted"), 0),
                ),
            ),
        ),
        {"first": first, "second": second, "stride": stride, "b": b, "b2": b2},
    )


@template("Dropout before batch normalisation", "advanced", DROPOUT)
def dropout_variance(rng: random.Random) -> Exercise:
    """Dropout leaves the mean and raises the variance in training, and by how much depends on the bias."""
    n = rng.choice((2, 3, 4))
    z, b = batch(rng, n, 5), nonzero(rng, 4)
    p = rng.choice((Fraction(1, 2), Fraction(1, 4), Fraction(1, 5), Fraction(1, 3)))
    num = Numbers(DROPOUT, n=n, z=z, b=b, drop_rate=p, k=1)
    mean, v, trained, bare = num.row("mu + b", "v", "dropped_var(b)", "dropped_var(0)")
    return Exercise(
        (
            num.say(
                "The values {z[k] + b} pass through dropout, which sets each to 0 with probability {drop_rate} and divides "
                "the others by {1 - drop_rate}, "
                "and then through a batch normalisation. A value is picked at random, and the dropout drawn."
            ),
            num.given("z", "b", "drop_rate"),
        ),
        (
            part(
                num.prose("What is the variance {dropped_var(b)} in training?"),
                trained,
                3,
                num.page("mean"),
                num.page("square"),
                num.page(
                    "variance",
                    f"""
                = ({written(v)} + {written(p)}*{written(mean)}**2)/(1 - {written(p)})
                    -- the mean is {{{written(mean)}}}, the variance without dropout {{{written(v)}}}
                = {written(trained)} -- divide
                """,
                ),
                wrong=(
                    (v, num.prose("the variance in evaluation, without dropout"), 0),
                    (v / (1 - p), num.prose("the squared mean was left out: a dropped value is 0, not the mean"), 1),
                ),
            ),
            part(
                num.prose("By how much would the variance be smaller without the bias, {dropped_var(b) - dropped_var(0)}?"),
                trained - bare,
                1,
                num.page(
                    "change",
                    f"""
                = {written(p)}*{written(b)}*({written(b)} + 2*{written(num.value("mu"))})/(1 - {written(p)}) -- the numbers
                = {written(trained - bare)} -- divide
                """,
                ),
                wrong=((Fraction(0), num.prose("a bias leaves the variance alone, but not behind dropout"), 0),),
            ),
        ),
        {"z": z, "b": b, "drop_rate": p},
    )
