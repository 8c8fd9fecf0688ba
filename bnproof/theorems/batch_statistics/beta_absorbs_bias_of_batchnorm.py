"""BatchNorm's β can stand in for any bias before it: unchanged in training, by γb/√(V+ε) more at inference.

Statement: a layer with (b, γ, β) and one with (0, γ, β′) compute the same: with batch statistics iff β′ = β; with the
same stored M and V iff β′ = β + γb/√(V+ε); with the stored mean moved to M − b iff β′ = β.
"""

from __future__ import annotations

from ...symbolic.inferences import NotZero, Say, Undefined, Use, chain, sign, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, Y_EVAL, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_RAISED = "beta + gamma*b/sqrt(V + eps)"

THEOREM = Theorem(
    name="beta_absorbs_bias_of_batchnorm",
    title="β can do the bias's work: unchanged with batch statistics, raised by γb/√(V + ε) with stored ones",
    statement="Take a layer with a bias {b}, followed by batch normalisation with {gamma} and {beta}, and the same layer "
    "without that bias, with the same {gamma} and a shift {beta_new}. With batch statistics the normalised outputs of both "
    "are the same if {beta_new == beta}, and if {beta_new != beta} every output differs. With the same stored statistics {M} "
    "and {V} they are the same if {beta_new == beta + gamma*b/sqrt(V + eps)}, and otherwise every output differs. With the "
    "stored mean moved to {M - b}, they are the same if {beta_new == beta}, and otherwise every output differs. So where "
    "{gamma != 0} and {b != 0}, the shift that is right with the same stored statistics is wrong with those of the batch.",
    hypotheses=(
        Hypothesis("{beta} can be chosen: the normalisation has a shift (PyTorch: affine=True, Keras: center=True).",
            witness("With the shift fixed at 0 and the same stored statistics, {b == 1} cannot be imitated.",
                    {"n": 2, "z": (0, 2), "b": 1, "M": 0, "V": 1, "gamma": 1, "beta": 0, "eps": 0},
                    "y_eval(1, b, M, 0) != y_eval(1, 0, M, 0)")),
        Hypothesis("For {beta_new == beta + gamma*b/sqrt(V + eps)}: both layers use the same stored mean {M}.",
            witness("{M == 1} was gathered with {b == 1}, the other layer gathered 0. Its shift must not change.",
                    {"n": 2, "z": (2, 3), "b": 1, "M": 1, "V": 1, "gamma": 1, "beta": 0, "eps": 0}, """
              y_eval(1, b, M, beta) == y_eval(1, 0, 0, beta)
              y_eval(1, b, M, beta) != y_eval(1, 0, 0, beta + gamma*b/sqrt(V + eps))
            """)),
        Hypothesis("Every value normalised together receives the same bias.",
            witness("If only the first of two values receives {b == 2}, the difference of the two "
                    "outputs changes, and a shift cannot do that.",
                    {"n": 2, "z": (0, 1), "b": 2, "M": 0, "V": 1, "gamma": 1, "beta": 0, "eps": 0}, """
              y_eval(1, 0, M, beta) - y_eval(2, 0, M, beta) == -1
              y_eval(1, b, M, beta) - y_eval(2, 0, M, beta) == 1
            """)),
        Hypothesis("No activation stands between the bias and the normalisation.",
            witness("With a ReLU between, {b == 2} changes the ratio of two differences of the ReLU's outputs. Normalising, {gamma} "
                    "and {beta} keep such a ratio, so no shift makes up for it.",
                    {"n": 3, "z": (-1, 1, 2), "b": 2}, """
              (relu(z[2]) - relu(z[1]))/(relu(z[3]) - relu(z[1])) == 1/2
              (relu(z[2] + b) - relu(z[1] + b))/(relu(z[3] + b) - relu(z[1] + b)) == 2/3
            """)),
        Hypothesis("{v + eps > 0}, with batch statistics: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "b": 1, "M": 0, "V": 1, "gamma": 1, "beta": 0, "eps": 0}, "y_at(1, b)"),
            formal=("v + eps > 0",)),
        Hypothesis("{V + eps > 0}, with stored statistics: the division is defined.",
            Undefined("With {V == 0} and {eps == 0} there is nothing to divide by.",
                      {"n": 2, "z": (-1, 1), "b": 1, "M": 0, "V": 0, "gamma": 1, "beta": 0, "eps": 0}, "y_eval(1, b, M, beta)"),
            formal=("V + eps > 0",)),
    ),
    conclusions=(
        Conclusion("gamma*xhat(k) + beta_new == y_at(k, b)", given=("beta_new == beta",)),
        Conclusion("gamma*xhat(k) + beta_new != y_at(k, b)", given=("beta_new != beta",)),
        Conclusion("y_eval(k, 0, M, beta_new) == y_eval(k, b, M, beta)", given=(f"beta_new == {_RAISED}",)),
        Conclusion("y_eval(k, 0, M, beta_new) != y_eval(k, b, M, beta)", given=(f"beta_new != {_RAISED}",)),
        Conclusion("y_eval(k, 0, M - b, beta_new) == y_eval(k, b, M, beta)", given=("beta_new == beta",)),
        Conclusion("y_eval(k, 0, M - b, beta_new) != y_eval(k, b, M, beta)", given=("beta_new != beta",)),
        Conclusion(f"gamma*xhat(k) + ({_RAISED}) != y_at(k, b)", given=("gamma != 0", "b != 0")),
    ),
    proof=(
        Use("With batch statistics the bias does nothing, so there is nothing to take over.",
            theorem="bias_cancels_of_batch_statistics", fact="output", start="y_at(k, b)", end="y(k)"),
        chain("train", "The layer without the bias computes the same with the same shift.", """
          gamma*xhat(k) + beta_new
        = gamma*xhat(k) + beta  -- the shifts agree
        = y_at(k, b)            -- the output does not see {b}
        """, given=("beta_new == beta",)),
        sign("train_gap", "With another shift every output differs.", """
          (gamma*xhat(k) + beta_new - y_at(k, b))**2
        = (gamma*xhat(k) + beta_new - (gamma*xhat(k) + beta))**2  -- the output does not see {b}
        = (beta_new - beta)**2                                    -- the normalised value cancels
        > 0                                                       -- the square of a number that is not 0
        """, given=("beta_new != beta",)),
        NotZero("Only 0 has the square 0.", of="train_gap", part="gamma*xhat(k) + beta_new != y_at(k, b)"),
        chain("same_statistics", "With stored statistics the bias passes through, and lands beside {beta}.", """
          y_eval(k, b, M, beta)
        = gamma*(z[k] + b - M)/sqrt(V + eps) + beta                      -- definition of the output with stored statistics
        = gamma*(z[k] - M)/sqrt(V + eps) + gamma*b/sqrt(V + eps) + beta  -- {M} and {V} do not move with {b}
        = y_eval(k, 0, M, beta + gamma*b/sqrt(V + eps))                  -- read the last two terms as one shift
        """),
        chain("So this shift does it.", """
          y_eval(k, 0, M, beta_new)
        = y_eval(k, 0, M, beta + gamma*b/sqrt(V + eps))  -- the shift supposed
        = y_eval(k, b, M, beta)                          -- the chain above
        """, given=(f"beta_new == {_RAISED}",)),
        sign("eval_gap", "No other shift does it.", """
          (y_eval(k, 0, M, beta_new) - y_eval(k, b, M, beta))**2
        = (y_eval(k, 0, M, beta_new) - y_eval(k, 0, M, beta + gamma*b/sqrt(V + eps)))**2  -- the chain before the last
        = (beta_new - (beta + gamma*b/sqrt(V + eps)))**2                                  -- only the shifts differ
        > 0                                                                               -- the square of a number that is not 0
        """, given=(f"beta_new != {_RAISED}",)),
        NotZero("Only 0 has the square 0.", of="eval_gap", part="y_eval(k, 0, M, beta_new) != y_eval(k, b, M, beta)"),
        chain("moved_mean", "Or the stored mean moves, and the shift stays.", """
          y_eval(k, b, M, beta)
        = gamma*(z[k] - (M - b))/sqrt(V + eps) + beta  -- take {b} to the mean
        = y_eval(k, 0, M - b, beta)                    -- definition, with the stored mean {M - b}
        """),
        chain("The layer without the bias then computes the same with the same shift.", """
          y_eval(k, 0, M - b, beta_new)
        = y_eval(k, 0, M - b, beta)  -- the shifts agree
        = y_eval(k, b, M, beta)      -- the chain above
        """, given=("beta_new == beta",)),
        sign("moved_gap", "Here too no other shift does it.", """
          (y_eval(k, 0, M - b, beta_new) - y_eval(k, b, M, beta))**2
        = (beta_new - beta)**2  -- the chain before the last; only the shifts differ
        > 0                     -- the square of a number that is not 0
        """, given=("beta_new != beta",)),
        NotZero("Only 0 has the square 0.", of="moved_gap", part="y_eval(k, 0, M - b, beta_new) != y_eval(k, b, M, beta)"),
        sign("both_gap", "The shift that is right with the same stored statistics, put into the layer with batch statistics.", """
          (gamma*xhat(k) + (beta + gamma*b/sqrt(V + eps)) - y_at(k, b))**2
        = (gamma*b/sqrt(V + eps))**2  -- the output does not see {b}; only the shifts differ
        > 0                           -- neither {gamma} nor {b} is 0
        """, given=("gamma != 0", "b != 0")),
        NotZero("It is wrong there.", of="both_gap", part=f"gamma*xhat(k) + ({_RAISED}) != y_at(k, b)"),
        Say("One correction serves both: move the stored mean to {M - b} and leave {beta} alone."),
        witness("An example: the shift 1 is right with stored statistics and wrong with those of the batch.",
                {"n": 2, "z": (-1, 1), "b": 1, "M": 0, "V": 1, "gamma": 1, "beta": 0, "eps": 0}, """
          y_eval(1, b, M, beta) == y_eval(1, 0, M, beta + 1)
          y_at(1, b) != gamma*xhat(1) + beta + 1
        """),
    ),
    sources=("S0.b", "S1.a", "S2.a", "S2.b", "S4.c", "Ioffe & Szegedy 2015, §3.2"),
    definitions=definitions(*BATCHNORM, *BATCHNORM_AT, Y_EVAL),
    remark="What follows is not checked here. Conversely, every layer without the bias is one with {b == 0}. So dropping the "
    "bias takes no function away: in training the two families are the same, shift by shift, and at inference with stored "
    "statistics they are the same after one correction.",
)
