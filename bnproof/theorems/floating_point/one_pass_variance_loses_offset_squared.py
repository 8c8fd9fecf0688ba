"""A variance computed as E z² − (E z)² is off by up to ρ(1 + 2μ²/σ²) of itself; from centred values only by e², second order.

Statement: mean(z²)(1+δ) − μ²(1+δ′) = v + δ(v+μ²) − δ′μ² and mean((z−μ−e)²) = v + e².
"""

from __future__ import annotations

from ...symbolic.inferences import Join, Undefined, chain, sign, witness
from ..definitions import MU, VARIANCE, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_WITHIN = ("-limit <= rel <= limit", "-limit <= rel2 <= limit")
_ROUNDED = "-limit <= rounded[i] <= limit"
_NEGATIVE = {"n": 2, "z": (25, 26), "rel": "-5/1301", "rel2": "7/2601"}

THEOREM = Theorem(
    name="one_pass_variance_loses_offset_squared",
    title="The one-pass variance loses accuracy with the square of the offset",
    statement="A variance may be computed in one pass, as the mean of the squares minus the square of the mean, or in two, as "
    "the mean of the squares of the centred values. Suppose that the mean of the squares and the square of the mean have "
    "relative errors {rel} and {rel2}. Then one pass gives {one_pass == v + rel*(v + mu**2) - rel2*mu**2}. Where {v > 0}, the "
    "relative error is {(one_pass - v)/v == rel + (rel - rel2)*mu**2/v}. If {-limit <= rel <= limit} and {-limit <= rel2 <= "
    "limit}, then {-limit*(1 + 2*mu**2/v) <= (one_pass - v)/v <= limit*(1 + 2*mu**2/v)}; no smaller bound would do, for with "
    "{rel == limit} and {rel2 == -limit} it is {(one_pass - v)/v == limit*(1 + 2*mu**2/v)}. The result may even be negative: "
    "in an example, {v == 1/4} and {one_pass == -4}. With an error {mean_off} in the mean, two passes give {two_pass == v + "
    "mean_off**2}: that error does harm only in second order, and in no case to the sign, {two_pass >= v}. If it is at most "
    "{tau} times the mean of the {abs(z[i])}, {mean_off**2 <= tau**2*mean(i, abs(z[i]))**2}, then {(two_pass - v)/v <= "
    "tau**2*(1 + mu**2/v)}: of the order of {tau**2}, not of {tau}. If the squares are rounded as well, each with a relative "
    "error {-limit <= rounded[i] <= limit}, then {(1 - limit)*(v + mean_off**2) <= two_pass_rounded <= (1 + limit)*(v + "
    "mean_off**2)}.",
    hypotheses=(
        Hypothesis("Two passes subtract the same number from every value.",
            witness("If what is subtracted is off by another amount for each value, the result may be less than {v}, here 0.",
                    {"n": 2, "z": (-1, 1), "rounded": (-1, 1)}, """
              mean(i, (z[i] - mu - rounded[i])**2) == 0
              v == 1
            """)),
        Hypothesis("{v > 0}, for relative errors.",
            Undefined("Nothing can be measured against a variance of 0.", {"n": 2, "z": (3, 3), "rel": 0, "rel2": 0},
                      "(one_pass - v)/v"),
            formal=("v > 0",)),
        Hypothesis("Neither {rel} nor {rel2} exceeds {limit} in absolute value, for the bound.",
            witness("With a mean of squares that is flushed to 0, {rel == -1}, nothing is left of "
                    "{v == 1}, and the bound would be 1/100.",
                    {"n": 2, "z": (-1, 1), "rel": -1, "rel2": 0, "limit": "1/100"}, """
              (v - one_pass)/v == 1
              limit*(1 + 2*mu**2/v) == 1/100
            """),
            formal=_WITHIN),
    ),
    conclusions=(
        Conclusion("one_pass == v + rel*(v + mu**2) - rel2*mu**2"),
        Conclusion("(one_pass - v)/v == rel + (rel - rel2)*mu**2/v"),
        Conclusion("-limit*(1 + 2*mu**2/v) <= (one_pass - v)/v"),
        Conclusion("(one_pass - v)/v <= limit*(1 + 2*mu**2/v)"),
        Conclusion("(one_pass - v)/v == limit*(1 + 2*mu**2/v)", given=("rel == limit", "rel2 == -limit")),
        Conclusion("v == 1/4", at=_NEGATIVE),
        Conclusion("one_pass == -4", at=_NEGATIVE),
        Conclusion("two_pass == v + mean_off**2"),
        Conclusion("two_pass >= v"),
        Conclusion("(two_pass - v)/v <= tau**2*(1 + mu**2/v)", given=("mean_off**2 <= tau**2*mean(i, abs(z[i]))**2",)),
        Conclusion("(1 - limit)*(v + mean_off**2) <= two_pass_rounded", given=(_ROUNDED,)),
        Conclusion("two_pass_rounded <= (1 + limit)*(v + mean_off**2)", given=(_ROUNDED,)),
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
        sign("This is at most {limit*(1 + 2*mu**2/v)}.", """
          limit*(1 + 2*mu**2/v) - (one_pass - v)/v
        = limit - rel + (limit - rel + (limit + rel2))*mu**2/v  -- collect {mu**2/v}
        >= 0                                                    -- no term is negative
        """, given=("v > 0", *_WITHIN)),
        sign("And at least minus that.", """
          (one_pass - v)/v + limit*(1 + 2*mu**2/v)
        = limit + rel + (limit + rel + (limit - rel2))*mu**2/v  -- collect {mu**2/v}
        >= 0                                                    -- no term is negative
        """, given=("v > 0", *_WITHIN)),
        chain("No smaller bound would do: it is the error where {rel} is {limit} and {rel2} is {-limit}.", """
          (one_pass - v)/v
        = limit + (limit - (-limit))*mu**2/v  -- insert the extreme errors
        = limit*(1 + 2*mu**2/v)               -- take out {limit}
        """, given=("rel == limit", "rel2 == -limit",)),
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
                _NEGATIVE, """
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
        sign("So the result is not below {v}.", """
          two_pass - v
        = mean_off**2  -- what two passes give
        >= 0           -- a square
        """),
        sign("absolute", "The mean of the {abs(z[i])}, squared, is at most {v + mu**2}.", """
          v + mu**2 - mean(i, abs(z[i]))**2
        = mean(i, abs(z[i])**2) - mean(i, abs(z[i]))**2  -- the mean of the squares, as above
        = var(i, abs(z[i]))                              -- the variance of the {abs(z[i])}, in one pass
        >= 0                                             -- a variance
        """),
        sign("So an error of the mean that is at most {tau} times that mean does no more harm than this.", """
          tau**2*(1 + mu**2/v) - (two_pass - v)/v
        = (tau**2*(v + mu**2 - mean(i, abs(z[i]))**2) + (tau**2*mean(i, abs(z[i]))**2 - mean_off**2))/v
            -- what two passes give; the mean of the {abs(z[i])} comes in and goes out
        >= 0  -- neither term is negative
        """, given=("v > 0", "mean_off**2 <= tau**2*mean(i, abs(z[i]))**2"), since=("absolute",)),
        chain("least", "If the squares are rounded as well, what the result exceeds a bound by is a mean of products.", """
          two_pass_rounded - (1 - limit)*(v + mean_off**2)
        = two_pass_rounded - (1 - limit)*two_pass                           -- what two passes give
        = mean(i, (z[i] - mu - mean_off)**2*(limit + rounded[i]))  -- one mean
        """),
        sign("no_less", "Neither factor is negative.", """
          mean(i, (z[i] - mu - mean_off)**2*(limit + rounded[i]))
        >= 0  -- squares times numbers that are not negative
        """, given=(_ROUNDED,)),
        Join("So it is not below that bound: terms of one sign add up without making relative errors larger.",
             of=("least", "no_less")),
        chain("greatest", "Likewise from above.", """
          (1 + limit)*(v + mean_off**2) - two_pass_rounded
        = (1 + limit)*two_pass - two_pass_rounded                  -- what two passes give
        = mean(i, (z[i] - mu - mean_off)**2*(limit - rounded[i]))  -- one mean
        """),
        sign("no_more", "Neither factor is negative here either.", """
          mean(i, (z[i] - mu - mean_off)**2*(limit - rounded[i]))
        >= 0  -- squares times numbers that are not negative
        """, given=(_ROUNDED,)),
        Join("So it is not above that bound.", of=("greatest", "no_more")),
    ),
    sources=("Higham 2002, §1.9", "Chan, Golub & LeVeque 1983"),
    definitions=definitions(
        MU,
        VARIANCE,
        ("one_pass", "mean(i, z[i]**2)*(1 + rel) - mu**2*(1 + rel2)", r"\hat v", "v̂", "the variance computed in one pass"),
        ("two_pass", "mean(i, (z[i] - mu - mean_off)**2)", r"\tilde v", "ṽ",
         "the variance computed in two passes, with a mean that is off"),
        ("two_pass_rounded", "mean(i, (z[i] - mu - mean_off)**2*(1 + rounded[i]))", r"\tilde v^{\,r}", "ṽʳ",
         "the same, if the squares are rounded as well"),
    ),
    remark="That {limit} is a few {unit} times the number of roundings one after the other, and {tau} that number times {unit}, is "
    "the standard model, to first order (Higham 2002, sections 2.2 and 4.2; `proved_zero_is_round_off_of_centring`). Once "
    "{2*limit*mu**2} reaches {v} nothing need be left of a variance that is computed in one pass. If {limit} is about {unit}, "
    "this is so when the mean exceeds the standard deviation {1/sqrt(2*unit)} times: some 11 times in bfloat16 ({unit == "
    "1/2**8}), 2900 times in float32 ({unit == 1/2**24}). Two passes go wrong only when it exceeds it about {1/unit} times: where "
    "the values themselves cannot be told apart any more. "
    "A bias shifts {mu} and not {v}, so with the one-pass variance a redundant bias is not quite harmless in floating "
    "point: a large one costs all digits of the variance. `bnproof check` derives the bound from the program itself, "
    "whichever variance it computes, and says “cannot tell” once round-off may change {v + eps} by all "
    "of it. Flax computes one pass unless told otherwise (`use_fast_variance=False`); in a chain it is written "
    "`bn(variance=onepass)`.",
)
