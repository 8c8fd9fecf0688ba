"""Every template, by name."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import nearest
from .subjects import (
    activations,
    batch_statistics,
    epsilon,
    folding,
    last_layer,
    layers_between,
    orders,
    other_normalisations,
    padding,
    recurrent,
    stored_statistics,
    training,
)
from .template import TABLE, ExerciseError, Template

SUBJECTS = (
    batch_statistics,
    activations,
    orders,
    stored_statistics,
    folding,
    epsilon,
    layers_between,
    padding,
    other_normalisations,
    last_layer,
    recurrent,
    training,
)
"""Where the templates are defined."""

TEMPLATES: Mapping[str, Template] = TABLE


def named(name: str) -> Template:
    """The template of that name. Raises ExerciseError with the nearest names."""
    if name not in TEMPLATES:
        raise ExerciseError(f"there is no exercise `{name}`; the nearest: {', '.join(nearest(name, TEMPLATES))}")
    return TEMPLATES[name]
