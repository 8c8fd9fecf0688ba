"""What ``file.py:name`` means: a Python file is imported, and one name looked up in it.

Nothing but the import is run: that is what the file does when it is imported anywhere. Its folder can be imported from, then and later,
as Python does for a script, and what it prints goes to standard error, so that results alone are on standard output.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import re
import sys
import zlib
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import LoadError, nearest
from .foreign import quoted

_WRITTEN = re.compile(r"(?P<file>.*\.py)(?::(?P<name>.*))?", re.DOTALL)
LISTED = 8
"""Names of a file that an error lists at most."""


@dataclass(frozen=True)
class Loaded:
    """An object of a file. title: ``model.py:forward``; name: the last part of its name; module: where other names are looked up."""

    title: str
    name: str
    object: Any
    module: ModuleType


def is_file(what: str) -> bool:
    """Whether these words name something in a Python file, and no chain of layers."""
    return "->" not in what and _WRITTEN.fullmatch(what) is not None


def load(what: str) -> Loaded:
    """The object that ``file.py:name`` names; `name` may have dots, ``file.py:Model.apply``.

    Raises LoadError, with the fix: no such file, none that can be imported (its last line and place are quoted), no such name.
    """
    written = _WRITTEN.fullmatch(what)
    if written is None:
        raise LoadError(f"`{what}` does not name anything in a Python file: expected file.py:name")
    path, name = Path(written["file"]), written["name"] or ""
    if not path.is_file():
        raise LoadError(f"there is {'a folder, no file' if path.is_dir() else 'no file'} `{path}`{_another(path)}")
    module = imported(path)
    if not name:
        raise LoadError(f"`{what}` names no function: write {path}:NAME{_listed(path, module)}")
    return Loaded(f"{path.name}:{name}", name.rsplit(".", 1)[-1], look_up(module, path, name), module)


def imported(path: Path) -> ModuleType:
    """The module of a Python file, imported once. Raises LoadError where importing it fails."""
    path = path.resolve()
    root, name = _package(path)
    if (known := sys.modules.get(name)) is not None:
        if _is_from(known, path):
            return known
        name = f"{path.stem}_{zlib.crc32(str(path).encode()):08x}"  # another file has taken the name
        if (again := sys.modules.get(name)) is not None and _is_from(again, path):
            return again
    try:
        with _quietly(root):
            return importlib.import_module(name) if "." in name else _from_file(name, path)
    except SystemExit as end:
        raise LoadError(
            f"`{path.name}` ends the program when it is imported, with exit code {end.code}: "
            'put what it does under `if __name__ == "__main__":`'
        ) from end
    except Exception as error:
        raise LoadError(f"`{path.name}` cannot be imported: {quoted(error)}") from error


def look_up(module: ModuleType, path: Path, name: str) -> Any:
    """The object of that name, which may have dots. Raises LoadError with the nearest names where there is none."""
    found: Any = module
    for k, part in enumerate(parts := name.split(".")):
        if not hasattr(found, part):
            owner = f"`{path.name}`" if k == 0 else f"`{'.'.join(parts[:k])}` of `{path.name}`"
            near = nearest(part, _public(found), 3)
            raise LoadError(f"{owner} has no `{part}`" + (f"; did you mean {' or '.join(near)}?" if near else ""))
        found = getattr(found, part)
    return found


def _package(path: Path) -> tuple[Path, str]:
    """The folder to import from, and the module's name there: with its packages, where it lies in some."""
    folder, parts = path.parent, [path.stem]
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    top = sys.modules.get(parts[0])
    if len(parts) > 1 and top is not None and not _is_from(top, folder / parts[0] / "__init__.py"):
        return path.parent, path.stem  # another package has taken the name
    return folder, ".".join(parts)


def _is_from(module: ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve() == path


def _from_file(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"Python has no loader for {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while it runs
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextlib.contextmanager
def _quietly(root: Path) -> Generator[None]:
    """Lets a folder be imported from, prints to standard error, and leaves no compiled files beside the caller's."""
    before = sys.dont_write_bytecode
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        sys.dont_write_bytecode = before


def _public(owner: Any) -> list[str]:
    return [name for name in dir(owner) if not name.startswith("_")]


def _listed(path: Path, module: ModuleType) -> str:
    """The functions that the file itself defines."""
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__]
    shown = [name for name in own if not name.startswith("_") and callable(getattr(module, name))]
    if not shown:
        return ""
    return f"; {path.name} has {', '.join(shown[:LISTED])}{' …' if len(shown) > LISTED else ''}"


def _another(path: Path) -> str:
    """The nearest Python file beside the one that is not there."""
    try:
        others = [other.name for other in path.parent.glob("*.py")] if path.parent.is_dir() else []
    except OSError:
        return ""
    return f"; did you mean {path.parent / nearest(path.name, others, 1)[0]}?" if others else ""
