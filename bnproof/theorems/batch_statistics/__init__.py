"""The bias before batch normalisation."""
