"""Teaching material: lessons, exercises and pages to play with, their answers computed exactly."""
