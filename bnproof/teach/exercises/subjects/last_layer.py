"""The last layers: softmax heads, chained linear layers, and what is spare in them."""

from __future__ import annotations

import random
from fractions import Fraction

from ..dice import batch, nonzero
from ..exercise import Exercise, part
from ..numbers import Numbers, listed, written
from ..template import template

HEAD = "one_direction_redundant_of_softmax_head"
PRIOR = "optimal_bias_is_log_prior_of_zero_weights"
CHAINED = "chained_linear_layers_are_one_of_no_activation"
ABSORBS = "beta_absorbs_into_next_bias_of_inactive_dropout"


@template("One direction of a softmax head", "intro", HEAD)
def softmax_reference(rng: random.Random) -> Exercise:
    """Adding one number to all biases changes no probability, so that one of them can be 0."""
    K = rng.choice((3, 4, 5))
    biases = batch(rng, K, 8)
    num = Numbers(HEAD, K=K, class_biases=biases, common=-biases[-1], o=tuple([0] * K), cls=1)
    moved = num.row(*(f"class_biases[{r}] + common" for r in range(1, K)))
    return Exercise(
        (
            num.say(
                "A softmax head has the biases {class_biases[cls]}, one for each of {K} classes. They are to be replaced "
                "by biases of which the last "
                "is 0, and no probability may change for any input."
            ),
            num.given("class_biases"),
        ),
        (
            part(
                num.prose("What are the other biases, in order?"),
                moved,
                2,
                num.page("common_shift"),
                num.say(
                    f"So the same number may be added to all of them; {{common == {written(-biases[-1])}}} makes the last "
                    "one 0."
                ),
                num.lines(
                    *(
                        f"class_biases[{r}] + common == {written(biases[r - 1])} + {written(-biases[-1])} == "
                        f"{written(moved[r - 1])}"
                        for r in range(1, K)
                    )
                ),
                wrong=(
                    (biases[:-1], num.prose("the last bias was set to 0 and the others left"), 0),
                    (tuple(value + biases[-1] for value in biases[:-1]), num.prose("added instead of subtracted"), 1),
                ),
            ),
        ),
        {"class_biases": biases},
    )


@template("The best bias is the log of the prior", "standard", PRIOR)
def log_prior(rng: random.Random) -> Exercise:
    """The gradient of the biases at 0, and the biases at which it vanishes."""
    K = rng.choice((2, 3, 4))
    counts = tuple(Fraction(rng.randint(1, 12)) for _ in range(K))
    num = Numbers(PRIOR, K=K, class_biases=tuple([0] * K), class_counts=counts)
    classes = range(1, K + 1)
    gradient = num.row(*(f"guess({r}) - prior({r})" for r in classes))
    ratio = num.value("prior(1)/prior(2)")
    whole = sum(counts, Fraction(0))
    return Exercise(
        (
            num.say(
                "A softmax head with weights 0 sees {class_counts[cls]} samples of each class. The loss is the mean "
                "cross-entropy."
            ),
            num.given("class_counts"),
        ),
        (
            part(
                num.prose("All biases are 0. What is the derivative of the loss by each of them?"),
                gradient,
                2,
                num.say("The derivative is {guess(cls) - prior(cls)}, probability minus frequency, for every class."),
                num.lines(
                    *(
                        f"diff(loss, class_biases[{r}]) == guess({r}) - prior({r}) == 1/{K} - "
                        f"{written(counts[r - 1])}/{written(whole)} == {written(gradient[r - 1])}"
                        for r in classes
                    )
                ),
                wrong=(
                    (
                        tuple(-value for value in gradient),
                        num.prose("the sign is wrong: it is the probability minus the frequency"),
                        1,
                    ),
                    (tuple(1 - K * count / whole for count in counts), num.prose("multiplied by the number of classes"), 1),
                ),
            ),
            part(
                num.prose(
                    "The loss is least for biases {class_biases[cls]}. What is {exp(class_biases[1] - class_biases[2])} "
                    "for them?"
                ),
                ratio,
                2,
                num.say(
                    "There {guess(cls) == prior(cls)}, so that {class_biases[cls] - log(prior(cls))} is the same for all "
                    "classes, and"
                ),
                num.chain(f"""
                  prior(1)/prior(2)
                = class_counts[1]/class_counts[2] -- the number of all samples cancels
                = {written(ratio)} -- reduce
                """),
                wrong=(
                    (1 / ratio, num.prose("the wrong way round"), 1),
                    (num.value("prior(1) - prior(2)"), num.prose("a difference of frequencies, not of their logarithms"), 0),
                ),
            ),
        ),
        {"class_counts": counts},
    )


