"""How sums of products round: what is left of an operand, and how exactly the accumulator adds.

GPUs multiply float32 after rounding it to 10 bits after the point (TF32), to nearest, 2⁻¹¹, or by cutting it off, 2⁻¹⁰; and tensor
cores add in float32 without rounding to nearest, so that an addition is off by up to 2u in the place of u (Fasi et al. 2021). Half
types may be added up in float32, in the half type, or in blocks of one and a total of the other. None of it is assumed:

- operands: products of numbers of full length with 1, one to a sum, all other terms 0: what comes out is the operand as it was read;
- additions: M + t − M with M a power of two and t = 1.75·2^−k·M, at places of a longer sum of zeros: what is lost of t, relative to M,
  is at most the accumulator's u if it rounds to nearest, and up to 2u if it cuts off. Which addition comes first is not known, so the
  three places are random within windows of several widths, of which a block-wise sum has some within a block and some across;
- sums: 1 + u/2 + … + u/2 and random terms, over up to 4096, must lie within (L + 1) u′ Σ|terms| for the u′ found; if not, u′ is
  what explains them.

Each is the power of two at or above what was seen, so that a probe that comes close finds the number itself. Source: Higham (2002),
§3.1; Fasi, Higham, Mikaitis & Pranesh (2021), Numerical behavior of NVIDIA tensor cores, PeerJ Computer Science 7:e330.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..precision import UNIT_ROUNDOFF, storage

WINDOWS = (3, 8, 32, 128, 512, 4096)
TRIPLES = 6
"""In each window, for each size of t."""
BIG = 2.0**12
"""M: so large that no t is below float16's normal numbers."""
Sums = Callable[[np.ndarray, np.ndarray], Any]
"""(terms of shape (m, L), weights of shape (L,)) → Σ terms·weights of each row, shape (m,), in their dtype."""


@dataclass(frozen=True)
class Products:
    """Unit round-offs, powers of two: of an operand (0: read as it is), and of an addition; infinite where results are not explained."""

    operand: float
    accumulator: float


def products(sums: Iterable[tuple[Sums, int]], dtype: str, seed: int = 0) -> Products:
    """The largest of what several ways to compute sums of so many products show. Raises CheckError for an unknown dtype."""
    kind = storage(dtype)
    operand = accumulator = 0.0
    with np.errstate(all="ignore"):
        for sum_, length in sums:
            lost, added = _shown(sum_, length, kind, np.random.default_rng((seed, length)))
            operand, accumulator = max(operand, lost), max(accumulator, added)
    return Products(operand, accumulator)


def _shown(sums: Sums, length: int, kind: np.dtype[Any], random: np.random.Generator) -> tuple[float, float]:
    """What one way shows of operands and of additions. All rows at once, twice, so that the way is compiled once."""
    numbers, unit, places = _single(length, kind, random)
    triples, sizes = _triples(length, kind, random)
    whole = _whole(length, kind, random)
    terms = np.concatenate([numbers, triples.astype(kind), whole])
    results = _wide(sums(terms, np.ones(length, kind)))
    single, added, total = np.split(results, [len(numbers), len(numbers) + len(triples)])
    weights = np.asarray(random.uniform(1, 2, length)).astype(kind)
    swapped = _wide(sums(np.concatenate([unit, np.zeros((len(terms) - len(unit), length), kind)]), weights))[: len(unit)]
    wanted = _wide(numbers)[np.arange(len(numbers)), places]
    operand = _power(max(_largest(np.abs(single / wanted - 1)), _largest(np.abs(swapped / _wide(weights)[places] - 1))))
    accumulator = _power(_largest(np.abs(added - sizes) / BIG))
    return operand, max(accumulator, _explaining(total, _wide(whole), UNIT_ROUNDOFF[kind.name], operand, accumulator))


def _single(length: int, kind: np.dtype[Any], random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of one number of full length each, the same rows with 1 in its place, and the places."""
    numbers = random.uniform(1, 2, 64) * random.choice([-1.0, 1.0], 64)
    longest = 2 - np.exp2(-np.arange(1.0, 53))  # 1.1…1 in binary: cut off after any digit they lose all but that
    values = np.concatenate([numbers, longest]).astype(kind)
    places, rows = random.integers(0, length, len(values)), np.arange(len(values))
    filled, unit = np.zeros((len(values), length), kind), np.zeros((len(values), length), kind)
    filled[rows, places], unit[rows, places] = values, 1
    return filled, unit, places


def _triples(length: int, kind: np.dtype[Any], random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows of M, t and −M, and the t of each: the exact sum."""
    sizes = BIG * 1.75 * np.exp2(-np.arange(6.0, (54 if kind.name == "float64" else 26) + 1))
    rows: list[np.ndarray] = []
    for window in WINDOWS:
        for _ in range(TRIPLES if window <= length else 0):
            places = random.integers(0, length - window + 1) + random.choice(window, 3, replace=False)
            row = np.zeros((len(sizes), length))
            row[:, places[0]], row[:, places[1]], row[:, places[2]] = BIG, sizes, -BIG
            rows.append(row)
    return np.concatenate(rows), np.tile(sizes, len(rows))


def _whole(length: int, kind: np.dtype[Any], random: np.random.Generator) -> np.ndarray:
    """Rows of 1 and many numbers about as small as are lost beside it, 1 first or somewhere; and random ones."""
    rows = [random.normal(size=length), random.uniform(size=length)]
    own = UNIT_ROUNDOFF[kind.name]
    for small in (own / 2, own, *({2.0**-25, 2.0**-24} if own <= 2.0**-24 else ())):
        for place in (0, int(random.integers(length))):
            row = np.full(length, small)
            row[place] = 1
            rows.append(row)
    return np.stack(rows).astype(kind)


def _explaining(found: np.ndarray, terms: np.ndarray, own: float, operand: float, accumulator: float) -> float:
    """The unit round-off of additions that explains whole sums, if what was found does not; else 0."""
    exact, size = np.array([math.fsum(row) for row in terms]), np.abs(terms).sum(1)
    off = np.maximum(np.abs(found - exact) - own * np.abs(exact) - 2 * operand * size, 0)
    wanted = _largest(off / ((terms.shape[1] + 1) * size))
    return _power(wanted) if wanted > accumulator else 0.0


def _power(size: float) -> float:
    """The power of two at or above; 0 for 0, infinity for what is not finite."""
    if not math.isfinite(size):
        return math.inf
    mantissa, exponent = math.frexp(size)
    return math.ldexp(0.5 if mantissa == 0.5 else 1.0, exponent) if size else 0.0


def _wide(values: Any) -> np.ndarray:
    return np.asarray(values).astype(np.float64)


def _largest(off: np.ndarray) -> float:
    return float(np.nan_to_num(off, nan=np.inf).max(initial=0.0))
