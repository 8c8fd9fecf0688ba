"""Every template's answers a second time, from the numbers of the question alone: plain fractions, no kernel, no theorem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from .arithmetic import centred, dot, mean, normalised, relu, root, variance
from .orders import moves

Facts = dict[str, Any]
Oracle = Callable[[Facts], tuple[object, ...]]
ORACLES: dict[str, Oracle] = {}


def oracle(compute: Oracle) -> Oracle:
    ORACLES[compute.__name__] = compute
    return compute


@oracle
def centred_values(f: Facts) -> tuple[object, ...]:
    moved = [value + f["b"] for value in f["z"]]
    return mean(moved), centred(moved)


@oracle
def midpoint(f: Facts) -> tuple[object, ...]:
    def second(factor: int) -> Fraction:
        return f["gamma"] * normalised([factor * value for value in f["z"]], f["eps"])[1] + f["beta"]

    return second(1), (second(-1) + second(3)) / 2


@oracle
def synchronised_gradients(f: Facts) -> tuple[object, ...]:
    # the derivative of Σ g·y by a shift of one device's values alone, from ŷ = c/s with c and s² differentiated by hand
    z, g, theta = f["z"], f["g"], [Fraction(t) for t in f["onfirst"]]
    s, c = root(variance(z)), centred(z)

    def slope(moved: Sequence[Fraction]) -> Fraction:
        dc = centred(moved)
        dv = 2 * mean([a * b for a, b in zip(c, dc, strict=True)])
        return f["gamma"] * sum(gk * (dck / s - ck * dv / (2 * s**3)) for gk, ck, dck in zip(g, c, dc, strict=True))

    return slope(theta), slope([1 - t for t in theta])


@oracle
def one_pass_variance(f: Facts) -> tuple[object, ...]:
    squares = mean([value * value for value in f["z"]])
    return variance(f["z"]), squares + f["rel"] * squares - mean(f["z"]) ** 2


@oracle
def mean_after_relu(f: Facts) -> tuple[object, ...]:
    active = [value for value in f["z"] if value + f["b"] > 0]
    after = mean([relu(value + f["b"]) for value in f["z"]])
    return after - sum(active, Fraction(0)) / len(f["z"]), after


@oracle
def variance_after_relu(f: Facts) -> tuple[object, ...]:
    # the quadratic through the variances at three biases of the range
    low, high = f["low"], f["high"]
    points = [low + (high - low) * Fraction(k, 4) for k in (1, 2, 3)]
    first, second, third = (variance([relu(value + b) for value in f["z"]]) for b in points)
    step = (high - low) / 4
    square = (third - 2 * second + first) / (2 * step**2)
    linear = (third - first) / (2 * step) - 2 * square * points[1]
    return (square, linear), second - square * points[1] ** 2 - linear * points[1]


@oracle
def invariant_ratio(f: Facts) -> tuple[object, ...]:
    def ratio(b: Fraction) -> Fraction:
        first, second, third = (relu(value + b) for value in f["z"])
        return (second - first) / (third - first)

    return ratio(Fraction(0)), ratio(f["b"])


@oracle
def relu_derivative(f: Facts) -> tuple[object, ...]:
    values = [relu(value + f["b"]) for value in f["z"]]
    slopes = [Fraction(value > 0) for value in values]
    c, dc, s = centred(values), centred(slopes), root(variance(values) + f["eps"])
    dv = 2 * mean([a * b for a, b in zip(c, dc, strict=True)])
    k = f["k"] - 1
    return c[k] / s, dc[k] / s - c[k] * dv / (2 * s**3)


@oracle
def leaky_mean(f: Facts) -> tuple[object, ...]:
    def leaky(value: Fraction) -> Fraction:
        return value if value > 0 else f["a"] * value

    before, after = [leaky(value) for value in f["z"]], [leaky(value + f["b"]) for value in f["z"]]
    gaps = [a - b for a, b in zip(centred(after), centred(before), strict=True)]
    positive = next(gap for gap, value in zip(gaps, f["z"], strict=True) if value > 0)
    negative = next(gap for gap, value in zip(gaps, f["z"], strict=True) if value < 0)
    return mean(after) - mean(before), (positive, negative)


@oracle
def does_this_order_act(f: Facts) -> tuple[object, ...]:
    return (frozenset(place for place, chain in enumerate(f["chains"]) if moves(chain)),)


@oracle
def eval_shift(f: Facts) -> tuple[object, ...]:
    return (f["gamma"] * f["b"] / root(f["V"] + f["eps"]),)


@oracle
def strip_bias(f: Facts) -> tuple[object, ...]:
    output = f["gamma"] * (f["z"][0] + f["b"] - f["M"]) / root(f["V"] + f["eps"]) + f["beta"]
    # the stored mean that gives this output without the bias, solved for
    return f["z"][0] - (output - f["beta"]) * root(f["V"] + f["eps"]) / f["gamma"], output


@oracle
def beta_takes_over(f: Facts) -> tuple[object, ...]:
    scale = f["gamma"] / root(f["V"] + f["eps"])
    new = scale * (5 + f["b"] - 2) + f["beta"] - scale * (5 - 2)
    return new, new - f["beta"]


@oracle
def batches_until_lag(f: Facts) -> tuple[object, ...]:
    kept = f["momentum"] if f["keras"] == "Keras" else 1 - f["momentum"]
    missing = [f["b"]]
    while abs(missing[-1]) > f["share"] * abs(f["b"]):
        missing.append(f["b"] - (kept * (f["b"] - missing[-1]) + (1 - kept) * f["b"]))
    return missing[2 if kept.denominator <= 10 else 1], Fraction(len(missing) - 1)


@oracle
def momentum_zero(f: Facts) -> tuple[object, ...]:
    keras = f["M0"]
    for batch in (f["first"], f["last"]):
        keras = 0 * keras + 1 * mean([value + f["b"] for value in batch])
    return keras, f["gamma"] * ((f["b"] - f["M0"]) - (0 - f["M0"])) / root(f["V"] + f["eps"])


@oracle
def cumulative_mean(f: Facts) -> tuple[object, ...]:
    stored = f["M0"]
    for t, each in enumerate(f["means"], 1):
        stored = (1 - Fraction(1, t)) * stored + Fraction(1, t) * (each + f["b"])
    return (stored,)


@oracle
def fold_two_channels(f: Facts) -> tuple[object, ...]:
    def output(channel: tuple[Any, ...], x: tuple[int, int]) -> Fraction:
        weights, b, gamma, beta, stored, v = channel
        return gamma * (dot(weights, [Fraction(value) for value in x]) + b - stored) / root(v + f["eps"]) + beta

    first, second = f["channels"]
    biases = output(first, (0, 0)), output(second, (0, 0))
    return (output(first, (1, 0)) - biases[0], output(first, (0, 1)) - biases[0]), biases


@oracle
def wrong_epsilon(f: Facts) -> tuple[object, ...]:
    factor = root((f["V"] + f["net"]) / (f["V"] + f["fold"]))
    return factor, f["beta"] + factor * (f["right"] - f["beta"])


@oracle
def max_pooling(f: Facts) -> tuple[object, ...]:
    peaks = tuple(max(value + f["b"] for value in window) for window in f["window"])
    return peaks, centred(peaks)


@oracle
def average_pooling(f: Facts) -> tuple[object, ...]:
    arrives = tuple(mean([f["b"]] * count + [Fraction(0)] * (f["R"] - count)) for count in f["counts"])
    return arrives, centred(arrives)


@oracle
def two_convolutions(f: Facts) -> tuple[object, ...]:
    # the response to a unit impulse at each place, and to nothing
    length = len(f["first"]) + f["stride"]

    def output(line: Sequence[Fraction]) -> Fraction:
        hidden = [dot(f["first"], line[k * f["stride"] : k * f["stride"] + 3]) + f["b"] for k in (0, 1)]
        return dot(f["second"], hidden) + f["b2"]

    nothing = output([Fraction(0)] * length)
    impulses = ([Fraction(place == k) for place in range(length)] for k in range(length))
    return tuple(output(impulse) - nothing for impulse in impulses), nothing


@oracle
def dropout_variance(f: Facts) -> tuple[object, ...]:
    def after(b: Fraction) -> Fraction:
        kept = 1 - f["drop_rate"]
        outcomes = [(value + b) / kept for value in f["z"]]
        square = mean([kept * value * value for value in outcomes])
        return square - mean([kept * value for value in outcomes]) ** 2

    return after(f["b"]), after(f["b"]) - after(Fraction(0))


def arriving(length: int, b: Fraction, kernel: Sequence[Fraction]) -> tuple[Fraction, ...]:
    padded = [Fraction(0), *([b] * length), Fraction(0)]
    return tuple(dot(kernel, padded[place : place + 3]) for place in range(length))


@oracle
def zero_padding_ones(f: Facts) -> tuple[object, ...]:
    arrives = arriving(f["L"], f["b"], [Fraction(1)] * 3)
    return arrives, centred(arrives)


@oracle
def surviving_variance(f: Facts) -> tuple[object, ...]:
    arrives = arriving(f["L"], f["b"], f["weights"])
    return (arrives[0], arrives[1], arrives[-1]), variance(arrives)


@oracle
def layernorm_rest(f: Facts) -> tuple[object, ...]:
    return (centred(f["biases"]),)


@oracle
def groupnorm_directions(f: Facts) -> tuple[object, ...]:
    each = f["channels"] // f["groups"]
    # one independent constraint, “the mean is 0”, in every group
    acting = sum(each - 1 for _ in range(f["groups"]))
    return Fraction(acting), tuple(value for biases in f["biases"] for value in centred(biases))


@oracle
def rms_output(f: Facts) -> tuple[object, ...]:
    values = [value + f["b"] for value in f["x"]]
    below = root(mean([value * value for value in values]) + f["eps"])
    return (tuple(value / below for value in values),)


@oracle
def key_bias(f: Facts) -> tuple[object, ...]:
    def score(key: Sequence[Fraction], bias: Sequence[Fraction]) -> Fraction:
        return dot(f["query"], [a + b for a, b in zip(key, bias, strict=True)])

    first, second = (score(key, f["kbias"]) for key in f["key"])
    return first - score(f["key"][0], [Fraction(0)] * 3), first - second


@oracle
def softmax_reference(f: Facts) -> tuple[object, ...]:
    # only differences count: the difference from the last class, for each other class
    return (tuple(value - f["class_biases"][-1] for value in f["class_biases"][:-1]),)


@oracle
def log_prior(f: Facts) -> tuple[object, ...]:
    # summed over the samples: −log p of the own class has the derivative p − 1 by its own bias and p by any other
    counts, classes = f["class_counts"], range(len(f["class_counts"]))
    p = Fraction(1, len(counts))
    whole = sum(counts)
    gradient = tuple(sum(counts[own] * (p - (own == by)) for own in classes) / whole for by in classes)
    return gradient, counts[0] / counts[1]


@oracle
def chained_linear(f: Facts) -> tuple[object, ...]:
    def output(first: Sequence[Fraction], second: Fraction) -> Fraction:
        return dot(f["next_weights"], first) + second

    changed = [a + d for a, d in zip(f["hidden_biases"], f["move"], strict=True)]
    before = output(f["hidden_biases"], f["next_bias"])
    return before, before - output(changed, f["next_bias"])


@oracle
def last_parameters(f: Facts) -> tuple[object, ...]:
    # the additive parts of the outputs span one dimension for each output: the biases alone reach them all
    channels = Fraction(f["weight_count"], f["outputs"])
    everything = channels + f["outputs"]
    return (everything, everything - f["outputs"]), f["bias"] + dot(f["weights"], f["betas"])


@oracle
def two_biases(f: Facts) -> tuple[object, ...]:
    spare = {"LSTM": 4, "GRU": 2}[f["kind"]] * f["hidden"]
    return Fraction(spare), tuple(a + b for a, b in zip(f["bias_ih"], f["bias_hh"], strict=True))


@oracle
def weight_decay(f: Facts) -> tuple[object, ...]:
    b = f["b0"]
    for _ in range(f["t"]):
        b -= f["eta"] * f["lam"] * b
    return (b,)


@oracle
def heavy_ball(f: Facts) -> tuple[object, ...]:
    b, velocity, path = f["b"], Fraction(0), []
    for _ in range(2):
        velocity = f["rho"] * velocity + f["lam"] * b
        b -= f["eta"] * velocity
        path.append(b)
    return tuple(path)


@oracle
def runaway(f: Facts) -> tuple[object, ...]:
    b = f["b0"]
    for _ in range(f["t"]):
        b -= f["eta"] * sum(f["g"], Fraction(0))
    return b, centred([value + b for value in f["z"]])[0]
