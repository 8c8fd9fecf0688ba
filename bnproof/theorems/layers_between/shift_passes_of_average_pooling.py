"""Average pooling carries a bias along, unless padded zeros are counted.

Statement: mean_e(x_e + b) = mean_e(x_e) + b; with padding Σ_e I_e·(x_e + b)/Σ_e I_e keeps b, Σ_e I_e·(x_e + b)/R not.
"""

from __future__ import annotations

from ...symbolic.inferences import Use, chain, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, Y_PLUS, definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="shift_passes_of_average_pooling",
    title="Average pooling carries a bias along, unless padding is counted",
    statement="Cut a feature map into windows of {R} entries. If every entry receives {b}, so does every window's "
    "average: {mean(slot, window[k, slot] + b) == mean(slot, window[k, slot]) + b}. With zero padding let {inside[k, "
    "slot]} be 1 for entries inside the map and 0 for padded ones. If the sum is divided by the number of entries "
    "inside (at least one), the average still moves by {b}. If it is divided by {R} (PyTorch's default, "
    "count_include_pad=True), it moves by {b/R * sum(slot, inside[k, slot])}, which differs between windows that hold "
    "different numbers of padded entries.",
    hypotheses=(
        Hypothesis("Padded zeros are not counted.",
            witness("Windows of three on a row of three, one zero padded at each end: border windows hold two entries. {b == "
                    "3} adds 2, 3, 2 to the averages, and the normalised average of the window in the middle moves.",
                    {"n": 3, "R": 3, "b": 3, "inside": ((0, 1, 1), (1, 1, 1), (1, 1, 0)),
                     "window": ((0, 3, 0), (3, 0, 0), (0, 0, 0)), "z": (1, 1, 0), "added": (2, 3, 2), "gamma": 1, "beta": 0,
                     "eps": 1}, """
              counted(1, 0) == z[1]
              counted(2, 0) == z[2]
              counted(3, 0) == z[3]
              counted(1, b) == z[1] + added[1]
              counted(2, b) == z[2] + added[2]
              counted(3, b) == z[3] + added[3]
              yplus(2) != y(2)
            """)),
    ),
    proof=(
        chain("average", "Without padding.", """
          mean(slot, window[k, slot] + b)
        = 1/R * (sum(slot, window[k, slot]) + R*b)  -- {b} is the same in each of {R} entries
        = mean(slot, window[k, slot]) + b           -- definition of the mean
        """),
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
        Use("So if padding is counted and some windows hold more of it than others, {b != 0} adds unevenly, and "
            "for {eps > 0} and {gamma != 0} an uneven shift always moves the output of a batch normalisation. "
            "This much is added to its centred values.",
            "output_moves_of_uneven_shift", "difference",
            "(counted(k, 0) + b/R * sum(slot, inside[k, slot]) - mean(i, counted(i, 0) + b/R * sum(slot, inside[i, slot]))) - "
            "(counted(k, 0) - mean(i, counted(i, 0)))",
            "b/R * (sum(slot, inside[k, slot]) - mean(i, sum(slot, inside[i, slot])))",
            {"z[i]": "counted(i, 0)", "added[i]": "b/R * sum(slot, inside[i, slot])"}),
        Use("Without padding the shift is uniform, and the bias cancels.", "bias_cancels_of_batch_statistics", "output",
            "gamma*(mean(slot, window[k, slot] + b) - mean(i, mean(slot, window[i, slot] + b)))/sqrt(var(i, "
            "mean(slot, window[i, slot] + b)) + eps) + beta",
            "gamma*(mean(slot, window[k, slot]) - mean(i, mean(slot, window[i, slot])))/sqrt(var(i, "
            "mean(slot, window[i, slot])) + eps) + beta", {"z[i]": "mean(slot, window[i, slot])"}),
    ),
    sources=("S1.a", "S4.a", "S4.f"),
    definitions=definitions(
        *BATCHNORM,
        *BATCHNORM_AT,
        Y_PLUS,
        ("uncounted(k, b)", "sum(slot, inside[k, slot]*(window[k, slot] + b))/sum(slot, inside[k, slot])",
         r"\mathrm{uncounted}_{#1}(#2)", "uncounted_#1(#2)", "the average over the entries inside the map"),
        ("counted(k, b)", "sum(slot, inside[k, slot]*(window[k, slot] + b))/R", r"\mathrm{counted}_{#1}(#2)", "counted_#1(#2)",
         "the average in which padded zeros count"),
    ),
)
