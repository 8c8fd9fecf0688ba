"""Folding a normalisation into the layer before it."""
