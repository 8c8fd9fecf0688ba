"""Documents as Markdown that code hosts render, mathematics included.

Inline mathematics is written as dollar, backtick, LaTeX, backtick, dollar, which both large code hosts read and which
Markdown cannot damage (underscores, asterisks, pipes).
"""

from __future__ import annotations

import re
from html import escape

from ..document import (
    SIGNS_IN_LATEX,
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
)

_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|$"})


def markdown(document: Document) -> str:
    """The page as Markdown text, ending in a newline."""
    return "\n\n".join([f"<!-- {document.mark} -->", *map(_block, document.blocks)]) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(level, prose):
            return "#" * level + " " + _prose(prose)
        case Paragraph(prose):
            return _prose(prose)
        case Bullets(items, numbered):
            marks = [f"{k}." if numbered else "-" for k in range(1, len(items) + 1)]
            return "\n".join(f"{mark} {_prose(item)}" for mark, item in zip(marks, items, strict=True))
        case Derivation(rows):
            return "\n".join(["| | | because |", "|--:|:--|:--|", *map(_row, rows)])
        case Table(header, rows):
            lines = [_cells(header), "|" + "|".join(":--" for _ in header) + "|", *map(_cells, rows)]
            return "\n".join(lines)
        case Ledger(header, entries):
            lines = [_cells(tuple((Text(name),) for name in header)), "|" + "|".join(":--" for _ in header) + "|"]
            return "\n".join([*lines, *map(_entry, entries)])
        case Picture(path, alt):
            return f"![{alt.translate(_SPECIAL)}]({path})"
        case Listing(program):
            return f"```python\n{program}\n```"
        case Navigation(links):
            return " · ".join(map(_inline, links))
        case Details(summary, blocks):
            head = f"<details>\n<summary>{escape(summary)}</summary>"
            return "\n\n".join([head, *map(_block, blocks), "</details>"])


def _entry(entry: Entry) -> str:
    notes = [f"{label}: {_prose(said)}".translate({10: " "}) for label, said in entry.notes]
    return "| " + " | ".join([*map(_prose, entry.cells), "<br>".join([_prose(entry.words), *notes])]) + " |"


def _row(row: Row) -> str:
    relation = f"$`{SIGNS_IN_LATEX[row.relation]}`$" if row.relation else ""
    shown = f"$`\\displaystyle {row.math.latex}`$" if isinstance(row.math, Math) else _inline(row.math)
    return f"| {relation} | {shown} | {_prose(row.reason)} |"


def _cells(cells: tuple[Prose, ...]) -> str:
    return "| " + " | ".join(map(_prose, cells)) + " |"


def _prose(prose: Prose) -> str:
    return "".join(map(_inline, prose)).strip()


def _code(words: str) -> str:
    """Code between more backticks than it holds itself in a row."""
    longest = max(map(len, re.findall("`+", words)), default=0)
    blank = " " if longest else ""
    return "`" * (longest + 1) + blank + words + blank + "`" * (longest + 1)


def _inline(piece: Inline) -> str:
    match piece:
        case Text(words):
            return words.translate(_SPECIAL)
        case Strong(words):
            trailing = " " if words.endswith(" ") else ""
            return f"**{words.strip().translate(_SPECIAL)}**{trailing}"
        case Code(words):
            return _code(words)
        case Math(latex, _):
            return f"$`{latex}`$"
        case Cite(theorem):
            return f"[{theorem.translate(_SPECIAL)}]({theorem}.md)"
        case Ruled(ruling):
            return f"**{ruling}**"
        case Link(words, target):
            return f"[{words.translate(_SPECIAL)}]({target if '.' in target or '/' in target else target + '.md'})"
