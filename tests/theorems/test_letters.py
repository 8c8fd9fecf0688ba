"""Inside one theorem every letter stands for one thing, in LaTeX and in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product

import pytest

from bnproof.report.pages.used import used_names
from bnproof.symbolic.evaluate import Instance
from bnproof.symbolic.instances import Draws
from bnproof.symbolic.symbols import Symbol, Vocabulary
from bnproof.symbolic.term import Apply, Binary, Entry, Name, Number, Term, walk
from bnproof.theorems import registry
from bnproof.theorems.definitions import BATCHNORM, BATCHNORM_AT, MU, definitions
from bnproof.theorems.glossary import GLOSSARY
from bnproof.theorems.prove import Prover
from tests.symbolic.reading import alike, differ, layout

INDICES = re.compile(r"_\{#\d(,#\d)*\}|_#\d|\[#\d(, #\d)*\]")
KRONECKER = Symbol("delta", "indicator", r"\delta", "δ", "the language's own", rank=2)


def collisions(vocabulary: Vocabulary, names: set[str]) -> list[str]:
    """Names that share a letter, and pairs of terms made of single names that are printed alike."""
    shared = [
        f"{first} and {second}: {letter}"
        for first, second in combinations(sorted(names), 2)
        for letter in _letters(first, vocabulary) & _letters(second, vocabulary)
        if _is_symbol(first, vocabulary) or _is_symbol(second, vocabulary) or _same_form(first, second, vocabulary)
    ]
    samples = [(name, term) for name in sorted(names) for term in _samples(name, names, vocabulary)]
    groups = alike([term for _, term in samples], vocabulary)
    owner = {term: name for name, term in samples}
    return shared + [f"printed alike: {group[:2]}" for group in groups if len({owner[term] for term in group}) > 1]


def _is_symbol(name: str, vocabulary: Vocabulary) -> bool:
    return name in vocabulary.symbols or name == KRONECKER.name


def _letters(name: str, vocabulary: Vocabulary) -> set[object]:
    """The letter of a name without indices and arguments, both ways."""
    known = KRONECKER if name == KRONECKER.name else vocabulary.symbols.get(name) or vocabulary.definitions[name]
    marks = layout(_bare(known.latex))
    return {marks[: marks.index("(")] if "(" in marks else marks, _bare(known.plain).partition("(")[0]}


def _bare(template: str) -> str:
    return INDICES.sub("", template)


def _same_form(first: str, second: str, vocabulary: Vocabulary) -> bool:
    """Whether two definitions of one letter have the same brackets: v and v_σ have, v and v(b) have not."""
    brackets = [re.sub(r"#\d", "#", _bare(vocabulary.definitions[n].plain).partition("(")[2]) for n in (first, second)]
    return brackets[0] == brackets[1]


def _samples(name: str, names: set[str], vocabulary: Vocabulary) -> Iterator[Term]:
    """The name with letters and numbers of the theorem as indices and arguments, and powers of these."""
    symbols, definitions_ = vocabulary.symbols, vocabulary.definitions
    scalars: list[Term] = [Name(n) for n in sorted(names) if n in symbols and not symbols[n].rank]
    values = [*scalars[:12], *(Number(Fraction(k)) for k in (0, 1, 2, 12))]
    made: list[Term] = []
    if name in symbols and symbols[name].rank:
        made = [Entry(name, places) for places in product(values, repeat=symbols[name].rank)]
    elif name in symbols:
        made = [Name(name)]
    elif name in definitions_:
        places = len(definitions_[name].parameters)
        made = [Apply(name, args) for args in product(values if places < 3 else values[:4], repeat=places)]
    yield from made
    for base in made[:6]:
        yield from (Binary("**", base, power) for power in (*scalars, Number(Fraction(2))))


@pytest.mark.parametrize("name", registry.names())
def test_no_letter_stands_for_two_things(name: str, prover: Prover) -> None:
    proved = prover.prove(registry.theorem(name))
    names = set(used_names(proved.theorem))
    if any(isinstance(part, Apply) and part.function == "delta" for term in proved.terms.values() for part in walk(term)):
        names.add(KRONECKER.name)
    assert collisions(proved.theorem.vocabulary, names) == []


@pytest.mark.parametrize("name", registry.names())
def test_formulas_printed_alike_have_the_same_values(name: str, prover: Prover) -> None:
    proved = prover.prove(registry.theorem(name))
    vocabulary = proved.theorem.vocabulary
    draws = [Draws(GLOSSARY, proved.theorem.minimum, seed) for seed in range(2, 5)]
    instances = [Instance(vocabulary, d, d.entry) for d in draws]
    for group in alike(set(proved.terms.values()), vocabulary):
        assert not [other for other in group[1:] if differ(group[0], other, instances)]


def test_collisions_are_found() -> None:
    old = Symbol("biases", "real", "b", "b", "", rank=1, over="C")
    zero = Symbol("start", "real", "z_0", "z₀", "")
    vocabulary = Vocabulary(
        {**GLOSSARY, "biases": old, "start": zero, "rel": GLOSSARY["rel"]},
        definitions(MU, ("mu_of(amp)", "mu*amp", r"\mu_{#1}", "μ_#1", ""), ("peak", "b", "g", "g", ""), *BATCHNORM_AT),
    )
    assert collisions(vocabulary, {"b", "biases"})
    assert collisions(vocabulary, {"mu", "mu_of"})
    assert collisions(vocabulary, {"peak", "g"})
    assert collisions(vocabulary, {"rel", "delta"})
    assert collisions(vocabulary, {"z", "start"})
    assert not collisions(Vocabulary(GLOSSARY, definitions(*BATCHNORM, *BATCHNORM_AT)), {"b", "z", "y", "y_at", "mu", "mu_at"})
