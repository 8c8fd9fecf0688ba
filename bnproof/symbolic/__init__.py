"""The proof kernel: terms over a symbolic batch, two independent checks, a closed set of inferences.

- what is said: `term`, `symbols`, `relation` (what is supposed or concluded), `notation` (text to term), `latex`, `plain`,
  `printing` (term to text), `unfold` (definitions looked into);
- first check, by SymPy's expressions and our own normal form: `bridge` (term to SymPy), `index` (bound indices and their
  ranges), `polynomial`, `normal`, and for sums `sums`, `bodies`, `naming`, `ranges`;
- second check, in exact arithmetic without SymPy: `instances`, `evaluate`, `exact`, `factor`, `logarithm`, `jet`;
- where terms have values, and signs: `domain` (what must hold), `sign` (what a shape shows), `known` (what follows from what is known);
- what is supposed: `suppositions`, `admission` (what may stand for a symbol), `entangled` (derivatives under suppositions);
- `fact`: what a checked item has shown; `checker`: both checks in one setting; `reuse`: what checkers share; `messages`: how a
  refusal shows values;
- `inferences`: the items a proof is made of. They are data until checked; only `checker` and what is below it need SymPy;
- how items are written: `layout` (one step a line), `source` (where in a file a text stands, for errors).
"""
