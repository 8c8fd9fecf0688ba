"""From a traced program to verdicts: the normal form proves, a float64 run confirms or gives a witness.

Called, the package decides a chain of layers, as ``bnproof.decide("conv -> bn")`` does.
"""

from ..callable_package import make_callable

make_callable(__name__, "chain", "decide")
