"""``bnproof check file.py:function``: a user's own function."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .common import progress

if TYPE_CHECKING:
    from ..numeric.checking.measurement import Measurement


def check_own_function(
    what: str,
    inputs: Sequence[str],
    bias: Sequence[str],
    dtypes: Sequence[str] | None,
    device: str,
    seed: int,
    notes: list[str],
) -> list[Measurement]:
    """Its measurements; what is to be said besides is added to the notes. What the function prints goes to standard error."""
    from ..decide.checking.files import tasks_of_file
    from ..decide.checking.run import run
    from ..decide.checking.suites import WIDE
    from ..numeric.devices import choose
    from ..numeric.roundoff.precision import check_format

    (where,) = choose(device)
    wanted: Iterable[str] = dtypes or WIDE
    for dtype in wanted:
        check_format(dtype, where.platform)
    with contextlib.redirect_stdout(sys.stderr):
        tasks, said = tasks_of_file(what, inputs, list(wanted), bias=bias, seed=seed)
        notes += said
        return [m for rows in progress(run(tasks, where, seed), "checking", len(tasks)) for m in rows]
