"""Theorems and claims as JSON values. The schema is described in the README; `schema` counts incompatible changes."""

from __future__ import annotations

from collections.abc import Iterator

from ..symbolic.symbols import Vocabulary
from ..theorems.claims import CLAIMS
from ..theorems.glossary import GLOSSARY
from ..theorems.prove import Proved
from .document import Cite, Code, Derivation, Heading, Link, Math, Prose, Ruled, Strong, Text
from .pages.theorem import page
from .prose import prose

Value = dict[str, object]


def theorem_json(proved: Proved) -> Value:
    """One theorem: names, prose and every line of its proof, each formula as LaTeX and as plain text."""
    theorem = proved.theorem
    return {
        "name": theorem.name,
        "title": theorem.title,
        "statement": _plain(prose(theorem.statement, theorem.vocabulary)),
        "hypotheses": [_plain(prose(h.text, theorem.vocabulary)) for h in theorem.hypotheses],
        "sources": list(theorem.sources),
        "uses": list(proved.uses),
        "steps": list(_steps(proved)),
        "checks": proved.checks,
        "checked": True,
    }


def theorems_json(proved: list[Proved]) -> Value:
    """All theorems."""
    return {"schema": 1, "theorems": [theorem_json(p) for p in proved]}


def claims_json() -> Value:
    """The claims ledger."""
    empty = Vocabulary(GLOSSARY, {})
    return {
        "schema": 1,
        "claims": [
            {
                "id": claim.id,
                "claim": _plain(prose(claim.claim, empty)),
                "verdict": claim.verdict,
                "reason": _plain(prose(claim.reason, empty)),
                "link": f"derivations/{claim.theorem}.md",
                "theorem": claim.theorem,
            }
            for claim in CLAIMS
        ],
    }


def _steps(proved: Proved) -> Iterator[Value]:
    """The lines of the proof, in order, without the symbol table and the counterexamples."""
    inside = False
    for block in page(proved).blocks:
        if isinstance(block, Heading) and block.level == 2:
            inside = _plain(block.prose) == "Proof"
        if inside and isinstance(block, Derivation):
            for row in block.rows:
                yield {
                    "relation": row.relation,
                    "latex": row.math.latex,
                    "plain": row.math.plain,
                    "reason": _plain(row.reason),
                }


def _plain(pieces: Prose) -> str:
    shown: list[str] = []
    for piece in pieces:
        match piece:
            case Math(_, plain):
                shown.append(plain)
            case Code(words):
                shown.append(f"`{words}`")
            case Text(words) | Strong(words) | Link(words, _) | Cite(words) | Ruled(words):
                shown.append(words)
    return "".join(shown)