@template("Two linear layers without an activation", "intro", CHAINED)
def chained_linear(rng: random.Random) -> Exercise:
    """The first biases pass through the second weights; the second bias can take any change back."""
    C = rng.choice((2, 3))
    weights, first, move = (tuple(nonzero(rng, 4) for _ in range(C)) for _ in range(3))
    second = nonzero(rng, 6)
    num = Numbers(CHAINED, C=C, next_weights=weights, hidden_biases=first, next_bias=second, move=move)
    single, answer = num.row("sum(c, next_weights[c]*hidden_biases[c]) + next_bias", "-sum(c, next_weights[c]*move[c])")
    products = [
        " + ".join(f"{written(w)}*{written(v)}" for w, v in zip(weights, values, strict=True)) for values in (first, move)
    ]
    return Exercise(
        (
            num.say(
                "A linear layer with {C} units and the biases {hidden_biases[c]} is followed, without an activation, by a "
                "linear layer with one output, the weights "
                "{next_weights[c]} and the bias {next_bias}."
            ),
            num.given("hidden_biases", "next_weights", "next_bias"),
        ),
        (
            part(
                num.prose("The two are one linear layer. What is its bias?"),
                single,
                1,
                num.chain(f"""
                  sum(c, next_weights[c]*hidden_biases[c]) + next_bias
                = {products[0]} + {written(second)} -- the first biases pass through the second weights
                = {written(single)} -- add
                """),
                wrong=((sum(first, Fraction(0)) + second, num.prose("the second weights were left out"), 0),),
            ),
            part(
                num.prose(
                    f"The first biases are changed by {listed(move)}. What must be added to {{next_bias}} so that no output "
                    "changes?"
                ),
                answer,
                2,
                num.chain(f"""
                  -sum(c, next_weights[c]*move[c])
                = -({products[1]}) -- the change arrives multiplied by the second weights, and is taken back
                = {written(answer)} -- add
                """),
                wrong=(
                    (-answer, num.prose("this is the change, which has to be taken back"), 1),
                    (-sum(move, Fraction(0)), num.prose("the second weights were left out"), 0),
                ),
            ),
        ),
        {"hidden_biases": first, "next_weights": weights, "next_bias": second, "move": move},
    )


@template("How many of the last parameters count?", "advanced", ABSORBS)
def last_parameters(rng: random.Random) -> Exercise:
    """Of the 65 shifts at the end of S1, 64 in the last batch normalisation and one in the linear layer, one counts."""
    C, outputs = rng.choice((8, 16, 24, 32, 48, 64, 96, 128)), rng.choice((1, 1, 2, 3, 5, 10))
    weights, betas = (tuple(nonzero(rng, 4) for _ in range(3)) for _ in range(2))
    bias = nonzero(rng, 6)
    num = Numbers(ABSORBS, C=3, next_weights=weights, betas=betas, next_bias=bias, scaled=(0, 0, 0))
    single = num.value("undropped")
    products = " + ".join(f"{written(w)}*{written(v)}" for w, v in zip(weights, betas, strict=True))
    ending = "output" if outputs == 1 else "outputs"
    return Exercise(
        (
            num.say(
                "A network ends in Conv, BN, average pooling, Linear, with no activation between BN and the linear layer, "
                f"which has {C * outputs} weights and "
                f"{outputs} {ending}. Each channel of the last BN has a shift {{betas[c]}}, and each output of the linear "
                f"layer a bias {{next_bias}}."
            ),
        ),
        (
            part(
                num.prose(
                    "How many shifts and biases are these together, and how many dimensions of them are spare, that is, "
                    "can be fixed without "
                    "any function being lost? Give both numbers. (The rows of the linear layer's weights are independent.)"
                ),
                (Fraction(C + outputs), Fraction(C)),
                2,
                num.say(
                    f"The last BN has {{{C * outputs}/{outputs} == {C}}} channels, so there are {C} shifts and {outputs} "
                    "biases. Average pooling hands the shifts on as they are, "
                    "and the linear layer turns them into {sum(c, next_weights[c]*betas[c])}, which its bias can be as "
                    "well. So only the sum "
                    f"{{sum(c, next_weights[c]*betas[c]) + next_bias}} counts, one number for each output, {outputs} in "
                    f"all: {C} of {C + outputs} are spare."
                ),
                wrong=(
                    (
                        (Fraction(C + outputs), Fraction(0)),
                        num.prose("no layer is redundant by itself, but together they are"),
                        1,
                    ),
                    ((Fraction(C + outputs), Fraction(outputs)), num.prose("this is how many count"), 1),
                ),
            ),
            part(
                num.prose(
                    f"In a small copy with three channels and one output the weights are {listed(weights)}, the shifts "
                    f"{listed(betas)}, the bias {listed((bias,))[1:-1]}. All shifts are set to 0. "
                    "Which bias makes up for it?"
                ),
                single,
                2,
                num.chain(f"""
                  sum(c, next_weights[c]*betas[c]) + next_bias
                = {products} + {written(bias)} -- what the shifts brought to the output
                = {written(single)} -- add
                """),
                wrong=(
                    (sum(betas, Fraction(0)) + bias, num.prose("the weights were left out"), 0),
                    (bias - (single - bias), num.prose("subtracted instead of added"), 1),
                ),
            ),
        ),
        {"weight_count": C * outputs, "outputs": outputs, "weights": weights, "betas": betas, "bias": bias},
    )
