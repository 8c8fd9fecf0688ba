"""Normalisations other than batch normalisation."""
