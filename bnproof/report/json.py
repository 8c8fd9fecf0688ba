"""Theorems and claims as JSON values. The schema is described in the README; `schema` counts incompatible changes."""

from __future__ import annotations

from collections.abc import Iterator

from ..theorems.claims import CLAIMS, Claim
from ..theorems.conclude import Concluded
from ..theorems.glossary import PLAIN
from ..theorems.prove import Proved
from .document import Derivation, Heading, Math, plain_text
from .pages.theorem import page
from .prose import prose

Value = dict[str, object]


def theorem_json(proved: Proved) -> Value:
    """One theorem: names, prose and every line of its proof, each formula as LaTeX and as plain text."""
    theorem = proved.theorem
    return {
        "name": theorem.name,
        "title": theorem.title,
        "statement": plain_text(prose(theorem.statement, theorem.vocabulary)),
        "hypotheses": [
            {"text": plain_text(prose(h.text, theorem.vocabulary)), "relations": list(h.formal)} for h in theorem.hypotheses
        ],
        "conclusions": [_conclusion(c) for c in proved.conclusions],
        "sources": list(theorem.sources),
        "uses": list(proved.uses),
        "steps": list(_steps(proved)),
        "checks": proved.checks,
        "checked": True,
    }


def _conclusion(concluded: Concluded) -> Value:
    """One conclusion in the notation; `hypotheses`: the numbers, from 1, of the theorem's that it rests on."""
    stated = concluded.conclusion
    recursion = None
    if stated.recursion is not None:
        time, states = stated.recursion
        recursion = {"time": time, "states": [{"name": n, "start": s, "update": u} for n, s, u in states]}
    return {
        "says": stated.says,
        "given": list(stated.given),
        "some": list(stated.some),
        "limit": stated.limit or None,
        "recursion": recursion,
        "at": None if stated.at is None else dict(stated.at),
        "hypotheses": [place + 1 for place in concluded.hypotheses],
    }


def theorems_json(proved: list[Proved]) -> Value:
    """All theorems."""
    return {"schema": 1, "theorems": [theorem_json(p) for p in proved]}


def claims_json() -> Value:
    """The claims ledger."""
    return {"schema": 1, "claims": list(map(claim_json, CLAIMS))}


def claim_json(claim: Claim) -> Value:
    """One claim, judged; `theorem` is the first of `theorems`, and `link` leads to it, else to the experiments; null for neither."""
    first = claim.theorems[0] if claim.theorems else None
    page = first or ("experiments" if claim.experiments else None)
    return {
        "id": claim.id,
        "claim": plain_text(prose(claim.claim, PLAIN)),
        "verdict": claim.verdict,
        "reason": plain_text(prose(claim.reason, PLAIN)),
        "link": f"derivations/{page}.md" if page else None,
        "theorem": first,
        "theorems": list(claim.theorems),
        "experiments": list(claim.experiments),
        "chains": [
            {
                "chain": one.chain,
                "bias": one.bias,
                "mode": mode,
                "verdict": ruling,
                "irreplaceable_by": list(one.irreplaceable_by) if mode == "train" else [],
            }
            for one in claim.chains
            for mode, ruling in one.rulings
        ],
    }


def _steps(proved: Proved) -> Iterator[Value]:
    """The lines of the proof, in order, without the symbol table and the counterexamples."""
    inside = False
    for block in page(proved).blocks:
        if isinstance(block, Heading) and block.level == 2:
            inside = plain_text(block.prose) == "Proof"
        if inside and isinstance(block, Derivation):
            for row in block.rows:
                assert isinstance(row.math, Math)
                yield {
                    "relation": row.relation,
                    "latex": row.math.latex,
                    "plain": row.math.plain,
                    "reason": plain_text(row.reason),
                }
