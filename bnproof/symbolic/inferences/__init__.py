"""The closed set of inferences a proof may use, one a file. Nothing else counts as proof.

Terms are written in the notation of `bnproof.symbolic.notation`; prose may quote formulas in braces, ``{z[i] + b}``.
`chain`, `sign`, `induction` and `witness` read an item from text, one step a line.
"""

from .cases import Case, Cases
from .chain import Chain
from .induction import Induction
from .item import Conclusion, Context, Item, Say
from .maximum import Maximum
from .sign import Sign
from .use import Use
from .witness import Undefined, Witness
from .written import chain, induction, sign, witness

__all__ = [
    "Case",
    "Cases",
    "Chain",
    "Conclusion",
    "Context",
    "Induction",
    "Item",
    "Maximum",
    "Say",
    "Sign",
    "Undefined",
    "Use",
    "Witness",
    "chain",
    "induction",
    "sign",
    "witness",
]
