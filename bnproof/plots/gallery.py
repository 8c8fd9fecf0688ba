"""Every figure, as file contents by relative path, drawn from recorded measurements."""

from __future__ import annotations

from pathlib import Path

from ..numeric.recorded import recorded
from .bias_gradient_against_bound import bias_gradient_against_bound
from .experiments import experiment_figure
from .output_against_bias import output_against_bias
from .style import Form


def figures(form: Form = "svg") -> dict[Path, str | bytes]:
    """The figures' files. Raises FileNotFoundError for an incomplete installation."""
    return {
        Path("figures", f"output_against_bias.{form}"): output_against_bias(form),
        Path("figures", f"bias_gradient_against_bound.{form}"): bias_gradient_against_bound(
            recorded("bias_gradient")["rows"], form
        ),
        **{
            Path("figures", f"experiment_{record['name']}.{form}"): experiment_figure(record, form)
            for record in recorded("experiments")["experiments"]
        },
    }
