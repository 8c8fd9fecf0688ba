"""Verdicts of chains: what must be redundant, what must be needed, and what they say besides."""

from __future__ import annotations

import json

import pytest

from bnproof.decide.chain import decide
from bnproof.errors import ChainError
from bnproof.verdict import Answer, Verdict


def verdict(answer: Answer, name: str, mode: str = "train") -> Verdict:
    return next(v for v in answer.verdicts if (v.bias, v.mode) == (name, mode))


TRAIN = {
    "conv -> bn -> relu": {"conv1.bias": "redundant", "bn1.beta": "acts"},
    "conv -> relu -> bn": {"conv1.bias": "acts"},
    "conv(8,k=3,pad=zeros) -> conv(8,k=3,pad=zeros) -> bn": {"conv1.bias": "acts", "conv2.bias": "redundant"},
    "conv(8,k=3,pad=valid) -> conv(8,k=3,pad=valid) -> bn": {"conv1.bias": "redundant", "conv2.bias": "redundant"},
    "conv -> conv(pad=circular) -> bn": {"conv1.bias": "redundant"},
    "conv -> conv(pad=reflect) -> bn": {"conv1.bias": "redundant"},
    "conv -> conv(pad=replicate) -> bn": {"conv1.bias": "redundant"},
    "linear -> relu -> bn -> dropout(0.5) -> linear": {
        "linear1.bias": "acts",
        "bn1.beta": "acts",
        "linear2.bias": "acts",
    },
    "conv -> maxpool -> bn": {"conv1.bias": "redundant"},
    "conv -> upsample -> bn": {"conv1.bias": "redundant"},
    "conv -> residual(conv) -> bn": {"conv1.bias": "acts", "conv2.bias": "redundant"},
    "conv -> residual(conv(pad=circular)) -> bn": {"conv1.bias": "redundant", "conv2.bias": "redundant"},
    "concat(conv; conv(4)) -> bn": {"conv1.bias": "redundant", "conv2.bias": "redundant"},
    "add(conv; conv) -> bn": {"conv1.bias": "redundant", "conv2.bias": "redundant"},
    "conv -> avgpool(3, s=1, pad=1, count_include_pad=no) -> bn": {"conv1.bias": "redundant"},
    "conv -> avgpool(3, s=1, pad=1, count_include_pad=yes) -> bn": {"conv1.bias": "acts"},
    "conv -> gn(1)": {"conv1.bias": "acts"},
    "conv -> gn(8)": {"conv1.bias": "redundant"},
    "conv -> in": {"conv1.bias": "redundant"},
    "conv -> ln": {"conv1.bias": "acts"},
    "conv -> rms": {"conv1.bias": "acts"},
    "conv -> lrelu(1) -> bn": {"conv1.bias": "redundant"},
    "conv -> lrelu(0.1) -> bn": {"conv1.bias": "acts"},
    "bn -> conv(pad=valid) -> bn": {"bn1.beta": "redundant", "conv1.bias": "redundant"},
    "attention(4) -> ln": {"attention1.k.bias": "redundant", "attention1.q.bias": "acts", "attention1.v.bias": "acts"},
    "attention(4, rope=yes) -> ln": {"attention1.k.bias": "acts"},
    "linear -> softmax": {"linear1.bias": "acts"},
}


@pytest.mark.parametrize("text", TRAIN)
def test_training_mode(text: str) -> None:
    answer = decide(text, "train")
    for name, expected in TRAIN[text].items():
        found = verdict(answer, name)
        assert found.verdict == expected, found.reason
        if expected == "redundant":
            assert found.confirmed
            assert found.gradient_zero
            assert found.laws
            assert found.witness is None
            assert found.sizes.startswith("every batch size")
        else:
            assert found.witness is not None
            assert found.witness.change >= 1e3 * found.witness.bound > 0


@pytest.mark.parametrize("mode", ["eval", "frozen"])
def test_stored_statistics_do_not_move_with_the_bias(mode: str) -> None:
    answer = decide("conv -> bn -> relu", mode)  # pyright: ignore[reportArgumentType]
    found = verdict(answer, "conv1.bias", mode)
    assert found.verdict == "acts"
    assert found.reason == "stored statistics do not move with the bias"
    assert answer.statistics == ()


