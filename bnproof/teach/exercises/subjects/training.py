"""What training does to a bias that the loss does not see."""

from __future__ import annotations

import random
from fractions import Fraction

from ..dice import batch, nonzero
from ..exercise import Exercise, part
from ..numbers import Numbers, total, written
from ..template import template

DECAYS = "redundant_bias_decays_of_weight_decay"
HEAVY = "redundant_bias_decays_of_heavy_ball"
RUNAWAY = "bias_runs_away_of_mean_held_constant"


@template("Weight decay and a redundant bias", "intro", DECAYS)
def weight_decay(rng: random.Random) -> Exercise:
    """Every step multiplies the bias by 1 − η·λ."""
    b0 = Fraction(rng.randint(1, 9))
    eta, lam = Fraction(1, rng.choice((2, 3, 4, 5))), Fraction(1, rng.choice((2, 3, 4, 5)))
    t = rng.choice((2, 2, 3))
    num = Numbers(DECAYS, eta=eta, lam=lam, b0=b0, t=t, b=b0, G=0)
    end = num.value("(1 - eta*lam)**t*b0")
    step = 1 - eta * lam
    return Exercise(
        (
            num.say(
                "A layer with a bias is followed by batch normalisation with batch statistics, and is trained by gradient "
                "descent with learning rate {eta} and weight decay "
                "{lam}: {b} becomes {b - eta*(G + lam*b)}, where {G} is the derivative of the loss. The bias starts at "
                "{b0}. (The rates are large, so that the "
                "numbers stay small.)"
            ),
            num.given("b0", "eta", "lam"),
        ),
        (
            part(
                num.prose(f"What is the bias after {t} steps?"),
                end,
                2,
                num.say("The loss does not see the bias, so {G == 0}, and every step multiplies it by the same number:"),
                num.chain(f"""
                  b - eta*(G + lam*b)
                = (1 - eta*lam)*b -- {{G == 0}}
                = (1 - {written(eta)}*{written(lam)})*{written(b0)} -- the numbers of the first step
                = {written(step)}*{written(b0)} -- subtract
                """),
                num.chain(f"""
                  (1 - eta*lam)**{t}*b0
                = {written(step)}**{t}*{written(b0)} -- the same factor in every step
                = {written(end)} -- multiply
                """),
                wrong=(
                    (b0 * (1 - lam) ** t, num.prose("the learning rate multiplies the decay too"), 0),
                    (b0 * (1 - t * eta * lam), num.prose("what is left decays, not what was there at the start"), 1),
                    (b0, num.prose("the gradient is 0, but the decay is not"), 0),
                ),
            ),
        ),
        {"b0": b0, "eta": eta, "lam": lam, "t": t},
    )


@template("Weight decay with momentum", "advanced", HEAVY)
def heavy_ball(rng: random.Random) -> Exercise:
    """With heavy-ball momentum the velocity gathers the decay of earlier steps."""
    b0 = Fraction(rng.randint(1, 8))
    eta, lam, rho = (Fraction(1, rng.choice((2, 3, 4))) for _ in range(3))
    num = Numbers(HEAVY, eta=eta, lam=lam, rho=rho, b=b0, vel=0)
    first, velocity, second = num.row(
        "next_b(b, vel)", "next_vel(next_b(b, vel), next_vel(b, vel))", "next_b(next_b(b, vel), next_vel(b, vel))"
    )
    speed = num.value("next_vel(b, vel)")
    return Exercise(
        (
            num.say(
                "A bias before batch normalisation with batch statistics is trained with learning rate {eta}, weight decay "
                "{lam} and heavy-ball momentum {rho}: the velocity {vel}, 0 at "
                "the start, becomes {next_vel(b, vel) == rho*vel + lam*b}, since the loss gives no gradient, and then the "
                "bias becomes {b - eta*next_vel(b, vel)}."
            ),
            num.given("b", "eta", "lam", "rho"),
        ),
        (
            part(
                num.prose("What is the bias after one step?"),
                first,
                1,
                num.chain(f"""
                  next_b(b, vel)
                = b - eta*(rho*vel + lam*b) -- definition of the step
                = {written(b0)} - {written(eta)}*({written(lam)}*{written(b0)}) -- the velocity is 0
                = {written(first)} -- subtract
                """),
                wrong=((b0 - lam * b0, num.prose("the learning rate was left out"), 0),),
            ),
            part(
                num.prose("And after two?"),
                second,
                3,
                num.chain(f"""
                  next_vel(next_b(b, vel), next_vel(b, vel))
                = {written(rho)}*{written(speed)} + {written(lam)}*{written(first)} -- the velocity was {{{written(speed)}}}
                = {written(velocity)} -- add
                """),
                num.chain(f"""
                  next_b(next_b(b, vel), next_vel(b, vel))
                = {written(first)} - {written(eta)}*{written(velocity)} -- the numbers
                = {written(second)} -- subtract
                """),
                wrong=((b0 * (1 - eta * lam) ** 2, num.prose("as without momentum"), 1),),
            ),
        ),
        {"b": b0, "eta": eta, "lam": lam, "rho": rho},
    )


@template("A mean that is held constant", "standard", RUNAWAY)
def runaway(rng: random.Random) -> Exercise:
    """Where the gradient step forgets that the mean moves, the bias grows without end and nothing changes."""
    n = rng.choice((3, 4))
    g, z = batch(rng, n, 5), batch(rng, n, 6)
    b0, eta, t = nonzero(rng, 4), Fraction(1, rng.choice((2, 4, 5, 10))), rng.choice((3, 5, 6, 8))
    num = Numbers(RUNAWAY, n=n, g=g, z=z, b0=b0, eta=eta, t=t, k=1)
    end, left = num.row("moved(t)", "z[1] + moved(t) - mu_at(moved(t))")
    slope = sum(g, Fraction(0))
    return Exercise(
        (
            num.say(
                "A layer subtracts the batch mean from {z[i] + b}, but the gradient step holds this mean constant. The "
                "loss's derivatives by the outputs are {g[i]} in every step. So the step uses "
                "{sum(i, g[i])} for the derivative by {b}. The bias starts at {b0}, and the learning rate is {eta}."
            ),
            num.given("z", "g", "b0", "eta"),
        ),
        (
            part(
                num.prose(f"What is the bias after {t} steps?"),
                end,
                2,
                num.chain(f"""
                  moved({t})
                = b0 - {t}*eta*sum(i, g[i]) -- the same step {t} times
                = {written(b0)} - {t}*{written(eta)}*{total(g)} -- the numbers
                = {written(end)} -- subtract
                """),
                wrong=(
                    (b0, num.prose("this is what the right derivative gives, which is 0"), 0),
                    (b0 - eta * slope, num.prose("one step only"), 1),
                    (b0 + t * eta * slope, num.prose("gradient descent goes against the derivative"), 1),
                ),
            ),
            part(
                num.prose("And what is the first output, the value minus the batch mean, then?"),
                left,
                1,
                num.chain(f"""
                  z[1] + moved({t}) - mu_at(moved({t}))
                = z[1] - mu -- the bias cancels, however large it is
                = {written(z[0])} - {written(num.value("mu"))} -- the numbers
                = {written(left)} -- as at the start: the loss has not become smaller
                """),
                wrong=((left + end, num.prose("the batch mean contains the bias"), 0),),
            ),
        ),
        {"z": z, "g": g, "b0": b0, "eta": eta, "t": t},
    )
