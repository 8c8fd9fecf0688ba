"""What a report is about when it is not the whole book: one document, and the same as JSON, for each thing one can ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import UnknownNameError, nearest
from ..numeric.checking.measurement import Measurement
from ..theorems import registry
from ..theorems.prove import Proved, Prover
from ..theorems.registry import CHAPTERS, Chapter
from ..verdict import Answer
from .answer.page import answer_document
from .book import chapter_document
from .document import Cite, Document, inlines
from .json import claims_json, theorem_json
from .measurements import measurements_json
from .pages.claims import claims_document
from .pages.run import run_document
from .pages.theorem import page

LONGEST_STEM = 60
"""Letters of a file's name that is made from a chain."""
_NO_FILE = re.compile(r"[^a-z0-9]+")
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)


@dataclass(frozen=True)
class Selection:
    """A document with the pages it binds, and the JSON objects that say the same, by file stem."""

    document: Document
    json: Mapping[str, Mapping[str, object]]


def theorem_selection(name: str) -> Selection:
    """One theorem, proved anew. Raises UnknownNameError with the nearest names, ProofError for a theorem that does not hold."""
    proved = Prover().prove(registry.theorem(name))
    return Selection(page(proved), {name: theorem_json(proved)})


def chapter(name: str) -> Chapter:
    """The chapter of that folder or title, in any case. Raises UnknownNameError with the names there are."""
    for each in CHAPTERS:
        if name.lower() in (each.folder, each.title.lower()):
            return each
    known = [each.folder for each in CHAPTERS]
    raise UnknownNameError(
        f"there is no chapter `{name}`; did you mean {nearest(name, known, 1)[0]}? All of them: {', '.join(known)}"
    )


def chapter_selection(which: Chapter, proved: Sequence[Proved]) -> Selection:
    """A chapter from its proved theorems."""
    return Selection(chapter_document(which, proved), {each.theorem.name: theorem_json(each) for each in proved})


def chain_selection(answer: Answer, chain: str) -> Selection:
    """The answer for one chain with all its evidence, and the proofs that it cites as pages behind it."""
    shown = answer_document(answer, explain=True, titled=True)
    prover = Prover()
    cited = dict.fromkeys(piece.theorem for piece in inlines(shown) if isinstance(piece, Cite))
    parts = tuple(page(prover.prove(registry.theorem(name))) for name in cited)
    program = (
        f"import bnproof\n\nanswer = bnproof.prove({chain!r})\n"
        "for verdict in answer.verdicts:\n    print(verdict.bias, verdict.mode, verdict.verdict)"
    )
    stem = file_stem(chain)
    document = replace(shown, stem=stem, made="bnproof report", parts=parts, program=program)
    return Selection(document, {stem: answer.as_json()})


def claims_selection() -> Selection:
    """The ledger of claims."""
    return Selection(claims_document(), {"claims": claims_json()})


def run_selection(measured: Sequence[Measurement], run: Mapping[str, object]) -> Selection:
    """A run of the numeric checks; `run` says where it was made and how long it took."""
    return Selection(run_document(measured, run), {"checks_run": measurements_json(measured, run)})


def file_stem(words: str) -> str:
    """A file's name from any words: letters, digits and hyphens alone, so that it names no other folder and needs no quotes."""
    stem = _NO_FILE.sub("-", words.lower()).strip("-")[:LONGEST_STEM].strip("-")
    return f"chain-{stem}" if not stem or _RESERVED.fullmatch(stem) else stem


def stems(document: Document) -> Iterable[str]:
    """Those of a document and of all pages that it binds."""
    yield document.stem
    for part in document.parts:
        yield from stems(part)
