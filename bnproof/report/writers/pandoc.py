"""Pandoc: the LaTeX of formulas as MathML and as Typst, all of a document's in one run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

from ...errors import BnproofError
from ..document import Document, Math, inlines
from .extras import EXTRA, needed

_API = [1, 23, 1]
"""The version of pandoc's document model that is written here."""
_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_ACCENTS = {
    "\N{COMBINING CIRCUMFLEX ACCENT}": "\N{MODIFIER LETTER CIRCUMFLEX ACCENT}",
    "\N{COMBINING TILDE}": "\N{SMALL TILDE}",
}
"""Accents that stand by themselves: browsers place a combining one beside its letter."""
DISPLAYED = r"\displaystyle"
"""What LaTeX begins with where fractions and sums are to be set in full size."""


def pandoc(
    content: bytes,
    form: str,
    target: str,
    *options: str,
    folder: Path | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """What pandoc makes of a document in its own JSON; `form` is what the user asked for, `target` what pandoc writes.

    `folder` holds the files that the document names, such as figures; `environment` is added to this process's.

    Raises BnproofError where pandoc is missing or cannot read a formula.
    """
    tool: Any = needed("pypandoc", form)
    try:
        path = str(tool.get_pandoc_path())
        done = subprocess.run(
            [path, "-f", "json", "-t", target, "--wrap=none", "--fail-if-warnings", *options],
            input=content,
            capture_output=True,
            check=False,
            cwd=folder,
            env={**os.environ, **environment},
        )
    except OSError as error:  # pypandoc without the program
        raise BnproofError(
            f"format {form} needs pandoc, which does not run here ({error}): pip install 'bnproof[{EXTRA}]'"
        ) from error
    if done.returncode:
        raise BnproofError(f"pandoc could not write {form}: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout


def ast(blocks: Sequence[object], meta: Mapping[str, object] = MappingProxyType({})) -> bytes:
    """Blocks, and what is known about them, as a document in pandoc's JSON."""
    return json.dumps({"pandoc-api-version": _API, "meta": dict(meta), "blocks": blocks}, ensure_ascii=False).encode()


def formulas(document: Document) -> list[str]:
    """The LaTeX of all formulas of a document, each once, in reading order."""
    return list(dict.fromkeys(piece.latex for piece in inlines(document) if isinstance(piece, Math)))


def _in_one_run(latex: Iterable[str], form: str, target: str, *options: str) -> tuple[list[str], str]:
    listed = list(latex)
    blocks = [{"t": "Para", "c": [{"t": "Math", "c": [{"t": "InlineMath"}, formula]}]} for formula in listed]
    return listed, pandoc(ast(blocks), form, target, *options).decode()


def mathml(latex: Iterable[str], form: str = "html") -> dict[str, str]:
    """LaTeX formulas → MathML elements."""
    listed, shown = _in_one_run(latex, form, "html5", "--mathml")
    found = [
        _formula(paragraph, formula)
        for paragraph, formula in zip(ElementTree.fromstring(f"<r>{shown}</r>"), listed, strict=True)
    ]
    return dict(zip(listed, found, strict=True))


def _formula(paragraph: ElementTree.Element, latex: str) -> str:
    """The formula as browsers want it: no copy of its source, hats that keep their width, and full size where that is asked for."""
    semantics = paragraph[0][0]
    shown = ElementTree.Element("math")
    if latex.startswith(DISPLAYED):
        shown.set("displaystyle", "true")
    shown.append(semantics[0])
    for element in shown.iter():
        element.tag = element.tag.removeprefix(_MATHML)
        if element.tag == "mover" and element[1].get("accent") == "true":
            element.set("accent", "true")
            element[1].text = _ACCENTS.get(element[1].text or "", element[1].text)
            if len(element[0]) == 0:
                element[1].set("stretchy", "false")
    return ElementTree.tostring(shown, encoding="unicode")


def typst_math(latex: Iterable[str], form: str = "pdf") -> dict[str, str]:
    """LaTeX formulas → Typst's, between dollars."""
    listed, shown = _in_one_run(latex, form, "typst")
    found = shown.strip().split("\n\n") if listed else []
    return dict(zip(listed, found, strict=True))
