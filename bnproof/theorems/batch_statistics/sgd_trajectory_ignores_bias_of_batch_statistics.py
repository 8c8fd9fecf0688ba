"""Under gradient descent, with or without momentum, a bias before BatchNorm changes no other parameter at any step.

Statement: two runs, with and without b, agree in every other parameter after every step; without decay b_t = b₀.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, State, Undefined, Use, chain, induction, state, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, DZ, Spec, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

# the layer at step t in the run without the bias
_ALONE: tuple[Spec, ...] = (
    ("pre0(t, k)", "sum(u, path[t, u]*batches[t, u, k])", r"z^{0}_{#1, #2}", "z⁰_#1,#2", "what the layer computes, without the bias"),
    ("hat0(t, k)", "(pre0(t, k) - mean(i, pre0(t, i)))/sqrt(var(i, pre0(t, i)) + eps)", r"\hat x^{0}_{#1, #2}", "x̂⁰_#1,#2",
     "the normalised value, without the bias"),
    ("out0(t, k)", "scale_path[t]*hat0(t, k) + shift_path[t]", r"y^{0}_{#1, #2}", "y⁰_#1,#2", "the output, without the bias"),
    ("back0(t, k)", "scale_path[t]/(n*sqrt(var(i, pre0(t, i)) + eps)) * (n*slopes[t, k] - sum(j, slopes[t, j])"
     " - hat0(t, k)*sum(j, slopes[t, j]*hat0(t, j)))",
     r"\mathrm{d}z^{0}_{#1, #2}", "dz⁰_#1,#2", "derivative of the loss by what the layer computes, without the bias"),
)
# and in the other run, when its bias is b
_BIASED: tuple[Spec, ...] = (
    ("pre(t, k, b)", "sum(u, (path[t, u] + W_gap[u])*batches[t, u, k]) + b", r"z_{#1, #2}(#3)", "z_#1,#2(#3)",
     "what the layer computes, with the bias"),
    ("hat(t, k, b)", "(pre(t, k, b) - mean(i, pre(t, i, b)))/sqrt(var(i, pre(t, i, b)) + eps)", r"\hat x_{#1, #2}(#3)",
     "x̂_#1,#2(#3)", "the normalised value, with the bias"),
    ("out(t, k, b)", "(scale_path[t] + gamma_gap)*hat(t, k, b) + shift_path[t] + beta_gap", r"y_{#1, #2}(#3)", "y_#1,#2(#3)",
     "the output, with the bias"),
    ("slope(t, j, b)", "slopes[t, j] + sum(l, response[t, j, l]*(out(t, l, b) - out0(t, l)))", r"g_{#1, #2}(#3)", "g_#1,#2(#3)",
     "derivative of the loss by an output, with the bias"),
    ("back(t, k, b)", "(scale_path[t] + gamma_gap)/(n*sqrt(var(i, pre(t, i, b)) + eps)) * (n*slope(t, k, b)"
     " - sum(j, slope(t, j, b)) - hat(t, k, b)*sum(j, slope(t, j, b)*hat(t, j, b)))",
     r"\mathrm{d}z_{#1, #2}(#3)", "dz_#1,#2(#3)", "derivative of the loss by what the layer computes, with the bias"),
)

# by how much the velocities differ after one more step
_NEXT: tuple[Spec, ...] = (
    ("W_next(t, u)", "rho*W_vel_gap[u] + sum(k, (back(t, k, bias_path[t]) - back0(t, k))*batches[t, u, k]) + lam*W_gap[u]",
     r"\tilde\Omega^{W}_{#1, #2}", "Ω̃ᵂ_#1,#2", "by how much the next velocities of the weights differ"),
    ("gamma_next(t)", "rho*gamma_vel_gap + sum(j, slope(t, j, bias_path[t])*hat(t, j, bias_path[t])) - sum(j, slopes[t, j]*hat0(t, j))"
     " + lam*gamma_gap", r"\tilde\Omega^{\gamma}_{#1}", "Ω̃^γ_#1", "by how much the next velocities of the scales differ"),
    ("beta_next(t)", "rho*beta_vel_gap + sum(j, slope(t, j, bias_path[t])) - sum(j, slopes[t, j]) + lam*beta_gap",
     r"\tilde\Omega^{\beta}_{#1}", "Ω̃^β_#1", "by how much the next velocities of the shifts differ"),
)


def _agree(what: str, following: str, step: str, index: str = "") -> tuple[State, State]:
    """The differences of a parameter and of its velocity as states of the recursion: both stay 0."""
    gap = f"{what}_gap{index}"
    return (
        state(f"{what}_vel_gap{index}", start="0", update=following, closed="0", step=step),
        state(gap, start="0", update=f"{gap} - eta*{following}", closed="0", step="""
        = 0 - eta*0  -- the new velocities agree, as just shown
        = 0          -- nothing is subtracted
        """),
    )


_TWO_RUNS = (
    *_agree("W", "W_next(t, u)", """
    = rho*0 + sum(k, (back0(t, k) - back0(t, k))*batches[t, u, k]) + lam*0
        -- so far the runs agree in all that the gradient depends on, but for the bias, and that cancels
    = 0  -- nothing is added
    """, "[u]"),
    *_agree("gamma", "gamma_next(t)", """
    = rho*0 + sum(j, slopes[t, j]*hat0(t, j)) - sum(j, slopes[t, j]*hat0(t, j)) + lam*0
        -- normalised values and outputs agree, hence the derivatives by the outputs
    = 0  -- nothing is added
    """),
    *_agree("beta", "beta_next(t)", """
    = rho*0 + sum(j, slopes[t, j]) - sum(j, slopes[t, j]) + lam*0  -- for the same reason
    = 0                                                            -- nothing is added
    """),
)
_B_GRADIENT = "sum(k, back(t, k, b))"
_OWN_RUN = (
    state("vel", start="0", update=f"rho*vel + {_B_GRADIENT}", closed="0", step="""
    = rho*0 + 0  -- the velocity was 0, and the gradient is 0
    = 0          -- nothing is added
    """),
    state("b", start="b0", update=f"b - eta*(rho*vel + {_B_GRADIENT})", closed="b0", step="""
    = b0 - eta*(rho*0 + 0)  -- the new velocity is 0 again
    = b0                    -- nothing is subtracted
    """),
)


def _recursion(states: tuple[State, ...]) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    return "t", tuple((s.name, s.start, s.update) for s in states)


_STEP_VALUES = (
    "z[k] == pre(t, k, b)",
    "g[j] == slope(t, j, b)",
    "gamma == scale_path[t] + gamma_gap",
)

THEOREM = Theorem(
    name="sgd_trajectory_ignores_bias_of_batch_statistics",
    title="With batch statistics a whole run of gradient descent does not see the bias",
    statement="Train one channel of a linear layer with batch normalisation (batch statistics, {eps > 0}) twice by gradient "
    "descent with heavy-ball momentum {rho} (0: plain descent), from the same start and on the same batches {batches[t, u, "
    "k]}: once with a bias before the normalisation, once without. A velocity is multiplied by {rho}, and the gradient and "
    "{lam} times the parameter are added to it ({lam}: weight decay, or 0); then {eta} times the velocity is subtracted from "
    "the parameter. The loss may be any function of the outputs, another one in every step. Without the bias, the parameters "
    "after {t} steps are {path[t, u]}, {scale_path[t]} and {shift_path[t]}, and the loss's derivatives by the outputs "
    "{slopes[t, j]}. In the other run the parameters are those plus {W_gap[u]}, {gamma_gap} and {beta_gap}, its bias is "
    "{bias_path[t]}, any number in every step, and the loss's derivatives by the outputs are {slope(t, j, b)}: with any "
    "{response[t, j, l]} this says no more than that equal outputs have equal derivatives. Then after every number {t} of "
    "steps all these parameters agree, {W_gap[u] == 0}, {gamma_gap == 0} and {beta_gap == 0}, and so do their velocities, "
    "{W_vel_gap[u] == 0}, {gamma_vel_gap == 0} and {beta_vel_gap == 0}. If no weight decay acts on the bias and its velocity "
    "starts at 0, this velocity stays at {vel == 0} and the bias where it was, {b == b0}.",
    hypotheses=(
        Hypothesis("Every step uses the batch statistics and differentiates through them.",
            witness("With the statistics held at mean 0 and variance 1, the gradient of {b} is 1, not 0: descent moves it.",
                    {"n": 2, "z": (1, -1), "g": (1, 0), "gamma": 1, "beta": 0, "b": 0, "eps": 1},
                    "diff(sum(i, g[i]*(gamma*(z[i] + b) + beta)), b) == 1")),
        Hypothesis("Gradients are not clipped by a common norm to which a penalty on {b} contributes.",
            witness("Clip to a common norm of 3 (the bracket is the smaller of 1 and 3 over the norm). Another parameter's "
                    "gradient {G == 3} stays 3, but shrinks to {9/5} if the gradient {b == 4} of the penalty {b**2/2} counts.",
                    {"G": 3, "b": 4, "eps": 1}, """
              G*(1 - relu(1 - 3/sqrt(G**2 + 0**2))) == 3
              G*(1 - relu(1 - 3/sqrt(G**2 + b**2))) == 9/5
            """)),
        Hypothesis("For {b} to stay: no weight decay acts on it, and its velocity starts at 0.",
            witness("One step on the penalty {b**2/2} alone takes {b == 4} to 2 (and no other parameter anywhere).",
                    {"b": 4, "eta": "1/2", "eps": 1}, "b - eta*diff(b**2/2, b) == 2")),
        Hypothesis("{eps > 0}: the division is defined at every step.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "g": (1, 0), "gamma": 1, "beta": 0, "eps": 0}, "dz(1)"),
            formal=("eps > 0",)),
    ),
    conclusions=(
        *(Conclusion(f"{s.name} == 0", recursion=_recursion(_TWO_RUNS)) for s in _TWO_RUNS),
        *(Conclusion(f"{s.name} == {s.closed}", recursion=_recursion(_OWN_RUN)) for s in _OWN_RUN),
        Conclusion("dz(k) == back(t, k, b)", given=_STEP_VALUES),
        Conclusion("diff(sum(j, g[j]*y_at(j, b)), gamma) == sum(j, g[j]*xhat(j))"),
        Conclusion("sum(j, g[j]*xhat(j)) == sum(j, slope(t, j, b)*hat(t, j, b))", given=_STEP_VALUES[:2]),
        Conclusion("diff(sum(j, g[j]*y_at(j, b)), beta) == sum(j, g[j])"),
        Conclusion("diff(sum(j, g[j]*y_at(j, b)), W[u]) == sum(k, dz(k)*x[u, k])", given=("z[k] == sum(u, W[u]*x[u, k])",)),
        Conclusion("diff(sum(j, g[j]*y_at(j, b)), b) == sum(k, dz(k))"),
    ),
    proof=(
        Use("What a backward pass computes for a pre-activation, for every loss and every bias.",
            theorem="bias_gradient_vanishes_of_batch_statistics", fact="loss_gradient",
            start="diff(sum(j, g[j]*y_at(j, b)), z[k])", end="dz(k)", where={"i": "k"}, given=("eps > 0",)),
        chain("Written for step {t} of the run with the bias: this is what multiplies the inputs {batches[t, u, k]} in the "
              "gradient of a weight. The gradient of the scale is {sum(j, slope(t, j, b)*hat(t, j, b))} and that of the shift "
              "{sum(j, slope(t, j, b))}, as the theorem on the other gradients finds them; that of the bias is "
              "{sum(k, back(t, k, b))}.", """
          dz(k)
        = back(t, k, b)  -- the same formula with the values of step {t}
        """, given=(*_STEP_VALUES, "eps > 0")),
        chain("The gradient of the scale,", """
          diff(sum(j, g[j]*y_at(j, b)), gamma)
        = sum(j, g[j]*diff(gamma*xhat(j) + beta, gamma))  -- the outputs do not see {b}
        = sum(j, g[j]*xhat(j))                            -- {gamma} multiplies the normalised value
        """, given=("eps > 0",)),
        chain("with the values of step {t},", """
          sum(j, g[j]*xhat(j))
        = sum(j, slope(t, j, b)*hat(t, j, b))  -- insert them
        """, given=(*_STEP_VALUES[:2], "eps > 0")),
        chain("of the shift,", """
          diff(sum(j, g[j]*y_at(j, b)), beta)
        = sum(j, g[j])  -- {beta} is added to each output
        """, given=("eps > 0",)),
        chain("of a weight", """
          diff(sum(j, g[j]*y_at(j, b)), W[u])
        = sum(k, dz(k)*diff(z[k], W[u]))  -- chain rule, with the gradients of the pre-activations
        = sum(k, dz(k)*x[u, k])           -- {z[k]} is linear in {W[u]}
        """, given=("z[k] == sum(u, W[u]*x[u, k])", "eps > 0")),
        chain("and of the bias, which is added to every pre-activation.", """
          diff(sum(j, g[j]*y_at(j, b)), b)
        = sum(k, dz(k))  -- both are 0, as the theorem cited says
        """, given=("eps > 0",)),
        Say("Now both runs. They start alike, and suppose that after {t} steps they agree in all parameters and velocities, whatever "
            "the biases do. Then the outputs agree, for the bias cancels; so do the loss's derivatives by the outputs, and with them "
            "all gradients. So both runs take the same step."),
        induction("The differences between the runs never leave 0.", time="t", states=_TWO_RUNS, given=("eps > 0",)),
        induction("Nor does the bias move, whatever the other parameters and their differences are: its gradient is 0.",
                  time="t", states=_OWN_RUN, given=("eps > 0",)),
    ),
    sources=("S2.b", "S4.a", "Ioffe & Szegedy 2015, §3.2", "Polyak 1964"),
    definitions=definitions(*BATCHNORM, *BATCHNORM_AT, DZ, *_ALONE, *_BIASED, *_NEXT),
    remark="What follows is not checked here. With {eps == 0} the same holds as long as no batch has variance 0. In a larger "
    "net the same induction runs over the parameters of all layers: those before the normalisation take their gradients from "
    "those of its inputs, those after it from its outputs. Clipping by a common norm is harmless as long as {b} has no "
    "penalty: its gradient is 0 and adds nothing to the norm. A learning rate that varies makes no difference. Adam divides "
    "each gradient by a running size of its own; 0 divided by Adam's own small constant is 0: in exact arithmetic, and "
    "without weight decay on {b}, it leaves {b} alone as well. In floating point the gradient of {b} is round-off instead of "
    "0, and this is what Adam magnifies.",
)
