"""With stored statistics batch normalisation is an affine map; it is linear only if its offset is 0.

Statement: BN(θ·h + (1−θ)·h') = θ·BN(h) + (1−θ)·BN(h') for all numbers; BN is linear iff β = γ·M/√(V+ε).
"""

from __future__ import annotations

from ...symbolic.inferences import NotZero, Say, Undefined, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="batchnorm_affine_of_stored_statistics",
    title="With stored statistics batch normalisation is affine, and linear only if its offset is 0",
    statement="In eval mode each value {h} of a channel becomes {bn(h) == gamma*(h - M)/sqrt(V + eps) + beta}, with {V + eps "
    "> 0}. This is an affine map: the factor {gamma/sqrt(V + eps)} times {h}, plus the offset {beta - gamma*M/sqrt(V + eps)}. "
    "It keeps every weighted mean {theta*z[i] + (1 - theta)*z[j]} of two values. If the offset is 0, that is, if {beta == "
    "gamma*M/sqrt(V + eps)}, the map is linear: {bn(theta*z[i] + h) == theta*bn(z[i]) + bn(h)}. Otherwise it is not: then "
    "{bn(2*h) != 2*bn(h)} for every {h}.",
    hypotheses=(
        Hypothesis("The statistics are stored.",
            witness("With the statistics of the batch, doubling all values does not double the "
                    "distance from {beta}; nothing changes.",
                    {"n": 2, "z": (0, 2), "eps": 0}, """
              (z[2] - mean(i, z[i]))/sqrt(var(i, z[i]) + eps) == 1
              (2*z[2] - mean(i, 2*z[i]))/sqrt(var(i, 2*z[i]) + eps) == 1
            """)),
        Hypothesis("For linearity: {beta == gamma*M/sqrt(V + eps)}.",
            witness("Otherwise 0 does not become 0, and twice the input is not twice the output: here 2 gives 3 and 4 gives 4.",
                    {"gamma": 1, "beta": 3, "eps": 0, "M": 2, "V": 4}, """
              bn(0) == 2
              bn(2) == 3
              bn(4) == 4
              bn(2*2) != 2*bn(2)
            """),
            formal=("beta == gamma*M/sqrt(V + eps)",)),
        Hypothesis("{V + eps > 0}: the division is defined.",
            Undefined("With {V == 0} and {eps == 0} the map does not exist.",
                      {"gamma": 1, "beta": 3, "eps": 0, "M": 2, "V": 0}, "bn(1)"),
            formal=("V + eps > 0",)),
    ),
    conclusions=(
        Conclusion("bn(h) == gamma/sqrt(V + eps)*h + (beta - gamma*M/sqrt(V + eps))"),
        Conclusion("bn(theta*z[i] + (1 - theta)*z[j]) == theta*bn(z[i]) + (1 - theta)*bn(z[j])"),
        Conclusion("bn(theta*z[i] + h) == theta*bn(z[i]) + bn(h)"),
        Conclusion("bn(2*h) != 2*bn(h)", given=("beta != gamma*M/sqrt(V + eps)",)),
        Conclusion("bn(0) == beta - gamma*M/sqrt(V + eps)"),
    ),
    proof=(
        chain("affine", "Separate factor and offset.", """
          bn(h)
        = gamma*(h - M)/sqrt(V + eps) + beta                      -- definition
        = gamma/sqrt(V + eps)*h + (beta - gamma*M/sqrt(V + eps))  -- multiply out; the bracket does not involve {h}
        """),
        chain("weighted_mean", "Hence weighted means are kept.", """
          bn(theta*z[i] + (1 - theta)*z[j])
        = gamma/sqrt(V + eps)*(theta*z[i] + (1 - theta)*z[j]) + (theta + 1 - theta)*(beta - gamma*M/sqrt(V + eps))
            -- factor and offset; the offset is taken once
        = theta*bn(z[i]) + (1 - theta)*bn(z[j])  -- sort by {theta} and {1 - theta}
        """),
        chain("offset", "The offset is what 0 becomes.", """
          bn(0)
        = beta - gamma*M/sqrt(V + eps)  -- factor times 0, plus offset
        """),
        chain("If {beta == gamma*M/sqrt(V + eps)}, only the factor is left, and the map is linear.", """
          bn(theta*z[i] + h)
        = gamma/sqrt(V + eps)*(theta*z[i] + h)                      -- the offset is 0
        = theta*(gamma/sqrt(V + eps)*z[i]) + gamma/sqrt(V + eps)*h  -- multiply out
        = theta*bn(z[i]) + bn(h)                                    -- the offset is 0
        """, given=("beta == gamma*M/sqrt(V + eps)",)),
        sign("defect", "If not, twice a value does not become twice as much: the offset would be taken twice.", """
          (bn(2*h) - 2*bn(h))**2
        = (beta - gamma*M/sqrt(V + eps))**2  -- the offset once, less the offset twice
        > 0                                  -- the square of what is not 0
        """, given=("beta != gamma*M/sqrt(V + eps)",)),
        NotZero("A linear map doubles with its argument, so this one is not linear.", of="defect", part="bn(2*h) != 2*bn(h)"),
        witness("Even a fresh layer, with {M == 0}, is linear only while {beta == 0}.",
                {"gamma": 1, "eps": 0, "M": 0, "V": 1, "beta": 1}, "bn(0) == 1"),
        Say("In eval mode a convolution and the normalisation after it are affine maps both, and so is their "
            "composition: this is why they fold into one layer."),
    ),
    sources=("S4.e",),
    definitions=definitions(
        ("bn(h)", "gamma*(h - M)/sqrt(V + eps) + beta", r"\mathrm{BN}(#1)", "BN(#1)", "one value in eval mode"),
    ),
)
