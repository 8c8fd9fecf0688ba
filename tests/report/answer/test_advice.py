"""What to do, from verdicts: what can go, what cannot, and what a trained network needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bnproof.report.answer.advice import advice, in_code, stored_mean, without_bias
from bnproof.report.document import Prose, plain_text
from bnproof.verdict import Answer, Irreplaceable, Part, Ruling, Statistic

from .answers import BN_FIRST, RELU_FIRST, answer


def lead(given: Answer) -> str:
    return " ".join(map(plain_text, advice(given).lead))


def words(prose: Prose) -> str:
    return plain_text(prose)


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ((), "There is no bias and no beta here."),
        ((("conv1.bias", "train", "redundant"),), "conv1.bias does nothing in training: build it with `bias=False`."),
        (
            (("layers.3.conv.bias", "train", "redundant"),),
            "layers.3.conv.bias does nothing in training: build it with `bias=False`.",
        ),
        (
            (("conv1.bias", "train", "redundant"), ("conv2.bias", "train", "acts")),
            "conv1.bias does nothing in training: build it with `bias=False`.",
        ),
        (
            (("conv1.bias", "train", "redundant"), ("linear1.bias", "train", "redundant")),
            "conv1.bias and linear1.bias do nothing in training: build these layers with `bias=False`.",
        ),
        (
            (("bn1.beta", "train", "redundant"),),
            "bn1.beta does nothing in training: leave it out, or freeze it at its start value.",
        ),
        (
            (("conv1.bias", "train", "undecided"), ("bn1.beta", "train", "acts")),
            "No parameter listed here is redundant in training: bn1.beta moves the output. "
            "Keep conv1.bias for now: it is undecided, and undecided is not redundant.",
        ),
        (
            tuple((f"bn{k}.beta", "train", "acts") for k in range(9)),
            "No parameter listed here is redundant in training: bn0.beta, bn1.beta, bn2.beta, bn3.beta, bn4.beta and 4 more "
            "move the output.",
        ),
        (
            (("conv1.bias", "eval", "acts"),),
            "No parameter listed here is redundant in evaluation: conv1.bias moves the output.",
        ),
        (
            (("conv1.bias", "eval", "redundant"),),
            "conv1.bias does nothing in evaluation: the output is the same without.",
        ),
        (
            (("conv1.bias", "frozen", "redundant"),),
            "conv1.bias does nothing with frozen statistics: the output is the same without.",
        ),
    ],
)
def test_the_first_line(verdicts: tuple[tuple[str, str, Ruling], ...], said: str) -> None:
    assert lead(answer(*verdicts)) == said


def test_no_parameter_must_stay_where_it_only_acts() -> None:
    acting = answer(("conv1.bias", "train", "acts"), ("bn1.beta", "train", "acts"))
    assert "eep" not in lead(acting)
    kept = replace(acting.verdicts[0], irreplaceable=Irreplaceable(("bn1.gamma", "bn1.beta"), "bn1", "a_theorem_of_something"))
    assert lead(replace(acting, verdicts=(kept, acting.verdicts[1]))) == (
        "Keep conv1.bias: no values of bn1.gamma and bn1.beta give the output of bn1 without it."
    )


@pytest.mark.parametrize(
    ("part", "edited"),
    [
        (Part("conv1", "conv", "Conv2d(3, 8, 3)", "pytorch"), "nn.Conv2d(3, 8, 3, bias=False)"),
        (Part("stem", "conv", "nn.Conv2d(3, 8, 3, bias=True)", "pytorch"), "self.stem = nn.Conv2d(3, 8, 3, bias=False)"),
        (Part("0", "conv", "Conv2d(3, 8,\n  kernel_size=3,\n)", "pytorch"), "nn.Conv2d(3, 8, kernel_size=3, bias=False)"),
        (Part("conv1", "conv", "Conv2d", "pytorch"), "nn.Conv2d(…, bias=False)"),
        (Part("conv1", "conv", "Conv2d(3, 8, 3, 1, 0, 1, 1, True)", "pytorch"), ""),
        (Part("0", "conv", "Conv2d(3, 8, 3,  # a (first\n  1) # second", "pytorch"), "nn.Conv2d(3, 8, 3, 1, bias=False)"),
        (Part("conv1", "conv", "Conv2d(3, 8,  # unclosed", "pytorch"), ""),
        (Part("conv1", "conv", "Dense(8, name='#1')", "keras"), "Dense(8, name='#1', use_bias=False)"),
        (Part("in", "conv", "Conv2d(3, 8, 3)", "pytorch"), "nn.Conv2d(3, 8, 3, bias=False)"),
        (Part("conv1", "conv", 'Conv2D(8, 3, padding="same")', "keras"), 'Conv2D(8, 3, padding="same", use_bias=False)'),
        (Part("conv1", "conv", "Conv2D(8, 3, use_bias=True)", "keras"), "Conv2D(8, 3, use_bias=False)"),
        (Part("conv1", "conv", "conv(8)"), ""),
        (Part("conv1", "conv", "", "pytorch"), ""),
    ],
)
def test_the_asker_s_own_line_without_its_bias(part: Part, edited: str) -> None:
    assert in_code(part) == edited
    assert bool(without_bias(part)) is bool(edited)


def test_the_lead_is_in_the_asker_s_code() -> None:
    gone = answer(("c.bias", "train", "redundant"), layers=(Part("c", "conv", "Conv2d(3, 8, 3)", "pytorch"),))
    assert lead(gone) == "c.bias does nothing in training: write `self.c = nn.Conv2d(3, 8, 3, bias=False)`."
    many = tuple(Part(f"conv{k}", "conv", "Conv2D(8, 3)", "keras") for k in range(1, 6))
    verdicts: list[tuple[str, str, Ruling]] = [(f"{part.name}.bias", "train", "redundant") for part in many]
    gone = answer(*verdicts, layers=many)
    assert lead(gone).endswith("do nothing in training: build these layers with `use_bias=False`.")


def test_a_bias_inside_a_layer_has_no_option_of_its_own() -> None:
    key = answer(("attention1.k.bias", "train", "redundant"), layers=(Part("attention1", "attention", "attention"),))
    assert lead(key) == "attention1.k.bias does nothing in training: leave it out, or freeze it at its start value."


def test_training_is_another_question() -> None:
    assert words(advice(answer(("conv1.bias", "eval", "acts"))).trained).endswith("ask with --mode train.")


def test_another_network_is_called_another_network() -> None:
    assert words(advice(RELU_FIRST).other) == (
        "With bn1 before relu1, conv1.bias would be redundant: but that is another network."
    )
    assert not advice(BN_FIRST).other
    beta = replace(RELU_FIRST.verdicts[1], layer="relu1")
    assert not advice(replace(RELU_FIRST, verdicts=(beta,))).other
    pooled = row(("conv1", "conv"), ("relu1", "relu"), ("maxpool1", "maxpool"), ("bn1", "bn"))
    assert advice(replace(RELU_FIRST, layers=row(("conv1", "conv"), ("relu1", "relu"), ("bn1", "bn")))).other
    assert not advice(replace(RELU_FIRST, layers=pooled)).other
    elsewhere = (*row(("conv1", "conv"), ("relu1", "relu")), Part("bn1", "bn"))  # the first layer of another branch
    assert not advice(replace(RELU_FIRST, layers=elsewhere)).other
    around = (Part("conv1", "conv"), *row(("relu1", "relu"), ("bn1", "bn")))  # inside of a block behind conv1
    assert not advice(replace(RELU_FIRST, layers=around)).other
    corrected = row(("conv1", "conv"), ("relu1", "relu"), ("brn1", "brn"))  # lets part of the mean through again
    assert not advice(replace(RELU_FIRST, layers=corrected)).other


def row(*layers: tuple[str, str]) -> tuple[Part, ...]:
    """Layers one after the other, by name and kind."""
    names = ["", *(name for name, _ in layers)]
    return tuple(Part(name, kind, follows=before) for (name, kind), before in zip(layers, names, strict=False))


def absorbed(given: Answer, **means: str) -> Answer:
    """The same answer with what is proved to do the work of a layer's bias outside of training."""
    verdicts = tuple(
        replace(v, absorbed_by=(f"{mean}.running_mean",))
        if v.mode != "train" and (mean := means.get(v.bias.split(".")[0]))
        else v
        for v in given.verdicts
    )
    return replace(given, verdicts=verdicts)


