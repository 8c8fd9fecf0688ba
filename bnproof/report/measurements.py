"""Measurements for people and for programs: a table by case, JSON, CSV."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..numeric.checking.measurement import Measurement
from ..numeric.checking.quantities import ACCURACY
from ..numeric.roundoff import coverage
from ..numeric.roundoff.probable import ASSUMPTION, FAILURE
from .normal import blamed, in_words, normal, normal_together
from .obstacles import advice
from .writers.layout import Paint, plain, wrapped

FEW = 3
"""Cases that are named one by one where several could not be told for one reason."""
MARK = "*"
"""Behind the verdict of what rests on the probable bound."""
COLUMNS = (
    "case",
    "bias",
    "quantity",
    "dtype",
    "device",
    "count",
    "expected",
    "factor",
    "measured",
    "bound",
    "sequential",
    "ratio",
    "outcome",
    "obstacle",
    "probable",
    "failure",
    "by",
    "blame",
    "where",
    "share",
    "reference",
    "note",
)
"""Of the CSV; the JSON of a measurement has `passed` besides. Records of earlier versions lack the last ones."""


def heading(m: Measurement) -> str:
    """What was checked, and what is proved about it, or what it is held against."""
    if m.reference:
        together = f", {m.count:,} values together" if m.count else ""
        return f"{', '.join(filter(None, (m.case, m.bias)))}: values and gradients against {m.reference}{together}"
    proved = "proved zero" if m.expected == "below" else "acts"
    together = f", {m.count:,} values together" if m.count else ""
    return f"{m.case}, {m.bias}: {proved}{together}"


def table(measurements: Sequence[Measurement], width: int = 80, whole: bool = False, paint: Paint = plain) -> str:
    """A heading for each case and a line for each dtype: the quantity closest to failing, or every one if `whole`."""
    lines = [f"{'  dtype':<12}{'quantity':<23}{'measured':>9}   {'bound':<9}{'ratio':>8}  verdict"]
    for title in dict.fromkeys(map(heading, measurements)):
        lines += ["", wrapped(title, width, indent="  ")]
        for dtype, rows in _by_dtype([m for m in measurements if heading(m) == title]):
            for m in rows if whole else _shown(rows):
                lines.append(_line(dtype, m, paint))
    return "\n".join(lines)


def closing(measurements: Sequence[Measurement], seconds: float, width: int = 80, whole: bool = False) -> str:
    """How many were as proved, what failed, what is normal, and which could not be told, why, and what to do; each case if `whole`."""
    outcomes = Counter(m.outcome for m in measurements)
    pairs = _pairs(measurements)
    device = ", ".join(sorted({m.device for m in measurements}))
    lines = [
        f"{_counted(pairs)}{device}, {len(measurements)} measurement{'' if len(measurements) == 1 else 's'} in {seconds:.0f} s: "
        f"{outcomes['as proved']} as proved, {outcomes['cannot tell']} cannot tell, {outcomes['FAILED']} failed."
    ]
    if likely := sum(m.by == "probable" and m.outcome == "as proved" for m in measurements):
        assumed = f"if {ASSUMPTION}" if whole else "if rounding errors have mean zero, each given the ones before it"
        lines.append(
            f"{MARK} {likely} as proved by the probable bound, where the worst case cannot tell. Each fails with a probability of at most "
            f"{FAILURE:g}, {assumed}."
        )
    lines += [f"FAILED: {failure(m)}" for m in measurements if m.outcome == "FAILED"]
    lines += _accuracies(measurements)
    lines += _left_out(measurements)
    if words := [*normal_together(measurements), *filter(None, [in_words(blamed(measurements))])]:
        lines += words
    shown = [wrapped(line, width, indent="  ") for line in lines]
    for (reason, todo), cases in _untold(measurements).items():
        shown.append(wrapped(f"Cannot tell: {reason}{f' ({todo})' if todo else ''}:", width, indent="  "))
        shown += [wrapped(f"{case}: {'; '.join(quantities)}", width, "  ", "    ") for case, quantities in _few(cases, whole)]
    if words and not whole:
        shown.append(
            wrapped("--all shows every quantity, what the bounds contain and what they leave out.", width, indent="  ")
        )
    return "\n".join(shown)


def _counted(pairs: int) -> str:
    return {0: "On ", 1: "1 case × dtype on "}.get(pairs, f"{pairs} cases × dtypes on ")


def _few(cases: Mapping[str, list[str]], whole: bool) -> Iterator[tuple[str, list[str]]]:
    """Those cases; of many that have the same quantities only how many, unless `whole`."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for case, quantities in cases.items():
        alike.setdefault(tuple(quantities), []).append(case)
    for quantities, of in alike.items():
        if whole or len(of) <= FEW:
            yield from ((case, list(quantities)) for case in of)
        else:
            yield f"{len(of)} parameters", list(quantities)


