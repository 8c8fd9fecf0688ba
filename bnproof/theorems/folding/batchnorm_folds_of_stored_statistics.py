"""A batch normalisation with stored statistics folds into the linear layer before it.

Statement: Wᶠ = W·γ/√(V+ε) and bᶠ = β + (b − M)·γ/√(V+ε) reproduce the eval output for every input; bᶠ = 0 iff
β = (M − b)·γ/√(V+ε), so that folding in general gives a bias to a layer that had none.
"""

from __future__ import annotations

from ...symbolic.inferences import NotZero, Say, Undefined, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_UNSCALED = "sum(u, Wf(u)*x[u, k]) + beta + b - M*gamma/sqrt(V + eps)"

THEOREM = Theorem(
    name="batchnorm_folds_of_stored_statistics",
    title="Batch normalisation with stored statistics folds into the layer before it",
    statement="Let a layer with weights {W[u]} and bias {b} be followed by a batch normalisation with stored {M} and {V}, "
    "where {V + eps > 0}. The layer is linear, or it is a convolution and {x[u, k]} are the values in its window at position "
    "{k}, zeros of the padding included. The single layer with weights {Wf(u) == W[u]*gamma/sqrt(V + eps)} and bias {bf == "
    "beta + (b - M)*gamma/sqrt(V + eps)} has the same output, {separate(k) == folded(k)}, for every input. For a layer "
    "without a bias, {b == 0}, the folded one has {bf == beta - M*gamma/sqrt(V + eps)}. The folded layer can do without a "
    "bias if {beta == (M - b)*gamma/sqrt(V + eps)}, for then {bf == 0}. Otherwise it cannot, whatever weights {W_new[u]} it "
    "has: where all inputs are 0, {separate(k) != sum(u, W_new[u]*x[u, k])}. A fold that forgets to scale {b} gives outputs "
    "that are off by {b*(1 - gamma/sqrt(V + eps))}, which is 0 only for {b == 0} or {gamma == sqrt(V + eps)}.",
    hypotheses=(
        Hypothesis("The statistics are stored.",
            witness("Folding mean 1 and variance 1 of one batch, (0, 2), fails on another, (0, "
                    "4): its second output is 3, not 1.",
                    {"n": 2, "F": 1, "W": (1,), "x": ((0, 4),), "z": (0, 4), "b": 0, "gamma": 1, "beta": 0, "eps": 0, "M": 1,
                     "V": 1}, """
              folded(2) == 3
              (z[2] - mean(i, z[i]))/sqrt(var(i, z[i]) + eps) == 1
            """)),
        Hypothesis("Nothing stands between the layer and the normalisation.",
            witness("With a ReLU between: normalising {relu(-1) == 0} gives −3/2; the folded "
                    "layer gives −2, or 0 after a ReLU.",
                    {"F": 1, "W": (1,), "x": ((-1,),), "b": 0, "gamma": 1, "beta": 0, "eps": 0, "M": 3, "V": 4}, """
              gamma*(relu(W[1]*x[1, 1] + b) - M)/sqrt(V + eps) + beta == -3/2
              folded(1) == -2
              relu(folded(1)) == 0
            """)),
        Hypothesis("{V + eps > 0}: the division is defined.",
            Undefined("With {V == 0} and {eps == 0} there are no folded weights.",
                      {"F": 1, "W": (1,), "gamma": 1, "eps": 0, "V": 0}, "Wf(1)"),
            formal=("V + eps > 0",)),
    ),
    conclusions=(
        Conclusion("separate(k) == folded(k)"),
        Conclusion("bf == beta - M*gamma/sqrt(V + eps)", given=("b == 0",)),
        Conclusion("bf == 0", given=("beta == (M - b)*gamma/sqrt(V + eps)",)),
        Conclusion("separate(k) != sum(u, W_new[u]*x[u, k])",
                   given=("x[u, k] == 0", "beta != (M - b)*gamma/sqrt(V + eps)")),
        Conclusion(f"{_UNSCALED} - separate(k) == b*(1 - gamma/sqrt(V + eps))"),
        Conclusion(f"{_UNSCALED} == separate(k)", given=("b == 0",)),
        Conclusion(f"{_UNSCALED} == separate(k)", given=("gamma == sqrt(V + eps)",)),
        Conclusion(f"{_UNSCALED} != separate(k)", given=("b != 0", "gamma != sqrt(V + eps)")),
    ),
    proof=(
        chain("output", "Collect what multiplies the input, and what does not.", """
          separate(k)
        = gamma*(sum(u, W[u]*x[u, k]) + b - M)/sqrt(V + eps) + beta                      -- definition of the two layers
        = gamma/sqrt(V + eps)*sum(u, W[u]*x[u, k]) + beta + (b - M)*gamma/sqrt(V + eps)  -- multiply out
        = sum(u, W[u]*gamma/sqrt(V + eps)*x[u, k]) + beta + (b - M)*gamma/sqrt(V + eps)
            -- the factor is the same in every term of the sum
        = sum(u, Wf(u)*x[u, k]) + bf                                                     -- names for the two parts
        = folded(k)                                                                      -- definition of the folded layer
        """),
        chain("If the layer has no bias, the folded one still gets one.", """
          bf
        = beta - M*gamma/sqrt(V + eps)  -- {b == 0}
        """, given=("b == 0",)),
        chain("When is it 0? If {beta == (M - b)*gamma/sqrt(V + eps)}, then so it is.", """
          bf
        = (M - b)*gamma/sqrt(V + eps) + (b - M)*gamma/sqrt(V + eps)  -- insert {beta}
        = 0                                                          -- opposite terms
        """, given=("beta == (M - b)*gamma/sqrt(V + eps)",)),
        chain("folded_bias", "In general the two sides of that equation differ by {bf}.", """
          beta - (M - b)*gamma/sqrt(V + eps)
        = beta + (b - M)*gamma/sqrt(V + eps)  -- minus minus
        = bf                                  -- definition of the folded bias
        """),
        sign("apart", "If they differ, no layer without a bias does the same: where all inputs are 0, its output is 0.", """
          (separate(k) - sum(u, W_new[u]*x[u, k]))**2
        = (gamma*(0 + b - M)/sqrt(V + eps) + beta - 0)**2  -- no input, no sum
        = (beta - (M - b)*gamma/sqrt(V + eps))**2          -- minus minus
        > 0                                                -- the two sides differ
        """, given=("x[u, k] == 0", "beta != (M - b)*gamma/sqrt(V + eps)")),
        NotZero("So the outputs differ there.", of="apart", part="separate(k) != sum(u, W_new[u]*x[u, k])"),
        witness("So a layer made without a bias needs one when it is folded: here the folded bias is 5/2.",
                {"F": 1, "W": (1,), "x": ((2,),), "b": 0, "gamma": 1, "beta": 3, "eps": 0, "M": 1, "V": 4}, """
          bf == 5/2
          separate(1) == 7/2
          folded(1) == 7/2
        """),
        witness("The old bias must be scaled too. Adding {b} unscaled gives 9/2 where the two layers give 5/2.",
                {"F": 1, "W": (1,), "x": ((2,),), "b": 4, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 4}, """
          separate(1) == 5/2
          folded(1) == 5/2
          sum(u, Wf(u)*x[u, 1]) + beta + b - M*gamma/sqrt(V + eps) == 9/2
        """),
        chain("unscaled_bias", "How far off that mistake is: it does not depend on the input.", """
          sum(u, Wf(u)*x[u, k]) + beta + b - M*gamma/sqrt(V + eps) - separate(k)
        = beta + b - M*gamma/sqrt(V + eps) - bf  -- the weights agree
        = b*(1 - gamma/sqrt(V + eps))            -- {beta} and {M} cancel
        """),
        chain("It goes unnoticed if there is nothing to scale,", """
          sum(u, Wf(u)*x[u, k]) + beta + b - M*gamma/sqrt(V + eps)
        = separate(k) + b*(1 - gamma/sqrt(V + eps))  -- the difference just computed
        = separate(k)                                -- {b == 0}
        """, given=("b == 0",)),
        chain("or if the scale is 1,", """
          sum(u, Wf(u)*x[u, k]) + beta + b - M*gamma/sqrt(V + eps)
        = separate(k) + b*(1 - sqrt(V + eps)/sqrt(V + eps))  -- the same difference
        = separate(k)                                        -- 1 − 1 is 0
        """, given=("gamma == sqrt(V + eps)",)),
        sign("unscaled_square", "and only then: otherwise both squares are positive.", """
          (sum(u, Wf(u)*x[u, k]) + beta + b - M*gamma/sqrt(V + eps) - separate(k))**2
        = b**2*(1 - gamma/sqrt(V + eps))**2          -- the square of the same difference
        = b**2*(gamma - sqrt(V + eps))**2/(V + eps)  -- common denominator
        > 0                                          -- all factors are positive
        """, given=("b != 0", "gamma != sqrt(V + eps)", "V + eps > 0")),
        NotZero("So the outputs are off.", of="unscaled_square",
                part="sum(u, Wf(u)*x[u, k]) + beta + b - M*gamma/sqrt(V + eps) != separate(k)"),
        Say("For a convolution the fold is exact at the border as well, since zeros of the padding are values too. A "
            "normalisation without parameters is the case {gamma == 1}, {beta == 0}."),
    ),
    sources=("S1.c", "S1.e", "ncnn #1339", "yolov3 #807"),
    definitions=definitions(
        ("Wf(u)", "W[u]*gamma/sqrt(V + eps)", r"W^{\mathrm{f}}_{#1}", "Wᶠ_#1", "weight of the folded layer"),
        ("bf", "beta + (b - M)*gamma/sqrt(V + eps)", r"b^{\mathrm{f}}", "bᶠ", "bias of the folded layer"),
        ("separate(k)", "gamma*(sum(u, W[u]*x[u, k]) + b - M)/sqrt(V + eps) + beta", r"\tilde y_{#1}", "ỹ_#1",
         "the output of the layer and the normalisation after it, in eval mode"),
        ("folded(k)", "sum(u, Wf(u)*x[u, k]) + bf", r"y^{\mathrm{f}}_{#1}", "yᶠ_#1", "the output of the folded layer"),
    ),
)
