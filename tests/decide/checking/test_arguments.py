"""Leaves of arguments: their names, which of them are biases, and what is cast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.decide.checking.arguments import Arguments, arguments_of, chosen, named_like_a_bias
from bnproof.errors import CheckError


def of(function: Any, *args: Any, **kwargs: Any) -> Arguments:
    return arguments_of(function, args, "f", kwargs)


def names(arguments: Arguments, kind: str = "floating") -> list[str]:
    return [leaf.name for leaf in arguments.leaves if leaf.kind == kind]


@jax.tree_util.register_dataclass
@dataclass
class Layer:
    """A pytree that can be called."""

    weight: Any
    offset: Any

    def __call__(self, x: Any) -> Any:
        return x @ self.weight + self.offset


def test_names_are_the_way_to_a_leaf() -> None:
    x = np.ones(2)
    found = of(lambda p, x, *rest: x, {"l": [{"b": x}, (x, x)]}, x, x, {"w": x})
    assert names(found) == ["p.l.0.b", "p.l.1.0", "p.l.1.1", "x", "rest.0", "rest.1.w"]
    assert names(of(Layer(np.ones((2, 2)), x), x)) == ["weight", "offset", "x"]
    assert names(of(lambda layer, x: x, Layer(x, x), x)) == ["layer.weight", "layer.offset", "x"]
    assert names(of(lambda x, *, gamma, bias=x: x, x, gamma=x)) == ["x", "bias", "gamma"]


def test_names_that_are_the_same_are_written_as_python_would() -> None:
    x = np.ones(2)
    assert names(of(lambda p: p, {"a": {"b": x}, "a.b": x, "c": x})) == ["p['a']['b']", "p['a.b']", "p.c"]


def test_kinds() -> None:
    given = of(
        lambda **_: None,
        floats=jnp.ones(2, jnp.bfloat16),
        shape=jax.ShapeDtypeStruct((3,), jnp.float16),
        labels=np.arange(3),
        key=jax.random.key(0),
        mask=np.array([True]),
        text="a",
        number=0.5,
        count=3,
        complex=np.ones(1, np.complex64),
        words=np.array(["a"]),
    )
    assert {leaf.name: leaf.kind for leaf in given.leaves if leaf.name} == {
        **dict.fromkeys(("floats", "shape"), "floating"),
        **dict.fromkeys(("labels", "key", "mask", "complex"), "kept"),
        **dict.fromkeys(("text", "number", "count", "words"), "constant"),
    }
    assert next(leaf for leaf in given.leaves if leaf.name == "labels").value.dtype == np.int32  # as JAX has it


def test_the_function_is_called_with_what_stands_in_the_places() -> None:
    seen: list[Any] = []

    def function(p: Any, k: Any, how: str, *, bias: Any = np.zeros(1)) -> str:  # noqa: B008
        seen.extend((p, k, how, bias))
        return "returned"

    found = of(function, {"w": np.ones(1)}, np.arange(2), "text")
    assert found.call(["W", "K", "B"]) == "returned"
    assert seen == [{"w": "W"}, "K", "text", "B"]


def test_defaults_without_arrays_stay_defaults() -> None:
    assert names(of(lambda x, eps=1e-5, how="a", scale=None: x, np.ones(1))) == ["x"]
    assert names(of(lambda x, bias=0.5: x, np.ones(1)).as_arrays(["bias"])) == ["x", "bias"]


@pytest.mark.parametrize(
    "name",
    [
        *("b", "bias", "params.conv1.bias", "beta", "p.b1", "conv2_bias", "layers.0.offset", "shift", "p['x']['bias']"),
        *("biases.0", "to_kv.bias_hh", "Beta", "projBias"),
    ],
)
def test_like_a_bias(name: str) -> None:
    assert named_like_a_bias(name)


@pytest.mark.parametrize(
    "name", ["w", "kernel", "batch", "biased", "unbias", "bias.kernel", "0", "x", "p.beta.w", "shifted", "bn.scale"]
)
def test_not_like_a_bias(name: str) -> None:
    assert not named_like_a_bias(name)


def test_ends_of_names_count_from_a_dot() -> None:
    x = np.ones(2)
    found = of(lambda p: p, {"conv1": {"bias": x}, "xconv1": {"bias": x}, "b": {"b": x}, "bias": 0.5})
    assert chosen(found, "conv1.bias", "f") == ["p.conv1.bias"]
    assert chosen(found, ["b.b", "p.bias"], "f") == ["p.b.b", "p.bias"]
    assert chosen(found, None, "f") == ["p.b.b", "p.bias", "p.conv1.bias", "p.xconv1.bias"]
    with pytest.raises(CheckError, match=r"several leaves of `f`: write p\.bias or p\.conv1\.bias"):
        chosen(found, "bias", "f")
    assert chosen(found, "b", "f") == ["p.b.b"]
    for name in ("onv1.bias", "", "p", "conv1", ".bias"):
        with pytest.raises(CheckError, match="has no argument or leaf"):
            chosen(found, name, "f")


def test_long_lists_are_cut() -> None:
    found = of(lambda p: p, {f"w{k}": np.ones(1) for k in range(30)})
    with pytest.raises(CheckError, match="… and 10 more"):
        chosen(found, None, "f")
