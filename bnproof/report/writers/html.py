"""Documents as one self-contained web page: MathML with its font inside, figures inside, no script, no request to anywhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import PurePosixPath

from ..document import (
    Block,
    Bullets,
    Cite,
    Code,
    Derivation,
    Details,
    Document,
    Entry,
    Heading,
    Inline,
    Ledger,
    Link,
    Listing,
    Math,
    Navigation,
    Paragraph,
    Picture,
    Prose,
    Row,
    Ruled,
    Strong,
    Table,
    Text,
    plain_text,
)
from .pandoc import DISPLAYED, formulas, mathml
from .places import Places, together

_ASSETS = "assets"
_LONG = 34
"""A formula in running text of more letters can be scrolled where it is wider than the page."""
_PUNCTUATION = re.compile(r"[.,;:!?)\]”’]+(?=\s|$)")
_SHORT = 12
"""Letters of a cell without blanks that stay on one line."""
_VERDICTS = {"acts": "acts", "irreplaceable": "acts", "redundant": "redundant", "undecided": "undecided"}


def html(document: Document) -> str:
    """The page, or the pages bound into one, as HTML."""
    writer = _Html(document)
    title = escape(plain_text(document.title))
    body = "\n".join(writer.body(document))
    return (
        f'<!DOCTYPE html>\n<!-- {escape(document.mark).replace("--", "- -")} -->\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:\">\n"
        f'<link rel="icon" href="data:,">\n<title>{title}</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n'
    )


@cache
def _style() -> str:
    folder = files(__name__.rpartition(".")[0]) / _ASSETS
    font = base64.b64encode((folder / "math.woff2").read_bytes()).decode()
    return (folder / "page.css").read_text(encoding="utf-8").replace("MATH_FONT", f"data:font/woff2;base64,{font}")


class _Html:
    def __init__(self, document: Document) -> None:
        self.math: Mapping[str, str] = mathml(formulas(document))
        self.places = Places(document)
        self.pictures = document.pictures
        self.deeper = 0

    def body(self, document: Document) -> list[str]:
        if not document.parts:
            return [f"<main>\n{self.blocks(document.blocks)}\n</main>"]
        title, *others = document.blocks
        return [
            '<a class="skip" href="#contents">Contents</a>',
            f'<main id="{escape(document.stem)}">',
            self.block(title),
            '<nav id="contents" aria-label="Contents">\n<details>\n'
            f"<summary>Contents</summary>\n{self.listed(document.parts)}\n</details>\n</nav>",
            self.blocks(tuple(others)),
            *(self.part(part, 1) for part in document.parts),
            "</main>",
        ]

    def listed(self, parts: tuple[Document, ...]) -> str:
        """The table of contents, chapters with their pages."""
        lines = (
            f'<li><a href="#{escape(part.stem)}">{self.prose(part.title)}</a>{self.listed(part.parts) if part.parts else ""}</li>'
            for part in parts
        )
        return "<ol>\n" + "\n".join(lines) + "\n</ol>"

    def part(self, part: Document, depth: int) -> str:
        """A bound page; its headings are as many levels deeper."""
        self.deeper = depth
        own = self.blocks(part.blocks)
        inner = "\n".join(self.part(each, depth + 1) for each in part.parts)
        up = "" if part.parts else '<p class="up"><a href="#contents">Contents</a></p>'
        return f'<article id="{escape(part.stem)}">\n{own}\n{inner}{up}\n</article>'

    def blocks(self, blocks: tuple[Block, ...]) -> str:
        return "\n".join(shown for shown in map(self.block, blocks) if shown)

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, prose):
                shown = min(level + self.deeper, 6)
                return f"<h{shown}>{self.prose(prose)}</h{shown}>"
            case Paragraph((Text("∎"),)):
                return '<p class="end" aria-label="end of the proof">∎</p>'
            case Paragraph(prose):
                return f"<p>{self.prose(prose)}</p>"
            case Bullets(items, numbered):
                kind = "ol" if numbered else "ul"
                return f"<{kind}>\n" + "\n".join(f"<li>{self.prose(item)}</li>" for item in items) + f"\n</{kind}>"
            case Derivation(rows):
                return '<ol class="derivation" role="list">\n' + "\n".join(map(self.row, rows)) + "\n</ol>"
            case Table(header, rows):
                lines = "\n".join(map(self.cells, rows))
                return self.table("table", header, lines)
            case Ledger(header, entries):
                lines = "\n".join(self.entry(header, entry) for entry in entries)
                return self.table("ledger", tuple((Text(name),) for name in header), lines)
            case Picture(path, alt):
                return self.picture(path, alt)
            case Listing(program):
                return f'<pre tabindex="0"><code>{escape(program)}</code></pre>'
            case Navigation(links):
                leading = [link for link in links if self.places.of(link.target)]
                return f'<p class="neighbours">{" · ".join(map(self.inline, leading))}</p>' if leading else ""
            case Details(summary, inner):
                return f"<details>\n<summary>{escape(summary)}</summary>\n{self.blocks(inner)}\n</details>"

    def row(self, row: Row) -> str:
        if isinstance(row.math, Math):
            shown = self.math[row.math.latex].replace("<math>", '<math displaystyle="true">', 1)
        else:
            shown = escape(row.math.text)
        relation = f'<span class="relation">{escape(row.relation)}</span> ' if row.relation else ""
        why = f' <span class="why">{self.prose(row.reason)}</span>' if row.reason else ""
        return f'<li>{relation}<span class="step">{shown}</span>{why}</li>'

    def table(self, kind: str, header: tuple[Prose, ...], lines: str) -> str:
        names = "".join(f'<th scope="col">{self.prose(cell)}</th>' for cell in header)
        label = escape(", ".join(filter(None, map(plain_text, header))) or "table")
        return (
            f'<div class="scroll" tabindex="0" role="region" aria-label="Table: {label}">\n<table class="{kind}">\n'
            f"<thead><tr>{names}</tr></thead>\n"
            f"<tbody>\n{lines}\n</tbody>\n</table>\n</div>"
        )

    def cells(self, cells: tuple[Prose, ...]) -> str:
        return "<tr>" + "".join(map(self.cell, cells)) + "</tr>"

    def cell(self, prose: Prose) -> str:
        """A cell of a table; a number or a short name is not broken at its hyphen."""
        words = plain_text(prose)
        kept = ' class="kept"' if len(words) <= _SHORT and " " not in words else ""
        return f"<td{kept}>{self.prose(prose)}</td>"

    def entry(self, header: tuple[str, ...], entry: Entry) -> str:
        short = "".join(
            f'<td data-label="{escape(name)}">{self.prose(cell)}</td>' for name, cell in zip(header, entry.cells, strict=False)
        )
        notes = "".join(f'<div class="note"><b>{escape(label)}:</b> {self.prose(said)}</div>' for label, said in entry.notes)
        return f'<tr>{short}<td class="words">{self.prose(entry.words)}{notes}</td></tr>'

    def picture(self, path: str, alt: str) -> str:
        """A figure inside the page; its words alone where it is not at hand."""
        found = self.pictures.get(PurePosixPath(path).name)
        if found is None:
            return f'<p class="missing">Figure: {escape(alt)}</p>'
        data = base64.b64encode(found.encode() if isinstance(found, str) else found).decode()
        return f'<figure>\n<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">\n</figure>'

    def prose(self, prose: Prose) -> str:
        """Pieces in a line; a formula and the punctuation behind it stay together."""
        shown: list[str] = []
        for place, piece in enumerate(prose):
            behind = prose[place + 1] if place + 1 < len(prose) else None
            mark = _PUNCTUATION.match(behind.text) if isinstance(piece, Math) and isinstance(behind, Text) else None
            before = prose[place - 1] if place else None
            taken = _PUNCTUATION.match(piece.text) if isinstance(before, Math) and isinstance(piece, Text) else None
            if mark:
                shown.append(f'<span class="kept">{self.inline(piece)}{escape(mark[0])}</span>')
            elif taken and isinstance(piece, Text):
                shown.append(_words(piece.text[taken.end() :]))
            else:
                shown.append(self.inline(piece))
        return "".join(shown).strip()

    def inline(self, piece: Inline) -> str:
        match piece:
            case Text(words):
                return _words(words)
            case Strong(words):
                return f"<strong>{_words(words)}</strong>"
            case Code(words):
                return f"<code>{_breakable(words)}</code>"
            case Math(latex, plain):
                kinds = ["long"] * (len(plain) > _LONG) + ["tall"] * latex.startswith(DISPLAYED)
                return f'<span class="{" ".join(kinds)}">{self.math[latex]}</span>' if kinds else self.math[latex]
            case Cite(theorem):
                return self.link(_breakable(theorem), theorem)
            case Ruled(ruling):
                return f'<strong class="{_VERDICTS.get(ruling, "ruling")}">{escape(ruling)}</strong>'
            case Link(words, target):
                return self.link(_words(words), target)

    def link(self, shown: str, target: str) -> str:
        where = self.places.of(target)
        return f'<a href="{escape(where)}">{shown}</a>' if where else f"<cite>{shown}</cite>"


def _breakable(words: str) -> str:
    """Escaped, with places to break a long name after its underscores and dots."""
    return re.sub(r"([_./])(?=\w)", r"\1<wbr>", escape(words)) if len(words) > 20 else escape(words)


def _words(words: str) -> str:
    """Escaped; no line ends before a sign and what stands right of it."""
    return escape(together(words))
