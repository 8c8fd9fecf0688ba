"""What the two checks share, tested by itself: the parser, substitution, definitions, and layers of what is supposed."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bnproof.errors import NotationError
from bnproof.symbolic.bridge import Bridge
from bnproof.symbolic.evaluate import NO_VALUE, Instance, equal
from bnproof.symbolic.instances import instances
from bnproof.symbolic.jet import Number
from bnproof.symbolic.normal import Normaliser
from bnproof.symbolic.notation import parse
from bnproof.symbolic.symbols import Layers, Replacement, Vocabulary
from bnproof.symbolic.term import Apply, Name, Term, free_names, substitute
from bnproof.symbolic.unfold import written_out

from .test_soundness import bodies

pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # a strategy too long to be shown
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
QUIET = settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
SEEDS = st.integers(0, 9)
SCALARS = st.recursive(
    st.sampled_from(["a", "b", "beta", "2", "3", "gamma"]),
    lambda inner: st.one_of(
        st.builds("{} + {}".format, inner, inner),
        st.builds("{} - {}".format, inner, inner),
        st.builds("{}*{}".format, inner, inner),
        st.builds("-{}".format, inner),
        st.builds("{}**2".format, inner),
        st.builds("({})".format, inner),
        st.builds("{}/(({})**2 + 1)".format, inner, inner),
    ),
    max_leaves=8,
)


def read(text: str, vocabulary: Vocabulary) -> Term:
    try:
        return parse(text.replace("{i}", "k"), vocabulary)
    except NotationError:  # an index bound inside itself
        assume(False)
        raise


def instance(vocabulary: Vocabulary, seed: int, layers: Layers = ()) -> Instance:
    return next(instances(vocabulary, layers, {}, start=seed))


def alike(left: Callable[[], Number], right: Callable[[], Number]) -> bool:
    """Whether two values are the same; what has none that is represented exactly is no example."""
    try:
        return equal(left(), right())
    except NO_VALUE:
        assume(False)
        raise


@QUIET
@given(text=SCALARS, seed=SEEDS)
def test_a_formula_is_read_as_python_computes_it(vocabulary: Vocabulary, text: str, seed: int) -> None:
    at = instance(vocabulary, seed)
    names = {name: at.value(Name(name)) for name in ("a", "b", "beta", "gamma")}
    numbers = "".join(f"Fraction({c})" if c.isdigit() and text[max(i - 2, 0) : i] != "**" else c for i, c in enumerate(text))
    expected = eval(numbers, {"Fraction": Fraction, "__builtins__": {}}, dict(names))
    assert equal(at.value(parse(text, vocabulary)), expected)


@QUIET
@given(text=bodies(3), value=bodies(2), seed=SEEDS)
def test_substituting_is_evaluating_at_the_value(vocabulary: Vocabulary, text: str, value: str, seed: int) -> None:
    term, put = read(text, vocabulary), read(value, vocabulary)
    at = instance(vocabulary, seed)
    try:
        replaced = substitute(term, {"b": put})
    except ValueError:  # an index would be caught; see below
        return
    assert alike(lambda: at.value(replaced), lambda: at.value(term, {"b": at.value(put), "k": at.value(Name("k"))}))


@QUIET
@given(text=bodies(3), value=bodies(2), seed=SEEDS)
def test_a_layer_is_a_substitution_in_both_checks(vocabulary: Vocabulary, text: str, value: str, seed: int) -> None:
    term, put = read(text, vocabulary), read(value, vocabulary)
    layers: Layers = ({"b": Replacement((), put)},)
    try:
        replaced = substitute(term, {"b": put})
    except ValueError:
        return
    assert alike(lambda: instance(vocabulary, seed, layers).value(term), lambda: instance(vocabulary, seed).value(replaced))
    first, second = Bridge(vocabulary, layers).sympy(term), Bridge(vocabulary).sympy(replaced)
    assert Normaliser(vocabulary.symbols, {}).difference(first, second) is None


@QUIET
@given(text=bodies(2), inner=bodies(2), seed=SEEDS)
def test_two_layers_are_two_substitutions(vocabulary: Vocabulary, text: str, inner: str, seed: int) -> None:
    """The inner one first: what it puts in is read under the outer one."""
    term, put = read(text, vocabulary), read(inner, vocabulary)
    outer = parse("a - 1", vocabulary)
    layers: Layers = ({"b": Replacement((), outer)}, {"b": Replacement((), put)})
    try:
        replaced = substitute(substitute(term, {"b": put}), {"b": outer})
    except ValueError:
        return
    assert alike(lambda: instance(vocabulary, seed, layers).value(term), lambda: instance(vocabulary, seed).value(replaced))


@QUIET
@given(argument=bodies(2), head=st.sampled_from(["mu_at({})", "v_at({})", "mu_at({}) - mu_at(0)", "v_at({})*2"]), seed=SEEDS)
def test_a_definition_is_its_body_at_the_arguments(vocabulary: Vocabulary, argument: str, head: str, seed: int) -> None:
    term = read(head.format(argument), vocabulary)
    at = instance(vocabulary, seed)
    for part in (term, getattr(term, "left", term)):
        if isinstance(part, Apply):
            try:
                body = written_out(part, vocabulary)
            except ValueError:  # one of the body's indices would catch one of the argument's
                continue
            assert alike(lambda: at.value(part), lambda: at.value(body))  # noqa: B023


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("sum(i, b*g[i])", "z[i]"),
        ("mean(i, b)", "z[i]"),
        ("max(i, z[i] + b)", "delta(i, 1)"),
        ("sum(i, sum(j, b))", "z[j]"),
        ("sum(i, sum(j, b))", "sum(k, H[i, k])"),
    ],
)
def test_a_bound_index_catches_nothing(vocabulary: Vocabulary, term: str, value: str) -> None:
    with pytest.raises(ValueError, match="capture"):
        substitute(parse(term, vocabulary), {"b": parse(value, vocabulary)})


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("sum(i, b*g[i])", "z[k]"),
        ("sum(i, b*g[i])", "sum(i, z[i])"),
        ("b + sum(i, g[i])", "z[i]"),
        ("sum(i, 1, n, g[i]) + b", "delta(i, k)"),
    ],
)
def test_what_is_not_caught_is_put_in(vocabulary: Vocabulary, term: str, value: str) -> None:
    at = instance(vocabulary, 3)
    free = {index: at.value(Name(index)) for index in ("i", "k")}
    whole, put = parse(term, vocabulary), parse(value, vocabulary)
    assert equal(at.value(substitute(whole, {"b": put}), free), at.value(whole, {**free, "b": at.value(put, free)}))


@QUIET
@given(text=bodies(3))
def test_what_is_not_free_is_not_replaced(vocabulary: Vocabulary, text: str) -> None:
    term = read(text, vocabulary)
    for name in {"i", "j", "l", "b", "a"} - free_names(term):
        assert substitute(term, {name: Name("m")}) == term
