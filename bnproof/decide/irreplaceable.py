"""Which parameters a theorem says cannot be replaced: more than that they act, and said only where its hypotheses hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..chain.build import Built
from ..chain.kinds import KINDS
from ..verdict import Irreplaceable, Verdict
from .route import is_batch_norm

AFTER_RELU = "weights_cannot_replace_bias_of_relu_before_batchnorm"
EXAMPLE = "affine_cannot_replace_bias_of_relu_before_batchnorm"
"""The same for scale and shift alone, with numbers."""
LEAST_BATCH = 3
"""The theorem compares three samples."""


def with_irreplaceable(built: Built, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts; a bias that acts in training before ReLU and batch normalisation names what cannot do its work.

    The theorem needs inputs that are free: the bias must be that of the chain's first layer.
    """
    found = _before_relu(built)
    if found is None:
        return list(verdicts)
    bias, by, at = found
    fits = [v.bias == bias and v.verdict == "acts" and v.mode == "train" for v in verdicts]
    said = Irreplaceable(by, at, AFTER_RELU, EXAMPLE)
    return [replace(v, irreplaceable=said) if fit else v for v, fit in zip(verdicts, fits, strict=True)]


def _before_relu(built: Built) -> tuple[str, tuple[str, ...], str] | None:
    """Of a chain that begins with an affine layer, ReLU, batch normalisation: the bias, what cannot replace it, the last of the three."""
    if len(built.places) < 3 or built.input_shape[0] < LEAST_BATCH:
        return None
    first, active, norm = built.places[:3]
    kinds = [KINDS[here.layer.token] for here in (first, active)]
    straight = kinds[0].role == "affine" and kinds[1].curve == "relu" and is_batch_norm(norm, "train")
    if not straight or "bias" not in first.plan.parameters or "kernel" not in first.plan.parameters:
        return None
    by = (f"{first.name}.kernel", *(f"{norm.name}.{name}" for name in ("gamma", "beta") if name in norm.plan.parameters))
    return f"{first.name}.bias", by, norm.name
