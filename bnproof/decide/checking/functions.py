"""A user's own function: what the engine proves about its biases is what is measured, in each dtype anew.

A leaf that is proved redundant must stay below its bounds, one with a witness must exceed them, and one that is undecided is not
measured: a note says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from ...algebra.analysis import analyse
from ...errors import BnproofError, CheckError
from ...foreign import quoted, said
from ...numeric.checking.accuracy import ITSELF, Accuracy, Against, against
from ...numeric.checking.check import Check
from ...numeric.checking.measurement import Measurement
from ...numeric.checking.quantities import GRADIENT
from ...numeric.checking.subject import Numbers, Side, Subject
from ...numeric.devices import Device, out_of_memory
from ...numeric.roundoff.precision import computing, storage
from ...verdict import Verdict
from ..function import MOST, numbers_in, trace_function
from ..positive import positive_inputs
from ..program import Program
from ..sampling import draw, key
from ..verdicts import decide
from .arguments import Arguments, Leaf, Wanted, arguments_of, chosen, named_like_a_bias
from .held_against import Reference, chain_as_reference
from .tracing import Traced, largest, traced


@dataclass(frozen=True)
class Prepared:
    """A task whose subject is made already.

    - subject: of one bias; with an empty one, of the function's values and all its gradients;
    - largest: numbers in the largest value of its program;
    - unproved: why the gradient of a leaf that is redundant is not proved to be zero; empty where it is;
    - reference, stopped: what values and gradients are held against, as `Accuracy` takes them.
    """

    subject: Subject
    dtype: str
    largest: int
    whole: bool = True
    draws: int = 1
    unproved: str = ""
    reference: Against | None = None
    stopped: bool = False

    def told(self, row: Measurement) -> Measurement:
        """A measurement, which proves nothing where the engine does not prove that what is measured is zero."""
        if self.unproved and row.quantity == GRADIENT and row.expected == "below" and row.outcome == "as proved":
            return replace(row, obstacle=self.unproved)
        return row


def tasks_of_function(
    function: Callable[..., Any],
    args: Sequence[Any],
    dtypes: Sequence[str],
    *,
    bias: Wanted | None = None,
    seed: int = 0,
    draws: int = 1,
    has_aux: bool = False,
    title: str = "",
    kwargs: Mapping[str, Any] | None = None,
    reference: Reference | None = None,
    stopped: bool = False,
) -> tuple[list[Prepared], list[str]]:
    """The tasks of a function's biases in these dtypes, and notes: what is undecided and why, and what is not measured.

    reference: a function of the same arguments, or a chain, whose values and gradients this one must have; it need have no bias then.
    stopped: each stop_gradient is meant.

    Raises CheckError for arguments that do not fit, biases that are not there, and a function that cannot be traced.
    """
    title = title or title_of(function)
    arguments = arguments_of(function, args, title, kwargs)
    names = [] if reference is not None and bias is None and not _has_biases(arguments) else chosen(arguments, bias, title)
    arguments = arguments.as_arrays(names)
    leaves = {leaf.name: leaf for leaf in arguments.arrays}
    empty = [name for name in names if 0 in leaves[name].shape]
    notes: dict[str, None] = dict.fromkeys(f"{name} of `{title}` has no entries: nothing to check" for name in empty)
    names = [name for name in names if name not in empty]
    tasks: list[Prepared] = []
    for dtype in dtypes:
        if beyond := _beyond(arguments, dtype):
            notes[f"`{title}` is not checked in {dtype}: {beyond}"] = None
            continue
        if not names and reference is None:
            continue
        given, function = _Given(arguments, dtype, seed), traced(arguments, dtype, title, has_aux)
        notes.update(dict.fromkeys(function.notes))
        made = list[Prepared]()
        if names:
            made, said = _in_dtype(function, given, names, draws, title)
            notes.update(dict.fromkeys(said))
        tasks += made
        if reference is not None or (made and bias is None):
            tasks.append(_values(function, given, title, has_aux, draws, reference, stopped))
    order = {name: k for k, name in enumerate([*names, ""])}
    return sorted(tasks, key=lambda task: order[task.subject.bias]), list(notes)


def _has_biases(arguments: Arguments) -> bool:
    return any(leaf.kind == "floating" and named_like_a_bias(leaf.name) for leaf in arguments.leaves)


def _values(
    function: Traced, given: _Given, title: str, has_aux: bool, draws: int, reference: Reference | None, stopped: bool
) -> Prepared:
    """The task of a function's values and gradients, held against a reference's or against its own derivative."""
    positive = positive_inputs(function.jaxpr)
    held: Against | None = None
    if isinstance(reference, str):
        held = chain_as_reference(reference, given.arguments, title)
    elif reference is not None:
        called = title_of(reference)
        exact = traced(replace(given.arguments, instead=reference), "float64", called, has_aux)
        held = against(_whole(exact, given, positive, called).function, f"`{called}`")
    subject = _whole(function, given, positive, title)
    return Prepared(subject, given.dtype, largest(function.jaxpr), True, draws, reference=held, stopped=stopped)


def title_of(function: Callable[..., Any]) -> str:
    """What a function is called: its name, or where a lambda stands."""
    name = getattr(function, "__qualname__", None) or type(function).__name__
    code = getattr(function, "__code__", None)
    if name.endswith("<lambda>") and code is not None:
        return f"the lambda at {code.co_filename.rsplit('/', 1)[-1]}:{code.co_firstlineno}"
    return name.rsplit("<locals>.", 1)[-1]


@dataclass(frozen=True)
class _Given:
    """The arguments in one dtype, and random ones like them."""

    arguments: Arguments
    dtype: str
    seed: int

    def numbers(self, random: np.random.Generator, positive: set[int], own: bool) -> Numbers:
        """(floating leaves by name, the others): drawn at random, but for the caller's own if `own` asks for them."""
        params: dict[str, np.ndarray] = {}
        others: list[Any] = []
        for k, leaf in enumerate(self.arguments.arrays):
            if leaf.kind == "kept":
                others.append(leaf.value if leaf.given else _kept(leaf, self.seed))
            elif own and leaf.given:
                params[leaf.name] = leaf.value
            else:
                params[leaf.name] = draw(random, leaf.name, leaf.shape, k in positive)
        return params, tuple(others)

    def joined(self, params: Any, others: Any) -> list[Any]:
        """The arrays in the function's order."""
        rest = iter(others)
        return [params[leaf.name] if leaf.kind == "floating" else next(rest) for leaf in self.arguments.arrays]


