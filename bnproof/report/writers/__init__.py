"""Documents as text in each format."""
