"""With a pointwise activation φ between bias and BatchNorm: when exactly does the output react to the bias?

Statement (ε > 0): the normalised output is stationary in b exactly when φ′(z_i + b) is the same for all i.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, chain, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="output_moves_of_pointwise_activation_before_batchnorm",
    title="With an activation between and ε > 0 the bias acts unless all its slopes are equal",
    statement="Let {f[i]} be the activations and {d[i]} the activation function's derivatives at the pre-activations, so that "
    "moving the bias by a small {b} makes the activations {act(i) == f[i] + b*d[i]} to first order. Here {b} is counted "
    "from the present bias: at {b == 0} these are the layer's own derivatives. With batch statistics and {eps > 0}, the "
    "derivatives {D(k)} of all normalised outputs with respect to {b} vanish if and only if all {d[i]} are equal, for "
    "every {n}.",
    hypotheses=(
        Hypothesis("{eps > 0}.",
            witness("With {eps == 0} slopes may differ and the derivative still vanish: two distinct activation values, "
                    "whatever they are, normalise to the same two outputs.",
                    {"n": 2, "f": (0, 1), "d": (0, 1), "b": 0, "eps": 0}, """
              D(1) == 0
              D(2) == 0
              d[1] != d[2]
            """)),
        Hypothesis("Batch statistics.",
            witness("With stored statistics (mean {0}, variance {1}, {eps == 0}) equal slopes do move "
                    "the output: it is the activation itself.",
                    {"n": 2, "f": (0, 1), "d": (1, 1), "b": 0},
                    "diff(act(1), b) == 1")),
    ),
    proof=(
        chain("The mean moves with the average slope, the variance with the covariance of value and slope.", """
          diff(sf**2, b)
        = diff(mean(i, (act(i) - mf)**2), b)    -- {eps} is constant
        = mean(i, 2*(act(i) - mf)*(d[i] - md))  -- chain rule; {mf} moves by {md}
        = 2*cov                                 -- definition of {cov}
        """),
        chain("derivative", "The derivative of a normalised output.", """
          D(k)
        = (d[k] - md)/sf - (act(k) - mf)/sf**2 * (cov/sf)  -- quotient rule; {sf} moves by {cov/sf}
        = (d[k] - md)/sf - (act(k) - mf)*cov/sf**3         -- multiply out
        """),
        Say("If all slopes are equal, {d[k] - md} and {cov} are both 0, and so is every derivative:"),
        chain("Equal slopes: nothing moves.", """
          (d[k] - md)/sf - (act(k) - mf)*cov/sf**3
        = (a - a)/sf - (act(k) - mf)*0/sf**3  -- every slope is {a}, so is their mean, and the covariance is 0
        = 0                                   -- both parts are 0
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
        """),
        chain("If every derivative is 0, every slope equals the mean slope.", """
          sf*D(k) + (act(k) - mf)*sf/eps * mean(j, (act(j) - mf)*D(j))
        = sf*0 + (act(k) - mf)*sf/eps * mean(j, (act(j) - mf)*0)  -- {D(j)} is 0 for all {j}
        = 0                                                       -- so {d[k] == md} for every {k}
        """, given=("D(j) == 0",)),
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
    remark="ReLU has slopes 0 and 1, a leaky ReLU slopes {a} and 1, the identity only 1: the theorems that follow are cases of "
    "this one, with closed forms.",
)
