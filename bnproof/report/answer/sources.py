"""The answer to each source's question, put together from verdicts.

Every sentence names the verdicts it rests on and is said only if they are there. What cannot be said so is named as undecided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ...modes import Mode
from ...verdict import Answer, Ruling, Verdict
from ..document import Cite, Code, Inline, Prose, Text, joined
from .advice import in_code
from .words import listed


@dataclass(frozen=True)
class Rests:
    """Evidence: in `variant` (empty: the source's own chain) every parameter that matches `pattern` has this ruling.

    With `irreplaceable`, a theorem must say of each that others cannot do its work.
    """

    pattern: str
    mode: Mode
    ruling: Ruling
    variant: str = ""
    irreplaceable: bool = False

    def found(self, answers: Mapping[str, Answer]) -> list[Verdict]:
        """The verdicts that this is about."""
        answer = answers.get(self.variant)
        verdicts = () if answer is None else answer.verdicts
        return [v for v in verdicts if v.mode == self.mode and fnmatchcase(v.bias, self.pattern)]

    def fits(self, verdict: Verdict) -> bool:
        """Whether this verdict is as expected."""
        return verdict.verdict == self.ruling and (verdict.irreplaceable is not None or not self.irreplaceable)

    def holds(self, answers: Mapping[str, Answer]) -> bool:
        """Whether there are such verdicts, and all are as expected."""
        found = self.found(answers)
        return bool(found) and all(map(self.fits, found))


@dataclass(frozen=True)
class Sentence:
    """Words, with ``{0}`` for the parameters of the first piece of evidence and so on.

    `edit`: what the words end in, the source's own lines with the biases of that piece of evidence left out; `cites`: theorems that say
    more; `experiment`: the recorded experiment that answers what no theorem can.
    """

    words: str
    rests: tuple[Rests, ...]
    edit: int | None = None
    cites: tuple[str, ...] = ()
    experiment: str = ""


SENTENCES: dict[str, tuple[Sentence, ...]] = {
    "S0": (
        Sentence(
            "Yes: in Conv→ReLU→BN keep {0}. It acts, and no scale and shift of the normalisation give its output without it.",
            (Rests("conv1.bias", "train", "acts", irreplaceable=True),),
            cites=("affine_cannot_replace_bias_of_relu_before_batchnorm",),
        ),
        Sentence(
            "In Conv→BN→ReLU leave it out: there {0} does nothing in training.",
            (Rests("conv1.bias", "train", "redundant", "bn_first"), Rests("bn1.beta", "train", "acts", "bn_first")),
            cites=("bias_cancels_of_batch_statistics",),
        ),
        Sentence(
            "A network trained with that bias is right in evaluation, too: {0} acts there, but the running mean follows it, so that "
            "both move by the same. Only after very few updates (1 % is left after 44 at momentum 0.1), with momentum 0, with frozen "
            "statistics or while the bias moves faster than the running mean does the output differ.",
            (Rests("conv1.bias", "eval", "acts", "bn_first"),),
            cites=("running_mean_tracks_bias",),
        ),
    ),
    "S1": (
        Sentence(
            "Yes, the linter is right: in training {0} do nothing. Build those layers with bias=False (in Keras use_bias=False).",
            (Rests("conv*.bias", "train", "redundant"),),
            cites=("bias_cancels_of_batch_statistics",),
        ),
        Sentence(
            "In a network that is already trained {0} act through the running means. To drop them there, subtract each from the "
            "running mean behind it; a Keras layer has to be built anew with use_bias=False and given the old kernel.",
            (Rests("conv*.bias", "eval", "acts"),),
            cites=("bias_strips_losslessly_of_shifted_running_mean",),
        ),
        Sentence("{0} acts: no normalisation comes after it.", (Rests("linear1.bias", "train", "acts"),)),
    ),
    "S2": (
        Sentence(
            "You can have both, but it gains nothing: with the normaliser behind it, {0} does nothing in training.",
            (Rests("conv1.bias", "train", "redundant"), Rests("bn1.beta", "train", "acts")),
            cites=("bias_cancels_of_batch_statistics",),
        ),
        Sentence(
            "To have both in slim all the same, call the convolution with normalizer_fn=None and activation_fn=None and the batch "
            "normalisation after it. Without activation_fn=None its activation comes first, and then {0} acts.",
            (Rests("conv1.bias", "train", "acts", "lrelu_first"),),
            cites=("output_moves_of_leaky_relu_before_batchnorm",),
        ),
    ),
    "S3": (
        Sentence(
            "Keep {0}: the ReLU stands between it and the normalisation, whose output no gamma and beta give without it.",
            (Rests("linear1.bias", "train", "acts", irreplaceable=True),),
            cites=("affine_cannot_replace_bias_of_relu_before_batchnorm",),
        ),
        Sentence(
            "{0} acts as well: no normalisation comes after it.",
            (Rests("linear2.bias", "train", "acts"),),
        ),
        Sentence("So does the bias of the head that is one Linear.", (Rests("linear1.bias", "train", "acts", "linear_head"),)),
        Sentence(
            "Whether training gets better with {0} is another question, which no theorem answers. Measured on a small network:",
            (Rests("linear1.bias", "train", "acts"),),
            experiment="relu_bias_training",
        ),
    ),
    "S4": (
        Sentence(
            "Only the last convolution before the normalisation: in training {0} does nothing. Write",
            (Rests("conv1_e1.bias", "train", "redundant"),),
            edit=0,
            cites=("bias_cancels_of_batch_statistics",),
        ),
        Sentence(
            "Not the one before it: {0} acts, because the second convolution's zero padding lets it in through the border.",
            (Rests("conv0_e1.bias", "train", "acts"),),
            cites=("first_bias_survives_of_zero_padded_second_convolution",),
        ),
        Sentence(
            "Without that padding it would be redundant as well.",
            (Rests("conv0_e1.bias", "train", "redundant", "valid"), Rests("conv1_e1.bias", "train", "redundant", "valid")),
            cites=("first_bias_cancels_of_borderless_second_convolution",),
        ),
        Sentence(
            "With an activation between the two convolutions it acts with any padding.",
            (Rests("conv0_e1.bias", "train", "acts", "activation_between"),),
        ),
    ),
}
"""What can be said on each source's question, a few sentences each, the answer first."""


def source_answer(name: str, answers: Mapping[str, Answer]) -> list[Prose]:
    """The answer to the question of the source `name`, a paragraph a sentence.

    `answers` by variant, the source's own chain under the empty name.
    """
    asked = {verdict.mode for answer in answers.values() for verdict in answer.verdicts}
    said: list[Prose] = []
    open_: list[str] = []
    for sentence in SENTENCES[name]:
        if not {rests.mode for rests in sentence.rests} <= asked:
            continue
        if all(rests.holds(answers) for rests in sentence.rests):
            said.append(_said(sentence, answers))
        else:
            open_ += [_doubt(rests, answers) for rests in sentence.rests if not rests.holds(answers)]
    if not said and not open_:
        return [(Text("The question is about training and evaluation: ask with --mode both."),)]
    if open_:
        said.append((Text(f"Undecided: {'; '.join(dict.fromkeys(open_))}."),))
    return said


def _said(sentence: Sentence, answers: Mapping[str, Answer]) -> Prose:
    pieces: list[Inline] = [
        Text(sentence.words.format(*(listed(v.bias for v in rests.found(answers)) for rests in sentence.rests)))
    ]
    if sentence.edit is not None:
        rests = sentence.rests[sentence.edit]
        layers = {layer.name: layer for layer in answers[rests.variant].layers}
        edits = [in_code(layers[v.bias.rsplit(".", 1)[0]]) for v in rests.found(answers)]
        pieces += [Text(" "), *joined(((Code(edit),) for edit in edits), ", ", " and "), Text(".")]
    if sentence.experiment:
        pieces.append(Text(f" {_measured(sentence.experiment)}"))
    for theorem in sentence.cites:
        pieces += [Text(" "), Cite(theorem)]
    return tuple(pieces)


def _measured(name: str) -> str:
    """What the recorded experiment of that name found: its table row by row, or its sentence."""
    from ...numeric.recorded import recorded

    record = next(record for record in recorded("experiments")["experiments"] if record["name"] == name)
    rows: list[str] = []
    for row in record.get("table", ()):
        (what, which), *numbers = row.items()
        rows.append(f"{what} {which}: {', '.join(f'{label} {value}' for label, value in numbers)}")
    return ("; ".join(rows) + "." if rows else record["sentence"]).replace(" -", " −")


def _doubt(rests: Rests, answers: Mapping[str, Answer]) -> str:
    where = f" of the variant {rests.variant}" if rests.variant else ""
    found = [v for v in rests.found(answers) if not rests.fits(v)]
    if not found:
        return f"there is no verdict on {rests.pattern}{where} ({rests.mode})"
    names = f"{listed(v.bias for v in found)}{where} ({rests.mode})"
    if all(v.verdict == rests.ruling for v in found):
        return f"no theorem was found to say that {names} is irreplaceable"
    is_, verdict = ("is" if len(found) == 1 else "are"), " or ".join(dict.fromkeys(v.verdict for v in found))
    return f"{names} {is_} {verdict}, where {rests.ruling} was expected"
