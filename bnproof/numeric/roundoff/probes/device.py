"""What the probes find of a device, each asked once, when first needed: functions by name, products and convolutions by dtype."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, ParamSpec, TypeVar

from ..precision import UNIT_ROUNDOFF, computing, storage
from .convolutions import by_transforms, convolution
from .functions import EXACT, FUNCTIONS, errors, times
from .products import Products, Sums, products
from .smallest import Smallest, smallest

_ONE_AT_A_TIME = threading.RLock()
_ANSWERS: dict[tuple[Any, ...], Any] = {}
_SPATIAL = ("NCHW", "OIHW", "NCHW")
LENGTHS, FEW = (64, 1024, 4096), (64, 512)
"""Terms of the sums probed; the few on a CPU, where every kind of sum is a loop of the same instructions."""
P = ParamSpec("P")
R = TypeVar("R")


def _once(ask: Callable[P, R]) -> Callable[P, R]:
    """Each question asked once in a process, also by threads that need the answer at the same time."""

    @functools.wraps(ask)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (ask.__name__, args, tuple(sorted(kwargs.items())))
        with _ONE_AT_A_TIME:
            if key not in _ANSWERS:
                _ANSWERS[key] = ask(*args, **kwargs)
            return _ANSWERS[key]

    return answer


def answers() -> list[dict[str, object]]:
    """What was asked so far in this process and what was found, as JSON: a question, what it was about, its answer.

    ``products_in`` a format, ``smallest_in`` a type, ``error_of`` a function in a type, ``transforms`` of a convolution.
    """
    with _ONE_AT_A_TIME:
        known = dict(_ANSWERS)
    return [
        {
            "question": name.strip("_"),
            "about": [part if isinstance(part, str) else str(part) for part in about],
            "answer": _plain(found),
        }
        for (name, about, _), found in known.items()
    ]


def _plain(answer: Any) -> Any:
    """As JSON: fields by name, and an infinite number as ``inf``."""
    if isinstance(answer, Products | Smallest):
        return {name: _plain(value) for name, value in asdict(answer).items()}
    return "inf" if isinstance(answer, float) and answer == float("inf") else answer


def forget() -> None:
    """All answers: the next question is asked again."""
    with _ONE_AT_A_TIME:
        _ANSWERS.clear()


@dataclass(frozen=True)
class Arithmetic:
    """How a platform computes in a format, as far as it was asked: see `products`, `convolutions`, `functions`, `smallest`.

    - operand, accumulator: unit round-offs in products; transforms: whether a 3 × 3 convolution, or one of its gradients, is
      computed by transforms;
    - functions: the largest error found, in unit round-offs, by name.
    """

    dtype: str
    platform: str
    operand: float
    accumulator: float
    transforms: bool
    smallest: Smallest
    functions: Mapping[str, float]

    def as_json(self) -> dict[str, object]:
        """The fields; an accumulator that explains nothing as ``inf``."""
        infinite = {"accumulator": "inf"} if self.accumulator == float("inf") else {}
        functions = {name: round(size, 3) if size < float("inf") else "inf" for name, size in self.functions.items()}
        return {**asdict(self), **infinite, "functions": functions}


def arithmetic(dtype: str, platform: str) -> Arithmetic:
    """Everything, asked now. Raises CheckError for an unknown dtype, and what JAX raises where the platform has no such type."""
    found = products_in(dtype, platform)
    functions = {name: error_of(name, storage(dtype).name, platform) for name in (*EXACT, *FUNCTIONS)}
    transforms, ends = transforms_in(dtype, platform), smallest_in(dtype, platform)
    return Arithmetic(dtype, platform, found.operand, found.accumulator, transforms, ends, functions)


def roundings(name: str, default: float, dtype: str, platform: str) -> float:
    """The unit round-offs that one operation of the compiled program counts for, at least `default`; infinite if it is wrong.

    What has no probe has the default.
    """
    if dtype not in UNIT_ROUNDOFF or (name not in EXACT and name not in FUNCTIONS):
        return default
    return times(name, default, {name: error_of(name, dtype, platform)}, platform, UNIT_ROUNDOFF[dtype])


def convolves_by_transforms(params: Mapping[str, Any], shapes: Sequence[Sequence[int]], dtype: str, platform: str) -> bool:
    """Whether the platform computes a convolution with these parameters by transforms in that format."""
    named = ("window_strides", "padding", "lhs_dilation", "rhs_dilation", "dimension_numbers")
    key = tuple((name, params[name]) for name in (*named, "feature_group_count", "batch_group_count", "precision"))
    return _transforms(key, tuple(map(tuple, shapes)), dtype, platform)


@_once
def _transforms(key: tuple[tuple[str, Any], ...], shapes: tuple[tuple[int, ...], ...], dtype: str, platform: str) -> bool:
    params = dict(key)
    with _on(dtype, platform) as where:
        return by_transforms(convolution(params, where), convolution(params), shapes, dtype)


@_once
def error_of(name: str, dtype: str, platform: str) -> float:
    """The largest error found of a function of `EXACT` or `FUNCTIONS` in a type, in unit round-offs."""
    import jax
    from jax import lax

    with _on(dtype, platform):
        return errors({name: jax.jit(getattr(lax, name))}, dtype)[name]


@_once
def products_in(dtype: str, platform: str) -> Products:
    """How dots and convolutions of a platform round in a format."""
    import jax

    few = platform == "cpu"
    asked = [(jax.jit(way), length) for length in (FEW if few else LENGTHS) for way in ways(length)[: 2 if few else None]]
    with _on(dtype, platform):
        return products(asked, dtype)


def ways(length: int) -> list[Sums]:
    """The kinds of operations that add up products: matrix by vector, by matrix; convolutions, and one of each channel by itself."""
    from jax import lax
    from jax import numpy as jnp

    def window(x: Any, w: Any, groups: int) -> Any:
        return lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=_SPATIAL, feature_group_count=groups)

    def matrix(a: Any, b: Any) -> Any:
        return (a @ jnp.tile(b[:, None], 8))[:, 0]

    def taps(a: Any, b: Any) -> Any:
        return window(a.reshape(len(a), -1, 4, 4), jnp.tile(b.reshape(1, -1, 4, 4), (8, 1, 1, 1)), 1)[:, 0, 0, 0]

    def channels(a: Any, b: Any) -> Any:
        return window(a.reshape(len(a), -1, 1, 1), jnp.tile(b.reshape(1, -1, 1, 1), (8, 1, 1, 1)), 1)[:, 0, 0, 0]

    def apart(a: Any, b: Any) -> Any:
        return window(a.reshape(1, len(a), 8, -1), jnp.tile(b.reshape(1, 1, 8, -1), (len(a), 1, 1, 1)), len(a))[0, :, 0, 0]

    return [matrix, taps, lambda a, b: a @ b, channels, *((apart,) if length <= 64 else ())]


@_once
def transforms_in(dtype: str, platform: str) -> bool:
    """Whether the platform computes a 3 × 3 convolution, or the gradient by its input or kernel, by transforms in that format."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    def forward(x: Any, w: Any) -> Any:
        return lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=_SPATIAL)

    kind = storage(dtype)
    x, w = (jax.ShapeDtypeStruct(shape, kind) for shape in ((4, 16, 12, 12), (16, 16, 3, 3)))
    with _on(dtype, platform) as where:
        by_input = jax.linear_transpose(lambda v: forward(v, jnp.ones(w.shape, kind)), x)
        by_kernel = jax.linear_transpose(lambda v: forward(jnp.ones(x.shape, kind), v), w)
        programs = [jax.make_jaxpr(forward)(x, w), *(jax.make_jaxpr(f)(x) for f in (by_input, by_kernel))]
        found = [e for program in programs for e in program.jaxpr.eqns if e.primitive.name == "conv_general_dilated"]
        assert len(found) == len(programs)
        return any(
            by_transforms(convolution(e.params, where), convolution(e.params), [v.aval.shape for v in e.invars], dtype)
            for e in found
        )


@_once
def smallest_in(dtype: str, platform: str) -> Smallest:
    """What a platform does to subnormal numbers of a format, and whether it contracts."""
    import jax

    with _on(dtype, platform):
        return smallest(jax.jit(lambda x, y: x * y), jax.jit(lambda x, y, z: x * y + z), dtype)


@contextmanager
def _on(dtype: str, platform: str) -> Any:
    """Computes in that format on the first device of a platform, wherever the caller computes."""
    import jax

    where = jax.local_devices(backend=platform)[0]
    with computing(dtype), jax.default_device(where):
        yield where
