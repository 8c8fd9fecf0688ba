"""The theorems, one a file, and what belongs to them: glossary, definitions, registry, claims, questions.

Called, the package gives all theorems in reading order, as ``bnproof.theorems()`` does.
"""

from ..callable_package import make_callable

make_callable(__name__, "registry", "theorems")
