"""In two dimensions, with several channels, zero padding of the second convolution lets the first biases through.

Statement: they arrive as Σ_c b_c Σ_{r,r'} w_{c,r,r'}·[h + r − o in the row]·[ξ + r' − o' in the column]; for 3 × 3 kernels on a map of at
least 3 × 3 this is uneven, and moves the output for ε > 0 and γ ≠ 0, unless the eight outer sums Σ_c b_c w_{c,r,r'} are 0.
"""

from __future__ import annotations

from ...symbolic.inferences import (
    Chain,
    Congruence,
    Contrapositive,
    Join,
    NotZero,
    Say,
    SumOfSquares,
    chain,
    sign,
    witness,
)
from ..definitions import ZERO_PADDING, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_THREE = ("Krow == 3", "Kcol == 3")
_CENTRED = (*_THREE, "above == 2", "before == 2")
_ROOM_INSIDE = ("L >= 3", "Lcol >= 3")
_OUTSIDE = "(1 - delta(krow, 2)*delta(kcol, 2))*outer(krow, kcol)"
_CENTRE_ALONE = "outer(krow, kcol) == delta(krow, 2)*delta(kcol, 2)*common"
_ADDED = "added2d[pos, col] == arrives33(pos, col)"
_VALUE = "zmaps[image, pos, col] - mu_bare"
_VALUE_ADDED = "zmaps[image, pos, col] + added2d[pos, col] - mu_added"
_SUPPOSED = ("eps > 0", "gamma != 0")
_EQUAL = "yadded(image, pos, col) == ybare(image, pos, col)"
_ONES = (((1, 1, 1), (1, 1, 1), (1, 1, 1)),)
_NINE = ((4, 6, 4), (6, 9, 6), (4, 6, 4))
_EXAMPLE = {"C": 1, "L": 3, "Lcol": 3, "Krow": 3, "Kcol": 3, "biases": (1,), "kernels2d": (((0, 0, 0), (0, 7, 0), (0, 0, 0)),),
            "common": 7}
_SHOWN = {"C": 2, "L": 3, "Lcol": 3, "Krow": 3, "Kcol": 3, "biases": (2, 3),
          "kernels2d": (((0, 0, 0), (1, 0, 0), (0, 0, 0)), ((0, 1, 0), (0, 0, 0), (0, 0, 0))), "images": 1,
          "zmaps": (((1, 0, 2), (0, 0, 1), (3, 0, 1)),), "added2d": ((0, 2, 2), (3, 5, 5), (3, 5, 5)), "gamma": 1, "beta": 0,
          "eps": 1}
_PLACES = tuple((row, column) for row in (1, 2, 3) for column in (1, 2, 3))


def _room(output: str) -> str:
    """What is left of 1 when the mean square of the normalised values is taken away: eps over variance plus eps."""
    return f"1 - mean(image2, mean(pos2, mean(col2, (({output}(image2, pos2, col2) - beta)/gamma)**2)))"


def _values(output: str) -> str:
    """The centred values, as a function of the outputs."""
    return f"sqrt(eps/({_room(output)}))*(({output}(image, pos, col) - beta)/gamma)"


def _corner(row: str, column: str, of: str = "arrives33") -> str:
    """A corner entry, from what arrives in that corner, beside it on both edges, and inside."""
    return f"{of}(2, 2) - {of}({row}, 2) - {of}(2, {column}) + {of}({row}, {column})"


def _edge(edge: str, corners: tuple[str, str], sides: tuple[str, str], of: str = "arrives33") -> str:
    """An entry between two corner entries, from what arrives at its edge, in the two corners and at their other edges."""
    return f"{of}({edge}) - {of}(2, 2) + {of}({sides[0]}) - {of}({corners[0]}) + {of}({sides[1]}) - {of}({corners[1]})"


