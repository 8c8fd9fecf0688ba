"""In floating point the gradient of a bias before BatchNorm is round-off alone, and its size has a bound.

Statement: for derivatives c of the loss by the centred values, w_i = c_i − (mean c + e) + r_i and G = Σ w_i + e′, G = −n e + Σ r_i + e′;
to first order |G| ≤ u Σ ((D_i + 2)|c_i| + (D_i + 1)|w_i|), D_i additions deep.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, chain, sign, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="proved_zero_is_round_off_of_centring",
    title="In floating point a proved zero is round-off alone, within a bound",
    statement="Let {cot[i]} be the derivatives of the loss with respect to the centred values, whatever the backward pass computed. Batch "
    "normalisation subtracts their mean, which is computed with an error {mean_off}; the differences are rounded by "
    "{rounded[i]}, so that {w(i) == cot[i] - (mean(j, cot[j]) + mean_off) + rounded[i]}; and their sum, the gradient {grad} "
    "of the bias, is computed with an error {sum_off}. Then {grad == -n*mean_off + sum(i, rounded[i]) + sum_off}: no "
    "derivative is left, only round-off. If every operation is correct up to a factor between {1 - unit} and {1 + unit}, and "
    "term {i} of a sum takes part in {depth(i)} additions, then to first order in {unit} {abs(grad) <= unit*sum(i, "
    "(depth(i) + 2)*abs(cot[i]) + (depth(i) + 1)*abs(w(i)))}.",
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
        Hypothesis("For the bound: no operation overflows, or is flushed to 0 because its result is too small for the format.",
            witness("With {unit == 1/100}, and two differences so small that they are flushed to 0, "
                    "the gradient is 2, far above the bound.",
                    {"n": 3, "cot": (0, 0, 3), "mean_off": 0, "rounded": (1, 1, 0), "sum_off": 0, "unit": "1/100", "adds": 2,
                     "under": ((1, 1, 0), (1, 1, 1))}, """
              grad == 2
              bound < 1/5
            """)),
    ),
    proof=(
        Say("First the equality. It holds for all numbers {mean_off}, {rounded[i]} and {sum_off}, however large."),
        chain("round_off", "The sum of the centred derivatives, as computed.", """
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
        Say("Now the sizes. The standard model says that an operation returns its exact result, divided by {1 + rel} "
            "with {abs(rel) <= unit}: it is off by at most {unit} times the absolute value of what it returns. "
            "Nothing else is supposed of the arithmetic, and this is not proved here (Higham 2002, section 2.2). A "
            "number that is at most {abs(entries[i])}, say, is written as {abs(entries[i]) - spares[i]}, where "
            "{spares[i] >= 0} is what is left of the bound."),
        sign("Sizes add up: numbers that are at most {abs(entries[i])} add up to at most the sum of these.", """
          sum(i, abs(entries[i])) - sum(i, abs(entries[i]) - spares[i])
        = sum(i, spares[i])  -- join the sums
        >= 0                 -- none of them is negative
        """),
        Say("With all signs turned they add up to at least minus that sum, and so in all that follows. Next, any sum of "
            "numbers {entries[i]}, carried out by {adds} additions. Let {under[addition, i]} be 1 if number {i} takes part "
            "in addition {addition}, else 0; then it takes part in {depth(i)} of them. What an addition returns is, to "
            "first order, the sum of the numbers that take part in it, at most {sum(i, under[addition, "
            "i]*abs(entries[i]))} in absolute value; and it is off by at most {unit} times that. Terms in {unit**2} are "
            "dropped here (Higham 2002, section 4.2, keeps them)."),
        sign("All additions together are off by at most {unit*sum(i, depth(i)*abs(entries[i]))}.", """
          unit*sum(i, depth(i)*abs(entries[i]))
            - sum(addition, unit*sum(i, under[addition, i]*abs(entries[i])) - spares[addition])
        = unit*sum(addition, sum(i, under[addition, i]*abs(entries[i])))
            - sum(addition, unit*sum(i, under[addition, i]*abs(entries[i])) - spares[addition])
            -- number {i} counts once for each addition it takes part in: exchange the two sums
        = sum(addition, spares[addition])  -- the double sums cancel
        >= 0                               -- none of them is negative
        """),
        sign("No number takes part in more than all additions. As {n} numbers need {n - 1}, {depth(i)} is at most {n "
             "- 1}, in whatever order they are added.", """
          adds - depth(i)
        = sum(addition, 1 - under[addition, i])  -- each addition counts 1
        >= 0                                     -- 1 minus something that is 0 or 1
        """),
        Say("A mean is such a sum times {1/n}: a reciprocal and a product, two more roundings, or one division. So "
            "{-n*mean_off} is at most {unit*sum(i, depth(i)*abs(cot[i]))} for the additions, and {2*unit*sum(i, "
            "abs(cot[i]))} for these two, to first order."),
        sign("Together this is at most {mean_bound}.", """
          mean_bound - (unit*sum(i, depth(i)*abs(cot[i])) - spare + 2*unit*sum(i, abs(cot[i])) - spare2)
        = mean_bound - unit*sum(i, (depth(i) + 2)*abs(cot[i])) + spare + spare2
            -- collect: each {abs(cot[i])} counts {depth(i) + 2} times
        = spare + spare2  -- definition of {mean_bound}
        >= 0              -- neither is negative
        """),
        Say("So {-n*mean_off} is {mean_bound - spare}. A difference is rounded by at most {unit} times what is returned: "
            "{rounded[i]} is {unit*abs(w(i)) - spares[i]}. And the last sum, of the {w(i)}, is off by at most {sum_bound}, the "
            "sum of the {unit*depth(i)*abs(w(i))}: {sum_off} is {sum_bound - spare2}."),
        sign("Insert the three into the equality: the gradient is at most {bound}.", """
          bound - (mean_bound - spare + sum(i, unit*abs(w(i)) - spares[i]) + (sum_bound - spare2))
        = bound - (mean_bound + unit*sum(i, abs(w(i))) + sum_bound) + spare + sum(i, spares[i]) + spare2
            -- what is left of the bounds, taken out
        = spare + sum(i, spares[i]) + spare2  -- {bound} is the sum of the three bounds
        >= 0                                  -- none of them is negative
        """),
        sign("With all signs turned it is at least {-bound}.", """
          -(mean_bound - spare) - sum(i, unit*abs(w(i)) - spares[i]) - (sum_bound - spare2) + bound
        = spare + sum(i, spares[i]) + spare2  -- {bound} is the sum of the three bounds
        >= 0                                  -- none of them is negative
        """),
        witness("In numbers, with 3 significant bits ({unit == 1/8}) and {cot[i]} = 1, 2, 4. The sums 3 and 7 are exact, 1/3 "
                "is rounded to 5/16, and 35/16 to 2: the mean is off by −1/3. The differences −1, 0, 2 are exact, and so is "
                "their sum: 1, not 0. The bound allows 31/8.",
                {"n": 3, "cot": (1, 2, 4), "mean_off": "-1/3", "rounded": (0, 0, 0), "sum_off": 0, "unit": "1/8", "adds": 2,
                 "under": ((1, 1, 0), (1, 1, 1))}, """
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
    remark="The equality and the steps between sizes are machine-checked. Supposed are the model of rounding and that terms "
    "in {unit**2} may be dropped (Higham 2002, sections 2.2, 3.1, 4.2). For {depth(i)} one may put the depth of the tree by "
    "which a program adds up: {n - 1} one after the other, about the binary logarithm of {n} pairwise. If output and "
    "variance centre the values separately, the theorem holds of each of the two sums. `bnproof check` does not insert "
    "numbers into this formula: it carries the same argument through all operations of the program at hand (Higham 2002, "
    "section 3.3). To first order an entry of an output is off by at most {unit} times a sum over all results: the absolute "
    "value of the result, times the roundings it counts for, times that of the derivative of the entry with respect to it. "
    "The depth of each sum's tree is measured by probing the compiled reduction. A compiler may repeat an operation "
    "wherever its result is needed, so each use has a rounding error of its own, and the sum of the {cot[i] - cot2[i]} is "
    "part of the bound. The answer is “cannot tell” where round-off may change a divisor by more than a quarter, for then "
    "first order says too little, and where the bound exceeds a third of {sum(i, abs(w(i)))}, which is what might be there "
    "if nothing cancelled. Suppose that all {abs(cot[i])} add up to as much as the {abs(w(i))}, and count every term as the "
    "deepest: then the bound above is that large as soon as {(2*depth(i) + 3)*unit > 1/3}. One after the other this is from "
    "43 values on in bfloat16 ({unit == 1/2**8}), from 341 on in float16 ({unit == 1/2**11}), and from 2.8 million on in "
    "float32 ({unit == 1/2**24}), if the sums are rounded to that format throughout; pairwise it never happens in practice.",
)
