"""Sizes that are refused beforehand, and times in round words."""

from __future__ import annotations

import pytest

from bnproof.errors import CheckError
from bnproof.numeric.scale.chunked import run_chunked
from bnproof.numeric.scale.limits import (
    MOST_HOST_DEVICES,
    MOST_PROCESSES,
    MOST_VALUES,
    about,
    check_host_devices,
    check_processes,
    check_values,
    seconds,
)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (0.0, "about 0 seconds"),
        (1.2, "about 1 second"),
        (80.0, "about 80 seconds"),
        (119.0, "about 2 minutes"),
        (2000.0, "about 30 minutes"),
        (9000.0, "about 2 hours"),
        (86400.0 * 3, "about 3 days"),
        (2e9, "about 60 years"),
        (3e12, "about 100,000 years"),
        (1e24, "more than a million years"),
    ],
)
def test_times(length: float, words: str) -> None:
    assert about(length) == words


def test_the_most_is_served_and_more_is_not() -> None:
    check_values(MOST_VALUES)
    check_host_devices(MOST_HOST_DEVICES)
    check_processes(MOST_PROCESSES)
    for check, most in (
        (check_values, MOST_VALUES),
        (check_host_devices, MOST_HOST_DEVICES),
        (check_processes, MOST_PROCESSES),
    ):
        for count in (most + 1, 10**400):
            with pytest.raises(CheckError, match=f"{count:,}"):
                check(count)
    with pytest.raises(CheckError, match="expected 1 or more"):
        check_values(0)


def test_the_estimate_grows_with_the_work() -> None:
    assert seconds(10**9, 2) == 2 * seconds(10**9) == 20 * seconds(10**8)


def test_a_run_is_refused_before_it_begins() -> None:
    with pytest.raises(CheckError, match=r"would take about 60 years in each dtype: at most 10,000,000,000"):
        run_chunked(count=10**15)