def _recovered(of: str = "arrives33") -> dict[str, str]:
    """Each of the eight outer entries, from what arrives, or from what the mean leaves of it: as many plus as minus signs."""
    return {
        "1, 1": _corner("1", "1", of),
        "1, 3": _corner("1", "Lcol", of),
        "3, 1": _corner("L", "1", of),
        "3, 3": _corner("L", "Lcol", of),
        "1, 2": _edge("1, 2", ("1, 1", "1, Lcol"), ("2, 1", "2, Lcol"), of),
        "3, 2": _edge("L, 2", ("L, 1", "L, Lcol"), ("2, 1", "2, Lcol"), of),
        "2, 1": _edge("2, 1", ("1, 1", "L, 1"), ("1, 2", "L, 2"), of),
        "2, 3": _edge("2, Lcol", ("1, Lcol", "L, Lcol"), ("1, 2", "L, 2"), of),
    }


def _found(entry: str, arrives: str) -> Chain:
    corner = "2" not in entry
    claim = "in one corner and at the two edges that meet there" if corner else "along an edge together with two corner entries"
    reason = "inside minus both edges plus the corner" if corner else "inside minus the edge, minus both corner entries"
    steps = ((arrives, f"{reason}: every other entry cancels"),)
    return Chain(f"The entry {{outer({entry})}} is missing {claim}.", f"outer({entry})", steps, given=(*_THREE, *_ROOM_INSIDE))


_SQUARES = " + ".join(f"({left})**2" for left in _recovered("left").values())

