"""Every rule against execution in float64: what the form of a result says, evaluated, is what the program computes.

Each sample is run on operands that are sums and products of values lying along every subset of the axes, on known constants,
counts and −∞ masks. All operands of one primitive share one set of atoms. So three things are tested: the formula of each
result (what comes out of an operation, and along which axes), what its atoms say they are made of, and congruence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.algebra.analysis import analyse
from bnproof.algebra.forms import Form, Ring
from bnproof.algebra.loops import LOOPS as LOOP_RULES
from bnproof.algebra.rules import RULES
from bnproof.algebra.rules.table import pointwise, result
from bnproof.algebra.walk import Walk
from bnproof.jaxpr import NESTED as ENTERED

from . import operations as op
from .bench import names, run
from .samples import LOOPS, NESTED, SAMPLES

EVERY = {**SAMPLES, **LOOPS, **NESTED}


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)  # they take longer than they save
    with jax.enable_x64(True):
        yield
    jax.config.update("jax_disable_most_optimizations", before)


def test_every_rule_loop_and_nested_program_has_a_sample() -> None:
    assert set(SAMPLES) == set(RULES)
    assert set(LOOPS) == set(LOOP_RULES)
    assert set(NESTED) == set(ENTERED)


@pytest.mark.parametrize("name", sorted(EVERY.keys() - op.ABSENT))
def test_what_a_form_says_is_what_the_program_computes(name: str) -> None:
    run(name, EVERY[name])


def both(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that copies entries, of a matrix plus a scalar, less the scalar."""
    return lambda s, v: function(v + s) - s


def given(program: Callable[..., Any], *shapes: tuple[int, ...]) -> tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]:
    """A program of s and others, of these shapes."""
    return program, shapes or ((2,), (3, 2))


