"""Many devices, many processes, and batches larger than memory."""
