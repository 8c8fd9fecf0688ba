"""The command line: parse, call, print. No mathematics here."""

import os

# NumPy's matrix products are small here, and threads that wait for each other in them cost more than they save: `prove S1` takes 2 s
# of processor time with one thread and 6 s with two, and far longer on a busy machine. Read when NumPy is imported, which comes later.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
