"""Dropout before a batch normalisation: the variance in training is (σ² + pμ²)/(1 − p), in evaluation σ².

Statement: p the probability of dropping, μ and σ² mean and variance of the values with their bias. Evaluation then divides
by the root of a variance in which μ, and so a bias that batch statistics would remove, has a share: ∂/∂b = 2p(μ + b)/(1 − p).
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, Use, chain, sign, witness
from ..definitions import BATCHNORM_AT, MU, VARIANCE, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="dropout_variance_differs_of_training_and_evaluation",
    title="Dropout before batch normalisation makes the stored variance depend on the mean, and through it on the bias",
    statement="Values {z[k] + b} with the mean {mu + b} and the variance {v} pass through dropout, which sets each to 0 with "
    "probability {drop_rate}, {drop_rate < 1}, independently, and divides the others by {1 - drop_rate}; a batch normalisation "
    "follows. Over the draws, a value picked at random keeps its mean {mu + b} and has the variance "
    "{dropped_var(b) == (v + drop_rate*(mu + b)**2)/(1 - drop_rate)}, while in evaluation, where nothing is dropped, the "
    "variance is {v}. They differ by {drop_rate*(v + (mu + b)**2)/(1 - drop_rate)}, which is 0 only if nothing is dropped or "
    "all values are 0. The variance {v} does not see {b}; the one in training does, with the derivative "
    "{2*drop_rate*(mu + b)/(1 - drop_rate)}. A running variance that has settled at it makes the bias act in evaluation, though "
    "the stored mean contains {b}: there the output is {y_settled(k, b)}. (The variance of a batch of {n} values, on average "
    "over the draws, is {batch_var(b)}, less than {dropped_var(b)} by {drop_rate*(v + (mu + b)**2)/((1 - drop_rate)*n)}.)",
    hypotheses=(
        Hypothesis("Some values are dropped: {drop_rate > 0}.",
            witness("With {drop_rate == 0} the two variances are equal, with every {b}.",
                    {"n": 2, "z": (-1, 1), "b": 5, "drop_rate": 0}, """
              dropped_var(b) == v
              v == 1
            """),
            formal=("drop_rate > 0",)),
        Hypothesis("Not all are: {drop_rate < 1}.",
            Undefined("With {drop_rate == 1} nothing is left to divide by.", {"n": 2, "z": (-1, 1), "b": 5, "drop_rate": 1},
                      "dropped_var(b)"),
            formal=("drop_rate < 1",)),
        Hypothesis("Dropout stands before the normalisation.",
            witness("Behind a normalisation whose {beta} is 0 the mean is 0: no bias before it has a share in the variance.",
                    {"n": 2, "z": (-1, 1), "b": 5, "gamma": 3, "beta": 0, "eps": 0, "drop_rate": "1/2"}, """
              mean(k, y_at(k, b)) == 0
              mean(k, y_at(k, b)**2)/(1 - drop_rate) == 18
              mean(k, y_at(k, 0)**2)/(1 - drop_rate) == 18
            """)),
        Hypothesis("Each value is dropped on its own, for the variance of a batch.",
            witness("If one draw decides for the whole batch, half of the batches are 0 and half have the variance {v/(1 - "
                    "drop_rate)**2}: 2 on average for −1 and 1 at rate 1/2, where single draws give {batch_var(0) == 3/2}.",
                    {"n": 2, "z": (-1, 1), "drop_rate": "1/2"}, """
              drop_rate*0 + (1 - drop_rate)*v/(1 - drop_rate)**2 == 2
              batch_var(0) == 3/2
            """)),
    ),
    conclusions=(
        Conclusion("drop_rate*0 + (1 - drop_rate)*((z[k] + b)/(1 - drop_rate)) == z[k] + b"),
        Conclusion("dropped_var(b) == (v + drop_rate*(mu + b)**2)/(1 - drop_rate)"),
        Conclusion("v_at(b) == v_at(0)"),
        Conclusion("dropped_var(b) - v == drop_rate*(v + (mu + b)**2)/(1 - drop_rate)"),
        Conclusion("dropped_var(b) > v", given=("mean(i, (z[i] + b)**2) > 0",)),
        Conclusion("diff(dropped_var(b), b) == 2*drop_rate*(mu + b)/(1 - drop_rate)"),
        Conclusion("dropped_var(b) - dropped_var(0) == drop_rate*b*(b + 2*mu)/(1 - drop_rate)"),
        Conclusion(
            "gamma*(z[k] + b - (mu + b))/sqrt(dropped_var(b) + eps) + beta == y_settled(k, b)",
            given=("dropped_var(b) + eps > 0",),
        ),
        Conclusion("mean(k, ((z[k] - mu)/sqrt(dropped_var(b)))**2) == v/dropped_var(b)", given=("dropped_var(b) > 0",)),
        Conclusion("dropped_var(b) >= v/(1 - drop_rate)"),
        Conclusion("batch_var(b) == dropped_var(b) - drop_rate/(1 - drop_rate)*(v + (mu + b)**2)/n"),
        Conclusion(
            "y_settled(2, b) == 1/2",
            at={"n": 2, "z": (-1, 1), "b": 1, "drop_rate": "1/2", "gamma": 1, "beta": 0, "eps": 1},
        ),
    ),
    proof=(
        Say("One value: it becomes 0 with probability {drop_rate}, and else it is divided by {1 - drop_rate}."),
        chain("average", "On average it keeps its value.", """
          drop_rate*0 + (1 - drop_rate)*((z[k] + b)/(1 - drop_rate))
        = z[k] + b  -- {1 - drop_rate} cancels
        """),
        chain("square", "Its square does not.", """
          drop_rate*0**2 + (1 - drop_rate)*((z[k] + b)/(1 - drop_rate))**2
        = (z[k] + b)**2/(1 - drop_rate)  -- {1 - drop_rate} cancels once
        """),
        chain("variance", "The variance over the draws and over the values: mean of the squares minus square of the mean.", """
          dropped_var(b)
        = mean(i, (z[i] + b)**2)/(1 - drop_rate) - (mu + b)**2  -- the two averages above; {mu + b} is the mean
        = (v + (mu + b)**2)/(1 - drop_rate) - (mu + b)**2       -- a mean of squares is variance plus squared mean
        = (v + drop_rate*(mu + b)**2)/(1 - drop_rate)           -- common denominator
        """),
        Use("In evaluation nothing is dropped, and the variance of {z[i] + b} is {v}, whatever the bias.",
            "bias_cancels_of_batch_statistics", "variance", "v_at(b)", "v_at(0)"),
        chain("difference", "So the two differ by", """
          dropped_var(b) - v
        = (v + drop_rate*(mu + b)**2 - (1 - drop_rate)*v)/(1 - drop_rate)  -- the result above
        = drop_rate*(v + (mu + b)**2)/(1 - drop_rate)                      -- collect {drop_rate}
        """),
        sign("This is positive as soon as anything is dropped and some value is not 0.", """
          dropped_var(b) - v
        = drop_rate/(1 - drop_rate)*mean(i, (z[i] + b)**2)  -- as before; variance plus squared mean is the mean of the squares
        > 0                                                 -- a product of positive numbers
        """, given=("drop_rate > 0", "drop_rate < 1", "mean(i, (z[i] + b)**2) > 0")),
        chain("derivative", "How the variance in training moves with the bias.", """
          diff(dropped_var(b), b)
        = diff((v + drop_rate*(mu + b)**2)/(1 - drop_rate), b)  -- the variance found above
        = 2*drop_rate*(mu + b)/(1 - drop_rate)                  -- neither {v} nor {mu} contains {b}
        """),
        chain("change", "From no bias to {b}.", """
          dropped_var(b) - dropped_var(0)
        = drop_rate*((mu + b)**2 - mu**2)/(1 - drop_rate)  -- {v} cancels
        = drop_rate*b*(b + 2*mu)/(1 - drop_rate)           -- difference of two squares
        """),
        Say("So the variance is the same with the bias {b} only where {b == 0}, or {b == -2*mu}. Now let the stored statistics "
            "have settled at what training sees on average, {mu + b} and {dropped_var(b)}."),
        chain("evaluation", "In evaluation the mean takes {b} away, the variance brings it back.", """
          gamma*(z[k] + b - (mu + b))/sqrt(dropped_var(b) + eps) + beta
        = gamma*(z[k] - mu)/sqrt(dropped_var(b) + eps) + beta  -- {b} cancels above the line
        = y_settled(k, b)                                      -- definition of {y_settled(k, b)}
        """),
        chain("scale", "The variance of these outputs, over the square of the scale, is not 1 for {eps == 0}:", """
          mean(k, ((z[k] - mu)/sqrt(dropped_var(b)))**2)
        = v/dropped_var(b)  -- definition of the variance
        """),
        sign("At best it is {1 - drop_rate}: the variance in training is at least {v/(1 - drop_rate)}.", """
          dropped_var(b) - v/(1 - drop_rate)
        = drop_rate*(mu + b)**2/(1 - drop_rate)  -- the variance found above
        >= 0                                     -- a square times numbers that are not negative
        """, given=("drop_rate < 1",)),
        Say("It is {1 - drop_rate} only where the mean {mu + b} is 0; a large bias makes it as small as one likes."),
        witness("In numbers: {v == 1} and {mu == 0} at rate 1/2. The bias 1 takes the variance in training from "
                "2 to 3, and with {eps == 1} the second output in evaluation from {1/sqrt(3)} to 1/2; with "
                "batch statistics and no dropout it stays.",
                {"n": 2, "z": (-1, 1), "b": 1, "drop_rate": "1/2", "gamma": 1, "beta": 0, "eps": 1}, """
          dropped_var(0) == 2
          dropped_var(b) == 3
          y_settled(2, 0)**2 == 1/3
          y_settled(2, b) == 1/2
          y_at(2, b) == y_at(2, 0)
        """),
        Say("A batch has one mask, not all of them, and its own mean. Masks of two different values are independent: on "
            "average the product of their indicators is {(1 - drop_rate)**2}, and for one and the same value it is {1 - "
            "drop_rate}; in one formula, {both_kept(i, j)}. Hence the variance of a batch, on average over the draws."),
        chain("batch", "Mean of the squares minus square of the mean, averaged.", """
          batch_var(b)
        = mean(i, (z[i] + b)**2)/(1 - drop_rate) - (mu + b)**2 - 1/n**2*drop_rate/(1 - drop_rate)*sum(i, (z[i] + b)**2)
            -- pairs of different values give the squared mean, a value with itself gives more
        = dropped_var(b) - drop_rate/(1 - drop_rate)*mean(i, (z[i] + b)**2)/n  -- the variance found above
        = dropped_var(b) - drop_rate/(1 - drop_rate)*(v + (mu + b)**2)/n  -- a mean of squares is variance plus squared mean
        """),
    ),
    sources=(
        "S2.g",
        "Li et al. 2019, arXiv:1801.05134, §3",
    ),
    definitions=definitions(
        MU,
        VARIANCE,
        *BATCHNORM_AT,
        ("dropped_var(b)",
         "mean(i, drop_rate*0**2 + (1 - drop_rate)*((z[i] + b)/(1 - drop_rate))**2) - mean(i, drop_rate*0 + (1 - "
         "drop_rate)*((z[i] + b)/(1 - drop_rate)))**2", r"v^{\mathrm{train}}(#1)", "vᵗʳᵃⁱⁿ(#1)",
         "the variance after dropout, over the draws and the values, when the bias is b"),
        ("both_kept(i, j)", "(1 - drop_rate)**2 + drop_rate*(1 - drop_rate)*delta(i, j)", r"\pi_{#1 #2}", "π_#1#2",
         "the probability that two values are both kept"),
        ("batch_var(b)",
         "mean(i, both_kept(i, i)*((z[i] + b)/(1 - drop_rate))**2) - 1/n**2*sum(i, sum(j, both_kept(i, j)*((z[i] + b)/(1 - "
         "drop_rate))*((z[j] + b)/(1 - drop_rate))))", r"\bar v(#1)", "v̄(#1)",
         "the variance of a batch after dropout, on average over the draws, when the bias is b"),
        ("y_settled(k, b)", "gamma*(z[k] - mu)/sqrt(dropped_var(b) + eps) + beta", r"\tilde y_{#1}(#2)", "ỹ_#1(#2)",
         "the output in evaluation once the stored statistics have settled, when the bias is b"),
    ),
    remark="Without a mean only the factor {1/(1 - drop_rate)} is left. A ReLU in front gives every channel a positive mean. "
    "Dropout behind the last normalisation of a network changes no stored statistics.",
)