POOL = op.pool("max", (1, 2), (1, 1), "SAME")
WINDOW = ((1, 2), (1, 1), "VALID")
CANCELS = {
    "add": given(lambda s, v: (s + v) + (v - s)),
    "add_any": given(lambda s, v: jax.vjp(lambda x: (x, x), v)[1]((v + s, v - s))[0]),
    "sub": given(lambda s, v: (v + s) - s),
    "neg": given(lambda s, v: -(v + s) + s),
    "mul": given(lambda s, v: v * s - s * v),
    "square": given(lambda s, v: lax.square(v + s) - v * v - 2 * v * s - s * s),
    "one_minus_square": given(lambda s, v: op.named("one_minus_square")(v + s) + v * v + 2 * v * s + s * s),
    "integer_pow": given(lambda s, v: (v + s) ** 3 - v**3 - 3 * v * v * s - 3 * v * s * s - s**3),
    "div": given(lambda s, v: (v * s) / (2 * s)),
    "rsqrt": given(lambda s, v: v * jnp.sqrt(s) * lax.rsqrt(s)),
    "convert_element_type": given(lambda s, v: (v + s).astype("float32").astype("float64") - s),
    "exp": given(lambda s, v: jnp.exp(v + s) / jnp.sum(jnp.exp(v + s), 0)),
    "exp2": given(lambda s, v: jnp.exp2(v + s) / jnp.sum(jnp.exp2(v + s), 0)),
    "expm1": given(lambda s, v: (jnp.expm1(v + s) + 1) / jnp.exp(s)),
    "reduce_sum": given(lambda s, v: lax.reduce_sum(v + s, (0,)) - 3 * s),
    "psum": given(lambda s, v: jax.vmap(lambda x: lax.psum(x + s, "here"), axis_name="here")(v) - 3 * s),
    "dot_general": given(lambda s, v: s @ (v + 1) - s @ v - jnp.sum(s), (3,), (3, 2)),
    "cumsum": given(lambda s, v: lax.cumsum(v + s) - s * np.arange(1.0, 4.0)[:, None]),
    "conv_general_dilated": given(
        lambda s, v, w: lax.conv(v + s, w, (1,), "SAME") - lax.conv(v, w, (1,), "SAME") - lax.conv(0 * v + s, w, (1,), "SAME"),
        (3, 1),
        (2, 3, 5),
        (4, 3, 2),
    ),
    "reduce_window_sum": given(lambda s, v: op.pool("sum", *WINDOW)(v + s) - 2 * s, (3, 1), (3, 4)),
    "reduce_window_max": given(lambda s, v: POOL(v + s) - s, (3, 1), (3, 4)),
    "reduce_window_min": given(lambda s, v: op.pool("min", (1, 2), (1, 1), "SAME")(v + s) - s, (3, 1), (3, 4)),
    "select_and_scatter_add": given(lambda s, v: jax.grad(lambda x: jnp.sum(POOL(x)))(v + s), (3, 1), (3, 4)),
    "select_and_gather_add": given(lambda s, v: jax.jvp(POOL, (v + s,), (v,))[1], (3, 1), (3, 4)),
    **{
        f"reduce_{name}": given(lambda s, v, f=f: f(v + s, (0,)) - s)
        for name, f in (("max", lax.reduce_max), ("min", lax.reduce_min))
    },
    **{f.__name__: given(lambda s, v, f=f: f(v + s, axis=0) - s) for f in (lax.cummax, lax.cummin, lax.cumlogsumexp)},
    **{f"arg{name}": given(lambda s, v, f=f: f(v + s, 0, np.int32)) for name, f in (("max", lax.argmax), ("min", lax.argmin))},
    **{f.__name__: given(lambda s, v, f=f: f(v + s, 2 * v + s) - s) for f in (lax.max, lax.min)},
    **{f.__name__: given(lambda s, v, f=f: f(v + s, 2 * v + s)) for f in (lax.eq, lax.ne, lax.lt, lax.le, lax.gt, lax.ge)},
    "clamp": given(lambda s, v: lax.clamp(v, v + s, v)),
    "is_finite": given(lambda s, v: jnp.isfinite(v + s)),
    "sort": given(
        lambda s, v: [found - keep for found, keep in zip(lax.sort((v + s, 2 * v), dimension=0), (s, 0), strict=True)]
    ),
    "top_k": given(lambda s, v: [found - keep for found, keep in zip(lax.top_k(v + s, 2, axis=0), (s, 0), strict=True)]),
    "select_n": given(lambda s, v: jnp.where(v > 0, v + s, s) - s + jnp.exp(jnp.where(v < 0, v + s, -jnp.inf) - s)),
    "and": given(lambda s, v: (v > 0) & (v > s) & ~(v > 0)),
    "or": given(lambda s, v: ((v > s) | (v > s)) ^ (v > s)),
    "xor": given(lambda s, v: (v > s) ^ (v > s)),
    "not": given(lambda s, v: ~~(v > s) ^ (v > s)),
    "concatenate": given(lambda s, v: lax.concatenate([v + s, 2 * v + s], 0) - s),
    "stack": given(lambda s, v: lax.stack([v + s, 2 * v + s], 1) - s),
    "pad": given(lambda s, v: jnp.exp(lax.pad(v + s, -np.inf, ((1, 0, 0), (0, 0, 0))) - s)),
    "dynamic_update_slice": given(lambda s, v: lax.dynamic_update_slice(v + s, v[:1] + s, (1, 0)) - s),
    "dynamic_slice": given(lambda s, v: lax.dynamic_slice(v + s, (jnp.argmax(v), 0), (2, 2)) - s),
    "gather": given(lambda s, v: jnp.take(v + s, jnp.argmax(v, 0), axis=0, mode="clip") - s),
    "slice": given(lambda s, v: (v + s)[1:] - s),
    "split": given(lambda s, v: lax.split(v + s, (1, 2))[1] - s),
    "unstack": given(lambda s, v: lax.unstack(v + s, 1)[1] - s[1]),
    "tile": given(lambda s, v: lax.tile(v + s, (2, 1)) - s),
    "rev": given(lambda s, v: lax.rev(v + s, (0,)) - s),
    "transpose": given(lambda s, v: (v + s).T - s[:, None]),
    "reshape": given(lambda s, v: (v + s).reshape(1, 3, 2) - s),
    "squeeze": given(lambda s, v: lax.squeeze((v + s)[None], (0,)) - s),
    "broadcast_in_dim": given(lambda s, v: jnp.broadcast_to(v + s, (4, 3, 2)) - s),
    "iota": given(lambda s, v: (jnp.arange(3.0) - lax.broadcasted_iota("float64", (2, 3), 1)) * s[:, None] + v.T),
    **{
        name: given(both(SAMPLES[name][0].function), (), (3, 2))
        for name in ("copy", "stop_gradient", "reduce_precision", "device_put", "name", "sharding_constraint")
    },
    "optimization_barrier": given(lambda s, v: lax.optimization_barrier((v + s, s))[0] - s),
}
"""Programs whose first operand cancels by the law that the rule of this primitive cites."""


def test_every_rule_that_is_not_opaque_has_a_program_in_which_something_cancels() -> None:
    assert set(CANCELS) == {name for name, rule in RULES.items() if rule.law != "congruence"} - {"dim_as_value"}


@pytest.mark.parametrize("name", sorted(CANCELS.keys() - op.ABSENT))
def test_what_a_law_takes_out_cancels(name: str) -> None:
    program, shapes = CANCELS[name]
    jaxpr = jax.make_jaxpr(program)(*(jax.ShapeDtypeStruct(shape, "float64") for shape in shapes))
    assert name in names(jaxpr.jaxpr)
    (finding,) = analyse(jaxpr, {0: "s"}).findings()
    assert finding.free, f"s stays behind {finding.operation}"


def test_symbolic_sizes_cancel() -> None:
    (n,) = jax.export.symbolic_shape("n")
    avals = jax.ShapeDtypeStruct((2,), "float64"), jax.ShapeDtypeStruct((n, 2), "float64")
    (finding,) = analyse(jax.make_jaxpr(lambda s, v: jnp.mean(v + s, 0) - s)(*avals), {0: "s"}).findings()
    assert finding.free


