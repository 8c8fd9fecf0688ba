"""Side-by-side measurements; run one with ``python -m benchmarks.NAME``, all with ``python -m benchmarks``."""


class BenchmarkError(Exception):
    """One of the sides that are compared ended, or computed something wrong: there is nothing to compare."""
