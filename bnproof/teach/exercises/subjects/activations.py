"""An activation between the bias and the normalisation."""

from __future__ import annotations

import random
from fractions import Fraction

from ....report.document import Block
from ..dice import batch, is_square, nonzero, sorted_batch
from ..exercise import Exercise, part
from ..numbers import Numbers, written
from ..template import template

MEAN = "mean_and_variance_of_relu"
RATIO = "affine_cannot_replace_bias_of_relu_before_batchnorm"
MOVES = "output_moves_of_relu_before_batchnorm"


def _pattern(z: tuple[Fraction, ...], b: Fraction) -> tuple[int, ...]:
    return tuple(int(value + b > 0) for value in z)


@template("The mean after a ReLU", "intro", MEAN)
def mean_after_relu(rng: random.Random) -> Exercise:
    """How much of b is in the mean of the activations: m·b/n."""
    n = rng.choice((4, 5, 6))
    z, b = sorted_batch(rng, n, 7), Fraction(rng.randint(2, 6))
    if b in (-value for value in z):
        b += Fraction(1, 2)
    chi = _pattern(z, b)
    m = sum(chi)
    num = Numbers(MEAN, n=n, z=z, b=b, chi=chi, m=m)
    brought, mean = num.row("m*b/n", "rm")
    return Exercise(
        (num.say("A bias {b} is added to {z[i]}, and a ReLU follows: {r(i) == relu(z[i] + b)}."), num.given("n", "z", "b")),
        (
            part(
                num.prose(
                    "The mean of the activations is a sum: one part of it has the factor {b}, the other has not. How large is the part "
                    "with the factor {b}?"
                ),
                brought,
                2,
                num.say(f"{{z[i] + b}} is positive for {{m == {m}}} of the {{n}} units."),
                num.page("mean"),
                num.chain(f"""
                  m*b/n
                = {m}*{written(b)}/{n} -- the numbers
                = {written(brought)} -- reduce
                """),
                wrong=(
                    (b / n, num.prose("{b/n}: only one unit was counted"), 1),
                    (b, num.prose("{b}: the inactive units were counted"), 0),
                ),
            ),
            part(
                num.prose("What is the mean {rm}?"),
                mean,
                1,
                num.chain(f"""
                  rm
                = Z/n + m*b/n -- the formula above
                = {written(num.value("Z"))}/{n} + {written(brought)} -- {{Z}} is the sum of the {{z[i]}} of the active units
                = {written(mean)} -- add
                """),
                wrong=((num.value("mean(i, z[i] + b)"), num.prose("the ReLU was left out"), 0),),
            ),
        ),
        {"n": n, "z": z, "b": b},
    )


@template("The variance after a ReLU", "advanced", MEAN)
def variance_after_relu(rng: random.Random) -> Exercise:
    """The variance is a quadratic in b, as long as the same units are active."""
    n = rng.choice((3, 4, 5))
    z = sorted_batch(rng, n, 6)
    m = rng.randint(1, n - 1)
    chi = tuple([0] * (n - m) + [1] * m)
    low, high = -z[n - m], -z[n - m - 1]
    num = Numbers(MEAN, n=n, z=z, b=(low + high) / 2, chi=chi, m=m)
    square, linear, rest = num.row("m/n*(1 - m/n)", "2*(1 - m/n)/n*Z", "v0")
    return Exercise(
        (
            num.say(
                f"A bias {{b}} with {{{written(low)} < b}} and {{b < {written(high)}}} is added to {{z[i]}}, and a ReLU "
                f"follows. For all these {{b}} "
                "the same units are active, and the variance of the activations is a quadratic in {b}."
            ),
            num.given("n", "z"),
        ),
        (
            part(
                num.prose("What are the coefficients of {b**2} and of {b}, in this order?"),
                (square, linear),
                3,
                num.page("variance"),
                num.chain(f"""
                  m/n*(1 - m/n)
                = {m}/{n}*(1 - {m}/{n}) -- {m} of {n} units are active
                = {written(square)} -- the coefficient of {{b**2}}
                """),
                num.chain(f"""
                  2*(1 - m/n)/n*Z
                = 2*(1 - {m}/{n})/{n}*{written(num.value("Z"))} -- {{Z}} is the sum of the {{z[i]}} of the active units
                = {written(linear)} -- the coefficient of {{b}}
                """),
                wrong=(
                    (
                        (Fraction(m, n), num.value("2*Z/n")),
                        num.prose("the mean of the squares; the square of the mean is missing"),
                        1,
                    ),
                    ((square * n, linear * n), num.prose("the sum of squares, not divided by {n}"), 2),
                ),
            ),
            part(
                num.prose("And what is the part without {b}, {v0}?"),
                rest,
                1,
                num.chain(f"""
                  v0
                = 1/n*sum(i, chi[i]*z[i]**2) - (Z/n)**2 -- definition of {{v0}}
                = {written(num.value("sum(i, chi[i]*z[i]**2)"))}/{n} - ({written(num.value("Z"))}/{n})**2 -- the numbers
                = {written(rest)} -- subtract
                """),
                wrong=((num.value("1/n*sum(i, chi[i]*z[i]**2)"), num.prose("the square of the mean is missing"), 0),),
            ),
        ),
        {"n": n, "z": z, "low": low, "high": high},
    )


