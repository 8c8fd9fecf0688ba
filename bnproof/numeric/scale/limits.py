"""How much is too much, said beforehand: sizes that would run for days, or that JAX cannot serve, with an estimate of what they need."""

from __future__ import annotations

from ...errors import CheckError

MOST_VALUES = 10**10
"""Values of a channel in one run."""
MOST_HOST_DEVICES = 256
"""Devices a CPU is split into: each is a thread that waits for all others, and some hundred of them may wait for ever."""
MOST_PROCESSES = 10_000
_SECONDS_PER_VALUE = 2e-6
"""In one dtype, for the four cases of `chunked` together; measured on two cores (10⁷ values took 19 s)."""


def seconds(count: int, dtypes: int = 1) -> float:
    """About how long `run_chunked` takes for so many values in so many dtypes, in seconds."""
    return count * dtypes * _SECONDS_PER_VALUE


def about(length: float) -> str:
    """A length of time, given in seconds, in round words: ``about 3 hours``."""
    units = (("second", 1.0), ("minute", 60.0), ("hour", 3600.0), ("day", 86400.0), ("year", 365.25 * 86400))
    name, unit = [each for each in units if length >= 1.5 * each[1] or each[1] == 1.0][-1]
    number = float(f"{length / unit:.1g}")
    if number >= 1e6:
        return f"more than a million {name}s"
    return f"about {number:,.0f} {name}{'s' * (number != 1)}"


def check_values(count: int) -> None:
    """Raises CheckError for a number of values below 1, or so large that it would take days."""
    if count < 1:
        raise CheckError(f"count {count}: expected 1 or more")
    if count > MOST_VALUES:
        needed = about(seconds(min(count, 10**30)))  # of more a float knows nothing
        raise CheckError(
            f"{count:,} values would take {needed} in each dtype: "
            f"at most {MOST_VALUES:,}, which take {about(seconds(MOST_VALUES))}"
        )


def check_host_devices(count: int) -> None:
    """Raises CheckError for more devices than a CPU can be split into with any use."""
    if count > MOST_HOST_DEVICES:
        raise CheckError(
            f"{count:,} devices asked for, but a CPU is split into at most {MOST_HOST_DEVICES}: each is a thread that waits for "
            "all others, and with more they may wait for ever"
        )


def check_processes(count: int) -> None:
    """Raises CheckError for more processes than one coordinator is asked to serve."""
    if count > MOST_PROCESSES:
        raise CheckError(f"{count:,} processes: expected at most {MOST_PROCESSES:,}")
