"""From a traced program to verdicts: the normal form proves, a float64 run confirms or gives a witness."""
