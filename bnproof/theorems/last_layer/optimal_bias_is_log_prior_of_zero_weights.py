"""With zero weights, the best output biases under softmax cross-entropy are the logarithms of the class frequencies.

Statement: ∂L/∂b_r = p_r − π_r, zero exactly at b_r = log π_r + t; the second derivative is ≥ 0 in every direction and
0 only along (1, …, 1), so this is the minimum.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, sign, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="optimal_bias_is_log_prior_of_zero_weights",
    title="With zero weights the best output biases are the logarithms of the class frequencies",
    statement="Let the weights of a softmax head be 0, so that it gives every sample the probabilities {guess(cls)}, "
    "and let the classes have the frequencies {prior(cls)}, all of them positive. The mean cross-entropy has its "
    "minimum exactly where {guess(cls) == prior(cls)}, that is, at {class_biases[cls] == log(prior(cls)) + common} "
    "with any number {common}.",
    hypotheses=(
        Hypothesis("Every class occurs.",
            witness("The second class has frequency 0. Its bias is pushed down wherever it is, so no finite bias is best.",
                    {"K": 2, "class_biases": (0, -3)}, "guess(2) - 0 > 0")),
        Hypothesis("The weights are 0.",
            witness("Let the weights add {log(2)} to the value of the first of two equally frequent classes, for every sample. "
                    "With the biases {log(1/2)} its probability is {2/3}, too high: the gradient is not 0.",
                    {"K": 2, "class_counts": (1, 1)}, """
              exp(log(2) + log(1/2))/(exp(log(2) + log(1/2)) + exp(log(1/2))) == 2/3
              prior(1) == 1/2
            """)),
    ),
    proof=(
        chain("jacobian", "How a probability reacts to a bias.", """
          diff(guess(cls), class_biases[cls2])
        = delta(cls, cls2)*guess(cls) - exp(class_biases[cls])*exp(class_biases[cls2])/sum(cls3, exp(class_biases[cls3]))**2
            -- quotient rule; the denominator has the derivative {exp(class_biases[cls2])}
        = guess(cls)*(delta(cls, cls2) - guess(cls2))  -- definition of {guess(cls)} and {guess(cls2)}
        """),
        chain("gradient", "The gradient of the mean cross-entropy.", """
          diff(-sum(cls, prior(cls)*log(guess(cls))), class_biases[cls2])
        = -sum(cls, prior(cls)/guess(cls)*diff(guess(cls), class_biases[cls2]))  -- the derivative of a logarithm
        = -sum(cls, prior(cls)*(delta(cls, cls2) - guess(cls2)))                 -- the reaction above; {guess(cls)} cancels
        = guess(cls2)*sum(cls, prior(cls)) - prior(cls2)                         -- sum both parts; the delta picks one class
        = guess(cls2) - prior(cls2)                                              -- the frequencies add up to 1
        """),
        chain("The same calculation with the odds {odds[cls] == exp(class_biases[cls])} as variables: without "
              "exponentials, exact numbers can be inserted for any {K}. The derivative with respect to a bias is that with "
              "respect to {odds[cls2]}, times {odds[cls2]}.", """
          odds[cls2]*diff(-sum(cls, prior(cls)*log(odds[cls]/sum(cls3, odds[cls3]))), odds[cls2])
        = -odds[cls2]*sum(cls, prior(cls)*(delta(cls, cls2)/odds[cls] - 1/sum(cls3, odds[cls3])))
            -- the logarithm of a quotient is a difference
        = odds[cls2]/sum(cls3, odds[cls3]) - prior(cls2)  -- again the probability minus the frequency
        """),
        Say("The logarithm of a frequency is {log(class_counts[cls])} minus the logarithm of the number of all samples, which "
            "is the same for every class. So {log(prior(cls)) + common} with any number {common} is {log(class_counts[cls])} "
            "plus any number, and the latter is easier to insert."),
        chain("The gradient is 0 if the biases are the logarithms of the frequencies, plus any common number.", """
          guess(cls) - prior(cls)
        = class_counts[cls]*exp(common)/sum(cls3, class_counts[cls3]*exp(common)) - prior(cls)
            -- the exponential undoes the logarithm
        = class_counts[cls]/sum(cls3, class_counts[cls3]) - prior(cls)  -- {exp(common)} cancels
        = 0                                                             -- definition of {prior(cls)}
        """, given=("class_biases[cls] == log(class_counts[cls]) + common",)),
        Use("Only there: equal probabilities have equal ratios, and these fix the biases up to a common number.",
            theorem="one_direction_redundant_of_softmax_head", fact="changed_ratio",
            start="exp(class_biases[cls] + change[cls])/exp(class_biases[cls2] + change[cls2])",
            end="exp(change[cls] - change[cls2])*(guess(cls)/guess(cls2))", where={"o[cls]": "0"}),
        chain("It is a minimum. The second derivatives are those of {guess(cls)}, since the frequencies are constants.", """
          diff(guess(cls) - prior(cls), class_biases[cls2])
        = guess(cls)*(delta(cls, cls2) - guess(cls2))  -- the reaction above
        """),
        Say("In a direction {change[cls]} they add up to a variance, that of {change[cls]} "
            "under the probabilities {guess(cls)}."),
        sign("It is never negative.", """
          sum(cls, change[cls]*sum(cls2, change[cls2]*guess(cls)*(delta(cls, cls2) - guess(cls2))))
        = sum(cls, guess(cls)*change[cls]**2) - sum(cls, guess(cls)*change[cls])**2
            -- split; the mean of the squares minus the square of the mean
        = sum(cls2, guess(cls2))*sum(cls, guess(cls)*change[cls]**2) - sum(cls, guess(cls)*change[cls])**2
            -- probabilities add up to 1
        = sum(cls, sum(cls2, guess(cls)*guess(cls2)*(change[cls] - change[cls2])**2))/2  -- multiply out the square
        >= 0  -- positive probabilities times squares (Lagrange's identity)
        """),
        Say("All weights {guess(cls)*guess(cls2)} are positive, so the sum is 0 only if {change[cls] == change[cls2]} for any "
            "two classes. In every other direction the function curves upwards: where the gradient is 0, it has its minimum."),
        chain("In the direction of a common change it is 0.", """
          sum(cls, change[cls]*sum(cls2, change[cls2]*guess(cls)*(delta(cls, cls2) - guess(cls2))))
        = common**2*(sum(cls, guess(cls)) - sum(cls, guess(cls))**2)  -- {common} is the same everywhere
        = 0                                                           -- probabilities add up to 1
        """, given=("change[cls] == common",)),
        sign("The gradient for a class of frequency 0 is its probability, which no bias makes 0.", """
          guess(cls) - 0
        = guess(cls)  -- there is nothing to subtract
        > 0           -- exponentials are positive
        """),
    ),
    sources=("S3.c", "S4.b"),
    definitions=definitions(
        ("guess(cls)", "exp(class_biases[cls])/sum(cls3, exp(class_biases[cls3]))", "p_{#1}", "p_#1",
         "the probability that the biases alone give to a class"),
        ("prior(cls)", "class_counts[cls]/sum(cls3, class_counts[cls3])", r"\pi_{#1}", "π_#1", "the frequency of a class"),
    ),
    remark="So a head without biases has to learn the class frequencies with its weights, and starts from equal ones.",
)
