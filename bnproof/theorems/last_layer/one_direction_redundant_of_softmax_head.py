"""Of the K biases before a softmax over K classes exactly one direction is redundant: the same number added to all.

Statement: softmax(o + b + t) = softmax(o + b) for every number t; softmax(o + b + c) = softmax(o + b) for a vector c
only if all its entries are equal.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, chain, sign, witness
from ..definitions import Spec, definitions
from ..theorem import Hypothesis, Theorem

_SOFTMAX: tuple[Spec, ...] = (
    (
        "prob(cls)",
        "exp(o[cls] + class_biases[cls])/sum(cls3, exp(o[cls3] + class_biases[cls3]))",
        "p_{#1}",
        "p_#1",
        "the probability that softmax gives to a class",
    ),
    (
        "prob_common(cls)",
        "exp(o[cls] + class_biases[cls] + common)/sum(cls3, exp(o[cls3] + class_biases[cls3] + common))",
        r"p^{(t)}_{#1}",
        "p⁽ᵗ⁾_#1",
        "the same after {common} was added to every bias",
    ),
    (
        "prob_changed(cls)",
        "exp(o[cls] + class_biases[cls] + change[cls])/sum(cls3, exp(o[cls3] + class_biases[cls3] + change[cls3]))",
        r"p^{(c)}_{#1}",
        "p⁽ᶜ⁾_#1",
        "the same after {change[cls]} was added to the bias of each class",
    ),
)

THEOREM = Theorem(
    name="one_direction_redundant_of_softmax_head",
    title="A softmax makes one of K biases redundant, no more",
    statement="Let softmax turn {o[cls] + class_biases[cls]} into probabilities {prob(cls)} of {K} classes. Adding "
    "the same number {common} to all {K} biases changes nothing, for any {o[cls]}. Any other change of the biases "
    "changes the probabilities, for every {o[cls]}: of the {K} biases, {K - 1} matter. With {K == 1} class, none does.",
    hypotheses=(
        Hypothesis("The same number is added to every bias.",
            witness("Added to one bias only, {log(2)} takes the probabilities from {1/2} and {1/2} to {2/3} and {1/3}.",
                    {"K": 2, "o": (0, 0)}, """
              exp(o[1])/(exp(o[1]) + exp(o[2])) == 1/2
              exp(o[1] + log(2))/(exp(o[1] + log(2)) + exp(o[2])) == 2/3
            """)),
        Hypothesis("One softmax over all classes, not a sigmoid for each.",
            witness("A sigmoid has nothing to cancel with: {log(2)} on every bias takes each probability from {1/2} to {2/3}.",
                    {"K": 2, "o": (0, 0)}, """
              1/(1 + exp(-o[1])) == 1/2
              1/(1 + exp(-(o[1] + log(2)))) == 2/3
            """)),
    ),
    proof=(
        chain("common_shift", "Add {common} to every bias.", """
          prob_common(cls)
        = exp(common)*exp(o[cls] + class_biases[cls]) / sum(cls3, exp(common)*exp(o[cls3] + class_biases[cls3]))
            -- the exponential of a sum is a product
        = exp(common)*exp(o[cls] + class_biases[cls]) / (exp(common)*sum(cls3, exp(o[cls3] + class_biases[cls3])))
            -- {exp(common)} is the same in each term
        = prob(cls)  -- it cancels
        """),
        Say("Now add any numbers {change[cls]}, and compare two classes {cls} and {cls2}: the sums over all classes cancel."),
        chain("ratio", "The ratio of two probabilities.", """
          prob(cls)/prob(cls2)
        = exp(o[cls] + class_biases[cls])/exp(o[cls2] + class_biases[cls2])  -- the same denominator in both
        = exp(o[cls] + class_biases[cls] - o[cls2] - class_biases[cls2])     -- the quotient of exponentials
        """),
        chain("changed_ratio", "The change multiplies it by a factor that depends on the two changes only.", """
          prob_changed(cls)/prob_changed(cls2)
        = exp(o[cls] + class_biases[cls] + change[cls])/exp(o[cls2] + class_biases[cls2] + change[cls2])
            -- the same denominator in both
        = exp(change[cls] - change[cls2]) * (prob(cls)/prob(cls2))  -- take the changes out, and use the ratio above
        """),
        sign("No probability is 0, so that we may divide.", """
          prob(cls)
        > 0  -- exponentials are positive
        """),
        Say("If no probability changes, no ratio does, and {exp(change[cls] - change[cls2]) == 1} for any two classes. The "
            "exponential is strictly increasing and is 1 at 0 only, so {change[cls] == change[cls2]}: the change is the same "
            "for all classes. This is the one redundant direction."),
        chain("With one class the probability is 1, whatever its bias.", """
          exp(o[1] + class_biases[1])/sum(cls3, exp(o[cls3] + class_biases[cls3]))
        = exp(o[1] + class_biases[1])/exp(o[1] + class_biases[1])  -- the sum has one term
        = 1                                                        -- equal top and bottom
        """, given=("K == 1",)),
    ),
    sources=("S3.c", "S4.b"),
    definitions=definitions(*_SOFTMAX),
    remark="Fixing the bias of one class at 0, or asking that all biases add up to 0, removes the redundant "
    "direction and takes no function away.",
)