@template("The ratio that scale and shift cannot change", "standard", RATIO)
def invariant_ratio(rng: random.Random) -> Exercise:
    """γ and β leave a ratio of differences alone; the bias before a ReLU changes it."""
    z = sorted_batch(rng, 3, 6)
    b = Fraction(rng.randint(1, 6))
    num = Numbers(RATIO, n=3, z=z, b=b, gamma=2, beta=1, eps=1)

    def ratio(shift: str, how: str = "relu") -> Fraction:
        top, bottom = (num.value(f"{how}(z[{k}] + {shift}) - {how}(z[1] + {shift})") for k in (2, 3))
        return top / bottom if bottom else Fraction(0)

    bare, biased, linear = ratio("0"), ratio("b"), num.value("(z[2] - z[1])/(z[3] - z[1])")
    active = [num.row(*(f"relu(z[{k}] + {shift})" for k in (1, 2, 3))) for shift in ("0", "b")]

    def worked(shift: str, values: tuple[Fraction, ...], result: Fraction) -> Block:
        first, second, third = (written(value) for value in values)
        return (
            num.chain(f"""
          (relu_out(2, {shift}) - relu_out(1, {shift}))/(relu_out(3, {shift}) - relu_out(1, {shift}))
        = (relu(z[2] + {shift}) - relu(z[1] + {shift}))/(relu(z[3] + {shift}) - relu(z[1] + {shift}))
            -- mean and {{beta}} cancel in each difference, and {{gamma}} over the root in the quotient
        = ({second} - {first})/({third} - {first}) -- the activations
        = {written(result)} -- reduce
        """)
            if values[2] != values[0]
            else num.say("The ratio is not defined.")
        )

    return Exercise(
        (
            num.say(
                "Three values go through bias, ReLU and batch normalisation with any {gamma != 0}, {beta} and {eps > 0}; "
                "{relu_out(k, b)} are the outputs when the bias is {b}."
            ),
            num.given("z", "b"),
        ),
        (
            part(
                num.prose("What is {(relu_out(2, 0) - relu_out(1, 0))/(relu_out(3, 0) - relu_out(1, 0))}, without a bias?"),
                bare,
                2,
                worked("0", active[0], bare),
                wrong=((linear, num.prose("the ReLU was left out"), 0),),
            ),
            part(
                num.prose(
                    "And with the bias, {(relu_out(2, b) - relu_out(1, b))/(relu_out(3, b) - relu_out(1, b))}? Could "
                    "another {gamma} and {beta} do what the bias did?"
                ),
                biased,
                2,
                worked("b", active[1], biased),
                num.say("No: whatever {gamma} and {beta} are, they leave this ratio as it is, and it has changed."),
                wrong=((bare, num.prose("taken for granted that the bias cancels, as it does without a ReLU"), 0),),
            ),
        ),
        {"z": z, "b": b},
    )


