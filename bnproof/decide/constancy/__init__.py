"""Outputs that are constant over the reals: their exact value, what in them is constant, and what would test the code all the same."""
