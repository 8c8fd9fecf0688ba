"""Errors of code that is not ours, in one line each."""

from __future__ import annotations

import json

from bnproof.foreign import LONGEST, place, quoted, said


def raised(function: object, *args: object) -> BaseException:
    try:
        function(*args)  # type: ignore[operator]
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def wrong() -> None:
    raise ValueError("no\n   such value\n\nand much more")


def test_what_is_said() -> None:
    assert said(ValueError("a\n b")) == "ValueError: a b"
    assert said(KeyError()) == "KeyError"
    assert said(raised(wrong)) == "ValueError: no such value"
    assert said(TypeError("shape\nThe error occurred while tracing the function f")) == "TypeError: shape"
    long = said(ValueError("word " * 1000))
    assert len(long) < LONGEST + 20
    assert long.endswith("word …")


def test_the_place_is_the_callers_innermost_line() -> None:
    number = wrong.__code__.co_firstlineno + 1
    assert place(raised(wrong)).endswith(
        f'test_foreign.py, line {number}: raise ValueError("no\\n   such value\\n\\nand much more")'
    )
    assert ": function(*args)" in place(raised(json.loads, "{"))  # not in the library where it was raised
    assert place(ValueError()) == ""
    assert quoted(ValueError("x")) == "ValueError: x"
