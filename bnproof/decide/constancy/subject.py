"""What `constant` is asked about: a program, and which of its inputs are data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...errors import CheckError, nearest
from ...foreign import quoted
from ...numeric.roundoff.precision import computing
from ..checking.arguments import Arguments, Leaf, arguments_of
from ..checking.functions import title_of
from ..function import MOST, numbers_in, trace_function
from ..positive import positive_inputs
from ..program import Program
from ..sampling import draw, key

PARAMETERS = frozenset(
    {
        *(
            "bias",
            "biases",
            "b",
            "beta",
            "gamma",
            "scale",
            "offset",
            "shift",
            "weight",
            "weights",
            "w",
            "kernel",
            "kernels",
            "alpha",
        ),
        *("params", "parameters", "variables", "state", "stats", "statistics", "mean", "var", "variance", "eps", "epsilon"),
    }
)
"""An argument is named like a parameter if the last word of its name is one of these, digits left out: ``w1``, ``running_mean``."""
COLLECTIONS = frozenset(("batch", "data", "inputs", "input", "images", "x", "xs"))
"""Arguments whose leaves are data though they are collections."""


@dataclass(frozen=True)
class Asked:
    """A program; the names of its inputs that are data; what each output is called."""

    title: str
    program: Program
    data: Sequence[str]
    outputs: tuple[str, ...]


def asked_about(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    data: str | Iterable[str] | None,
    seed: int,
    *,
    title: str = "",
    has_aux: bool = False,
) -> Asked:
    """The program of a function in float32; of (outputs, aux), if `has_aux`, the outputs. Raises what `constant` raises."""
    title = title or title_of(function)
    arguments = arguments_of(function, args, title, kwargs)
    leaves = arguments.arrays
    chosen = _data(arguments, data, title)
    names: list[str] = []

    def run(named: Mapping[str, Any]) -> list[Any]:
        returned = arguments.call([named[leaf.name] for leaf in leaves])
        flat = jax.tree_util.tree_flatten_with_path(returned[0] if has_aux else returned)[0]
        kept = [(path, leaf) for path, leaf in flat if hasattr(leaf, "dtype") or type(leaf) in (bool, int, float, complex)]
        names[:] = [jax.tree_util.keystr(path) for path, _ in kept]
        return [jnp.asarray(leaf) for _, leaf in kept]

    structs = {leaf.name: jax.ShapeDtypeStruct(leaf.shape, _stored(leaf)) for leaf in leaves}
    try:
        with computing("float32"):
            program = trace_function(
                run, structs, "train", statistics=False, sizes="the sizes as given", given="the sizes as given"
            )
    except Exception as error:
        shapes = ", ".join(f"{leaf.name} {list(leaf.shape)}" for leaf in leaves[:6])
        raise CheckError(f"`{title}` cannot be traced with {shapes or 'no arguments'}: {quoted(error)}") from error
    if not names:
        raise CheckError(f"`{title}` returns no array: there is nothing that could be constant")
    positive = positive_inputs(program.jaxpr)

    def sample(at: int) -> list[Any]:
        random = np.random.default_rng(at)
        return [
            _numbers(leaf, random, at, at == seed or leaf.name not in chosen, k in positive) for k, leaf in enumerate(leaves)
        ]

    few = numbers_in(program.jaxpr, {}) <= MOST
    return Asked(title, replace(program, sample=sample if few else None), chosen, tuple(names))


def _numbers(leaf: Leaf, random: np.random.Generator, seed: int, own: bool, positive: bool) -> Any:
    """A leaf's numbers: the caller's, if `own` and they are given, else random ones; whole numbers are 0 or 1, valid as any index."""
    drawn = draw(random, leaf.name, leaf.shape, positive)
    if own and leaf.given:
        return leaf.value
    if leaf.kind == "floating":
        return drawn
    if jnp.issubdtype(leaf.value.dtype, jax.dtypes.prng_key):
        return jax.random.split(key(seed), leaf.shape) if leaf.shape else key(seed)
    return (drawn > 0).astype(leaf.value.dtype)


def _stored(leaf: Leaf) -> Any:
    return np.float32 if leaf.kind == "floating" else leaf.value.dtype


def _data(arguments: Arguments, wanted: str | Iterable[str] | None, title: str) -> list[str]:
    """The names of the leaves that are data, in order."""
    names = [leaf.name for leaf in arguments.arrays]
    if wanted is None:
        found = [name for name in names if _is_data(name)]
        if names and not found:
            raise CheckError(
                f"every argument of `{title}` is named like a parameter ({', '.join(names[:6])}): say which are data, by data= in Python "
                "and --data on the command line"
            )
        return found
    asked = [wanted] if isinstance(wanted, str) else list(wanted)
    found = []
    for one in asked:
        fitting = [name for name in names if name == one or name.startswith((f"{one}.", f"{one}["))]
        if not fitting:
            near = f"; did you mean {nearest(one, names, 1)[0]}?" if names else ""
            raise CheckError(f"`{title}` has no argument `{one}`{near}")
        found += fitting
    return [name for name in names if name in found]


def _is_data(name: str) -> bool:
    argument = re.split(r"[.\[]", name)[0]
    if argument != name:
        return argument.lower() in COLLECTIONS
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    return not words or words[-1] not in PARAMETERS
