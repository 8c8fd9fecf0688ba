"""Average pooling carries a bias along, unless padded zeros are counted.

Statement: mean_e(x_e + b) = mean_e(x_e) + b; with padding Σ_e I_e·(x_e + b)/Σ_e I_e keeps b, Σ_e I_e·(x_e + b)/R not.
"""

from __future__ import annotations

from ...symbolic.inferences import Use, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_ENTRIES = "sum(slot, inside[k, slot]) > 0"
_UNEVEN = "var(i, sum(slot, inside[i, slot])) > 0"

THEOREM = Theorem(
    name="shift_passes_of_average_pooling",
    title="Average pooling carries a bias along, unless padding is counted",
    statement="Cut a feature map into windows of {R} entries. If every entry receives {b}, so does every window's average: "
    "{mean(slot, window[k, slot] + b) == mean(slot, window[k, slot]) + b}, and a batch normalisation after it removes it: "
    "{y_pooled(k, b) == y_pooled(k, 0)}, where {var(i, mean(slot, window[i, slot])) + eps > 0}. With zero padding let "
    "{inside[k, slot]} be 1 for entries inside the map and 0 for padded ones. If the sum is divided by the number of "
    "entries inside, where every window has one, {sum(slot, inside[k, slot]) > 0}, the average still moves by {b}: "
    "{uncounted(k, b) == uncounted(k, 0) + b}. If it is divided by {R} (PyTorch's default, count_include_pad=True), it "
    "moves by {b/R * sum(slot, inside[k, slot])}: {counted(k, b) == counted(k, 0) + b/R * sum(slot, inside[k, slot])}. If "
    "windows hold different numbers of padded entries, {var(i, sum(slot, inside[i, slot])) > 0}, then for {b != 0}, {gamma "
    "!= 0} and {eps > 0} some normalised average moves, whatever the values: {y_counted(k, b) != y_counted(k, 0)}.",
    hypotheses=(
        Hypothesis("For the average to move by {b}: padded zeros are not counted.",
            witness("Windows of three on a row of three, one zero padded at each end: border windows hold two entries. {b == "
                    "3} adds 2, 3, 2 to the averages, and the normalised average of the window in the middle moves.",
                    {"n": 3, "R": 3, "b": 3, "inside": ((0, 1, 1), (1, 1, 1), (1, 1, 0)),
                     "window": ((0, 3, 0), (3, 0, 0), (0, 0, 0)), "gamma": 1, "beta": 0, "eps": 1}, """
              counted(1, b) - counted(1, 0) == 2
              counted(2, b) - counted(2, 0) == 3
              counted(3, b) - counted(3, 0) == 2
              y_counted(2, b) != y_counted(2, 0)
            """)),
    ),
    conclusions=(
        Conclusion("mean(slot, window[k, slot] + b) == mean(slot, window[k, slot]) + b"),
        Conclusion("y_pooled(k, b) == y_pooled(k, 0)", given=("var(i, mean(slot, window[i, slot])) + eps > 0",)),
        Conclusion("uncounted(k, b) == uncounted(k, 0) + b", given=(_ENTRIES,)),
        Conclusion("counted(k, b) == counted(k, 0) + b/R * sum(slot, inside[k, slot])"),
        Conclusion("y_counted(k, b) != y_counted(k, 0)", given=("eps > 0", "gamma != 0", "b != 0", _UNEVEN), some=("k",)),
    ),
    proof=(
        chain("average", "Without padding.", """
          mean(slot, window[k, slot] + b)
        = 1/R * (sum(slot, window[k, slot]) + R*b)  -- {b} is the same in each of {R} entries
        = mean(slot, window[k, slot]) + b           -- definition of the mean
        """),
        Use("So the shift is uniform, and the normalisation removes it.", "bias_cancels_of_batch_statistics", "output",
            "y_pooled(k, b)", "y_pooled(k, 0)", {"z[i]": "mean(slot, window[i, slot])"}),
        chain("uncounted", "With padding, divided by the number of entries inside.", """
          uncounted(k, b)
        = (sum(slot, inside[k, slot]*window[k, slot]) + b*sum(slot, inside[k, slot])) / sum(slot, inside[k, slot])
            -- {b} once for each entry inside
        = uncounted(k, 0) + b  -- divide by their number
        """),
        chain("counted", "With padding, divided by {R}.", """
          counted(k, b)
        = 1/R * (sum(slot, inside[k, slot]*window[k, slot]) + b*sum(slot, inside[k, slot]))  -- as before
        = counted(k, 0) + b/R * sum(slot, inside[k, slot])                                   -- this depends on the window
        """),
        chain("missing", "The same seen from the other side: {b} less its share that falls on padding.", """
          b/R * sum(slot, inside[k, slot])
        = b/R * (R - sum(slot, 1 - inside[k, slot]))  -- each of the {R} entries is inside or padded
        = b - b/R * sum(slot, 1 - inside[k, slot])    -- expand
        """),
        sign("uneven", "So if some windows hold more padding than others, {b != 0} adds unevenly.", """
          var(i, b/R * sum(slot, inside[i, slot]))
        = b**2/R**2 * var(i, sum(slot, inside[i, slot]))  -- a factor leaves the variance squared
        > 0                                               -- {b} is not 0, and the numbers of entries vary
        """, given=("b != 0", _UNEVEN)),
        Use("An uneven shift moves some output of a batch normalisation.", "output_moves_of_uneven_shift", "moves",
            "y_counted(k, b)", "y_counted(k, 0)",
            {"z[i]": "counted(i, 0)", "added[i]": "b/R * sum(slot, inside[i, slot])"},
            relation="!=", some=("k",), given=("eps > 0", "gamma != 0"), since=("uneven",)),
    ),
    sources=("S1.a", "S4.a", "S4.f"),
    definitions=definitions(
        ("y_pooled(k, b)",
         "gamma*(mean(slot, window[k, slot] + b) - mean(i, mean(slot, window[i, slot] + b)))/sqrt(var(i, mean(slot, "
         "window[i, slot] + b)) + eps) + beta", r"y^{\mathrm{mean}}_{#1}(#2)", "y^mean_#1(#2)",
         "the normalised average when the bias is b"),
        ("uncounted(k, b)", "sum(slot, inside[k, slot]*(window[k, slot] + b))/sum(slot, inside[k, slot])",
         r"\mathrm{uncounted}_{#1}(#2)", "uncounted_#1(#2)", "the average over the entries inside the map"),
        ("counted(k, b)", "sum(slot, inside[k, slot]*(window[k, slot] + b))/R", r"\mathrm{counted}_{#1}(#2)", "counted_#1(#2)",
         "the average in which padded zeros count"),
        ("y_counted(k, b)", "gamma*(counted(k, b) - mean(i, counted(i, b)))/sqrt(var(i, counted(i, b)) + eps) + beta",
         r"y^{\mathrm{counted}}_{#1}(#2)", "y^counted_#1(#2)", "the same, normalised"),
    ),
)
