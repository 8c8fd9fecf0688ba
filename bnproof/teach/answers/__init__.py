"""Proof exercises: a student's chain of equalities is read as text and judged line by line by the proof kernel.

- `exercise`, `exercises`: what is to be shown, each bound to a chain of a theorem;
- `reading`: a file to lines, nothing executed; `formulas`: a line to a term; `limits`: what is too large to be judged;
- `refute`: small numbers that show that a line is wrong; `judge`: the verdicts; `words`: how they are said.
"""
