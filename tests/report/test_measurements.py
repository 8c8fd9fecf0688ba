"""Measurements as a table, a closing line, CSV and JSON: made by hand, one of every kind."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import pytest

from bnproof.numeric.checking.measurement import Measurement
from bnproof.report.measurements import COLUMNS, closing, csv_text, failure, heading, measurements_json, table
from bnproof.report.writers.layout import columns

GOOD = Measurement(
    case="conv(4) -> bn @ 4x3x4x4",
    quantity="bias gradient",
    dtype="float32",
    device="cpu",
    count=64,
    measured=1.25e-7,
    bound=2e-6,
    expected="below",
    bias="conv1.bias",
    sequential=3e-6,
)
CLOSER = replace(GOOD, quantity="output shift by 1000", measured=1.5e-6)
VAGUE = replace(GOOD, quantity="output shift by 1e+06", measured=0.5, bound=8.0, obstacle="the bound is too large: by far")
DOUBLE = replace(GOOD, dtype="float64", measured=1e-16, bound=2e-15)
FAILING = replace(GOOD, quantity="other gradients", measured=3.0, bound=1e-6)
NAN = replace(GOOD, case="conv(4) -> in @ 2x3x6x6", dtype="float16", measured=math.nan)
INFINITE = replace(NAN, dtype="bfloat16", measured=math.inf, bound=math.inf, sequential=math.inf)
CONTROL = replace(
    GOOD, case="conv(4) -> relu -> bn @ 4x3x2x2", expected="above", factor=1e3, measured=0.75, bound=1e-6, count=16
)
IDLE = replace(CONTROL, dtype="float64", measured=1e-7)
LONG = replace(
    CONTROL,
    case="bias gradient over 8 devices, one device, batch of 2400",
    quantity="gradient of one device, statistics its own",
)
ALONE = replace(GOOD, case="attention @ 2x4x6", bias="attention1.k.bias", count=0, measured=0.0, bound=0.0, sequential=None)
EVERY = [GOOD, CLOSER, VAGUE, DOUBLE, FAILING, NAN, INFINITE, CONTROL, IDLE, LONG, ALONE]


def lines_of(measurements: list[Measurement], whole: bool = False) -> list[str]:
    return table(measurements, 80, whole).splitlines()


def test_outcomes_of_these() -> None:
    assert [m.outcome for m in EVERY] == [
        "as proved",
        "as proved",
        "cannot tell",
        "as proved",
        "FAILED",
        "FAILED",
        "FAILED",
        "as proved",
        "FAILED",
        "as proved",
        "as proved",
    ]


def test_a_heading_says_what_is_proved() -> None:
    assert heading(GOOD) == "conv(4) -> bn @ 4x3x4x4, conv1.bias: proved zero, 64 values together"
    assert heading(CONTROL).endswith("acts, 16 values together")
    assert heading(ALONE).endswith("attention1.k.bias: proved zero")
    assert "10,000,000 values" in heading(replace(GOOD, count=10**7))


def test_one_line_a_dtype_the_closest_to_failing() -> None:
    lines = lines_of([GOOD, CLOSER, VAGUE, DOUBLE])
    assert lines[0].split() == ["dtype", "quantity", "measured", "bound", "ratio", "verdict"]
    assert [line.split() for line in lines[3:]] == [
        ["float32", "output", "shift", "by", "1000", "1.5e-06", "≤", "2e-06", "0.75", "zero"],
        ["float64", "bias", "gradient", "1e-16", "≤", "2e-15", "0.05", "zero"],
    ]


def test_of_a_control_the_smallest() -> None:
    small = replace(CONTROL, quantity="output shift by 1", measured=0.002)
    (line,) = lines_of([CONTROL, small])[3:]
    assert line.split() == ["float32", "output", "shift", "by", "1", "0.002", "≥", "1e-06", "2e+03", "not", "zero"]


def test_all_that_failed_and_nothing_else() -> None:
    second = replace(FAILING, quantity="Hessian row", measured=math.nan)
    assert [line.split()[-1] for line in lines_of([GOOD, FAILING, VAGUE, second])[3:]] == ["FAILED", "FAILED"]
    assert [" ".join(line.split()[-2:]) for line in lines_of([VAGUE])[3:]] == ["cannot tell"]


def test_every_quantity_if_asked() -> None:
    assert len(lines_of([GOOD, CLOSER, VAGUE, DOUBLE], whole=True)) == 3 + 4


def test_what_is_not_finite_is_shown() -> None:
    lines = lines_of([NAN, INFINITE])
    assert lines[3].split()[3] == "nan"
    assert lines[4].split()[3:] == ["inf", "no", "bound", "–", "FAILED"]
    assert all(line.endswith("FAILED") for line in lines[3:])


def test_cases_have_one_heading_each() -> None:
    lines = lines_of([GOOD, DOUBLE, CONTROL, ALONE])
    assert [lines[k + 1] for k, line in enumerate(lines) if not line] == [heading(m) for m in (GOOD, CONTROL, ALONE)]
    other = replace(GOOD, bias="bn1.beta")
    assert sum(not line for line in lines_of([GOOD, other])) == 2


def test_long_quantities_get_a_line_of_their_own() -> None:
    first, second = lines_of([LONG])[-2:]
    assert first.split(maxsplit=1) == ["float32", LONG.quantity]
    assert second.split()[0] == "0.75"
    plain = lines_of([CONTROL])[-1]
    assert second.index("≥") == plain.index("≥")


@pytest.mark.parametrize("whole", [False, True])
def test_width(whole: bool) -> None:
    shown = [*lines_of(EVERY, whole), *closing(EVERY, 12.3).splitlines()]
    assert [line for line in shown if columns(line) > 80] == []


def test_paint_sees_every_verdict() -> None:
    painted: list[tuple[str, str]] = []

    def brush(words: str, kind: str) -> str:
        painted.append((words, kind))
        return f"<{words}>"

    shown = table([GOOD, VAGUE, FAILING, CONTROL], 80, True, brush)
    assert painted == [("zero", "acts"), ("cannot tell", "undecided"), ("FAILED", "redundant"), ("not zero", "acts")]
    assert shown.endswith("<not zero>")


def test_closing_counts() -> None:
    words = " ".join(closing(EVERY, 12.3).split())
    assert words.startswith("8 cases × dtypes on cpu, 11 measurements in 12 s: 6 as proved, 1 cannot tell, 4 failed.")
    assert (
        "Cannot tell: the bound is too large (try a wider dtype, or fewer values normalised together): "
        "conv(4) -> bn @ 4x3x4x4, conv1.bias: output shift by 1e+06 (float32)"
    ) in words
    assert words.endswith("--all shows every quantity, what the bounds contain and what they leave out.")
    assert words.count("FAILED: ") == 4
    assert "other gradients is 3, expected at most its bound 1e-06" in words
    assert "bias gradient is nan" in words


def test_closing_names_what_cannot_be_told_by_reason() -> None:
    half = replace(VAGUE, dtype="float16", obstacle="the bound is too large")
    other = replace(VAGUE, bias="bn1.beta", quantity="Hessian row")
    kink = replace(VAGUE, obstacle="a maximum is within round-off of its kink")
    assert closing([VAGUE, VAGUE, half, other, kink], 1, 200).splitlines()[1:] == [
        "Cannot tell: the bound is too large (try a wider dtype, or fewer values normalised together):",
        "  conv(4) -> bn @ 4x3x4x4, conv1.bias: output shift by 1e+06 (float32, float16)",
        "  conv(4) -> bn @ 4x3x4x4, bn1.beta: Hessian row (float32)",
        "Cannot tell: a maximum is within round-off of its kink (try another seed, so that no value lies there, or a wider dtype):",
        "  conv(4) -> bn @ 4x3x4x4, conv1.bias: output shift by 1e+06 (float32)",
    ]


def test_many_that_cannot_tell_alike_are_counted_unless_all_are_asked_for() -> None:
    many = [replace(VAGUE, case=f"conv({k}) -> bn") for k in range(5)]
    assert closing(many, 1, 200).splitlines()[2] == "  5 parameters: output shift by 1e+06 (float32)"
    assert len(closing(many, 1, 200).splitlines()) == 3
    assert [line for line in closing(many, 1, 200, whole=True).splitlines() if "conv(3)" in line]


def test_closing_counts_one_as_one() -> None:
    assert closing([GOOD], 1).startswith("1 case × dtype on cpu, 1 measurement in 1 s: ")
    assert closing([HELD], 1).startswith("On cpu, 1 measurement in 1 s: ")


def test_the_sign_shown_is_true() -> None:
    small = replace(CONTROL, obstacle="moves too little", measured=1e-8)
    assert [line.split()[4] for line in lines_of([small])[3:]] == ["<"]
    assert [line.split()[4] for line in lines_of([replace(GOOD, measured=1.0)])[3:]] == [">"]


def test_dtypes_that_are_accurate_share_a_sentence() -> None:
    fine = [
        replace(HELD, quantity="accuracy", dtype=dtype, note=f"as accurate as {dtype} allows: yes")
        for dtype in ("float64", "float32", "float16")
    ]
    said = closing([*fine, replace(COARSE, dtype="bfloat16")], 1, 300)
    assert "As accurate as float64, float32 and float16 allow: yes.\nAs accurate as float32 allows: no, 300 ×" in said


def test_closing_names_every_device() -> None:
    assert "on cpu, gpu," in closing([GOOD, replace(GOOD, device="gpu")], 1)


def test_failures_in_words() -> None:
    assert failure(FAILING).endswith("conv1.bias, float32: other gradients is 3, expected at most its bound 1e-06")
    assert failure(IDLE).endswith("bias gradient is 1e-07, expected at least 1000 times its bound 1e-06")


def test_csv_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(EVERY))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(EVERY)
    for row, m in zip(rows, EVERY, strict=True):
        assert row["case"] == m.case
        assert (row["quantity"], row["outcome"], row["obstacle"]) == (m.quantity, m.outcome, m.obstacle)
        assert int(row["count"]) == m.count
        for name, value in (("measured", m.measured), ("bound", m.bound), ("ratio", m.ratio), ("factor", m.factor)):
            assert float(row[name]) == value or (math.isnan(value) and row[name] == "nan")
        assert (float(row["sequential"]) if row["sequential"] else None) == m.sequential


def test_csv_keeps_commas_and_quotes() -> None:
    title = 'conv(4, groups=2) -> bn @ 4x4x4x4, "eval"'
    (row,) = csv.DictReader(io.StringIO(csv_text([replace(GOOD, case=title)])))
    assert row["case"] == title


def test_json_is_strict() -> None:
    value = measurements_json(EVERY, {"seconds": 1.5})
    read = json.loads(json.dumps(value, allow_nan=False))
    assert read["schema"] == 1
    assert read["seconds"] == 1.5
    assert read["summary"] == {"measurements": 11, "pairs": 8, "as_proved": 6, "cannot_tell": 1, "failed": 4}
    assert [case["measured"] for case in read["cases"]][5:7] == ["nan", "inf"]
    for case, m in zip(read["cases"], EVERY, strict=True):
        assert set(case) == {*COLUMNS, "passed"}
        assert (case["outcome"], case["passed"]) == (m.outcome, m.passed)
        assert case["bound"] in (m.bound, str(m.bound))
    with pytest.raises(ValueError, match="not JSON compliant"):
        json.dumps({"measured": NAN.measured}, allow_nan=False)


def test_nothing_measured() -> None:
    assert lines_of([]) == lines_of([GOOD])[:1]
    assert csv_text([]) == ",".join(COLUMNS) + "\n"
    assert measurements_json([], {})["cases"] == []


# --- values and gradients against exact ones

HELD = Measurement("conv -> bn", "output", "float32", "cpu", 64, 1e-7, 1e-6, "below", bias="bn1", reference="its definition")
COARSE = replace(
    HELD, quantity="accuracy", measured=3e-4, note="as accurate as float32 allows: no, 300 ×, rounded to bfloat16 on the way"
)
NEGATED = replace(HELD, quantity="gradient of gamma", measured=1.0, note="the gradient is not that of its definition")


def test_what_is_held_against_a_reference_is_no_zero() -> None:
    fine = replace(HELD, quantity="accuracy", note="as accurate as float32 allows: yes")
    shown = table([HELD, fine], 100)
    assert "conv -> bn, bn1: values and gradients against its definition, 64 values together" in shown
    assert "accurate" in shown.splitlines()[-1]
    assert "agrees" in table([HELD, fine], 100, whole=True)
    assert "zero" not in table([HELD, fine], 100, whole=True)
    assert "As accurate as float32 allows: yes." in closing([HELD, fine], 1.0, 200)


def test_what_is_wrong_and_what_is_coarse_is_said() -> None:
    said = closing([HELD, NEGATED, COARSE], 1.0, 300)
    assert "FAILED: conv -> bn, bn1, float32: gradient of gamma is off by 1 from its definition" in said
    assert "(the gradient is not that of its definition)" in said
    assert "As accurate as float32 allows: no, 300 ×, rounded to bfloat16 on the way (conv -> bn, bn1)." in said
    rows = measurements_json([NEGATED, COARSE], {})["cases"]
    assert isinstance(rows, list)
    assert [(row["reference"], row["note"]) for row in rows] == [("its definition", m.note) for m in (NEGATED, COARSE)]
    assert "rounded to bfloat16 on the way" in csv_text([COARSE])
