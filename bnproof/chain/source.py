"""A layer's own text in what was typed, brackets included."""

from __future__ import annotations

from .tree import Layer

_QUOTES = "\"'"


def source_of(layer: Layer, text: str) -> str:
    """``Conv2d(3, 8, 3)`` as it stands in the chain's text; empty for a layer that was put in and stands nowhere."""
    start = layer.span.start
    end = start + len(layer.constructor)
    if not layer.constructor or text[start:end] != layer.constructor:
        return ""
    bracket = len(text) - len(text[end:].lstrip())
    return text[start : _closed(text, bracket)] if text[bracket : bracket + 1] == "(" else layer.constructor


def _closed(text: str, start: int) -> int:
    """The place behind the bracket that closes the one at `start`; brackets in quotes and in comments do not count."""
    depth, quote = 0, ""
    for place in range(start, len(text)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote else quote
        elif letter == "#":
            quote = "\n"  # a comment ends with its line
        elif letter in _QUOTES:
            quote = letter
        else:
            depth += (letter == "(") - (letter == ")")
            if not depth:
                return place + 1
    return len(text)
