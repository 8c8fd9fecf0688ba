"""What to do, decided from the verdicts: what can go, what cannot, and what a trained network needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from keyword import iskeyword

from ...chain.kinds import KINDS
from ...modes import MODES, WHEN, Mode
from ...verdict import Answer, Part, Verdict
from ..document import Code, Inline, Prose, Text, joined
from .words import is_mean, listed

BIAS_FALSE = {"own": "bias=False", "pytorch": "bias=False", "keras": "use_bias=False"}
"""How a layer is built without its bias, by whose words it is written in."""


@dataclass(frozen=True)
class Advice:
    """What to do.

    - lead: a sentence each, the most important first;
    - trained: what a network that is trained already needs; other: what another network would do. Empty where there is nothing to say.
    """

    lead: tuple[Prose, ...]
    trained: Prose = ()
    other: Prose = ()


def advice(answer: Answer) -> Advice:
    """What the verdicts come to. Training decides, where it was asked about: a network is built before it is evaluated."""
    if not answer.verdicts:
        return Advice(((Text("There is no bias and no beta here."),),))
    mode: Mode = next(mode for mode in MODES if any(v.mode == mode for v in answer.verdicts))
    judged = [v for v in answer.verdicts if v.mode == mode]
    if all(v.undefined for v in judged):
        return Advice(((Text(f"No bias matters {WHEN[mode]}, and nothing else: {judged[0].undefined}."),),))
    gone = _leave(answer, judged, mode)
    lead = (*gone, *_keep(judged, mode, alone=not gone))
    if mode == "train":
        return Advice(lead, _trained(answer, judged), _another_network(answer, judged))
    return Advice(lead, (Text("Whether to train with a parameter is another question: ask with --mode train."),))


def _of(judged: Sequence[Verdict], ruling: str) -> list[str]:
    return [v.bias for v in judged if v.verdict == ruling]


def _leave(answer: Answer, judged: Sequence[Verdict], mode: Mode) -> list[Prose]:
    """What can go, and how to build the network without it."""
    gone = _of(judged, "redundant")
    if not gone:
        return []
    if mode != "train":
        return [(Text(f"{_nothing(gone)} {WHEN[mode]}: the output is the same without."),)]
    parts = {part.name: part for part in answer.layers}
    built = [name for name in gone if _built_without(name, parts)]
    others = [name for name in gone if name not in built]
    found: list[Prose] = []
    if built:
        found.append((Text(f"{_nothing(built)} {WHEN[mode]}: "), *_how(built, parts), Text(".")))
    if others:
        them, start = ("it", "its start value") if len(others) == 1 else ("them", "their start values")
        found.append((Text(f"{_nothing(others)} {WHEN[mode]}: leave {them} out, or freeze {them} at {start}."),))
    return found


def _nothing(names: Sequence[str]) -> str:
    return f"{listed(names)} {'does' if len(names) == 1 else 'do'} nothing"


def _built_without(name: str, parts: dict[str, Part]) -> bool:
    """Whether a layer has an option to be built without this parameter: its own bias, not one of several inside it."""
    return name.endswith(".bias") and (not parts or name.removesuffix(".bias") in parts)


def _how(names: Sequence[str], parts: dict[str, Part]) -> list[Inline]:
    layers = [parts[whole] for name in names if (whole := name.removesuffix(".bias")) in parts]
    edits = [edited for layer in layers if (edited := in_code(layer))]
    if len(edits) == len(names) <= 3:
        return [Text("write "), *joined(((Code(edited),) for edited in edits), ", ", " and ")]
    options = dict.fromkeys(BIAS_FALSE[layer.spelling] for layer in layers) or ["bias=False"]
    return [Text(f"build {'it' if len(names) == 1 else 'these layers'} with "), Code(listed(options, " or "))]


def in_code(layer: Part) -> str:
    """A line of the asker's code without the bias: ``self.conv1 = nn.Conv2d(3, 8, 3, bias=False)``; empty where that would be a guess."""
    edited = without_bias(layer)
    if layer.spelling != "pytorch" or not edited:
        return edited
    module = edited if "." in edited.split("(")[0] else f"nn.{edited}"
    automatic = re.fullmatch(rf"{re.escape(layer.kind)}\d+", layer.name)
    usable = layer.name.isidentifier() and not iskeyword(layer.name)
    return module if automatic or not usable else f"self.{layer.name} = {module}"


_COMMENT = re.compile(r"""("[^"\n]*"|'[^'\n]*')|#[^\n]*""")
"""A text in quotes, which is kept, or a comment up to the end of its line."""


def without_bias(layer: Part) -> str:
    """The layer's own text without its bias; empty for our own words, which are no code, and where that would be a guess."""
    written = " ".join(_COMMENT.sub(r"\1", layer.written).split())
    if layer.spelling == "own" or not written or re.search(r"[(,]\s*(True|False)\s*[,)]", written):
        return ""
    option = BIAS_FALSE[layer.spelling]
    switch = rf"\b{option.split('=')[0]}\s*=\s*True\b"
    if re.search(switch, written):
        return re.sub(switch, option, written)
    if "(" not in written:
        return f"{written}(…, {option})"
    if not written.endswith(")"):
        return ""
    inside = written[:-1].rstrip().rstrip(",")
    return f"{inside}{'' if inside.endswith('(') else ', '}{option})"


