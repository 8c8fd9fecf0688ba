"""What a user's function may be held against: another function of the same arguments, or a chain of layers.

A chain's parameters are the function's leaves of the same name, or the same last word of it, and the same shape: ``bn1.gamma`` is
``params.bn.gamma`` or ``gamma``. What is left is its input, batch and channels first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...chain.build import Built, build
from ...errors import ChainError, CheckError
from ...numeric.checking.accuracy import Against, against
from .arguments import Arguments
from .cases import apply_of

Reference = Callable[..., Any] | str


def chain_as_reference(chain: str, arguments: Arguments, title: str) -> Against:
    """A chain's values and gradients, in training mode, as those that a function of these arguments must have.

    Raises ChainError for a chain that cannot be read, CheckError where its parameters or its input are not among the arguments, or in
    several ways.
    """
    shapes = {leaf.name: leaf.shape for leaf in arguments.arrays if leaf.kind == "floating"}
    found: list[tuple[Built, str, Mapping[str, str]]] = []
    said: list[str] = []
    for name, shape in shapes.items():
        try:
            built = build(chain if "@" in chain else f"{chain} @ {'x'.join(map(str, shape))}")
        except ChainError as error:
            said.append(str(error).splitlines()[0])
            continue
        others = {other: size for other, size in shapes.items() if other != name}
        leaves = {parameter: _leaf(parameter, tuple(size), others) for parameter, size in built.parameters.items()}
        if tuple(built.input_shape) == shape and all(leaves.values()) and len({*leaves.values()}) == len(leaves):
            found.append((built, name, leaves))
    if not found and len(said) == len(shapes):
        build(chain)  # raises where the chain itself cannot be read
    if len(found) != 1:
        listed = "".join(f"\n  {name} {shape}" for name, shape in shapes.items())
        raise CheckError(
            f"the input and parameters of `{chain}` are found in {'no' if not found else 'more than one'} way among the arguments of "
            f"`{title}`: its leaves must have their names and shapes, and the input (batch, channels, …) be left{listed}"
        )
    ((built, name, leaves),) = found
    apply = apply_of(built, "train", 0)

    def function(params: Mapping[str, Any], _: Any) -> Any:
        return apply({parameter: params[leaf] for parameter, leaf in leaves.items()}, params[name])

    return against(function, f"`{chain}`")


def _leaf(parameter: str, shape: tuple[int, ...], leaves: Mapping[str, tuple[int, ...]]) -> str:
    """The leaf that a chain's parameter is; empty if there is none, or several."""
    word = parameter.rsplit(".", 1)[-1]
    alike = [name for name, size in leaves.items() if size == shape and _last_word(name) == word]
    exact = [name for name in alike if name == parameter or name.endswith(f".{parameter}")]
    fitting = exact or alike
    return fitting[0] if len(fitting) == 1 else ""


def _last_word(name: str) -> str:
    return name.replace("'", "").replace("]", "").replace("[", ".").rsplit(".", 1)[-1]
