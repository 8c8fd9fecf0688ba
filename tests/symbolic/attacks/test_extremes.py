"""Minima of convex functions, and maxima."""

from __future__ import annotations

import pytest

from bnproof.symbolic.inferences import Chain, Item, Maximum, Minimum, Sign

from .bench import Attack, chain, claim, refuse

FORM = "sum(i, change[i]*sum(j, change[j]*({})))"


def convex(
    function: str,
    slope: str,
    bend: str,
    form: Sign,
    point: tuple[str, ...] = ("z[j] == 0",),
    gradient: tuple[str, str] = ("j", "j"),
    at_point: tuple[str, str] = ("{}", "0"),
) -> tuple[Item, ...]:
    """The four facts a minimum rests on; `slope` and `bend` speak of i and of i, j."""
    row = slope.replace("[i]", "[j]").replace("(i,", "(j,")
    facts: list[Chain | Sign] = [
        chain(f"diff({function}, z[j])", row, label="gradient"),
        chain(f"diff({slope}, z[{gradient[1]}])", bend, label="curvature"),
        form,
        chain(at_point[0].format(row), at_point[1], given=point, label="stationary"),
    ]
    return tuple(facts)


def form(bend: str, square: str, sequence: str = "entries", term: str = "") -> Sign:
    whole = term or f"sum(i, {sequence}[i]*sum(j, {sequence}[j]*({bend})))"
    return Sign("", whole, ">=", "", ((square, ""),) if square else (), label="convex")


def least(value: str) -> Minimum:
    return Minimum("", "gradient", "curvature", "convex", "stationary", value)


SQUARES = convex("sum(l, z[l]**2)", "2*z[i]", "2*delta(i, j)", form("2*delta(i, j)", "2*sum(i, entries[i]**2)"))
SADDLE = "2*sum(l, z[l]**2) - sum(l, z[l])**2"
ONE_ENTRY = "z[j]**2 - sum(l, (1 - delta(l, j))*z[l]**2)"

