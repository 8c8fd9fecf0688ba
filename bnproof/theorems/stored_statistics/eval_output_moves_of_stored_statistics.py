"""With stored statistics a bias before batch normalisation does matter: ∂y/∂b = γ/√(V+ε).

Statement: in eval mode, and in training with frozen statistics, y(b) − y(0) = γ·b/√(V+ε); it is nonzero iff γ ≠ 0 and
b ≠ 0. The bias gradient of a loss is γ/√(V+ε) times the sum of its derivatives by the outputs.
"""

from __future__ import annotations

from ...symbolic.inferences import NotZero, Say, Undefined, Use, chain, sign, witness
from ..definitions import BATCHNORM_AT, Y_STORED, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="eval_output_moves_of_stored_statistics",
    title="With stored statistics the bias acts: it moves every output by γb/√(V + ε)",
    statement="Let the normalisation subtract a stored mean {M} and divide by {sqrt(V + eps)} with a stored variance {V}, "
    "where {V + eps > 0}. Then every output has {diff(y_stored(k, b, M), b) == gamma/sqrt(V + eps)}: the bias moves all of "
    "them by {gamma*b/sqrt(V + eps)}. So {y_stored(k, b, M) != y_stored(k, 0, M)} for {gamma != 0} and {b != 0}, while "
    "{y_stored(k, b, M) == y_stored(k, 0, M)} for {gamma == 0} and for {b == 0}. Now let gradients flow while the statistics "
    "stay stored (frozen batch normalisation), and let {g[k]} be the derivatives of a loss by these outputs. By the chain "
    "rule the derivative of the loss with respect to {b} is {sum(k, g[k]*diff(y_stored(k, b, M), b)) == gamma/sqrt(V + "
    "eps)*sum(k, g[k])}, which is not 0 for {gamma != 0} and {sum(k, g[k]) != 0}.",
    hypotheses=(
        Hypothesis("The statistics are stored: they do not move with {b}.",
            witness("With the statistics of the batch, {b == 5} changes nothing.",
                    {"n": 2, "z": (-1, 1), "b": 5, "gamma": 1, "beta": 0, "eps": 0}, """
              y_at(1, b) == y_at(1, 0)
              y_at(2, b) == y_at(2, 0)
            """)),
        Hypothesis("For the output to move, and for the gradient not to vanish: {gamma != 0}.",
            witness("With {gamma == 0} every output is {beta}.",
                    {"n": 1, "z": (2,), "b": 5, "gamma": 0, "beta": 3, "eps": 0, "M": 1, "V": 4},
                    "y_stored(1, b, M) == y_stored(1, 0, M)"),
            formal=("gamma != 0",)),
        Hypothesis("{V + eps > 0}: the division is defined.",
            Undefined("A channel that was constant in training has {V == 0}; with {eps == 0} there is nothing to divide by.",
                      {"n": 1, "z": (2,), "b": 5, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 0}, "y_stored(1, b, M)"),
            formal=("V + eps > 0",)),
        Hypothesis("{sum(k, g[k]) != 0}, for the gradient not to vanish.",
            witness("Two samples that pull in opposite directions leave the bias where it is.",
                    {"n": 2, "z": (3, 7), "g": (1, -1), "b": 5, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 4},
                    "sum(k, g[k]*diff(y_stored(k, b, M), b)) == 0"),
            formal=("sum(k, g[k]) != 0",)),
    ),
    conclusions=(
        Conclusion("diff(y_stored(k, b, M), b) == gamma/sqrt(V + eps)"),
        Conclusion("y_stored(k, b, M) - y_stored(k, 0, M) == gamma*b/sqrt(V + eps)"),
        Conclusion("y_stored(k, b, M) != y_stored(k, 0, M)", given=("b != 0",)),
        Conclusion("y_stored(k, b, M) == y_stored(k, 0, M)", given=("gamma == 0",)),
        Conclusion("y_stored(k, b, M) == y_stored(k, 0, M)", given=("b == 0",)),
        Conclusion("sum(k, g[k]*diff(y_stored(k, b, M), b)) == gamma/sqrt(V + eps)*sum(k, g[k])"),
        Conclusion("sum(k, g[k]*diff(y_stored(k, b, M), b)) != 0"),
    ),
    proof=(
        chain("derivative", "The output is a straight line in {b}.", """
          diff(y_stored(k, b, M), b)
        = diff(gamma * (z[k] + b - M) / sqrt(V + eps) + beta, b)  -- definition of the output
        = gamma/sqrt(V + eps)  -- {M} and {V} are stored numbers: only {b} itself is differentiated
        """),
        chain("shift", "So a bias moves all outputs by the same amount.", """
          y_stored(k, b, M) - y_stored(k, 0, M)
        = gamma*(z[k] + b - M)/sqrt(V + eps) - gamma*(z[k] - M)/sqrt(V + eps)  -- {beta} cancels
        = gamma*b/sqrt(V + eps)                                                -- {z[k]} and {M} cancel
        """),
        chain("If {gamma} is 0 the output stands still.", """
          y_stored(k, b, M)
        = y_stored(k, 0, M) + 0*b/sqrt(V + eps)  -- the shift just computed
        = y_stored(k, 0, M)                      -- a factor is 0
        """, given=("gamma == 0",)),
        chain("If {b} is 0 there is nothing to move it.", """
          y_stored(k, b, M)
        = y_stored(k, 0, M) + gamma*0/sqrt(V + eps)  -- the shift just computed
        = y_stored(k, 0, M)                          -- a factor is 0
        """, given=("b == 0",)),
        sign("square", "If neither is 0, the squared distance is positive.", """
          (y_stored(k, b, M) - y_stored(k, 0, M))**2
        = gamma**2*b**2/(V + eps)  -- the square of the shift
        > 0                        -- all three factors are positive
        """, given=("gamma != 0", "b != 0", "V + eps > 0")),
        NotZero("So the output moves.", of="square", part="y_stored(k, b, M) != y_stored(k, 0, M)"),
        chain("gradient", "Frozen statistics: the chain rule for a loss with derivatives {g[k]}.", """
          sum(k, g[k]*diff(y_stored(k, b, M), b))
        = sum(k, g[k]*gamma/sqrt(V + eps))  -- derivative of each output
        = gamma/sqrt(V + eps)*sum(k, g[k])  -- common factor
        """),
        sign("pull", "It is not 0 if neither factor is.", """
          sum(k, g[k]*diff(y_stored(k, b, M), b))**2
        = gamma**2/(V + eps)*sum(k, g[k])**2  -- the square of what was just computed
        > 0                                   -- all factors are positive
        """, given=("gamma != 0", "sum(k, g[k]) != 0", "V + eps > 0")),
        NotZero("So the gradient is not 0.", of="pull", part="sum(k, g[k]*diff(y_stored(k, b, M), b)) != 0"),
        witness("In numbers: here the loss falls at the rate 3/2 as the bias grows, and the bias 2 moves the output by 1.",
                {"n": 2, "z": (3, 7), "g": (-1, -2), "b": 0, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 4}, """
          sum(k, g[k]*diff(y_stored(k, b, M), b)) == -3/2
          y_stored(1, 2, M) - y_stored(1, 0, M) == 1
        """),
        Say("With the statistics of the batch the same bias has no effect at all:"),
        Use("Batch statistics follow the bias and take it out.", "bias_cancels_of_batch_statistics", "output", "y_at(k, b)",
            "y_at(k, 0)"),
        Say("So one and the same bias is redundant in training and acts in eval mode. What reconciles the two is "
            "that the running mean follows the bias: the next theorem."),
    ),
    sources=("S0.f", "S4.a", "S4.d", "STCN #70", "keras #9965"),
    definitions=definitions(*BATCHNORM_AT, Y_STORED),
)