@template("How an output follows the bias", "advanced", MOVES)
def relu_derivative(rng: random.Random) -> Exercise:
    """The derivative of a normalised output by the bias, where some units are active."""
    n = rng.choice((3, 4))
    z, b = sorted_batch(rng, n, 5), Fraction(rng.randint(1, 3))
    while -b in z or not 0 < sum(_pattern(z, b)) < n:
        z = sorted_batch(rng, n, 5)
    chi = _pattern(z, b)
    m = sum(chi)
    bare = Numbers(MOVES, n=n, z=z, b=b, chi=chi, m=m, eps=0)
    v = bare.value("mean(i, (r(i) - rm)**2)")
    roots = [Fraction(root, 2) for root in range(2, 9) if 0 < Fraction(root, 2) ** 2 - v < 3]
    s = rng.choice(roots) if roots else Fraction(5)
    k = rng.randint(1, n)
    num = Numbers(MOVES, n=n, z=z, b=b, chi=chi, m=m, eps=s**2 - v, k=k)
    derivative, normalised = num.row("diff(yhat(k), b)", "yhat(k)")
    assert is_square(v + num.value("eps"))
    return Exercise(
        (
            num.say(
                "A bias {b} is added to {z[i]}; a ReLU follows, and the activations {r(i)} are normalised to {yhat(k)}, with "
                "batch statistics. ({eps} is such that the root comes out rational.)"
            ),
            num.given("z", "b", "eps"),
        ),
        (
            part(
                num.prose(f"What is the normalised value {{yhat({k})}}?"),
                normalised,
                1,
                num.chain(f"""
                  yhat({k})
                = (r({k}) - rm)/sr -- definition of the normalised output
                = ({written(num.value("r(k)"))} - {written(num.value("rm"))})/{written(s)} -- the variance is {{{written(v)}}}
                = {written(normalised)} -- divide
                """),
            ),
            part(
                num.prose(f"What is its derivative by the bias, {{diff(yhat({k}), b)}}?"),
                derivative,
                3,
                num.page("diff(rm, b)"),
                num.page("diff(mean(i, (r(i) - rm)**2), b)"),
                num.page(
                    "derivative",
                    f"""
                = 1/{written(s)}*({chi[k - 1]} - {m}/{n} - {written(normalised)}*(1 - {m}/{n})*{written(num.value("rm"))}/{written(s)})
                    -- the numbers
                = {written(derivative)} -- add
                """,
                ),
                wrong=(
                    (num.value("(chi[k] - m/n)/sr"), num.prose("only the mean moved; the variance moves as well"), 1),
                    (num.value("chi[k]/sr"), num.prose("mean and variance were held constant"), 0),
                ),
            ),
        ),
        {"z": z, "b": b, "eps": s**2 - v, "k": k},
    )


@template("A leaky ReLU in between", "standard", "output_moves_of_leaky_relu_before_batchnorm")
def leaky_mean(rng: random.Random) -> Exercise:
    """A leaky ReLU passes a share of the bias on at inactive units too, but not the same share."""
    n = rng.choice((4, 5))
    z, b = batch(rng, n, 6), nonzero(rng, 3)
    a = Fraction(1, rng.choice((2, 4, 5, 10)))
    chi = _pattern(z, Fraction(0))
    m = sum(chi)
    safe = all(value != 0 and (value > 0) == (value + b > 0) and value + b != 0 for value in z) and 0 < m < n
    num = Numbers("output_moves_of_leaky_relu_before_batchnorm", n=n, z=z, b=b, a=a, chi=chi, m=m)
    moved = num.value("mean(i, (a + (1 - a)*chi[i])*b)")
    centred = num.row("b - mean(i, (a + (1 - a)*chi[i])*b)", "a*b - mean(i, (a + (1 - a)*chi[i])*b)")
    return Exercise(
        (
            num.say(
                "A leaky ReLU has slope 1 at positive inputs and slope {a} at negative ones. It is applied to {z[i] + b}; no "
                "unit crosses 0 when the bias is added."
            ),
            num.given("z", "b", "a"),
        ),
        (
            part(
                num.prose("By how much does the bias move the mean of the activations?"),
                moved if safe else Fraction(0),
                2,
                num.chain(f"""
                  mean(i, (a + (1 - a)*chi[i])*b)
                = (a + (1 - a)*m/n)*b -- {{m}} of {{n}} units have slope 1, the others slope {{a}}
                = ({written(a)} + (1 - {written(a)})*{m}/{n})*{written(b)} -- the numbers
                = {written(moved)} -- multiply out
                """),
                wrong=(
                    (b * m / n, num.prose("as for a ReLU; the negative units pass {a*b} on"), 1),
                    (b, num.prose("as without an activation"), 0),
                ),
            ),
            part(
                num.prose(
                    "By how much does it move the centred value of a positive unit, and of a negative one? Does it cancel?"
                ),
                centred,
                2,
                num.chain(f"""
                  b - mean(i, (a + (1 - a)*chi[i])*b)
                = {written(b)} - {written(moved)} -- a positive unit moves by {{b}}, the mean as above
                = {written(centred[0])} -- subtract
                """),
                num.chain(f"""
                  a*b - mean(i, (a + (1 - a)*chi[i])*b)
                = {written(a * b)} - {written(moved)} -- a negative unit moves by {{a*b}}
                = {written(centred[1])} -- subtract: the two differ, so the bias does not cancel
                """),
                wrong=(((b - moved, b - moved), num.prose("both units were moved by {b}"), 1),),
            ),
        ),
        {"z": z, "b": b, "a": a},
    )
