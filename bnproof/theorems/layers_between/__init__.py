"""Layers between the bias and the normalisation."""
