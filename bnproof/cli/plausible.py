"""``bnproof plausible``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, cast

import typer

from .common import interruptible, page_width, print_json

if TYPE_CHECKING:
    from ..decide.checking.plausible import Norm, Plausible


class Variance(StrEnum):
    """How the variance is computed."""

    twopass = "twopass"
    onepass = "onepass"


@interruptible
def plausible(
    gradient: Annotated[
        float, typer.Argument(help="The gradient of one entry of the bias (ln, gn: its sum over what is normalised together).")
    ],
    n: Annotated[int, typer.Option("--n", help="Values normalised together: batch · positions for bn.", metavar="N")],
    grad_norm: Annotated[
        float, typer.Option("--grad-norm", help="2-norm, over these values, of the gradient behind the normalisation.")
    ],
    dtype: Annotated[str, typer.Option("--dtype", help="float64, float32, tf32, bfloat16 or float16.")] = "float32",
    gamma: Annotated[float, typer.Option("--gamma", help="The normalisation's factor γ.")] = 1.0,
    sigma: Annotated[float, typer.Option("--sigma", help="Standard deviation of the values.")] = 1.0,
    eps: Annotated[float, typer.Option("--eps", help="The normalisation's ε.")] = 1e-5,
    mean: Annotated[
        float | None, typer.Option("--mean", help="Mean of the values, if far from 0.", show_default="at most sigma")
    ] = None,
    grad_mean: Annotated[
        float | None,
        typer.Option("--grad-mean", help="Mean of the gradient behind the normalisation.", show_default="any"),
    ] = None,
    norm: Annotated[str, typer.Option("--norm", help="bn, in, ln or gn.")] = "bn",
    sets: Annotated[
        int, typer.Option("--sets", help="Sets of N values that the gradient adds up: the batch for in, 1 for bn.")
    ] = 1,
    accumulate: Annotated[
        str | None, typer.Option("--accumulate", help="Format of sums.", show_default="float32 for half types, else the dtype")
    ] = None,
    variance: Annotated[Variance, typer.Option("--variance", help="twopass, or onepass (E[z²] − E[z]²).")] = Variance.twopass,
    tree: Annotated[
        int | None,
        typer.Option("--tree", help="Additions the deepest value of a sum takes part in.", show_default="any order, N − 1"),
    ] = None,
    failure: Annotated[
        float,
        typer.Option("--failure", help="Probability with which independent rounding errors may exceed the probable size."),
    ] = 1e-6,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """My bias gradient is 3e-9: is that a bug? Compare a gradient that is 0 in exact arithmetic with what round-off makes of it."""
    from ..decide.checking.plausible import plausible as judge

    found = judge(
        gradient,
        grad_norm,
        count=n,
        dtype=dtype,
        gamma=gamma,
        sigma=sigma,
        eps=eps,
        mean=mean,
        grad_mean=grad_mean,
        norm=cast("Norm", norm),
        sets=sets,
        accumulate=accumulate,
        variance=variance.value,
        tree=tree,
        failure=failure,
    )
    if json:
        print_json(found.as_json())
    else:
        _print(found)
    if not found.plausible:
        raise SystemExit(1)


def _print(found: Plausible) -> None:
    from ..report.writers.layout import wrapped

    width = page_width()
    print(wrapped(found.sentence, width))
    for title, rows in (("look for", found.likely), ("assumed", found.assumptions)):
        for k, row in enumerate(rows):
            if not k:
                print()
            print(wrapped(row, width, f"{title if not k else '':9} "))
