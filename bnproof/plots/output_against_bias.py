"""Normalised output of one sample against the bias, with the activation after and before the normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .style import BLUE, GREY, ORANGE, Form, figure, saved

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PRE_ACTIVATIONS = (-1.0, 0.5, 1.0, 2.5)
TITLE = (
    "Normalised output of four samples against the bias, with ε = 1e-5: flat lines if batch normalisation comes first; if ReLU "
    "does, curves where two or three of the four units are active."
)


_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
"""Behind words that stand on a line."""


def output_against_bias(form: Form = "svg") -> str | bytes:
    """Four pre-activations, one bias added to all: BN first gives straight lines, ReLU first does not. Returns the figure in that form."""
    import numpy as np

    z = np.array(PRE_ACTIVATIONS)
    bias = np.linspace(-3.0, 2.0, 501)
    shifted = z[:, None] + bias
    with figure(8.4, 3.6) as drawn:
        left, right = drawn.subplots(1, 2, sharey=True)
        for axes, values, colour, order in (
            (left, _normalised(shifted), BLUE, "conv → BN (→ ReLU)"),
            (right, _normalised(np.maximum(shifted, 0)), ORANGE, "conv → ReLU → BN"),
        ):
            for row, style in zip(values, ("-", "--", "-.", ":"), strict=True):
                axes.plot(bias, row, color=colour, linestyle=style)
            axes.set_title(order)
            axes.set_xlabel(r"bias $b$")
            for row, label in zip(values, z, strict=True):
                axes.annotate(
                    f"$z={label:g}$", (bias[-1], row[-1]), xytext=(4, 0), textcoords="offset points", va="center", fontsize=10
                )
        left.set_ylabel(r"normalised output $\hat y_k$")
        for edge in sorted(-z):
            right.axvline(edge, color=GREY, linewidth=0.8, linestyle=(0, (1, 3)))
        for place, words in (
            (-2.75, "none"),
            (-1.75, "one active:\nflat up to $\\varepsilon$"),
            (0.0, "two or three active:\nthe bias acts"),
            (1.5, "all active:\nit cancels"),
        ):
            right.annotate(words, (place, -2.1), ha="center", va="center", color=GREY, fontsize=9, bbox=_PAPER)
        left.annotate("the bias cancels", (-0.5, -2.1), ha="center", va="center", color=GREY, fontsize=10)
        left.set_ylim(-2.5, 1.95)
        left.text(0.02, 0.98, r"$\varepsilon = 10^{-5}$", transform=left.transAxes, va="top", color=GREY, fontsize=10)
        return saved(drawn, TITLE, form)


def _normalised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = values - values.mean(axis=0)
    return centred / (values.var(axis=0) + 1e-5) ** 0.5
