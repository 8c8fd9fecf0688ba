"""Documents as self-contained LaTeX files (any LaTeX with amsmath, longtable and lmodern)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal

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
from .layout import shares

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Δ": "Delta", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_SYMBOLS = {
    **{letter: f"\\{name}" for letter, name in _GREEK.items()},
    "→": r"\to", "≥": r"\ge", "≤": r"\le", "≠": r"\ne", "−": "-", "×": r"\times", "·": r"\cdot", "∎": r"\hfill\square",
    "∞": r"\infty", "√": r"\surd", "∂": r"\partial", "∑": r"\sum", "∈": r"\in", "′": "'", "ᵀ": r"^{\top}", "²": "^2",
    "₀": "_0", "₁": "_1", "₂": "_2", "½": r"\tfrac12", "≈": r"\approx", "…": r"\dots",
    "⟨": r"\langle", "⟩": r"\rangle", "ŷ": r"\hat y",
}  # fmt: skip
_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "%": r"\%",
        "#": r"\#",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        **{letter: f"${command}$" for letter, command in _SYMBOLS.items()},
    }
)
_BRACES = str.maketrans({"{": "%7B", "}": "%7D", "^": "%5E", "$": "%24", "&": r"\&", "~": r"\~"})
FIGURES: Literal["pdf"] = "pdf"
"""LaTeX cannot show SVG."""
_RAGGED = r">{\raggedright\arraybackslash}"
_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[a4paper,margin=22mm]{geometry}
\usepackage{iftex}
\ifpdftex\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\fi
\usepackage{lmodern,amsmath,amssymb,longtable,array,graphicx}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}\setlength{\parskip}{6pt}
\begin{document}
"""


def tex(document: Document) -> str:
    """The page as a LaTeX file."""
    return "\n".join([f"% {document.mark}", _PREAMBLE + "\n\n".join(map(_block, document.blocks)), "\\end{document}", ""])


def _block(block: Block) -> str:
    match block:
        case Heading(level, prose):
            command = ("section*", "subsection*", "subsubsection*")[min(level, 3) - 1]
            return f"\\{command}{{{_prose(prose)}}}"
        case Paragraph(prose):
            return _prose(prose)
        case Bullets(items, numbered):
            kind = "enumerate" if numbered else "itemize"
            listed = "\n".join(rf"\item {_prose(item)}" for item in items)
            return f"\\begin{{{kind}}}\n{listed}\n\\end{{{kind}}}"
        case Derivation(rows):
            lines = " \\\\[4pt]\n".join(map(_row, rows))
            columns = (
                r"@{}r@{\;}>{\raggedright\arraybackslash}p{0.56\linewidth}>{\raggedright\arraybackslash}p{0.36\linewidth}@{}"
            )
            return f"\\begin{{longtable}}{{{columns}}}\n{lines}\n\\end{{longtable}}"
        case Table(header, rows):
            if len(header) == 2:
                return _table(rf"l{_RAGGED}p{{0.66\linewidth}}", header, rows)
            room = 1 - 0.025 * len(header)  # the rest is between the columns
            columns = "".join(rf"{_RAGGED}p{{{room * share:.3f}\linewidth}}" for share in shares(header, rows))
            table = _table(columns, header, rows)
            return f"{{\\footnotesize\\setlength{{\\tabcolsep}}{{4pt}}\n{table}\n}}" if len(header) > 3 else table
        case Ledger(header, entries):
            columns = "l" * (len(header) - 1) + rf"{_RAGGED}p{{0.66\linewidth}}"
            names = tuple((Text(name),) for name in header)
            return _lines(columns, names, map(_entry, entries))
        case Picture(path, alt):
            figure = str(PurePosixPath(path).with_suffix(f".{FIGURES}"))
            missing = rf"\emph{{Figure: {alt.translate(_SPECIAL)} ({path.translate(_SPECIAL)})}}"
            shown = rf"\includegraphics[width=\linewidth,height=0.4\textheight,keepaspectratio]{{\detokenize{{{figure}}}}}"
            return rf"\begin{{center}}\IfFileExists{{\detokenize{{{figure}}}}}{{{shown}}}{{{missing}}}\end{{center}}"
        case Listing(program):
            return f"\\begin{{verbatim}}\n{program}\n\\end{{verbatim}}"
        case Navigation(links):
            return r" \textperiodcentered{} ".join(map(_inline, links))
        case Details(summary, blocks):
            return "\n\n".join([rf"\textbf{{{summary.translate(_SPECIAL)}.}}", *map(_block, blocks)])


def _entry(entry: Entry) -> str:
    """A line of a ledger: its notes are paragraphs of the last cell."""
    notes = "".join(rf"\newline \textbf{{{label.translate(_SPECIAL)}:}} {_prose(said)}" for label, said in entry.notes)
    return " & ".join([*map(_prose, entry.cells), _prose(entry.words) + notes])


def _table(columns: str, header: tuple[Prose, ...], rows: tuple[tuple[Prose, ...], ...]) -> str:
    return _lines(columns, header, map(_cells, rows))


def _lines(columns: str, header: tuple[Prose, ...], rows: Iterable[str]) -> str:
    lines = " \\\\\\relax\n".join(rows)  # \relax: a row that begins with [ is not an argument of the line break
    return f"\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n{_cells(header)} \\\\ \\hline\n{lines}\n\\end{{longtable}}"


def _row(row: Row) -> str:
    relation = f"${SIGNS_IN_LATEX[row.relation]}$" if row.relation else ""
    shown = rf"$\displaystyle {row.math.latex}$" if isinstance(row.math, Math) else _inline(row.math)
    return f"{relation} & {shown} & {_prose(row.reason)}"


def _cells(cells: tuple[Prose, ...]) -> str:
    return " & ".join(map(_prose, cells))


def _prose(prose: Prose) -> str:
    return "".join(map(_inline, prose))


def _inline(piece: Inline) -> str:
    match piece:
        case Text(words):
            return words.translate(_SPECIAL)
        case Strong(words):
            return rf"\textbf{{{words.translate(_SPECIAL)}}}"
        case Code(words):
            return rf"\texttt{{{words.translate(_SPECIAL)}}}"
        case Math(latex, _):
            return f"${latex}$"
        case Cite(theorem):
            return _link(theorem, theorem)
        case Ruled(ruling):
            return rf"\textbf{{{ruling}}}"
        case Link(words, target):
            return _link(words, target)


def _link(words: str, target: str) -> str:
    """A link to an address, a file, or the page of that stem beside this one, as a PDF."""
    where = target if "://" in target or "." in PurePosixPath(target).name else f"{target}.pdf"
    # inside an argument, as in a table's cell or a list, TeX reads these two before hyperref can
    address = where.replace("\\", r"\\").replace("%", r"\%").replace("#", r"\#").replace("_", r"\_")
    return rf"\href{{{address.translate(_BRACES)}}}{{{words.translate(_SPECIAL)}}}"
