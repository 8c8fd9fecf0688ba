"""What --input says."""

from __future__ import annotations

from typing import Any

import jax
import pytest

from bnproof.decide.checking.inputs import Called, called
from bnproof.errors import CheckError, LoadError

FILE = {"PARAMS": {"w": 1.0}}


def look_up(name: str) -> Any:
    if name not in FILE:
        raise LoadError(f"no {name}")
    return FILE[name]


def of(function: Any, *inputs: str) -> Called:
    return called(function, inputs, "file.py:f", look_up)


def struct(*sizes: int, dtype: str = "float32") -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(sizes, jax.numpy.dtype(dtype))


def three(x: Any, y: Any, z: Any = 3) -> None: ...


@pytest.mark.parametrize("text", ["4,3", "4x3", "4×3", "(4, 3)", " 4, 3 ", "4,3,", "(4,3):float32", "4,3:float32"])
def test_shapes(text: str) -> None:
    assert of(lambda x: x, text) == Called((struct(4, 3),), {})


def test_types_and_constants() -> None:
    texts = ("4:int32", "():float64", ":bool", "True", "None", "0.5", "1e-3", "PARAMS", "2,0")
    values = of(lambda *xs: xs, *texts).args
    assert values[:3] == (struct(4, dtype="int32"), struct(dtype="float64"), struct(dtype="bool"))
    assert values[3:8] == (True, None, 0.5, 1e-3, FILE["PARAMS"])
    assert values[8] == struct(2, 0)
    for text, shape in (("key", ()), (":key", ()), ("3:key", (3,))):
        (value,) = of(lambda x: x, text).args
        assert (value.shape, jax.numpy.issubdtype(value.dtype, jax.dtypes.prng_key)) == (shape, True)


def test_names_and_places() -> None:
    assert of(three, "4", "5") == Called((struct(4), struct(5)), {})
    assert of(three, "y=4", "5") == Called((struct(5), struct(4)), {})
    assert of(three, "4", "5", "6") == Called((struct(4), struct(5), struct(6)), {})
    assert of(three, "4", "y=5", "z=6") == Called((struct(4), struct(5), struct(6)), {})
    assert of(lambda x, y=1, z=2: x, "4", "z=6") == Called((struct(4),), {"z": struct(6)})
    assert of(lambda x, *, k: x, "4", "k=True") == Called((struct(4),), {"k": True})
    assert of(lambda x, **k: x, "4", "other=5") == Called((struct(4),), {"other": struct(5)})
    assert of(lambda x, /, *r: x, "4", "5", "6") == Called((struct(4), struct(5), struct(6)), {})
    assert of(lambda x, /: x, "x=4") == Called((struct(4),), {})
    nested = of(lambda p, x: x, "p.a.w=2,2", "p.a.b=2", "p.c=1", "4")
    assert nested == Called(({"a": {"w": struct(2, 2), "b": struct(2)}, "c": struct(1)}, struct(4)), {})


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (("4,3",), r"f\(x, y, z=…\) is called without `y`: .*--input y=4,3,8,8"),
        ((), "called without `x`, `y`"),
        (("1", "2", "3", "4"), r"4 inputs without a name for 3 arguments of f\(x, y, z=…\)"),
        (("1", "2", "w=3"), r"f\(x, y, z=…\) has no argument `w`; did you mean"),
        (("1", "a,b"), "--input a,b cannot be read: expected a shape"),
        (("1", ""), "--input  cannot be read"),
        (("1", "y="), "--input y= cannot be read"),
        (("1", "-4"), "cannot be read"),
        (("1", "4:float33"), "no type `float33`; did you mean float32"),
        (("1", "y.a=3", "y=4"), "given twice"),
        (("1", "y=3", "y.a=4"), "`y` is given already, and is no dict"),
        (("1", "99999999999"), "too large"),
    ],
)
def test_mistakes(inputs: tuple[str, ...], words: str) -> None:
    with pytest.raises(CheckError, match=words):
        of(three, *inputs)


def test_a_name_that_the_file_has_not() -> None:
    with pytest.raises(LoadError, match="no PARAM"):
        of(lambda x: x, "PARAM")


def test_a_truth_value_is_proposed_where_one_is_wanted() -> None:
    def function(x: Any, train: bool) -> None: ...

    with pytest.raises(CheckError, match="--input train=True"):
        of(function, "4")
