"""Every figure is drawn without a warning, in the same bytes each time, with its title and labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bnproof.numeric.recorded import recorded
from bnproof.plots import bias_gradient_against_bound, experiments, output_against_bias, style
from bnproof.plots.gallery import figures
from bnproof.report.files import SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Generator

    from matplotlib.figure import Figure

RECORDS: list[dict[str, Any]] = recorded("experiments")["experiments"]
ROWS: list[dict[str, Any]] = recorded("bias_gradient")["rows"]
DRAWN: dict[str, tuple[Any, Callable[[], str | bytes]]] = {
    "output_against_bias": (output_against_bias, output_against_bias.output_against_bias),
    "bias_gradient_against_bound": (
        bias_gradient_against_bound,
        lambda: bias_gradient_against_bound.bias_gradient_against_bound(ROWS),
    ),
    **{
        f"experiment_{record['name']}": (experiments, lambda record=record: experiments.experiment_figure(record))
        for record in RECORDS
    },
}


@pytest.fixture(params=DRAWN)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_gallery_has_these_figures() -> None:
    assert {path.stem for path in figures()} == set(DRAWN)


def test_drawn_without_warnings_and_the_same_each_time(name: str) -> None:
    draw = DRAWN[name][1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = draw()
    assert first == draw()
    assert isinstance(first, str)
    assert SIGNATURE in first[:1024]
    assert "<dc:date>" not in first
    assert "<title>" in first or "<dc:title>" in first


def test_every_axis_and_curve_is_labelled(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, draw = DRAWN[name]
    seen: list[Figure] = []

    @contextmanager
    def kept(width: float, height: float) -> Generator[Figure]:
        with style.figure(width, height) as drawn:
            seen.append(drawn)
            yield drawn

    monkeypatch.setattr(module, "figure", kept)
    draw()
    (figure,) = seen
    assert all(axes.get_xlabel() for axes in figure.axes)
    assert figure.axes[0].get_ylabel()
    for axes in figure.axes:
        told = [line.get_label() for line in axes.get_lines()]
        # a line that starts with an underscore has no label of its own: then words on the picture say what it is
        assert told
        assert all(not str(label).startswith("_") for label in told) or axes.texts
    if figure.legends:
        labels = [text.get_text() for text in figure.legends[0].get_texts()]
        assert len(set(labels)) == len(labels)


def test_where_the_output_stands_still_is_written_on_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words over the bias axis are true of the pre-activations drawn: how many units are active there."""
    seen: list[Figure] = []

    @contextmanager
    def kept(width: float, height: float) -> Generator[Figure]:
        with style.figure(width, height) as drawn:
            seen.append(drawn)
            yield drawn

    monkeypatch.setattr(output_against_bias, "figure", kept)
    output_against_bias.output_against_bias()
    counts = {"none": {0}, "one active": {1}, "two or three active": {2, 3}, "all active": {4}}
    found: set[str] = set()
    for text in seen[0].axes[1].texts:
        words = text.get_text().split(":")[0]
        if words in counts:
            x = float(text.xy[0])  # pyright: ignore[reportAttributeAccessIssue]
            assert sum(z + x > 0 for z in output_against_bias.PRE_ACTIVATIONS) in counts[words]
            found.add(words)
    assert found == set(counts)


def test_a_measurement_that_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError, match="a measurement is a number, not 'inf'"):
        bias_gradient_against_bound.bias_gradient_against_bound([{**row, "bound": "inf"} for row in ROWS])


def test_figures_for_latex_are_the_same_each_time() -> None:
    drawn = figures("pdf")
    assert {path.stem for path in drawn} == set(DRAWN)
    assert all(isinstance(content, bytes) and content.startswith(b"%PDF") for content in drawn.values())
    assert drawn == figures("pdf")
