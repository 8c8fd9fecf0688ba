"""What to do, computed from the verdicts: which layers to build without a bias, what to keep, what a trained network needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...modes import MODES
from ...verdict import Answer, Verdict
from .words import SHOWN, is_mean, listed

_TOKENS = {"conv": "Conv", "linear": "Linear", "convtranspose": "ConvTranspose", "depthwise": "Depthwise"}


@dataclass(frozen=True)
class Advice:
    """What to do, and what to mind where the network is already trained (empty if nothing)."""

    action: str
    note: str = ""


def advice(answer: Answer) -> Advice:
    """What the verdicts come to. Training decides, where it was asked about: a network is built before it is evaluated."""
    if not answer.verdicts:
        return Advice("nothing; there is no bias and no beta here.")
    mode = next(mode for mode in MODES if any(v.mode == mode for v in answer.verdicts))
    judged = [v for v in answer.verdicts if v.mode == mode]
    actions = [*_leave(judged, mode), *_keep(judged)]
    said = "; ".join(actions) + "."
    if mode == "train":
        return Advice(said, _trained(answer, judged))
    return Advice(said, "Whether to train with a parameter is another question: ask with --mode train.")


def _of(judged: list[Verdict], ruling: str) -> list[str]:
    return [v.bias for v in judged if v.verdict == ruling]


def _leave(judged: list[Verdict], mode: str) -> list[str]:
    """What can go."""
    found = _of(judged, "redundant")
    if not found:
        return []
    if mode != "train":
        where = "evaluate" if mode == "eval" else "fine-tune with frozen statistics"
        return [f"{where} without {listed(found)} if you like: the output stays the same"]
    biases = [name.removesuffix(".bias") for name in found if name.endswith(".bias")]
    others = [name for name in found if not name.endswith(".bias")]
    actions: list[str] = []
    if biases:
        token = _token(biases[0])
        alike = {v.bias for v in judged if v.bias.endswith(".bias") and _token(v.bias.removesuffix(".bias")) == token}
        if len(alike) == 1 and len(biases) == 1 and token in _TOKENS:
            actions.append(f"{_TOKENS[token]}(bias=False)")
        elif len(biases) > SHOWN:
            actions.append(f"build the {len(biases)} layers whose bias is redundant in train with bias=False")
        else:
            actions.append(f"build {listed(biases)} with bias=False")
    if others:
        actions.append(
            f"leave out {listed(others)}, or freeze {'it at its' if len(others) == 1 else 'them at their'} start value"
        )
    return actions


def _token(layer: str) -> str:
    """``conv`` of ``conv12``, ``conv1d`` of ``conv1d2``; nothing for a name that is no token and count."""
    match = re.fullmatch(r"([a-z0-9]*?[a-z])(\d+)", layer)
    return match[1] if match else ""


def _keep(judged: list[Verdict]) -> list[str]:
    """What must stay, and what can be done about it."""
    needed, unknown = _of(judged, "acts"), _of(judged, "undecided")
    actions: list[str] = []
    if needed:
        actions.append(f"keep {listed(needed)}" if len(needed) <= SHOWN else f"keep the {len(needed)} that are needed")
    behind = [v for v in judged if v.verdict == "acts" and _behind_activation(v)]
    if behind and actions:
        layers = list(dict.fromkeys(v.layer for v in behind if v.layer))
        activation = listed(layers) if layers else "the activation"
        actions[-1] += f" – or put the normalisation before {activation} and drop {listed(v.bias for v in behind)}"
    if unknown:
        actions.append(f"keep {listed(unknown)}: undecided is not redundant")
    return actions


def _behind_activation(verdict: Verdict) -> bool:
    """Whether an activation before a batch normalisation is what makes this bias needed: the theorem says so."""
    return re.fullmatch(r"output_moves_of_\w+_before_batchnorm", verdict.theorem or "") is not None


def _trained(answer: Answer, judged: list[Verdict]) -> str:
    """What dropping the redundant parameters does to a network that is already trained."""
    gone = _of(judged, "redundant")
    later = {v.bias: v for v in answer.verdicts if v.mode != "train" and v.verdict != "redundant"}
    if not gone:
        return ""
    if all(v.mode == "train" for v in answer.verdicts):
        if any(set(s.depends_on) & set(gone) for s in answer.statistics):
            return "Trained already? Then evaluation matters too: ask with --mode both."
        return ""
    acting = [name for name in gone if name in later]
    if not acting:
        return ""
    means = {name: moved for name in acting if (moved := stored_mean(answer, name))}
    said = ""
    if len(means) == 1:
        ((name, mean),) = means.items()
        said = f"lower {mean} by what {name} adds to it when you drop {name}, and evaluation stays as it is"
    elif means:
        said = (
            f"lower each of {listed(dict.fromkeys(means.values()))} by what the dropped parameter adds to it, "
            "and evaluation stays as it is"
        )
    rest = [name for name in acting if name not in means]
    if rest:
        said += ("; " if said else "") + f"evaluation still uses {listed(rest)}, and changes without"
    return f"Trained already? {said[0].upper()}{said[1:]}."


def stored_mean(answer: Answer, name: str) -> str:
    """The stored mean that makes a parameter, redundant in training, needed in evaluation; empty if that is not why.

    The reason is the stored mean if exactly one updated statistic follows the parameter, and it is a mean.
    """
    train = [v.verdict for v in answer.verdicts if v.bias == name and v.mode == "train"]
    stored = [v.verdict for v in answer.verdicts if v.bias == name and v.mode != "train"]
    follows = [s.name for s in answer.statistics if s.mode == "train" and name in s.depends_on]
    if train == ["redundant"] and stored and set(stored) == {"acts"} and len(follows) == 1 and is_mean(follows[0]):
        return follows[0]
    return ""