def _kept(leaf: Leaf, seed: int) -> Any:
    """Integers are 0 or 1, which every index and every class may be."""
    if jax.numpy.issubdtype(leaf.value.dtype, jax.dtypes.prng_key):
        return jax.random.split(key(seed), leaf.shape) if leaf.shape else key(seed)
    return np.random.default_rng(seed).integers(0, 2, leaf.shape).astype(leaf.value.dtype)


def _beyond(arguments: Arguments, dtype: str) -> str:
    """Which argument holds a number that the dtype has not, if one does."""
    highest = float(jax.numpy.finfo(storage(dtype)).max)
    for leaf in arguments.arrays:
        if leaf.kind == "floating" and leaf.given and leaf.value.size and (most := float(np.abs(leaf.value).max())) > highest:
            return f"{leaf.name} holds {most:.3g}, and its largest number is {highest:.3g}"
    return ""


def _in_dtype(
    function: Traced, given: _Given, names: Sequence[str], draws: int, title: str
) -> tuple[list[Prepared], list[str]]:
    positive = positive_inputs(function.jaxpr)
    with computing(given.dtype):
        program = _program(function, given, positive)
        verdicts = decide(program, names, given.seed).verdicts
        findings = analyse(program.jaxpr, {program.inputs.index(name): name for name in names}).findings([0])
    broken = {finding.name for finding in findings if finding.broken}
    size, notes = largest(function.jaxpr), list[str]()
    tasks: list[Prepared] = []
    for verdict in verdicts:
        if verdict.verdict == "undecided":
            notes.append(f"{verdict.bias} of `{title}` is undecided in {given.dtype}, and not measured: {verdict.reason}")
            continue
        subject = _subject(function, given, verdict, positive, title)
        unproved = ""
        # where no stop_gradient and no custom derivative is on the way, autodiff gives the derivative of the function, which is 0
        zero = verdict.gradient_zero or (verdict.gradient_zero is None and verdict.bias not in broken)
        if verdict.verdict == "redundant" and not zero:
            unproved = "no output depends on it, but the gradient is not proved to be zero: a custom derivative or stop_gradient met it"
            if verdict.gradient_zero is False:
                notes.append(
                    f"no output of `{title}` depends on {verdict.bias}, yet autodiff's gradient of it is not zero: a custom derivative, "
                    "or a stop_gradient, on its way is not the derivative of the function"
                )
        whole = verdict.verdict == "redundant" and verdict.bias not in broken
        tasks.append(Prepared(subject, given.dtype, size, whole, draws, unproved))
    return tasks, notes


