"""In Conv → Conv → BatchNorm the first bias survives zero padding of the second convolution: it enters at the border.

Statement: b arrives as b·(w₋ + w₀ + w₊ − w₋·[h = 1] − w₊·[h = L]); its centred square sum is
b²·((L − 2)(w₋² + w₊²) + (w₋ − w₊)²)/L. So for ε > 0, γ ≠ 0 and b ≠ 0 the output moves, whatever the input, unless
w₋ = w₊ = 0 (L ≥ 3), w₋ = w₊ (L = 2); for L = 1 it never does.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Contrapositive, Join, NotZero, Say, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_ONES = {"w_left": 1, "w_mid": 1, "w_right": 1}
_ROW = {"images": 1, "L": 3, "pixels": ((1, 1, 1),), "b": 1, **_ONES, "beta": 5}
_OUTER = "w_left**2 + w_right**2 > 0"
_UNEVEN = "(L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2 > 0"
_NORMALISED = "((out(image2, pos2, {b}) - beta)/gamma)"
_ROOM = f"1 - mean(image2, mean(pos2, {_NORMALISED}**2))"
_CENTRED = f"sqrt(eps/({_ROOM}))*((out(image, pos, {{b}}) - beta)/gamma)"
_WITH, _WITHOUT = (_CENTRED.format(b=b) for b in ("b", "0"))
_EQUAL = "out(image, pos, b) == out(image, pos, 0)"
_DIFFER = "padded(image, pos, b) - mean_at(b) != padded(image, pos, 0) - mean_at(0)"

THEOREM = Theorem(
    name="first_bias_survives_of_zero_padded_second_convolution",
    title="Two convolutions: zero padding lets the first bias through",
    statement="Let two convolutions and a batch normalisation with {eps > 0} and {gamma != 0} follow one another with no activation "
    "between. Let {pixels[image, pos]} be what the first computes without its bias {b}, for {images} images of {L} positions in a "
    "row. Let the second have the kernel {w_left}, {w_mid}, {w_right} and stride 1, and pad the row with one zero at each end. Then "
    "{b} arrives as {arrives(pos)}, {padded(image, pos, b) == padded(image, pos, 0) + arrives(pos)}, with one weight missing at "
    "each end of the row: {arrives(1) == b*(w_mid + w_right)} and {arrives(L) == b*(w_left + w_mid)} for {L >= 2}. The mean over "
    "all images and positions leaves {centred(pos)} of it, and {sum(pos, centred(pos)**2) == b**2/L * ((L - 2)*(w_left**2 + "
    "w_right**2) + (w_left - w_right)**2)}. So a bias {b != 0} moves the output, whatever the input, "
    "{out(image, pos, b) != out(image, pos, 0)} for some {image} and {pos}, if "
    "{(L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2 > 0}. For {L >= 3} that is so if the outer weights are not both 0, "
    "{w_left**2 + w_right**2 > 0}, for {L == 2} if they differ, {w_left != w_right}. Otherwise {b} cancels: if both are 0, for "
    "{L == 2} if they are equal, {w_right == w_left}, and for {L == 1} always.",
    hypotheses=(
        Hypothesis("The padding is zero.",
            witness("Replicated padding, all three weights 1: {b == 1} arrives as 3 at each of three positions, and cancels.",
                    {"images": 1, "L": 3, "pixels": ((1, 0, 2),), "b": 1, **_ONES}, """
              w_left*(pixels[1, 1] + b) + w_mid*(pixels[1, 1] + b) + w_right*(pixels[1, 2] + b)
                == w_left*pixels[1, 1] + w_mid*pixels[1, 1] + w_right*pixels[1, 2] + 3
              w_left*(pixels[1, 1] + b) + w_mid*(pixels[1, 2] + b) + w_right*(pixels[1, 3] + b)
                == w_left*pixels[1, 1] + w_mid*pixels[1, 2] + w_right*pixels[1, 3] + 3
              w_left*(pixels[1, 2] + b) + w_mid*(pixels[1, 3] + b) + w_right*(pixels[1, 3] + b)
                == w_left*pixels[1, 2] + w_mid*pixels[1, 3] + w_right*pixels[1, 3] + 3
            """)),
        Hypothesis("For the output to move: not both outer weights are 0; for {L == 2} they differ.",
            witness("{L == 2} and all weights 1: both positions receive {b*(w_mid + w_right) == b*(w_left + w_mid)}.",
                    {"L": 2, "b": 5, **_ONES}, """
              arrives(1) == 10
              arrives(2) == 10
              centred(1) == 0
              centred(2) == 0
            """),
            formal=(_UNEVEN,)),
        Hypothesis("For the output to move: there are at least two positions.",
            witness("{L == 1}: the only position receives {b*w_mid == 5}, in every image, and nothing is left.",
                    {"L": 1, "b": 1, "w_left": 2, "w_mid": 5, "w_right": -3}, """
              arrives(1) == 5
              centred(1) == 0
            """),
            formal=("L >= 2",)),
        Hypothesis("{eps > 0}.",
            witness("All weights and all values 1, {b == 1}: 2, 3, 2 becomes 4, 6, 4, and with {eps == 0} a factor cancels.",
                    {**_ROW, "gamma": 1, "eps": 0}, """
              padded(1, 2, 0) == 3
              padded(1, 2, b) == 6
              out(1, 1, b) == out(1, 1, 0)
              out(1, 2, b) == out(1, 2, 0)
              out(1, 3, b) == out(1, 3, 0)
            """),
            formal=("eps > 0",)),
        Hypothesis("{gamma != 0}.",
            witness("With {gamma == 0} the output is {beta}, whatever arrives.", {**_ROW, "gamma": 0, "eps": 1}, """
              out(1, 1, b) == 5
              out(1, 1, 0) == 5
              out(1, 2, b) == out(1, 2, 0)
              out(1, 3, b) == out(1, 3, 0)
            """),
            formal=("gamma != 0",)),
    ),
    conclusions=(
        Conclusion("padded(image, pos, b) == padded(image, pos, 0) + arrives(pos)"),
        Conclusion("arrives(1) == b*(w_mid + w_right)"),
        Conclusion("arrives(L) == b*(w_left + w_mid)"),
        Conclusion("arrives(pos) - mean(image2, mean(pos2, arrives(pos2))) == centred(pos)"),
        Conclusion("sum(pos, centred(pos)**2) == b**2/L * ((L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2)"),
        Conclusion("out(image, pos, b) != out(image, pos, 0)", given=("b != 0",), some=("image", "pos")),
        Conclusion(_UNEVEN, given=("L >= 3", _OUTER)),
        Conclusion(_UNEVEN, given=("L == 2", "w_left != w_right")),
        Conclusion(_EQUAL, given=("w_left == 0", "w_right == 0")),
        Conclusion("out(image, 1, b) == out(image, 1, 0)", given=("L == 2", "w_right == w_left")),
        Conclusion("out(image, 2, b) == out(image, 2, 0)", given=("L == 2", "w_right == w_left")),
        Conclusion("out(image, 1, b) == out(image, 1, 0)", given=("L == 1",)),
    ),
    proof=(
        chain("arrives", "A padded zero carries no {b}: at the border one weight meets none.", """
          padded(image, pos, b)
        = padded(image, pos, 0) + b*w_left*(1 - delta(pos, 1)) + b*w_mid + b*w_right*(1 - delta(pos, L))
            -- collect the terms with {b}
        = padded(image, pos, 0) + arrives(pos)  -- definition of {arrives(pos)}
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
        chain("left", "In a batch of {images} images the same border is in each, and the mean over all values is the same. "
              "So the mean removes this, and leaves", """
          arrives(pos) - mean(image2, mean(pos2, arrives(pos2)))
        = arrives(pos) - mean(pos2, arrives(pos2))                                 -- what arrives does not depend on the image
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
        sign("uneven", "If this is not 0, something is left.", """
          sum(pos, centred(pos)**2)
        = b**2/L * ((L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2)  -- the result above
        > 0                                                                    -- a product of positive numbers
        """, given=("L >= 2", "b != 0", _UNEVEN)),
        NotZero("So something is left at some position.", of="uneven", part="centred(pos) != 0", label="some_left"),
        sign("For {L >= 3} it is enough that the outer weights are not both 0.", """
          (L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2
        > 0  -- a product of positive numbers, plus a square
        """, given=("L >= 3", _OUTER)),
        sign("For {L == 2} only their difference counts.", """
          (L - 2)*(w_left**2 + w_right**2) + (w_left - w_right)**2
        = (w_left - w_right)**2  -- {L - 2 == 0}
        > 0                      -- the square of a number that is not 0
        """, given=("L == 2", "w_left != w_right")),
        Say("Now the normalisation. The outputs determine the centred values, here of all "
            "images and positions."),
        sign("room", "The normalised values show how large {eps} is beside the variance. For {eps > 0} one may divide by this.", f"""
          {_ROOM.format(b="b")}
        = eps/(variance(b) + eps)  -- definition of the outputs
        > 0                        -- a positive number over a positive one
        """, given=("L >= 2", "eps > 0", "gamma != 0")),
        chain("values", "So the outputs determine the centred values.", f"""
          padded(image, pos, b) - mean_at(b)
        = {_WITH}
            -- the normalised value times the root of {{variance(b) + eps}}, which the line above gives
        """, given=("L >= 2", "eps > 0", "gamma != 0"), since=("room",)),
        sign("room_without", "The same without the bias.", f"""
          {_ROOM.format(b="0")}
        = eps/(variance(0) + eps)  -- as before
        > 0                        -- a positive number over a positive one
        """, given=("L >= 2", "eps > 0", "gamma != 0")),
        chain("values_without", "By the same formula.", f"""
          padded(image, pos, 0) - mean_at(0)
        = {_WITHOUT}  -- as before
        """, given=("L >= 2", "eps > 0", "gamma != 0"), since=("room_without",)),
        Congruence("So equal outputs need equal centred values.", of=("values", "values_without"), inputs=(_EQUAL,), label="equal"),
        chain("difference", "But these differ by what the mean leaves of {b}.", """
          (padded(image, pos, b) - mean_at(b)) - (padded(image, pos, 0) - mean_at(0))
        = centred(pos)  -- what arrives, less its mean
        """),
        Join("So this difference is not 0 somewhere,", of=("difference", "some_left"), label="some_differ"),
        NotZero("some centred values differ,", of="some_differ", part=_DIFFER, label="unequal"),
        Contrapositive("and with them some outputs.", of="equal", but="unequal", fails=_EQUAL, label="moves"),
        chain("Without outer weights {b*w_mid} arrives everywhere, and the mean removes it.", """
          out(image, pos, b)
        = gamma*(padded(image, pos, 0) + b*w_mid - (mean_at(0) + b*w_mid))/sqrt(variance(0) + eps) + beta
            -- values and mean move by the same
        = out(image, pos, 0)  -- {b*w_mid} cancels
        """, given=("w_left == 0", "w_right == 0")),
        chain("So it is with two positions and equal outer weights: {b*(w_left + w_mid)} arrives at the first", """
          out(image, 1, b)
        = gamma*(padded(image, 1, 0) + b*(w_left + w_mid) - (mean_at(0) + b*(w_left + w_mid)))/sqrt(variance(0) + eps) + beta
            -- values and mean move by the same
        = out(image, 1, 0)  -- it cancels
        """, given=("L == 2", "w_right == w_left")),
        chain("and at the second.", """
          out(image, 2, b)
        = gamma*(padded(image, 2, 0) + b*(w_left + w_mid) - (mean_at(0) + b*(w_left + w_mid)))/sqrt(variance(0) + eps) + beta
            -- values and mean move by the same
        = out(image, 2, 0)  -- it cancels
        """, given=("L == 2", "w_right == w_left")),
        chain("For {L == 1} both neighbours are padding: {b*w_mid} arrives at the only position of every image.", """
          out(image, 1, b)
        = gamma*(padded(image, 1, 0) + b*w_mid - (mean_at(0) + b*w_mid))/sqrt(variance(0) + eps) + beta  -- both deltas are 1
        = out(image, 1, 0)                                                                               -- {b*w_mid} cancels
        """, given=("L == 1",)),
        witness("A row of four positions, all weights 1, {b == 1}: the output moves at position 2, which is not at the border.",
                {"images": 1, "L": 4, "pixels": ((1, 0, 2, 0),), "b": 1, **_ONES, "gamma": 1, "beta": 0, "eps": 1}, """
          arrives(1) == 2
          arrives(2) == 3
          arrives(3) == 3
          arrives(4) == 2
          centred(2) == 1/2
          out(1, 2, b) != out(1, 2, 0)
        """),
    ),
    sources=("S4.f",),
    definitions=definitions(
        ("padded(image, pos, b)",
         "w_left*sum(pos3, delta(pos - 1, pos3)*(pixels[image, pos3] + b)) + w_mid*(pixels[image, pos] + b) "
         "+ w_right*sum(pos3, delta(pos + 1, pos3)*(pixels[image, pos3] + b))", r"\mathrm{padded}_{#1,#2}(#3)", "padded[#1, #2](#3)",
         "the second convolution of the rows plus b; a place that is no position of the row adds 0"),
        ("arrives(pos)", "b*(w_left + w_mid + w_right - w_left*delta(pos, 1) - w_right*delta(pos, L))",
         r"\mathrm{arrives}_{#1}", "arrives_#1", "what the first bias adds to the second convolution's output"),
        ("centred(pos)", "b*((w_left + w_right)/L - w_left*delta(pos, 1) - w_right*delta(pos, L))", r"\mathrm{centred}_{#1}",
         "centred_#1", "what is left of it after the mean is subtracted"),
        ("mean_at(b)", "mean(image2, mean(pos2, padded(image2, pos2, b)))", r"\mu(#1)", "μ(#1)",
         "the mean of the second convolution's output over all images and positions"),
        ("variance(b)", "mean(image2, mean(pos2, (padded(image2, pos2, b) - mean_at(b))**2))", "v(#1)", "v(#1)",
         "its variance"),
        ("out(image, pos, b)", "gamma*(padded(image, pos, b) - mean_at(b))/sqrt(variance(b) + eps) + beta",
         "y_{#1,#2}(#3)", "y[#1, #2](#3)", "the output of the batch normalisation"),
    ),
    remark="The padding of the first convolution plays no part. With several channels between the convolutions, each adds such a "
    "term: {b*w_left} then stands for the sum of bias times left weight over the channels, {b*w_right} likewise, and only these "
    "two sums decide. Several channels and two dimensions have a theorem of their own.",
)
