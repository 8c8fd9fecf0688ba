"""Figures, one function each, as deterministic SVG text."""
