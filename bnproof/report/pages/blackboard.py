"""The headline result as one page to do by hand at a blackboard."""

from __future__ import annotations

from ...symbolic.notation import parse
from ...symbolic.symbols import Vocabulary
from ...symbolic.term import Term
from ...theorems.definitions import BATCHNORM_AT, definitions
from ...theorems.glossary import GLOSSARY
from ..document import Bullets, Derivation, Document, Heading, Link, Paragraph, Prose, Row, Strong, Text, text
from ..prose import math, prose

VOCABULARY = Vocabulary(GLOSSARY, definitions(*BATCHNORM_AT))

CANCELS = (
    ("mu_at(b)", ""),
    ("1/n * sum(i, z[i] + b)", "definition of the mean"),
    ("1/n * sum(i, z[i]) + 1/n * n*b", "{n} times the same {b}"),
    ("mu_at(0) + b", "the mean moves along"),
)
CENTRED = (
    ("z[k] + b - mu_at(b)", ""),
    ("z[k] + b - (mu_at(0) + b)", "insert the mean"),
    ("z[k] - mu_at(0)", "{b} is gone"),
)
NUMBERS = {"n": 3, "z": (-1, 1, 2)}
"""The example at the end; a test evaluates it."""
LINES: tuple[tuple[tuple[str, str], ...], ...] = (CANCELS, CENTRED)


def blackboard() -> Document:
    """Claim, two short calculations, the conclusion, and why a ReLU in between spoils it. Ten minutes with chalk."""
    return Document(
        "blackboard",
        (
            Heading(1, text("One page for the blackboard")),
            Paragraph(
                (
                    Strong("Claim. "),
                    *_prose(
                        "Add the same number {b} to all {n} values {z[1]}, …, {z[n]} that batch normalisation treats together. "
                        "It subtracts their mean, divides by the root of their variance plus {eps} (if that root is not 0), multiplies by "
                        "{gamma} and adds {beta}. Its output does not change."
                    ),
                )
            ),
            Paragraph((Strong("Step 1. "), *_prose("The mean moves by exactly {b}."))),
            _derivation(CANCELS),
            Paragraph((Strong("Step 2. "), *_prose("So the centred values do not move."))),
            _derivation(CENTRED),
            Paragraph(
                (
                    Strong("Step 3. "),
                    *_prose(
                        "The output {y_at(k, b)} is made of centred values only: the numerator is one, and the variance under "
                        "the root is the mean of their squares. Neither moves, so {y_at(k, b) == y_at(k, 0)}. ∎"
                    ),
                )
            ),
            Paragraph(
                (
                    Strong("Corollary. "),
                    *_prose(
                        "A function that does not depend on {b} has derivative 0 with respect to {b}: the bias gradient vanishes, for "
                        "every loss. Nothing is lost without it; and where it does act, with stored statistics, {beta} can do the same, "
                        "for it is added after the normalisation."
                    ),
                )
            ),
            Heading(2, text("Now put a ReLU in between")),
            Paragraph(
                _prose("Three pre-activations: −1, 1, 2. Compute the ratio of differences after the ReLU, for two biases.")
            ),
            Bullets(
                (
                    _prose("{b == 0}: the ReLU gives 0, 1, 2, and the ratio (second − first) : (third − first) is {1/2}."),
                    _prose("{b == 2}: the ReLU gives 1, 3, 4, and the ratio is {2/3}."),
                )
            ),
            Paragraph(
                _prose(
                    "Subtracting a mean, dividing by a root, multiplying by {gamma != 0} and adding {beta} leave this ratio as it "
                    "is. So no normalisation and no choice of {gamma} and {beta} can turn the one result into the other: here the "
                    "bias acts, and they cannot replace it."
                )
            ),
            Paragraph(
                (
                    Text("The full proofs: "),
                    Link("cancelling", "bias_cancels_of_batch_statistics"),
                    Text(", "),
                    Link("the gradient", "bias_gradient_vanishes_of_batch_statistics"),
                    Text(", "),
                    Link("with a ReLU", "affine_cannot_replace_bias_of_relu_before_batchnorm"),
                    Text(". "),
                    Link("All theorems", "README"),
                )
            ),
        ),
    )


def _prose(words: str) -> Prose:
    return prose(words, VOCABULARY)


def _derivation(lines: tuple[tuple[str, str], ...]) -> Derivation:
    return Derivation(
        tuple(
            Row("=" if place else "", math(expression, VOCABULARY), _prose(reason))
            for place, (expression, reason) in enumerate(lines)
        )
    )


def chains() -> list[list[Term]]:
    """The page's calculations as terms, for the checker."""
    return [[parse(expression, VOCABULARY) for expression, _ in lines] for lines in LINES]
