"""The last layer, and layers without a normalisation."""
