"""What the numeric checks check: cases, what the engine expects of each, suites, and the run over all of them."""