# -- wrong rules are found


def changed(**flags: Any) -> Callable[..., Any]:
    """From a rule's function to one whose new atoms say something false of themselves."""

    def wrong(right: Any) -> Any:
        def apply(ring: Ring, equation: Any, operands: Any) -> list[Form]:
            before = len(ring.atoms.all)
            results = right(ring, equation, operands)
            for atom in ring.atoms.all[before:]:
                for name, value in flags.items():
                    setattr(atom, name, value)
            return results

        return apply

    return wrong


def operands_changed(change: Callable[[list[Form]], list[Form]]) -> Callable[..., Any]:
    """From a rule's function to one on other operands."""
    return lambda right: lambda ring, equation, operands: right(ring, equation, change(list(operands)))


def results_changed(change: Callable[[Any, Form], Form]) -> Callable[..., Any]:
    """From a rule's function to one with other results."""
    return lambda right: lambda ring, equation, operands: [change(ring, form) for form in right(ring, equation, operands)]


def uniform(ring: Any, form: Form) -> Form:
    """Only the terms that use no axis."""
    return ring.form({m: c for m, c in form.terms.items() if not ring.about(m)[1]}, form.shape, form.dtype)


def identity(right: Any) -> Any:
    del right
    return lambda ring, equation, operands: [Form(operands[0].terms, *result(equation), operands[0].tainted)]


def untyped(right: Any) -> Any:
    del right
    return lambda ring, equation, operands: [pointwise(ring, equation.primitive.name, operands, *result(equation))]


WRONG = {
    "a function is taken for the identity": ("tanh", identity),
    "a reversed axis is not": ("rev", identity),
    "an integer operation is the same for all types": ("shift_left", untyped),
    "the cases of a selection are swapped": ("select_n", operands_changed(lambda forms: [forms[0], *forms[:0:-1]])),
    "a comparison is turned round": ("lt", operands_changed(lambda forms: forms[::-1])),
    "a sum counts one entry twice": (
        "reduce_sum",
        results_changed(lambda ring, form: ring.form(ring.scale(form.terms, 2), form.shape, form.dtype)),
    ),
    "a maximum forgets what uses an axis": ("reduce_max", results_changed(uniform)),
    "a place forgets what it depends on": ("argmax", results_changed(uniform)),
    "stacked values change places": ("stack", operands_changed(lambda forms: forms[::-1])),
    "an unstacked entry is another one": ("unstack", lambda right: lambda *given: right(*given)[::-1]),
    "a tiled value forgets what uses an axis": ("tile", results_changed(uniform)),
    "an atom does not say what it is made of": ("sin", changed(children=(), tainted=False)),
    "an atom leaves out one of what it is made of": ("atan2", changed(children=())),
    "an atom says that it is 0 or 1": ("abs", changed(idempotent=True)),
    "an atom says that it is finite": ("select_n", changed(infinite=False)),
    "an atom says that it is smaller": ("cumsum", changed(most=1)),
}
"""Rules that are wrong, by what is wrong."""


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_rule_is_found(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, wrong = WRONG[what]
    monkeypatch.setitem(RULES, name, replace(RULES[name], apply=wrong(RULES[name].apply)))
    with pytest.raises(AssertionError):
        run(name, SAMPLES[name])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            lambda form: Form(form.terms, (3,), "f", form.tainted),
            r"the rule of `sin` gives f\(3,\), but the program says float",
        ),
        (
            lambda form: Form(form.terms, form.shape, "i", form.tainted),
            r"the rule of `sin` gives i\(2,\), but the program says",
        ),
    ],
)
def test_a_result_of_another_shape_or_kind_is_an_error(
    wrong: Callable[[Form], Form], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = RULES["sin"]
    monkeypatch.setitem(RULES, "sin", replace(right, apply=lambda *given: [wrong(form) for form in right.apply(*given)]))
    with pytest.raises(AssertionError, match=message):
        analyse(jax.make_jaxpr(jax.jit(lambda v: jnp.sin(v) + 1))(np.ones(2)), {0: "v"})


def test_a_loop_that_no_one_enters_is_opaque() -> None:
    jaxpr = jax.make_jaxpr(lambda s, xs: lax.scan(lambda c, x: (c + s, x - x), s, xs))(np.ones(()), np.ones(3))
    ring = Ring()
    start, rows = (ring.atoms.make(("input", k), "input", sizes, (), True) for k, sizes in enumerate([(), (3,)]))
    given = [ring.of(start, (), (), "f"), ring.of(rows, (0,), (3,), "f")]
    assert not Walk(LOOP_RULES, ring).run(jaxpr, given)[1].tainted
    for form in Walk({}, ring).run(jaxpr, given):
        (number,) = ring.children(form.terms)
        assert ring.atoms[number].children == (start.number, rows.number)
