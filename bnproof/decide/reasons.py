"""What a verdict says: the reason in words, the layer and the line of the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
from jax.extend import source_info_util

from ..algebra.analysis import Finding
from ..algebra.walk import Place
from ..chain.kinds import KINDS, stores, together
from .places import decided
from .program import Program
from .route import all_inside, between, by_batch, onward, own_layer


def reason(program: Program, finding: Finding) -> str:
    """One sentence, without a full stop: from the kind of layer that decides, or from the operation where no layer is known."""
    return _redundant(program, finding) if finding.free else _acts(program, finding)


def _redundant(program: Program, finding: Finding) -> str:
    if finding.place is None:
        return "no output of the model uses it"
    name = program.layer(finding.place)
    layer = program.layers.get(name)
    kind = None if layer is None else KINDS[layer.layer.token]
    if (
        layer is not None
        and kind is not None
        and kind.cancels
        and (kind.role != "normalisation" or by_batch(layer, program.mode))
    ):
        return kind.cancels + _padding(program, finding)
    return f"the shift cancels in `{finding.operation}`" + (f" of {name}" if name else "")


def _acts(program: Program, finding: Finding) -> str:
    name = program.layer(finding.place)
    shift = {"bias": "the bias", "beta": "beta"}.get(finding.name.rsplit(".", 1)[-1], "it")
    if program.mode != "train" and _meets_stored(program, finding):
        return f"stored statistics do not move with {shift}"
    layer = program.layers.get(name)
    if not finding.operation:
        own = own_layer(program.layers, finding.name)
        if own is not None and shift == "beta" and not onward(program.layers, own):
            return "it is the level of the output: nothing after it takes a shift out again"
        return "nothing after it takes a shift out again: it reaches the output"
    if layer is None or not KINDS[layer.layer.token].stays:
        return f"`{finding.operation}`{f' of {name}' if name else ''} does not carry a shift along"
    kind = KINDS[layer.layer.token]
    if kind.role == "activation" and kind.curve != "joint":
        after = all_inside(onward(program.layers, layer))
        if not any(KINDS[place.layer.token].centred for place in after):
            return f"it reaches the output through {name}: no normalisation follows that could take it out"
    return kind.stays.format(layer=name, shift=shift) + _padding(program, finding)


def _padding(program: Program, finding: Finding) -> str:
    """Where a normalisation averages along positions: what pads with zeros on the way to it; and if nothing does, that."""
    own, other = own_layer(program.layers, finding.name), program.layers.get(program.layer(finding.place))
    if own is None or other is None or "positions" not in together(other.layer) or "group" in together(other.layer):
        return ""
    way = list(all_inside(between(program.layers, own, other) or ()))
    padding = [place.name for place in way if place.plan.bordered]
    if finding.free:
        names = [] if padding else [place.name for place in way if "padding_mode" in place.layer.arguments]
        said = "pads no zeros" if len(names) == 1 else "pad no zeros"
    else:
        names, said = padding, "pads with zeros" if len(padding) == 1 else "pad with zeros"
    return f" ({' and '.join(names)} {said})" if names else ""


def _meets_stored(program: Program, finding: Finding) -> bool:
    """Whether a normalisation by stored statistics stands after the parameter's layer, up to where it is no shift any more."""
    own, layer = own_layer(program.layers, finding.name), program.layers.get(program.layer(finding.place))
    if own is None:
        return False
    if layer is None:
        way = onward(program.layers, own)
    elif layer is own:
        return False
    else:
        way = between(program.layers, own, layer) or ()
    return any(stores(place.layer) for place in (*all_inside(way), *(() if layer is None else (layer,))))


def assumptions(program: Program, finding: Finding) -> tuple[str, ...]:
    """What the verdict takes for granted on the parameter's way, a sentence each, without a full stop."""
    said: dict[str, None] = {}
    for one in finding.assumed:
        if one.kind == "narrowed":
            said[
                f"it holds over the reals: `{one.operation}` rounds to {one.detail} on the way, which is read as the identity; "
                "in floats that rounding need not cancel, or may swallow a shift"
            ] = None
        elif one.kind == "mask":
            said[f"{one.detail} is a mask: it is read as −∞"] = None
        elif finding.free:
            said[_TIES.format(one.operation)] = None
    own = any(one.kind == "ties" for one in finding.assumed)
    name = "" if own or not finding.free else decided(program.jaxpr, program.inputs.index(finding.name), program.outputs)
    if name:
        said[_TIES.format(name)] = None
    return tuple(said)


_TIES = "it holds over the reals: in floats round-off decides ties of `{}`"


def undecided_reason(program: Program, finding: Finding, unwitnessed: str) -> str:
    """Why neither a proof nor, as `unwitnessed` says, a witness was found."""
    where = f"`{finding.operation}`" if finding.operation else "the output"
    if layer := program.layer(finding.place):
        where += f" of {layer}"
    return f"not proved beyond {where}; {unwitnessed}"


_BNPROOF = str(Path(__file__).parent.parent)
_JAX = str(Path(jax.__file__).parent)


def line_of(place: Place | None) -> str:
    """file:line of the user's code; empty for the layers that bnproof itself builds."""
    return "" if place is None else source_line(place.equation)


def source_line(equation: Any) -> str:
    """The same of an equation of a traced program."""
    info: Any = equation.source_info
    text = source_info_util.summarize(info)
    path = text.split(":")[0].split(" ")[0]
    return "" if path.startswith((_BNPROOF, _JAX)) or "unknown" in text.lower() else text
