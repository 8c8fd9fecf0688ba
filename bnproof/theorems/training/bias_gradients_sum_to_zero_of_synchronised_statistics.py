"""With synchronised batch statistics no device's bias gradient is zero, but their plain sum over the devices is.

Statement: D₁ = Σθ_i dz_i, D₂ = Σ(1 − θ_i) dz_i: D₁ + D₂ = 0 for every split; (n₁D₁ + n₂D₂)/n = (2n₁ − n)/n·D₁.
"""

from __future__ import annotations

from ...symbolic.inferences import Join, NotZero, Undefined, Use, chain, sign, witness
from ..definitions import BATCHNORM, DZ, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_SPLIT = {"n": 3, "z": (0, 1, 2), "onfirst": (1, 0, 0), "nfirst": 1, "g": (1, 0, 0), "gamma": 1, "beta": 0, "eps": "1/3"}

THEOREM = Theorem(
    name="bias_gradients_sum_to_zero_of_synchronised_statistics",
    title="On two devices, only the sum of the bias gradients is zero",
    statement="Split a batch of {n} values over two devices, {nfirst} on the first, those that {onfirst[i]} marks, and "
    "normalise all with the mean and the variance of the whole batch (synchronised batch normalisation). Each device adds its "
    "copy of the bias to its own values, so it computes {first_grad} or {second_grad}. Neither is 0 in general, {first_grad "
    "!= 0} and {second_grad != 0} in an example, but {first_grad + second_grad == 0}, for every loss, {gamma}, {beta}, every "
    "split and every {eps} with {v + eps > 0}. The sum {weighted} weighted by the shares of the devices is {(2*nfirst - n)/n "
    "* first_grad}: {weighted != 0} wherever these differ, {2*nfirst != n}, and {first_grad != 0}. With nothing but its own "
    "sums in the backward pass, the first device, if it has values ({nfirst > 0}), would compute {first_local == "
    "-gamma/(nfirst*s) * sum(i, onfirst[i]*xhat(i)) * sum(j, onfirst[j]*g[j]*xhat(j))}.",
    hypotheses=(
        Hypothesis("The gradients of the devices are added, or averaged with equal weights.",
            witness("One value on the first device, two on the second: weighted by the shares, the gradients do not cancel.",
                    _SPLIT, """
              first_grad == 1/3
              second_grad == -1/3
              weighted == -1/9
            """)),
        Hypothesis("The two sums in the derivative {dz(i)} run over the whole batch: they are "
                   "exchanged between devices as well.",
            witness("The same split, with each device's own sums in the backward pass: the gradients add up to −1.",
                    _SPLIT,
                    "first_local + second_local == -1")),
        Hypothesis("{v + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "onfirst": (1, 0), "nfirst": 1, "g": (1, 0), "gamma": 1, "beta": 0, "eps": 0},
                      "first_grad"),
            formal=("v + eps > 0",)),
    ),
    conclusions=(
        Conclusion("sum(i, onfirst[i]*diff(sum(j, g[j]*y(j)), z[i])) == first_grad"),
        Conclusion("sum(i, (1 - onfirst[i])*diff(sum(j, g[j]*y(j)), z[i])) == second_grad"),
        Conclusion("first_grad != 0", at=_SPLIT),
        Conclusion("second_grad != 0", at=_SPLIT),
        Conclusion("first_grad + second_grad == 0"),
        Conclusion("weighted == (2*nfirst - n)/n * first_grad"),
        Conclusion("weighted != 0", given=("2*nfirst != n", "first_grad != 0")),
        Conclusion("first_local == -gamma/(nfirst*s) * sum(i, onfirst[i]*xhat(i)) * sum(j, onfirst[j]*g[j]*xhat(j))",
                   given=("nfirst > 0",)),
    ),
    proof=(
        chain("first_gradient", "A bias is added to the values of its device, so its gradient is the sum of the derivatives "
              "with respect to these.", """
          sum(i, onfirst[i]*diff(sum(j, g[j]*y(j)), z[i]))
        = sum(i, onfirst[i]*dz(i))  -- the derivatives of the whole loss
        = first_grad                -- definition
        """),
        chain("second_gradient", "So is that of the second device.", """
          sum(i, (1 - onfirst[i])*diff(sum(j, g[j]*y(j)), z[i]))
        = sum(i, (1 - onfirst[i])*dz(i))  -- the derivatives of the whole loss
        = second_grad                     -- definition
        """),
        chain("first_device", "What the first device computes, written out.", """
          first_grad
        = gamma/(n*s) * (n*sum(i, onfirst[i]*g[i]) - nfirst*sum(j, g[j]) - sum(i, onfirst[i]*xhat(i))*sum(j, g[j]*xhat(j)))
            -- sum the three parts of {dz(i)}; {nfirst} values are on this device
        """),
        witness("This is not 0 in general, and neither is the other.", _SPLIT, """
          first_grad != 0
          second_grad != 0
        """),
        chain("devices", "The sum over the devices is the sum over the batch.", """
          first_grad + second_grad
        = sum(i, (onfirst[i] + 1 - onfirst[i])*dz(i))  -- one sum of both
        = sum(i, dz(i))                                -- every value is on exactly one device
        """),
        Use("And this is 0.", "bias_gradient_vanishes_of_batch_statistics", "bias_gradient", "sum(i, dz(i))", "0", label="all"),
        Join("So the plain sum over the devices is 0.", of=("devices", "all"), label="plain_sum"),
        chain("weighted", "Weighting by the shares {nfirst/n} and {(n - nfirst)/n} gives", """
          weighted
        = nfirst/n * first_grad + (n - nfirst)/n * (sum(i, dz(i)) - first_grad)
            -- the two gradients add up to the sum over the batch
        = nfirst/n * first_grad - (n - nfirst)/n * first_grad  -- which is 0
        = (2*nfirst - n)/n * first_grad                        -- collect
        """),
        sign("weighted_square", "This is not 0 if the shares differ and the first gradient is not 0.", """
          weighted**2
        = (2*nfirst - n)**2/n**2 * first_grad**2  -- its square
        > 0                                       -- no factor is 0
        """, given=("2*nfirst != n", "first_grad != 0")),
        NotZero("So the weighted sum is not 0.", of="weighted_square", part="weighted != 0"),
        chain("local_sums", "With only its own sums in the backward pass, the first device would compute", """
          first_local
        = gamma/(nfirst*s)
            * (nfirst*sum(i, onfirst[i]*g[i]) - nfirst*sum(j, onfirst[j]*g[j])
            - sum(i, onfirst[i]*xhat(i))*sum(j, onfirst[j]*g[j]*xhat(j)))
            -- sum the three parts over the {nfirst} values of the device
        = -gamma/(nfirst*s) * sum(i, onfirst[i]*xhat(i)) * sum(j, onfirst[j]*g[j]*xhat(j))
            -- the first two are equal; values centred over the batch do not add up to 0 over a part of it
        """),
    ),
    sources=("S2.b", "S4.a", "PyTorch issue 22192"),
    definitions=definitions(
        *BATCHNORM,
        DZ,
        ("first_grad", "sum(i, onfirst[i]*dz(i))", "D_1", "D₁", "the bias gradient that the first device computes"),
        ("second_grad", "sum(i, (1 - onfirst[i])*dz(i))", "D_2", "D₂", "that of the second device"),
        ("weighted", "nfirst/n * first_grad + (n - nfirst)/n * second_grad", "D", "D",
         "their sum weighted by the shares of the devices"),
        ("first_local",
         "sum(i, onfirst[i]*gamma/(nfirst*s)*(nfirst*g[i] - sum(j, onfirst[j]*g[j]) - "
         "xhat(i)*sum(j, onfirst[j]*g[j]*xhat(j))))", "D_1'", "D₁′", "the same with the first device's own sums"),
        ("second_local",
         "sum(i, (1 - onfirst[i])*gamma/((n - nfirst)*s)*((n - nfirst)*g[i] - sum(j, (1 - onfirst[j])*g[j]) - "
         "xhat(i)*sum(j, (1 - onfirst[j])*g[j]*xhat(j))))", "D_2'", "D₂′", "the same with the second device's own sums"),
    ),
    remark="Not checked: with more devices the same holds, for the sums over the devices add up to the sum over the batch. "
    "Without any synchronisation each device is a batch of its own, and its own gradient is 0 "
    "(`bias_gradient_vanishes_of_batch_statistics`).",
)
