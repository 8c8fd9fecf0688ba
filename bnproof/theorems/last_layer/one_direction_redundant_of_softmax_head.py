"""Of the K biases before a softmax over K classes exactly one direction is redundant: the same number added to all.

Statement: softmax(o + b + t) = softmax(o + b) for every number t; softmax(o + b + c) = softmax(o + b) for a vector c
only if all its entries are equal, whatever o is.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, chain, witness
from ..definitions import Spec, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

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
    statement="Let softmax turn {o[cls] + class_biases[cls]} into probabilities {prob(cls)} of {K} classes. Adding the same "
    "number {common} to all {K} biases changes nothing, for any {o[cls]}: {prob_common(cls) == prob(cls)}. Adding numbers "
    "{change[cls]} changes nothing, {prob_changed(cls) == prob(cls)} for all classes, only if these are the same number, "
    "{change[cls] == change[cls2]} for any two classes, again for any {o[cls]}: of the {K} biases, one is redundant, no more. "
    "With {K == 1} class, {prob(1) == 1} whatever its bias.",
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
    conclusions=(
        Conclusion("prob_common(cls) == prob(cls)"),
        Conclusion("change[cls] == change[cls2]", given=("prob_changed(cls) == prob(cls)",)),
        Conclusion("prob(1) == 1", given=("K == 1",)),
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
        chain("ratio", "Now add any numbers {change[cls]}, and compare two classes: the sums over all classes cancel.", """
          prob(cls)/prob(cls2)
        = exp(o[cls] + class_biases[cls])/exp(o[cls2] + class_biases[cls2])  -- the same denominator in both
        = exp(o[cls] + class_biases[cls] - o[cls2] - class_biases[cls2])     -- the quotient of exponentials
        """),
        chain("changed_ratio", "The change multiplies the ratio by a factor that depends on the two changes only.", """
          prob_changed(cls)/prob_changed(cls2)
        = exp(o[cls] + class_biases[cls] + change[cls])/exp(o[cls2] + class_biases[cls2] + change[cls2])
            -- the same denominator in both
        = exp(change[cls] - change[cls2]) * (prob(cls)/prob(cls2))  -- take the changes out, and use the ratio above
        """),
        chain("by_ratios", "So the ratios tell by how much the two changes differ.", """
          change[cls]
        = change[cls2] + log(exp(change[cls] - change[cls2]))  -- the logarithm undoes the exponential
        = change[cls2] + log((prob_changed(cls)/prob_changed(cls2)) / (prob(cls)/prob(cls2)))  -- the factor above
        """),
        chain("same_ratios", "For equal ratios, not at all.", """
          change[cls2]
        = change[cls2] + log((prob(cls)/prob(cls2)) / (prob(cls)/prob(cls2)))  -- the logarithm of 1
        """),
        Congruence("If no probability changes, the two changes are the same: this is the one redundant direction.",
                   of=("same_ratios", "by_ratios"), inputs=("prob(cls) == prob_changed(cls)",)),
        chain("One class alone has the probability 1.", """
          prob(1)
        = exp(o[1] + class_biases[1])/exp(o[1] + class_biases[1])  -- the sum has one term
        = 1                                                        -- equal top and bottom
        """, given=("K == 1",)),
    ),
    sources=("S3.c", "S4.b"),
    definitions=definitions(*_SOFTMAX),
    remark="Fixing the bias of one class at 0, or asking that all biases add up to 0, removes the redundant "
    "direction and takes no function away.",
)
