"""What `bnproof constant` prints: for each output the answer first, then why, what floats make of it, and what to test instead."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ..decide.constancy.answer import Constancy, Output, Part, Probe
from .writers.layout import wrapped

SHOWN = ("float32", "bfloat16")
"""Formats whose round-off is printed; JSON has all."""
_LABEL = 11


def text(answer: Constancy, width: int) -> str:
    """The answer in words, wrapped to the width."""
    blocks = ["\n".join(_lines(answer, output, width)) for output in answer.outputs]
    return "\n\n".join(blocks)


def _lines(answer: Constancy, output: Output, width: int) -> Iterator[str]:
    yield wrapped(_first(answer, output), width)
    rows: list[tuple[str, str]] = []
    if output.ruling == "constant":
        laws = f" [{', '.join(output.laws)}]" if output.laws else ""
        rows.append(("proof", f"{output.reason}{laws}{_confirmed(output)}"))
        rows += [("assumed", said) for said in output.assumptions]
        if output.roundoff:
            rows.append(("in floats", _roundoff(output)))
        rows.append(("to test", _instead(output)))
        values = "; all values of the parameters" if answer.parameters else ""
        rows.append(("holds for", f"{output.sizes or answer.sizes}{values}, in real arithmetic"))
    elif output.ruling == "not constant" and output.witness is not None:
        witness = output.witness
        moved = (
            f"by {witness.change:.2g}, and round-off by at most {witness.bound:.1g}" if witness.bound else "in exact numbers"
        )
        rows.append(
            ("witness", f"adding {witness.shift:g} to an entry of {output.moved_by} moves it {moved} (seed {witness.seed})")
        )
        if output.absent:
            rows.append(("proof", f"{_joined(output.absent)} {'is' if len(output.absent) == 1 else 'are'} not in it"))
        rows += [("but", _part(part)) for part in output.parts]
    else:
        rows.append(("open", output.reason))
    for label, words in rows:
        yield from _row(label, words, width)


def _first(answer: Constancy, output: Output) -> str:
    name = f"output {output.name}" if output.name else "the output"
    name = f"{name[0].upper()}{name[1:]} ({'×'.join(output.shape) or 'a number'})"
    data = _joined(answer.data)
    match output.ruling:
        case "constant":
            if output.value is not None:
                return f"{name} is constant: exactly {output.value}, whatever {data} {_is(answer.data)}."
            if "0" in output.shape:
                return f"{name} has no entries."
            what = f"a function of {_joined(output.depends_on)}" if output.depends_on else "fixed numbers"
            return f"{name} is constant: {what}, whatever {data} {_is(answer.data)}."
        case "not constant":
            return f"{name} is not constant: it depends on {output.moved_by}."
        case "undecided":
            return f"{name} is undecided: neither proved constant nor seen to move."


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _confirmed(output: Output) -> str:
    if output.confirmed:
        return "; a float64 run agrees"
    return f"; no run confirms it: {output.unconfirmed}" if output.unconfirmed else ""


def _roundoff(output: Output) -> str:
    bounds = [f"{_size(output.roundoff[name])} in {name}" for name in SHOWN if name in output.roundoff]
    measured = "" if output.measured is None else f", {output.measured:.1g} in a float32 run"
    return f"at most {' and '.join(bounds)} away from it at random numbers{measured}: what is trained on it, or compared, is round-off"


def _size(bound: float) -> str:
    return f"{bound:.1g}" if math.isfinite(bound) else "any size"


def _instead(output: Output) -> str:
    """Which cotangent does test the code."""
    said = {
        True: "every gradient by the data is 0 here; ",
        False: "autodiff's gradient by the data is not 0, though the value is constant: a custom derivative or a stop_gradient; ",
        None: "",
    }[output.gradient_zero]
    if not output.probes:
        return f"{said}no value that the data move leads to it: feed other inputs"
    return said + "; or ".join(map(_probe, output.probes))


def _probe(probe: Probe) -> str:
    value = f"random weights on what goes into `{probe.operation}`{probe.where} ({'×'.join(probe.shape) or 'a number'})"
    axes = f", not alike along axes {', '.join(map(str, probe.axes))}," if probe.axes else ""
    return f"{value}{axes} {'do test it' if probe.acts else 'may test it (no run shows that they do)'}"


def _part(part: Part) -> str:
    value = f"exactly {part.value}" if part.value is not None else "constant"
    axes = ", ".join(map(str, part.axes))
    if part.kind == "sum":
        return (
            f"its sum over {'axis' if len(part.axes) == 1 else 'axes'} {axes} is {value}: a loss that weighs these entries alike, such "
            "as its sum or mean, has gradient 0; weigh them at random"
        )
    entries = ", ".join(map(str, part.entries[:8])) + (" …" if len(part.entries) > 8 else "")
    many = "entry" if len(part.entries) == 1 else "entries"
    verb = "is" if len(part.entries) == 1 else "are"
    if not part.proved:
        return f"{many} {entries} along axis {axes} did not move in any run (that is no proof)"
    return f"{many} {entries} along axis {axes} {verb} {value}"


def _joined(names: Sequence[str]) -> str:
    shown = list(names[:6]) + ([f"{len(names) - 6} more"] if len(names) > 6 else [])
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _row(label: str, words: str, width: int) -> Iterator[str]:
    yield wrapped(words, width, f"  {label:{_LABEL}}")
