"""Measured bias gradient, its derived bound, and the control, against the number of values normalised together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .style import BLUE, GREY, ORANGE, Form, figure, saved

TITLE = "Bias gradient by automatic differentiation against its round-off bound, for float64 and float32."


def bias_gradient_against_bound(rows: Sequence[Mapping[str, object]], form: Form = "svg") -> str | bytes:
    """Draw measurements as recorded by ``benchmarks/bias_gradient.py`` (`Measurement.as_json`, with the `layers`). Returns the figure."""
    with figure(8.4, 3.8) as drawn:
        panels = drawn.subplots(1, 2, sharey=True)
        for axes, dtype in zip(panels, ("float64", "float32"), strict=True):
            for layers, quantity, colour, style, label in (
                ("conv -> relu -> bn", "measured", ORANGE, "-s", "conv → ReLU → BN: gradient"),
                ("conv -> bn", "sequential", GREY, ":", "conv → BN: bound, summed one by one"),
                ("conv -> bn", "bound", GREY, "--", "conv → BN: bound, summed as the compiler does"),
                ("conv -> bn", "measured", BLUE, "-o", "conv → BN: gradient"),
            ):
                chosen = [row for row in rows if row["dtype"] == dtype and row["layers"] == layers]
                axes.plot(
                    [_number(row["count"]) for row in chosen],
                    [_number(row[quantity]) for row in chosen],
                    style,
                    color=colour,
                    label=label,
                    markersize=5,
                )
            axes.set_xscale("log", base=2)
            axes.set_yscale("log")
            axes.set_title(dtype)
            axes.set_xlabel("values normalised together")
        panels[0].set_ylabel("|bias gradient|")
        handles, labels = panels[0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=10)
        return saved(drawn, TITLE, form)


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"a measurement is a number, not {value!r}")
    return float(value)
