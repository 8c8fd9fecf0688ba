"""Documents that tests write in every format: names as hostile as can be, and a theorem's page."""

from __future__ import annotations

from functools import cache

from bnproof.report.document import (
    Bullets,
    Cite,
    Code,
    Derivation,
    Details,
    Document,
    Entry,
    Heading,
    Ledger,
    Link,
    Listing,
    Math,
    Paragraph,
    Picture,
    Prose,
    Row,
    Strong,
    Table,
    Text,
    text,
)
from bnproof.report.pages.theorem import page
from bnproof.theorems import registry
from bnproof.theorems.prove import Prover

T1 = "bias_cancels_of_batch_statistics"
HOSTILE = (
    '<script>alert(1)</script> $x$ \\input{/etc/passwd} ../../up "q" \'s\' #eval("1") `tick` {curly} & % _u_ *s* ]] '
    "\\write18{ls} --> </style>"
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10" fill="red"/></svg>'


def hostile() -> Document:
    """The same words in every place where words can stand."""
    words: Prose = (Text(HOSTILE), Strong(HOSTILE), Code(HOSTILE), Cite("a_theorem"), Link(HOSTILE, "javascript:alert(1)"))
    return Document(
        "hostile",
        (
            Heading(1, text(HOSTILE)),
            Paragraph((*words, Math("x", "x"))),
            Bullets((words,)),
            Derivation((Row("", Text(HOSTILE), words), Row("=", Math("b", "b"), words))),
            Table((text(HOSTILE), text("b"), text("c")), ((words, words, words),)),
            Ledger((HOSTILE, "why"), (Entry((words,), words, ((HOSTILE, words),)),)),
            Picture("../figures/missing.svg", HOSTILE),
            Picture("../figures/there.svg", HOSTILE),
            Listing(f"x = {HOSTILE!r}"),
            Details(HOSTILE, (Paragraph(words),)),
        ),
        pictures={"there.svg": SVG},
    )


@cache
def theorem_page() -> Document:
    """The page of the first theorem."""
    return page(Prover().prove(registry.theorem(T1)))
