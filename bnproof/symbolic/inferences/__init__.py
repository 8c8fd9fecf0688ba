"""The closed set of inferences a proof may use, one a file. Nothing else counts as proof.

Terms are written in the notation of `bnproof.symbolic.notation`; prose may quote formulas in braces, ``{z[i] + b}``. An item
shows facts; later items argue from them by label, and a theorem's conclusions are some of them. `chain`, `sign`, `induction`
and `witness` read an item from text, one step a line.
"""

from .cases import Case, Cases
from .chain import Chain
from .congruence import Congruence
from .contrapositive import Contrapositive
from .dies_out import DiesOut
from .induction import Induction, State
from .item import Cited, Context, Item, Say
from .join import Join
from .maximum import Maximum
from .minimum import Minimum
from .not_zero import NotZero
from .sign import Sign
from .sum_of_squares import SumOfSquares
from .use import Use
from .witness import Undefined, Witness
from .written import chain, induction, sign, state, witness

__all__ = [
    "Case",
    "Cases",
    "Chain",
    "Cited",
    "Congruence",
    "Context",
    "Contrapositive",
    "DiesOut",
    "Induction",
    "Item",
    "Join",
    "Maximum",
    "Minimum",
    "NotZero",
    "Say",
    "Sign",
    "State",
    "SumOfSquares",
    "Undefined",
    "Use",
    "Witness",
    "chain",
    "induction",
    "sign",
    "state",
    "witness",
]
