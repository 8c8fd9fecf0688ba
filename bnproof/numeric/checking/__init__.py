"""Measure by automatic differentiation what is proved, and compare it with the derived bounds."""
