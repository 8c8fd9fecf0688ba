"""The modes in which a model is looked at: their names, what each means, and which statistics normalisations use in it."""

from __future__ import annotations

from typing import Literal

Mode = Literal["train", "eval", "frozen"]
"""train: batch statistics, running ones updated; eval: stored statistics; frozen: stored statistics while gradients flow."""
Asked = Literal["train", "eval", "frozen", "both"]
"""A mode, or ``both``: train and eval."""

WHEN: dict[str, str] = {"train": "in training", "eval": "in evaluation", "frozen": "with frozen statistics"}
"""Every mode in a sentence."""
MODES: tuple[Mode, ...] = ("train", "eval", "frozen")


def modes_of(asked: Asked) -> tuple[Mode, ...]:
    """The modes that a question is about."""
    return ("train", "eval") if asked == "both" else (asked,)
