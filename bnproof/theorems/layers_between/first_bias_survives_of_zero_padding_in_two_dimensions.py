"""In two dimensions, with several channels, zero padding of the second convolution lets the first biases through.

Statement: they arrive as Σ_c b_c Σ_{r,r'} w_{c,r,r'}·[h + r − o in the row]·[ξ + r' − o' in the column]; for 3 × 3 kernels on a map of at
least 3 × 3 this is uneven, and moves the output for ε > 0 and γ ≠ 0, unless the eight outer sums Σ_c b_c w_{c,r,r'} are 0.
"""

from __future__ import annotations

from ...symbolic.inferences import Chain, Item, Join, Say, Use, chain, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, Y_PLUS, ZERO_PADDING, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

EVEN = "arrives33(pos, col) == common"
"""The same arrives everywhere."""

_CORNERS = (("1, 1", "1", "1"), ("1, 3", "1", "Lcol"), ("3, 1", "L", "1"), ("3, 3", "L", "Lcol"))
"""A corner entry of the kernel; the row and the column of the map that do not meet it."""
_EDGES = (
    ("1, 2", "1, 2", ("1, 1", "1, Lcol"), ("2, 1", "2, Lcol")),
    ("3, 2", "L, 2", ("L, 1", "L, Lcol"), ("2, 1", "2, Lcol")),
    ("2, 1", "2, 1", ("1, 1", "L, 1"), ("1, 2", "L, 2")),
    ("2, 3", "2, Lcol", ("1, Lcol", "L, Lcol"), ("1, 2", "L, 2")),
)
"""An entry between two corner entries; a position at its edge, the two corners there, positions at the corners' other edges."""
OUTER = tuple(entry for entry, *_ in (*_CORNERS, *_EDGES))


def _outer(entry: str, claim: str, arrives: str, reason: str) -> tuple[Item, ...]:
    """An outer entry from what arrives at some positions; and that it is 0 where the same arrives everywhere."""
    label = f"outer_{entry.replace(', ', '_')}"
    return (
        Chain(claim, f"outer({entry})", ((arrives, reason),), label=label),
        Chain(
            "If the same arrives everywhere, this is",
            arrives,
            (("0", "as many terms carry a plus as a minus"),),
            label=f"{label}_even",
            given=(EVEN,),
        ),
        Join(f"and so is {{outer({entry})}}.", of=(label, f"{label}_even")),
    )


def _corner(entry: str, row: str, column: str) -> tuple[Item, ...]:
    arrives = f"arrives33(2, 2) - arrives33({row}, 2) - arrives33(2, {column}) + arrives33({row}, {column})"
    claim = f"The entry {{outer({entry})}} is missing in one corner and at the two edges that meet there."
    return _outer(entry, claim, arrives, "inside minus both edges plus the corner: every other entry cancels")


def _edge(entry: str, edge: str, corners: tuple[str, str], sides: tuple[str, str]) -> tuple[Item, ...]:
    arrives = f"arrives33({edge}) - arrives33(2, 2)" + "".join(
        f" + arrives33({side}) - arrives33({corner})" for side, corner in zip(sides, corners, strict=True)
    )
    claim = f"The entry {{outer({entry})}} is missing along an edge together with two corner entries."
    return _outer(entry, claim, arrives, "inside minus the edge, minus both corner entries as just found")


NOTHING_ARRIVES = {
    "C": 1,
    "L": 3,
    "Lcol": 3,
    "common": 0,
    "biases": (0,),
    "kernels2d": (((1, 1, 1), (1, 1, 1), (1, 1, 1)),),
}

