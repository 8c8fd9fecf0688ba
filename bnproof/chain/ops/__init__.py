"""What the layers do, one idea a file. Importing this package registers them all in `OPERATIONS`."""

from . import (
    activation,
    attention,
    combining,
    convolution,
    dropout,
    linear,
    normalisation,
    pooling,
    reshaping,
    transposed,
    upsampling,
)
from .operation import OPERATIONS, Moment, Parameter, Plan, Site, Values

__all__ = [
    "OPERATIONS",
    "Moment",
    "Parameter",
    "Plan",
    "Site",
    "Values",
    "activation",
    "attention",
    "combining",
    "convolution",
    "dropout",
    "linear",
    "normalisation",
    "pooling",
    "reshaping",
    "transposed",
    "upsampling",
]
