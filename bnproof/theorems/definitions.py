"""Abbreviations that several theorems share, and the helper that builds a theorem's table of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from ..symbolic.notation import define
from ..symbolic.symbols import Definition
from .glossary import GLOSSARY

Spec = tuple[str, str, str, str, str]
"""(head, body, LaTeX template, plain template, meaning); see `bnproof.symbolic.notation.define`."""


class Definitions(Mapping[str, Definition]):
    """A table of definitions, read when first looked at: whoever only lists theorems reads no formula."""

    def __init__(self, specs: tuple[Spec, ...]) -> None:
        self._specs = specs

    @cached_property
    def _table(self) -> dict[str, Definition]:
        table: dict[str, Definition] = {}
        for head, body, latex, plain, meaning in self._specs:
            definition = define(head, body, latex, plain, meaning, GLOSSARY, table)
            if definition.name in table or definition.name in GLOSSARY:
                raise ValueError(f"the name {definition.name} is already taken")
            table[definition.name] = definition
        return table

    def __getitem__(self, name: str) -> Definition:
        return self._table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


def definitions(*specs: Spec) -> Definitions:
    """A table of definitions; each may use the ones before it.

    Looking at it raises NotationError for a head or body that cannot be read, ValueError for a name that is taken.
    """
    return Definitions(specs)


# batch normalisation of z, no bias anywhere
MU: Spec = ("mu", "mean(i, z[i])", r"\mu", "μ", "the batch mean")
VARIANCE: Spec = ("v", "mean(i, (z[i] - mu)**2)", "v", "v", "the batch variance")
S: Spec = ("s", "sqrt(v + eps)", "s", "s", "the denominator of the normalisation")
XHAT: Spec = ("xhat(k)", "(z[k] - mu) / s", r"\hat x_{#1}", "x̂_#1", "the normalised value")
Y: Spec = ("y(k)", "gamma * xhat(k) + beta", "y_{#1}", "y_#1", "the output")
BATCHNORM = (MU, VARIANCE, S, XHAT, Y)

# the same of z + b, as functions of b
MU_AT: Spec = ("mu_at(b)", "mean(i, z[i] + b)", r"\mu(#1)", "μ(#1)", "the batch mean when the bias is b")
VARIANCE_AT: Spec = (
    "v_at(b)",
    "mean(i, (z[i] + b - mu_at(b))**2)",
    "v(#1)",
    "v(#1)",
    "the batch variance when the bias is b",
)
S_AT: Spec = ("s_at(b)", "sqrt(v_at(b) + eps)", "s(#1)", "s(#1)", "the denominator when the bias is b")
Y_AT: Spec = (
    "y_at(k, b)",
    "gamma * (z[k] + b - mu_at(b)) / s_at(b) + beta",
    "y_{#1}(#2)",
    "y_#1(#2)",
    "the output when the bias is b",
)
BATCHNORM_AT = (MU_AT, VARIANCE_AT, S_AT, Y_AT)

# the gradient that reaches what is before batch normalisation
DZ: Spec = (
    "dz(i)",
    "gamma/(n*s) * (n*g[i] - sum(j, g[j]) - xhat(i)*sum(j, g[j]*xhat(j)))",
    r"\mathrm{d}z_{#1}",
    "dz_#1",
    "derivative of the loss with respect to an input",
)

# stored statistics instead of those of the batch
Y_STORED: Spec = (
    "y_stored(k, b, M)",
    "gamma * (z[k] + b - M) / sqrt(V + eps) + beta",
    r"\tilde y_{#1}(#2, #3)",
    "ỹ_#1(#2, #3)",
    "the output in eval mode, when the bias is b and M is subtracted",
)

# the same of z + ψ, where what is added differs from value to value
Y_PLUS: Spec = (
    "yplus(k)",
    "gamma*(z[k] + added[k] - mean(i, z[i] + added[i]))/sqrt(var(i, z[i] + added[i]) + eps) + beta",
    r"y^{\psi}_{#1}",
    "y^ψ_#1",
    "the output when ψ is added to the values",
)

# stored statistics, with a shift that may change as well
Y_EVAL: Spec = (
    "y_eval(k, b, M, beta)",
    "gamma*(z[k] + b - M)/sqrt(V + eps) + beta",
    r"\tilde y_{#1}(#2, #3; #4)",
    "ỹ_#1(#2, #3; #4)",
    "the output in eval mode, for a bias, a stored mean and a shift",
)

RAMP: Spec = ("ramp(h)", "(h + abs(h))/2", r"\mathrm{relu}\left(#1\right)", "relu(#1)", "the ReLU, without a case distinction")

# which places of a zero-padded map hold a value
IN_ROW: Spec = (
    "inrow(pos)",
    "sum(pos2, delta(pos, pos2))",
    r"\mathrm{in}(#1)",
    "in(#1)",
    "1 if this is one of the positions of a row, else 0",
)
IN_COL: Spec = (
    "incol(col)",
    "sum(col2, delta(col, col2))",
    r"\mathrm{in}'(#1)",
    "in′(#1)",
    "1 if this is one of the positions of a column, else 0",
)
SEEN_ROW: Spec = (
    "seenrow(krow, pos)",
    "1 - delta(krow, 1)*delta(pos, 1) - delta(krow, 3)*delta(pos, L)",
    r"\mathrm{I}_{#1}(#2)",
    "I_#1(#2)",
    "1 if a row of a 3 × 3 kernel meets the map from this position, else 0",
)
SEEN_COL: Spec = (
    "seencol(kcol, col)",
    "1 - delta(kcol, 1)*delta(col, 1) - delta(kcol, 3)*delta(col, Lcol)",
    r"\mathrm{I}'_{#1}(#2)",
    "I′_#1(#2)",
    "1 if a column of a 3 × 3 kernel meets the map from this position, else 0",
)
ZERO_PADDING = (IN_ROW, IN_COL, SEEN_ROW, SEEN_COL)

# one step of gradient descent with heavy-ball momentum and weight decay, where the loss gives no gradient
NEXT_VEL: Spec = ("next_vel(b, vel)", "rho*vel + lam*b", r"\nu^{+}(#1, #2)", "ν⁺(#1, #2)", "the velocity after one more step")
NEXT_B: Spec = ("next_b(b, vel)", "b - eta*next_vel(b, vel)", "b^{+}(#1, #2)", "b⁺(#1, #2)", "the bias after one more step")
BY_ROOTS: Spec = (
    "decayed(t)",
    "b0*((1 - root2)*root1**(t + 1) - (1 - root1)*root2**(t + 1))/(root1 - root2)",
    r"\hat b_{#1}",
    "b̂_#1",
    "the bias after so many steps",
)
HEAVY_BALL = (NEXT_VEL, NEXT_B, BY_ROOTS)
