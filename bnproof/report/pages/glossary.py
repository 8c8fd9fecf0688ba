"""The glossary page: every symbol of every page."""

from __future__ import annotations

from ...theorems.glossary import GLOSSARY
from ..document import Document, Heading, Link, Math, Navigation, Paragraph, Table, Text, text

_SORTS = {
    "size": "positive integer",
    "count": "integer ≥ 0",
    "integer": "integer ≥ 0",
    "index": "index",
    "positive": "real > 0",
    "nonnegative": "real ≥ 0",
    "real": "real",
    "indicator": "0 or 1",
}


def glossary_document() -> Document:
    """All symbols with their sort and meaning, and the notation for sums."""
    rows = tuple(
        ((Math(s.latex, s.plain),), text(_SORTS[s.sort] + (", for each index" if s.rank else "")), text(s.meaning))
        for s in GLOSSARY.values()
    )
    return Document(
        "glossary",
        (
            Heading(1, text("Glossary")),
            Paragraph(
                (
                    Math(r"\mathrm{mean}_i(\dots)", "meanᵢ(…)"),
                    Text(" is the sum over all "),
                    Math("i", "i"),
                    Text(" divided by their number, "),
                    Math(r"\mathrm{var}_i(\dots)", "varᵢ(…)"),
                    Text(" the mean squared deviation from it (no correction), "),
                    Math(r"\delta_{ij}", "δᵢⱼ"),
                    Text(
                        " is 1 if both indices are equal and 0 otherwise. Where a letter has several meanings, each page lists the "
                        "one it uses, and its further abbreviations."
                    ),
                )
            ),
            Table((text("symbol"), text("sort"), text("meaning")), rows),
            Navigation((Link("All theorems", "README"),)),
        ),
    )
