"""The answer to each source's question, put together from verdicts.

Every sentence names the verdicts it rests on and is said only if they are there. What cannot be said so is named as undecided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ...verdict import Answer, Ruling, Verdict
from .words import listed


@dataclass(frozen=True)
class Rests:
    """Evidence: in `variant` (empty: the source's own chain) every parameter that matches `pattern` has this ruling."""

    pattern: str
    mode: str
    ruling: Ruling
    variant: str = ""

    def found(self, answers: Mapping[str, Answer]) -> list[Verdict]:
        """The verdicts that this is about."""
        answer = answers.get(self.variant)
        verdicts = () if answer is None else answer.verdicts
        return [v for v in verdicts if v.mode == self.mode and fnmatchcase(v.bias, self.pattern)]

    def holds(self, answers: Mapping[str, Answer]) -> bool:
        """Whether there are such verdicts, and all are as expected."""
        found = self.found(answers)
        return bool(found) and all(v.verdict == self.ruling for v in found)


@dataclass(frozen=True)
class Sentence:
    """Words, with ``{0}`` for the parameters of the first piece of evidence and so on, and what is at stake if it fails."""

    words: str
    rests: tuple[Rests, ...]


SENTENCES: dict[str, tuple[Sentence, ...]] = {
    "S0": (
        Sentence(
            "Yes, with the ReLU between convolution and normalisation, training needs {0}.",
            (Rests("conv1.bias", "train", "acts"),),
        ),
        Sentence(
            "With the normalisation first, as Conv→BN→ReLU, {0} does nothing in training, and {1} is the bias that counts.",
            (Rests("conv1.bias", "train", "redundant", "bn_first"), Rests("bn1.beta", "train", "acts", "bn_first")),
        ),
        Sentence(
            "Evaluation uses a stored mean, which does not move by itself: there {0} acts in either order.",
            (Rests("conv1.bias", "eval", "acts"), Rests("conv1.bias", "eval", "acts", "bn_first")),
        ),
    ),
    "S1": (
        Sentence(
            "Yes, the linter is right about {0}: in training they do nothing.", (Rests("conv*.bias", "train", "redundant"),)
        ),
        Sentence("{0} has no normalisation behind it and must stay.", (Rests("linear1.bias", "train", "acts"),)),
        Sentence(
            "In a trained network {0} still act, through the stored means: drop them and lower the means together.",
            (Rests("conv*.bias", "eval", "acts"),),
        ),
    ),
    "S2": (
        Sentence(
            "Both together gain nothing: with the normaliser, {0} does nothing in training, and {1} does a bias's work.",
            (Rests("conv1.bias", "train", "redundant"), Rests("bn1.beta", "train", "acts")),
        ),
        Sentence(
            "It is the order that decides: with the leaky ReLU before the normaliser, {0} would be needed.",
            (Rests("conv1.bias", "train", "acts", "lrelu_first"),),
        ),
    ),
    "S3": (
        Sentence(
            "Both linear biases stay: {0} because the ReLU comes before the normalisation, {1} because nothing comes after it.",
            (Rests("linear1.bias", "train", "acts"), Rests("linear2.bias", "train", "acts")),
        ),
        Sentence("{0} acts as well, behind dropout.", (Rests("bn1.beta", "train", "acts"),)),
        Sentence("The head that is one Linear needs its bias too.", (Rests("linear1.bias", "train", "acts", "linear_head"),)),
    ),
    "S4": (
        Sentence(
            "{0}, right before the normalisation, does nothing in training.", (Rests("conv2.bias", "train", "redundant"),)
        ),
        Sentence(
            "The first convolution's {0} does matter: the second one's zero padding lets it in through the border.",
            (Rests("conv1.bias", "train", "acts"),),
        ),
        Sentence(
            "Without that padding (pad=valid) it cancels as well.",
            (Rests("conv1.bias", "train", "redundant", "valid"), Rests("conv2.bias", "train", "redundant", "valid")),
        ),
        Sentence(
            "With a ReLU between the convolutions it is needed, as for any activation's input.",
            (Rests("conv1.bias", "train", "acts", "activation_between"),),
        ),
    ),
}
"""What can be said on each source's question, a few sentences each."""


def source_answer(name: str, answers: Mapping[str, Answer]) -> str:
    """The answer to the question of the source `name`; `answers` by variant, the source's own chain under the empty name."""
    asked = {verdict.mode for answer in answers.values() for verdict in answer.verdicts}
    said: list[str] = []
    open_: list[str] = []
    for sentence in SENTENCES[name]:
        if not {rests.mode for rests in sentence.rests} <= asked:
            continue
        if all(rests.holds(answers) for rests in sentence.rests):
            said.append(sentence.words.format(*(listed(v.bias for v in rests.found(answers)) for rests in sentence.rests)))
        else:
            open_ += [doubt for rests in sentence.rests if not rests.holds(answers) for doubt in [_doubt(rests, answers)]]
    if not said and not open_:
        return "The question is about training and evaluation: ask with --mode both."
    if open_:
        said.append(f"Undecided: {'; '.join(dict.fromkeys(open_))}.")
    return " ".join(said)


def _doubt(rests: Rests, answers: Mapping[str, Answer]) -> str:
    where = f" of the variant {rests.variant}" if rests.variant else ""
    found = [v for v in rests.found(answers) if v.verdict != rests.ruling]
    if not found:
        return f"there is no verdict on {rests.pattern}{where} ({rests.mode})"
    is_, verdict = ("is" if len(found) == 1 else "are"), " or ".join(dict.fromkeys(v.verdict for v in found))
    return f"{listed(v.bias for v in found)}{where} ({rests.mode}) {is_} {verdict}, where {rests.ruling} was expected"
