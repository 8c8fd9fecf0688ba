"""In floating point the gradient of a bias before BatchNorm is round-off alone, and its size has a bound.

Statement: for derivatives c of the loss by the centred values, w_i = c_i − (mean c + e) + r_i and G = Σ w_i + e′, G = −n e + Σ r_i + e′;
to first order |G| ≤ u Σ ((D_i + 2)|c_i| + (D_i + 1)|w_i|), D_i additions deep.
"""

from __future__ import annotations

from ...symbolic.inferences import Join, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_MODEL = (
    "-mean_bound <= n*mean_off <= mean_bound",
    "-unit*abs(w(i)) <= rounded[i] <= unit*abs(w(i))",
    "-sum_bound <= sum_off <= sum_bound",
)
_PARTIAL = "unit*sum(i, under[addition, i]*abs(entries[i]))"
_ADDITION = f"-{_PARTIAL} <= add_off[addition] <= {_PARTIAL}"
_ADDITIONS = "unit*sum(i, depth(i)*abs(entries[i]))"
_NUMBERS = {"n": 3, "cot": (1, 2, 4), "mean_off": "-1/3", "rounded": (0, 0, 0), "sum_off": 0, "unit": "1/8", "adds": 2,
            "under": ((1, 1, 0), (1, 1, 1))}

