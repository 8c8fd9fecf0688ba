"""Every figure, as file contents by relative path, drawn from recorded measurements."""

from __future__ import annotations

from pathlib import Path

from ..numeric.recorded import recorded
from .bias_gradient_against_bound import bias_gradient_against_bound
from .experiments import experiment_figure
from .output_against_bias import output_against_bias


def figures() -> dict[Path, str]:
    """The figures' files. Raises FileNotFoundError for an incomplete installation."""
    return {
        Path("figures", "output_against_bias.svg"): output_against_bias(),
        Path("figures", "bias_gradient_against_bound.svg"): bias_gradient_against_bound(recorded("bias_gradient")["rows"]),
        **{
            Path("figures", f"experiment_{record['name']}.svg"): experiment_figure(record)
            for record in recorded("experiments")["experiments"]
        },
    }
