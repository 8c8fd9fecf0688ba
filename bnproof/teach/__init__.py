"""Teaching material: what a teacher hands out, drawn from the theorems and computed exactly."""
