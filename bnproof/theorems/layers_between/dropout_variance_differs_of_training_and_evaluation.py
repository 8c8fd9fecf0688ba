"""Dropout before a batch normalisation: the variance in training is (σ² + pμ²)/(1 − p), in evaluation σ².

Statement: p the probability of dropping, μ and σ² mean and variance of the values with their bias. Evaluation then divides
by the root of a variance in which μ, and so a bias that batch statistics would remove, has a share: ∂/∂b = 2p(μ + b)/(1 − p).
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Contrapositive, NotZero, Say, SumOfSquares, Undefined, Use, chain, sign, witness
from ..definitions import BATCHNORM_AT, MU, VARIANCE, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_MEAN = "mean(i, drop_rate*0 + (1 - drop_rate)*((z[i] + b)/(1 - drop_rate)))"
_UNIT = "mean(k, ((z[k] - mu)/sqrt(dropped_var(b)))**2)"
_SETTLED = "gamma*(z[k] + b - (mu + b))/sqrt((v + drop_rate*(mu + b)**2)/(1 - drop_rate) + eps) + beta"

THEOREM = Theorem(
    name="dropout_variance_differs_of_training_and_evaluation",
    title="Dropout before batch normalisation makes the stored variance depend on the mean, and through it on the bias",
    statement="Values {z[k] + b} with the mean {mu + b} and the variance {v} pass through dropout, which sets each to 0 with "
    "probability {drop_rate}, {drop_rate < 1}, independently, and divides the others by {1 - drop_rate}; a batch "
    "normalisation follows. Over the draws, a value picked at random keeps its mean {mu + b} and has the variance "
    "{dropped_var(b) == (v + drop_rate*(mu + b)**2)/(1 - drop_rate)}, while in evaluation, where nothing is dropped, the "
    "variance is {v_at(b) == v}. They differ by {dropped_var(b) - v == drop_rate*(v + (mu + b)**2)/(1 - drop_rate)}. Let "
    "{drop_rate > 0}: this is 0 only if all values are, {z[k] + b == 0}. The variance {v} does not see {b}; the one in "
    "training does, with the derivative {2*drop_rate*(mu + b)/(1 - drop_rate)}: it differs from the one without the bias "
    "unless {b} is 0 or {-2*mu}. A stored variance equal to it makes the bias act in evaluation, though the stored mean "
    "contains {b}: there the output is {y_settled(k, b)}, and for {gamma != 0}, {v > 0}, {b != 0} and {b + 2*mu != 0} some of "
    "these are not what they are without the bias, {y_settled(k, b) != y_settled(k, 0)}. Their variance, over the square of "
    "the scale and with an ε of 0, is {v/dropped_var(b)} instead of 1, and {v/dropped_var(b) <= 1 - drop_rate}, where "
    "{dropped_var(b) > 0}. (The variance of a batch of {n} values, on average over the draws, is {batch_var(b) == "
    "dropped_var(b) - drop_rate*(v + (mu + b)**2)/((1 - drop_rate)*n)}.)",
    hypotheses=(
        Hypothesis("Some values are dropped: {drop_rate > 0}.",
            witness("With {drop_rate == 0} the two variances are equal, with every {b}.",
                    {"n": 2, "z": (-1, 1), "b": 5, "drop_rate": 0}, """
              dropped_var(b) == v
              v == 1
            """), formal=("drop_rate > 0",)),
        Hypothesis("Not all are: {drop_rate < 1}.",
            Undefined("With {drop_rate == 1} nothing is left to divide by.", {"n": 2, "z": (-1, 1), "b": 5, "drop_rate": 1},
                      "dropped_var(b)"), formal=("drop_rate < 1",)),
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
        Conclusion(f"{_MEAN} == mu + b"),
        Conclusion("dropped_var(b) == (v + drop_rate*(mu + b)**2)/(1 - drop_rate)"),
        Conclusion("v_at(b) == v"),
        Conclusion("dropped_var(b) - v == drop_rate*(v + (mu + b)**2)/(1 - drop_rate)"),
        Conclusion("z[k] + b == 0", given=("dropped_var(b) - v == 0",),
                   example={"n": 2, "z": (-1, -1), "b": 1, "drop_rate": "1/2"}),
        Conclusion("diff(dropped_var(b), b) == 2*drop_rate*(mu + b)/(1 - drop_rate)"),
        Conclusion("dropped_var(b) - dropped_var(0) == drop_rate*b*(b + 2*mu)/(1 - drop_rate)"),
        Conclusion("dropped_var(b) != dropped_var(0)", given=("b != 0", "b + 2*mu != 0")),
        Conclusion(f"{_SETTLED} == y_settled(k, b)", given=("v > 0",)),
        Conclusion("y_settled(k, b) != y_settled(k, 0)", given=("gamma != 0", "v > 0", "b != 0", "b + 2*mu != 0"), some=("k",)),
        Conclusion(f"{_UNIT} == v/dropped_var(b)", given=("dropped_var(b) > 0",)),
        Conclusion("v/dropped_var(b) <= 1 - drop_rate", given=("dropped_var(b) > 0",)),
        Conclusion("both_kept(k, k) == 1 - drop_rate"),
        Conclusion("batch_var(b) == dropped_var(b) - drop_rate*(v + (mu + b)**2)/((1 - drop_rate)*n)"),
    ),
    proof=(
        Say("One value: it becomes 0 with probability {drop_rate}, and else it is divided by {1 - drop_rate}."),
        chain("average", "On average it keeps its value.", """
          drop_rate*0 + (1 - drop_rate)*((z[k] + b)/(1 - drop_rate))
        = z[k] + b  -- {1 - drop_rate} cancels
        """),
        chain("mean", "So a value picked at random has the mean that it has without dropout.", """
          mean(i, drop_rate*0 + (1 - drop_rate)*((z[i] + b)/(1 - drop_rate)))
        = mean(i, z[i] + b)  -- each on average
        = mu + b             -- definition of the mean
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
            "bias_cancels_of_batch_statistics", "variance", "v_at(b)", "v"),
        chain("difference", "So the two differ by", """
          dropped_var(b) - v
        = (v + drop_rate*(mu + b)**2 - (1 - drop_rate)*v)/(1 - drop_rate)  -- the result above
        = drop_rate*(v + (mu + b)**2)/(1 - drop_rate)                      -- collect {drop_rate}
        """),
        chain("squares", "This is a sum of squares.", """
          dropped_var(b) - v
        = drop_rate/(1 - drop_rate)*mean(k, (z[k] + b)**2)  -- variance plus squared mean is the mean of the squares
        """, given=("drop_rate > 0", "drop_rate < 1")),
        SumOfSquares("So it is 0 only where every value is.", of="squares", zero="z[k] + b == 0"),
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
        sign("changed", "The square of this is positive, unless a factor is 0.", """
          (dropped_var(b) - dropped_var(0))**2
        = (drop_rate/(1 - drop_rate))**2*b**2*(b + 2*mu)**2  -- the change above
        > 0                                                  -- no factor is 0
        """, given=("drop_rate > 0", "drop_rate < 1", "b != 0", "b + 2*mu != 0")),
        NotZero("So the bias changes the variance, unless {b == 0} or {b == -2*mu}.", of="changed",
                part="dropped_var(b) != dropped_var(0)", label="other"),
        Say("Now let the stored statistics be {mu + b} and {dropped_var(b)}. Running statistics settle close to these if "
            "batches are large."),
        chain("evaluation", "In evaluation the mean takes {b} away, the variance brings it back.", """
          gamma*(z[k] + b - (mu + b))/sqrt((v + drop_rate*(mu + b)**2)/(1 - drop_rate) + eps) + beta
        = y_settled(k, b)  -- {b} cancels above the line
        """),
        sign("spread", "These outputs vary.", """
          mean(k, (y_settled(k, b) - beta)**2)
        = gamma**2*v/((v + drop_rate*(mu + b)**2)/(1 - drop_rate) + eps)  -- definition of the variance
        > 0                                                               -- no factor is 0
        """, given=("gamma != 0", "v > 0", "drop_rate < 1")),
        chain("from_outputs", "So they tell the variance in training,", """
          dropped_var(b)
        = (v + drop_rate*(mu + b)**2)/(1 - drop_rate)                 -- the variance found above
        = gamma**2*v/mean(k, (y_settled(k, b) - beta)**2) - eps  -- solve the last equation for it
        """, given=("gamma != 0", "v > 0", "drop_rate < 1"), since=("spread",)),
        sign("spread_without", "and likewise without the bias.", """
          mean(k, (y_settled(k, 0) - beta)**2)
        = gamma**2*v/((v + drop_rate*mu**2)/(1 - drop_rate) + eps)  -- as before
        > 0                                                         -- no factor is 0
        """, given=("gamma != 0", "v > 0", "drop_rate < 1")),
        chain("from_outputs_without", "The formula is the same.", """
          dropped_var(0)
        = gamma**2*v/mean(k, (y_settled(k, 0) - beta)**2) - eps  -- as before
        """, given=("gamma != 0", "v > 0", "drop_rate < 1"), since=("spread_without",)),
        Congruence("Equal outputs would need equal variances.", of=("from_outputs", "from_outputs_without"),
                   inputs=("y_settled(k, b) == y_settled(k, 0)",), label="equal"),
        Contrapositive("So some output moves.", of="equal", but="other", fails="y_settled(k, b) == y_settled(k, 0)",
                       label="moves"),
        chain("scale", "The variance of these outputs, over the square of the scale, is not 1 for {eps == 0}:", """
          mean(k, ((z[k] - mu)/sqrt(dropped_var(b)))**2)
        = v/dropped_var(b)  -- definition of the variance
        """),
        sign("At most it is {1 - drop_rate}.", """
          1 - drop_rate - v/dropped_var(b)
        = drop_rate*(mu + b)**2/dropped_var(b)  -- the variance found above
        >= 0                                    -- a square times numbers that are not negative
        """, given=("dropped_var(b) > 0", "drop_rate < 1")),
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
            "drop_rate}; {both_kept(i, j)} is both in one formula."),
        chain("alone", "For one and the same value:", """
          both_kept(k, k)
        = (1 - drop_rate)**2 + drop_rate*(1 - drop_rate)  -- definition of {both_kept(k, k)}
        = 1 - drop_rate                                   -- common factor
        """),
        chain("batch", "Hence the variance of a batch: mean of the squares minus square of the mean, averaged.", """
          batch_var(b)
        = mean(i, (z[i] + b)**2)/(1 - drop_rate) - (mu + b)**2 - 1/n**2*drop_rate/(1 - drop_rate)*sum(i, (z[i] + b)**2)
            -- pairs of different values give the squared mean, a value with itself gives more
        = dropped_var(b) - drop_rate/(1 - drop_rate)*mean(i, (z[i] + b)**2)/n  -- the variance found above
        = dropped_var(b) - drop_rate*(v + (mu + b)**2)/((1 - drop_rate)*n)
            -- a mean of squares is variance plus squared mean
        """),
    ),
    sources=("S2.g", "Li et al. 2019, arXiv:1801.05134, §3"),
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
        ("y_settled(k, b)", "gamma*(z[k] - mu)/sqrt((v + drop_rate*(mu + b)**2)/(1 - drop_rate) + eps) + beta",
         r"\tilde y_{#1}(#2)", "ỹ_#1(#2)",
         "the output in evaluation with training's mean and variance as stored statistics, when the bias is b"),
    ),
    remark="If {mu + b} is 0, only the factor {1/(1 - drop_rate)} is left. A ReLU in front gives a channel a positive mean, "
    "unless all its values are 0. Dropout behind the last normalisation of a network changes no stored statistics.",
)
