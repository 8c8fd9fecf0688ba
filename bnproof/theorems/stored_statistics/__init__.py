"""Inference: stored statistics."""
