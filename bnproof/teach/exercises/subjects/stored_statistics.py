"""Inference with stored statistics, and how the stored mean follows a bias."""

from __future__ import annotations

import random
from fractions import Fraction

from ..dice import batch, nonzero, stored
from ..exercise import Exercise, part
from ..numbers import Numbers, listed, total, written
from ..template import template

MOVES = "eval_output_moves_of_stored_statistics"
STRIPS = "bias_strips_losslessly_of_shifted_running_mean"
ABSORBS = "beta_absorbs_bias_of_batchnorm"
TRACKS = "running_mean_tracks_bias"
AVERAGE = "cumulative_mean_tracks_bias"


@template("A bias with stored statistics", "intro", MOVES)
def eval_shift(rng: random.Random) -> Exercise:
    """In evaluation the bias moves every output by γ·b/√(V + ε)."""
    V, eps, root = stored(rng)
    gamma, b = nonzero(rng, 5), nonzero(rng, 5)
    num = Numbers(MOVES, n=2, gamma=gamma, b=b, V=V, eps=eps, beta=0, M=0, z=(0, 1), k=1)
    shift = num.value("y_stored(k, b, M) - y_stored(k, 0, M)")
    return Exercise(
        (
            num.say(
                "In evaluation mode batch normalisation subtracts a stored mean and divides by {sqrt(V + eps)} with a stored "
                "variance {V}. A bias {b} stands before it."
            ),
            num.given("gamma", "b", "V", "eps"),
        ),
        (
            part(
                num.prose("By how much does the bias move each output?"),
                shift,
                2,
                num.page(
                    "shift",
                    f"""
                = {written(gamma)}*{written(b)}/{written(root)} -- {{sqrt({written(V)} + {written(eps)}) == {written(root)}}}
                = {written(shift)} -- divide
                """,
                ),
                wrong=(
                    (Fraction(0), num.prose("that is so with batch statistics only"), 0),
                    (gamma * b / root**2, num.prose("divided by the variance, without the root"), 1),
                    (gamma * b, num.prose("not divided"), 0),
                ),
            ),
        ),
        {"gamma": gamma, "b": b, "V": V, "eps": eps},
    )


@template("Taking a bias out of a trained layer", "intro", STRIPS)
def strip_bias(rng: random.Random) -> Exercise:
    """Without the bias, the stored mean has to be lowered by it."""
    V, eps, root = stored(rng)
    gamma, beta, b, M = nonzero(rng, 4), nonzero(rng, 4), nonzero(rng, 6), nonzero(rng, 7)
    z = (nonzero(rng, 6),)
    num = Numbers(STRIPS, n=1, z=z, gamma=gamma, beta=beta, b=b, M=M, V=V, eps=eps, k=1)
    lowered, output = num.row("M - b", "y_stored(k, b, M)")
    return Exercise(
        (
            num.say(
                "A trained layer with the bias {b} is followed by batch normalisation in evaluation mode, with stored mean "
                "{M} and "
                "variance {V}. The bias is to be removed, and no output may change."
            ),
            num.given("b", "M", "V", "gamma", "beta", "eps"),
        ),
        (
            part(
                num.prose("Which stored mean does the layer without the bias need?"),
                lowered,
                1,
                num.page("eval_output"),
                num.chain(f"""
                  M - b
                = {written(M)} - {written(b)} -- the numbers
                = {written(lowered)} -- subtract
                """),
                wrong=((M + b, num.prose("raised instead of lowered"), 0),),
            ),
            part(
                num.prose(f"What is the output for {{z[1] == {written(z[0])}}}, before and after?"),
                output,
                2,
                num.chain(f"""
                  y_stored(1, 0, M - b)
                = gamma*(z[1] - (M - b))/sqrt(V + eps) + beta -- definition of the output, with no bias
                = {written(gamma)}*({written(z[0])} - {written(lowered)})/{written(root)} + {written(beta)} -- the numbers
                = {written(output)} -- add
                = y_stored(1, b, M) -- the same as with the bias
                """),
                wrong=(
                    (num.value("y_stored(k, 0, M)"), num.prose("the bias was removed and the stored mean left as it was"), 0),
                ),
            ),
        ),
        {"b": b, "M": M, "V": V, "gamma": gamma, "beta": beta, "eps": eps, "z": z},
    )


