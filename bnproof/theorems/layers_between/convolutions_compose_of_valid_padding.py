"""Two convolutions with nothing between them are one convolution, if no padding is read.

Statement: conv₂(conv₁(x) + b) + b₂ = conv₁₂(x) + b·Σw₂ + b₂, w₁₂[r] = Σ_t w₂[t]·w₁[r − σ₁t], any lengths and strides.
"""

from __future__ import annotations

from ...symbolic.inferences import chain, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_CONSTANT = "b*sum(tap2, kernel2[tap2]) + b2"

THEOREM = Theorem(
    name="convolutions_compose_of_valid_padding",
    title="Two convolutions in a row are one, away from padding",
    statement="Let two convolutions follow one another with no activation between, with kernels {kernel1[tap]} and "
    "{kernel2[tap]} of any finite lengths, strides {stride1} and {stride2}, and biases {b} and {b2}. Where no padded value is "
    "read (valid padding), the two are one convolution with stride {stride1*stride2}, kernel {composed(tap)} and bias "
    "{b*sum(tap2, kernel2[tap2]) + b2}: {second(place) == sum(tap, composed(tap)*line[stride1*stride2*place + tap]) + "
    "b*sum(tap2, kernel2[tap2]) + b2}. So the first bias only moves every position by the same constant. With stride 1 the "
    "same holds on a ring (circular padding), and with {C} channels between the two, which add up.",
    hypotheses=(
        Hypothesis("No padded value is read: the padding is valid or circular.",
            witness("A row of one position, both kernels with weight 1 at the offsets −1, 0, 1, zero padding, no biases: the "
                    "first convolution gives {row[1] == 1} at its only position, the second sees that and two zeros, and gives "
                    "1. The composed kernel has {1 + 1 + 1} at the offset 0.",
                    {"w_left": 1, "w_mid": 1, "w_right": 1, "row": (1,)}, """
              w_mid*(w_mid*row[1]) == 1
              (w_left*w_right + w_mid*w_mid + w_right*w_left)*row[1] == 3
            """)),
        Hypothesis("No activation stands between the two.",
            witness("With a ReLU between, and kernels of length 1 and weight 1, the response to {1 + (-1)} is not the sum of "
                    "the responses to 1 and to −1, as it would be for a convolution without bias.",
                    {"w_mid": 1, "row": (1, -1)},
                    "w_mid*relu(w_mid*(row[1] + row[2])) != w_mid*relu(w_mid*row[1]) + w_mid*relu(w_mid*row[2])")),
    ),
    conclusions=(
        Conclusion(f"second(place) == sum(tap, composed(tap)*line[stride1*stride2*place + tap]) + {_CONSTANT}"),
        Conclusion("sum(tap2, kernel2[tap2]*(sum(tap, kernel1[tap]*ring[ringpos + tap2 + tap]) + b)) + b2 == "
                   f"sum(tap, sum(tap2, kernel2[tap2]*kernel1[tap - tap2])*ring[ringpos + tap]) + {_CONSTANT}"),
        Conclusion(
            "sum(c, sum(tap2, kernels2[c, tap2]*(sum(tap, kernels1[c, tap]*line[place + tap2 + tap]) + biases[c]))) + b2 == "
            "sum(tap, sum(c, sum(tap2, kernels2[c, tap2]*kernels1[c, tap - tap2]))*line[place + tap]) + "
            "sum(c, biases[c]*sum(tap2, kernels2[c, tap2])) + b2"),
    ),
    proof=(
        chain("composed", "Put the first convolution into the second.", """
          second(place)
        = sum(tap2, kernel2[tap2]*sum(tap, kernel1[tap]*line[stride1*stride2*place + stride1*tap2 + tap]))
            + b*sum(tap2, kernel2[tap2]) + b2
            -- it reads {first(stride2*place + tap2)}, which contains {b} at every offset {tap2}
        = sum(tap, sum(tap2, kernel2[tap2]*kernel1[tap - stride1*tap2]*line[stride1*stride2*place + tap]))
            + b*sum(tap2, kernel2[tap2]) + b2
            -- exchange the finite sums, and write {tap} for the whole offset {stride1*tap2 + tap}
        = sum(tap, composed(tap)*line[stride1*stride2*place + tap]) + b*sum(tap2, kernel2[tap2]) + b2
            -- definition of {composed(tap)}
        """),
        chain("ring", "On a ring of {P} positions, with stride 1, the same steps hold; "
              "positions beyond {P} start again at 1.", """
          sum(tap2, kernel2[tap2]*(sum(tap, kernel1[tap]*ring[ringpos + tap2 + tap]) + b)) + b2
        = sum(tap2, kernel2[tap2]*sum(tap, kernel1[tap]*ring[ringpos + tap2 + tap])) + b*sum(tap2, kernel2[tap2]) + b2
            -- split off {b}
        = sum(tap, sum(tap2, kernel2[tap2]*kernel1[tap - tap2])*ring[ringpos + tap]) + b*sum(tap2, kernel2[tap2]) + b2
            -- exchange the finite sums, and write {tap} for the whole offset {tap2 + tap}
        """),
        chain("channels", "With {C} channels between the two, the second convolution adds up over them.", """
          sum(c, sum(tap2, kernels2[c, tap2]*(sum(tap, kernels1[c, tap]*line[place + tap2 + tap]) + biases[c]))) + b2
        = sum(tap, sum(c, sum(tap2, kernels2[c, tap2]*kernels1[c, tap - tap2]))*line[place + tap])
            + sum(c, biases[c]*sum(tap2, kernels2[c, tap2])) + b2  -- the same steps in each channel
        """),
    ),
    sources=("S4.f", "S2.c"),
    definitions=definitions(
        ("first(place)", "sum(tap, kernel1[tap]*line[stride1*place + tap]) + b", "y^{(1)}_{#1}", "y⁽¹⁾[#1]",
         "the first convolution's output"),
        ("second(place)", "sum(tap2, kernel2[tap2]*first(stride2*place + tap2)) + b2", "y^{(2)}_{#1}", "y⁽²⁾[#1]",
         "the second convolution's output"),
        ("composed(tap)", "sum(tap2, kernel2[tap2]*kernel1[tap - stride1*tap2])", "w^{(12)}_{#1}", "w⁽¹²⁾[#1]",
         "the composed kernel"),
    ),
    remark="Not checked: several input channels only add one such sum for each. So “only the last convolution before the "
    "normalisation is affected” is too narrow: with no activation and no zero padding between, the first bias is a constant "
    "as well.",
)
