"""The commands as a user runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bnproof.theorems import registry
from bnproof.theorems.claims import CLAIMS, WORDS

ROOT = Path(__file__).resolve().parents[2]
T1 = "bias_cancels_of_batch_statistics"


def run(*args: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONWARNINGS": "error", "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, "-m", "bnproof", *args],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=env,
        cwd=ROOT,
        check=False,
    )


def test_help_names_the_commands() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("theorems", "prove", "claims", "report"))


def test_theorems_lists_them_all() -> None:
    done = run("theorems")
    assert done.returncode == 0
    assert done.stderr == ""
    assert all(name in done.stdout for name in registry.names())
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_prove_prints_a_derivation() -> None:
    done = run("prove", T1)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "A bias before batch normalisation cancels" in done.stdout
    assert "= μ(0) + b" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize("name", registry.names())
def test_every_page_fits_80_columns(name: str) -> None:
    from bnproof.report.pages.theorem import page
    from bnproof.report.writers.layout import columns
    from bnproof.report.writers.terminal import terminal
    from bnproof.theorems.prove import Prover

    shown = terminal(page(Prover().prove(registry.theorem(name))), 80)
    assert [line for line in shown.splitlines() if columns(line) > 80] == []


def test_prove_json() -> None:
    value = json.loads(run("prove", T1, "--json").stdout)
    assert value["schema"] == 1
    assert value["checked"] is True
    assert value["steps"][1]["plain"] == "1/n · ∑ᵢ (zᵢ + b)"


@pytest.mark.parametrize(("form", "mark"), [("md", "$`\\mu(b)`$"), ("tex", r"\begin{longtable}")])
def test_prove_formats(form: str, mark: str) -> None:
    assert mark in run("prove", T1, "--format", form).stdout


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal")
def test_what_is_no_text_is_not_printed_to_a_terminal() -> None:
    import pty

    own, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "bnproof", "prove", T1, "--format", "docx"],
        stdout=terminal,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(terminal)
    os.close(own)
    assert done.returncode == 2
    assert done.stderr == "error: docx is no text: write it to a file, with > answer.docx at the end of the command\n"


def test_unknown_theorem() -> None:
    done = run("prove", "bias_cancel")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: there is no theorem `bias_cancel`. The nearest names:\n")
    assert sum(name in done.stderr.split() for name in registry.names()) == 3


@pytest.mark.parametrize("args", [("nosuch",), ("prove",), ("prove", T1, "--format", "doc"), ("report", "--nosuch")])
def test_wrong_usage(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.returncode == 2
    assert done.stdout == ""


def test_claims_json() -> None:
    value = json.loads(run("claims", "--json").stdout)
    assert value["schema"] == 1
    assert [claim["id"] for claim in value["claims"]] == [claim.id for claim in CLAIMS]
    for claim in value["claims"]:
        assert claim["verdict"] in WORDS
        assert claim["link"] is None or (ROOT / claim["link"]).exists()


def test_claims_text() -> None:
    done = run("claims")
    assert all(claim.id in done.stdout for claim in CLAIMS)
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_theorems_json() -> None:
    value = json.loads(run("theorems", "--json").stdout)
    assert value["schema"] == 1
    assert [t["name"] for t in value["theorems"]] == list(registry.names())
    for theorem in value["theorems"]:
        assert theorem["checked"] is True
        assert theorem["statement"]
        assert theorem["hypotheses"]
        assert theorem["sources"]
        assert theorem["steps"]


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    # a parent in the background may ignore the signal, and children inherit that
    restored = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", restored, sys.executable, "-m", "bnproof", "report", "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    time.sleep(3.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err == "interrupted; no file was left half-written\n"
    assert not (tmp_path / "out").exists()


def test_the_checkout_script() -> None:
    done = subprocess.run([sys.executable, "cli.py", "claims"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0
    assert "S0.a" in done.stdout
