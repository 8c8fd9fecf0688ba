"""The closed set of inferences a proof may use, one a file. Nothing else counts as proof.

Terms are written in the notation of `bnproof.symbolic.notation`; prose may quote formulas in braces, ``{z[i] + b}``.
"""

from .cases import Case, Cases
from .chain import Chain
from .induction import Induction, State
from .item import Conclusion, Context, Item, Say
from .maximum import Maximum
from .sign import Sign
from .use import Use
from .witness import Undefined, Witness

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
    "State",
    "Undefined",
    "Use",
    "Witness",
]
