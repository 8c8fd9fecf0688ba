"""Where a report cannot be written: ``--out``, and words of the message. Each is refused at once, with exit code 2; nothing is left."""

from __future__ import annotations

PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("--out is empty",)),
    ("/proc/bnproof", ("cannot write to /proc/bnproof", "another --out")),
    ("/proc/self/fd/out", ("/proc/self/fd/out",)),
    ("/dev/null", ("/dev/null",)),
    ("/dev/null/out", ("/dev/null/out",)),
    ("/dev/full", ("/dev/full",)),
    ("a" * 300, ("a" * 300, "too long")),
    ("a/" * 3000, ("too long",)),
    ("é" * 200, ("é" * 200, "too long")),
    ("a" * 300 + "\x1b[31m", ("\\x1b[31m",)),
    ("\x00", ("\\x00",)),
    ("out\x00", ("out\\x00",)),
    ("file", ("cannot write to file",)),
    ("file/out", ("cannot write to file/out",)),
    ("link", ("cannot write to link",)),
    ("half", ("cannot write to half/derivations",)),
)
"""Relative to a directory with ``file``, a file; ``link``, a link that leads nowhere; and ``half``, where a file is in the way."""
