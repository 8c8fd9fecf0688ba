"""The bias gradient under batch normalisation over several devices: statistics per device, or synchronised.

Each device has its own copy of the bias and a shard of the batch; gradients are those of one loss, the sum over all values. By
theorem `bias_gradients_sum_to_zero_of_synchronised_statistics` each device's gradient is 0 if it normalises with the statistics
of its own shard; if the sums behind mean and variance, and behind their derivatives, run over all devices, the plain sum of the
gradients is 0 and no single one need be. Convolution → ReLU → batch normalisation is the control, where neither is.

How far from zero they may be: `shard_bounds`. Shards of unequal sizes are padded to the largest with not-a-number and masked: a
value that leaks from the padding cannot pass.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import CheckError
from ..checking.measurement import Measurement
from ..devices import Device, enough_memory
from ..roundoff.precision import computing, storage, unit
from .shard_bounds import Gradients, Judge

if TYPE_CHECKING:
    import jax

EPSILON = 1e-5
CHANNELS, SIZE = 4, 4
"""Of every image after the convolution: channels, and height and width."""
EQUAL_SHARD = 4
"""Images on each device where no sizes are given."""
_AXIS = "devices"
_AXES = (0, 2, 3)
_COPIES = 16
"""Arrays of the size of the activations that are alive at once, at most."""

Mean = Callable[[Any, Any], Any]
"""(one device's values of shape (images, channels, height, width), how many a channel count) → their mean, (channels, 1, 1).

The values that do not count are 0. The number is an int32; the mesh axis to exchange data over is called ``devices``."""


def own_mean(values: Any, count: Any) -> Any:
    """The mean over one device's shard."""
    import jax.numpy as jnp

    return jnp.sum(values, _AXES)[:, None, None] / count.astype(values.dtype)


def synchronised_mean(values: Any, count: Any) -> Any:
    """The mean over all devices: the total sum by the total count, so that each value has the same weight."""
    import jax.numpy as jnp
    from jax import lax

    return lax.psum(jnp.sum(values, _AXES), _AXIS)[:, None, None] / lax.psum(count, _AXIS).astype(values.dtype)


def run_sharded(
    devices: Sequence[Device], dtype: str = "float64", sizes: Sequence[int] | None = None, seed: int = 0
) -> list[Measurement]:
    """All comparisons over these devices in one dtype, the batch sharded over them: images on each in `sizes`.

    Without sizes: shards of equal sizes, then of 1, 2, 3, … images. Raises CheckError for fewer than two devices, for sizes that
    do not fit the devices, for an unknown dtype, and where memory runs out.
    """
    if len(devices) < 2:
        raise CheckError(f"{len(devices)} device given: synchronised statistics need 2 or more, as in --devices 2")
    return measure_all(devices, dtype, sizes, seed)


def measure_all(devices: Sequence[Device], dtype: str, sizes: Sequence[int] | None, seed: int) -> list[Measurement]:
    """As `run_sharded`, in a group of processes over all their devices: every process must call it."""
    every = shards(len(devices), sizes)
    room = max(max(some) for some in every)  # shards padded alike share their compiled programs
    return [m for some in every for m in measure(devices, dtype, some, seed, room)]


def shards(devices: int, sizes: Sequence[int] | None) -> list[tuple[int, ...]]:
    """The given sizes, checked; otherwise equal ones and unequal ones. Raises CheckError for sizes that do not fit."""
    if sizes is None:
        return [(EQUAL_SHARD,) * devices, tuple(range(1, devices + 1))]
    if len(sizes) != devices or min(sizes, default=0) < 1:
        raise CheckError(f"shard sizes {list(sizes)}: expected {devices} numbers, one for each device, each 1 or more")
    return [tuple(sizes)]


def measure(devices: Sequence[Device], dtype: str, sizes: Sequence[int], seed: int, room: int) -> list[Measurement]:
    """The five comparisons for one sharding, each shard padded to `room` images."""
    import jax

    width = max(storage(dtype).itemsize, 4)  # half types are added up in float32
    mine = [d for d in devices if d.process_index == jax.process_index()]
    local, platform = mine[0], mine[0].platform
    # host devices share one memory
    image = width * _COPIES * CHANNELS * SIZE**2 * (len(mine) if platform == "cpu" else 1)
    found: list[Measurement] = []
    with computing(dtype), enough_memory(local, image, room, "images on each device"):
        for relu in (False, True):
            case = f"conv -> {'relu -> ' if relu else ''}bn, {len(sizes)} devices"
            if len(set(sizes)) > 1:
                case += ", unequal shards"
            judge = Judge(case, dtype, platform)
            apart = gradients(devices, dtype, sizes, seed, room, relu, own_mean)
            together = gradients(devices, dtype, sizes, seed, room, relu, synchronised_mean)
            found += [judge.each(apart, relu), judge.total(together, relu)]
            if not relu:
                found.append(judge.one(together))
    return found


def gradients(
    devices: Sequence[Device], dtype: str, sizes: Sequence[int], seed: int, room: int, relu: bool, mean: Mean
) -> Gradients:
    """Each device's bias gradient by autodiff, and the sums its bound needs. To be called within `computing(dtype)`."""
    from jax.sharding import Mesh

    mesh = Mesh(np.array(devices), (_AXIS,))
    results = _compiled(mesh, relu, mean)(*_data(mesh, dtype, sizes, seed, room))
    each, total, *sums = (np.asarray(y.addressable_data(0)).astype(np.float64) for y in results)
    (dc, centring), (dz, adding) = sums[:2], sums[2:]
    return Gradients(each, total, dc, dz, np.array(sizes) * SIZE**2, levels(len(sizes)), (centring, adding))


@functools.lru_cache(maxsize=16)
def _compiled(mesh: jax.sharding.Mesh, relu: bool, mean: Mean) -> Callable[..., Any]:
    """The program of one mesh, compiled once for each dtype and shape; its results are copied to every device."""
    import jax
    from jax.sharding import NamedSharding, PartitionSpec

    whole = NamedSharding(mesh, PartitionSpec())
    return jax.jit(functools.partial(_program, mesh, relu, mean), out_shardings=whole)


def _program(mesh: Any, relu: bool, mean: Mean, x: Any, cotangent: Any, images: Any, bias: Any, w: Any, scale: Any) -> Any:
    """Forward and, stage by stage, reverse mode: the gradients, their sum, and `absolute` of each shard's dc and dz."""
    import jax
    import jax.numpy as jnp
    from jax import lax
    from jax.sharding import PartitionSpec

    shard = PartitionSpec(_AXIS)

    def over_devices(f: Callable[..., Any]) -> Callable[..., Any]:
        # each block keeps a first axis of length 1, the device
        def of(*blocks: Any) -> Any:
            return jax.tree.map(lambda y: y[None], f(*(b[0] for b in blocks)))

        return jax.shard_map(of, mesh=mesh, in_specs=shard, out_specs=shard)

    def kept(values: Any, n: Any) -> Any:
        return jnp.where(jnp.arange(values.shape[0])[:, None, None, None] < n, values, 0)

    def activations(b: Any, x: Any, w: Any) -> Any:
        numbers = ("NCHW", "OIHW", "NCHW")
        z = lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=numbers) + b[:, None, None]
        return jax.nn.relu(z) if relu else z

    def centred(a: Any, n: Any) -> Any:
        a = kept(a, n)
        return kept(a - mean(a, n * SIZE**2), n)

    def normalised(c: Any, n: Any, scale: Any) -> Any:
        return kept(scale[:, None, None] * c / jnp.sqrt(mean(c**2, n * SIZE**2) + EPSILON), n)

    def stages(b: Any) -> Any:
        a, pull_a = jax.vjp(lambda b: over_devices(activations)(b, x, w), b)
        c, pull_c = jax.vjp(lambda a: over_devices(centred)(a, images), a)
        y, pull_y = jax.vjp(lambda c: over_devices(normalised)(c, images, scale), c)
        return y, (pull_y, pull_c, pull_a)

    given = cotangent
    if relu:
        # a random positive multiple of the control's own sensitivity, so that its signal cannot average out
        _, sensitivity = jax.jvp(lambda b: stages(b)[0], (bias,), (jnp.ones_like(bias),))
        given = jnp.abs(cotangent) * sensitivity
    _, (pull_y, pull_c, pull_a) = stages(bias)
    (dc,) = pull_y(given)
    (dz,) = pull_c(dc)
    (each,) = pull_a(dz)
    total = jax.shard_map(lambda g: lax.psum(g[0], _AXIS), mesh=mesh, in_specs=shard, out_specs=PartitionSpec())(each)
    return each, total, *over_devices(absolute)(dc, images), *over_devices(absolute)(dz, images)


