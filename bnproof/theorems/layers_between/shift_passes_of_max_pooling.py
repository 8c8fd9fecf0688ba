"""Max-pooling carries a bias along unchanged, so that a batch normalisation after it still removes the bias.

Statement: max_e(x_e + b) = max_e(x_e) + b, and max_e(σ·x_e + b) = σ·max_e(x_e) + b for σ > 0.
"""

from __future__ import annotations

from ...symbolic.inferences import Maximum, Say, Use, witness
from ..definitions import BATCHNORM_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="shift_passes_of_max_pooling",
    title="Max-pooling carries a bias along",
    statement="Cut a feature map into windows of {R} entries, in any way, overlapping or not. If every entry receives {b}, so does "
    "the maximum of every window: {max(slot, window[k, slot] + b) == peak(k) + b}. So in Conv → MaxPool → BatchNorm the "
    "bias of the convolution cancels: {y_peak(k, b) == y_peak(k, 0)}, where {var(i, peak(i) + b) + eps > 0}. More "
    "generally, for a positive {amp}, {max(slot, amp*window[k, slot] + b) == amp*peak(k) + b}.",
    hypotheses=(
        Hypothesis("Every entry of a window carries {b}: what is padded is −∞, as is usual, not 0.",
            witness("The window holds the value −2 and a padded 0: {b == 1} turns them into −1 and 0, and the maximum stays 0.",
                    {"R": 2, "window": ((-2, 0), (-1, 0)), "b": 1}, """
              window[1, 1] + b == window[2, 1]
              max(slot, window[1, slot]) == 0
              max(slot, window[2, slot]) == 0
            """)),
        Hypothesis("The factor is positive.",
            witness("With the factor −1 the maximum becomes a minimum.", {"R": 2, "window": ((1, 3),), "amp": -1}, """
              max(slot, amp*window[1, slot]) == -1
              amp*max(slot, window[1, slot]) == -3
            """)),
    ),
    conclusions=(
        Conclusion("max(slot, window[k, slot] + b) == peak(k) + b"),
        Conclusion("max(slot, amp*window[k, slot] + b) == amp*peak(k) + b"),
        Conclusion("y_peak(k, b) == y_peak(k, 0)", given=("var(i, peak(i) + b) + eps > 0",)),
    ),
    proof=(
        Say("To show that a number is the maximum of a family: no member exceeds it, and one member equals it. Both follow "
            "when its distance to each member is a distance that is known to be at least 0, and is 0 once."),
        Maximum("{peak(k) + b} is above {window[k, slot2] + b} by as much as {peak(k)} is above {window[k, slot2]}.",
            maximum="max(slot, window[k, slot] + b)", value="peak(k) + b", member="window[k, slot2] + b",
            known="max(slot, window[k, slot])", known_member="window[k, slot2]"),
        Maximum("With a positive factor, by {amp} times as much.", maximum="max(slot, amp*window[k, slot] + b)",
            value="amp*peak(k) + b", member="amp*window[k, slot2] + b", known="max(slot, window[k, slot])",
            known_member="window[k, slot2]", factor="amp"),
        Use("So every pooled value carries the same {b}, and a batch normalisation of {peak(k) + b} removes it.",
            "bias_cancels_of_batch_statistics", "output", "y_peak(k, b)", "y_peak(k, 0)", {"z[i]": "peak(i)"}),
    ),
    sources=("S1.a", "S4.a"),
    remark="All windows have {R} entries here. A window at the border, from which padded −∞ are left out, has fewer; fill it up "
    "by repeating one of them, and its maximum stays the same.",
    definitions=definitions(
        *BATCHNORM_AT,
        ("peak(k)", "max(slot, window[k, slot])", r"\mathrm{peak}_{#1}", "peak_#1", "the maximum of a window"),
        ("y_peak(k, b)", "gamma*(peak(k) + b - mean(i, peak(i) + b))/sqrt(var(i, peak(i) + b) + eps) + beta",
         r"y^{\max}_{#1}(#2)", "y^max_#1(#2)", "the normalised pooled value when the bias is b"),
    ),
)
