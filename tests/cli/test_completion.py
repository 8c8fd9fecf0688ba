"""Completion is shown and installed for a named shell or the user's own, and answers what the shells ask."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import shellingham

from bnproof.cli.app import COMMANDS, main
from bnproof.cli.completion import SHELLS

ROOT = Path(__file__).resolve().parents[2]


def called(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bnproof", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("shell", SHELLS)
def test_shown(shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(monkeypatch, "--show-completion", shell) == 0
    shown = capsys.readouterr()
    assert "_BNPROOF_COMPLETE" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(
    ("shell", "place", "start"),
    [
        ("bash", ".bash_completions/bnproof.sh", ".bashrc"),
        ("zsh", ".zfunc/_bnproof", ".zshrc"),
        ("fish", ".config/fish/completions/bnproof.fish", ""),
    ],
)
def test_installed(
    shell: str, place: str, start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert called(monkeypatch, "--install-completion", shell) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"{shell} completion installed in {tmp_path / place}" in shown.err
    assert "_BNPROOF_COMPLETE" in (tmp_path / place).read_text()
    assert not start or "completion" in (tmp_path / start).read_text() or "zfunc" in (tmp_path / start).read_text()


def test_where_it_cannot_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".config").write_text("a file")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert called(monkeypatch, "--install-completion", "fish") == 2
    assert "bnproof --show-completion fish prints the script" in capsys.readouterr().err


@pytest.mark.parametrize(("detected", "variable"), [("zsh", "/bin/tcsh"), (None, "/usr/bin/zsh"), ("tcsh", "/bin/zsh")])
def test_the_users_shell(
    detected: str | None, variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    detect(monkeypatch, detected)
    monkeypatch.setenv("SHELL", variable)
    assert called(monkeypatch, "--show-completion") == 0
    assert "compdef" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--show-completion", "--install-completion"])
def test_no_shell_at_all(option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    detect(monkeypatch, None)
    monkeypatch.delenv("SHELL", raising=False)
    assert called(monkeypatch, option) == 2
    assert f"name it, as in bnproof {option} bash" in capsys.readouterr().err


def detect(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    def found(*_: object) -> tuple[str, str]:
        if name is None:
            raise shellingham.ShellDetectionFailure
        return name, name

    monkeypatch.setattr(shellingham, "detect_shell", found)


@pytest.mark.parametrize(
    ("variables", "complete"),
    [
        ({"_BNPROOF_COMPLETE": "complete_bash", "COMP_WORDS": "bnproof ", "COMP_CWORD": "1"}, set(COMMANDS)),
        ({"_BNPROOF_COMPLETE": "complete_bash", "COMP_WORDS": "bnproof th", "COMP_CWORD": "1"}, {"theorems"}),
        ({"_BNPROOF_COMPLETE": "complete_bash", "COMP_WORDS": "bnproof check --su", "COMP_CWORD": "2"}, {"--suite"}),
        ({"_BNPROOF_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "bnproof th"}, {"theorems"}),
        (
            {
                "_BNPROOF_COMPLETE": "complete_fish",
                "_TYPER_COMPLETE_ARGS": "bnproof th",
                "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            },
            {"theorems"},
        ),
    ],
)
def test_what_shells_ask(
    variables: dict[str, str], complete: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert called(monkeypatch) == 0
    out = capsys.readouterr().out
    assert {word for word in {*COMMANDS, "--suite", "--seed"} if word in out} == complete


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes(tmp_path: Path) -> None:
    program = tmp_path / "bnproof"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m bnproof "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(bnproof --show-completion bash)"; COMP_WORDS=(bnproof th); COMP_CWORD=1; '
        '$(complete -p bnproof | sed -E "s/.*-F ([^ ]+).*/\\1/") bnproof th bnproof; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("theorems\n", "")


def test_help_needs_no_validation_and_no_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import sys\nfrom bnproof.cli.app import main\nsys.argv = ['bnproof', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('rich', 'pydantic', 'sympy', 'jax', 'numpy') if m in sys.modules])"
    )
    done: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