def absolute(values: Any, n: Any) -> tuple[Any, Any]:
    """Σ|values| over a shard of n images, and the largest that the squares of a sum's roundings may add up to, in u²; (channels,).

    A tree over c values has at most one partial sum of all, one of c − 1, … and one of 2: of the largest values in the worst tree. A
    result of k values, as computed at most (1 + u)^k times that sum of absolute values, is rounded by at most u·ufp of it, ufp the
    largest power of 2 below.
    """
    import jax.numpy as jnp

    u, wide = unit(values.dtype), jnp.promote_types(values.dtype, jnp.float32)
    sizes = jnp.abs(values).astype(wide).transpose(1, 0, 2, 3).reshape(values.shape[1], -1)
    terms = jnp.arange(1, sizes.shape[1] + 1)
    partial = jnp.cumsum(-jnp.sort(-sizes, 1), 1) * (1 + u + unit(wide)) ** terms.astype(wide)
    _, exponent = jnp.frexp(partial)
    rounded = jnp.where((terms > 1) & (terms <= n * SIZE**2) & (partial > 0), jnp.exp2(2.0 * (exponent - 1)).astype(wide), 0)
    return jnp.sum(sizes, 1), jnp.sum(rounded, 1)


def _data(mesh: jax.sharding.Mesh, dtype: str, sizes: Sequence[int], seed: int, room: int) -> tuple[Any, ...]:
    """Images, cotangents, numbers of images, biases, kernels and scales, a shard or copy each; made where they are needed."""
    import jax
    from jax.sharding import NamedSharding, PartitionSpec

    kind, level = storage(dtype), levels(len(sizes))
    common = np.random.default_rng([seed, 0])
    w, b = common.normal(size=(CHANNELS, 3, 3, 3)), common.normal(size=CHANNELS)
    scale = common.uniform(0.5, 1.5, CHANNELS)

    def images(d: int) -> np.ndarray:
        return _padded(np.random.default_rng([seed, 1, d]).normal(size=(sizes[d], 3, SIZE, SIZE)), room)

    def cotangents(d: int) -> np.ndarray:
        # a level for each device besides the noise: the devices' gradients then differ by far more than by chance
        return _padded(level[d] + np.random.default_rng([seed, 2, d]).normal(size=(sizes[d], CHANNELS, SIZE, SIZE)), room)

    def spread(shape: tuple[int, ...], block: Callable[[int], Any], of: Any = kind) -> Any:
        def piece(index: Any) -> np.ndarray:
            return np.stack([np.asarray(block(d)) for d in range(len(sizes))[index[0]]]).astype(of)

        sharding = NamedSharding(mesh, PartitionSpec(_AXIS))
        return jax.make_array_from_callback((len(sizes), *shape), sharding, piece)

    return (
        spread((room, 3, SIZE, SIZE), images),
        spread((room, CHANNELS, SIZE, SIZE), cotangents),
        spread((), lambda d: sizes[d], np.int32),
        spread(b.shape, lambda _: b),
        spread(w.shape, lambda _: w),
        spread(scale.shape, lambda _: scale),
    )


def levels(devices: int) -> np.ndarray:
    """The cotangents' mean on each device, (devices,): −1, 1, −1, …"""
    return np.where(np.arange(devices) % 2, 1.0, -1.0)


def _padded(values: np.ndarray, images: int) -> np.ndarray:
    padding = np.full((images - len(values), *values.shape[1:]), np.nan)
    return np.concatenate([values, padding])
