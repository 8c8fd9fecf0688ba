"""`bnproof prove`: what is a theorem, an example or a chain; options; formats; errors."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bnproof.chain.examples import EXAMPLES
from bnproof.cli.app import main
from bnproof.decide.irreplaceable import AFTER_RELU
from bnproof.errors import ChainError
from bnproof.theorems import registry
from bnproof.theorems.claims import CLAIMS
from bnproof.verdict import Answer, Verdict

T1 = "bias_cancels_of_batch_statistics"
ROOT = Path(__file__).resolve().parents[2]
CARET = "unknown layer `rellu`\n  conv -> rellu\n          ^^^^^ did you mean relu?"


class Fake:
    """Stands in for the engine: remembers what it was asked, answers the same to everything."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, object]]] = []

    def decide(self, text: str, mode: str = "both", **settings: object) -> Answer:
        self.asked.append((text, mode, settings))
        if "rellu" in text:
            raise ChainError(CARET)
        return Answer(text, (Verdict("conv1.bias", "train", "redundant", "it cancels"),), summary={"parameters": 1})


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    package, module = ModuleType("bnproof.decide"), ModuleType("bnproof.decide.chain")
    module.__dict__["decide"] = fake.decide
    monkeypatch.setitem(sys.modules, "bnproof.decide", package)
    monkeypatch.setitem(sys.modules, "bnproof.decide.chain", module)
    return fake


