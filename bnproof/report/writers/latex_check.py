"""Whether the LaTeX in a rendered page can be typeset: braces, ``\\left``/``\\right``, and a closed list of commands."""

from __future__ import annotations

import re

_INLINE = re.compile(r"\$`(.*?)`\$")
_COMMAND = re.compile(r"\\([A-Za-z]+)")

_COMMANDS = """
alpha bar beta cdot circ delta Delta displaystyle ell eps epsilon eta exp frac gamma Gamma ge hat kappa lambda Lambda le
left log lvert mathcal mathrm mathtt max mu ne nu omega Omega partial phi pi psi qquad quad rho right rvert
sigma Sigma sqrt sum tau text tfrac theta tilde to varepsilon varphi widehat widetilde xi zeta chi infty
langle rangle min mathbf prime
"""
COMMANDS = frozenset(_COMMANDS.split())
"""What code hosts and pandoc both render; a new command is added here after a look at a rendered page."""


def unbalanced(markdown: str) -> list[str]:
    """The formulas of a page that cannot be typeset; none is the good answer."""
    return [formula for formula in _INLINE.findall(markdown) if not _fine(formula)]


def _fine(formula: str) -> bool:
    depth = 0
    for letter in re.sub(r"\\[{}]", "", formula):
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    commands = _COMMAND.findall(formula)
    return depth == 0 and commands.count("left") == commands.count("right") and set(commands) <= COMMANDS
