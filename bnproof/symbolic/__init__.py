"""The proof kernel: terms over a symbolic batch, two independent checks, a closed set of inferences."""
