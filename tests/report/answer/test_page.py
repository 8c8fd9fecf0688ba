"""Answers in words and in every format: each kind of verdict, hostile names, the width, and the last line."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from bnproof.chain.examples import example
from bnproof.laws import LAWS
from bnproof.report.answer.example import Judged, example_document, example_json, example_text
from bnproof.report.answer.page import answer_document
from bnproof.report.answer.text import answer_text, colour
from bnproof.report.answer.words import listed, number
from bnproof.report.writers.markdown import markdown
from bnproof.report.writers.tex import tex
from bnproof.verdict import Answer, Directions, Proof, Ruling, Statistic, Step, Verdict, Witness

COMMAND = 'bnproof prove "conv -> bn -> relu"'
WITNESS = Witness(0, -0.5, 0.5, 4.2e-15, 3, (0, 2, 1, 1), "b: 0 → 1 takes y₁ from 1/2 to 3/2")
PROOF = Proof(
    (
        Step("v = conv1 + conv1.bias", "linear", "conv_general_dilated", "conv1", "convolution.py:52"),
        Step("mean = 1/(64·n)·Σ conv1 + conv1.bias", "linear", "reduce_sum", "bn1", "normalisation.py:60"),
        Step("v − mean = conv1 − 1/(64·n)·Σ conv1", "ring", "sub", "bn1", "normalisation.py:61"),
    )
)
CANCELS = "batch normalisation subtracts the mean, and with it any constant"
BN_FIRST = Answer(
    "conv -> bn -> relu",
    (
        Verdict(
            "conv1.bias",
            "train",
            "redundant",
            CANCELS,
            ("linear", "ring"),
            "bias_cancels_of_batch_statistics",
            confirmed=True,
            gradient_zero=True,
            sizes="batch 4",
            proof=PROOF,
        ),
        Verdict("bn1.beta", "train", "acts", "it comes after the normalisation", witness=WITNESS, sizes="batch 4"),
        Verdict(
            "conv1.bias",
            "eval",
            "acts",
            "stored statistics do not move with the bias",
            theorem="eval_output_moves_of_stored_statistics",
            witness=WITNESS,
            sizes="batch 4",
            operation="max",
            layer="relu1",
            source="activation.py:20",
        ),
        Verdict("bn1.beta", "eval", "acts", "it comes after the normalisation", sizes="batch 4"),
    ),
    (Statistic("bn1.running_mean", "train", ("conv1.bias",)), Statistic("bn1.running_var", "train", ())),
    ("literals are the simplest rationals that round to them",),
    {"parameters": 2},
)
RELU_FIRST = Answer(
    "conv -> relu -> bn",
    (
        Verdict(
            "conv1.bias",
            "train",
            "acts",
            "ReLU lies between",
            theorem="output_moves_of_relu_before_batchnorm",
            witness=WITNESS,
            operation="max",
            layer="relu1",
        ),
        Verdict("bn1.beta", "train", "acts", "it comes after the normalisation"),
    ),
)
UNKNOWN = Verdict("conv1.bias", "train", "undecided", "cos is not understood", operation="cos", layer="odd1", source="m.py:7")


def said(answer: Answer, explain: bool = False, width: int = 80, command: str = COMMAND) -> str:
    return answer_text(answer, command, width, explain)


def answer(*rulings: tuple[str, str, Ruling], statistics: tuple[Statistic, ...] = ()) -> Answer:
    return Answer("a chain", tuple(Verdict(bias, mode, ruling, "so") for bias, mode, ruling in rulings), statistics)


def test_the_headline_answer() -> None:
    assert said(BN_FIRST).splitlines()[:6] == [
        "conv1.bias  train  redundant   batch normalisation subtracts the mean, and with",
        "                               it any constant",
        "                               [bias_cancels_of_batch_statistics]",
        "            eval   acts        stored statistics do not move with the bias",
        "                               [eval_output_moves_of_stored_statistics]",
        "   witness   adding −0.5 to entry 3 moves output[2, 1, 1] by 0.5, 1.2e14 times",
    ]
    assert said(BN_FIRST, width=140).startswith(
        f"conv1.bias  train  redundant   {CANCELS}   [bias_cancels_of_batch_statistics]\n            eval   acts    "
    )
    assert "round-off bound 4.2e-15 (seed 0)\n   exactly   b: 0 → 1 takes" in said(BN_FIRST)
    assert "literals" not in said(BN_FIRST)


def test_the_last_line_says_what_to_do() -> None:
    assert said(BN_FIRST).splitlines()[-4:] == [
        "Trained already? Lower bn1.running_mean by what conv1.bias adds to it when you",
        "  drop conv1.bias, and evaluation stays as it is.",
        'Derivation: bnproof prove "conv -> bn -> relu" --explain',
        "Do this: Conv(bias=False); keep bn1.beta.",
    ]
    assert said(BN_FIRST, width=120).splitlines()[-1] == (
        'Do this: Conv(bias=False); keep bn1.beta.  Derivation: bnproof prove "conv -> bn -> relu" --explain'
    )
    long = said(BN_FIRST, command=f'bnproof prove "{" -> ".join(["conv"] * 20)}"')
    assert "Derivation: the same command with --explain\n" in long
    assert said(RELU_FIRST).splitlines()[-3:] == [
        "Theorem: bnproof prove output_moves_of_relu_before_batchnorm",
        "Do this: keep conv1.bias and bn1.beta – or put the normalisation before relu1",
        "  and drop conv1.bias.",
    ]


def test_explain_prints_the_derivation_the_laws_and_what_is_assumed() -> None:
    shown = said(BN_FIRST, explain=True)
    assert "Why conv1.bias is redundant in training, with batch statistics\n" in shown
    lines = shown.splitlines()
    places = [next(k for k, line in enumerate(lines) if step.expression in line) for step in PROOF.steps]
    assert places == sorted(places)
    assert "ring, in bn1 (normalisation.py:61)" in shown
    assert "r1, r2, … do not contain it" not in shown
    lettered = replace(BN_FIRST.verdicts[0], proof=Proof((Step("v1 = r1 + b", "ring", "add"),)))
    shown_so = said(Answer("c", (lettered,)), explain=True)
    assert "  Here v1, v2, … are the values" in shown_so
    assert "v1 = r1 + b" + " " * 30 + "ring, in add\n" in shown_so
    assert "Here v1, v2, …" in markdown(answer_document(Answer("c", (lettered,)), explain=True))
    assert "Hence its gradient is zero, for every loss. A run in float64 agrees." in re.sub(r"\s+", " ", shown)
    for name in PROOF.laws:
        assert LAWS[name].statement in re.sub(r"\s+", " ", shown)
    assert LAWS["order"].statement not in re.sub(r"\s+", " ", shown)
    assert "  • literals are the simplest rationals that round to them" in shown
    assert "conv1.bias (eval) does not get past max in relu1 (activation.py:20)" in shown
    assert "--explain" not in shown
    no_proof = tuple(replace(v, operation="add", proof=None) for v in BN_FIRST.verdicts)
    assert "conv1.bias (train) does not get past" not in said(replace(BN_FIRST, verdicts=no_proof), explain=True)


def test_what_was_not_found_is_not_claimed() -> None:
    bare = replace(BN_FIRST.verdicts[0], gradient_zero=None, confirmed=None)
    shown = said(Answer("c", (bare,)), explain=True)
    assert "gradient" not in shown
    assert "float64" not in shown
    stopped = said(Answer("c", (replace(bare, gradient_zero=False),)))
    assert "   gradient  not zero: the program stops or replaces a gradient" in stopped


def test_undecided() -> None:
    shown = said(Answer("c", (UNKNOWN,)))
    assert shown.startswith("conv1.bias  train  undecided   cos is not understood\n   stuck at  cos in odd1 (m.py:7)\n")
    assert shown.endswith("Do this: keep conv1.bias: undecided is not redundant.\n")


def test_parameters_are_grouped_and_modes_ordered() -> None:
    given = answer(("b", "eval", "acts"), ("a", "frozen", "acts"), ("b", "train", "acts"), ("a", "train", "acts"))
    assert said(given).splitlines()[:4] == [
        "b  train   acts        so",
        "   eval    acts        as in train",
        "a  train   acts        so",
        "   frozen  acts        as in train",
    ]


def test_what_is_as_in_the_mode_before_is_not_repeated() -> None:
    train = Verdict("conv1.bias", "train", "acts", "so", theorem="rmsnorm_keeps_bias", witness=WITNESS)
    same, other = replace(train, mode="eval"), replace(train, mode="eval", witness=replace(WITNESS, shift=2))
    assert said(Answer("c", (train, same))).count("witness") == 1
    shown = said(Answer("c", (train, other)))
    assert "            eval   acts        as in train\n   witness   adding 2 to entry 3" in shown
    assert shown.count("exactly") == 1
    assert shown.count("[rmsnorm_keeps_bias]") == 1
    assert "as in" not in said(Answer("c", (train, replace(same, theorem=None))))


def test_statistics() -> None:
    assert "bn1.running_mean depends on conv1.bias (as it must: it tracks the bias).\n" in said(BN_FIRST)
    assert "bn1.running_var depends on no parameter listed here.\n" in said(BN_FIRST)
    mean = Statistic("bn1.running_mean", "train", ("conv1.bias", "conv2.bias"))
    one, two = Verdict("conv1.bias", "train", "acts", ""), Verdict("conv2.bias", "train", "redundant", "")
    shown = said(Answer("c", (one, two), (mean, replace(mean, mode="eval", depends_on=()))))
    assert "bn1.running_mean depends on conv1.bias and conv2.bias (as it must" not in shown
    assert "bn1.running_mean depends on conv1.bias and conv2.bias (it tracks conv2.bias," in shown
    needed = said(answer(("conv1.bias", "train", "acts"), statistics=(Statistic("m.running_mean", "train", ("conv1.bias",)),)))
    assert "m.running_mean depends on conv1.bias.\n" in needed
    both = tuple(Statistic(f"bn{k}.running_var", "train", ()) for k in (1, 2))
    shown = said(answer(("conv1.bias", "train", "acts"), statistics=both))
    assert "bn1.running_var and bn2.running_var depend on no parameter listed here.\n" in shown


def test_witness() -> None:
    second = replace(UNKNOWN, verdict="acts", witness=replace(WITNESS, output=(1, 7), bound=0, exact=None))
    shown = re.sub(r"\s+", " ", said(Answer("c", (second,))))
    assert "adding −0.5 to entry 3 moves output 1[7] by 0.5, above the round-off bound 0 (seed 0)" in shown
    assert "exactly" not in shown


def test_sizes_are_said_once() -> None:
    shown = said(replace(BN_FIRST, verdicts=(replace(BN_FIRST.verdicts[0], sizes="every batch"), *BN_FIRST.verdicts[1:])))
    assert "\nSizes where redundant: every batch.\nSizes where acts: batch 4.\n" in shown
    verdicts = (UNKNOWN, replace(UNKNOWN, bias="b", sizes="batch 2"), replace(UNKNOWN, bias="c", sizes="batch 4"))
    assert "Sizes where undecided (b): batch 2.\nSizes where undecided (c): batch 4.\n" in said(Answer("c", verdicts))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Directions(("a",), 0, 8), "of the 8 dimensions of a none is redundant"),
        (
            Directions(("a",), 0, 8, complete=False),
            "of the 8 dimensions of a none was shown to be redundant, which does not rule one out",
        ),
        (Directions(("a",), 8, 8), "all 8 dimensions of a are redundant"),
        (
            Directions(("a",), 1, 64, (("1",) * 64,), at="all weights"),
            "1 of 64 dimensions of a is redundant (all weights): adding the same number to all entries changes nothing",
        ),
        (
            Directions(("a",), 1, 3, (("1", "1", "-1/2"),)),
            "1 of 3 dimensions of a is redundant: adding a multiple of (1, 1, −1/2) changes nothing",
        ),
        (
            Directions(("a", "b"), 2, 4, (("1", "0", "1", "0"), ("0", "1", "0", "1")), False),
            "2 of 4 dimensions of a and b together are redundant: adding multiples of (1, 0, 1, 0) and (0, 1, 0, 1) changes "
            "nothing; there may be more",
        ),
        (
            Directions(("a",), 2, 64, (("1", *"0" * 63), ("0", *"1" * 63))),
            "2 of 64 dimensions of a are redundant: the vectors that can be added are printed with --json",
        ),
    ],
)
def test_directions(found: Directions, expected: str) -> None:
    shown = said(Answer("c", (replace(UNKNOWN, directions=found),)))
    assert f" partly {expected}" in re.sub(r"\s+", " ", shown)
    shown = said(Answer("c", (UNKNOWN,), directions=(found,)))
    assert f"{expected[0].upper()}{expected[1:]}" in re.sub(r"\s+", " ", shown)


def test_names_and_numbers() -> None:
    assert [listed("abcdefgh"[:k]) for k in (0, 1, 2, 3)] == ["nothing", "a", "a and b", "a, b and c"]
    assert listed("abcdefgh") == "a, b, c, d, e and 3 more"
    assert [number(x) for x in (0.5, -0.5, 4.2e-15, 1.25e14, 0)] == ["0.5", "−0.5", "4.2e-15", "1.2e14", "0"]


HOSTILE = ("a|b", "<script>alert(1)</script>", "$x_1$", "`code`", "x\n# y", "{b}", "[a](b)", "100%", "\\input{x}", "C:\\a&b~^")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str) -> None:
    verdicts = tuple(replace(v, bias=name, reason=name, layer=name, source=name, operation=name) for v in BN_FIRST.verdicts)
    hostile = replace(BN_FIRST, target=name, verdicts=verdicts, assumptions=(name,))
    page = markdown(answer_document(hostile, explain=True))
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {4, 5}
    body = page.split("-->", 1)[1]
    assert "<script>" not in body
    assert not re.search(r"(?<!\\)[$`\[]", body)
    assert not re.search(r"^# y", body, re.MULTILINE)
    shown = tex(answer_document(hostile, explain=True)).split(r"\begin{document}")[1]
    assert r"\input" not in shown
    assert "$x_1$" not in shown
    assert not re.search(r"(?<!\\)[#%~]", shown)
    assert said(hostile).splitlines()[-1]


def test_pages_say_what_the_text_says() -> None:
    page = markdown(answer_document(BN_FIRST, explain=True))
    assert "| conv1.bias | train | **redundant**: batch normalisation subtracts" in page
    assert "| 3 | v − mean = conv1 − 1/(64·n)·Σ conv1 | ring | sub in bn1 (normalisation.py:61) |" in page
    assert "- **linear**: f(v + s) = f(v) + f(s)" in page
    assert page.rstrip().endswith("**Do this:** Conv(bias=False); keep bn1.beta.")
    assert "Why conv1.bias" not in markdown(answer_document(BN_FIRST))
    assert "## Assumed" not in markdown(answer_document(BN_FIRST))
    shown = tex(answer_document(BN_FIRST, explain=True))
    assert r"conv1.bias & train & \textbf{redundant}: batch" in shown
    assert shown.count(r"\begin{longtable}") == 2


@pytest.mark.parametrize("explain", [False, True])
def test_the_text_fits(explain: bool) -> None:
    long = replace(BN_FIRST.verdicts[2], bias="backbone.layers.3.blocks.11.convolution.bias")
    found = Directions(("a",), 2, 64, (("1",) * 64, ("0",) * 64))
    verdicts = (*BN_FIRST.verdicts, long, replace(UNKNOWN, directions=found))
    for width in (80, 100):
        shown = said(replace(BN_FIRST, verdicts=verdicts), explain, width)
        assert max(map(len, shown.splitlines())) <= width
        assert shown.splitlines()[0] == "conv1.bias"
    assert max(map(len, said(BN_FIRST, explain).splitlines())) <= 80


def test_colour_changes_nothing_but_colour() -> None:
    shown = answer_text(BN_FIRST, COMMAND, 80, True, colour)
    assert "\x1b[33mredundant\x1b[0m   batch" in shown
    assert re.sub(r"\x1b\[\d*m", "", shown) == said(BN_FIRST, explain=True)


def test_an_example_in_every_format() -> None:
    source = example("S0")
    judged = Judged(source, RELU_FIRST, {"bn_first": BN_FIRST})
    shown = example_text(judged, "bnproof prove S0")
    assert shown.startswith("S0: Conv→ReLU→BN: does the convolution need its bias?\n  conv -> relu -> bn\n\nconv1.bias  train")
    assert "Variant bn_first: conv -> bn -> relu\n  conv1.bias: redundant in train, acts in eval\n" in shown
    assert "\nAnswer: Yes, with the ReLU between" in shown
    assert shown.splitlines()[-2].startswith("Do this: keep conv1.bias")
    assert max(map(len, shown.splitlines())) <= 80
    value = example_json(judged)
    assert {key: value[key] for key in RELU_FIRST.as_json()} == RELU_FIRST.as_json()
    assert value["example"] == {
        "name": "S0",
        "title": source.title,
        "answer": judged.sentence,
        "variants": {"bn_first": BN_FIRST.as_json()},
    }
    assert r"**Variant bn\_first:** `conv -> bn -> relu`" in markdown(example_document(judged))
    assert "**Answer.** Yes, with" in markdown(example_document(judged))


def test_no_heavy_import() -> None:
    code = (
        "import sys, bnproof.report.answer.page, bnproof.report.answer.example; "
        "print([m for m in ('sympy', 'jax', 'matplotlib', 'numpy', 'rich') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