ATTACKS = {
    "minimum: of a concave function": Attack(
        least("0"),
        after=convex(
            "-sum(l, z[l]**2)",
            "-2*z[i]",
            "-2*delta(i, j)",
            form("-2*delta(i, j)", "0", term="sum(i, 1, 0, entries[i]*sum(j, entries[j]*(-2*delta(i, j))))"),
        ),
    ),
    "minimum: convex over an empty inner range": Attack(
        least("0"),
        after=convex(
            "-sum(l, z[l]**2)",
            "-2*z[i]",
            "-2*delta(i, j)",
            form("-2*delta(i, j)", "0", term="sum(i, entries[i]*sum(j, 1, 0, entries[j]*(-2*delta(i, j))))"),
        ),
    ),
    "minimum: convex in one direction only": Attack(
        least("0"),
        after=convex(
            "2*z[1]**2 - sum(l, z[l]**2)",
            "4*delta(i, 1)*z[1] - 2*z[i]",
            "4*delta(i, 1)*delta(j, 1) - 2*delta(i, j)",
            form(
                "",
                "2*entries[1]**2",
                term="sum(i, 1, 1, entries[i]*sum(j, 1, 1, entries[j]*(4*delta(i, 1)*delta(j, 1) - 2*delta(i, j))))",
            ),
        ),
    ),
    "minimum: curvature on the diagonal alone": Attack(
        least("0"),
        after=convex(SADDLE, "4*z[i] - 2*sum(l, z[l])", "2", form("2", "2*sum(i, entries[i])**2"), gradient=("j", "i")),
    ),
    "minimum: slope by one entry alone": Attack(
        least("0"), after=convex(ONE_ENTRY, "2*z[i]", "2*delta(i, j)", form("2*delta(i, j)", "2*sum(i, entries[i]**2)"))
    ),
    "minimum: where the slope is not 0": Attack(
        least("n*b**2"),
        after=convex(
            "sum(l, z[l]**2)",
            "2*z[i]",
            "2*delta(i, j)",
            form("2*delta(i, j)", "2*sum(i, entries[i]**2)"),
            ("z[j] == b",),
            at_point=("{}", "2*b"),
        ),
    ),
    "minimum: a value that mentions the variable": Attack(least("z[1]"), after=SQUARES),
    "minimum: a wrong value": Attack(least("1"), after=SQUARES),
    "minimum: a value at another point": Attack(least("n*b**2"), after=SQUARES),
    "minimum: convex for the variable itself": Attack(
        least("0"),
        after=convex("sum(l, z[l]**3)", "3*z[i]**2", "6*z[i]*delta(i, j)", form("6*z[i]*delta(i, j)", "0", sequence="z"))
        if False
        else convex(
            "sum(l, z[l]**4/12 - z[l]**2)",
            "z[i]**3/3 - 2*z[i]",
            "(z[i]**2 - 2)*delta(i, j)",
            Sign(
                "",
                "sum(i, z[i]*sum(j, z[j]*((z[i]**2 - 2)*delta(i, j)))) + n",
                ">=",
                "",
                (("sum(i, (z[i]**2 - 1)**2)", ""),),
                label="convex",
            ),
        ),
    ),
    "minimum: convexity of nonnegative changes alone": Attack(
        least("0"),
        after=convex(
            "sum(l, z[l])**2 - sum(l, z[l]**2)",
            "2*sum(l, z[l]) - 2*z[i]",
            "2 - 2*delta(i, j)",
            form("2 - 2*delta(i, j)", "2*sum(i, chi[i])**2 - 2*sum(i, chi[i]) + 0", sequence="chi"),
        )
        if False
        else convex("sum(l, z[l]**2)", "2*z[i]", "2*delta(i, j)", form("2*delta(i, j)", "2*m", sequence="chi")),
    ),
    "minimum: another function's curvature": Attack(
        least("0"),
        after=(chain("diff(-sum(l, z[l]**2), z[j])", "-2*z[j]", label="gradient"), *SQUARES[1:]),
    ),
    "minimum: stationary for another function": Attack(
        least("0"), after=(*SQUARES[:3], chain("3*z[j]", "0", given=("z[j] == 0",), label="stationary"))
    ),
    "minimum: stationary without a point": Attack(
        least("0"), after=(*SQUARES[:3], chain("2*z[j] - 2*z[j]", "0", label="stationary"))
    ),
    # maxima
    "maximum: over another range than its member's": Attack(
        Maximum("", "max(i, z[i])", "max(i, 1, C, z[i])", "z[k]", "max(i, 1, C, z[i])", "z[k]")
    ),
    "maximum: both over another range": Attack(
        Maximum("", "max(i, 1, n + 1, z[i] + b)", "max(i, 1, n + 1, z[i]) + b", "z[k] + b", "max(i, 1, n + 1, z[i])", "z[k]")
    ),
    "maximum: of a negative multiple": Attack(
        Maximum("", "max(i, -z[i])", "-max(i, z[i])", "-z[k]", "max(j, z[j])", "z[k]", factor="-1")
    ),
    "maximum: of a multiple that may be negative": Attack(
        Maximum("", "max(i, b*z[i])", "b*max(i, z[i])", "b*z[k]", "max(j, z[j])", "z[k]", factor="b")
    ),
    "maximum: a multiple that changes with the member": Attack(
        Maximum("", "max(i, chi[i]*z[i])", "max(i, z[i])", "chi[k]*z[k]", "max(j, z[j])", "z[k]", factor="chi[k]")
    ),
    "maximum: a factor of another entry": Attack(
        Maximum("", "max(i, z[i]**2)", "max(i, z[i])**2", "z[k]**2", "max(j, z[j])", "z[k]")
    ),
    "maximum: a bound that is not attained": Attack(
        Maximum("", "max(i, z[i])", "max(i, z[i]) + 1", "z[k]", "max(j, z[j])", "z[k] - 1")
    ),
    "maximum: a known maximum of another sequence": Attack(
        Maximum("", "max(i, z[i])", "max(j, g[j])", "z[k]", "max(j, g[j])", "g[k]")
    ),
    "maximum: of squares": Attack(
        Maximum("", "max(i, z[i]**2)", "max(i, abs(z[i]))**2", "z[k]**2", "max(i, abs(z[i]))", "abs(z[k])")
    ),
    "maximum: one member for all": Attack(Maximum("", "max(i, z[i])", "z[1]", "z[1]", "max(j, z[1])", "z[1]")),
}

CONTROLS = {
    "minimum: of squares": Attack(least("0"), after=SQUARES),
    "maximum: of a shift": Attack(Maximum("", "max(i, z[i] + b)", "max(i, z[i]) + b", "z[k] + b", "max(j, z[j])", "z[k]")),
    "maximum: of a positive multiple": Attack(
        Maximum("", "max(i, eta*z[i])", "eta*max(i, z[i])", "eta*z[k]", "max(j, z[j])", "z[k]", factor="eta")
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    refuse(ATTACKS[name])


@pytest.mark.parametrize("name", CONTROLS)
def test_accepted(name: str) -> None:
    claim(CONTROLS[name])
