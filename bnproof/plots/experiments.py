"""One experiment's curves, drawn from its recorded values alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .style import BLUE, GREEN, ORANGE, RED, Form, figure, saved

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

PURPLE, BLACK = "#CC79A7", "#1a1a1a"
_MEASURED = ((BLUE, "-", "o"), (ORANGE, "-", "s"), (GREEN, "-", "^"), (RED, "-", "D"), (PURPLE, "-", "v"))
_REFERENCE = ("--", ":", "-.", (0, (1, 2, 5, 2)), (0, (5, 1)), (0, (3, 3)))
MARKERS = 12
"""About so many markers a curve, so that they do not run into one another."""


def experiment_figure(record: Mapping[str, Any], form: Form = "svg") -> str | bytes:
    """Draw one record as `Experiment.as_json` gives it. Returns the figure in that form.

    Measured curves have colours and markers; a reference is a thin dark dashed line, drawn over the curve it belongs to.
    """
    curves: Sequence[Mapping[str, Any]] = record["series"]
    columns = 2 if len(curves) > 1 else 1
    with figure(7.6, 3.7 + 0.26 * -(-len(curves) // columns)) as drawn:
        axes = drawn.subplots()
        if record["log_x"]:
            axes.set_xscale("log", nonpositive="mask")
        if record["log_y"]:
            axes.set_yscale("log", nonpositive="mask")
        place = -1
        for curve in curves:
            measured = curve["kind"] == "measured"
            place += measured
            colour, style, marker = _MEASURED[max(place, 0) % len(_MEASURED)]
            every = max(len(curve["x"]) // MARKERS, 1)
            # markers of different curves are set off against each other, so that curves on top of one another all show
            axes.plot(
                curve["x"],
                curve["y"],
                color=colour if measured else BLACK,
                linestyle=style if measured else _REFERENCE[max(place, 0) % len(_REFERENCE)],
                linewidth=2.4 if measured else 1.1,
                marker=marker if measured else None,
                markevery=(place * every // len(_MEASURED) if measured else 0, every),
                markersize=5,
                markerfacecolor="white",
                label=curve["label"],
                zorder=2 if measured else 3,
            )
            if curve["low"]:
                axes.fill_between(curve["x"], curve["low"], curve["high"], color=colour, alpha=0.15, linewidth=0)
        axes.set_xlabel(record["x_label"])
        axes.set_ylabel(record["y_label"])
        for axis in (axes.xaxis, axes.yaxis):
            _plain_numbers(axis)
        _legend(drawn, axes, [curve["kind"] for curve in curves], columns)
        return saved(drawn, record["question"], form)


def _plain_numbers(axis: Axis) -> None:
    """On a logarithmic axis of less than two decades: 1, 2, 5, 10 instead of powers of ten with factors."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = axis.get_view_interval()
    if axis.get_scale() == "log" and high / low < 100:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def _legend(drawn: Figure, axes: Axes, kinds: Sequence[str], columns: int) -> None:
    """Below the axes; where each measured curve has a reference, both stand in one row."""
    handles, labels = axes.get_legend_handles_labels()
    order = range(len(kinds))
    if kinds.count("measured") == kinds.count("reference"):
        order = sorted(order, key=lambda k: kinds[k])
    drawn.legend(
        [handles[k] for k in order], [labels[k] for k in order], loc="outside lower center", ncols=columns, fontsize=10
    )
