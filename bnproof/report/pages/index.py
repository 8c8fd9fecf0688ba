"""The index page: questions first, then every theorem by chapter."""

from __future__ import annotations

from collections.abc import Sequence

from ...numeric.recorded import recorded
from ...theorems import registry
from ...theorems.glossary import PLAIN
from ...theorems.prove import Proved
from ...theorems.questions import QUESTIONS
from ..document import Block, Bullets, Document, Heading, Link, Paragraph, Picture, Strong, Table, Text, joined, text
from ..prose import prose


def index_document(proved: Sequence[Proved]) -> Document:
    """Questions with short answers, the pages to start from, and the theorems by chapter."""
    checks = sum(p.checks for p in proved)
    asked = {record["name"]: record["question"] for record in recorded("experiments")["experiments"]}
    blocks: list[Block] = [
        Heading(1, text("Does this bias matter?")),
        Paragraph(
            text(
                f"{len(proved)} theorems about biases before normalisation layers, checked line by line by two independent methods "
                f"({checks} single checks). What holds for n values is proved for every n; that something acts "
                "is shown by an exact example, or for every input where the page says so. Most pages need one course of calculus; "
                "those on floating point also the usual model of rounding. Three things are kept apart: a bias"
            ),
        ),
        Bullets(
            (
                (Strong("acts"), Text(" if a change of it moves the output: an example shows it;")),
                (Strong("is irreplaceable by"), Text(" other parameters if no values of theirs do its work: a theorem;")),
                (Strong("is useful"), Text(" if training gets better with it: an experiment.")),
            )
        ),
        Paragraph(text("A bias that cannot change any output is redundant, again by a theorem.")),
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
        blocks.append(Paragraph(prose(question.answer, PLAIN)))
        proofs = joined(((Link(registry.theorem(name).title, name),) for name in question.theorems), "; ")
        blocks.append(Paragraph((Text("Proofs: "), *proofs, Text("."))))
        if question.experiments:
            measured = joined(((Link(asked[name], "experiments"),) for name in question.experiments), "; ")
            blocks.append(Paragraph((Text("Experiments: "), *measured)))
    blocks += [
        Heading(2, text("Two pictures")),
        Picture("../figures/output_against_bias.svg", "Normalised output against the bias, BN first and ReLU first"),
        Paragraph(
            text(
                "Four samples, ε = 1e-5. With BN directly after the convolution the bias does nothing. With a ReLU between it moves the "
                "outputs where two or three of the four units are active. Where all are active it cancels, where none is nothing is "
                "left of the input. Where one is active the lines look flat: at ε = 0 they are, for one active unit among inactive ones "
                "always normalises to the same values, and so small an ε matters only right after the unit has switched on."
            )
        ),
        Picture("../figures/bias_gradient_against_bound.svg", "Bias gradient against its round-off bound"),
        Paragraph(
            text(
                "Measured by automatic differentiation of a real convolution, for a loss that weights the outputs at random. The "
                "proved zero stays below its derived bound; the control with a ReLU stands far above."
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