def _keep(judged: Sequence[Verdict], mode: Mode, alone: bool) -> list[Prose]:
    """What no other parameter can replace, where a theorem says so; what acts, if nothing else is said; what is open."""
    found: list[Prose] = []
    kept = [v for v in judged if v.irreplaceable is not None]
    for said in dict.fromkeys(v.irreplaceable for v in kept if v.irreplaceable is not None):
        names = [v.bias for v in kept if v.irreplaceable == said]
        them = "it" if len(names) == 1 else "them"
        found.append(
            (Text(f"Keep {listed(names)}: no values of {listed(said.by)} give the output of {said.at} without {them}."),)
        )
    acting = [name for name in _of(judged, "acts") if all(name != v.bias for v in kept)]
    if acting and alone and not found:
        verb = "moves" if len(acting) == 1 else "move"
        found.append((Text(f"No parameter listed here is redundant {WHEN[mode]}: {listed(acting)} {verb} the output."),))
    unknown = _of(judged, "undecided")
    if unknown:
        is_ = "is undecided, and undecided" if len(unknown) == 1 else "are undecided, and undecided"
        found.append(
            (Text(f"Keep {listed(unknown)} for now: {'it' if len(unknown) == 1 else 'they'} {is_} is not redundant."),)
        )
    return found


def _another_network(answer: Answer, judged: Sequence[Verdict]) -> Prose:
    """What holds with the normalisation before the activation, said to be another network."""
    parts = {part.name: part for part in answer.layers}
    behind = {part.follows: part for part in answer.layers if part.follows}
    swapped: dict[tuple[str, str], list[str]] = {}
    for verdict in judged:
        active, norm = parts.get(verdict.layer), behind.get(verdict.layer)
        if verdict.verdict != "acts" or active is None or norm is None:
            continue
        straight = verdict.bias == f"{active.follows}.bias"
        if straight and KINDS[active.kind].role == "activation" and _centres_batches(norm.kind):
            swapped.setdefault((norm.name, active.name), []).append(verdict.bias)
    if not swapped:
        return ()
    said = "; ".join(f"with {norm} before {active}, {listed(biases)}" for (norm, active), biases in swapped.items())
    return (Text(f"{said[0].upper()}{said[1:]} would be redundant: but that is another network."),)


def _centres_batches(kind: str) -> bool:
    return KINDS[kind].centred and not KINDS[kind].corrected and "batch" in KINDS[kind].together


def _trained(answer: Answer, judged: Sequence[Verdict]) -> Prose:
    """What dropping the redundant parameters does to a network that is already trained."""
    gone = _of(judged, "redundant")
    later = {v.bias: v for v in answer.verdicts if v.mode != "train" and v.verdict != "redundant"}
    if not gone:
        return ()
    if all(v.mode == "train" for v in answer.verdicts):
        if any(set(s.depends_on) & set(gone) for s in answer.statistics):
            return (Text("Trained already? Then evaluation matters too: ask with --mode both."),)
        return ()
    acting = [name for name in gone if name in later]
    means = {name: moved for name in acting if (moved := stored_mean(answer, name))}
    rest = [name for name in acting if name not in means and later[name].verdict == "acts"]
    open_ = [name for name in acting if later[name].verdict == "undecided"]
    said: list[str] = []
    if means:
        said.append(_followed(answer, means))
    if rest:
        uses = "acts" if len(rest) == 1 else "act"
        said.append(f"Evaluation changes without {listed(rest)}, which {uses} there.")
    if open_:
        said.append(f"Whether evaluation changes without {listed(open_)} is undecided.")
    return (Text("Trained already? " + " ".join(said)),) if said else ()


def _followed(answer: Answer, means: dict[str, str]) -> str:
    """That stored means follow the parameters, and what to subtract from each; of more than two means all are spoken of together."""
    whose: dict[str, list[str]] = {}
    for name, mean in means.items():
        whose.setdefault(mean, []).append(name)
    if len(whose) > 2:
        follows, lowered = "each running mean follows what is before it", "subtract from each running mean what they add to it"
        if all(_added(answer, name, mean) == name for name, mean in means.items()):
            follows, lowered = "each running mean follows the bias before it", "subtract each from the running mean behind it"
    else:
        follows = " and ".join(f"{mean} follows {listed(names)}" for mean, names in whose.items())
        lowered = " and ".join(
            f"subtract {listed(_added(answer, name, mean) for name in names)} from {mean}" for mean, names in whose.items()
        )
    dropped = "it" if len(means) == 1 else "them"
    return f"Evaluation is right as it stands: {follows}. When you drop {dropped}, {lowered}, and nothing changes."


def _added(answer: Answer, name: str, mean: str) -> str:
    """What a parameter adds to a stored mean: itself, where nothing stands between its layer and the mean's."""
    names = [part.name for part in answer.layers]
    own, norm = name.rsplit(".", 1)[0], mean.rsplit(".", 1)[0]
    straight = own in names and norm in names and names.index(norm) == names.index(own) + 1
    joined = any(part.kind == "concat" for part in answer.layers)  # then it is added to some of the channels
    return name if straight and not joined else f"what {name} adds to it"


def stored_mean(answer: Answer, name: str) -> str:
    """The stored mean that is proved to do the work of a parameter wherever that, redundant in training, acts; empty if there is none."""
    verdicts = [v for v in answer.verdicts if v.bias == name]
    train = [v.verdict for v in verdicts if v.mode == "train"]
    stored = {v.absorbed_by or () if v.verdict == "acts" else () for v in verdicts if v.mode != "train"}
    if train == ["redundant"] and len(stored) == 1:
        (by,) = stored
        return by[0] if len(by) == 1 and is_mean(by[0]) else ""
    return ""