@template("β takes the bias over", "standard", ABSORBS)
def beta_takes_over(rng: random.Random) -> Exercise:
    """In evaluation a new β can do the bias's work; in training the same β would be wrong."""
    V, eps, root = stored(rng)
    gamma, beta, b = nonzero(rng, 5), nonzero(rng, 5), nonzero(rng, 5)
    num = Numbers(ABSORBS, n=2, z=(0, 2), gamma=gamma, beta=beta, b=b, V=V, eps=eps, M=0, k=1)
    raised, moved = num.row("beta + gamma*b/sqrt(V + eps)", "(gamma*xhat(k) + (beta + gamma*b/sqrt(V + eps))) - y_at(k, b)")
    return Exercise(
        (
            num.say(
                "A layer with the bias {b} is followed by batch normalisation. It is to be replaced by a layer without a "
                "bias, "
                "with the same stored mean and variance and another shift {beta_new}."
            ),
            num.given("b", "gamma", "beta", "V", "eps"),
        ),
        (
            part(
                num.prose("Which {beta_new} gives the same outputs in evaluation mode?"),
                raised,
                2,
                num.page("same_statistics"),
                num.chain(f"""
                  beta + gamma*b/sqrt(V + eps)
                = {written(beta)} + {written(gamma)}*{written(b)}/{written(root)} -- the numbers
                = {written(raised)} -- add
                """),
                wrong=(
                    (beta + b, num.prose("the bias is multiplied by {gamma/sqrt(V + eps)} on its way"), 0),
                    (beta + gamma * b, num.prose("not divided by the root"), 1),
                ),
            ),
            part(
                num.prose(
                    "The same {beta_new} is used in training, with batch statistics. By how much is each output then larger "
                    "than that of the layer with the bias?"
                ),
                moved,
                1,
                num.chain(f"""
                  gamma*xhat(k) + (beta + gamma*b/sqrt(V + eps)) - y_at(k, b)
                = gamma*xhat(k) + (beta + gamma*b/sqrt(V + eps)) - y_at(k, 0)
                    -- with batch statistics the output does not see {{b}}
                = gamma*b/sqrt(V + eps) -- {{y_at(k, 0) == gamma*xhat(k) + beta}}
                = {written(moved)} -- as above
                """),
                wrong=((Fraction(0), num.prose("in training the bias does nothing, and nothing has to take it over"), 0),),
            ),
        ),
        {"b": b, "gamma": gamma, "beta": beta, "V": V, "eps": eps},
    )


def updates(alpha: Fraction, share: Fraction) -> int:
    """The least t with (1 − α)^t ≤ share, by exact powers."""
    kept = 1 - alpha
    above, below, t = 1, 1, 0
    while above * share.denominator > share.numerator * below:
        above, below, t = above * kept.numerator, below * kept.denominator, t + 1
    return t


_SHARES = [Fraction(1, d) for d in (3, 4, 5, 8, 10, 20, 25, 30, 40, 50, 100)] + [Fraction(3, 10)]


@template("How many batches until the running mean has caught up?", "standard", TRACKS)
def batches_until_lag(rng: random.Random) -> Exercise:
    """At momentum 0.1 it takes 44 batches until 1 % of the bias is missing, at 0.01 it takes 459."""
    alpha, share = rng.choice(_SHARES), rng.choice([Fraction(1, d) for d in (10, 20, 25, 50, 100, 1000)])
    b = nonzero(rng, 8)
    keras = rng.random() < 0.5
    stated = 1 - alpha if keras else alpha
    t = updates(alpha, share)
    num = Numbers(TRACKS, n=1, z=(0,), alpha=alpha, b=b, t=t)
    count = 2 if alpha.denominator <= 10 else 1
    early = num.value(f"b*(1 - alpha)**{count}")
    left = written(1 - alpha)
    swapped = updates(1 - alpha, share)
    framework = "Keras" if keras else "PyTorch"
    reading = "Keras calls {1 - alpha} the momentum" if keras else "PyTorch calls {alpha} the momentum"
    return Exercise(
        (
            num.say(
                f"A layer is given the bias {{b == {written(b)}}}, and keeps it. In {framework} the momentum of the batch "
                "normalisation is "
                f"{{{written(stated)}}}. Compare the running mean with that of the same layer without the bias, on the same "
                "batches."
            ),
        ),
        (
            part(
                num.prose(
                    f"How much of the bias is missing in the running mean after {'two batches' if count == 2 else 'one batch'}?"
                ),
                early,
                2,
                num.say(f"{reading}: {{alpha == {written(alpha)}}}. After {{t}} batches {{b*(1 - alpha)**t}} is missing."),
                num.chain(f"""
                  b*(1 - alpha)**{count}
                = {written(b)}*{left}**{count} -- the numbers
                = {written(early)} -- multiply
                """),
                wrong=(
                    (b - early, num.prose("what has arrived, not what is missing"), 1),
                    *(((b * alpha**2, num.prose("the other framework's momentum"), 1),) if count == 2 else ()),
                ),
            ),
            part(
                num.prose(f"After how many batches is at most {{{written(share)}}} of the bias missing for the first time?"),
                Fraction(t),
                2,
                num.say(
                    f"Wanted is the first {{t}} with {{(1 - alpha)**t <= {written(share)}}}, that is "
                    f"{{t >= log({written(share)})/log(1 - alpha)}}. It is {{t == {t}}}, for"
                ),
                num.chain(f"""
                  (1 - alpha)**{t - 1}
                > {written(share)} -- one batch fewer is not enough
                >= (1 - alpha)**{t} -- and this many are
                """),
                wrong=(
                    *(
                        ((Fraction(swapped), num.prose("the momentum was read as the other framework means it"), 1),)
                        if swapped != t
                        else ()
                    ),
                    *(
                        ((Fraction(t - 1), num.prose("rounded down: there is still more missing"), 1),)
                        if t - 1 != swapped
                        else ()
                    ),
                ),
            ),
        ),
        {"momentum": stated, "keras": framework, "b": b, "share": share},
    )


