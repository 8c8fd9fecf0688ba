"""Puts the explorable's page together: one HTML file, with its style, its program and its exact instances inside.

The sources stand beside this module in `source/`. The file makes no request, and its content security policy forbids any: only the
style and the program whose hashes it states may run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from fractions import Fraction
from html import escape
from importlib.resources import files
from math import isqrt

from .instances import Instance, Mode, Setting, instance, settings

PROGRAM = ("model.js", "check.js", "words.js", "picture.js", "questions.js", "controls.js")
"""The parts of the page's program, each using only what those before it define when the page opens."""
_PLACE = re.compile(r"@(\w+)@")


def explorable() -> str:
    """The whole page "Drag the bias" as the text of one HTML file, the same on every call."""
    exact = [instance(setting) for setting in settings()]
    style = _source("page.css").rstrip()
    parts = "\n".join(_source(name).rstrip() for name in PROGRAM)
    script = f'"use strict";\n(() => {{\n{parts}\n}})();'
    return filled(
        _source("page.html"),
        {
            "style": style,
            "script": script,
            "style_hash": _hash(style),
            "script_hash": _hash(script),
            "instances": embedded([each.as_json() for each in exact]),
            "count": str(len(exact)),
            **_numbers(),
        },
    )


def filled(template: str, texts: Mapping[str, str]) -> str:
    """The template with each @name@ replaced; what is put in is not searched again. Raises KeyError for a name without a text."""
    return _PLACE.sub(lambda place: texts[place[1]], template)


def embedded(value: object) -> str:
    """JSON that may stand inside a script element: no `<` that could end it or begin a comment."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _source(name: str) -> str:
    return (files(__name__.rpartition(".")[0]) / "source" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _numbers() -> dict[str, str]:
    """The numbers of the page's text, and its table."""
    samples = (Fraction(-1), Fraction(1), Fraction(2))
    tenth, two = Fraction(1, 10), Fraction(2)
    modes: tuple[tuple[str, Fraction, Mode], ...] = (
        ("BN alone, training", Fraction(1), "train"),
        ("ReLU, then BN, training", Fraction(0), "train"),
        ("BN alone, evaluation", Fraction(1), "eval"),
    )
    rows = [
        (words, instance(Setting(samples, bias, slope, mode=mode)))
        for words, slope, mode in modes
        for bias in (Fraction(0), two)
    ]
    relu, stored = rows[3][1], rows[5][1]
    way = [instance(Setting(samples, two, Fraction(1), mode="eval", batches=((two, tenth),) * count)) for count in (1, 2, 3)]
    gone = [(each.stored_mean - stored.stored_mean) / (each.mean - stored.stored_mean) for each in way]
    return {
        "rows": "\n".join(_row(words, each) for words, each in rows),
        "ratio_before": _proportion(relu.ratio_without_bias),
        "ratio_after": _proportion(relu.ratio),
        "share": _fraction(relu.share_left),
        "stored_mean": _fraction(stored.stored_mean),
        "creep": ", ".join(_percent(share) for share in gone),
    }


def _row(words: str, shown: Instance) -> str:
    subtracted = shown.mean if shown.setting.mode == "train" else shown.stored_mean
    outputs = [_decimal(value.written()) for value in shown.outputs]
    most = max(Fraction(value.written()[1]) for value in shown.left)
    cells = (
        _fraction(shown.setting.bias),
        ", ".join(map(_fraction, shown.activations)),
        _fraction(subtracted),
        ", ".join(outputs),
        _proportion(shown.ratio),
        "nothing" if most == 0 else f"up to {_decimal([1, str(most)])}",
    )
    head = f'<tr><th scope="row">{escape(words)}</th>'
    return head + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _fraction(value: Fraction | None) -> str:
    return "none" if value is None else str(value).replace("-", "−")


def _proportion(value: Fraction | None) -> str:
    return "none" if value is None else f"{value.numerator} : {value.denominator}".replace("-", "−")


def _percent(share: Fraction) -> str:
    return f"{round(100 * share)} %"


def _decimal(written: list[int | str]) -> str:
    """A signed root to three decimals, rounded exactly: the root of a whole number of millionths, to the nearest."""
    sign, square = written
    scaled = Fraction(square) * 4_000_000  # (2·1000·value)²
    thousandths = (isqrt(scaled.numerator // scaled.denominator) + 1) // 2
    text = f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0").rstrip(".")
    return f"−{text}" if sign == -1 and thousandths else text
