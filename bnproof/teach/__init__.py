"""Teaching material: the explorable page, exercises, students' proofs checked line by line, and ordering puzzles."""