THEOREM = Theorem(
    name="first_bias_survives_of_zero_padding_in_two_dimensions",
    title="Two convolutions in two dimensions: zero padding lets the biases of all channels through",
    statement="Let two convolutions and a batch normalisation with {eps > 0} and {gamma != 0} follow one another with no "
    "activation between, on maps of {L} by {Lcol} positions. The first adds {biases[c]} to each value of its channel {c} of "
    "{C}; the second adds over the channels, with kernels of any size {Krow} by {Kcol}, whose entry {above}, {before} looks at the "
    "position itself, with stride 1 and zero padding. Then the position {pos}, {col} receives {arrives(pos, col)}: the entry "
    "{krow}, {kcol} brings its share wherever it meets the map. For centred 3 × 3 kernels and at least three positions in each "
    "direction this is {arrives33(pos, col)}, and it is the same everywhere if and only if the eight outer sums {outer(krow, kcol)}, "
    "all but {outer(2, 2)}, are 0. If one of them is not, the biases move the output, whatever the input.",
    hypotheses=(
        Hypothesis("One of the eight outer sums is not 0.",
            witness("Two channels whose kernels are equal and whose biases cancel: nothing arrives, at the border or inside.",
                    {"C": 2, "L": 3, "Lcol": 3, "biases": (5, -5),
                     "kernels2d": (((1, 2, 3), (4, 5, 6), (7, 8, 9)), ((1, 2, 3), (4, 5, 6), (7, 8, 9)))}, """
              outer(1, 1) == 0
              arrives33(1, 1) == 0
              arrives33(2, 2) == 0
            """)),
        Hypothesis("The map has at least three positions in each direction.",
            witness("On a map of 2 × 2 each position meets four of nine ones: 4 arrives everywhere.",
                    {"C": 1, "L": 2, "Lcol": 2, "biases": (1,), "kernels2d": (((1, 1, 1), (1, 1, 1), (1, 1, 1)),)}, """
              outer(1, 1) == 1
              arrives33(1, 1) == 4
              arrives33(1, 2) == 4
              arrives33(2, 1) == 4
              arrives33(2, 2) == 4
            """)),
        Hypothesis("The padding is zero.",
            witness("With replicated padding all nine ones meet a value everywhere: 9 arrives at each "
                    "of four positions, and the output stays.",
                    {"n": 4, "z": (1, 0, 2, 5), "added": (9, 9, 9, 9), "gamma": 1, "beta": 0, "eps": 1}, """
              yplus(1) == y(1)
              yplus(2) == y(2)
              yplus(3) == y(3)
              yplus(4) == y(4)
            """)),
        Hypothesis("{eps > 0}.",
            witness("Nine ones on a map of 3 × 3, {eps == 0}: what arrives doubles the centred "
                    "values, and a positive factor cancels.",
                    {"n": 9, "z": (4, 6, 4, 6, 9, 6, 4, 6, 4), "added": (4, 6, 4, 6, 9, 6, 4, 6, 4), "gamma": 1, "beta": 0,
                     "eps": 0}, """
              yplus(1) == y(1)
              yplus(2) == y(2)
              yplus(5) == y(5)
            """),
            formal=("eps > 0",)),
        Hypothesis("{gamma != 0}.",
            witness("With {gamma == 0} the output is {beta}, whatever arrives.",
                    {"n": 2, "z": (-1, 1), "added": (4, 9), "gamma": 0, "beta": 3, "eps": 1}, """
              yplus(1) == y(1)
              yplus(2) == y(2)
            """),
            formal=("gamma != 0",)),
    ),
    conclusions=(
        Conclusion("second(pos, col) == without(pos, col) + arrives(pos, col)"),
        Conclusion(
            "arrives(pos, col) == sum(krow, 1, 3, sum(kcol, 1, 3, outer(krow, kcol)*inrow(pos + krow - 2)*incol(col + kcol - 2)))",
            given=("Krow == 3", "Kcol == 3", "above == 2", "before == 2"),
        ),
        Conclusion("sum(pos2, 0, L, delta(pos - 1, pos2)) - delta(pos - 1, 0) == inrow(pos - 1)"),
        Conclusion("sum(pos2, 1, L + 1, delta(pos + 1, pos2)) - delta(pos + 1, L + 1) == inrow(pos + 1)"),
        *(Conclusion(f"outer({entry}) == 0", given=(EVEN,), example=NOTHING_ARRIVES) for entry in OUTER),
        Conclusion(
            "arrives33(pos, col) == outer(2, 2)",
            given=("kernels2d[c, krow, kcol] == delta(krow, 2)*delta(kcol, 2)*kernels2d[c, 2, 2]",),
        ),
        Conclusion("mean(i, mean(pos, mean(col, arrives33(pos, col)))) == mean(pos, mean(col, arrives33(pos, col)))"),
        Conclusion(
            "(plane[pos, col] + arrives33(pos, col) - mean(pos2, mean(col2, plane[pos2, col2] + arrives33(pos2, col2)))) "
            "- (plane[pos, col] - mean(pos2, mean(col2, plane[pos2, col2]))) "
            "== arrives33(pos, col) - mean(pos2, mean(col2, arrives33(pos2, col2)))"
        ),
        Conclusion("yplus(k) != y(k)", some=("k",), given=("var(i, added[i]) > 0",)),
    ),
    proof=(
        Say("Zero padding: a place that is a position of the map, in its row and in its column, holds the value there, with "
            "its bias; any other place holds 0. So the kernel entry in row {krow} and column {kcol} meets, for channel {c},"),
        chain("entry", "a value and a bias inside the map, neither outside.", """
          padded(c, pos + krow - above, col + kcol - before)
        = bare(c, pos + krow - above, col + kcol - before) + biases[c]*inrow(pos + krow - above)*incol(col + kcol - before)
            -- multiply out: the bias comes with the same mask
        """),
        chain("arrives", "Over all entries and channels: what the second convolution computes "
              "without the biases, and what they add.", """
          second(pos, col)
        = without(pos, col) + arrives(pos, col)  -- insert the line above for each entry, and part the sum
        """),
        chain("Now 3 × 3 kernels whose second row and column look at the position itself.", """
          arrives(pos, col)
        = sum(krow, 1, 3, sum(kcol, 1, 3, outer(krow, kcol)*inrow(pos + krow - 2)*incol(col + kcol - 2)))
            -- add over the channels first: {outer(krow, kcol)}
        """, given=("Krow == 3", "Kcol == 3", "above == 2", "before == 2")),
        Say("The first row of the kernel looks at the place {pos - 1}, one of the places 0 to {L - 1}, and"),
        chain("above", "of these all but the first lie in the row.", """
          sum(pos2, 0, L, delta(pos - 1, pos2)) - delta(pos - 1, 0)
        = inrow(pos - 1)  -- take the first place out of the sum
        """),
        chain("below", "The last row looks at {pos + 1}, one of the places 2 to {L + 1}; all but the last lie in the row.", """
          sum(pos2, 1, L + 1, delta(pos + 1, pos2)) - delta(pos + 1, L + 1)
        = inrow(pos + 1)  -- take the last place out of the sum
        """),
        Say("Both sums are 1, for they count one place once. So only the first position is without the first row, and only the "
            "last without the last: the mask is {seenrow(krow, pos)}, in a column {seencol(kcol, col)}."),
        *(item for corner in _CORNERS for item in _corner(*corner)),
        *(item for edge in _EDGES for item in _edge(*edge)),
        Say("So where the same arrives everywhere, all eight outer sums are 0. Conversely, if they are 0, the centre "
            "is left, which meets the map everywhere:"),
        chain("The same arrives everywhere.", """
          arrives33(pos, col)
        = outer(2, 2)  -- one term of nine; no mask depends on {pos} or {col} there
        """, given=("kernels2d[c, krow, kcol] == delta(krow, 2)*delta(kcol, 2)*kernels2d[c, 2, 2]",)),
        chain("images", "Now the normalisation. In a batch of {n} images the same arrives in each, so the "
              "mean of what arrives is that over one map.", """
          mean(i, mean(pos, mean(col, arrives33(pos, col))))
        = mean(pos, mean(col, arrives33(pos, col)))  -- what arrives does not depend on the image
        """),
        chain("centred", "Whatever the second convolution computes without the biases, {plane[pos, col]}, its "
              "centred values move by what the mean leaves.", """
          (plane[pos, col] + arrives33(pos, col) - mean(pos2, mean(col2, plane[pos2, col2] + arrives33(pos2, col2))))
            - (plane[pos, col] - mean(pos2, mean(col2, plane[pos2, col2])))
        = arrives33(pos, col) - mean(pos2, mean(col2, arrives33(pos2, col2)))  -- {plane[pos, col]} and its mean cancel
        """),
        Use("In the theorem cited all values of all images are numbered one after the other, and {added[k]} is what arrives at "
            "value {k}. Where it is not the same everywhere, some output moves.",
            "output_moves_of_uneven_shift", "moves", "yplus(k)", "y(k)", relation="!=", some=("k",),
            given=("eps > 0", "gamma != 0", "var(i, added[i]) > 0")),
        witness("Two channels with biases 2 and 3 on a map of 3 × 3; the first kernel sees the left neighbour, the second the "
                "upper one. 0, 2, 3 or 5 arrives, and the output in the middle moves.",
                {"C": 2, "L": 3, "Lcol": 3, "biases": (2, 3),
                 "kernels2d": (((0, 0, 0), (1, 0, 0), (0, 0, 0)), ((0, 1, 0), (0, 0, 0), (0, 0, 0))), "n": 9,
                 "z": (1, 0, 2, 0, 0, 1, 3, 0, 1), "added": (0, 2, 2, 3, 5, 5, 3, 5, 5), "gamma": 1, "beta": 0, "eps": 1}, """
          arrives33(1, 1) == added[1]
          arrives33(1, 2) == added[2]
          arrives33(1, 3) == added[3]
          arrives33(2, 1) == added[4]
          arrives33(2, 2) == added[5]
          arrives33(2, 3) == added[6]
          arrives33(3, 1) == added[7]
          arrives33(3, 2) == added[8]
          arrives33(3, 3) == added[9]
          yplus(5) != y(5)
        """),
    ),
    sources=("S4.f",),
    definitions=definitions(
        *BATCHNORM,
        *BATCHNORM_AT,
        Y_PLUS,
        *ZERO_PADDING,
        ("padded(c, pos, col)", "inrow(pos)*incol(col)*(planes[c, pos, col] + biases[c])", r"\mathrm{padded}_{#1,#2,#3}",
         "padded[#1, #2, #3]", "what stands at a place of a channel, with the bias: its value inside the map, 0 outside"),
        ("bare(c, pos, col)", "inrow(pos)*incol(col)*planes[c, pos, col]", r"\mathrm{bare}_{#1,#2,#3}", "bare[#1, #2, #3]",
         "the same without the bias"),
        ("second(pos, col)",
         "sum(c, sum(krow, sum(kcol, kernels2d[c, krow, kcol]*padded(c, pos + krow - above, col + kcol - before))))",
         r"\mathrm{second}_{#1,#2}", "second[#1, #2]", "the second convolution of the maps with their biases"),
        ("without(pos, col)",
         "sum(c, sum(krow, sum(kcol, kernels2d[c, krow, kcol]*bare(c, pos + krow - above, col + kcol - before))))",
         r"\mathrm{without}_{#1,#2}", "without[#1, #2]", "the second convolution of the maps without biases"),
        ("arrives(pos, col)",
         "sum(c, biases[c]*sum(krow, sum(kcol, kernels2d[c, krow, kcol]*inrow(pos + krow - "
         "above)*incol(col + kcol - before))))", r"\mathrm{arrives}_{#1,#2}", "arrives[#1, #2]",
         "what the first biases add to the second convolution's output"),
        ("outer(krow, kcol)", "sum(c, biases[c]*kernels2d[c, krow, kcol])", "S_{#1,#2}", "S[#1, #2]",
         "the sum of bias times entry of the 3 × 3 kernel over the channels"),
        ("arrives33(pos, col)", "sum(krow, 1, 3, sum(kcol, 1, 3, outer(krow, kcol)*seenrow(krow, pos)*seencol(kcol, col)))",
         r"\mathrm{arrives}'_{#1,#2}", "arrives′[#1, #2]", "the same for 3 × 3 kernels"),
    ),
    minimum={"L": 3, "Lcol": 3},
)
