"""Documents as self-contained LaTeX files (any LaTeX with amsmath, longtable and lmodern)."""

from __future__ import annotations

from ..document import (
    Block,
    Bullets,
    Code,
    Derivation,
    Document,
    Heading,
    Inline,
    Link,
    Math,
    Paragraph,
    Picture,
    Prose,
    Row,
    Strong,
    Table,
    Text,
)

MARK = "% Written by `bnproof report`; edit the theorem, not this file."
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
_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[a4paper,margin=22mm]{geometry}
\usepackage{iftex}
\ifpdftex\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\fi
\usepackage{lmodern,amsmath,amssymb,longtable,array,graphicx}
\setlength{\parindent}{0pt}\setlength{\parskip}{6pt}
\begin{document}
"""


def tex(document: Document) -> str:
    """The page as a LaTeX file."""
    return "\n".join([MARK, _PREAMBLE + "\n\n".join(map(_block, document.blocks)), "\\end{document}", ""])


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
            width = 0.66 / max(len(header) - 1, 1)
            columns = "@{}l" + rf">{{\raggedright\arraybackslash}}p{{{width:.2f}\linewidth}}" * (len(header) - 1) + "@{}"
            lines = " \\\\\n".join([_cells(header) + r" \\ \hline", *map(_cells, rows)]).replace(r"\hline \\", r"\hline")
            return f"\\begin{{longtable}}{{{columns}}}\n{lines}\n\\end{{longtable}}"
        case Picture(path, alt):
            return f"% figure {path.translate(_SPECIAL)}: {alt.translate(_SPECIAL)}"


def _row(row: Row) -> str:
    relation = {"=": "$=$", "≥": r"$\ge$", ">": "$>$", "": ""}[row.relation]
    return rf"{relation} & $\displaystyle {row.math.latex}$ & {_prose(row.reason)}"


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
        case Link(words, _):
            return rf"\emph{{{words.translate(_SPECIAL)}}}"
