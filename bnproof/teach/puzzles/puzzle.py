"""The lines of a chain with hidden keys, to be put in order.

All lines of a chain of equalities are equal, so that it is the reasons that fix the order: each says how its line follows from the
line before it. Chains that say one line twice make no puzzle, and neither do short ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ...symbolic.inferences import Cases, Chain, Item
from ...symbolic.latex import latex
from ...symbolic.notation import parse, parse_relation
from ...symbolic.relation import Comparison
from ...symbolic.symbols import Vocabulary
from ...symbolic.term import Apply, Name, Term, walk
from ...theorems.theorem import Theorem

FEWEST = 3
"""Lines to be ordered: two have one order that is right and one that is wrong."""
_RELATIONS: dict[Comparison, str] = {"==": "=", "!=": r"\neq", "<": "<", "<=": r"\leq", ">": ">", ">=": r"\geq"}
_PIECES = re.compile(r"\{([^{}]*)\}|`([^`]*)`|\*\*([^*]*)\*\*")


@dataclass(frozen=True)
class Puzzle:
    r"""Lines to be ordered. Texts are HTML with formulas between ``\(`` and ``\)``, escaped.

    - name: of the theorem, and the chain's number in it;
    - task: what the chain shows, its first expression, what is supposed, and what names mean;
    - lines: (key, text) pairs in the right order; keys do not tell it.
    """

    name: str
    theorem: str
    title: str
    task: str
    lines: tuple[tuple[str, str], ...]

    @property
    def order(self) -> tuple[str, ...]:
        """The keys in the right order."""
        return tuple(key for key, _ in self.lines)

    @property
    def shuffled(self) -> tuple[tuple[str, str], ...]:
        """The lines as they are handed out: by their keys, never in the right order."""
        mixed = tuple(sorted(self.lines))
        return mixed if mixed != self.lines else mixed[::-1]

    def first_misplaced(self, keys: Sequence[str]) -> int | None:
        """The place, from 1, of the first line that is not where it belongs; None if all are. Raises ValueError for an unknown key."""
        unknown = [key for key in keys if key not in self.order]
        if unknown:
            raise ValueError(f"`{unknown[0]}` is no line of the puzzle {self.name}")
        for place, (put, right) in enumerate(zip(keys, self.order, strict=False), 1):
            if put != right:
                return place
        return None if len(keys) == len(self.order) else min(len(keys), len(self.order)) + 1


def puzzles(theorem: Theorem) -> tuple[Puzzle, ...]:
    """Every puzzle that a theorem's proof gives, in its order."""
    found: list[Puzzle] = []
    for number, chain in enumerate(_chains(theorem.proof), 1):
        made = _puzzle(theorem, chain, number)
        texts = [text for _, text in made.lines]
        expressions = [parse(text, theorem.vocabulary) for text in (chain.start, *(text for text, _ in chain.steps))]
        if len(texts) >= FEWEST and len({*texts}) == len(texts) and len({*expressions}) == len(expressions):
            found.append(made)
    return tuple(found)


def _chains(items: Sequence[Item]) -> Iterator[Chain]:
    for item in items:
        if isinstance(item, Chain):
            yield item
        elif isinstance(item, Cases):
            for case in item.cases:
                yield from _chains(case.items)


def _puzzle(theorem: Theorem, chain: Chain, number: int) -> Puzzle:
    vocabulary = theorem.vocabulary
    name = f"{theorem.name}-{number}"
    lines: list[tuple[str, str]] = []
    for place, (expression, reason) in enumerate(chain.steps):
        text = f"{_math(f'= {latex(parse(expression, vocabulary), vocabulary)}')} &nbsp; {_html(reason, vocabulary)}"
        lines.append((f"line_{sha256(f'{name}:{place}:{text}'.encode()).hexdigest()[:8]}", text))
    given = f" Suppose {', '.join(_formula(text, vocabulary) for text in chain.given)}." if chain.given else ""
    task = (
        f"<strong>{_html(theorem.title, vocabulary)}</strong>. {_html(chain.claim, vocabulary)}{given} The calculation begins with "
        f"{_formula(chain.start, vocabulary)}. Put its lines in order: each reason says how its line follows from the line before "
        f"it.{_legend(chain, vocabulary)}"
    )
    return Puzzle(name, theorem.name, theorem.title, task, tuple(lines))


def _legend(chain: Chain, vocabulary: Vocabulary) -> str:
    """What the theorem's own names in the lines mean."""
    terms = [parse(text, vocabulary) for text in (chain.start, *(text for text, _ in chain.steps))]
    heads = dict.fromkeys(part.function for term in terms for part in walk(term) if isinstance(part, Apply))
    found = [vocabulary.definitions[head] for head in heads if head in vocabulary.definitions]
    said = [f"{_math(latex(Apply(d.name, tuple(map(Name, d.parameters))), vocabulary))}: {_escaped(d.meaning)}" for d in found]
    return f" ({'; '.join(said)}.)" if said else ""


def _html(words: str, vocabulary: Vocabulary) -> str:
    """Prose with formulas in braces, as HTML."""
    said, position = "", 0
    for match in _PIECES.finditer(words):
        said += _escaped(words[position : match.start()])
        formula, code, strong = match.groups()
        if formula is not None:
            said += _formula(formula, vocabulary)
        else:
            said += f"<code>{_escaped(code)}</code>" if code is not None else f"<strong>{_escaped(strong)}</strong>"
        position = match.end()
    return said + _escaped(words[position:])


def _formula(text: str, vocabulary: Vocabulary) -> str:
    parts: list[Term | Comparison] = parse_relation(text, vocabulary)
    printed = [_RELATIONS[part] if isinstance(part, str) else latex(part, vocabulary) for part in parts]
    return _math(" ".join(printed))


def _math(printed: str) -> str:
    """A formula in running text; with fractions in their full size, which are set too small to read otherwise."""
    style = r"\displaystyle " if r"\frac" in printed else ""
    return rf"\({style}{_escaped(printed)}\)"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