def _program(function: Traced, given: _Given, positive: set[int]) -> Program:
    """The function's program for the engine; runs are on the caller's numbers first, then on random ones."""
    names = [leaf.name for leaf in given.arguments.arrays]
    structs = [jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in function.jaxpr.in_avals]

    def sample(seed: int) -> list[Any]:
        own = seed == given.seed
        return given.joined(*given.numbers(np.random.default_rng(seed), positive, own))

    return trace_function(
        lambda named: function(*(named[name] for name in names)),
        dict(zip(names, structs, strict=True)),
        "train",
        sizes="the sizes as given",
        given="the sizes as given",
        sample=sample if numbers_in(function.jaxpr, {}) <= MOST else None,
        statistics=False,
    )


def _subject(function: Traced, given: _Given, verdict: Verdict, positive: set[int], title: str) -> Subject:
    expected: Side = "below" if verdict.verdict == "redundant" else "above"
    own = any(leaf.kind == "floating" and leaf.given for leaf in given.arguments.arrays)
    return Subject(
        case=title,
        bias=verdict.bias,
        function=lambda params, others: function(*given.joined(params, others)),
        draw=lambda random: given.numbers(random, positive, False),
        expected=expected,
        gradient="below" if expected == "above" and verdict.gradient_zero else None,
        witnessed=verdict.witness is not None,
        given=given.numbers(np.random.default_rng(given.seed), positive, True) if own else None,
    )


def _whole(function: Traced, given: _Given, positive: set[int], title: str) -> Subject:
    """The function's values and gradients; what is not differentiated by is part of it, random keys as what they are made of."""
    _, others = given.numbers(np.random.default_rng(given.seed), positive, False)
    keys = {k for k, leaf in enumerate(others) if jax.numpy.issubdtype(leaf.dtype, jax.dtypes.prng_key)}
    data = [
        (np.asarray(jax.random.key_data(leaf)), jax.random.key_impl(leaf)) if k in keys else leaf
        for k, leaf in enumerate(others)
    ]

    def called(params: Any, _: Any) -> Any:
        made = (
            jax.random.wrap_key_data(jax.numpy.asarray(leaf[0]), impl=leaf[1]) if k in keys else leaf
            for k, leaf in enumerate(data)
        )
        return function(*given.joined(params, tuple(made)))

    return Subject(title, "", called, lambda random: (given.numbers(random, positive, False)[0], ()), "below")


def accuracy_of(task: Prepared, device: Device, seed: int) -> list[Measurement]:
    """A function's values and gradients against the derivative of what it computes; where that is not known, why not."""
    try:
        check = Accuracy(task.subject, task.dtype, device, task.reference, task.stopped)
        return [m for draw in range(task.draws) for m in check.run(seed + draw)]
    except (MemoryError, BnproofError):
        raise
    except Exception as error:  # of an operation that cannot be run again in float64, or differentiated there
        if out_of_memory(error, device, 1, 1, "") is not None:
            raise
        why = f"the exact derivative is not known: {said(error)}"
        unknown = Measurement(
            task.subject.case,
            "gradients",
            task.dtype,
            device.platform,
            0,
            0.0,
            math.inf,
            "below",
            obstacle=why,
            reference=task.reference.called if task.reference else ITSELF,
        )
        return [unknown]


def differentiated(task: Prepared, device: Device) -> Check:
    """The compiled check of a task; where its second derivatives do not exist in JAX, without what needs them.

    Raises CheckError, quoting JAX, for a function that cannot be differentiated at all.
    """
    try:
        return Check(task.subject, task.dtype, device, task.whole)
    except (MemoryError, BnproofError):
        raise
    except Exception as error:  # JAX's, of many kinds
        if out_of_memory(error, device, 1, 1, "") is not None:
            raise
        if task.whole:
            return differentiated(replace(task, whole=False), device)
        raise CheckError(f"`{task.subject.case}` cannot be differentiated: {quoted(error)}") from error
