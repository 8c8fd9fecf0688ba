"""``bnproof prove``."""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ..asking import Settings, claim_of, judge, subject_of
from ..errors import BnproofError
from ..modes import Asked
from ..report.writers import WRITERS, Writer, writer
from ..report.writers.terminal import terminal
from .common import interruptible, page_width, paint, print_json, progress, read_input

if TYPE_CHECKING:
    from ..report.document import Document


@interruptible
def prove(
    what: Annotated[
        str,
        typer.Argument(
            help="A chain of layers (\"conv -> bn -> relu\", PyTorch's and Keras' words too), a theorem's name, an example (S0 … S4) "
            "or a claim (S0.f); - reads it from standard input.",
            metavar="WHAT",
        ),
    ],
    mode: Annotated[
        Asked | None,
        typer.Option(
            "--mode",
            help="train: batch statistics; eval: stored ones; frozen: stored ones while training; both: train and eval.",
            show_default="both",
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print derivations, witnesses, statistics, sizes and what is assumed.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    format: Annotated[
        str | None, typer.Option("--format", help=f"{', '.join(WRITERS)}.", show_default="text", metavar="FORMAT")
    ] = None,
    all_parameters: Annotated[
        bool, typer.Option("--all-parameters", help="Kernels and gammas too, not only biases and betas.")
    ] = False,
    directions: Annotated[bool, typer.Option("--directions", help="Say also which part of a parameter is redundant.")] = False,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="For the random numbers of witnesses.", show_default="0")
    ] = None,
) -> None:
    """Does this bias matter? Decide a chain of layers, check a theorem and print its derivation, or answer a claim."""
    if json and format is not None:
        raise BnproofError("--json and --format exclude each other: leave one out")
    written = writer("text" if format is None else format)
    what = (read_input() if what == "-" else what).strip()
    given = {
        "--mode": mode,
        "--all-parameters": all_parameters or None,
        "--directions": directions or None,
        "--seed": seed,
        "--explain": explain or None,
    }
    subject = subject_of(what)
    if subject in ("theorem", "claim"):
        (_theorem if subject == "theorem" else _claim)(
            what, [name for name, value in given.items() if value is not None], written, json
        )
        return
    typed = _quoted(what)
    command = " ".join(
        ["bnproof prove", typed, *([f"--mode {mode}"] if mode else [])]
        + ["--all-parameters"] * all_parameters
        + ["--directions"] * directions
        + ([f"--seed {seed}"] if seed is not None else [])
    )
    settings = Settings(mode or "both", all_parameters, directions, explain, seed or 0)
    (_example if subject == "example" else _chain)(what, settings, command if typed else "the same command with", written, json)


def _refused(unfit: list[str], subject: str, name: str) -> None:
    if unfit:
        raise BnproofError(
            f"{', '.join(unfit)} cannot be used with a {subject}: it is about a chain of layers.\nLeave it out: bnproof prove {name}"
        )


def _theorem(name: str, unfit: list[str], form: Writer, json: bool) -> None:
    from ..theorems import registry

    theorem = registry.theorem(name)
    _refused(unfit, "theorem", name)
    from ..report.json import theorem_json
    from ..report.pages.theorem import page
    from ..theorems.prove import Prover

    proved = Prover().prove(theorem)
    if json:
        print_json({"schema": 1, **theorem_json(proved)})
    else:
        _print(page(proved), form)


def _claim(name: str, unfit: list[str], form: Writer, json: bool) -> None:
    from ..report.answer.claim import claim_document
    from ..report.json import claim_json

    claim = claim_of(name)
    _refused(unfit, "claim", claim.id)
    if json:
        print_json({"schema": 1, **claim_json(claim)})
    else:
        _print(claim_document(claim, titled=form.pages), form)


def _chain(chain: str, settings: Settings, command: str, form: Writer, json: bool) -> None:
    from ..report.answer.page import answer_document

    answer = settings.decide(chain)
    if json:
        print_json(answer.as_json())
    else:
        _print(answer_document(answer, command, settings.explain, titled=form.pages), form)


def _example(name: str, settings: Settings, command: str, form: Writer, json: bool) -> None:
    from ..report.answer.example import example_document

    judged = judge(name, settings, progress)
    if json:
        print_json(judged.as_json())
    else:
        _print(example_document(judged, command, settings.explain, titled=form.pages), form)


def _print(document: Document, form: Writer) -> None:
    shown = form.write(document) if form.pages else terminal(document, page_width(), paint())
    if isinstance(shown, bytes):
        if sys.stdout.isatty():
            raise BnproofError(
                f"{form.name} is no text: write it to a file, with > answer.{form.suffix} at the end of the command"
            )
        sys.stdout.buffer.write(shown)
    else:
        print(shown, end="")


def _quoted(what: str) -> str:
    """`what` as it can be typed in a shell; a chain in double quotes, which every shell understands; empty if it is too long for that."""
    if re.fullmatch(r"[\w.-]+", what):
        return what
    if "\n" in what or len(what) > 200:
        return ""
    return shlex.quote(what) if re.search(r'["$`\\!]', what) else f'"{what}"'
