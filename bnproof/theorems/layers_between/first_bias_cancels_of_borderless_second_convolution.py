"""In Conv → Conv → BatchNorm the first bias cancels too, unless the second convolution pads with zeros.

Statement: with valid or circular padding b arrives as b·Σw everywhere, with reflect or replicate padding too (written out for
kernels of length 3); and y_k(b·Σw) = y_k(0).
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, Y_PLUS, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_CHANNELS = "sum(c, biases[c]*sum(tap, kernels2[c, tap]))"

THEOREM = Theorem(
    name="first_bias_cancels_of_borderless_second_convolution",
    title="Two convolutions: the first bias cancels too, if no zeros are padded",
    statement="Let two convolutions and a batch normalisation follow one another with no activation between. If all that the "
    "second convolution reads carries the first bias {b}, this arrives at every position {place} as the same constant, {b} "
    "times the sum of the second kernel: {sum(tap, kernel[tap]*(line[place + tap] + b)) == sum(tap, kernel[tap]*line[place + "
    "tap]) + b*sum(tap, kernel[tap])}, where {line[place]} is the row as it is read, without the bias. So it is without "
    "padding (valid), and on a ring (circular). With reflection and replication it is so because what is padded is a copy; "
    "for kernels of length 3, on a row of at least two positions, this is written out: {reflected(pos, b) == reflected(pos, "
    "0) + b*(w_left + w_mid + w_right)} and {replicated(pos, b) == replicated(pos, 0) + b*(w_left + w_mid + w_right)}. With "
    "{C} channels between, {sum(c, biases[c]*sum(tap, kernels2[c, tap]))} arrives. The normalisation removes it from the "
    "values {z[k]} that the second convolution gives without the first bias: {y_at(k, b*sum(tap, kernel[tap])) == y_at(k, 0)} "
    "and {y_at(k, sum(c, biases[c]*sum(tap, kernels2[c, tap]))) == y_at(k, 0)}, where {v + eps > 0}. The kernel has any "
    "finite number of weights, at any offsets, and {place} is any position: its length, stride and dilation play no part, and "
    "neither does the padding of the first convolution.",
    hypotheses=(
        Hypothesis("What is padded is taken from the map, so that it carries {b} too: it is not 0 or another constant.",
            witness("A row of three positions with values 0, kernel with all three weights 1, zero padding: {b == 1} arrives "
                    "as 2, 3, 2, and the output in the middle moves.",
                    {"n": 3, "z": (0, 0, 0), "b": 1, "w_left": 1, "w_mid": 1, "w_right": 1, "added": (2, 3, 2), "gamma": 1,
                     "beta": 0, "eps": 1}, """
              b*(w_mid + w_right) == added[1]
              b*(w_left + w_mid + w_right) == added[2]
              yplus(2) != y(2)
            """)),
        Hypothesis("Every output position meets the whole kernel: the second layer is not a transposed convolution.",
            witness("A transposed convolution of stride 2 with kernel of length 3 gives {w_mid*row[1]} at one position, "
                    "{w_right*row[1] + w_left*row[2]} at the next. With all weights 1, {b == 1} arrives as 1 and as 2.",
                    {"w_left": 1, "w_mid": 1, "w_right": 1, "b": 1, "row": (5, 7)}, """
              w_mid*(row[1] + b) - w_mid*row[1] == 1
              w_right*(row[1] + b) + w_left*(row[2] + b) - (w_right*row[1] + w_left*row[2]) == 2
            """)),
        Hypothesis("No activation stands between the two convolutions.",
            witness("A ReLU between, second kernel of length 1 and weight 1: {b == 1} moves one "
                    "position by 1 and the other by 0.",
                    {"b": 1, "row": (2, -3)}, """
              relu(row[1] + b) - relu(row[1]) == 1
              relu(row[2] + b) - relu(row[2]) == 0
            """)),
    ),
    conclusions=(
        Conclusion("sum(tap, kernel[tap]*(line[place + tap] + b)) == "
                   "sum(tap, kernel[tap]*line[place + tap]) + b*sum(tap, kernel[tap])"),
        Conclusion("sum(tap, kernel[tap]*(ring[ringpos + tap] + b)) == "
                   "sum(tap, kernel[tap]*ring[ringpos + tap]) + b*sum(tap, kernel[tap])"),
        Conclusion("reflected(pos, b) == reflected(pos, 0) + b*(w_left + w_mid + w_right)"),
        Conclusion("replicated(pos, b) == replicated(pos, 0) + b*(w_left + w_mid + w_right)"),
        Conclusion("sum(c, sum(tap, kernels2[c, tap]*(lines[c, place + tap] + biases[c]))) == "
                   f"sum(c, sum(tap, kernels2[c, tap]*lines[c, place + tap])) + {_CHANNELS}"),
        Conclusion("y_at(k, b*sum(tap, kernel[tap])) == y_at(k, 0)", given=("v + eps > 0",)),
        Conclusion(f"y_at(k, {_CHANNELS}) == y_at(k, 0)", given=("v + eps > 0",)),
    ),
    proof=(
        chain("valid", "Every offset of the kernel meets a value that carries {b}: with valid padding, or where what "
              "is padded is a copy.", """
          sum(tap, kernel[tap]*(line[place + tap] + b))
        = sum(tap, kernel[tap]*line[place + tap]) + sum(tap, kernel[tap]*b)  -- a sum of sums
        = sum(tap, kernel[tap]*line[place + tap]) + b*sum(tap, kernel[tap])  -- {b} is the same for every offset
        """),
        chain("circular", "Circular padding: the position after the last is the first, and carries {b} like any other.", """
          sum(tap, kernel[tap]*(ring[ringpos + tap] + b))
        = sum(tap, kernel[tap]*ring[ringpos + tap]) + b*sum(tap, kernel[tap])  -- the same two steps
        """),
        chain("reflect", "Reflection of a row of {L >= 2} positions: left of position 1 stands a copy of number 2, right of "
              "{L} one of {L - 1}. Here the kernel has length 3.", """
          reflected(pos, b)
        = reflected(pos, 0)
            + b*(w_left*(1 - delta(pos, 1) + delta(pos, 1)) + w_mid + w_right*(1 - delta(pos, L) + delta(pos, L)))
            -- the neighbour carries {b}, and so does the copy in its place
        = reflected(pos, 0) + b*(w_left + w_mid + w_right)  -- one of the two is always there
        """),
        chain("replicate", "Replication: the first and the last value are repeated.", """
          replicated(pos, b)
        = replicated(pos, 0) + b*(w_left + w_mid + w_right)  -- for the same reason
        """),
        Say("In longer kernels every padded value is again a copy of a value of the map and carries {b}: this is the first "
            "calculation, where {line[place]} is the padded row."),
        chain("channels", "With {C} channels between the two, each brings its own constant.", """
          sum(c, sum(tap, kernels2[c, tap]*(lines[c, place + tap] + biases[c])))
        = sum(c, sum(tap, kernels2[c, tap]*lines[c, place + tap])) + sum(c, biases[c]*sum(tap, kernels2[c, tap]))
            -- {biases[c]} does not depend on the offset
        """),
        Say("No constant depends on the position. A stride leaves positions out, a dilation spreads the offsets. The second "
            "bias would add one more constant."),
        Use("So the normalisation removes what arrives, as it removes any bias.", "bias_cancels_of_batch_statistics", "output",
            "y_at(k, b*sum(tap, kernel[tap]))", "y_at(k, 0)", {"b": "b*sum(tap, kernel[tap])"}),
        Use("The same with several channels between the convolutions.", "bias_cancels_of_batch_statistics", "output",
            f"y_at(k, {_CHANNELS})", "y_at(k, 0)", {"b": _CHANNELS}),
    ),
    sources=("S4.f", "S4.a"),
    definitions=definitions(
        *BATCHNORM,
        *BATCHNORM_AT,
        Y_PLUS,
        ("reflected(pos, b)",
         "w_left*((1 - delta(pos, 1))*(row[pos - 1] + b) + delta(pos, 1)*(row[2] + b)) + w_mid*(row[pos] + b) + w_right*((1 - "
         "delta(pos, L))*(row[pos + 1] + b) + delta(pos, L)*(row[L - 1] + b))", r"\mathrm{reflected}_{#1}(#2)",
         "reflected_#1(#2)", "the second convolution of the row plus b, with reflect padding"),
        ("replicated(pos, b)",
         "w_left*((1 - delta(pos, 1))*(row[pos - 1] + b) + delta(pos, 1)*(row[1] + b)) + w_mid*(row[pos] + b) + w_right*((1 - "
         "delta(pos, L))*(row[pos + 1] + b) + delta(pos, L)*(row[L] + b))", r"\mathrm{replicated}_{#1}(#2)",
         "replicated_#1(#2)", "the second convolution of the row plus b, with replicate padding"),
    ),
    minimum={"L": 2},
)
