"""What an experiment may hold, how numbers are written, and that the registry stays light."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from bnproof.numeric.experiments import REGISTRY
from bnproof.numeric.experiments.experiment import POINTS, Experiment, Series, plain, shown, spaced


def test_series_refuses_what_cannot_be_drawn() -> None:
    Series("fine", (1.0, 2.0), (3.0, 4.0), low=(2.9, 4.0), high=(3.0, 4.1))
    many = tuple(map(float, range(POINTS + 1)))
    one = (1.0,)
    for x, y, low, high in (
        ((), (), (), ()),
        (one, (1.0, 2.0), (), ()),
        (many, many, (), ()),
        (one, one, one, ()),
        (one, one, (1.0, 2.0), (1.0, 2.0)),
        (one, one, (1.1,), (1.2,)),
    ):
        with pytest.raises(ValueError, match="series `s`"):
            Series("s", x, y, low=low, high=high)
    for bad in (math.nan, math.inf):
        with pytest.raises(ValueError, match="not finite"):
            Series("s", (1.0,), (bad,))


def test_json_is_rounded_to_six_digits() -> None:
    curve = Series("s", (1.0,), (1 / 3,))
    record = Experiment("n", "q?", (curve,), "x", "y", False, True, "found", {"seed": 0}).as_json()
    assert record["series"] == ({"label": "s", "x": [1.0], "y": [0.333333], "kind": "measured", "low": [], "high": []},)
    assert record["settings"] == {"seed": 0}


def test_the_rows_of_a_table_have_the_same_columns() -> None:
    curve = Series("s", (1.0,), (1.0,))

    def made(*rows: dict[str, str]) -> Experiment:
        return Experiment("n", "q?", (curve,), "x", "y", False, True, "found", {}, table=rows)

    made({"a": "1", "b": "2"}, {"a": "3", "b": "4"})
    for other in ({"b": "3", "a": "4"}, {"a": "3"}):
        with pytest.raises(ValueError, match="experiment `n`: the rows"):
            made({"a": "1", "b": "2"}, other)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (0.0131, "0.013"), (1.23e-8, "1.2e-8"), (4096.0, "4100"), (-0.5, "-0.5"), (3e5, "3.0e5"), (1.96, "2")],
)
def test_shown(value: float, words: str) -> None:
    assert shown(value) == words


def test_plain() -> None:
    assert [plain(value) for value in (0.1, 1e-8, 1e-20, 1e20)] == ["0.1", "1e-8", "1e-20", "1e+20"]


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("count", [1, 2, 59, 60, 61, 5000])
def test_spaced(count: int, log: bool) -> None:
    chosen = spaced(count, log)
    assert chosen == sorted(set(chosen))
    assert (chosen[0], chosen[-1]) == (0, count - 1)
    assert len(chosen) <= POINTS
    with pytest.raises(ValueError, match="0 points"):
        spaced(0, log)


def test_importing_the_registry_imports_no_jax() -> None:
    code = "import sys; from bnproof.numeric.experiments import REGISTRY; print(len(REGISTRY), 'jax' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == [str(len(REGISTRY)), "False"]
