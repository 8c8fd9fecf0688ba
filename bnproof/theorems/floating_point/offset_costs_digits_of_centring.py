"""Subtracting a mean multiplies the rounding of its operands by |μ|/σ: in floating point a large redundant bias costs digits.

Statement: z_k(1+δ) − μ(1+δ′) − (z_k − μ) = μ(δ−δ′) + (z_k−μ)δ; a bias b adds b(δ−δ′); for |δ|, |δ′| ≤ ρ the error is at
most ρ(2|μ| + |z_k−μ|).
"""

from __future__ import annotations

from ...symbolic.inferences import NotZero, chain, sign, witness
from ..definitions import MU_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_LOST = {"n": 2, "z": (0, 1), "b": 256, "rel": "-1/257", "rel2": "-1/513"}
_WITHIN = ("-limit <= rel <= limit", "-limit <= rel2 <= limit")

THEOREM = Theorem(
    name="offset_costs_digits_of_centring",
    title="A large bias costs digits, even where it cancels",
    statement="Let {b} be added to every value, and let {z[k] + b} and the mean {mu_at(b)} carry relative rounding errors "
    "{rel} and {rel2}. The difference of the two should be {z[k] - mu_at(0)}, whatever {b} is. It is off by {off(k, b) == "
    "mu_at(b)*(rel - rel2) + (z[k] - mu_at(0))*rel}. Compared with no bias and the same two relative errors, {b} contributes "
    "{off(k, b) - off(k, 0) == b*(rel - rel2)} to this: where {b != 0} and {rel != rel2}, {off(k, b) != off(k, 0)}. If "
    "neither error exceeds {limit}, {-limit <= rel <= limit} and {-limit <= rel2 <= limit}, then {-most(k, b) <= off(k, b) <= "
    "most(k, b)} with {most(k, b) == limit*(2*abs(mu_at(b)) + abs(z[k] - mu_at(0)))}. In numbers, with 8 significant bits and "
    "a bias of 256, all digits can be lost: {off(2, b) == -1/2} where {z[2] - mu_at(0) == 1/2}.",
    hypotheses=(
        Hypothesis("The sum {z[k] + b} is rounded to the format of the result: it is not kept with "
                   "more digits until the mean is subtracted.",
            witness("If only {z[k]} and {mu_at(0)} carry the errors and {b} none, the "
                    "difference is off by 0, not by {off(1, b)}.",
                    {"n": 1, "z": (0,), "b": 256, "rel": 0, "rel2": "1/256"}, """
              z[1]*(1 + rel) + b - (mu_at(0)*(1 + rel2) + b) == 0
              off(1, b) == -1
            """)),
        Hypothesis("Neither error exceeds {limit} in absolute value, for the bound.",
            witness("With a value flushed to 0, {rel == -1}, the difference is off by 2, and the bound would be 1/50.",
                    {"n": 1, "z": (2,), "b": 0, "rel": -1, "rel2": 0, "limit": "1/200"}, """
              off(1, b) == -2
              most(1, b) == 1/50
            """),
            formal=_WITHIN),
    ),
    conclusions=(
        Conclusion("off(k, b) == mu_at(b)*(rel - rel2) + (z[k] - mu_at(0))*rel"),
        Conclusion("off(k, b) - off(k, 0) == b*(rel - rel2)"),
        Conclusion("off(k, b) != off(k, 0)", given=("b != 0", "rel != rel2")),
        Conclusion("off(k, b) <= most(k, b)"),
        Conclusion("-most(k, b) <= off(k, b)"),
        Conclusion("off(2, b) == -1/2", at=_LOST),
        Conclusion("z[2] - mu_at(0) == 1/2", at=_LOST),
    ),
    proof=(
        chain("off", "What the computed difference is off by.", """
          off(k, b)
        = (z[k] + b)*rel - mu_at(b)*rel2  -- {z[k] + b} less {mu_at(b)} is the difference wanted; the errors remain
        = (mu_at(b) + (z[k] - mu_at(0)))*rel - mu_at(b)*rel2
            -- {z[k] + b} is the mean plus the centred value, in which {b} does not occur
        = mu_at(b)*(rel - rel2) + (z[k] - mu_at(0))*rel  -- collect {mu_at(b)}
        """),
        chain("bias", "What the bias contributes.", """
          off(k, b) - off(k, 0)
        = mu_at(b)*(rel - rel2) - mu_at(0)*(rel - rel2)  -- the centred value's part cancels
        = b*(rel - rel2)                                 -- the mean moves by {b}
        """),
        sign("squared", "If neither {b} nor the difference of the errors is 0, its square is positive.", """
          (off(k, b) - off(k, 0))**2
        = (b*(rel - rel2))**2  -- what the bias contributes
        > 0                    -- the square of a product of two numbers that are not 0
        """, given=("b != 0", "rel != rel2")),
        NotZero("So the bias changes what the difference is off by.", of="squared", part="off(k, b) != off(k, 0)"),
        sign("The bound. No number exceeds its absolute value, and neither does its negative.", """
          most(k, b) - off(k, b)
        = (limit - rel + (limit + rel2))*(abs(mu_at(b)) + mu_at(b))/2 + (limit + rel + (limit - rel2))*(abs(mu_at(b)) - mu_at(b))/2
            + (limit - rel)*(abs(z[k] - mu_at(0)) + (z[k] - mu_at(0)))/2
            + (limit + rel)*(abs(z[k] - mu_at(0)) - (z[k] - mu_at(0)))/2
            -- multiplied out, this is the same: a factor for each sign that mean and centred value may have
        >= 0  -- products of numbers that are not negative
        """, given=_WITHIN),
        sign("And from below.", """
          off(k, b) + most(k, b)
        = (limit + rel + (limit - rel2))*(abs(mu_at(b)) + mu_at(b))/2 + (limit - rel + (limit + rel2))*(abs(mu_at(b)) - mu_at(b))/2
            + (limit + rel)*(abs(z[k] - mu_at(0)) + (z[k] - mu_at(0)))/2
            + (limit - rel)*(abs(z[k] - mu_at(0)) - (z[k] - mu_at(0)))/2
            -- the same with the factors exchanged
        >= 0  -- products of numbers that are not negative
        """, given=_WITHIN),
        witness("In numbers: 0 and 1 with a bias of 256, in a format of 8 significant bits, as bfloat16. 257 is rounded to "
                "256, the mean of 256 and 256 is 256, and the difference is 0 instead of 1/2: all digits are lost.",
                _LOST, """
          (z[2] + b)*(1 + rel) == 256
          mu_at(b)*(1 + rel2) == 256
          z[2] - mu_at(0) == 1/2
          off(2, b) == -1/2
        """),
        witness("Without the bias the same two values are exact in that format, and so are their mean and the difference.",
                {"n": 2, "z": (0, 1), "b": 0, "rel": 0, "rel2": 0}, """
          mu_at(b) == 1/2
          off(2, b) == 0
        """),
    ),
    sources=("S0.a", "S4.a", "Higham 2002, §1.7"),
    definitions=definitions(
        MU_AT,
        ("off(k, b)", "(z[k] + b)*(1 + rel) - mu_at(b)*(1 + rel2) - (z[k] - mu_at(0))", r"\Delta_{#1}(#2)", "Δ_#1(#2)",
         "what a centred value is off by when the bias is b"),
        ("most(k, b)", "limit*(2*abs(mu_at(b)) + abs(z[k] - mu_at(0)))", r"\bar\Delta_{#1}(#2)", "Δ̄_#1(#2)",
         "the bound of that"),
    ),
    remark="Supposed, not proved, is the standard model (Higham 2002, sections 2.2 and 4.2): that a value rounded once has "
    "{limit == unit}, and that a mean of values of one sign has {unit} times the number of roundings one after the other. "
    "Measured against the standard deviation, the centred values are off by up to about {2*limit} times the ratio of mean "
    "to standard deviation. So a change of a redundant bias may well show in what a network computes, though it would not "
    "in exact arithmetic: in float32 ({unit == 1/2**24}) a bias of a million leaves about one digit of values of order 1. "
    "`bnproof check` shifts by up to a million, holds the change of the output against the bound that it derives, and "
    "leaves out shifts of {1/(4*unit)} and more.",
)
