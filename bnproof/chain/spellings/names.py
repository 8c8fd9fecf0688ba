"""The names that Keras gives to layers without one."""

from __future__ import annotations

import re
from collections import Counter

from .constructor import Constructor


def automatic(constructor: Constructor, counts: Counter[str]) -> str:
    """``conv2d``, then ``conv2d_1``: the class in snake case, counted from the start of a process."""
    word = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", constructor.canonical)
    word = re.sub("([a-z])([A-Z])", r"\1_\2", word).lower()
    count = counts[word]
    counts[word] += 1
    return f"{word}_{count}" if count else word
