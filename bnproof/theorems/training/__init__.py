"""What a redundant bias does in training."""
