"""With a pointwise activation φ between bias and BatchNorm: when exactly does the output react to the bias?

Statement (ε > 0): the normalised output is stationary in b exactly when φ′(z_i + b) is the same for all i.
"""

from __future__ import annotations

from ...symbolic.inferences import Contrapositive, Join, NotZero, Say, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="output_moves_of_pointwise_activation_before_batchnorm",
    title="With an activation between and ε > 0 the bias acts unless all its slopes are equal",
    statement="Let an activation function be differentiable at the pre-activations, let {f[i]} be its values there and {d[i]} "
    "its derivatives, so that moving the bias by a small {b} makes the activations {act(i) == f[i] + b*d[i]} to first order. "
    "Here {b} is counted from the present bias: where it is 0, the values, their derivatives and what follows are the layer's "
    "own. With batch statistics and {eps > 0}, the derivative of a normalised output (before scale and shift) with respect to "
    "{b} is {D(k) == (d[k] - md)/sf - (act(k) - mf)*cov/sf**3}. If all slopes are the same, {d[i] == a}, then {D(k) == 0} for "
    "every {k}. Conversely, if {D(j) == 0} for every {j}, then every slope is the mean slope, {d[k] == md}. So if the slopes "
    "differ, {mean(k, (d[k] - md)**2) > 0}, some output moves: {D(j) != 0} for some {j}. This holds for every {n}.",
    hypotheses=(
        Hypothesis("{eps > 0}.",
            witness("With {eps == 0} slopes may differ and the derivative still vanish: two distinct values "
                    "in a batch of two, whatever they are, normalise to the same two outputs.",
                    {"n": 2, "f": (0, 1), "d": (0, 1), "b": 0, "eps": 0}, """
              D(1) == 0
              D(2) == 0
              d[1] != d[2]
            """),
            formal=("eps > 0",)),
        Hypothesis("Batch statistics.",
            witness("With stored statistics (mean 0, variance 1) and {eps == 3} equal slopes do move "
                    "the output: it is the activation itself, divided by 2.",
                    {"n": 2, "f": (0, 1), "d": (1, 1), "b": 0, "eps": 3},
                    "diff(act(1)/sqrt(1 + eps), b) == 1/2")),
        Hypothesis("The activation function is differentiable at every pre-activation.",
            witness("At 0 a ReLU has no slope: to the right the values rise at the rate 1, to the left not at all.",
                    {"tau": 1, "eps": 1}, """
              (relu(0 + tau) - relu(0))/tau == 1
              (relu(0) - relu(0 - tau))/tau == 0
            """)),
    ),
    conclusions=(
        Conclusion("D(k) == (d[k] - md)/sf - (act(k) - mf)*cov/sf**3"),
        Conclusion("D(k) == 0", given=("d[i] == a",)),
        Conclusion("d[k] == md", given=("D(j) == 0",)),
        Conclusion("D(j) != 0", given=("mean(k, (d[k] - md)**2) > 0",), some=("j",)),
    ),
    proof=(
        chain("The mean moves with the average slope, the variance with the covariance of value and slope.", """
          diff(sf**2, b)
        = diff(mean(i, (act(i) - mf)**2), b)    -- {eps} is constant
        = mean(i, 2*(act(i) - mf)*(d[i] - md))  -- chain rule; {mf} moves by {md}
        = 2*cov                                 -- definition of {cov}
        """, given=("eps > 0",)),
        chain("derivative", "The derivative of a normalised output.", """
          D(k)
        = (d[k] - md)/sf - (act(k) - mf)/sf**2 * (cov/sf)  -- quotient rule; {sf} moves by {cov/sf}
        = (d[k] - md)/sf - (act(k) - mf)*cov/sf**3         -- multiply out
        """),
        chain("equal_slopes", "Equal slopes: {d[k] - md} and {cov} are both 0, and nothing moves.", """
          D(k)
        = (d[k] - md)/sf - (act(k) - mf)*cov/sf**3  -- the formula
        = (a - a)/sf - (act(k) - mf)*0/sf**3        -- every slope is {a}, so is their mean, and the covariance is 0
        = 0                                         -- both parts are 0
        """, given=("d[i] == a",)),
        Say("For the converse, read the slopes back from the derivatives. First the covariance:"),
        chain("The derivatives, weighted by the centred activations, give the covariance times {eps}.", """
          mean(j, (act(j) - mf) * ((d[j] - md)/sf - (act(j) - mf)*cov/sf**3))
        = cov/sf - mean(j, (act(j) - mf)**2)*cov/sf**3     -- average each part; the first is {cov} by definition
        = cov/sf**3 * (sf**2 - mean(j, (act(j) - mf)**2))  -- common factor
        = cov/sf**3 * eps                                  -- {sf**2} is the variance plus {eps}
        """),
        chain("slopes_from_derivatives", "Hence each slope's deviation is a combination of the derivatives.", """
          d[k] - md
        = sf*D(k) + (act(k) - mf)*cov/sf**2                             -- solve the formula for {D(k)}
        = sf*D(k) + (act(k) - mf)*sf/eps * mean(j, (act(j) - mf)*D(j))  -- insert the covariance; here {eps > 0} is used
        """, given=("eps > 0",)),
        chain("slope", "So is the slope itself.", """
          d[k]
        = md + (d[k] - md)  -- add and subtract the mean slope
        = md + (sf*D(k) + (act(k) - mf)*sf/eps * mean(j, (act(j) - mf)*D(j)))  -- insert the deviation
        """, given=("eps > 0",)),
        chain("at_rest", "If every derivative is 0, only the mean slope is left.", """
          md + (sf*D(k) + (act(k) - mf)*sf/eps * mean(j, (act(j) - mf)*D(j)))
        = md + (sf*0 + (act(k) - mf)*sf/eps * mean(j, (act(j) - mf)*0))  -- {D(j)} is 0 for all {j}
        = md                                                             -- nothing else is left
        """, given=("D(j) == 0", "eps > 0")),
        Join("Then every slope is the mean slope.", of=("slope", "at_rest"), label="slopes_equal"),
        sign("spread", "If the slopes differ, their variance is not 0.", """
          mean(k, (d[k] - md)**2)
        > 0  -- as supposed
        """, given=("mean(k, (d[k] - md)**2) > 0",)),
        NotZero("Then some slope is not the mean slope.", of="spread", part="d[k] != md", label="some_slope"),
        Contrapositive("So not every derivative is 0.", of="slopes_equal", but="some_slope", fails="D(j) == 0", label="moves"),
    ),
    sources=("S0.e", "S3.a", "ai.stackexchange 26525"),
    definitions=definitions(
        ("act(i)", "f[i] + b*d[i]", r"\varphi_{#1}", "φ_#1", "the activations, to first order in the bias"),
        ("mf", "mean(i, act(i))", r"\bar\varphi", "φ̄", "the mean activation"),
        ("sf", "sqrt(mean(i, (act(i) - mf)**2) + eps)", "s", "s", "the denominator of the normalisation"),
        ("md", "mean(i, d[i])", r"\bar d", "d̄", "the mean slope"),
        ("cov", "mean(i, (act(i) - mf)*(d[i] - md))", "c", "c", "the covariance of activation and slope"),
        ("D(k)", "diff((act(k) - mf)/sf, b)", "D_{#1}", "D_#1", "derivative of the normalised output with respect to the bias"),
    ),
    remark="ReLU has slopes 0 and 1, a leaky ReLU slopes {a} and 1, the identity only 1. The theorems that follow treat such "
    "slopes one by one, and {eps == 0} too.",
)