def covered(width: int = 80) -> str:
    """What the bounds contain, and what they leave out: two lists, kept apart."""
    lines = ["The bounds contain:"]
    lines += [wrapped(f"{item.error}: {item.counted}", width, "  + ", "    ") for item in coverage.CONTAINS]
    lines += ["", "They leave out:"]
    lines += [wrapped(f"{item.error}: {item.guard or 'not looked for'}", width, "  - ", "    ") for item in coverage.LEAVES_OUT]
    return "\n".join(lines)


def failure(m: Measurement) -> str:
    """One failed measurement in a sentence."""
    its = "its probable bound" if m.by == "probable" else "its bound"
    wanted = f"at most {its}" if m.expected == "below" else f"at least {m.factor:g} times {its}"
    why = f" ({m.obstacle or m.note})" if m.obstacle or m.note else ""
    what = ", ".join(filter(None, (m.case, m.bias, m.dtype)))
    if m.reference:
        off = f"{m.quantity} is off by {m.measured:.3g}" if m.quantity != ACCURACY else f"off by {m.measured:.3g}"
        return f"{what}: {off} from {m.reference}, expected at most {m.bound:.3g}{why}"
    return f"{what}: {m.quantity} is {m.measured:.3g}, expected {wanted} {m.limit:.3g}{why}"


def csv_text(measurements: Sequence[Measurement]) -> str:
    """Comma-separated values with a header, one line a measurement."""
    return csv_of(m.as_json() for m in measurements)


