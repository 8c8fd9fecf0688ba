"""Dropout between a bias and a batch normalisation makes the bias uneven, and it no longer cancels in training.

Statement: b becomes b·κ_k/π; what the mean leaves of it has the square sum b²/π²·K·(n − K)/n, 0 only if K = 0 or K = n.
"""

from __future__ import annotations

from ...symbolic.inferences import Case, Cases, Say, Use, chain, sign, witness
from ..definitions import BATCHNORM_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="output_moves_of_dropout_before_batchnorm",
    title="Before active dropout and batch normalisation the bias acts unless all values are kept or all are dropped",
    statement="Let dropout stand between a bias {b} and a batch normalisation with {eps > 0}. It keeps value {k} where "
    "{keep[k]} is 1, with probability {keep_rate}, and then divides it by {keep_rate}: {dropped(k, b) == keep[k]/keep_rate * "
    "(z[k] + b)}. If {kept} of {n} values are kept, {0 < kept < n}, and {b != 0} and {gamma != 0}, some output moves, "
    "whatever the values: {y_dropped(k, b) != y_dropped(k, 0)} for some {k}. If all are kept, {kept == n}, or all are "
    "dropped, {kept == 0}, none does: {y_dropped(k, b) == y_dropped(k, 0)}. In eval mode dropout does nothing, and a "
    "normalisation that uses batch statistics does not see {b}: {y_at(k, b) == y_at(k, 0)}.",
    hypotheses=(
        Hypothesis("Some values are kept and some are dropped.",
            witness("If all are kept, the bias arrives as {b/keep_rate} everywhere, and the output stays.",
                    {"n": 2, "z": (1, 0), "keep": (1, 1), "kept": 2, "keep_rate": "1/2", "b": 1, "gamma": 1, "beta": 0,
                     "eps": 1}, """
              y_dropped(1, b) == y_dropped(1, 0)
              y_dropped(2, b) == y_dropped(2, 0)
            """), formal=("0 < kept < n",)),
        Hypothesis("{b != 0}.",
            witness("What is 0 moves nothing.",
                    {"n": 2, "z": (1, 0), "keep": (1, 0), "kept": 1, "keep_rate": "1/2", "b": 0, "gamma": 1, "beta": 0,
                     "eps": 1}, """
              y_dropped(1, b) == y_dropped(1, 0)
              y_dropped(2, b) == y_dropped(2, 0)
            """), formal=("b != 0",)),
        Hypothesis("{gamma != 0}.",
            witness("With {gamma == 0} the output is {beta}, whatever arrives.",
                    {"n": 2, "z": (1, 0), "keep": (1, 0), "kept": 1, "keep_rate": "1/2", "b": 1, "gamma": 0, "beta": 3,
                     "eps": 1}, """
              y_dropped(1, b) == 3
              y_dropped(1, 0) == 3
              y_dropped(2, b) == y_dropped(2, 0)
            """), formal=("gamma != 0",)),
        Hypothesis("{eps > 0}.",
            witness("Two values, one kept, {eps == 0}: the normalised values are 1 and −1, whatever the kept one is.",
                    {"n": 2, "z": (1, 0), "keep": (1, 0), "kept": 1, "keep_rate": "1/2", "b": 1, "gamma": 1, "beta": 0,
                     "eps": 0}, """
              y_dropped(1, b) == 1
              y_dropped(1, 0) == 1
              y_dropped(2, b) == y_dropped(2, 0)
            """), formal=("eps > 0",)),
        Hypothesis("Dropout is active (training mode).",
            witness("In eval mode the output is that of plain batch normalisation, and does not see {b == 1}.",
                    {"n": 2, "z": (1, 0), "b": 1, "gamma": 1, "beta": 0, "eps": 1}, """
              y_at(1, b) == y_at(1, 0)
              y_at(2, b) == y_at(2, 0)
            """)),
    ),
    conclusions=(
        Conclusion("dropped(k, b) == dropped(k, 0) + shift(k)"),
        Conclusion("y_dropped(k, b) != y_dropped(k, 0)", some=("k",)),
        Conclusion("y_dropped(k, b) == y_dropped(k, 0)", given=("kept == 0",)),
        Conclusion("y_dropped(k, b) == y_dropped(k, 0)", given=("kept == n",)),
        Conclusion("y_at(k, b) == y_at(k, 0)"),
    ),
    proof=(
        chain("arrives", "The bias arrives only where a value is kept.", """
          dropped(k, b)
        = keep[k]/keep_rate * z[k] + keep[k]/keep_rate * b  -- multiply out
        = dropped(k, 0) + shift(k)                          -- definition of {shift(k)}
        """),
        chain("expectation", "On average over the draws of the mask it is {b}, and so uniform.", """
          keep_rate * b/keep_rate + (1 - keep_rate) * 0
        = b  -- kept with probability {keep_rate}, dropped with probability {1 - keep_rate}
        """),
        Say("But a batch normalisation sees one draw, not the average."),
        chain("mean", "In one draw the mean of what arrives is", """
          mean(i, shift(i))
        = b*kept/(keep_rate*n)  -- {kept} of the {n} values receive {b/keep_rate}
        """),
        chain("squares", "The squares of what the mean leaves add up to", """
          sum(k, (shift(k) - mean(i, shift(i)))**2)
        = sum(k, (b/keep_rate * (keep[k] - kept/n))**2)             -- the mean, and {shift(k)}
        = b**2/keep_rate**2 * (kept - 2*kept**2/n + n*(kept/n)**2)  -- expand; {keep[k]**2 == keep[k]}, and their sum is {kept}
        = b**2*kept*(n - kept)/(keep_rate**2*n)                     -- collect
        """),
        Cases("So the number of kept values decides.", "kept", (
            Case("None is kept", ("0", "0"), (
                chain("Nothing arrives, neither {b} nor the input.", """
                  dropped(k, b)
                = 0  -- {keep[k] == 0}
                """),
                chain("So every output is {beta}.", """
                  y_dropped(k, b)
                = beta             -- all values are 0
                = y_dropped(k, 0)  -- likewise
                """, given=("eps > 0",)),
            )),
            Case("Some are kept and some are dropped", ("1", "n - 1"), (
                sign("uneven", "What arrives of {b != 0} varies from value to value.", """
                  var(i, shift(i))
                = b**2*kept*(n - kept)/(keep_rate**2*n**2)  -- the squares above, over {n}
                > 0                                         -- {kept} and {n - kept} are positive
                """, given=("b != 0",)),
                Use("And an uneven shift moves some output of a batch normalisation.",
                    "output_moves_of_uneven_shift", "moves", "y_dropped(k, b)", "y_dropped(k, 0)",
                    {"z[i]": "dropped(i, 0)", "added[i]": "shift(i)"},
                    relation="!=", some=("k",), given=("eps > 0", "gamma != 0"), since=("uneven",)),
            )),
            Case("All are kept", ("n", "n"), (
                chain("The same arrives everywhere.", """
                  shift(k)
                = b/keep_rate  -- {keep[k] == 1}
                """),
                chain("So the mean takes it away.", """
                  y_dropped(k, b)
                = gamma*(dropped(k, 0) - mean(i, dropped(i, 0)))/sqrt(var(i, dropped(i, 0)) + eps) + beta
                    -- {b/keep_rate} cancels
                = y_dropped(k, 0)  -- definition of {y_dropped(k, 0)}
                """, given=("eps > 0",)),
            )),
        )),
        Use("In eval mode dropout is the identity; a normalisation that then still uses batch statistics removes {b}.",
            "bias_cancels_of_batch_statistics", "output", "y_at(k, b)", "y_at(k, 0)"),
        witness("One of two values kept, at rate 1/2: {b == 1} moves the output.",
                {"n": 2, "z": (1, 0), "keep": (1, 0), "keep_rate": "1/2", "b": 1, "gamma": 1, "beta": 0, "eps": 1},
                "y_dropped(1, b) != y_dropped(1, 0)"),
    ),
    sources=("S3.d",),
    definitions=definitions(
        *BATCHNORM_AT,
        ("dropped(k, b)", "keep[k]/keep_rate * (z[k] + b)", r"\mathrm{dropped}_{#1}(#2)", "dropped_#1(#2)",
         "a value after dropout when the bias is b"),
        ("shift(k)", "keep[k]/keep_rate * b", r"\mathrm{shift}_{#1}", "shift_#1",
         "what the bias adds to a value after dropout"),
        ("y_dropped(k, b)", "gamma*(dropped(k, b) - mean(i, dropped(i, b)))/sqrt(var(i, dropped(i, b)) + eps) + beta",
         r"y^{\kappa}_{#1}(#2)", "y^κ_#1(#2)", "the output after dropout and normalisation, when the bias is b"),
    ),
)
