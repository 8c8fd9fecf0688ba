"""Ordering puzzles: the lines of a theorem's chain, out of order. `puzzle` makes them, `stack` writes them for Moodle's STACK."""
