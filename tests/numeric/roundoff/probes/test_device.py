"""This machine's arithmetic as the probes find it, asked once; and what a bound makes of arithmetic that is worse."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest
from jax import lax

from bnproof.decide.checking.cases import Case, subject
from bnproof.numeric.checking.check import Check
from bnproof.numeric.replay.op import Op
from bnproof.numeric.roundoff.operation_error import ROUNDED, own_errors
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF
from bnproof.numeric.roundoff.probes import device
from bnproof.numeric.roundoff.probes.device import arithmetic, convolves_by_transforms, error_of, products_in, roundings
from bnproof.numeric.roundoff.probes.functions import EXACT, FUNCTIONS
from bnproof.numeric.roundoff.rounding import Rounding, rounding_of

FORMATS = ("float64", "float32", "bfloat16", "float16")


@pytest.mark.parametrize("dtype", FORMATS)
def test_this_machine(dtype: str) -> None:
    found = arithmetic(dtype, "cpu")
    assert (found.operand, found.transforms) == (0.0, False)
    assert found.accumulator in (UNIT_ROUNDOFF[dtype], 2.0**-24)
    assert set(found.functions) == {*EXACT, *FUNCTIONS}
    assert all(0.5 < found.functions[name] <= 1 for name in ("div", "sqrt"))
    assert json.loads(json.dumps(found.as_json(), allow_nan=False))["dtype"] == dtype
    broken = replace(found, accumulator=math.inf, functions={"exp": math.inf})
    assert json.loads(json.dumps(broken.as_json(), allow_nan=False))["functions"] == {"exp": "inf"}


def test_float32_is_float32_throughout() -> None:
    """JAX's ``highest`` precision, in which checks are run, reads operands as they are."""
    assert products_in("float32", "cpu").operand == 0


def test_a_product_that_reads_tf32_is_found_whatever_jax_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read = device.ways

    def coarse(length: int) -> list[Any]:
        return [lambda a, b, way=way: way(lax.reduce_precision(a, 8, 10), b) for way in read(length)]

    monkeypatch.setattr(device, "ways", coarse)
    device.forget()
    assert rounding_of("float32", "cpu").operand == 2.0**-11
    device.forget()


def test_a_constant_is_at_least_what_is_listed_and_what_was_found() -> None:
    for dtype in FORMATS:
        for name in ("exp", "erfc", "atanh", "div"):
            assert roundings(name, ROUNDED[name], dtype, "cpu") >= max(ROUNDED[name], error_of(name, dtype, "cpu"))
    assert roundings("erfc", 8, "float32", "cpu") > 16  # XLA's is off by more than 8 ulp
    assert roundings("erf_inv", 64, "float32", "cpu") == 64
    assert roundings("exp", 8, "int32", "cpu") == 8


def test_each_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    errors = device.errors

    def counted(run: Any, dtype: str) -> dict[str, float]:
        asked.extend(run)
        return errors(run, dtype)

    monkeypatch.setattr(device, "errors", counted)
    device.forget()
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: error_of("tanh", "float32", "cpu"), range(8)))) == 1
    assert asked == ["tanh"]


def operation(name: str, *shapes: tuple[int, ...]) -> tuple[Op, list[np.ndarray]]:
    structs = [jax.ShapeDtypeStruct(shape, np.float32) for shape in shapes]
    if name == "conv_general_dilated":
        program = jax.make_jaxpr(lambda x, w: lax.conv_general_dilated(x, w, (1, 1), "SAME"))(*structs)
    else:
        program = jax.make_jaxpr(getattr(lax, name))(*structs)
    (equation,) = program.jaxpr.eqns
    kind = np.dtype(np.float32)
    op = Op(name, equation.params, lambda *xs: [equation.primitive.bind(*xs, **equation.params)], None, (kind, kind))
    return op, [np.ones((1, *shape)) for shape in shapes]


def test_a_convolution_by_transforms_has_no_bound() -> None:
    op, xs = operation("conv_general_dilated", (1, 2, 4, 4), (3, 2, 3, 3))
    y = np.ones((1, 1, 3, 4, 4))
    seen: list[Any] = []

    def transforms(params: Any, shapes: Any, dtype: str) -> bool:
        seen.append((params["window_strides"], [tuple(shape) for shape in shapes], dtype))
        return True

    assert own_errors(op, xs, y[0], Rounding(None)) is not None
    assert own_errors(op, xs, y[0], Rounding(None, transforms=transforms)) is None
    assert own_errors(op, xs, y[0], Rounding(None, accumulator=math.inf)) is None
    assert seen == [((1, 1), [(1, 2, 4, 4), (3, 2, 3, 3)], "float32")]
    assert own_errors(op, xs, y[0], Rounding(2.0**-24, transforms=transforms)) is not None  # no device's own, but given


