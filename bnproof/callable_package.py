"""Packages that can be called: importing a part of one must not hide the public function of the same name.

Python sets a package's name in its parent whenever one of its modules is imported, and so ``bnproof.decide`` would be the function at
first and the package later. A package that can be called does the same in both cases.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


def make_callable(package: str, module: str, function: str) -> None:
    """Calling the package `package` calls that function of its module, which is imported then."""

    class Called(ModuleType):
        __doc__ = sys.modules[package].__doc__

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            called: Callable[..., Any] = getattr(import_module(f"{package}.{module}"), function)
            return called(*args, **kwargs)

    sys.modules[package].__class__ = Called
