"""What is normal in a run, and what is to blame, in words, in JSON and as a file."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bnproof.errors import OutputError
from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.roundoff import coverage
from bnproof.numeric.roundoff.probable import Share
from bnproof.report.measurements import closing, covered, csv_text, failure, measurements_json, table
from bnproof.report.normal import SHARES, blamed, check_shares, in_words, normal, normal_together, shares_text, write_shares
from bnproof.report.writers.layout import columns

SUM, PRODUCT = Share("reduce_sum", "bn1, backward", 0.75), Share("mul", "bn1", 0.25)
ZERO = Measurement(
    "conv -> bn",
    "bias gradient",
    "float32",
    "cpu",
    4096,
    3e-9,
    2e-7,
    "below",
    bias="b",
    probable=5e-8,
    failure=1e-9,
    shares=(SUM, PRODUCT),
)
HALF = replace(
    ZERO,
    dtype="bfloat16",
    measured=0.25,
    bound=90.0,
    probable=7.0,
    by="probable",
    shares=(replace(SUM, share=0.5), Share("div", "", 0.5)),
)
CONTROL = replace(ZERO, expected="above", factor=1e3, measured=0.5, case="conv -> relu -> bn", shares=())


def test_what_is_normal_follows_from_what_was_measured() -> None:
    (words,) = normal([replace(ZERO, measured=1e-9), ZERO])
    assert words == (
        "A bias gradient of 3e-09 is normal in float32 (conv -> bn, 4,096 values together): round-off of what is 0 over the reals, at "
        "most 2e-07."
    )
    assert normal([ZERO, CONTROL])[0].endswith("Where the bias acts it was 0.5 or more.")
    assert [m.split(" is normal")[0] for m in normal([ZERO, HALF])] == ["A bias gradient of 3e-09", "A bias gradient of 0.2"]
    assert "at most 7, more with a probability of at most 1e-09." in normal([HALF])[0]
    assert "of exactly 0 is normal in float32 (conv -> bn)" in normal([replace(ZERO, measured=0.0, count=0)])[0]


def test_several_dtypes_are_told_of_in_one_sentence() -> None:
    assert normal_together([ZERO]) == normal([ZERO])
    (words,) = normal_together([ZERO, HALF, CONTROL])
    assert words == (
        "A bias gradient that is 0 over the reals is normal here as round-off of 3e-09 in float32 (at most 2e-07), 0.2 in bfloat16 (at "
        "most 7, more with a probability of at most 1e-09). Where the bias acts it was 0.5 or more."
    )
    assert normal_together([replace(ZERO, measured=1.0), HALF]) == normal([HALF])


def test_nothing_is_normal_that_was_not_as_proved() -> None:
    failing, vague = replace(ZERO, measured=1.0), replace(ZERO, obstacle="too large")
    assert normal([failing, vague, CONTROL, replace(ZERO, quantity="Hessian row"), replace(HALF, measured=8.0)]) == []
    assert normal([]) == []


def test_blame_is_the_mean_over_bounds_whose_shares_are_known() -> None:
    found = blamed([ZERO, HALF, CONTROL])
    assert found == [
        ("reduce_sum", "bn1, backward", pytest.approx(0.625)),
        ("div", "", pytest.approx(0.25)),
        ("mul", "bn1", pytest.approx(0.125)),
    ]
    assert (
        in_words(found)
        == "To blame for the bounds, on average: `reduce_sum` (mostly in bn1, backward) 62%, then `div` 25% and `mul` 12%."
    )
    assert in_words(blamed([CONTROL])) == ""


def test_the_table_marks_what_is_only_probable() -> None:
    worst, likely = table([replace(ZERO, case="a"), replace(HALF, case="b")]).splitlines()[3::3]
    assert worst.split()[-4:] == ["≤", "2e-07", "0.015", "zero"]
    assert likely.split()[-5:] == ["≤", "7", "0.036", "zero", "*"]
    acting = replace(HALF, expected="above", factor=3.0, measured=40.0)
    assert table([acting]).splitlines()[-1].endswith("not zero *")
    assert all(columns(line) <= 80 for line in table([acting, HALF]).splitlines())


def test_closing_counts_what_is_only_probable_and_says_what_that_assumes() -> None:
    words = " ".join(closing([ZERO, HALF], 1).split())
    assert (
        "2 as proved, 0 cannot tell, 0 failed. * 1 as proved by the probable bound, where the worst case cannot tell." in words
    )
    assert "at most 1e-09, if rounding errors have mean zero" in words
    assert "To blame for the bounds, on average: `reduce_sum`" in words
    assert "probable" not in closing([ZERO], 1)
    assert all(columns(line) <= 80 for line in closing([ZERO, HALF, CONTROL], 1).splitlines())


def test_failures_by_the_worst_case_only() -> None:
    assert failure(replace(ZERO, measured=1.0)).endswith("bias gradient is 1, expected at most its bound 2e-07")


def test_the_two_lists_are_apart_and_complete() -> None:
    value = json.loads(json.dumps(measurements_json([ZERO, HALF], {}), allow_nan=False))
    contains, left = value["bounds"]["contains"], value["bounds"]["leaves_out"]
    assert {item["error"] for item in contains}.isdisjoint(item["error"] for item in left)
    assert all(item["error"] and item["counted"] for item in contains)
    assert {item["guard"] for item in left} > {""}
    assert value["bounds"]["probable"] == {"assumption": coverage.ASSUMPTION, "failure": 1e-9, "source": coverage.SOURCE}
    assert value["normal"] == normal([ZERO, HALF])
    assert [item["operation"] for item in value["blame"]] == ["reduce_sum", "div", "mul"]
    first, second = covered().split("\n\n")
    assert first.startswith("The bounds contain")
    assert second.startswith("They leave out")
    assert first.count("\n  + ") == len(coverage.CONTAINS)
    assert second.count("\n  - ") == len(coverage.LEAVES_OUT)
    assert all(columns(line) <= 80 for line in covered().splitlines())


def test_csv_has_both_bounds() -> None:
    row = next(csv.DictReader(io.StringIO(csv_text([HALF]))))
    assert (row["bound"], row["probable"], row["failure"], row["by"]) == ("90.0", "7.0", "1e-09", "probable")
    assert (row["blame"], row["where"], row["share"]) == ("reduce_sum", "bn1, backward", "0.5")


def test_shares_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "shares.csv"
    write_shares(path, [ZERO, HALF, CONTROL])
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert tuple(rows[0]) == SHARES
    assert [(row["dtype"], row["operation"], float(row["share"])) for row in rows] == [
        ("float32", "reduce_sum", 0.75),
        ("float32", "mul", 0.25),
        ("bfloat16", "reduce_sum", 0.5),
        ("bfloat16", "div", 0.5),
    ]
    write_shares(path, [])  # its own file is written anew
    assert path.read_text() == shares_text([]) == ",".join(SHARES) + "\n"


def test_no_other_file_is_overwritten(tmp_path: Path) -> None:
    other = tmp_path / "mine.csv"
    for content in (b"a,b\n", b"\xff\xfe", b""):
        other.write_bytes(content)
        with pytest.raises(OutputError, match="holds no shares"):
            write_shares(other, [ZERO])
        assert other.read_bytes() == content
    with pytest.raises(OutputError, match="holds no shares"):
        check_shares(tmp_path)
    with pytest.raises(OutputError, match="no directory"):
        check_shares(tmp_path / "missing" / "shares.csv")
