"""What teachers hand out: exercises, puzzles, answers read and checked."""
