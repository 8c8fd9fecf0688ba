"""In two dimensions the kernel entries that meet the map form a rectangle, but what they add up to need not factorise.

Statement: [(h + r − o, ξ + r' − o') in the map] = [h + r − o in 1…L]·[ξ + r' − o' in 1…L']; what a bias adds is b times the sum
of the kernel over this rectangle, a product if the kernel is; for a 3 × 3 kernel inside × corner − edge × edge =
(sum of all)·w₁₁ − (first row)·(first column).
"""

from __future__ import annotations

from ...symbolic.inferences import Say, chain, witness
from ..definitions import ZERO_PADDING, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

CROSS = ((0, 1, 0), (1, 1, 1), (0, 1, 0))
_EXAMPLE = {"L": 3, "Lcol": 3, "b": 1, "kernel2d": CROSS}
_ROOM = ("L >= 3", "Lcol >= 3")
_CENTRED = ("Krow == 3", "Kcol == 3", "above == 2", "before == 2")
_DETERMINANT = "arrives33(2, 2)*arrives33(1, 1) - arrives33(1, 2)*arrives33(2, 1)"

THEOREM = Theorem(
    name="border_taps_form_a_product_of_two_dimensions",
    title="In two dimensions the border's mask is a product, what a bias adds there need not be one",
    statement="A convolution with stride 1 and zero padding has a kernel of {Krow} by {Kcol} entries; the entry {above}, {before} "
    "looks at the position itself. At position {pos}, {col} of a map of {L} by {Lcol} positions, the number of values that the entry "
    "{krow}, {kcol} meets, none or one, is the product of those in the two directions: the mask is "
    "{inrow(pos + krow - above)*incol(col + kcol - before)}. A bias {b} of the layer before adds {arrives(pos, col)} to what the "
    "convolution computes: {second(pos, col, b) == second(pos, col, 0) + arrives(pos, col)}. This is a product of a row part and a "
    "column part if the kernel is, {kernel2d[krow, kcol] == rowkernel[krow]*colkernel[kcol]}. In general it is not. For a centred "
    "3 × 3 kernel it is {arrives(pos, col) == arrives33(pos, col)}. With at least three positions in each direction, what arrives "
    "inside, times what arrives in the first corner, less the product of what arrives at the two edges that meet there, is "
    "{b**2*(every*kernel2d[1, 1] - first_row*first_column)}; for a product it would be 0. For a cross of five ones and the "
    "bias 1 it is −1.",
    hypotheses=(
        Hypothesis("For the product form: the kernel factorises.",
            witness("A cross of five ones: 5 arrives inside, 4 at an edge, 3 in a corner, and {5*3 != 4*4}.",
                    {"L": 3, "Lcol": 3, "b": 1, "kernel2d": CROSS}, """
              arrives33(2, 2) == 5
              arrives33(1, 2) == 4
              arrives33(2, 1) == 4
              arrives33(1, 1) == 3
              arrives33(2, 2)*arrives33(1, 1) - arrives33(1, 2)*arrives33(2, 1) == -1
            """)),
        Hypothesis("The padding is zero.",
            witness("If a place outside holds the nearest value (replicated padding), all five ones of the cross meet one "
                    "in the corner as well: 5 arrives, not 3.",
                    {"L": 3, "Lcol": 3, "b": 1, "kernel2d": CROSS}, """
              b*every == 5
              arrives33(1, 1) == 3
            """)),
        Hypothesis("For the comparison of four positions: there are at least three in each direction.",
            witness("On a map of 2 × 2 every position is a corner: 3 of the cross arrives everywhere, and {3*3 - 3*3 == 0}.",
                    {"L": 2, "Lcol": 2, "b": 1, "kernel2d": CROSS}, """
              arrives33(2, 2)*arrives33(1, 1) - arrives33(1, 2)*arrives33(2, 1) == 0
              b**2*(every*kernel2d[1, 1] - first_row*first_column) == -1
            """),
            formal=("L >= 3", "Lcol >= 3")),
    ),
    conclusions=(
        Conclusion("sum(pos2, sum(col2, delta(pos + krow - above, pos2)*delta(col + kcol - before, col2)))"
                   " == inrow(pos + krow - above)*incol(col + kcol - before)"),
        Conclusion("second(pos, col, b) == second(pos, col, 0) + arrives(pos, col)"),
        Conclusion("arrives(pos, col) == b*sum(krow, rowkernel[krow]*inrow(pos + krow - above))"
                   "*sum(kcol, colkernel[kcol]*incol(col + kcol - before))",
                   given=("kernel2d[krow, kcol] == rowkernel[krow]*colkernel[kcol]",)),
        Conclusion("arrives(pos, col) == arrives33(pos, col)", given=_CENTRED),
        Conclusion(f"{_DETERMINANT} == b**2*(every*kernel2d[1, 1] - first_row*first_column)"),
        Conclusion(f"{_DETERMINANT} == -1", at=_EXAMPLE),
    ),
    proof=(
        chain("mask", "Count the positions of the map that the entry meets: none or one.", """
          sum(pos2, sum(col2, delta(pos + krow - above, pos2)*delta(col + kcol - before, col2)))
        = sum(pos2, delta(pos + krow - above, pos2))*sum(col2, delta(col + kcol - before, col2))
            -- the first factor does not depend on {col2}, the second not on {pos2}
        = inrow(pos + krow - above)*incol(col + kcol - before)  -- the same count in each direction
        """),
        chain("arrives", "The convolution of the map {plane[pos2, col2] + b}: every entry that "
              "meets a value meets its {b}.", """
          second(pos, col, b)
        = second(pos, col, 0) + arrives(pos, col)  -- collect the terms with {b}; each comes with the mask
        """),
        chain("product", "If the kernel is a product of a row factor and a column factor, so is what arrives.", """
          arrives(pos, col)
        = b*sum(krow, rowkernel[krow]*inrow(pos + krow - above)*sum(kcol, colkernel[kcol]*incol(col + kcol - before)))
            -- the row factors come out of the inner sum
        = b*sum(krow, rowkernel[krow]*inrow(pos + krow - above))*sum(kcol, colkernel[kcol]*incol(col + kcol - before))
            -- the inner sum does not depend on {krow}
        """, given=("kernel2d[krow, kcol] == rowkernel[krow]*colkernel[kcol]",)),
        Say("Now any 3 × 3 kernel, centred. Its first row looks at the position above: there is one, but for the first position."),
        chain("first", "Its mask, in a row,", """
          inrow(pos - 1)
        = 1 - delta(pos, 1)  -- {pos - 1} is a position of the row unless {pos} is the first
        """),
        chain("last", "and that of the last row of the kernel.", """
          inrow(pos + 1)
        = 1 - delta(pos, L)  -- {pos + 1} is a position of the row unless {pos} is the last
        """),
        chain("centred", "So the masks are {seenrow(krow, pos)} and, in a column, {seencol(kcol, col)}.", """
          arrives(pos, col)
        = b*sum(krow, 1, 3, sum(kcol, 1, 3, kernel2d[krow, kcol]*inrow(pos + krow - 2)*incol(col + kcol - 2)))
            -- three rows, three columns; the second of each looks at the position itself
        = arrives33(pos, col)  -- insert the masks
        """, given=_CENTRED),
        chain("inside", "Inside, all entries meet the map.", """
          arrives33(2, 2)
        = b*every  -- no delta is 1
        """, given=_ROOM),
        chain("At the top edge the first row does not,", """
          arrives33(1, 2)
        = b*(every - first_row)  -- {delta(1, 1) == 1}
        """, given=_ROOM),
        chain("at the left edge the first column,", """
          arrives33(2, 1)
        = b*(every - first_column)  -- likewise
        """, given=_ROOM),
        chain("and in the corner neither.", """
          arrives33(1, 1)
        = b*(every - first_row - first_column + kernel2d[1, 1])
            -- take away the row and the column; the corner entry would be taken away twice
        """, given=_ROOM),
        chain("determinant", "If what arrives were a product, inside times corner would equal "
              "edge times edge. The difference:", """
          arrives33(2, 2)*arrives33(1, 1) - arrives33(1, 2)*arrives33(2, 1)
        = b**2*(every*(every - first_row - first_column + kernel2d[1, 1]) - (every - first_row)*(every - first_column))
            -- the four results above
        = b**2*(every*kernel2d[1, 1] - first_row*first_column)  -- expand
        """, given=_ROOM),
        witness("A cross of five ones: 5 arrives inside, 4 at an edge and 3 in a corner, which is no product.", _EXAMPLE, """
          arrives33(2, 2)*arrives33(1, 1) - arrives33(1, 2)*arrives33(2, 1) == -1
        """),
    ),
    sources=("S4.f",),
    definitions=definitions(
        *ZERO_PADDING,
        ("second(pos, col, b)",
         "sum(krow, sum(kcol, kernel2d[krow, kcol]*sum(pos2, sum(col2, delta(pos + krow - above, pos2)*delta(col + kcol - "
         "before, col2)*(plane[pos2, col2] + b)))))", r"\mathrm{second}_{#1,#2}(#3)", "second[#1, #2](#3)",
         "the convolution of the map with the bias b, zero padded"),
        ("arrives(pos, col)",
         "b*sum(krow, sum(kcol, kernel2d[krow, kcol]*inrow(pos + krow - above)*incol(col + kcol - before)))",
         r"\mathrm{arrives}_{#1,#2}", "arrives[#1, #2]", "what the first bias adds to the second convolution's output"),
        ("arrives33(pos, col)",
         "b*sum(krow, 1, 3, sum(kcol, 1, 3, kernel2d[krow, kcol]*seenrow(krow, pos)*seencol(kcol, col)))",
         r"\mathrm{arrives}'_{#1,#2}", "arrives′[#1, #2]", "the same for a centred 3 × 3 kernel"),
        ("every", "sum(krow, 1, 3, sum(kcol, 1, 3, kernel2d[krow, kcol]))", "S_{0}", "S₀", "all nine entries, added up"),
        ("first_row", "sum(kcol, 1, 3, kernel2d[1, kcol])", "S_{R}", "S_R", "the first row, added up"),
        ("first_column", "sum(krow, 1, 3, kernel2d[krow, 1])", "S_{C}", "S_C", "the first column, added up"),
    ),
    remark="How the layer before pads plays no part. Where what arrives is uneven, the bias moves the output: the next "
    "theorem, for several channels.",
)
