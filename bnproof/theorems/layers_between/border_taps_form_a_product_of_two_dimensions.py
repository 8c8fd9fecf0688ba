"""In two dimensions the kernel entries that meet the map form a rectangle, but what they add up to need not factorise.

Statement: [(h + r, ξ + r') in the map] = [h + r in 1…L]·[ξ + r' in 1…L']; the sum of the kernel over them is a product
if the kernel is; for a 3 × 3 kernel inside × corner − edge × edge = (sum of all)·w₁₁ − (first row)·(first column).
"""

from __future__ import annotations

from ...symbolic.inferences import Chain, Say, Witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="border_taps_form_a_product_of_two_dimensions",
    title="In two dimensions the border's mask is a product, what a bias adds there need not be one",
    statement="At position {pos}, {col} of a map of {L} by {Lcol} positions, with stride 1 and zero padding, the kernel "
    "entry with offsets {tap}, {tap2} meets a value of the map if and only if it does so in both directions: the mask is "
    "{inrow(pos + tap)*incol(col + tap2)}. What a bias {b} of the layer before adds there is {arrives(pos, col)}; how that "
    "layer pads plays no part. It is a product of a row part and a column part if the kernel is, but not in general. With "
    "a 3 × 3 kernel and at least three positions in each direction it is the same everywhere, for {b != 0}, only if all "
    "eight outer entries are 0.",
    hypotheses=(
        Hypothesis(
            "For the product form: the kernel factorises.",
            Witness(
                "A cross of five ones: 5 arrives inside, 4 at an edge, 3 in a corner, and {5*3 != 4*4}.",
                {"kernel33": ((0, 1, 0), (1, 1, 1), (0, 1, 0))},
                (
                    ("inner", "==", "5"),
                    ("top", "==", "4"),
                    ("left", "==", "4"),
                    ("corner", "==", "3"),
                    ("inner*corner - top*left", "==", "-1"),
                ),
            ),
        ),
        Hypothesis(
            "For the last sentence: at least three positions in each direction.",
            Witness(
                "On a map of one position only the centre meets it, whatever the outer entries.",
                {"L": 1, "Lcol": 1},
                (
                    ("inrow(0)*incol(1)", "==", "0"),
                    ("inrow(2)*incol(2)", "==", "0"),
                    ("inrow(1)*incol(1)", "==", "1"),
                ),
            ),
        ),
    ),
    proof=(
        Chain(
            "Count the positions of the map that the entry meets: none or one.",
            "sum(pos2, sum(col2, delta(pos + tap, pos2)*delta(col + tap2, col2)))",
            (
                (
                    "sum(pos2, delta(pos + tap, pos2))*sum(col2, delta(col + tap2, col2))",
                    "the first factor does not depend on {col2}, the second not on {pos2}",
                ),
                ("inrow(pos + tap)*incol(col + tap2)", "the same count in each direction"),
            ),
            label="mask",
        ),
        Chain(
            "At a given position write {rowmask[tap]} and {colmask[tap2]} for the two masks. If the kernel is a "
            "product of a row factor and a column factor, so is what arrives.",
            "b*sum(tap, sum(tap2, rowkernel[tap]*colkernel[tap2]*rowmask[tap]*colmask[tap2]))",
            (
                (
                    "b*sum(tap, rowkernel[tap]*rowmask[tap]*sum(tap2, colkernel[tap2]*colmask[tap2]))",
                    "the row factors come out of the inner sum",
                ),
                (
                    "b*sum(tap, rowkernel[tap]*rowmask[tap])*sum(tap2, colkernel[tap2]*colmask[tap2])",
                    "the inner sum does not depend on {tap}",
                ),
            ),
            label="product",
        ),
        Say(
            "Now any 3 × 3 kernel {kernel33[tap, tap2]}. Inside, all its entries meet the map; at the top edge the "
            "first row does not, at the left edge the first column, in the top left corner neither. Up to the factor "
            "{b}, what arrives there is {inner}, {top}, {left} and {corner}."
        ),
        Chain(
            "If what arrives were a product, inside times corner would equal edge times edge. The difference:",
            "inner*corner - top*left",
            (
                (
                    "inner*(inner - first_row - first_column + kernel33[1, 1]) - (inner - first_row)*(inner - first_column)",
                    "take away the row, the column; the corner entry would be taken away twice",
                ),
                ("inner*kernel33[1, 1] - first_row*first_column", "expand"),
            ),
            label="determinant",
        ),
        Chain(
            "When is it the same everywhere? Compare inside and corner with the two edges.",
            "inner - top - left + corner",
            (("kernel33[1, 1]", "the other entries occur as often with plus as with minus"),),
            label="corner",
        ),
        Chain(
            "And inside with the top edge.",
            "inner - top",
            (("first_row", "only the first row is missing"),),
            label="edge",
        ),
        Say(
            "So if the same arrives everywhere, the four corner entries are 0, by the first of the two and its mirror "
            "images; then, by the second, so are the four entries between them. Only the centre is left."
        ),
        Say(
            "If another entry is not 0 and {b != 0}, what arrives is therefore uneven, and by “Only a uniform shift passes "
            "batch normalisation unseen” it moves the output, if the normalisation's small constant is positive and its "
            "scale not 0."
        ),
    ),
    sources=("S4.f",),
    definitions=definitions(
        (
            "inrow(pos)",
            "sum(pos2, delta(pos, pos2))",
            r"\mathrm{in}(#1)",
            "in(#1)",
            "1 if this is one of the positions of a row, else 0",
        ),
        (
            "incol(col)",
            "sum(col2, delta(col, col2))",
            r"\mathrm{in}'(#1)",
            "in′(#1)",
            "1 if this is one of the positions of a column, else 0",
        ),
        ("inner", "sum(tap, 1, 3, sum(tap2, 1, 3, kernel33[tap, tap2]))", "S_{0}", "S₀", "all entries, as seen inside"),
        ("top", "sum(tap, 2, 3, sum(tap2, 1, 3, kernel33[tap, tap2]))", "S_{1}", "S₁", "those seen at the top edge"),
        ("left", "sum(tap, 1, 3, sum(tap2, 2, 3, kernel33[tap, tap2]))", "S_{2}", "S₂", "those seen at the left edge"),
        ("corner", "sum(tap, 2, 3, sum(tap2, 2, 3, kernel33[tap, tap2]))", "S_{3}", "S₃", "those seen in the corner"),
        ("first_row", "sum(tap2, 1, 3, kernel33[1, tap2])", "w_{R}", "w_R", "its first row, added up"),
        ("first_column", "sum(tap, 1, 3, kernel33[tap, 1])", "w_{C}", "w_C", "its first column, added up"),
        (
            "arrives(pos, col)",
            "b*sum(tap, sum(tap2, kernel2d[tap, tap2]*inrow(pos + tap)*incol(col + tap2)))",
            r"\mathrm{arrives}_{#1,#2}",
            "arrives[#1, #2]",
            "what the first bias adds to the second convolution's output",
        ),
    ),
)