def test_updated_statistics_are_reported_apart() -> None:
    answer = decide("conv -> bn", "train")
    assert {s.name: s.depends_on for s in answer.statistics} == {"bn1.running_mean": ("conv1.bias",), "bn1.running_var": ()}


def test_a_batch_of_one_makes_more_redundant_and_says_so() -> None:
    found = verdict(decide("linear -> relu -> bn @ 1x4", "train"), "linear1.bias")
    assert found.verdict == "redundant"
    assert found.sizes == "batch size 1 only; 4 as given"
    assert verdict(decide("linear -> relu -> bn @ 4x4", "train"), "linear1.bias").verdict == "acts"


def test_both_is_train_and_eval_and_json_has_the_schema() -> None:
    answer = decide("conv -> bn -> relu")
    assert [(v.bias, v.mode) for v in answer.verdicts] == [
        ("conv1.bias", "train"),
        ("conv1.bias", "eval"),
        ("bn1.beta", "train"),
        ("bn1.beta", "eval"),
    ]
    found = json.loads(json.dumps(answer.as_json(), allow_nan=False))
    assert found["schema"] == 2
    assert set(found) >= {"schema", "target", "verdicts", "statistics", "assumptions", "summary"}
    wanted = {
        "bias",
        "mode",
        "verdict",
        "reason",
        "laws",
        "theorem",
        "witness",
        "confirmed",
        "gradient_zero",
        "sizes",
        "directions",
    }
    assert set(found["verdicts"][0]) >= wanted
    assert found["summary"]["redundant_parameters"] == 1
    assert found["summary"]["redundant_numbers"] == 8


def test_all_parameters_are_decided_on_demand() -> None:
    answer = decide("conv -> bn -> relu", "train", all_parameters=True)
    assert [v.bias for v in answer.verdicts] == ["conv1.kernel", "conv1.bias", "bn1.gamma", "bn1.beta"]
    assert verdict(answer, "conv1.bias").verdict == "redundant"
    assert verdict(answer, "conv1.kernel").verdict == "acts"


def test_an_escaping_parameter_names_operation_and_layer() -> None:
    found = verdict(decide("conv -> relu -> bn", "train"), "conv1.bias")
    assert (found.operation, found.layer) == ("max", "relu1")
    assert found.theorem == "output_moves_of_relu_before_batchnorm"


def test_errors_of_the_chain_come_through() -> None:
    with pytest.raises(ChainError, match="did you mean relu"):
        decide("conv -> rellu -> bn")


def test_derivation_ends_with_the_parameter_gone() -> None:
    found = verdict(decide("conv -> maxpool -> bn", "train", explain=True), "conv1.bias")
    assert found.proof is not None
    lines = [step.expression for step in found.proof.steps]
    assert lines[0] == "v1 = r1 + conv1.bias"
    assert lines[-1].endswith("(conv1.bias is gone)")
    assert "16·n·conv1.bias" in " ".join(lines)
    assert set(found.proof.laws) <= set(found.laws)


def test_small_chains_get_an_exact_witness_on_demand() -> None:
    found = verdict(decide("linear(2) -> relu -> bn @ 3x2", "train", explain=True), "linear1.bias")
    assert found.witness is not None
    assert found.witness.exact is not None
    assert "→" in found.witness.exact
    eval_ = verdict(decide("linear(2) -> relu @ 3x2", "eval", explain=True), "linear1.bias", "eval")
    assert eval_.witness is not None
    assert eval_.witness.exact is not None
    assert eval_.witness.exact.endswith("exactly")
    large = verdict(decide("conv -> relu", "train", explain=True), "conv1.bias")
    assert large.witness is not None
    assert large.witness.exact is None


def test_what_holds_for_one_batch_size_only_says_so() -> None:
    one, every = decide("linear -> relu -> bn @ 1x8", "train"), decide("linear -> bn @ 1x8", "train")
    assert one.verdicts[0].verdict == every.verdicts[0].verdict == "redundant"
    assert one.verdicts[0].reason.endswith("(proved for batch size 1 only)")
    assert "batch size" not in every.verdicts[0].reason
