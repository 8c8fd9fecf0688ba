"""Prime factors of the integers that exact numbers meet, without SymPy."""

from __future__ import annotations

from functools import lru_cache
from math import gcd, isqrt

_SMALL = 2000
"""Trial division goes so far."""
_LARGEST = 3_317_044_064_679_887_385_961_981
"""Below this, Miller and Rabin's test with the first 13 primes is a proof (Sorenson and Webster 2017)."""
_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
_PATIENCE = 200_000


def is_prime(value: int) -> bool:
    """Whether an odd value above 41 and below 3.3·10²⁴ is prime."""
    odd, twos = value - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in _BASES:
        x = pow(base, odd, value)
        if x in (1, value - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % value
            if x == value - 1:
                break
        else:
            return False
    return True


@lru_cache(maxsize=65536)
def primes(value: int) -> tuple[tuple[int, int], ...]:
    """The prime factors of a positive integer with their multiplicities. Raises ValueError where it is too large to factor."""
    found: dict[int, int] = {}
    p = 2
    while p <= _SMALL and p * p <= value:
        while value % p == 0:
            found[p] = found.get(p, 0) + 1
            value //= p
        p += 1
    pending = [value] if value > 1 else []
    while pending:
        part = pending.pop()
        if part < p * p or (part < _LARGEST and is_prime(part)):
            found[part] = found.get(part, 0) + 1
            continue
        divisor = _divisor(part)
        pending += [divisor, part // divisor]
    return tuple(sorted(found.items()))


def _divisor(value: int) -> int:
    """A proper divisor of a composite number (Pollard's rho). Raises ValueError after some patience."""
    whole = isqrt(value)
    if whole * whole == value:
        return whole
    if value >= _LARGEST:
        raise ValueError(f"{value} is too large to factor")
    for shift in range(1, 20):
        slow = fast = 2
        product, steps = 1, 0
        while steps < _PATIENCE:
            steps += 1
            slow = (slow * slow + shift) % value
            fast = (fast * fast + shift) % value
            fast = (fast * fast + shift) % value
            product = product * (slow - fast) % value
            if steps % 64 == 0 or product == 0:
                common = gcd(product, value)
                if common == value:
                    break
                if common > 1:
                    return common
                product = 1
    raise ValueError(f"{value} is too hard to factor")


@lru_cache(maxsize=65536)
def square_part(value: int) -> tuple[int, int]:
    """Value = r²·d with d squarefree: returns (r, d). Raises ValueError where it is too large to factor."""
    root, free = 1, 1
    for p, multiplicity in primes(value):
        root *= p ** (multiplicity // 2)
        free *= p ** (multiplicity % 2)
    return root, free
