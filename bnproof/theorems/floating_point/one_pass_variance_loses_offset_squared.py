"""A variance computed as E z² − (E z)² is off by up to ρ(1 + 2μ²/σ²) of itself; from centred values only by e², second order.

Statement: mean(z²)(1+δ) − μ²(1+δ′) = v + δ(v+μ²) − δ′μ² and mean((z−μ−e)²) = v + e².
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, chain, sign, witness
from ..definitions import MU, VARIANCE, definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="one_pass_variance_loses_offset_squared",
    title="The one-pass variance loses accuracy with the square of the offset",
    statement="A variance may be computed in one pass, as the mean of the squares minus the square of the mean, or in two, "
    "as the mean of the squares of the values minus their mean. Suppose that the mean of the squares and the square of the "
    "mean have relative errors {rel} and {rel2}. Then one pass gives {one_pass == v + rel*(v + mu**2) - rel2*mu**2}: "
    "relative to {v} the error is {rel + (rel - rel2)*mu**2/v}, less than {limit*(1 + 2*mu**2/v)} if neither {rel} nor "
    "{rel2} reaches {limit} in absolute value, and as near to that as one likes. With an error {mean_off} in the mean, two "
    "passes give {two_pass == v + mean_off**2}: that error does harm only in second order, and in no case to the sign.",
    hypotheses=(
        Hypothesis("Two passes subtract the same number from every value.",
            witness("If what is subtracted is off by another amount for each value, the result may be less than {v}, here 0.",
                    {"n": 2, "z": (-1, 1), "rounded": (-1, 1)}, """
              mean(i, (z[i] - mu - rounded[i])**2) == 0
              v == 1
            """)),
        Hypothesis("{v > 0}, for relative errors.",
            Undefined("Nothing can be measured against a variance of 0.", {"n": 2, "z": (3, 3), "rel": 0, "rel2": 0},
                      "(one_pass - v)/v")),
        Hypothesis("Neither {rel} nor {rel2} reaches {limit} in absolute value, for the bound.",
            witness("With a mean of squares that is flushed to 0, {rel == -1}, nothing is left of "
                    "{v == 1}, and the bound would be 1/100.",
                    {"n": 2, "z": (-1, 1), "rel": -1, "rel2": 0, "limit": "1/100"}, """
              (v - one_pass)/v == 1
              limit*(1 + 2*mu**2/v) == 1/100
            """)),
    ),
    proof=(
        chain("one_pass_exact", "In exact arithmetic one pass is right.", """
          v
        = mean(i, z[i]**2) - 2*mu*mean(i, z[i]) + mu**2  -- the squares, multiplied out
        = mean(i, z[i]**2) - mu**2                       -- the mean of the {z[i]} is {mu}
        """),
        chain("one_pass", "In floating point both terms are a little off.", """
          one_pass
        = mean(i, z[i]**2) - mu**2 + rel*mean(i, z[i]**2) - rel2*mu**2  -- multiply out
        = v + rel*mean(i, z[i]**2) - rel2*mu**2                         -- one pass in exact arithmetic
        = v + rel*(v + mu**2) - rel2*mu**2                              -- the mean of the squares is {v + mu**2}
        """),
        chain("relative", "Measured against {v}.", """
          (one_pass - v)/v
        = (rel*(v + mu**2) - rel2*mu**2)/v  -- insert that
        = rel + (rel - rel2)*mu**2/v        -- collect {mu**2}
        """),
        sign("This is less than {limit*(1 + 2*mu**2/v)}.", """
          limit*(1 + 2*mu**2/v) - (rel + (rel - rel2)*mu**2/v)
        = limit - rel + (limit - rel + (limit + rel2))*mu**2/v  -- collect {mu**2/v}
        > 0                                                     -- the first term is positive, and the second is not negative
        """, given=("v > 0", "limit - rel > 0", "limit + rel2 > 0",)),
        sign("And more than minus that.", """
          rel + (rel - rel2)*mu**2/v + limit*(1 + 2*mu**2/v)
        = limit + rel + (limit + rel + (limit - rel2))*mu**2/v  -- collect {mu**2/v}
        > 0                                                     -- the first term is positive, and the second is not negative
        """, given=("v > 0", "limit + rel > 0", "limit - rel2 > 0",)),
        chain("No smaller bound would do: as {rel} nears {limit} and {rel2} nears {-limit}, so does the error near this.", """
          (one_pass - v)/v
        = limit + (limit - (-limit))*mu**2/v  -- insert the extreme errors
        = limit*(1 + 2*mu**2/v)               -- take out {limit}
        """, given=("rel == limit", "rel2 == -limit",)),
        Say("Once {2*limit*mu**2} reaches {v} nothing need be left of the variance. If {limit} is about {unit}, this is so "
            "when the mean exceeds the standard deviation {1/sqrt(2*unit)} times: some 11 times in bfloat16 ({unit == "
            "1/2**8}), 2900 times in float32 ({unit == 1/2**24})."),
        witness("In numbers: 15 and 17 with 8 significant bits, as in bfloat16. The mean 16 and its square are "
                "exact, the mean of the squares is 257, and the nearest such numbers are 256 and 258; 256 is "
                "taken. The result is 0, and the variance 1.",
                {"n": 2, "z": (15, 17), "rel": "-1/257", "rel2": 0}, """
          mean(i, z[i]**2) == 257
          mean(i, z[i]**2)*(1 + rel) == 256
          one_pass == 0
          v == 1
        """),
        witness("It may even be negative. In the same format 25 and 26 give 648 for the mean of the squares and 652 for the "
                "square of the mean, each operation rounded to the nearest number: the variance 1/4 comes out as −4.",
                {"n": 2, "z": (25, 26), "rel": "-5/1301", "rel2": "7/2601"}, """
          mean(i, z[i]**2)*(1 + rel) == 648
          mu**2*(1 + rel2) == 652
          one_pass == -4
          v == 1/4
        """),
        chain("two_pass", "In two passes an error of the mean enters through its square.", """
          two_pass
        = mean(i, (z[i] - mu)**2) - 2*mean_off*mean(i, z[i] - mu) + mean_off**2
            -- the squares, multiplied out with {z[i] - mu} kept together
        = v - 2*mean_off*0 + mean_off**2  -- centred values add up to 0
        = v + mean_off**2                 -- the middle term is 0
        """),
        sign("The squares are rounded as well. If each is multiplied by {1 - limit + spares[i]}, so that at most {limit} times "
             "it is lost, the result is not below {(1 - limit)*(v + mean_off**2)}.", """
          mean(i, (z[i] - mu - mean_off)**2*(1 - limit + spares[i])) - (1 - limit)*(v + mean_off**2)
        = (1 - limit)*two_pass + mean(i, (z[i] - mu - mean_off)**2*spares[i]) - (1 - limit)*(v + mean_off**2)  -- split the mean
        = mean(i, (z[i] - mu - mean_off)**2*spares[i])  -- what two passes give
        >= 0                                            -- squares times numbers that are not negative
        """),
        sign("Nor above {(1 + limit)*(v + mean_off**2)} if it is {1 + limit - spares[i]} instead. Terms of one sign add "
             "up without making relative errors larger.", """
          (1 + limit)*(v + mean_off**2) - mean(i, (z[i] - mu - mean_off)**2*(1 + limit - spares[i]))
        = (1 + limit)*(v + mean_off**2) - (1 + limit)*two_pass + mean(i, (z[i] - mu - mean_off)**2*spares[i])  -- split the mean
        = mean(i, (z[i] - mu - mean_off)**2*spares[i])  -- what two passes give
        >= 0                                            -- squares times numbers that are not negative
        """),
        Say("The error {mean_off} of a mean is, to first order, at most {unit} times the mean of the {abs(z[i])}, times the "
            "number of roundings one after the other: `proved_zero_is_round_off_of_centring`."),
        sign("The mean of the {abs(z[i])}, squared, is at most {v + mu**2}.", """
          v + mu**2 - mean(i, abs(z[i]))**2
        = mean(i, abs(z[i])**2) - mean(i, abs(z[i]))**2  -- the mean of the squares, as above
        = var(i, abs(z[i]))                              -- the variance of the {abs(z[i])}, in one pass
        >= 0                                             -- a variance
        """),
        Say("So {mean_off**2/v} is at most {unit**2*(1 + mu**2/v)} times the square of that number of roundings. Where one "
            "pass loses {unit*mu**2/v}, two lose {unit**2*mu**2/v}, and go wrong only when the mean exceeds the standard "
            "deviation about {1/unit} times: where the values themselves cannot be told apart any more."),
    ),
    sources=("Higham 2002, §1.9", "Chan, Golub & LeVeque 1983"),
    definitions=definitions(
        MU,
        VARIANCE,
        ("one_pass", "mean(i, z[i]**2)*(1 + rel) - mu**2*(1 + rel2)", r"\hat v", "v̂", "the variance computed in one pass"),
        ("two_pass", "mean(i, (z[i] - mu - mean_off)**2)", r"\tilde v", "ṽ",
         "the variance computed in two passes, with a mean that is off"),
    ),
    remark="The equalities are machine-checked for errors of any size, the inequalities below {limit}; that {limit} is a "
    "few {unit} times the number of roundings one after the other is the standard model (Higham 2002, sections 2.2 and "
    "4.2). A bias shifts {mu} and not {v}, so with the one-pass variance a redundant bias is not quite harmless in floating "
    "point: a large one costs all digits of the variance. `bnproof check` derives the bound from the program itself, "
    "whichever variance it computes, and says “cannot tell” once round-off may change the root of {v + eps} by more than a "
    "quarter. Flax computes one pass unless told otherwise (`use_fast_variance=False`); in a chain it is written "
    "`bn(variance=onepass)`.",
)
