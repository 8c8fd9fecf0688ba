"""Experiments: what floating point and training do to biases before normalisation layers, one file each, in plain JAX.

Importing this package imports no JAX; an experiment's own module is imported when it is run. Recorded results are read by
`recorded`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from .experiment import Experiment


def _lazy(name: str) -> Callable[[], Experiment]:
    def run() -> Experiment:
        return getattr(import_module(f".{name}", __name__), name)()

    return run


REGISTRY: dict[str, Callable[[], Experiment]] = {
    name: _lazy(name)
    for name in (
        "running_mean_lag",
        "frozen_batchnorm",
        "sgd_trajectory",
        "adam_on_dead_bias",
        "weight_decay",
        "runaway",
        "border_effect",
        "one_pass_variance",
        "epsilon_mismatch",
        "relu_bias_training",
    )
}
"""Every experiment by name, in the order in which they are shown; calling one runs it with its default settings (< 20 s)."""
