"""Measurements: JAX autodiff against derived round-off bounds."""