def run(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bnproof", "prove", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_a_theorem_comes_first(engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, T1) == 0
    assert registry.theorem(T1).title in capsys.readouterr().out
    assert engine.asked == []


@pytest.mark.parametrize("name", ["bias_cancel", "_", "s0_"])
def test_what_looks_like_a_theorem_is_none(
    engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(monkeypatch, name, "--mode", "train") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"error: there is no theorem `{name}`. The nearest names:\n")
    assert engine.asked == []


@pytest.mark.parametrize(
    "option", [("--mode", "eval"), ("--all-parameters",), ("--directions",), ("--seed", "0"), ("--explain",)]
)
def test_options_of_chains_do_not_fit_theorems(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    assert run(monkeypatch, T1, *option) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"error: {option[0]} cannot be used with a theorem")
    assert f"bnproof prove {T1}" in shown.err
    assert run(monkeypatch, "s0.F", *option) == 2
    assert capsys.readouterr().err.startswith(f"error: {option[0]} cannot be used with a claim")


def test_a_claim_is_answered(engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    claim = next(claim for claim in CLAIMS if claim.id == "S0.f")
    assert run(monkeypatch, "S0.f") == 0
    shown = capsys.readouterr().out
    assert shown.lower().startswith(f"{claim.verdict}. ")
    *_, proofs = shown.rstrip().split("\n\n")
    assert proofs.split() == ["Proofs:", *", ".join(f"bnproof prove {name}" for name in claim.theorems).split()]
    assert run(monkeypatch, "s0.f", "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert (value["schema"], value["id"], value["verdict"]) == (1, "S0.f", claim.verdict)
    assert run(monkeypatch, "S0.zz") == 2
    assert capsys.readouterr().err.startswith("error: there is no claim `S0.zz`; did you mean S0.")
    assert engine.asked == []


@pytest.mark.parametrize("name", [*EXAMPLES, *map(str.lower, EXAMPLES)])
def test_an_example_asks_about_its_chain_and_its_variants(
    engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(monkeypatch, name) == 0
    source = EXAMPLES[name.upper()]
    assert [text for text, _, _ in engine.asked] == [source.chain, *source.variants.values()]
    shown = capsys.readouterr()
    assert shown.err == ""
    assert f"The question ({name.upper()}): {source.title}" in " ".join(shown.out.split())
    assert shown.out.splitlines()[-1] == f"Derivation and witnesses: bnproof prove {name} --explain"
    assert all(f"Variant {variant}: " in shown.out for variant in source.variants)


def test_no_such_example(engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "S7") == 2
    assert capsys.readouterr().err.startswith("error: unknown example `S7`")
    assert engine.asked == []


@pytest.mark.parametrize("chain", ["conv -> bn -> relu", "conv", "conv(k=3) -> bn", "sigmoid", "leaky_relu"])
def test_everything_else_is_a_chain(
    engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], chain: str
) -> None:
    assert run(monkeypatch, chain) == 0
    settings = {"all_parameters": False, "directions": False, "explain": False, "seed": 0}
    assert engine.asked == [(chain, "both", settings)]
    assert capsys.readouterr().out.startswith("conv1.bias does nothing in training: build it with bias=False.\n")


def test_settings_reach_the_engine_and_are_repeated_in_the_pointer(
    engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "conv → bn", "--mode", "frozen", "--all-parameters", "--directions", "--seed", "3") == 0
    assert engine.asked[0][1:] == ("frozen", {"all_parameters": True, "directions": True, "explain": False, "seed": 3})
    again = 'bnproof prove "conv → bn" --mode frozen --all-parameters --directions --seed 3 --explain'
    assert f"Derivation and witnesses: {again}" in " ".join(capsys.readouterr().out.split())
    run(monkeypatch, "conv -> bn", "--seed", "3")
    assert 'bnproof prove "conv -> bn" --seed 3 --explain' in " ".join(capsys.readouterr().out.split())
    run(monkeypatch, "conv -> bn", "--explain")
    assert engine.asked[-1][2]["explain"] is True


def test_json(engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "conv -> bn", "--json") == 0
    assert json.loads(capsys.readouterr().out) == engine.decide("conv -> bn").as_json()
    assert run(monkeypatch, "s0", "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert set(value) == {*Answer("", ()).as_json(), "example"}
    assert value["target"] == EXAMPLES["S0"].chain
    assert value["example"]["name"] == "S0"
    assert value["example"]["variants"] == {"bn_first": engine.decide(EXAMPLES["S0"].variants["bn_first"]).as_json()}


@pytest.mark.parametrize("what", ["conv -> bn", "S4"])
@pytest.mark.parametrize(("form", "mark"), [("md", "**redundant** | it cancels"), ("tex", r"\textbf{redundant} & it cancels")])
def test_formats(
    engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str, form: str, mark: str
) -> None:
    assert run(monkeypatch, what, "--format", form) == 0
    assert mark in capsys.readouterr().out


def test_a_chain_that_cannot_be_read_is_refused_before_the_engine(
    engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "conv -> rellu") == 2
    assert capsys.readouterr() == ("", f"error: {CARET}\n")
    assert engine.asked == []


def test_options_that_exclude_each_other(
    engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "conv", "--json", "--format", "tex") == 2
    assert capsys.readouterr().err.startswith("error: --json and --format exclude each other")
    assert run(monkeypatch, "conv", "--format", "pfd") == 2
    assert "unknown format `pfd`" in capsys.readouterr().err
    assert engine.asked == []


def test_a_chain_from_standard_input(engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("conv -> bn\n"))
    assert run(monkeypatch, "-") == 0
    assert engine.asked[0][0] == "conv -> bn"


def test_colour_on_a_terminal_only(engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    run(monkeypatch, "conv")
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    run(monkeypatch, "conv")
    assert "\x1b[33mredundant\x1b[0m" in capsys.readouterr().out
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            run(monkeypatch, "conv")
            assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "args", [(), ("conv", "--mode", "test"), ("conv", "--format", "pfd"), ("conv", "--seed", "-1"), ("a", "b"), ("",)]
)
def test_wrong_usage(
    engine: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]
) -> None:
    assert run(monkeypatch, *args) == 2
    assert capsys.readouterr().out == ""
    assert engine.asked == []


def typed(*args: str) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, with the engine."""
    env = {**os.environ, "PYTHONWARNINGS": "error", "COLUMNS": "80"}
    command = [sys.executable, "-m", "bnproof", "prove", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=env, cwd=ROOT, check=False)


def test_bn_first() -> None:
    done = typed("conv -> bn -> relu")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "conv1.bias does nothing in training: build it with bias=False."
    assert "conv1.bias  train  redundant  " in done.stdout
    assert "            eval   acts       " in done.stdout
    assert "bn1.beta    both   acts       " in done.stdout
    assert "subtract conv1.bias from bn1.running_mean, and nothing changes." in " ".join(done.stdout.split())
    assert lines[-1] == 'Derivation and witnesses: bnproof prove "conv -> bn -> relu" --explain'
    assert len(lines) < 20
    assert max(map(len, lines)) <= 80


def test_relu_first() -> None:
    done = typed("conv -> relu -> bn")
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert said.startswith(
        "Keep conv1.bias: no values of conv1.kernel, bn1.gamma and bn1.beta give the output of bn1 without it."
    )
    assert f"[{AFTER_RELU}]" in said
    assert "With bn1 before relu1, conv1.bias would be redundant: but that is another network." in said
    explained = typed("conv -> relu -> bn", "--explain").stdout
    assert "does not get past" not in explained
    assert "adding " in explained
    assert "In exact numbers, by" in explained


def test_a_misspelt_layer() -> None:
    done = typed("conv -> rellu -> bn")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: unknown layer `rellu`\n  conv -> rellu -> bn\n          ^^^^^ did you mean relu?\n"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_source_is_answered(name: str) -> None:
    done = typed(name)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Undecided" not in done.stdout
    assert "ask with --mode both" not in done.stdout
    assert f"The question ({name})" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_explain_shows_a_derivation() -> None:
    done = typed("conv -> bn", "--explain", "--mode", "train")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Why conv1.bias is redundant in training\n" in done.stdout
    assert "\nThe laws\n" in done.stdout
    assert "\nAssumed\n" in done.stdout


def test_directions() -> None:
    done = typed("conv -> ln", "--directions", "--mode", "train")
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert "partly 1 of 8 dimensions of conv1.bias is redundant" in said
    assert "adding the same number to all entries changes nothing" in said


def test_the_command_loads_no_sympy() -> None:
    code = (
        "import sys, contextlib, io\nfrom bnproof.cli.app import main\nsys.argv = ['bnproof', 'prove', 'conv -> bn']\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n    main()\n"
        "print('jax' in sys.modules, [m for m in ('sympy', 'matplotlib') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.strip() == "True []"


@pytest.mark.parametrize(
    "chain",
    [
        "conv -> bn -> relu",
        "conv -> maxpool(2) -> bn",
        "conv -> conv(pad=valid) -> bn -> relu",
        "residual(conv(3)) -> bn",
        "concat(conv; conv) -> bn -> relu",
        "conv -> bn -> bn",
        "conv -> concat(bn -> relu; in)",
        "linear -> bn -> relu -> linear -> bn",
    ],
)
def test_lowering_the_stored_mean_keeps_evaluation(chain: str) -> None:
    """What the answer advises for a trained network is true, number for number."""
    import jax
    import numpy as np

    from bnproof.chain.build import build
    from bnproof.decide.chain import decide
    from bnproof.report.answer.advice import stored_mean

    built = build(chain)
    params, stats = built.init(jax.random.key(1))
    params = {name: value + 0.5 if value.ndim == 1 else value for name, value in params.items()}
    x = jax.random.normal(jax.random.key(2), built.input_shape)
    answer = decide(chain)
    moved = {name: mean for name in built.parameters if (mean := stored_mean(answer, name))}
    assert moved
    for name, mean in moved.items():
        without = {**params, name: 0 * params[name]}
        means = [built.apply(values, stats, x, "train")[1][mean] for values in (params, without)]
        lowered = {**stats, mean: stats[mean] - (means[0] - means[1]) / 0.1}
        before, after = built.apply(params, stats, x, "eval")[0], built.apply(without, lowered, x, "eval")[0]
        np.testing.assert_allclose(before, after, atol=1e-4)
        assert np.abs(before - built.apply(without, stats, x, "eval")[0]).max() > 1e-2