def csv_of(rows: Iterable[Mapping[str, object]]) -> str:
    """The same of measurements as JSON has them, of a record for instance."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([fields.get(name, "") for name in COLUMNS] for fields in rows)
    return stream.getvalue()


def kind_of(obstacle: str) -> str:
    """What kept a measurement from telling, without the particulars of the case."""
    return obstacle.split(":", maxsplit=1)[0]


def measurements_json(measurements: Sequence[Measurement], run: Mapping[str, object]) -> dict[str, object]:
    """The JSON object of schema 1: `run` says where and how, `cases` holds a measurement each.

    normal: what is to be expected here, in sentences; blame: the part of the bounds that each operation makes up on average; bounds: what
    they contain, what they leave out, and what the probable ones assume.
    """
    outcomes = Counter(m.outcome for m in measurements)
    summary = {
        "measurements": len(measurements),
        "pairs": _pairs(measurements),
        "as_proved": outcomes["as proved"],
        "cannot_tell": outcomes["cannot tell"],
        "failed": outcomes["FAILED"],
    }
    blame = [{"operation": operation, "where": where, "share": share} for operation, where, share in blamed(measurements)]
    return {
        "schema": 1,
        **run,
        "summary": summary,
        "normal": normal(measurements),
        "blame": blame,
        "bounds": coverage.as_json(),
        "cases": [m.as_json() for m in measurements],
    }


def _pairs(measurements: Sequence[Measurement]) -> int:
    """How many parameters were checked, in each dtype anew; what is held against a reference is about none."""
    return len({(m.case, m.bias, m.dtype) for m in measurements if not m.reference})


def _by_dtype(rows: Sequence[Measurement]) -> Iterator[tuple[str, list[Measurement]]]:
    for dtype in dict.fromkeys(m.dtype for m in rows):
        yield dtype, [m for m in rows if m.dtype == dtype]


def _shown(rows: Sequence[Measurement]) -> list[Measurement]:
    """All that failed; otherwise of the measurements as proved the one closest to failing; otherwise one that cannot tell."""
    if failed := [m for m in rows if m.outcome == "FAILED"]:
        return failed
    of_all = [m for m in rows if m.quantity == ACCURACY]
    if of_all:
        return of_all
    told = [m for m in rows if m.outcome == "as proved"] or list(rows)
    return [max(told, key=lambda m: m.ratio if m.expected == "below" else -m.ratio)]


def _line(dtype: str, m: Measurement, paint: Paint) -> str:
    sign, opposite = ("≤", ">") if m.expected == "below" else ("≥", "<")
    if m.measured > m.limit if m.expected == "below" else m.measured < m.limit:
        sign = opposite  # it failed, or cannot tell
    label = f"  {dtype:<10}{m.quantity:<23}"
    if len(m.quantity) > 22:
        label = f"{label}\n{'':35}"
    outcome = m.outcome if m.outcome != "as proved" else _agreed(m)
    if m.outcome == "as proved" and m.by == "probable":
        outcome = f"{outcome} {MARK}"
    kind = {"as proved": "acts", "cannot tell": "undecided", "FAILED": "redundant"}[m.outcome]
    bound = f"{sign} {m.limit:<9.2g}{m.ratio:>8.2g}" if math.isfinite(m.limit) else f"  {'no bound':<9}{'–':>8}"
    return f"{label}{m.measured:>9.2g} {bound}  {paint(outcome, kind)}"


def _agreed(m: Measurement) -> str:
    """What is said of a measurement that is as it should be."""
    if m.reference:
        return "accurate" if m.quantity == ACCURACY else "agrees"
    return "zero" if m.expected == "below" else "not zero"


def _accuracies(measurements: Sequence[Measurement]) -> Iterator[str]:
    """``As accurate as float32 allows: no, 300 × (conv -> bn, bn1).``; the dtypes of which it is true in one sentence."""
    told: dict[str, Measurement] = {}
    for m in measurements:
        if m.quantity == ACCURACY and m.outcome != "cannot tell" and (m.dtype not in told or m.ratio > told[m.dtype].ratio):
            told[m.dtype] = m
    fine = [m.dtype for m in told.values() if m.passed]
    if len(fine) > 1:
        yield f"As accurate as {', '.join(fine[:-1])} and {fine[-1]} allow: yes."
    for m in told.values():
        if m.passed and len(fine) > 1:
            continue
        where = "" if m.passed else f" ({', '.join(filter(None, (m.case, m.bias)))})"
        yield f"{m.note[:1].upper()}{m.note[1:]}{where}."


def _left_out(measurements: Sequence[Measurement]) -> Iterator[str]:
    """Entries of which nothing is claimed, because they have no value; said once for each parameter."""
    told: dict[str, str] = {}
    for m in measurements:
        if m.note and not m.reference:
            told.setdefault(", ".join(filter(None, (m.case, m.bias))), f"{m.quantity}: {m.note}; they are left out.")
    yield from (f"{case}: {note}" for case, note in told.items())


def _untold(measurements: Sequence[Measurement]) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Of what could not be told: each kind of obstacle and what to do, with the parameters where it was met, quantities and dtypes."""
    met: dict[tuple[str, str], dict[str, dict[str, list[str]]]] = {}
    for m in measurements:
        if m.outcome == "cannot tell":
            quantities = met.setdefault((kind_of(m.obstacle), advice(kind_of(m.obstacle))), {}).setdefault(
                ", ".join(filter(None, (m.case, m.bias))), {}
            )
            quantities.setdefault(m.quantity, []).append(m.dtype)
    return {
        reason: {
            case: [f"{quantity} ({', '.join(dict.fromkeys(dtypes))})" for quantity, dtypes in quantities.items()]
            for case, quantities in cases.items()
        }
        for reason, cases in met.items()
    }
