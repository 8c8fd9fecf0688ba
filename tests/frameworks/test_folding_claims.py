"""What claim S1.f says of Keras' arrays, and S2.k of its biases."""

from __future__ import annotations

import pytest

from .keras_oracle import keras

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning", "ignore:.*:DeprecationWarning")
layers = keras.layers
INPUT = (1, 8, 8, 4)


def shapes(layer: object) -> list[tuple[int, ...]]:
    layer.build(INPUT)  # type: ignore[attr-defined]
    return [array.shape for array in layer.get_weights()]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("arguments", "count"), [({}, 4), ({"scale": False}, 3), ({"center": False}, 3)])
def test_how_many_arrays_a_batch_normalisation_has(arguments: dict[str, bool], count: int) -> None:
    assert len(shapes(layers.BatchNormalization(**arguments))) == count


def test_where_the_output_channels_lie() -> None:
    assert shapes(layers.Conv2D(5, 3))[0] == (3, 3, 4, 5)
    assert shapes(layers.Conv2DTranspose(5, 3))[0] == (3, 3, 5, 4)
    assert shapes(layers.DepthwiseConv2D(3, depth_multiplier=2))[0] == (3, 3, 4, 2)
    assert shapes(layers.SeparableConv2D(5, 3))[:2] == [(3, 3, 4, 1), (1, 1, 4, 5)]


def test_the_small_constant_is_not_keras_smallest() -> None:
    assert (layers.BatchNormalization().epsilon, keras.backend.epsilon()) == (1e-3, 1e-7)


def test_biases_start_at_zero() -> None:
    layer = layers.Conv2D(5, 3)
    layer.build(INPUT)
    assert not layer.get_weights()[1].any()
