"""Answers in words and in every format: each kind of verdict, hostile names, the width, and the first line."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from bnproof.chain.examples import example
from bnproof.laws import LAWS
from bnproof.report.answer.example import Judged, example_document
from bnproof.report.answer.page import answer_document
from bnproof.report.answer.words import listed, number
from bnproof.report.document import Code, Document, Paragraph
from bnproof.report.writers.layout import colour
from bnproof.report.writers.markdown import markdown
from bnproof.report.writers.terminal import terminal
from bnproof.report.writers.tex import tex
from bnproof.verdict import Answer, Directions, Proof, Statistic, Step, Unlooked, Verdict

from .answers import BN_FIRST, COMMAND, PROOF, RELU_FIRST, UNKNOWN, WITNESS, answer, said


def test_the_answer_comes_first_and_evidence_on_request() -> None:
    assert said(BN_FIRST).splitlines() == [
        "conv1.bias does nothing in training: build it with bias=False.",
        "",
        "conv1.bias  train  redundant  batch normalisation subtracts the mean, and with",
        "                              it any constant [bias_cancels_of_batch_statistics]",
        "            eval   acts       absorbed by bn1.running_mean: stored statistics do",
        "                              not move with the bias",
        "                              [eval_output_moves_of_stored_statistics]",
        "bn1.beta    both   acts       it comes after the normalisation",
        "",
        "Trained already? Evaluation is right as it stands: bn1.running_mean follows",
        "conv1.bias. When you drop it, subtract conv1.bias from bn1.running_mean, and",
        "nothing changes.",
        "",
        'Derivation and witnesses: bnproof prove "conv -> bn -> relu" --explain',
    ]


def test_what_is_irreplaceable_is_kept_and_shown_by_exact_numbers() -> None:
    shown = " ".join(said(RELU_FIRST).split())
    assert shown.startswith("Keep conv1.bias: no values of bn1.gamma and bn1.beta give the output of bn1 without it.")
    assert "[affine_cannot_replace_bias_of_relu_before_batchnorm]" in shown
    assert "Take n = 3, z = (−1, 1, 2), b = 2. Then" in shown
    assert "= 1/2 and" in shown
    assert "With bn1 before relu1, conv1.bias would be redundant: but that is another network." in shown
    assert "round-off" not in shown


def test_explain_prints_the_derivation_the_laws_and_what_is_assumed() -> None:
    shown = said(BN_FIRST, explain=True)
    assert "Why conv1.bias is redundant in training\n" in shown
    lines = shown.splitlines()
    places = [next(k for k, line in enumerate(lines) if step.expression in line) for step in PROOF.steps]
    assert places == sorted(places)
    assert "ring, in bn1 (normalisation.py:61)" in shown
    assert "r1, r2, … do not contain it" not in shown
    words = " ".join(shown.split())
    assert "Hence its gradient is zero, for every loss. A run in float64 agrees." in words
    for name in PROOF.laws:
        assert LAWS[name].statement in words
    assert LAWS["order"].statement not in words
    assert "• literals are the simplest rationals that round to them" in shown
    assert "adding −0.5 to entry 3 moves output[2, 1, 1] by 0.5, 1.2e14 times the round-off bound 4.2e-15 (seed 0)" in words
    assert "Exactly: b: 0 → 1 takes y₁ from 1/2 to 3/2." in words
    assert "max in relu1 (activation.py:20)" in words
    assert "bn1.running_mean depends on conv1.bias (as it must: it tracks the bias)." in words
    assert "--explain" not in shown
    lettered = replace(BN_FIRST.verdicts[0], proof=Proof((Step("v1 = r1 + b", "ring", "add"),)))
    for text in (
        said(Answer("c", (lettered,)), explain=True),
        markdown(answer_document(Answer("c", (lettered,)), explain=True)),
    ):
        assert "Here v1, v2, … are the values" in text


def test_an_acting_parameter_is_explained_by_an_exact_example() -> None:
    shown = " ".join(said(RELU_FIRST, explain=True).split())
    why = shown.split("Why conv1.bias acts in training")[1].split("Why bn1.beta")[0]
    assert "In exact numbers, by [affine_cannot_replace_bias_of_relu_before_batchnorm]:" in why
    assert "z = (−1, 1, 2)" in why
    assert "1/2" in why
    assert "2/3" in why


def test_what_was_not_found_is_not_claimed() -> None:
    bare = replace(BN_FIRST.verdicts[0], gradient_zero=None, confirmed=None)
    shown = " ".join(said(Answer("c", (bare,)), explain=True).split())
    assert "Hence its gradient" not in shown
    assert "A run in float64 agrees" not in shown
    assert "not run" in shown
    assert "not run" not in said(BN_FIRST)
    why = said(Answer("c", (replace(bare, unconfirmed="there are shapes only"),)))
    assert "proved, but not confirmed by a float64 run: there are shapes only" in " ".join(why.split())
    stopped = said(Answer("c", (replace(bare, gradient_zero=False),)))
    assert "   gradient  not zero: the program stops or replaces a gradient" in stopped
    still = replace(RELU_FIRST.verdicts[1], gradient_zero=True)
    assert "   gradient  zero for every loss all the same" in said(Answer("c", (still,)))


def test_undecided() -> None:
    lines = said(Answer("c", (UNKNOWN,))).splitlines()
    assert lines[0] == "Keep conv1.bias for now: it is undecided, and undecided is not redundant."
    assert lines[2:4] == ["conv1.bias  train  undecided  cos is not understood", "   stuck at  cos in odd1 (m.py:7)"]


def test_parameters_are_grouped_and_modes_ordered() -> None:
    given = answer(("b", "eval", "acts"), ("a", "frozen", "acts"), ("b", "train", "redundant"), ("a", "train", "redundant"))
    assert said(given).splitlines()[3:7] == [
        "b  train   redundant  so",
        "   eval    acts       so",
        "a  train   redundant  so",
        "   frozen  acts       so",
    ]


def test_what_is_the_same_is_said_once() -> None:
    long = "a reason that takes more room than a name"
    one = Verdict("conv1.bias", "train", "redundant", long, theorem="rmsnorm_keeps_bias", confirmed=True)
    shown = said(Answer("c", (one, replace(one, bias="conv2.bias"), replace(one, bias="conv3.bias"))))
    assert shown.count(long) == 1
    assert shown.count("[rmsnorm_keeps_bias]") == 1
    assert shown.count("as conv1.bias") == 2
    other = replace(one, bias="conv2.bias", confirmed=None)
    assert "as conv1.bias" not in said(Answer("c", (one, other)))
    both = said(Answer("c", (one, replace(one, mode="eval"))))
    assert "conv1.bias  both  redundant" in both
    two_modes = (one, replace(one, mode="eval", verdict="acts", reason="so", theorem=None))
    shown = said(Answer("c", (*two_modes, *(replace(v, bias="conv2.bias") for v in two_modes))))
    assert "conv2.bias  both              as conv1.bias\n" in shown
    three = said(Answer("c", (one, replace(one, mode="eval"), replace(one, mode="frozen"))))
    assert "conv1.bias  all  redundant" in three


def test_statistics() -> None:
    def explained(given: Answer) -> str:
        return " ".join(said(given, explain=True).split())

    assert "bn1.running_var depends on no parameter listed here." in explained(BN_FIRST)
    mean = Statistic("bn1.running_mean", "train", ("conv1.bias", "conv2.bias"))
    one, two = Verdict("conv1.bias", "train", "acts", ""), Verdict("conv2.bias", "train", "redundant", "")
    shown = explained(Answer("c", (one, two), (mean, replace(mean, mode="eval", depends_on=()))))
    assert "bn1.running_mean depends on conv1.bias and conv2.bias (as it must" not in shown
    assert "bn1.running_mean depends on conv1.bias and conv2.bias (it tracks conv2.bias," in shown
    acting = answer(("conv1.bias", "train", "acts"), statistics=(Statistic("m.running_mean", "train", ("conv1.bias",)),))
    assert "m.running_mean depends on conv1.bias." in explained(acting)
    both = tuple(Statistic(f"bn{k}.running_var", "train", ()) for k in (1, 2))
    shown = explained(answer(("conv1.bias", "train", "acts"), statistics=both))
    assert "bn1.running_var and bn2.running_var depend on no parameter listed here." in shown


def test_witness() -> None:
    second = replace(UNKNOWN, verdict="acts", witness=replace(WITNESS, output=(1, 7), bound=0, exact=None))
    shown = " ".join(said(Answer("c", (second,)), explain=True).split())
    assert "adding −0.5 to entry 3 moves output 1[7] by 0.5, above the round-off bound 0 (seed 0)" in shown
    assert "Exactly" not in shown


def test_sizes_are_said_once() -> None:
    first = replace(BN_FIRST.verdicts[0], sizes="every batch")
    shown = said(replace(BN_FIRST, verdicts=(first, *BN_FIRST.verdicts[1:])), explain=True)
    assert "Sizes where redundant: every batch.\n• Sizes where acts: batch 4.\n" in shown
    verdicts = (UNKNOWN, replace(UNKNOWN, bias="b", sizes="batch 2"), replace(UNKNOWN, bias="c", sizes="batch 4"))
    shown = said(Answer("c", verdicts), explain=True)
    assert "Sizes where undecided (b): batch 2.\n• Sizes where undecided (c): batch 4.\n" in shown


@pytest.mark.parametrize(
    ("found", "expected"),
    [
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


@pytest.mark.parametrize(
    ("complete", "said_so"),
    [
        (True, "In training no part of conv1.bias is redundant by itself (for all values of the others)."),
        (False, "In training no part of conv1.bias was shown to be redundant by itself, which does not rule one out"),
    ],
)
def test_no_direction_is_said_once_for_all(complete: bool, said_so: str) -> None:
    none = replace(UNKNOWN, directions=Directions(("conv1.bias",), 0, 8, complete=complete))
    shown = " ".join(said(Answer("c", (none,))).split())
    assert said_so in shown
    assert "partly" not in shown


def test_directions_that_were_not_looked_at() -> None:
    unlooked = (Unlooked(("a.beta", "b.bias"), "train", "500 numbers, at most 256"),)
    assert "Which part of a.beta and b.bias together is redundant in training was not looked at: 500 numbers, at most 256." in (
        " ".join(said(Answer("c", (UNKNOWN,), unlooked=unlooked)).split())
    )


def test_names_and_numbers() -> None:
    assert [listed("abcdefgh"[:k]) for k in (0, 1, 2, 3)] == ["nothing", "a", "a and b", "a, b and c"]
    assert listed("abcdefgh") == "a, b, c, d, e and 3 more"
    assert [number(x) for x in (0.5, -0.5, 4.2e-15, 1.25e14, 0)] == ["0.5", "−0.5", "4.2e-15", "1.2e14", "0"]


HOSTILE = ("a|b", "<script>alert(1)</script>", "$x_1$", "`code`", "x\n# y", "{b}", "[a](b)", "100%", "\\input{x}", "C:\\a&b~^")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str) -> None:
    verdicts = tuple(replace(v, bias=name, reason=name, layer=name, source=name, operation=name) for v in BN_FIRST.verdicts)
    hostile = replace(BN_FIRST, target=name, verdicts=verdicts, assumptions=(name,), read_as=name)
    page = markdown(answer_document(hostile, explain=True, titled=True))
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {4, 5}
    body = page.split("-->", 1)[1]
    body = re.sub(r"\$`.*?`\$", "", body)  # the theorem's own formulas
    # of code, only what the writer itself makes: the chain as it was read
    code = markdown(Document("x", (Paragraph((Code(" ".join(name.split())),)),))).split("-->")[1].strip()
    outside = body.replace(f"Read as: {code}", "")
    outside = re.sub(r"(?<!\\)\[[a-z\\_]+\]\([a-z_]+\.md\)", "", outside)
    assert "<script>" not in outside
    assert not re.search(r"(?<!\\)[$`\[]", outside)
    assert not re.search(r"^# y", body, re.MULTILINE)
    shown = tex(answer_document(hostile, explain=True, titled=True)).split(r"\begin{document}")[1]
    assert r"\input" not in shown
    assert "$x_1$" not in shown
    assert not re.search(r"(?<!\\)[#%~]", shown)
    assert said(hostile).splitlines()[-1]


def test_pages_say_what_the_text_says() -> None:
    page = markdown(answer_document(BN_FIRST, explain=True, titled=True))
    assert "# conv -\\> bn -\\> relu\n\n**conv1.bias does nothing in training: build it with** `bias=False`." in page
    assert "| conv1.bias | train | **redundant** | batch normalisation subtracts" in page
    assert "[bias\\_cancels\\_of\\_batch\\_statistics](bias_cancels_of_batch_statistics.md)" in page
    assert "|  | v − mean = conv1 − 1/(64·n)·Σ conv1 | ring, in bn1 (normalisation.py:61) |" in page
    assert "- **linear**: f(v + s) = f(v) + f(s)" in page
    assert "the theorem" not in page.splitlines()[0]
    plain = markdown(answer_document(BN_FIRST))
    assert "Why conv1.bias" not in plain
    assert "## Assumed" not in plain
    shown = tex(answer_document(BN_FIRST, explain=True, titled=True))
    assert r"conv1.bias & train & \textbf{redundant} & batch" in shown
    assert shown.count(r"\begin{longtable}") == 2


@pytest.mark.parametrize("explain", [False, True])
def test_the_text_fits(explain: bool) -> None:
    long = replace(BN_FIRST.verdicts[2], bias="backbone.layers.3.blocks.11.convolution.bias")
    found = Directions(("a",), 2, 64, (("1",) * 64, ("0",) * 64))
    verdicts = (*BN_FIRST.verdicts, long, replace(UNKNOWN, directions=found))
    for width in (80, 100):
        shown = said(replace(BN_FIRST, verdicts=verdicts), explain, width)
        assert max(map(len, shown.splitlines())) <= width
    assert max(map(len, said(BN_FIRST, explain).splitlines())) <= 80


def test_colour_changes_nothing_but_colour() -> None:
    shown = terminal(answer_document(BN_FIRST, COMMAND, True), 80, colour)
    assert "\x1b[33mredundant\x1b[0m  batch" in shown
    assert re.sub(r"\x1b\[\d*m", "", shown) == said(BN_FIRST, explain=True)


def test_an_example_in_every_format() -> None:
    source = example("S0")
    first = replace(RELU_FIRST.verdicts[0], bias="conv1.bias")
    judged = Judged(source, replace(RELU_FIRST, verdicts=(first, *RELU_FIRST.verdicts[1:])), {"bn_first": BN_FIRST})
    shown = terminal(example_document(judged, "bnproof prove S0"))
    assert shown.startswith("Yes: in Conv→ReLU→BN keep conv1.bias.")
    assert f"The question (S0): {source.title}\n" in shown
    assert "conv1.bias: redundant in train, acts in eval\n" in shown
    assert shown.splitlines()[-1] == "Derivation and witnesses: bnproof prove S0 --explain"
    value = judged.as_json()
    assert {key: value[key] for key in judged.answer.as_json()} == judged.answer.as_json()
    told = value["example"]
    assert isinstance(told, dict)
    assert told["name"] == "S0"
    assert str(told["answer"]).startswith("Yes: in Conv→ReLU→BN keep conv1.bias.")
    assert told["variants"] == {"bn_first": BN_FIRST.as_json()}
    assert r"**Variant bn\_first:** " in markdown(example_document(judged))


def test_no_heavy_import() -> None:
    code = (
        "import sys, bnproof.report.answer.page, bnproof.report.answer.example; "
        "print([m for m in ('sympy', 'jax', 'matplotlib', 'numpy', 'rich') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
