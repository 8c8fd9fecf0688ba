"""BatchNorm's β can stand in for any bias before it: unchanged in training, by γb/√(V+ε) more at inference.

Statement: a net with (b, γ, β) and one with (0, γ, β′) compute the same: with batch statistics iff β′ = β; with the
same stored M and V iff β′ = β + γb/√(V+ε); with the stored mean moved to M − b iff β′ = β.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, Use, chain, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, Y_EVAL, definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="beta_absorbs_bias_of_batchnorm",
    title="β can do the bias's work: unchanged with batch statistics, raised by γb/√(V + ε) with stored ones",
    statement="Take a net with a bias {b} right before batch normalisation with {gamma} and {beta}. A net without "
    "that bias, with the same {gamma} and a shift {beta_new}, computes the same. With batch statistics: exactly if "
    "{beta_new == beta}. With the same stored statistics {M} and {V}: exactly if "
    "{beta_new == beta + gamma*b/sqrt(V + eps)}. With the stored mean moved to {M - b}: exactly if "
    "{beta_new == beta}. So the nets with and without {b} can compute the same functions.",
    hypotheses=(
        Hypothesis("{beta} can be chosen: the normalisation has a shift (PyTorch: affine=True, Keras: center=True).",
            witness("With the shift fixed at 0 and the same stored statistics, {b == 1} cannot be imitated.",
                    {"n": 1, "z": (0,), "b": 1, "M": 0, "V": 1, "gamma": 1, "beta": 0, "eps": 0},
                    "y_eval(1, b, M, 0) != y_eval(1, 0, M, 0)")),
        Hypothesis("For {beta_new == beta + gamma*b/sqrt(V + eps)}: both nets use the same stored mean {M}.",
            witness("{M == 1} was gathered with {b == 1}, the other net gathered 0. Its shift must not change.",
                    {"n": 1, "z": (2,), "b": 1, "M": 1, "V": 1, "gamma": 1, "beta": 0, "eps": 0}, """
              y_eval(1, b, M, beta) == y_eval(1, 0, 0, beta)
              y_eval(1, b, M, beta) != y_eval(1, 0, 0, beta + gamma*b/sqrt(V + eps))
            """)),
        Hypothesis("Every value normalised together receives the same bias.",
            witness("If only the first of two values receives {b == 2}, the outputs' difference "
                    "changes, and a shift cannot do that.",
                    {"n": 2, "z": (0, 1), "b": 2, "M": 0, "V": 1, "gamma": 1, "beta": 0, "eps": 0}, """
              y_eval(1, 0, M, beta) - y_eval(2, 0, M, beta) == -1
              y_eval(1, b, M, beta) - y_eval(2, 0, M, beta) == 1
            """)),
        Hypothesis("No activation stands between the bias and the normalisation.",
            witness("With a ReLU between, {b == 2} changes the ratio of the outputs' "
                    "differences; no {gamma} and {beta} can do that.",
                    {"n": 3, "z": (-1, 1, 2), "b": 2}, """
              (relu(z[2]) - relu(z[1]))/(relu(z[3]) - relu(z[1])) == 1/2
              (relu(z[2] + b) - relu(z[1] + b))/(relu(z[3] + b) - relu(z[1] + b)) == 2/3
            """)),
        Hypothesis("The denominators are positive: {v_at(b) + eps > 0}, or {V + eps > 0}.",
            Undefined("With {V == 0} and {eps == 0} there is nothing to divide by.",
                      {"n": 1, "z": (0,), "b": 1, "M": 0, "V": 0, "gamma": 1, "beta": 0, "eps": 0}, "y_eval(1, b, M, beta)")),
    ),
    proof=(
        Use("With batch statistics the bias does nothing, so there is nothing to take over.",
            theorem="bias_cancels_of_batch_statistics", fact="output", start="y_at(k, b)", end="y(k)"),
        chain("train", "Hence a net without the bias and with the shift {beta_new} differs by "
              "the difference of the shifts.", """
          gamma*xhat(k) + beta_new - y_at(k, b)
        = gamma*xhat(k) + beta_new - (gamma*xhat(k) + beta)  -- the output does not see {b}
        = beta_new - beta  -- the normalised value cancels; this is 0 exactly if {beta_new == beta}
        """),
        chain("same_statistics", "With stored statistics the bias passes through, and lands beside {beta}.", """
          y_eval(k, b, M, beta)
        = gamma*(z[k] + b - M)/sqrt(V + eps) + beta                      -- definition of the output with stored statistics
        = gamma*(z[k] - M)/sqrt(V + eps) + gamma*b/sqrt(V + eps) + beta  -- {M} and {V} do not move with {b}
        = y_eval(k, 0, M, beta + gamma*b/sqrt(V + eps))                  -- read the last two terms as one shift
        """),
        chain("No other shift does it.", """
          y_eval(k, 0, M, beta_new) - y_eval(k, b, M, beta)
        = y_eval(k, 0, M, beta_new) - y_eval(k, 0, M, beta + gamma*b/sqrt(V + eps))  -- the chain above
        = beta_new - (beta + gamma*b/sqrt(V + eps))  -- only the shifts differ; this is 0 for one {beta_new} only
        """),
        chain("moved_mean", "Or the stored mean moves, and the shift stays.", """
          y_eval(k, b, M, beta)
        = gamma*(z[k] - (M - b))/sqrt(V + eps) + beta  -- take {b} to the mean
        = y_eval(k, 0, M - b, beta)                    -- definition, with the stored mean {M - b}
        """),
        chain("Here too no other shift does it.", """
          y_eval(k, 0, M - b, beta_new) - y_eval(k, b, M, beta)
        = beta_new - beta  -- the chain above; only the shifts differ
        """),
        Say("Conversely, every net without the bias is one with {b == 0}. So dropping the bias takes no function away: in "
            "training the two families are the same, shift by shift, and at inference with stored statistics they are the same "
            "after one correction. One correction serves both modes: move the stored mean to {M - b} and leave {beta} alone. A "
            "changed {beta} serves inference only, and spoils training, unless {gamma*b == 0}."),
        witness("The shift that is right with stored statistics is wrong with those of the batch.",
                {"n": 2, "z": (-1, 1), "b": 1, "M": 0, "V": 1, "gamma": 1, "beta": 0, "eps": 0}, """
          y_eval(1, b, M, beta) == y_eval(1, 0, M, beta + 1)
          y_at(1, b) != gamma*xhat(1) + beta + 1
        """),
    ),
    sources=("S0.b", "S1.a", "S2.a", "S2.b", "S4.c", "Ioffe & Szegedy 2015, §3.2"),
    definitions=definitions(
        *BATCHNORM,
        *BATCHNORM_AT,
        Y_EVAL,
    ),
)
