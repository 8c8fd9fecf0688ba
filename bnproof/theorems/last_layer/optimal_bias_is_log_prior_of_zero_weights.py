"""With zero weights, the best output biases under softmax cross-entropy are the logarithms of the class frequencies.

Statement: ∂L/∂b_r = p_r − π_r, zero exactly at b_r = log π_r + t; the second derivative is ≥ 0 in every direction and
0 only along (1, …, 1), so L ≥ −Σ π log π, with equality there.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Minimum, SumOfSquares, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_LEAST = "-sum(cls, prior(cls)*log(prior(cls)))"
_CURVED = "sum(cls, change[cls]*sum(cls2, change[cls2]*(guess(cls)*(delta(cls, cls2) - guess(cls2)))))"

THEOREM = Theorem(
    name="optimal_bias_is_log_prior_of_zero_weights",
    title="With zero weights the best output biases are the logarithms of the class frequencies",
    statement="Let the weights of a softmax head be 0, so that it gives every sample the probabilities {guess(cls)}, "
    "and let the classes have the frequencies {prior(cls)}, all of them positive. The mean cross-entropy {loss} has the "
    "gradient {diff(loss, class_biases[cls]) == guess(cls) - prior(cls)}, which is 0 exactly where {guess(cls) == prior(cls)} for "
    "all classes. There it has its minimum, {loss == -sum(cls, prior(cls)*log(prior(cls)))}: for all biases, {loss >= -sum(cls, "
    "prior(cls)*log(prior(cls)))}. It is so where {class_biases[cls] == log(prior(cls)) + common} with any number {common}, and "
    "only there: {class_biases[cls] - log(prior(cls)) == class_biases[cls2] - log(prior(cls2))} for any two classes. The "
    "second derivatives are {diff(guess(cls) - prior(cls), class_biases[cls2]) == guess(cls)*(delta(cls, cls2) - guess(cls2))}: "
    "in a direction {change[cls]} they add up to {bend >= 0}, and {bend == 0} only where {change[cls] == change[cls2]} for any "
    "two classes.",
    hypotheses=(
        Hypothesis("Every class occurs.",
            witness("The second class never occurs. The gradient for its bias is its probability, which is not 0: the bias is "
                    "pushed down.",
                    {"K": 2, "class_biases": (0, -3), "class_counts": (1, 0)}, """
              prior(2) == 0
              guess(2) - prior(2) > 0
            """)),
        Hypothesis("The weights are 0.",
            witness("Let the weights add {log(2)} to the value of the first of two equally frequent classes, for every sample. "
                    "With the biases {log(1/2)} its probability is {2/3}, too high: the gradient is not 0.",
                    {"K": 2, "class_counts": (1, 1)}, """
              exp(log(2) + log(1/2))/(exp(log(2) + log(1/2)) + exp(log(1/2))) == 2/3
              prior(1) == 1/2
            """)),
    ),
    conclusions=(
        Conclusion("diff(loss, class_biases[cls]) == guess(cls) - prior(cls)"),
        Conclusion("guess(cls) == prior(cls)", given=("diff(loss, class_biases[cls]) == 0",),
                   example={"K": 2, "class_biases": (3, 3), "class_counts": (2, 2)}),
        Conclusion("diff(loss, class_biases[cls]) == 0", given=("guess(cls) - prior(cls) == 0",)),
        Conclusion(f"loss == {_LEAST}", given=("guess(cls) == prior(cls)",)),
        Conclusion(f"loss >= {_LEAST}"),
        Conclusion("guess(cls) == prior(cls)", given=("class_biases[cls] == log(prior(cls)) + common",)),
        Conclusion("class_biases[cls] - log(prior(cls)) == class_biases[cls2] - log(prior(cls2))",
                   given=("guess(cls) == prior(cls)",)),
        Conclusion("diff(guess(cls) - prior(cls), class_biases[cls2]) == guess(cls)*(delta(cls, cls2) - guess(cls2))"),
        Conclusion("bend >= 0"),
        Conclusion("change[cls] == change[cls2]", given=("bend == 0",)),
    ),
    proof=(
        chain("jacobian", "How a probability reacts to a bias.", """
          diff(guess(cls), class_biases[cls2])
        = delta(cls, cls2)*guess(cls) - exp(class_biases[cls])*exp(class_biases[cls2])/sum(cls3, exp(class_biases[cls3]))**2
            -- quotient rule; the denominator has the derivative {exp(class_biases[cls2])}
        = guess(cls)*(delta(cls, cls2) - guess(cls2))  -- definition of {guess(cls)} and {guess(cls2)}
        """),
        chain("gradient", "The gradient of the mean cross-entropy.", """
          diff(loss, class_biases[cls])
        = -sum(cls2, prior(cls2)/guess(cls2)*diff(guess(cls2), class_biases[cls]))  -- the derivative of a logarithm
        = -sum(cls2, prior(cls2)*(delta(cls2, cls) - guess(cls)))                   -- the reaction above; {guess(cls2)} cancels
        = guess(cls)*sum(cls2, prior(cls2)) - prior(cls)                            -- sum both parts; the delta picks one class
        = guess(cls) - prior(cls)                                                   -- the frequencies add up to 1
        """),
        chain("guess", "So a probability is the frequency plus that derivative.", """
          guess(cls)
        = prior(cls) + diff(loss, class_biases[cls])  -- the same equation
        """),
        chain("prior", "And a frequency is:", """
          prior(cls)
        = prior(cls) + 0  -- nothing is added
        """),
        Congruence("Where the gradient is 0, the two agree.",
                   of=("prior", "guess"), inputs=("0 == diff(loss, class_biases[cls])",)),
        chain("equal", "The other way round, a number differs from itself by 0.", """
          0
        = prior(cls) - prior(cls)  -- the same twice
        """),
        Congruence("Where the two agree, the gradient is 0.",
                   of=("equal", "gradient"), inputs=("prior(cls) == guess(cls)",)),
        chain("And the loss is this.", """
          loss
        = -sum(cls, prior(cls)*log(prior(cls)))  -- put the frequencies in
        """, given=("guess(cls) == prior(cls)",)),
        chain("agree", "They agree if the biases are the logarithms of the frequencies, plus any common number.", """
          guess(cls)
        = prior(cls)*exp(common)/sum(cls3, prior(cls3)*exp(common))  -- the exponential undoes the logarithm
        = prior(cls)/sum(cls3, prior(cls3))                          -- {exp(common)} cancels
        = prior(cls)                                                 -- the frequencies add up to 1
        """, given=("class_biases[cls] == log(prior(cls)) + common",)),
        chain("by_ratios", "Only there: the ratio of two probabilities tells by how much two biases differ.", """
          class_biases[cls] - log(prior(cls))
        = class_biases[cls2] - log(prior(cls2)) + log((guess(cls)/guess(cls2)) / (prior(cls)/prior(cls2)))
            -- the logarithm of a quotient is a difference; of {guess(cls)/guess(cls2)} it is that of the biases
        """),
        chain("same_ratios", "If the ratios are those of the frequencies:", """
          class_biases[cls2] - log(prior(cls2))
        = class_biases[cls2] - log(prior(cls2)) + log((prior(cls)/prior(cls2)) / (prior(cls)/prior(cls2)))
            -- the logarithm of 1 is 0
        """),
        Congruence("So what is added to the logarithms is the same for all classes.",
                   of=("same_ratios", "by_ratios"), inputs=("prior(cls) == guess(cls)",)),
        chain("curvature", "It is a minimum. The second derivatives are those of {guess(cls)}, since frequencies are constants.", """
          diff(guess(cls) - prior(cls), class_biases[cls2])
        = guess(cls)*(delta(cls, cls2) - guess(cls2))  -- the reaction above
        """),
        chain("variance", "In a direction {change[cls]} they add up to the variance of {change[cls]} under the probabilities.", """
          bend
        = sum(cls, guess(cls)*change[cls]**2) - sum(cls, guess(cls)*change[cls])**2
            -- split; the mean of the squares minus the square of the mean
        = sum(cls2, guess(cls2))*sum(cls, guess(cls)*change[cls]**2) - sum(cls, guess(cls)*change[cls])**2
            -- probabilities add up to 1
        = sum(cls, sum(cls2, guess(cls)*guess(cls2)*(change[cls] - change[cls2])**2))/2  -- multiply out the square
        """),
        sign("convex", "It is never negative.", """
          sum(cls, change[cls]*sum(cls2, change[cls2]*(guess(cls)*(delta(cls, cls2) - guess(cls2)))))
        = sum(cls, sum(cls2, guess(cls)*guess(cls2)*(change[cls] - change[cls2])**2))/2  -- the same variance
        >= 0  -- positive probabilities times squares
        """),
        sign("The second derivative in that direction, in short.", """
          bend
        = sum(cls, sum(cls2, guess(cls)*guess(cls2)*(change[cls] - change[cls2])**2))/2  -- the same variance
        >= 0  -- positive probabilities times squares
        """),
        SumOfSquares("It is 0 only if all squares are: in the direction of a common change.",
                     of="variance", zero="change[cls] == change[cls2]"),
        chain("stationary", "Where the biases are those logarithms, the gradient is 0.", """
          guess(cls) - prior(cls)
        = prior(cls)*exp(common)/sum(cls3, prior(cls3)*exp(common)) - prior(cls)  -- the exponential undoes the logarithm
        = 0                                                                       -- as above
        """, given=("class_biases[cls] == log(prior(cls)) + common",)),
        Minimum("So nowhere is the loss smaller than there.", gradient="gradient", curvature="curvature", convex="convex",
                stationary="stationary", value=_LEAST),
    ),
    sources=("S3.c", "S4.b"),
    definitions=definitions(
        ("guess(cls)", "exp(class_biases[cls])/sum(cls3, exp(class_biases[cls3]))", "p_{#1}", "p_#1",
         "the probability that the biases alone give to a class"),
        ("prior(cls)", "class_counts[cls]/sum(cls3, class_counts[cls3])", r"\pi_{#1}", "π_#1", "the frequency of a class"),
        ("loss", "-sum(cls, prior(cls)*log(guess(cls)))", r"\mathcal{L}", "L", "the mean cross-entropy"),
        ("bend", _CURVED, "Q", "Q", "the second derivative of the loss in a direction"),
    ),
    remark="Not checked: nowhere else is the loss as small, for a differentiable function has the gradient 0 wherever it is "
    "smallest. A head without biases has to learn the class frequencies with its weights, and with zero weights gives all "
    "classes the same probability.",
)