@template("Momentum 0", "advanced", TRACKS)
def momentum_zero(rng: random.Random) -> Exercise:
    """Momentum 0 means “never” in PyTorch and “at once” in Keras."""
    V, eps, root = stored(rng)
    gamma, b = nonzero(rng, 5), nonzero(rng, 5)
    start, first, last = nonzero(rng, 5), batch(rng, 4, 6), batch(rng, 4, 7)
    num = Numbers(TRACKS, n=4, z=last, M=start, M0=start, alpha=0, gamma=gamma, beta=0, b=b, V=V, eps=eps, t=2, k=1)
    keras, pytorch = num.row("mu_at(b)", "gamma*b*(1 - alpha)**t/sqrt(V + eps)")
    return Exercise(
        (
            num.say(
                f"A layer with the bias {{b}} is trained on two batches, the first with the values {listed(first)} and the "
                f"second with {listed(last)}, before the bias is added. The running mean starts at {{M0}}. Somebody sets the "
                "momentum to 0."
            ),
            num.given("M0", "b", "gamma", "V", "eps"),
        ),
        (
            part(
                num.prose("In Keras: what is the running mean after the two batches?"),
                keras,
                2,
                num.say(
                    "Keras calls {1 - alpha} the momentum, so momentum 0 means that {alpha} is 1: the running mean is the "
                    "last batch's mean."
                ),
                num.chain(f"""
                  (1 - 1)*M + 1*mu_at(b)
                = mu_at(0) + b -- the bias moves the mean of the batch by {{b}}
                = {total(last)}/4 + {written(b)} -- the numbers of the second batch
                = {written(keras)} -- add
                """),
                wrong=(
                    (start, num.prose("this is what PyTorch stores"), 0),
                    (keras - b, num.prose("the bias is in every batch mean"), 1),
                ),
            ),
            part(
                num.prose(
                    "In PyTorch: by how much do the outputs in evaluation mode, with these {gamma}, {V} and {eps}, differ "
                    "from those of the same layer "
                    "trained without the bias?"
                ),
                pytorch,
                2,
                num.say("PyTorch calls {alpha} the momentum, so {alpha == 0}, and the running mean never moves."),
                num.chain(f"""
                  y_stored(k, b, M) - y_stored(k, 0, M)
                = gamma*b*(1 - 0)**2/sqrt(V + eps) -- the deviation after {{t}} batches
                = {written(gamma)}*{written(b)}/{written(root)} -- {{sqrt({written(V)} + {written(eps)}) == {written(root)}}}
                = {written(pytorch)} -- divide
                """),
                wrong=(
                    (Fraction(0), num.prose("this is so in Keras, where the running mean has caught up"), 0),
                    (gamma * b, num.prose("not divided by the root"), 1),
                ),
            ),
        ),
        {"M0": start, "first": first, "last": last, "b": b, "gamma": gamma, "V": V, "eps": eps},
    )


@template("A running mean without momentum", "intro", AVERAGE)
def cumulative_mean(rng: random.Random) -> Exercise:
    """With momentum=None the stored mean is the plain average of the batch means, bias included."""
    count = rng.choice((3, 4, 5))
    means, b, start = batch(rng, count, 8), nonzero(rng, 6), nonzero(rng, 9)
    num = Numbers(AVERAGE, means=means, b=b, M0=start, t=count)
    average, stored_mean = num.row(f"average({count})", f"average({count}) + b")
    return Exercise(
        (
            num.say(
                "In PyTorch, `momentum=None` makes the update number {t} of the running mean {(1 - 1/t)*M + 1/t*mu_at(b)}. "
                "The means of the "
                f"first {count} batches, before the bias {{b}} is added, are {{means[step]}}; the running mean starts at "
                f"{{M0}}."
            ),
            num.given("means", "b", "M0"),
        ),
        (
            part(
                num.prose(f"What is the running mean after these {count} batches?"),
                stored_mean,
                2,
                num.say(
                    "The first update has weight 1, so that {M0} drops out, and each batch mean ends with the same weight."
                ),
                num.chain(f"""
                  average({count}) + b
                = 1/{count}*sum(step, 1, {count}, means[step]) + b -- the average of the batch means, each greater by {{b}}
                = {total(means)}/{count} + {written(b)} -- the numbers
                = {written(stored_mean)} -- add
                """),
                wrong=(
                    (average, num.prose("the bias is in every batch mean"), 1),
                    ((sum(means) + start) / (count + 1) + b, num.prose("{M0} has no weight"), 0),
                ),
            ),
        ),
        {"means": means, "b": b, "M0": start},
    )