MEAN = Statistic("bn1.running_mean", "train", ("conv1.bias",))
BOTH: tuple[tuple[str, str, Ruling], ...] = (("conv1.bias", "train", "redundant"), ("conv1.bias", "eval", "acts"))
STRAIGHT = (Part("conv1", "conv"), Part("bn1", "bn"))


def test_the_stored_mean_is_mentioned_where_it_is_why() -> None:
    given = absorbed(answer(*BOTH, statistics=(MEAN,), layers=STRAIGHT), conv1="bn1")
    assert stored_mean(given, "conv1.bias") == "bn1.running_mean"
    assert "subtract conv1.bias from bn1.running_mean, and nothing changes" in words(advice(given).trained)


@pytest.mark.parametrize(
    "layers",
    [
        (),
        (Part("conv1", "conv"), Part("conv2", "conv"), Part("bn1", "bn")),
        (Part("concat1", "concat"), Part("conv2", "conv"), Part("conv1", "conv"), Part("bn1", "bn")),
    ],
)
def test_what_is_added_to_the_mean_is_the_bias_only_where_nothing_is_between(layers: tuple[Part, ...]) -> None:
    given = absorbed(answer(*BOTH, statistics=(MEAN,), layers=layers), conv1="bn1")
    assert "subtract what conv1.bias adds to it from bn1.running_mean" in words(advice(given).trained)


