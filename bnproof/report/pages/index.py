"""The index page: questions first, then every theorem by chapter."""

from __future__ import annotations

from collections.abc import Sequence

from ...symbolic.symbols import Vocabulary
from ...theorems import registry
from ...theorems.glossary import GLOSSARY
from ...theorems.prove import Proved
from ...theorems.questions import QUESTIONS
from ..document import Block, Bullets, Document, Heading, Inline, Link, Paragraph, Picture, Table, Text, text
from ..prose import prose

_EMPTY = Vocabulary(GLOSSARY, {})


def index_document(proved: Sequence[Proved]) -> Document:
    """Questions with short answers, the pages to start from, and the theorems by chapter."""
    checks = sum(p.checks for p in proved)
    blocks: list[Block] = [
        Heading(1, text("Does this bias matter?")),
        Paragraph(
            text(
                f"{len(proved)} theorems about biases before normalisation layers, each proved for every batch size and checked "
                f"line by line by two independent methods ({checks} single checks). Every page can be read on its own with one "
                "course of calculus."
            )
        ),
        Bullets(
            (
                (Link("The headline result on one page", "blackboard"), Text(", to be done by hand at a blackboard")),
                (Link("Claims, judged", "claims"), Text(": what five well-known sources say, and whether it holds")),
                (Link("All normalisations in one table", "normalisations"), Text(": what each one does to a bias before it")),
                (
                    Link("Checks", "checks"),
                    Text(": automatic differentiation against derived round-off bounds, in four floating-point formats"),
                ),
                (
                    Link("Experiments", "experiments"),
                    Text(": what floating point and training do, in ten small measurements with figures"),
                ),
                (
                    Link("Glossary", "glossary"),
                    Text(" of symbols; where a letter has several meanings, each page lists the one it uses"),
                ),
            )
        ),
        Heading(2, text("Questions people ask")),
    ]
    for question in QUESTIONS:
        blocks.append(Heading(3, text(question.question)))
        blocks.append(Paragraph(prose(question.answer, _EMPTY)))
        links: list[Inline] = [Text("Proofs: ")]
        for place, name in enumerate(question.theorems):
            links += [Text("; ")] * (place > 0) + [Link(registry.theorem(name).title, name)]
        blocks.append(Paragraph((*links, Text("."))))
    blocks += [
        Heading(2, text("Two pictures")),
        Picture("../figures/output_against_bias.svg", "Normalised output against the bias, BN first and ReLU first"),
        Paragraph(
            text(
                "Four samples. With BN directly after the convolution the bias does nothing. With a ReLU between it moves the "
                "outputs wherever some units are active and some are not."
            )
        ),
        Picture("../figures/bias_gradient_against_bound.svg", "Bias gradient against its round-off bound"),
        Paragraph(
            text(
                "Measured by automatic differentiation of a real convolution with a random cotangent. The proved zero stays below "
                "its derived bound; the control with a ReLU stands far above."
            )
        ),
        Heading(2, text("All theorems")),
    ]
    by_name = {p.theorem.name: p for p in proved}
    for chapter in registry.CHAPTERS:
        blocks.append(Heading(3, text(chapter.title)))
        rows = tuple(
            ((Link(by_name[n].theorem.title, n),), text(f"{by_name[n].steps} steps"), text(f"{by_name[n].checks} checks"))
            for n in chapter.names
        )
        blocks.append(Table((text("theorem"), text("proof"), text("checked")), rows))
    return Document("README", tuple(blocks))
