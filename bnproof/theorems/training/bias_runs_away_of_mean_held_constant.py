"""If a gradient step holds the batch mean constant, the bias before it grows without end, and output and loss stay.

Statement: B_t = b₀ − t·η·Σg, and z_k + B_t − μ(B_t) = z_k − μ(0) for every t; likewise with the whole of batch
normalisation.
"""

from __future__ import annotations

from ...symbolic.inferences import NotZero, Undefined, Use, chain, induction, sign, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_UPDATE = "b - eta*sum(i, slope(t, i, b))"
_UPDATE_FULL = "b - eta*(G + gamma/s_at(b) * sum(i, slope_full(t, i, b) - g[i]))"

THEOREM = Theorem(
    name="bias_runs_away_of_mean_held_constant",
    title="A gradient that ignores the mean drives the bias away",
    statement="Let the batch mean {mu_at(b)} be subtracted from {z[k] + b}, but let the gradient step hold this mean "
    "constant, as in an example of Ioffe & Szegedy 2015, §2: with the number {M} in its place the gradient of {b} is the sum "
    "of the loss's derivatives by the outputs, {diff(sum(i, g[i]*(z[i] + b - M)), b) == sum(i, g[i])}. Change {b} alone, with "
    "the learning rate {eta}. The loss may be any that sees the outputs only: {g[i]} are its derivatives at the start, and "
    "{slope(t, i, b)} when the bias is {b} after {t} steps; with any {response[t, i, j]} this says no more than that equal "
    "outputs have equal derivatives. The outputs are the same for every {b}, {z[k] + b - mu_at(b) == z[k] - mu}. Nevertheless "
    "{b} moves by the same amount in every step: after {t} steps it is {moved(t) == b0 - t*eta*sum(i, g[i])}. If {sum(i, "
    "g[i]) != 0} it moves beyond all bounds: {(moved(t) - b0)**2 > tau} as soon as {t**2 > tau/(eta*sum(i, g[i]))**2}, "
    "whatever {tau} is. With the division by {s_at(b)} and with {gamma} and {beta}, all statistics held constant, the same "
    "happens with {slope_full(t, i, b)} and the gradient {G == gamma/s * sum(i, g[i])} of the start: the bias is {b0 - "
    "t*eta*G}, and {G != 0} if {gamma != 0} as well.",
    hypotheses=(
        Hypothesis("The gradient ignores that the mean depends on {b}.",
            witness("The true gradient of {b} is 0, so it stays, although {sum(i, g[i])} is 1.",
                    {"n": 2, "z": (-1, 1), "g": (1, 0), "b": 0}, """
              diff(sum(i, g[i]*(z[i] + b - mu_at(b))), b) == 0
              sum(i, g[i]) == 1
            """)),
        Hypothesis("{sum(i, g[i]) != 0}.",
            witness("If the derivatives {g[i]} cancel, even this gradient leaves {b} where it is.",
                    {"n": 2, "z": (-1, 1), "g": (1, -1), "M": 0, "b": 0}, "diff(sum(i, g[i]*(z[i] + b - M)), b) == 0"),
            formal=("sum(i, g[i]) != 0",)),
        Hypothesis("The loss sees nothing but the outputs, and the other parameters are held: the {g[i]} do not change.",
            witness("Half the squared distance from the target 1 has {g[i] == y(i) - 1}. Once {beta} has learnt the target, "
                    "they add up to 0 instead of −2, and {b} stops.",
                    {"n": 2, "z": (-1, 1), "gamma": 1, "beta": 1, "eps": 0}, """
              sum(i, gamma*xhat(i) + 0 - 1) == -2
              sum(i, gamma*xhat(i) + beta - 1) == 0
            """)),
        Hypothesis("With the scale {gamma}: {gamma != 0}.",
            witness("With {gamma == 0} no output depends on {b}, and even this gradient is 0.",
                    {"n": 2, "z": (-1, 1), "g": (1, 0), "gamma": 0, "eps": 0}, """
              gamma/s * sum(i, g[i]) == 0
              sum(i, g[i]) == 1
            """),
            formal=("gamma != 0",)),
        Hypothesis("With the division: {v + eps > 0}.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "g": (1, 0), "b": 1, "gamma": 1, "beta": 0, "eps": 0}, "gamma/s * sum(i, g[i])"),
            formal=("v + eps > 0",)),
    ),
    conclusions=(
        Conclusion("diff(sum(i, g[i]*(z[i] + b - M)), b) == sum(i, g[i])"),
        Conclusion("z[k] + b - mu_at(b) == z[k] - mu"),
        Conclusion("b == moved(t)", recursion=("t", (("b", "b0", _UPDATE),))),
        Conclusion("z[k] + moved(t) - mu_at(moved(t)) == z[k] - mu"),
        Conclusion("(moved(t) - b0)**2 > tau", given=("t**2 > tau/(eta*sum(i, g[i]))**2",)),
        Conclusion("diff(sum(i, g[i]*(gamma*(z[i] + b - M)/sqrt(V + eps) + beta)), b) == gamma/sqrt(V + eps) * sum(i, g[i])",
                   given=("V + eps > 0",)),
        Conclusion("gamma/s_at(b) * sum(i, slope_full(t, i, b)) == G + gamma/s_at(b) * sum(i, slope_full(t, i, b) - g[i])",
                   given=("G == gamma/s * sum(i, g[i])",)),
        Conclusion("y_at(k, b) == y(k)"),
        Conclusion("b == b0 - t*eta*G", recursion=("t", (("b", "b0", _UPDATE_FULL),))),
        Conclusion("y_at(k, b0 - t*eta*G) == y(k)"),
        Conclusion("G != 0", given=("G == gamma/s * sum(i, g[i])",)),
        Conclusion("(b0 - t*eta*G - b0)**2 > tau", given=("G != 0", "t**2 > tau/(eta*G)**2")),
    ),
    proof=(
        chain("traced", "The gradient with the mean held constant; the number it has in this step is called {M}.", """
          diff(sum(i, g[i]*(z[i] + b - M)), b)
        = sum(i, g[i]*diff(z[i] + b - M, b))  -- the derivative of the loss with respect to output {i} is {g[i]}
        = sum(i, g[i])                        -- {M} counts as a constant, so each derivative is 1
        """),
        Use("The mean does move, and the outputs do not see {b}.", theorem="bias_cancels_of_batch_statistics", fact="centred",
            start="z[k] + b - mu_at(b)", end="z[k] - mu"),
        induction("bias", "So every step finds the same outputs, the same loss and the same derivatives, and takes the same "
            "amount from {b}. The bias after {t} steps:",
            time="t", state="b", start="b0", update=_UPDATE, closed="moved(t)",
            base="= b0  -- no step taken",
            step="""
            = moved(t) - eta*sum(i, g[i])                 -- the outputs are those of the start, and so are the derivatives
            = b0 - t*eta*sum(i, g[i]) - eta*sum(i, g[i])  -- the formula for {t}, and one more step
            = b0 - (t + 1)*eta*sum(i, g[i])               -- this is the formula for {t + 1}
            """),
        Use("The outputs after {t} steps are those of the first.", theorem="bias_cancels_of_batch_statistics", fact="centred",
            start="z[k] + moved(t) - mu_at(moved(t))", end="z[k] - mu", where={"b": "moved(t)"}),
        sign("unbounded", "The square of the way grows as {t**2} does, and so exceeds every {tau}.", """
          (moved(t) - b0)**2 - tau
        = (eta*sum(i, g[i]))**2*(t**2 - tau/(eta*sum(i, g[i]))**2)  -- the way is {t} times the same step
        > 0                                                         -- from the named {t} on
        """, given=("sum(i, g[i]) != 0", "t**2 > tau/(eta*sum(i, g[i]))**2")),
        chain("traced_full", "Now with the whole of batch normalisation, mean and variance held "
              "at their numbers {M} and {V}.", """
          diff(sum(i, g[i]*(gamma*(z[i] + b - M)/sqrt(V + eps) + beta)), b)
        = sum(i, g[i]*gamma/sqrt(V + eps))    -- {M} and {V} count as constants
        = gamma/sqrt(V + eps) * sum(i, g[i])  -- the same factor in each term
        """),
        chain("same_gradient", "Their numbers are those of the batch, and the variance does not see {b}. So what is subtracted "
              "in step {t} is {eta} times the gradient of the start, plus what the change of the derivatives adds.", """
          gamma/s_at(b) * sum(i, slope_full(t, i, b))
        = gamma/s_at(b) * (sum(i, g[i]) + sum(i, slope_full(t, i, b) - g[i]))  -- add and subtract the derivatives of the start
        = G + gamma/s_at(b) * sum(i, slope_full(t, i, b) - g[i])               -- the variance does not see {b}
        """, given=("G == gamma/s * sum(i, g[i])",)),
        Use("But the outputs do not see {b} either.", theorem="bias_cancels_of_batch_statistics", fact="output",
            start="y_at(k, b)", end="y(k)"),
        induction("bias_full", "So again the derivatives are those of the start in every step, and the bias moves on in "
            "equal steps.",
            time="t", state="b", start="b0", update=_UPDATE_FULL, closed="b0 - t*eta*G", given=("v + eps > 0",),
            base="= b0  -- no step taken",
            step="""
            = b0 - t*eta*G - eta*G  -- the outputs are those of the start; the formula for {t}, and one more step
            = b0 - (t + 1)*eta*G    -- this is the formula for {t + 1}
            """),
        Use("And again the outputs stay.", theorem="bias_cancels_of_batch_statistics", fact="output",
            start="y_at(k, b0 - t*eta*G)", end="y(k)", where={"b": "b0 - t*eta*G"}),
        sign("not_zero", "The steps are not 0 unless a factor is,", """
          G**2
        = (gamma*sum(i, g[i]))**2/(v + eps)  -- the square of the gradient
        > 0                                  -- no factor is 0
        """, given=("gamma != 0", "sum(i, g[i]) != 0", "v + eps > 0", "G == gamma/s * sum(i, g[i])")),
        NotZero("so that {G} is not 0,", of="not_zero", part="G != 0"),
        sign("unbounded_full", "and this bias too exceeds every bound.", """
          (b0 - t*eta*G - b0)**2 - tau
        = (eta*G)**2*(t**2 - tau/(eta*G)**2)  -- the way is {t} times the same step
        > 0                                   -- from the named {t} on
        """, given=("G != 0", "t**2 > tau/(eta*G)**2")),
    ),
    sources=("Ioffe & Szegedy 2015, §2",),
    definitions=definitions(
        *BATCHNORM,
        *BATCHNORM_AT,
        ("slope(t, i, b)", "g[i] + sum(j, response[t, i, j]*((z[j] + b - mu_at(b)) - (z[j] - mu)))", r"\tilde g_{#1, #2}(#3)",
         "g̃_#1,#2(#3)", "derivative of the loss by an output after so many steps"),
        ("slope_full(t, i, b)", "g[i] + sum(j, response[t, i, j]*(y_at(j, b) - y(j)))", r"\hat g_{#1, #2}(#3)",
         "ĝ_#1,#2(#3)", "the same, with the division"),
        ("moved(t)", "b0 - t*eta*sum(i, g[i])", "B_{#1}", "B_#1", "the bias after so many steps"),
    ),
)
