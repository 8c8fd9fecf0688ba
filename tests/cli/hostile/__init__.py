"""Hostile input as a table: what is typed, in what surroundings → the exit code, and words of the message.

The rows are in `chains`, `names`, `options`, `places` and `surroundings`; the tests go through them.
"""
