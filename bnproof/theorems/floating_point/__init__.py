"""What floating point makes of the theorems."""
