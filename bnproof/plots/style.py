"""One look for all figures: Okabe–Ito colours with line styles that survive greyscale, serif mathematics, no dates."""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Form = Literal["svg", "pdf"]
"""svg for the web, pdf for LaTeX."""
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#666666"
MARK = "Written by `bnproof report`; edit bnproof/plots, not this file."

_STYLE = {
    "svg.hashsalt": "bnproof",
    "svg.fonttype": "path",
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "lines.linewidth": 2,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


@contextmanager
def figure(width: float, height: float) -> Generator[Figure]:
    """A figure of that size in inches, drawn without a display and closed afterwards."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):  # pyright: ignore[reportArgumentType]
        drawn = Figure(figsize=(width, height))
        FigureCanvasSVG(drawn)
        yield drawn


def saved(drawn: Figure, title: str, form: Form = "svg") -> str | bytes:
    """The figure in that format with a title for screen readers; the same bytes on every run of the same versions."""
    if form == "pdf":
        binary = io.BytesIO()
        drawn.savefig(
            binary,
            format="pdf",
            metadata={"CreationDate": None, "Creator": None, "Producer": None, "Title": title, "Subject": MARK},
        )
        return binary.getvalue()
    buffer = io.StringIO()
    drawn.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Title": title, "Description": MARK})
    lines = (line.rstrip() for line in buffer.getvalue().splitlines())
    return "\n".join(lines) + "\n"
