"""``bnproof prove``."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..errors import BnproofError
from .common import interruptible, page_width, paint, print_json, progress

if TYPE_CHECKING:
    from ..report.document import Document
    from ..verdict import Answer


class Format(StrEnum):
    """How to print a derivation."""

    text = "text"
    md = "md"
    tex = "tex"


class Mode(StrEnum):
    """Which statistics the normalisations use."""

    train = "train"
    eval = "eval"
    frozen = "frozen"
    both = "both"


@interruptible
def prove(
    what: Annotated[
        str, typer.Argument(help='A theorem\'s name, an example (S0 … S4), or a chain: "conv -> bn -> relu".', metavar="WHAT")
    ],
    mode: Annotated[
        Mode | None,
        typer.Option(
            "--mode",
            help="train: batch statistics; eval: stored ones; frozen: stored ones while training; both: train and eval.",
            show_default="both",
        ),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print the derivation and what is assumed.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    format: Annotated[Format, typer.Option("--format", help="Text for the terminal, Markdown or LaTeX.")] = Format.text,
    all_parameters: Annotated[
        bool, typer.Option("--all-parameters", help="Kernels and gammas too, not only biases and betas.")
    ] = False,
    directions: Annotated[bool, typer.Option("--directions", help="Say also which part of a parameter is redundant.")] = False,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="For the random numbers of witnesses.", show_default="0")
    ] = None,
) -> None:
    """Does this bias matter? Decide a chain of layers, or check a theorem and print its derivation."""
    what = what.strip()
    if re.fullmatch(r"[a-z0-9_]*_[a-z0-9_]*", what):  # every theorem's name has an underscore, no layer's has
        given = {"mode": mode, "all-parameters": all_parameters or None, "directions": directions or None, "seed": seed}
        _theorem(what, [f"--{name}" for name, value in given.items() if value is not None], format, json)
        return
    command = ["bnproof prove", _quoted(what), *([f"--mode {mode}"] if mode else [])]  # to be typed again, with --explain
    command += ["--all-parameters"] * all_parameters + ["--directions"] * directions
    command += [f"--seed {seed}"] if seed is not None else []
    settings = _Settings((mode or Mode.both).value, all_parameters, directions, explain, seed or 0)
    if re.fullmatch(r"[Ss][0-9]+", what):
        _example(what, settings, " ".join(command), format, json)
    else:
        _chain(what, settings, " ".join(command), format, json)


@dataclass(frozen=True)
class _Settings:
    """What is asked about every chain."""

    mode: Literal["train", "eval", "frozen", "both"]
    all_parameters: bool
    directions: bool
    explain: bool
    seed: int

    def decide(self, chain: str) -> Answer:
        from ..decide.chain import decide

        return decide(
            chain,
            self.mode,
            all_parameters=self.all_parameters,
            directions=self.directions,
            explain=self.explain,
            seed=self.seed,
        )


def _theorem(name: str, unfit: list[str], format: Format, json: bool) -> None:
    from ..report.json import theorem_json
    from ..report.pages.theorem import page
    from ..report.writers.terminal import terminal
    from ..theorems import registry
    from ..theorems.prove import Prover

    theorem = registry.theorem(name)
    if unfit:
        raise BnproofError(
            f"{', '.join(unfit)} cannot be used with a theorem: a theorem says itself which statistics it is about.\n"
            f"Leave it out: bnproof prove {name}"
        )
    proved = Prover().prove(theorem)
    if json:
        print_json({"schema": 1, **theorem_json(proved)})
    elif format is Format.text:
        print(terminal(page(proved), page_width()), end="")
    else:
        _print_page(page(proved), format)


def _chain(chain: str, settings: _Settings, command: str, format: Format, json: bool) -> None:
    from ..report.answer.page import answer_document
    from ..report.answer.text import answer_text

    answer = settings.decide(chain)
    if json:
        print_json(answer.as_json())
    elif format is Format.text:
        print(answer_text(answer, command, page_width(), settings.explain, paint()), end="")
    else:
        _print_page(answer_document(answer, settings.explain), format)


def _example(name: str, settings: _Settings, command: str, format: Format, json: bool) -> None:
    from ..chain.examples import example
    from ..report.answer.example import Judged, example_document, example_json, example_text

    found = example(name)
    chains = {"": found.chain, **found.variants}
    answers = {key: settings.decide(chains[key]) for key in progress(chains, "deciding", len(chains))}
    judged = Judged(found, answers.pop(""), answers)
    if json:
        print_json(example_json(judged))
    elif format is Format.text:
        print(example_text(judged, command, page_width(), settings.explain, paint()), end="")
    else:
        _print_page(example_document(judged, settings.explain), format)


def _print_page(document: Document, format: Format) -> None:
    from ..report.writers.markdown import markdown
    from ..report.writers.tex import tex

    print(markdown(document) if format is Format.md else tex(document), end="")


def _quoted(what: str) -> str:
    """`what` as it can be typed in a shell; a chain in double quotes, which every shell understands."""
    if re.fullmatch(r"[\w.-]+", what):
        return what
    return shlex.quote(what) if re.search(r'["$`\\!]', what) else f'"{what}"'
