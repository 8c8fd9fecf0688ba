"""Random programs of primitives, below the level of layers, and the check of every claim that a tracked input is free.

A program is drawn from a seed: arrays of small shapes (sizes 0 and 1 among them), tracked shifts added to them, then random
operations in which means, maxima, exponentials and comparisons occur often enough that shifts cancel. Claims are checked by a
NumPy interpreter in float64 that refuses undefined runs (0/0, a logarithm of 0, NaN anywhere) and fragile ones (a comparison
of two numbers that differ by round-off only), so whatever it reports as unsound is a wrong proof.

    python -m tests.algebra.fuzz 20000 [first seed]
"""
