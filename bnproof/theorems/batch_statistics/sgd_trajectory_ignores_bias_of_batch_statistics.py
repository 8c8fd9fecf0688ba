"""Under gradient descent, with or without momentum, a bias before BatchNorm changes no other parameter at any step.

Statement: two runs, with and without b, agree in every other parameter after every step; without decay b_t = b₀.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, Use, chain, induction, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, DZ, definitions
from ..theorem import Hypothesis, Theorem

_GAP = "(diff(sum(j, g[j]*y_at(j, b)), z[k]) - diff(sum(j, g[j]*y_at(j, 0)), z[k]))"

THEOREM = Theorem(
    name="sgd_trajectory_ignores_bias_of_batch_statistics",
    title="A whole run of gradient descent does not see the bias",
    statement="Train a net twice by gradient descent with heavy-ball momentum {rho} ({rho == 0}: plain descent), from "
    "the same start and on the same batches: once with a bias {b} before batch normalisation, once without. A "
    "parameter's velocity is multiplied by {rho} and the gradient added to it; then {eta} times the velocity is "
    "subtracted from the parameter. With batch statistics, and {v + eps > 0} at every step, all other parameters and "
    "velocities agree in the two runs after every number {t} of steps, whatever {b} does. Without weight decay on it, "
    "{b} itself stays at its first value {b0}.",
    hypotheses=(
        Hypothesis("Every step uses the batch statistics and differentiates through them.",
            witness("With the statistics held at mean 0 and variance 1, the gradient of {b} is "
                    "1, not 0: it moves, and the output too.",
                    {"n": 2, "z": (1, -1), "g": (1, 0), "gamma": 1, "beta": 0, "b": 0},
                    "diff(sum(i, g[i]*(gamma*(z[i] + b) + beta)), b) == 1")),
        Hypothesis("Gradients are not clipped by a common norm to which a penalty on {b} contributes.",
            witness("Clip to a common norm of 3 (the bracket is the smaller of 1 and 3 over the norm). Another parameter's "
                    "gradient {G == 3} stays 3, but shrinks to {9/5} if the gradient {b == 4} of the penalty {b**2/2} counts.",
                    {"G": 3, "b": 4}, """
              G*(1 - relu(1 - 3/sqrt(G**2 + 0**2))) == 3
              G*(1 - relu(1 - 3/sqrt(G**2 + b**2))) == 9/5
            """)),
        Hypothesis("For {b} to stay: no weight decay acts on it.",
            witness("One step on the penalty {b**2/2} alone takes {b == 4} to 2 (and no other parameter anywhere).",
                    {"b": 4, "eta": "1/2"}, "b - eta*diff(b**2/2, b) == 2")),
        Hypothesis("{v + eps > 0} at every step: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "g": (1, 0), "gamma": 1, "beta": 0, "eps": 0}, "dz(1)")),
    ),
    proof=(
        Use("The gradient of {b} is 0, whatever the other parameters are.",
            theorem="bias_gradient_vanishes_of_batch_statistics", fact="bias_gradient", start="sum(i, dz(i))", end="0"),
        induction("So its velocity never leaves 0.",
            time="t", state="vel", start="0", update="rho*vel + sum(i, dz(i))", closed="0",
            base="= 0  -- every velocity starts at 0",
            step="""
            = rho*0 + 0  -- the velocity was 0, and the gradient is 0
            = 0          -- nothing is added
            """),
        induction("And {b} never leaves {b0}.",
            time="t", state="b", start="b0", update="b - eta*(rho*0 + sum(i, dz(i)))", closed="b0",
            base="= b0  -- before the first step",
            step="""
            = b0 - eta*0  -- the new velocity is 0 again
            = b0          -- nothing is subtracted
            """),
        Say("Now the other parameters. Suppose that after some number of steps the two runs agree in all of them and in their "
            "velocities. On the next batch both runs then have the same {z[k]}, {gamma} and {beta}; only {b} may differ, in "
            "any way, for instance because a penalty acts on it. The outputs are the same, hence so are the {g[k]}, and with "
            "them the gradients of all parameters after the normalisation."),
        Use("The gradients of the pre-activations are the same in both runs.",
            theorem="other_gradients_ignore_bias_of_batch_statistics", fact="input_gradient",
            start="diff(sum(j, g[j]*y_at(j, b)), z[k])", end="dz(k)"),
        chain("So are those of the weights {W[u]}, and of anything that acts through {z[k]}, "
              "with {x[u, k]} as its derivative.", """
          sum(k, (diff(sum(j, g[j]*y_at(j, b)), z[k]) - diff(sum(j, g[j]*y_at(j, 0)), z[k]))*x[u, k])
        = sum(k, (dz(k) - dz(k))*x[u, k])  -- the gradient is {dz(k)} for every {b}, also for 0
        = 0                                -- the difference is 0
        """),
        chain("The gradient of {gamma} is the same in both runs.", """
          diff(sum(i, g[i]*y_at(i, b)), gamma) - diff(sum(i, g[i]*y_at(i, 0)), gamma)
        = sum(i, g[i]*xhat(i)) - sum(i, g[i]*xhat(i))  -- neither contains {b}
        = 0                                            -- the difference is 0
        """),
        chain("And that of {beta}.", """
          diff(sum(i, g[i]*y_at(i, b)), beta) - diff(sum(i, g[i]*y_at(i, 0)), beta)
        = sum(i, g[i]) - sum(i, g[i])  -- neither contains {b}
        = 0                            -- the difference is 0
        """),
        induction("Hence the velocity of {W[u]} never differs between the runs; for {gamma} and {beta}, put the "
                  "differences of their gradients in its place.",
            time="t", state="gap_vel", start="0", update=f"rho*gap_vel + sum(k, {_GAP}*x[u, k])", closed="0",
            base="= 0  -- both runs start alike",
            step="""
            = rho*0 + 0  -- the velocities agreed, and the gradients agree
            = 0          -- nothing is added
            """),
        induction("Nor does the parameter itself.",
            time="t", state="gap", start="0", update=f"gap - eta*(rho*0 + sum(k, {_GAP}*x[u, k]))", closed="0",
            base="= 0  -- both runs start alike",
            step="""
            = 0 - eta*0  -- the parameters agreed, and the new velocities agree
            = 0          -- nothing is subtracted
            """),
        Say("Both inductions go forward together: what holds after {t} steps in all coordinates gives the next step in each."),
    ),
    sources=("S2.b", "S4.a", "Ioffe & Szegedy 2015, §3.2", "Polyak 1964"),
    definitions=definitions(*BATCHNORM, *BATCHNORM_AT, DZ),
    remark="Clipping by a common norm is harmless as long as {b} has no penalty: its gradient is 0 and adds nothing "
    "to the norm. A learning rate that changes, and weight decay on the other parameters, change nothing. Adam divides "
    "each gradient by a running size of its own; 0 divided by Adam's own small constant is 0: in exact arithmetic, and "
    "without weight decay on {b}, it leaves {b} alone as well. In floating point the gradient of {b} is round-off "
    "instead of 0, and this is what Adam magnifies.",
)
