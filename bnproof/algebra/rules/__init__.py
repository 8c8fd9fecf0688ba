"""The rules, one family a file. Importing this package registers them all in `RULES`."""

from . import compare, convolve, copy, elementwise, gather, join, order, reductions, reshape, ring, select, sums, windows
from .table import BITS, RULES, Rule, opaque

__all__ = [
    "BITS",
    "RULES",
    "Rule",
    "compare",
    "convolve",
    "copy",
    "elementwise",
    "gather",
    "join",
    "opaque",
    "order",
    "reductions",
    "reshape",
    "ring",
    "select",
    "sums",
    "windows",
]