THEOREM = Theorem(
    name="first_bias_survives_of_zero_padding_in_two_dimensions",
    title="Two convolutions in two dimensions: zero padding lets the biases of all channels through",
    statement="Let two convolutions and a batch normalisation with {eps > 0} and {gamma != 0} follow one another with no "
    "activation between, on maps of {L} by {Lcol} positions. The first adds {biases[c]} to each value of its channel {c} of "
    "{C}; the second adds over the channels, with kernels of any size {Krow} by {Kcol}, whose entry {above}, {before} looks at the "
    "position itself, with stride 1 and zero padding. Then the position {pos}, {col} receives {arrives(pos, col)}, "
    "{second(pos, col) == without(pos, col) + arrives(pos, col)}: the entry {krow}, {kcol} brings its share wherever it meets the "
    "map. For centred 3 × 3 kernels this is {arrives(pos, col) == arrives33(pos, col)}. If the eight outer sums {outer(krow, kcol)}, "
    "all but {outer(2, 2)}, are 0, the same arrives everywhere, and the output stays. If one of them is not 0, which is "
    "{outer_squares > 0}, and there are at least three positions in each direction, {L >= 3} and {Lcol >= 3}, what arrives differs "
    "from its mean at some position, {left(pos, col) != 0}, and the biases move the output: whatever the second convolution computes "
    "without them, {zmaps[image, pos, col]} in {images} images, adding {added2d[pos, col] == arrives33(pos, col)} gives "
    "{yadded(image, pos, col) != ybare(image, pos, col)} for some {image}, {pos} and {col}.",
    hypotheses=(
        Hypothesis("For the output to move: one of the eight outer sums is not 0.",
            witness("Two channels whose kernels are equal and whose biases cancel: nothing arrives, at the border or inside.",
                    {"C": 2, "L": 3, "Lcol": 3, "Krow": 3, "Kcol": 3, "biases": (5, -5),
                     "kernels2d": (((1, 2, 3), (4, 5, 6), (7, 8, 9)), ((1, 2, 3), (4, 5, 6), (7, 8, 9)))}, """
              outer(1, 1) == 0
              arrives33(1, 1) == 0
              arrives33(2, 2) == 0
            """),
            formal=("outer_squares > 0",)),
        Hypothesis("For the output to move: the map has at least three positions in each direction.",
            witness("On a map of 2 × 2 each position meets four of nine ones: 4 arrives everywhere.",
                    {"C": 1, "L": 2, "Lcol": 2, "Krow": 3, "Kcol": 3, "biases": (1,), "kernels2d": _ONES}, """
              outer(1, 1) == 1
              arrives33(1, 1) == 4
              arrives33(1, 2) == 4
              arrives33(2, 1) == 4
              arrives33(2, 2) == 4
            """),
            formal=_ROOM_INSIDE),
        Hypothesis("The padding is zero.",
            witness("With replicated padding all nine ones meet a value everywhere: 9 arrives at each position, and the output "
                    "stays.",
                    {"images": 1, "L": 3, "Lcol": 3, "zmaps": (((1, 0, 2), (2, 5, 0), (3, 1, 1)),),
                     "added2d": ((9, 9, 9), (9, 9, 9), (9, 9, 9)), "gamma": 1, "beta": 0, "eps": 1}, """
              yadded(1, 1, 1) == ybare(1, 1, 1)
              yadded(1, 1, 2) == ybare(1, 1, 2)
              yadded(1, 2, 2) == ybare(1, 2, 2)
            """)),
        Hypothesis("{eps > 0}.",
            witness("Nine ones on a map of 3 × 3, {eps == 0}: what arrives doubles the centred values, and a positive factor cancels.",
                    {"images": 1, "L": 3, "Lcol": 3, "zmaps": (_NINE,), "added2d": _NINE, "gamma": 1, "beta": 0, "eps": 0}, """
              yadded(1, 1, 1) == ybare(1, 1, 1)
              yadded(1, 1, 2) == ybare(1, 1, 2)
              yadded(1, 2, 2) == ybare(1, 2, 2)
            """),
            formal=("eps > 0",)),
        Hypothesis("{gamma != 0}.",
            witness("With {gamma == 0} the output is {beta}, whatever arrives.",
                    {"images": 1, "L": 3, "Lcol": 3, "zmaps": (_NINE,), "added2d": _NINE, "gamma": 0, "beta": 3, "eps": 1}, """
              yadded(1, 1, 1) == 3
              ybare(1, 1, 1) == 3
              yadded(1, 2, 2) == ybare(1, 2, 2)
            """),
            formal=("gamma != 0",)),
    ),
    conclusions=(
        Conclusion("second(pos, col) == without(pos, col) + arrives(pos, col)"),
        Conclusion("arrives(pos, col) == arrives33(pos, col)", given=_CENTRED),
        Conclusion("arrives33(pos, col) == common", given=(*_THREE, _CENTRE_ALONE), example=_EXAMPLE),
        Conclusion("yadded(image, pos, col) == ybare(image, pos, col)", given=("added2d[pos, col] == common",)),
        Conclusion(f"{_OUTSIDE} == 0", given=("outer_squares == 0",), example=_EXAMPLE),
        Conclusion("outer_squares == 0", given=(*_THREE, "left(pos, col) == 0"), example=_EXAMPLE),
        Conclusion("left(pos, col) != 0", given=_THREE, some=("pos", "col"),
                   example=_SHOWN),
        Conclusion("yadded(image, pos, col) != ybare(image, pos, col)",
                   given=(*_THREE, _ADDED), some=("image", "pos", "col"), example=_SHOWN),
    ),
    proof=(
        Say("Zero padding: a place that is a position of the map, in its row and in its column, holds the value there, with its "
            "bias; any other place holds 0. So the kernel entry in row {krow} and column {kcol} meets, for channel {c},"),
        chain("entry", "a value and a bias inside the map, neither outside.", """
          padded(c, pos + krow - above, col + kcol - before)
        = bare(c, pos + krow - above, col + kcol - before)
            + biases[c]*inrow(pos + krow - above)*incol(col + kcol - before)  -- multiply out: the bias comes with the same mask
        """),
        chain("arrives", "Over all entries and channels: what the second convolution computes without the biases, and what they "
              "add.", """
          second(pos, col)
        = without(pos, col) + arrives(pos, col)  -- insert the line above for each entry, and part the sum
        """),
        chain("above", "Now 3 × 3 kernels whose second row and column look at the position itself. The first row of the kernel looks "
              "at the place above, which is a position but for the first,", """
          inrow(pos - 1)
        = 1 - delta(pos, 1)  -- one position is {pos - 1}, unless {pos} is the first
        """),
        chain("below", "and the last row at the place below.", """
          inrow(pos + 1)
        = 1 - delta(pos, L)  -- one position is {pos + 1}, unless {pos} is the last
        """),
        chain("centred", "So the masks are {seenrow(krow, pos)} and, in a column, {seencol(kcol, col)}.", """
          arrives(pos, col)
        = sum(krow, sum(kcol, outer(krow, kcol)*inrow(pos + krow - 2)*incol(col + kcol - 2)))
            -- add over the channels first: {outer(krow, kcol)}
        = arrives33(pos, col)  -- insert the masks
        """, given=_CENTRED),
        *(_found(entry, _recovered()[entry]) for entry in ("1, 1", "1, 2")),
        Say("Likewise for the other corners and edges. In each of these eight lines as many terms carry a plus as a minus: the mean "
            "of what arrives cancels there, and what the mean leaves may take the place of what arrives."),
        chain("squares", "So the squares of the outer sums, added up, are squares of what is left.", f"""
          outer_squares
        = {_SQUARES}
            -- the eight lines, squared
        """, given=(*_THREE, *_ROOM_INSIDE)),
        chain("nothing_left", "If nothing were left, it would be 0.", f"""
          {_SQUARES}
        = 0  -- each term is 0
        """, given=(*_ROOM_INSIDE, "left(pos, col) == 0")),
        Join("Put together:", of=("squares", "nothing_left"), label="law"),
        sign("supposed", "But it is supposed not to be 0.", """
          outer_squares
        > 0  -- as supposed
        """, given=("outer_squares > 0",)),
        Contrapositive("So something is left somewhere.", of="law", but="supposed", fails="left(pos, col) == 0", label="uneven"),
        chain("by_definition", "The squares add up to 0 only if", f"""
          outer_squares
        = sum(krow, sum(kcol, ({_OUTSIDE})**2))  -- definition
        """),
        SumOfSquares("all eight are 0.", of="by_definition", zero=f"{_OUTSIDE} == 0", label="all_zero"),
        chain("centre", "Then the centre is left, which meets the map everywhere: the same arrives at each position.", """
          arrives33(pos, col)
        = common  -- one term of nine; no mask depends on {pos} or {col} there
        """, given=(*_THREE, _CENTRE_ALONE)),
        chain("uniform", "And a number {common} that is added everywhere cancels in the normalisation.", """
          yadded(image, pos, col)
        = gamma*(zmaps[image, pos, col] + common - (mu_bare + common))/sqrt(v_bare + eps) + beta  -- the mean moves by {common}
        = ybare(image, pos, col)                                                                -- {common} cancels
        """, given=("added2d[pos, col] == common",)),
        Say("Now what is not the same everywhere. The outputs determine the centred values of all images and positions."),
        sign("room", "The normalised values show how large {eps} is beside the variance. For {eps > 0} one may divide by this.", f"""
          {_room("ybare")}
        = eps/(v_bare + eps)  -- definition of the outputs
        > 0                   -- a positive number over a positive one
        """, given=_SUPPOSED),
        chain("values", "So the outputs determine the centred values.", f"""
          {_VALUE}
        = {_values("ybare")}
            -- the normalised value times the root of {{v_bare + eps}}, which the line above gives
        """, given=_SUPPOSED, since=("room",)),
        sign("room_added", "The same when something is added.", f"""
          {_room("yadded")}
        = eps/(v_added + eps)  -- as before
        > 0                    -- a positive number over a positive one
        """, given=_SUPPOSED),
        chain("values_added", "By the same formula.", f"""
          {_VALUE_ADDED}
        = {_values("yadded")}  -- as before
        """, given=_SUPPOSED, since=("room_added",)),
        Congruence("So equal outputs need equal centred values.", of=("values_added", "values"), inputs=(_EQUAL,), label="equal"),
        chain("difference", "But these differ by what the mean leaves of what is added.", f"""
          ({_VALUE_ADDED}) - ({_VALUE})
        = added2d[pos, col] - mean(pos2, mean(col2, added2d[pos2, col2]))
            -- {{zmaps[image, pos, col]}} and its mean cancel; what is added is the same in each image
        """),
        chain("named", "And what is added is what the biases bring.", """
          added2d[pos, col] - mean(pos2, mean(col2, added2d[pos2, col2]))
        = left(pos, col)  -- what arrives, less its mean
        """, given=(_ADDED,)),
        Join("Put together, the difference is not 0 somewhere.", of=("difference", "named", "uneven"), label="some_differ"),
        NotZero("So some centred values differ,", of="some_differ", part=f"{_VALUE_ADDED} != {_VALUE}", label="unequal"),
        Contrapositive("and with them some outputs.", of="equal", but="unequal", fails=_EQUAL, label="moves"),
        witness("Two channels with biases 2 and 3 on a map of 3 × 3; the first kernel sees the left neighbour, the second the upper "
                "one. 0, 2, 3 or 5 arrives, and the output in the middle moves.",
                _SHOWN, "\n".join((
                     *(f"arrives33({row}, {column}) == added2d[{row}, {column}]" for row, column in _PLACES),
                     "yadded(1, 2, 2) != ybare(1, 2, 2)"))),
    ),
    sources=("S4.f",),
    definitions=definitions(
        *ZERO_PADDING,
        ("padded(c, pos, col)", "inrow(pos)*incol(col)*(planes[c, pos, col] + biases[c])", r"\mathrm{padded}_{#1,#2,#3}",
         "padded[#1, #2, #3]",
         "what stands at a place of a channel, with the bias: its value inside the map, 0 outside"),
        ("bare(c, pos, col)", "inrow(pos)*incol(col)*planes[c, pos, col]", r"\mathrm{bare}_{#1,#2,#3}", "bare[#1, #2, #3]",
         "the same without the bias"),
        ("second(pos, col)",
         "sum(c, sum(krow, sum(kcol, kernels2d[c, krow, kcol]*padded(c, pos + krow - above, col + kcol - before))))",
         r"\mathrm{second}_{#1,#2}", "second[#1, #2]", "the second convolution of the maps with their biases"),
        ("without(pos, col)",
         "sum(c, sum(krow, sum(kcol, kernels2d[c, krow, kcol]*bare(c, pos + krow - above, col + kcol - before))))",
         r"\mathrm{without}_{#1,#2}", "without[#1, #2]", "the second convolution of the maps without biases"),
        ("arrives(pos, col)",
         "sum(c, biases[c]*sum(krow, sum(kcol, kernels2d[c, krow, kcol]*inrow(pos + krow - above)*incol(col + kcol - before))))",
         r"\mathrm{arrives}_{#1,#2}", "arrives[#1, #2]", "what the first biases add to the second convolution's output"),
        ("outer(krow, kcol)", "sum(c, biases[c]*kernels2d[c, krow, kcol])", "S_{#1,#2}", "S[#1, #2]",
         "the sum of bias times kernel entry over the channels"),
        ("outer_squares", f"sum(krow, sum(kcol, ({_OUTSIDE})**2))", "Q", "Q",
         "the squares of the outer sums, all but the one in the middle of a 3 × 3 kernel, added up"),
        ("arrives33(pos, col)", "sum(krow, sum(kcol, outer(krow, kcol)*seenrow(krow, pos)*seencol(kcol, col)))",
         r"\mathrm{arrives}'_{#1,#2}", "arrives′[#1, #2]", "the same as what arrives, for 3 × 3 kernels"),
        ("left(pos, col)", "arrives33(pos, col) - mean(pos2, mean(col2, arrives33(pos2, col2)))", r"\mathrm{left}_{#1,#2}",
         "left[#1, #2]", "what is left of it after the mean is subtracted"),
        ("mu_bare", "mean(image2, mean(pos2, mean(col2, zmaps[image2, pos2, col2])))", r"\mu", "μ",
         "the mean over all images and positions"),
        ("v_bare", "mean(image2, mean(pos2, mean(col2, (zmaps[image2, pos2, col2] - mu_bare)**2)))", "v", "v", "the variance"),
        ("ybare(image, pos, col)", "gamma*(zmaps[image, pos, col] - mu_bare)/sqrt(v_bare + eps) + beta", "y_{#1,#2,#3}",
         "y[#1, #2, #3]", "the output"),
        ("mu_added", "mean(image2, mean(pos2, mean(col2, zmaps[image2, pos2, col2] + added2d[pos2, col2])))", r"\mu^{\psi}", "μ^ψ",
         "the mean when ψ is added"),
        ("v_added",
         "mean(image2, mean(pos2, mean(col2, (zmaps[image2, pos2, col2] + added2d[pos2, col2] - mu_added)**2)))",
         r"v^{\psi}", "v^ψ", "the variance when ψ is added"),
        ("yadded(image, pos, col)",
         "gamma*(zmaps[image, pos, col] + added2d[pos, col] - mu_added)/sqrt(v_added + eps) + beta",
         r"y^{\psi}_{#1,#2,#3}", "y^ψ[#1, #2, #3]", "the output when ψ is added"),
    ),
)
