"""In Conv → Conv → BatchNorm the first bias survives zero padding of the second convolution: it enters at the border.

Statement: b arrives as b·(w₋ + w₀ + w₊ − w₋·[h = 1] − w₊·[h = L]); its centred square sum is
b²·((L − 2)(w₋² + w₊²) + (w₋ − w₊)²)/L. So it is uniform iff w₋ = w₊ = 0 (L ≥ 3), iff w₋ = w₊ (L = 2), always (L = 1).
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, sign, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, Y_PLUS, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="first_bias_survives_of_zero_padded_second_convolution",
    title="Two convolutions: zero padding lets the first bias through",
    statement="Let two convolutions and a batch normalisation with {eps > 0} and {gamma != 0} follow one another with "
    "no activation between. Let the second have the kernel {w_left}, {w_mid}, {w_right} and stride 1, and pad a row of "
    "{L >= 2} positions with one zero at each end; the padding of the first plays no part. Then the first bias {b} "
    "arrives as {arrives(pos)}, with one weight missing at each end of the row, and "
    "{sum(pos, centred(pos)**2) == b**2/L * ((L - 2)*(w_left**2 + w_right**2) + (w_left - "
    "w_right)**2)}. So a bias {b != 0} moves the output, whatever the input, unless both outer weights are 0, or "
    "{L == 2} and they are equal. With {L == 1} it always cancels.",
    hypotheses=(
        Hypothesis("The padding is zero.",
            witness("Replicated padding, kernel with all three weights 1: {b == 1} arrives as 3 at each "
                    "of three positions, and the output stays.",
                    {"n": 3, "z": (1, 0, 2), "added": (3, 3, 3), "gamma": 1, "beta": 0, "eps": 1}, """
              yplus(1) == y(1)
              yplus(2) == y(2)
              yplus(3) == y(3)
            """)),
        Hypothesis("Not both outer weights are 0; for {L == 2} they differ.",
            witness("{L == 2} and all weights 1: both positions receive {b*(w_mid + w_right) == b*(w_left + w_mid)}.",
                    {"L": 2, "b": 5, "w_left": 1, "w_mid": 1, "w_right": 1}, """
              arrives(1) == 10
              arrives(2) == 10
              centred(1) == 0
            """)),
        Hypothesis("There are at least two positions.",
            witness("{L == 1}: two images of one position each. Both receive {b*w_mid == 5}, and the output stays.",
                    {"n": 2, "z": (1, 3), "L": 1, "b": 1, "w_left": 2, "w_mid": 5, "w_right": 3, "added": (5, 5), "gamma": 1,
                     "beta": 0, "eps": 1}, """
              arrives(1) == added[1]
              yplus(1) == y(1)
              yplus(2) == y(2)
            """),
            formal=("L >= 2",)),
        Hypothesis("{eps > 0}.",
            witness("All weights 1, {b == 1}: what arrives, 2, 3, 2, doubles the centred values of {z[k]}, and "
                    "with {eps == 0} a positive factor cancels.",
                    {"n": 3, "z": (0, 1, 0), "added": (2, 3, 2), "gamma": 1, "beta": 0, "eps": 0}, """
              yplus(1) == y(1)
              yplus(2) == y(2)
              yplus(3) == y(3)
            """),
            formal=("eps > 0",)),
        Hypothesis("{gamma != 0}.",
            witness("With {gamma == 0} the output is {beta}, whatever arrives.",
                    {"n": 3, "z": (0, 1, 0), "added": (2, 3, 2), "gamma": 0, "beta": 5, "eps": 1}, """
              yplus(1) == 5
              y(1) == 5
              yplus(2) == y(2)
            """),
            formal=("gamma != 0",)),
    ),
    conclusions=(
        Conclusion("padded(pos, b) == padded(pos, 0) + arrives(pos)"),
        Conclusion("arrives(1) == b*(w_mid + w_right)"),
        Conclusion("arrives(L) == b*(w_left + w_mid)"),
        Conclusion("mean(i, mean(pos, arrives(pos))) == mean(pos, arrives(pos))"),
        Conclusion("arrives(pos) - mean(pos2, arrives(pos2)) == centred(pos)"),
        Conclusion("centred(1) == -(L - 2)/2 * (2*b*w_left/L)", given=("w_right == w_left",)),
        Conclusion("sum(pos, centred(pos)**2) == b**2/L * ((L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2)"),
        Conclusion("sum(pos, centred(pos)**2) > 0", given=("L >= 3", "b != 0", "w_left**2 + w_right**2 > 0")),
        Conclusion(
            "b**2/L * ((L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2) == b**2/2 * (w_left - w_right)**2",
            given=("L == 2",),
        ),
        Conclusion("arrives(1) == b*w_mid", given=("L == 1",)),
        Conclusion("yplus(k) != y(k)", some=("k",), given=("var(i, added[i]) > 0",)),
    ),
    proof=(
        chain("arrives", "A padded zero carries no {b}: at the border one weight meets none.", """
          padded(pos, b)
        = padded(pos, 0) + b*w_left*(1 - delta(pos, 1)) + b*w_mid + b*w_right*(1 - delta(pos, L))  -- collect the terms with {b}
        = padded(pos, 0) + arrives(pos)  -- definition of {arrives(pos)}
        """),
        chain("At position 1 the left weight is missing.", """
          arrives(1)
        = b*(w_mid + w_right)  -- {delta(1, L) == 0}, since {L >= 2}
        """, given=("L >= 2",)),
        chain("At position {L} it is the right one; everywhere else nothing is missing.", """
          arrives(L)
        = b*(w_left + w_mid)  -- likewise
        """, given=("L >= 2",)),
        chain("mean", "The mean over the row.", """
          mean(pos, arrives(pos))
        = b*(w_left + w_mid + w_right) - b*w_left/L - b*w_right/L  -- one of {L} positions is the first, one the last
        = b*(w_left + w_mid + w_right - (w_left + w_right)/L)      -- take out {b}
        """),
        chain("images", "In a batch of {n} images the same border is in each, and the mean over "
              "all {n*L} values is the same.", """
          mean(i, mean(pos, arrives(pos)))
        = mean(pos, arrives(pos))  -- what arrives does not depend on the image
        """),
        chain("centred", "So the mean removes this, and leaves", """
          arrives(pos) - mean(pos2, arrives(pos2))
        = b*((w_left + w_right)/L - w_left*delta(pos, 1) - w_right*delta(pos, L))  -- the whole sum of weights cancels
        = centred(pos)                                                             -- definition of {centred(pos)}
        """),
        Say("Inside, where both deltas are 0, this is {b*(w_left + w_right)/L}: unless the outer weights add up to 0, every "
            "inside position is moved, not only the border."),
        chain("If the outer weights are equal, inside positions keep {2*b*w_left/L}, and the "
              "first keeps the following; so does the last.", """
          centred(1)
        = b*(2*w_left/L - w_left)      -- {w_right == w_left}
        = -(L - 2)/2 * (2*b*w_left/L)  -- take out what inside positions keep
        """, given=("L >= 2", "w_right == w_left")),
        Say("So in absolute value the border keeps {(L - 2)/2} times as much as the inside: "
            "more for {L >= 5}, less for {L == 3}."),
        chain("squares", "The squares of what is left, added up over the row.", """
          sum(pos, centred(pos)**2)
        = b**2*(w_left**2 + w_right**2 - (w_left + w_right)**2/L)
            -- expand; no position is first and last at once, since {L >= 2}
        = b**2/L * ((L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2)
            -- {2*(w_left**2 + w_right**2) - (w_left + w_right)**2 == (w_left - w_right)**2}
        """, given=("L >= 2",)),
        sign("If {L >= 3}, {b != 0} and the outer weights are not both 0, this is positive: something is left.", """
          sum(pos, centred(pos)**2)
        = b**2/L * ((L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2)  -- the result above
        > 0                                                                    -- a product of positive numbers, plus a square
        """, given=("L >= 3", "b != 0", "w_left**2 + w_right**2 > 0")),
        chain("For {L == 2} only the difference of the outer weights counts.", """
          b**2/L * ((L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2)
        = b**2/2 * (w_left - w_right)**2  -- {L - 2 == 0}
        """, given=("L == 2",)),
        chain("For {L == 1} both neighbours are padding, and the only position of every image "
              "receives the same, which the mean removes.", """
          arrives(1)
        = b*w_mid  -- both deltas are 1
        """, given=("L == 1",)),
        Use("The centred values of the second convolution's output move by exactly this; and for {eps > 0} and {gamma != 0} "
            "equal outputs need equal centred values, by the theorem cited. This is for one row.",
            "output_moves_of_uneven_shift", "difference",
            "(row[pos] + arrives(pos) - mean(pos2, row[pos2] + arrives(pos2))) - (row[pos] - mean(pos2, row[pos2]))",
            "arrives(pos) - mean(pos2, arrives(pos2))", {"n": "L", "k": "pos", "z[i]": "row[i]", "added[i]": "arrives(i)"}),
        Use("In the theorem cited all values of all images are numbered one after the other, and {added[k]} is what arrives at "
            "value {k}. Where it is not the same everywhere, some output moves.",
            "output_moves_of_uneven_shift", "moves", "yplus(k)", "y(k)", relation="!=", some=("k",),
            given=("eps > 0", "gamma != 0", "var(i, added[i]) > 0")),
        witness("A row of four positions, all weights 1, {b == 1}: the output moves at position 2, which is not at the border.",
                {"n": 4, "z": (1, 0, 2, 0), "L": 4, "b": 1, "w_left": 1, "w_mid": 1, "w_right": 1, "added": (2, 3, 3, 2),
                 "gamma": 1, "beta": 0, "eps": 1}, """
          arrives(1) == added[1]
          arrives(2) == added[2]
          arrives(3) == added[3]
          arrives(4) == added[4]
          centred(2) == 1/2
          yplus(2) != y(2)
        """),
    ),
    sources=("S4.f",),
    definitions=definitions(
        *BATCHNORM,
        *BATCHNORM_AT,
        Y_PLUS,
        ("padded(pos, b)",
         "w_left*(1 - delta(pos, 1))*(row[pos - 1] + b) + w_mid*(row[pos] + b) + w_right*(1 - "
         "delta(pos, L))*(row[pos + 1] + b)", r"\mathrm{padded}_{#1}(#2)", "padded_#1(#2)",
         "the second convolution of the row plus b, with zero padding"),
        ("arrives(pos)", "b*(w_left + w_mid + w_right - w_left*delta(pos, 1) - w_right*delta(pos, L))",
         r"\mathrm{arrives}_{#1}", "arrives_#1", "what the first bias adds to the second convolution's output"),
        ("centred(pos)", "b*((w_left + w_right)/L - w_left*delta(pos, 1) - w_right*delta(pos, L))", r"\mathrm{centred}_{#1}",
         "centred_#1", "what is left of it after the mean is subtracted"),
    ),
    remark="With several channels between the convolutions, each adds such a term: {b*w_left} then stands for the sum "
    "of bias times left weight over the channels, {b*w_right} likewise, and only these two sums decide. Several channels and two "
    "dimensions have a theorem of their own.",
)
