"""The bias before batch normalisation, with the statistics of the batch."""

from __future__ import annotations

import random
from fractions import Fraction

from ..dice import batch, nonzero
from ..exercise import Exercise, part
from ..numbers import Numbers, total, written
from ..template import template


@template("Centred values", "intro", "bias_cancels_of_batch_statistics")
def centred_values(rng: random.Random) -> Exercise:
    """The mean of z + b, and what is left after it is subtracted."""
    z, b = batch(rng, 4), nonzero(rng)
    num = Numbers("bias_cancels_of_batch_statistics", n=4, z=z, b=b, k=1)
    centred = num.row(*(f"z[{k}] + b - mu_at(b)" for k in range(1, 5)))
    plain = num.value("mu_at(0)")
    moved = num.value("mu_at(b)")
    return Exercise(
        (
            num.say(
                "A layer computes {z[k]}; its bias {b} is added to each value, and batch normalisation subtracts the mean:"
            ),
            num.say("{z[k] + b - mu_at(b)}."),
            num.given("n", "z", "b"),
        ),
        (
            part(
                num.prose("What is the mean {mu_at(b)} of the four values {z[k] + b}?"),
                moved,
                1,
                num.page(
                    "mean",
                    f"""
                = {total(z)}/4 + {written(b)} -- the numbers
                = {written(moved)} -- add
                """,
                ),
                wrong=(
                    (plain, num.prose("the mean without the bias"), 0),
                    (plain + b / 4, num.prose("{b/n} instead of {b}: every one of the {n} values contains {b}"), 0),
                ),
            ),
            part(
                num.prose("What are the four centred values {z[k] + b - mu_at(b)}?"),
                centred,
                2,
                num.page("centred"),
                num.lines(
                    *(
                        f"z[{k}] + b - mu_at(b) == {written(z[k - 1])} + {written(b)} - {written(moved)} == "
                        f"{written(centred[k - 1])}"
                        for k in range(1, 5)
                    )
                ),
                wrong=(
                    (tuple(value + b - plain for value in z), num.prose("the mean was taken without {b}"), 1),
                    (tuple(value - moved for value in z), num.prose("{b} is in the mean but was left out of the values"), 1),
                ),
            ),
        ),
        {"z": z, "b": b},
    )


_MIDPOINTS = [
    (half, Fraction(8 * half**2, p) - p, Fraction(8 * half**2, p) + p)
    for half in range(1, 6)
    for p in range(1, 9)
    if Fraction(8 * half**2, p).denominator == 1 and Fraction(8 * half**2, p) - p > 2 * half
]
"""Half the distance d of two values, and twice the roots of d² + ε and 9·d² + ε, which are rational for this ε."""


@template("Is batch normalisation linear?", "standard", "batchnorm_not_affine_of_batch_statistics")
def midpoint(rng: random.Random) -> Exercise:
    """An affine map takes midpoints to midpoints; batch normalisation does not."""
    half, twice_one, twice_three = rng.choice(_MIDPOINTS)
    one, three = Fraction(twice_one, 2), Fraction(twice_three, 2)
    eps = one**2 - half**2
    middle, gamma, beta = nonzero(rng), nonzero(rng, 4), nonzero(rng, 5)
    low, high = middle - half, middle + half
    num = Numbers("batchnorm_not_affine_of_batch_statistics", n=2, z=(low, high), gamma=gamma, beta=beta, eps=eps, k=2)
    output, left, right = num.row("y_times(2, 1)", "y_times(2, -1)", "y_times(2, 3)")
    between = (left + right) / 2
    return Exercise(
        (
            num.say(
                "Batch normalisation is applied, with batch statistics, to the batch {z[k]}, to −1 times it and to 3 times "
                "it. "
                "Entry by entry {z[k]} is the midpoint of {-1*z[k]} and {3*z[k]}. ({eps} is large here, so that the roots "
                "come out rational.)"
            ),
            num.given("z", "gamma", "beta", "eps"),
        ),
        (
            part(
                num.prose("What is the second output, {y_times(2, 1)}, for the batch itself?"),
                output,
                1,
                num.chain(f"""
                  y_times(2, 1)
                = gamma*(z[2] - mu)/sqrt(v + eps) + beta -- definition of the output
                = {written(gamma)}*{half}/{written(one)} + {written(beta)}
                    -- mean {{{written(middle)}}}, variance {{{half}**2}}; the root of {{{half}**2 + {written(eps)}}} is {{{written(one)}}}
                = {written(output)} -- add
                """),
                wrong=((gamma + beta, num.prose("{eps} was left out of the root"), 0),),
            ),
            part(
                num.prose("What is the midpoint of {y_times(2, -1)} and {y_times(2, 3)}? Is the map affine?"),
                between,
                2,
                num.chain(f"""
                  (y_times(2, -1) + y_times(2, 3))/2
                = ((-gamma*(z[2] - mu)/root(1) + beta) + (3*gamma*(z[2] - mu)/root(3) + beta))/2
                    -- mean and root of both batches
                = ({written(left)} + {written(right)})/2
                    -- the root of {{9*{half}**2 + {written(eps)}}} is {{{written(three)}}}
                = {written(between)} -- add and halve
                != y_times(2, 1) -- an affine map would give the midpoint: batch normalisation is not affine
                """),
                wrong=(
                    (output, num.prose("taken for granted that midpoints go to midpoints"), 0),
                    (left + right, num.prose("the sum, not half of it"), 1),
                ),
            ),
        ),
        {"z": (low, high), "gamma": gamma, "beta": beta, "eps": eps},
    )


