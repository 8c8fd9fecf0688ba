"""With synchronised batch statistics no device's bias gradient is zero, but their plain sum over the devices is.

Statement: D₁ = Σθ_i dz_i, D₂ = Σ(1 − θ_i) dz_i: D₁ + D₂ = 0 for every split; (n₁D₁ + n₂D₂)/n = (2n₁ − n)/n·D₁.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, witness
from ..definitions import BATCHNORM, DZ, definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="bias_gradients_sum_to_zero_of_synchronised_statistics",
    title="On several devices, only the sum of the bias gradients is zero",
    statement="Split a batch of {n} values over two devices, {nfirst} on the first, where {onfirst[i] == 1}, and "
    "normalise all with the mean and the variance of the whole batch (synchronised batch normalisation). Each device "
    "adds its copy of the bias to its own values, so it computes {first_grad} or {second_grad}. Neither is 0 in "
    "general, but {first_grad + second_grad == 0}, for every loss, {gamma}, {beta}, every split and every {eps} with "
    "{v + eps > 0}. A sum weighted by the shares of the devices is not 0, unless these are equal or both gradients "
    "are 0.",
    hypotheses=(
        Hypothesis("The gradients of the devices are added, or averaged with equal weights.",
            witness("One value on the first device, two on the second: weighted by the shares, the gradients do not cancel.",
                    {"n": 3, "z": (0, 1, 2), "onfirst": (1, 0, 0), "nfirst": 1, "g": (1, 0, 0), "gamma": 1, "beta": 0,
                     "eps": "1/3"}, """
              first_grad == 1/3
              second_grad == -1/3
              nfirst/n * first_grad + (n - nfirst)/n * second_grad == -1/9
            """)),
        Hypothesis("The two sums in the derivative {dz(i)} run over the whole batch: they are "
                   "exchanged between devices as well.",
            witness("The same split, with each device's own sums in the backward pass: the gradients add up to −1.",
                    {"n": 3, "z": (0, 1, 2), "onfirst": (1, 0, 0), "nfirst": 1, "g": (1, 0, 0), "gamma": 1, "beta": 0, "eps": "1/3"},
                    "first_local + second_local == -1")),
    ),
    proof=(
        chain("first_device", "What the first device computes: the derivatives of the whole loss "
              "with respect to its own values, added up.", """
          first_grad
        = gamma/(n*s) * (n*sum(i, onfirst[i]*g[i]) - nfirst*sum(j, g[j]) - sum(i, onfirst[i]*xhat(i))*sum(j, g[j]*xhat(j)))
            -- sum the three parts of {dz(i)}; {nfirst} values are on this device
        """),
        witness("This is not 0 in general, and neither is the other.",
                {"n": 3, "z": (0, 1, 2), "onfirst": (1, 0, 0), "nfirst": 1, "g": (1, 0, 0), "gamma": 1, "beta": 0,
                 "eps": "1/3"}, """
          first_grad == 1/3
          second_grad == -1/3
        """),
        chain("devices", "The sum over the devices is the sum over the batch.", """
          first_grad + second_grad
        = sum(i, (onfirst[i] + 1 - onfirst[i])*dz(i))  -- one sum of both
        = sum(i, dz(i))                                -- every value is on exactly one device
        """),
        Use("And this is 0.", "bias_gradient_vanishes_of_batch_statistics", "bias_gradient", "sum(i, dz(i))", "0"),
        Say("With more devices the same holds: the sums over the devices add up to the sum over the batch."),
        chain("weighted", "So {second_grad == -first_grad}, and weighting by the shares "
              "{nfirst/n} and {(n - nfirst)/n} gives", """
          nfirst/n * first_grad + (n - nfirst)/n * second_grad
        = nfirst/n * first_grad + (n - nfirst)/n * (sum(i, dz(i)) - first_grad)
            -- the two gradients add up to the sum over the batch
        = nfirst/n * first_grad - (n - nfirst)/n * first_grad  -- which is 0
        = (2*nfirst - n)/n * first_grad  -- collect: this is 0 for {nfirst == n/2}, or where {first_grad == 0}
        """),
        chain("local_sums", "With only its own sums in the backward pass, the first device would compute", """
          first_local
        = gamma/(nfirst*s)
            * (nfirst*sum(i, onfirst[i]*g[i]) - nfirst*sum(j, onfirst[j]*g[j])
            - sum(i, onfirst[i]*xhat(i))*sum(j, onfirst[j]*g[j]*xhat(j)))
            -- sum the three parts over the {nfirst} values of the device
        = -gamma/(nfirst*s) * sum(i, onfirst[i]*xhat(i)) * sum(j, onfirst[j]*g[j]*xhat(j))
            -- the first two are equal; values centred over the batch do not add up to 0 over a part of it
        """),
        Say("Without any synchronisation each device is a batch of its own, and its own gradient is 0: the theorem just cited, "
            "with {n} the number of values on that device."),
    ),
    sources=("S2.b", "S4.a", "PyTorch issue 22192"),
    definitions=definitions(
        *BATCHNORM,
        DZ,
        ("first_grad", "sum(i, onfirst[i]*dz(i))", "D_1", "D₁", "the bias gradient that the first device computes"),
        ("second_grad", "sum(i, (1 - onfirst[i])*dz(i))", "D_2", "D₂", "that of the second device"),
        ("first_local",
         "sum(i, onfirst[i]*gamma/(nfirst*s)*(nfirst*g[i] - sum(j, onfirst[j]*g[j]) - "
         "xhat(i)*sum(j, onfirst[j]*g[j]*xhat(j))))", "D_1'", "D₁′", "the same with the first device's own sums"),
        ("second_local",
         "sum(i, (1 - onfirst[i])*gamma/((n - nfirst)*s)*((n - nfirst)*g[i] - sum(j, (1 - onfirst[j])*g[j]) - "
         "xhat(i)*sum(j, (1 - onfirst[j])*g[j]*xhat(j))))", "D_2'", "D₂′", "the same with the second device's own sums"),
    ),
)