def test_a_traced_convolution_is_probed_with_its_own_parameters() -> None:
    def twice(x: Any, w: Any) -> Any:
        return jax.grad(lambda x, w: lax.conv_general_dilated(x, w, (2, 1), "SAME", feature_group_count=2).sum(), (0, 1))(x, w)

    shapes = (2, 4, 6, 5), (4, 2, 3, 3)
    program = jax.make_jaxpr(twice)(*(jax.ShapeDtypeStruct(shape, np.float32) for shape in shapes))
    convolutions = [e for e in program.jaxpr.eqns if e.primitive.name == "conv_general_dilated"]
    assert len(convolutions) >= 2
    for equation in convolutions:
        shapes = [v.aval.shape for v in equation.invars]
        assert not convolves_by_transforms(equation.params, shapes, "float32", "cpu")


def test_division_and_functions_of_a_worse_device_widen_the_bound() -> None:
    y = np.ones((1, 3))
    for name, times in (("div", 4.0), ("exp", 40.0)):
        op, xs = operation(name, *[(3,)] * (2 if name == "div" else 1))
        usual, worse = (
            own_errors(op, xs, y, rounding)
            for rounding in (Rounding(None), Rounding(None, roundings=lambda name, listed, dtype, t=times: max(listed, t)))
        )
        assert usual is not None
        assert worse is not None
        assert (usual[0].times, worse[0].times) == (ROUNDED[name], times)
        assert own_errors(op, xs, y, Rounding(None, roundings=lambda *_: math.inf)) is None


def test_functions_made_of_a_rounded_argument_grow_with_it() -> None:
    for name in ("exp2", "sinh", "cosh"):
        op, _ = operation(name, (3,))
        for size in (0.0, 50.0):
            errors = own_errors(op, [np.full((1, 3), size)], np.ones((1, 3)), Rounding(None))
            assert errors is not None
            assert errors[0].times == 8 + 2 * size
        x = np.linspace(-80, 80, 4000, dtype=np.float32)
        exact = getattr(np, name)(x.astype(np.float64))
        off = np.abs(np.asarray(getattr(lax, name)(x)).astype(np.float64) / exact - 1) * 2.0**24
        assert off.max() > 16  # more than the 8 of other functions, doubled
        assert (off <= 8 + 2 * np.abs(x)).all()


def test_a_check_on_a_device_that_convolves_by_transforms_cannot_tell() -> None:
    rounding = replace(rounding_of("float32", "cpu"), transforms=lambda *_: True)
    found = Check(subject(Case("conv(4) -> bn @ 4x3x4x4")), "float32", whole=False, rounding=rounding).run(0, [1.0])
    assert {m.outcome for m in found} == {"cannot tell"}
    assert all("conv_general_dilated" in m.obstacle for m in found)
    linear = Check(subject(Case("linear(4) -> bn @ 16x6", "linear1.bias")), "float32", whole=False, rounding=rounding).run(
        0, [1.0]
    )
    assert {m.outcome for m in linear} == {"as proved"}


def test_float16_that_flushes_is_off_by_its_smallest_normal_number() -> None:
    kind = np.dtype(np.float16)
    op = Op("mul", {}, lambda *xs: list(xs), None, (kind, kind))
    assert Rounding(None).result(op) == (2.0**-11, 2.0**-24)
    assert Rounding(None, flushed=frozenset(("float16",))).result(op) == (2.0**-11, 2.0**-14)


def test_what_was_asked_is_recorded() -> None:
    products_in("float16", "cpu")
    error_of("tanh", "float32", "cpu")
    found = json.loads(json.dumps(device.answers(), allow_nan=False))
    assert {
        "question": "products_in",
        "about": ["float16", "cpu"],
        "answer": {"operand": 0.0, "accumulator": 2.0**-24},
    } in found
    (tanh,) = (one for one in found if one["about"] == ["tanh", "float32", "cpu"])
    assert 0.5 < tanh["answer"] < 8
    device.forget()
    assert device.answers() == []