@pytest.mark.parametrize(
    "given",
    [
        answer(*BOTH, statistics=(MEAN,), layers=STRAIGHT),  # not proved
        absorbed(answer(*BOTH, ("conv1.bias", "frozen", "undecided"), statistics=(MEAN,)), conv1="bn1"),
        absorbed(answer(("conv1.bias", "train", "acts"), ("conv1.bias", "eval", "acts"), statistics=(MEAN,)), conv1="bn1"),
        answer(("conv1.bias", "train", "redundant"), ("conv1.bias", "eval", "undecided"), statistics=(MEAN,)),
        answer(("conv1.bias", "train", "acts"), ("conv1.bias", "eval", "acts"), statistics=(MEAN,)),
        answer(("conv1.bias", "train", "redundant"), ("conv1.bias", "eval", "redundant"), statistics=(MEAN,)),
    ],
)
def test_and_nowhere_else(given: Answer) -> None:
    assert stored_mean(given, "conv1.bias") == ""
    assert "nothing changes" not in words(advice(given).trained)


def test_several_stored_means() -> None:
    second = Statistic("bn2.running_mean", "train", ("conv2.bias",))
    more: tuple[tuple[str, str, Ruling], ...] = (("conv2.bias", "train", "redundant"), ("conv2.bias", "eval", "acts"))
    both = absorbed(answer(*BOTH, *more, statistics=(MEAN, second)), conv1="bn1", conv2="bn2")
    told = words(advice(both).trained)
    assert "bn1.running_mean follows conv1.bias and bn2.running_mean follows conv2.bias. When you drop them, subtract" in told
    mixed = words(advice(absorbed(answer(*BOTH, *more), conv1="bn1")).trained)
    assert mixed.endswith("Evaluation changes without conv2.bias, which acts there.")
    unasked = words(advice(answer(BOTH[0], statistics=(MEAN,))).trained)
    assert unasked == "Trained already? Then evaluation matters too: ask with --mode both."


def test_what_is_undecided_in_evaluation_is_not_said_to_act_there() -> None:
    given = answer(("conv1.bias", "train", "redundant"), ("conv1.bias", "eval", "undecided"), statistics=(MEAN,))
    assert words(advice(given).trained) == "Trained already? Whether evaluation changes without conv1.bias is undecided."


def test_a_program_without_a_value_is_the_answer() -> None:
    none = answer(("conv1.bias", "train", "undecided"))
    nowhere = replace(none.verdicts[0], undefined="bn1 divides 0 by 0 whatever the values are, so the program has no value")
    given = replace(none, verdicts=(nowhere,))
    assert lead(given) == f"No bias matters in training, and nothing else: {nowhere.undefined}."
    some = replace(given, verdicts=(nowhere, replace(none.verdicts[0], bias="b")))
    assert "matters" not in lead(some)
