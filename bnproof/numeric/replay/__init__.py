"""Run a traced program in float64, operation by operation, on a tape that derivatives and bounds can read."""