@template("Two devices, one batch", "advanced", "bias_gradients_sum_to_zero_of_synchronised_statistics")
def synchronised_gradients(rng: random.Random) -> Exercise:
    """With synchronised statistics each device computes a bias gradient that is not 0; their sum is."""
    z = rng.choice(((-1, 1, -1, 1), (-2, 2, 2, -2), (0, 2, 2, 0), (-1, 3, 3, -1), (1, 5, 1, 5)))
    z = tuple(Fraction(value) for value in rng.sample(z, 4))
    g = batch(rng, 4, 5)
    gamma = nonzero(rng, 3)
    onfirst = rng.choice(((1, 1, 0, 0), (1, 0, 0, 0), (1, 1, 1, 0)))
    num = Numbers(
        "bias_gradients_sum_to_zero_of_synchronised_statistics",
        n=4,
        z=z,
        g=g,
        gamma=gamma,
        eps=0,
        onfirst=onfirst,
        nfirst=sum(onfirst),
    )
    first, second, slopes, products = num.row("first_grad", "second_grad", "sum(j, g[j])", "sum(j, g[j]*xhat(j))")
    here = [k for k in range(4) if onfirst[k]]
    own = num.value("gamma/s*sum(i, onfirst[i]*g[i])")
    return Exercise(
        (
            num.say(
                "Four values {z[k]} with the derivatives {g[k]} of the loss by the outputs are split over two devices: the "
                f"first {'value is' if len(here) == 1 else f'{len(here)} values are'} on the first device. Mean and "
                "variance are those of all "
                "four (synchronised batch normalisation), {eps == 0}, and the bias gradient of a device is the sum of "
                "{dz(i)} "
                "over its own values, where"
            ),
            num.say("{dz(i) == gamma/(n*s)*(n*g[i] - sum(j, g[j]) - xhat(i)*sum(j, g[j]*xhat(j)))}."),
            num.given("z", "g", "gamma"),
        ),
        (
            part(
                num.prose("Which bias gradient {first_grad} does the first device compute?"),
                first,
                3,
                num.say(
                    f"Here {{s == {written(num.value('s'))}}}, {{sum(j, g[j]) == {written(slopes)}}} and "
                    f"{{sum(j, g[j]*xhat(j)) == {written(products)}}}. So on the first device"
                ),
                num.lines(*(_slope(num, k + 1) for k in here)),
                num.chain(f"""
                  first_grad
                = sum(i, onfirst[i]*dz(i)) -- definition of {{first_grad}}
                = {total(tuple(num.value(f"dz({k + 1})") for k in here))} -- the values on the first device
                = {written(first)} -- add
                """),
                wrong=(
                    (Fraction(0), num.prose("only the sum over both devices is 0"), 0),
                    (own, num.prose("mean and variance were held constant"), 1),
                ),
            ),
            part(
                num.prose("And the second device, {second_grad}?"),
                second,
                1,
                num.chain(f"""
                  second_grad
                = 0 - first_grad -- the two add up to 0: {{sum(i, dz(i)) == 0}}
                = {written(second)} -- insert
                """),
                wrong=((first, num.prose("the sign is missing"), 0),),
            ),
        ),
        {"z": z, "g": g, "gamma": gamma, "onfirst": onfirst},
    )


@template("One pass for the variance", "advanced", "one_pass_variance_loses_offset_squared")
def one_pass_variance(rng: random.Random) -> Exercise:
    """What relative errors in the two means do to the variance, once a bias has moved the mean."""
    offset, half = Fraction(rng.randint(5, 30)), Fraction(rng.randint(1, 8), 2)
    rel, rel2 = Fraction(rng.choice((-1, 1)), rng.choice((20, 50, 100))), Fraction(0)
    values = (offset - half, offset + half)
    num = Numbers("one_pass_variance_loses_offset_squared", n=2, z=values, rel=rel, rel2=rel2)
    v, mu, computed = num.row("v", "mu", "one_pass")
    return Exercise(
        (
            num.say(
                "The variance of {z[k]} is computed in one pass, as the mean of the squares minus the square of the mean. "
                "The "
                "mean of the squares is off by the relative error {rel}, and the square of the mean is right."
            ),
            num.given("z", "rel"),
        ),
        (
            part(
                num.prose("What is the variance {v}?"),
                v,
                1,
                num.chain(f"""
                  v
                = mean(i, (z[i] - mu)**2) -- definition of the variance
                = 1/2*({" + ".join(f"{written(value - mu)}**2" for value in values)}) -- the mean is {{{written(mu)}}}
                = {written(v)} -- add
                """),
                wrong=((v * 2, num.prose("divided by {n - 1}; batch normalisation divides by {n}"), 0),),
            ),
            part(
                num.prose("What comes out instead, {one_pass}?"),
                computed,
                2,
                num.chain(f"""
                  one_pass
                = mean(i, z[i]**2)*(1 + rel) - mu**2*(1 + rel2) -- the two means with their errors
                = v + rel*(v + mu**2) - rel2*mu**2 -- the mean of the squares is {{v + mu**2}}
                = {written(v)} + {written(rel)}*({written(v)} + {written(mu)}**2) - 0 -- the numbers
                = {written(computed)} -- add
                """),
                wrong=(
                    (
                        v * (1 + rel),
                        num.prose("the error was taken of {v}; it is one of {v + mu**2}, which the offset makes large"),
                        0,
                    ),
                ),
            ),
        ),
        {"z": values, "rel": rel},
    )


def _slope(num: Numbers, k: int) -> str:
    """How dz comes about for one of four values, as a chain of equalities."""
    numbers = num.row("gamma", "s", f"g[{k}]", "sum(j, g[j])", f"xhat({k})", "sum(j, g[j]*xhat(j))", f"dz({k})")
    gamma, s, g, slopes, xhat, products, dz = map(written, numbers)
    return f"dz({k}) == {gamma}/(4*{s})*(4*{g} - {slopes} - {xhat}*{products}) == {dz}"