THEOREM = Theorem(
    name="proved_zero_is_round_off_of_centring",
    title="In floating point a proved zero is round-off alone, within a bound",
    statement="Let {cot[i]} be the derivatives of the loss with respect to the centred values, whatever the backward pass "
    "computed. Batch normalisation subtracts their mean, which is computed with an error {mean_off}; the differences are "
    "rounded by {rounded[i]}, so that {w(i) == cot[i] - (mean(j, cot[j]) + mean_off) + rounded[i]}; and their sum, the "
    "gradient {grad} of the bias, is computed with an error {sum_off}. Then {grad == -n*mean_off + sum(i, rounded[i]) + "
    "sum_off}: no derivative is left, only round-off, and with {mean_off == 0}, {rounded[i] == 0} and {sum_off == 0} it is "
    "{grad == 0}. Let term {i} take part in {depth(i)} of the additions by which the mean is computed, {depth(i) <= adds}, "
    "and in as many of those of the last sum. Suppose {-mean_bound <= n*mean_off <= mean_bound} with {mean_bound == "
    "unit*sum(i, depth(i)*abs(cot[i])) + 2*unit*sum(i, abs(cot[i]))}, {-unit*abs(w(i)) <= rounded[i] <= unit*abs(w(i))}, and "
    "{-sum_bound <= sum_off <= sum_bound} with {sum_bound == unit*sum(i, depth(i)*abs(w(i)))}. Then {-bound <= grad <= bound} "
    "with {bound == unit*sum(i, (depth(i) + 2)*abs(cot[i]) + (depth(i) + 1)*abs(w(i)))}. Such bounds of a sum come from those "
    "of its additions: if each is off by at most {unit} times the absolute values of the terms in it, {-unit*sum(i, "
    "under[addition, i]*abs(entries[i])) <= add_off[addition] <= unit*sum(i, under[addition, i]*abs(entries[i]))}, then all "
    "of a sum's additions are off by {-unit*sum(i, depth(i)*abs(entries[i])) <= sum(addition, add_off[addition]) <= "
    "unit*sum(i, depth(i)*abs(entries[i]))}.",
    hypotheses=(
        Hypothesis("The mean subtracted is that of the same numbers, bit for bit.",
            witness("The mean is that of {cot2[i]}, which were rounded otherwise. Nothing else "
                    "is rounded, and the sum is not 0.",
                    {"n": 2, "cot": (1, "5/4"), "cot2": (1, 1)},
                    "sum(i, cot[i] - mean(j, cot2[j])) == 1/4")),
        Hypothesis("The derivative goes through the mean: with stored or frozen statistics nothing is subtracted.",
            witness("The gradient is then the sum of these derivatives, here 3, without any rounding.",
                    {"n": 2, "cot": (1, 2), "mean_off": 0, "rounded": (0, 0), "sum_off": 0}, """
              sum(i, cot[i]) == 3
              grad == 0
            """)),
        Hypothesis("Every value normalised together receives the same bias.",
            witness("Without any rounding, a bias that only the first value receives has the gradient {w(1)}, here not 0.",
                    {"n": 2, "cot": (1, 2), "mean_off": 0, "rounded": (0, 0)}, "w(1) == -1/2")),
        Hypothesis("For the bound: the errors are as small as the standard model says. No operation overflows, or is flushed to 0 "
                   "because its result is too small for the format.",
            witness("With {unit == 1/100}, and two differences so small that they are flushed to 0, "
                    "the gradient is 2, far above the bound.",
                    {"n": 3, "cot": (0, 0, 3), "mean_off": 0, "rounded": (1, 1, 0), "sum_off": 0, "unit": "1/100", "adds": 2,
                     "under": ((1, 1, 0), (1, 1, 1))}, """
              grad == 2
              bound < 1/5
            """),
            formal=_MODEL),
    ),
    conclusions=(
        Conclusion("grad == -n*mean_off + sum(i, rounded[i]) + sum_off"),
        Conclusion("grad == 0", given=("mean_off == 0", "rounded[i] == 0", "sum_off == 0")),
        Conclusion("depth(i) <= adds"),
        Conclusion("mean_bound == unit*sum(i, depth(i)*abs(cot[i])) + 2*unit*sum(i, abs(cot[i]))"),
        Conclusion("-bound <= grad", example=_NUMBERS),
        Conclusion("grad <= bound", example=_NUMBERS),
        Conclusion(f"-{_ADDITIONS} <= sum(addition, add_off[addition])", given=(_ADDITION,)),
        Conclusion(f"sum(addition, add_off[addition]) <= {_ADDITIONS}", given=(_ADDITION,)),
    ),
    proof=(
        chain("round_off", "First the equality: the sum of the centred derivatives, as computed, whatever the errors.", """
          grad
        = sum(i, cot[i] - (mean(j, cot[j]) + mean_off) + rounded[i]) + sum_off  -- definitions of {grad} and of {w(i)}
        = sum(i, cot[i]) - n*mean(j, cot[j]) - n*mean_off + sum(i, rounded[i]) + sum_off
            -- split the sum; mean and {mean_off} are the same for all {i}
        = -n*mean_off + sum(i, rounded[i]) + sum_off  -- {n} times a mean is the sum: the {cot[i]} cancel
        """),
        chain("In exact arithmetic nothing is left.", """
          grad
        = -n*0 + sum(i, 0) + 0  -- no operation is off
        = 0                     -- a sum of zeros
        """, given=("mean_off == 0", "rounded[i] == 0", "sum_off == 0",)),
        chain("two_copies", "If a compiler computes the derivatives twice, {cot[i]} for the difference and {cot2[i]} for the "
              "mean, what the two differ by remains as well.", """
          sum(i, cot[i] - (mean(j, cot2[j]) + mean_off) + rounded[i]) + sum_off
        = sum(i, cot[i]) - n*mean(j, cot2[j]) - n*mean_off + sum(i, rounded[i]) + sum_off  -- split the sum
        = sum(i, cot[i] - cot2[i]) - n*mean_off + sum(i, rounded[i]) + sum_off
            -- {n} times a mean is the sum, here of the {cot2[i]}
        """),
        chain("room_above", "Now the sizes. Any sum of numbers {entries[i]} is carried out by {adds} additions; let {under[addition, "
              "i]} be 1 if number {i} takes part in addition {addition}, else 0.", """
          unit*sum(i, depth(i)*abs(entries[i])) - sum(addition, add_off[addition])
        = unit*sum(addition, sum(i, under[addition, i]*abs(entries[i]))) - sum(addition, add_off[addition])
            -- number {i} counts once for each addition it takes part in: exchange the two sums
        = sum(addition, unit*sum(i, under[addition, i]*abs(entries[i])) - add_off[addition])  -- one sum
        """),
        sign("not_above", "If no addition is off by more than {unit} times the absolute values of its terms, nothing in this is "
             "negative.", """
          sum(addition, unit*sum(i, under[addition, i]*abs(entries[i])) - add_off[addition])
        >= 0  -- what is left of each bound
        """, given=(_ADDITION,)),
        Join("So all additions together are off by at most this.", of=("room_above", "not_above")),
        chain("room_below", "The same with all signs turned.", """
          sum(addition, add_off[addition]) + unit*sum(i, depth(i)*abs(entries[i]))
        = sum(addition, add_off[addition] + unit*sum(i, under[addition, i]*abs(entries[i])))  -- exchange the two sums
        """),
        sign("not_below", "Nothing in this is negative either.", """
          sum(addition, add_off[addition] + unit*sum(i, under[addition, i]*abs(entries[i])))
        >= 0  -- what is left of each bound
        """, given=(_ADDITION,)),
        Join("So they are off by at least minus that.", of=("room_below", "not_below")),
        sign("No number takes part in more than all additions. ({n} numbers need {n - 1}, in whatever order they are added.)", """
          adds - depth(i)
        = sum(addition, 1 - under[addition, i])  -- each addition counts 1
        >= 0                                     -- 1 minus something that is 0 or 1
        """),
        chain("A mean is such a sum times {1/n}, a reciprocal and a product, which is two more roundings, or one division. So "
              "{n} times its error is supposed to be at most this.", """
          mean_bound
        = unit*sum(i, depth(i)*abs(cot[i])) + 2*unit*sum(i, abs(cot[i]))  -- each {abs(cot[i])} counts {depth(i) + 2} times
        """),
        chain("gap_above", "A difference is supposed to be rounded by at most {unit} times what is returned, and the last "
              "sum, of the {w(i)}, to be off by at most {sum_bound}. What the three bounds leave:", """
          bound - grad
        = mean_bound + unit*sum(i, abs(w(i))) + sum_bound - grad  -- {bound} is the sum of the three bounds
        = mean_bound + n*mean_off + sum(i, unit*abs(w(i)) - rounded[i]) + (sum_bound - sum_off)  -- the equality for {grad}
        """),
        sign("left_above", "None of it is negative.", """
          mean_bound + n*mean_off + sum(i, unit*abs(w(i)) - rounded[i]) + (sum_bound - sum_off)
        >= 0  -- each error is within its bound
        """, given=_MODEL),
        Join("So the gradient is at most {bound}.", of=("gap_above", "left_above")),
        chain("gap_below", "With all signs turned:", """
          grad + bound
        = mean_bound - n*mean_off + sum(i, rounded[i] + unit*abs(w(i))) + (sum_off + sum_bound)  -- the same equality
        """),
        sign("left_below", "None of this is negative either.", """
          mean_bound - n*mean_off + sum(i, rounded[i] + unit*abs(w(i))) + (sum_off + sum_bound)
        >= 0  -- each error is within its bound
        """, given=_MODEL),
        Join("So it is at least {-bound}.", of=("gap_below", "left_below")),
        witness("In numbers, with 3 significant bits ({unit == 1/8}) and {cot[i]} = 1, 2, 4. The sums 3 and 7 are exact, 1/3 "
                "is rounded to 5/16, and 35/16 to 2: the mean is off by −1/3. The differences −1, 0, 2 are exact, and so is "
                "their sum: 1, not 0. The bound allows 31/8.",
                _NUMBERS, """
          mean(j, cot[j]) + mean_off == 2
          grad == 1
          -n*mean_off == 1
          bound == 31/8
        """),
    ),
    sources=("S4.a", "Higham 2002, §§2.2, 3.1, 3.3, 4.2"),
    definitions=definitions(
        ("w(i)", "cot[i] - (mean(j, cot[j]) + mean_off) + rounded[i]", "w_{#1}", "w_#1", "a centred derivative, as computed"),
        ("grad", "sum(i, w(i)) + sum_off", "G", "G", "the gradient of the bias, as computed"),
        ("depth(i)", "sum(addition, under[addition, i])", "D_{#1}", "D_#1", "how many additions term number i takes part in"),
        ("mean_bound", "unit*sum(i, (depth(i) + 2)*abs(cot[i]))", "B", "B", "what the error of the mean may add"),
        ("sum_bound", "unit*sum(i, depth(i)*abs(w(i)))", "B'", "B′", "what the last sum may add"),
        ("bound", "unit*sum(i, (depth(i) + 2)*abs(cot[i]) + (depth(i) + 1)*abs(w(i)))", r"\bar G", "Ḡ",
         "the bound of the gradient"),
    ),
    remark="Supposed, not proved, is the standard model: an operation returns its exact result, divided by {1 + rel} with {abs(rel) "
    "<= unit}, so that it is off by at most {unit} times the absolute value of what it returns (Higham 2002, section 2.2). What an "
    "addition returns is, to first order, the sum of the terms that take part in it; terms in {unit**2} are dropped (Higham 2002, "
    "section 4.2, keeps them). For {depth(i)} one may put the depth of the tree by "
    "which a program adds up: {n - 1} one after the other, about the binary logarithm of {n} pairwise. If output and "
    "variance centre the values separately, the theorem holds of each of the two sums. `bnproof check` does not insert "
    "numbers into this formula: it carries the same argument through all operations of the program at hand (Higham 2002, "
    "section 3.3). To first order an entry of an output is off by at most {unit} times a sum over all results: the absolute "
    "value of the result, times the roundings it counts for, times that of the derivative of the entry with respect to it. "
    "What first order leaves out, such as the curvature of a root, is bounded entry by entry and added. "
    "The depth of each sum's tree is that of the reduction in the compiled program. A compiler may repeat an operation "
    "wherever its result is needed, so each use has a rounding error of its own, and the sum of the {cot[i] - cot2[i]} is "
    "part of the bound. The answer is “cannot tell” where round-off may change a divisor by all of it, for then there is "
    "no bound, and where the bound exceeds a third of {sum(i, abs(w(i)))}, which is what might be there "
    "if nothing cancelled. Suppose that all {abs(cot[i])} add up to as much as the {abs(w(i))}, and count every term as the "
    "deepest: then the bound above is that large as soon as {(2*depth(i) + 3)*unit > 1/3}. One after the other this is from "
    "43 values on in bfloat16 ({unit == 1/2**8}), from 341 on in float16 ({unit == 1/2**11}), and from 2.8 million on in "
    "float32 ({unit == 1/2**24}), if the sums are rounded to that format throughout; pairwise it never happens in practice.",
)
