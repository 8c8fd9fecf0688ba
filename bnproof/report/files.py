"""Write files whole or not at all, and never over a file that bnproof did not write."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..errors import OutputError

SIGNATURE = "bnproof report"
"""Every file that a report writes contains this in its first kilobyte."""


def write_all(files: Mapping[Path, str], force: bool = False) -> list[Path]:
    """Write the files and return those that changed. Everything that can be refused is refused before the first write.

    Raises OutputError for a directory that cannot be written and, unless `force`, for a file bnproof did not write.
    """
    changed = [path for path, content in files.items() if _differs(path, content)]
    foreign = [path for path in changed if path.exists() and not force and not _own(path)]
    if foreign:
        raise OutputError(
            f"{_listed(foreign)} exists and was not written by bnproof; "
            "use another --out, move the file away, or overwrite it with --force"
        )
    for directory in dict.fromkeys(path.parent for path in changed):
        _prepare(directory)
    for path in changed:
        _replace(path, files[path])
    return changed


def _differs(path: Path, content: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") != content
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        return True


def _own(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as handle:
            return SIGNATURE in handle.read(1024)
    except (OSError, UnicodeDecodeError):
        return False


def _prepare(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise OutputError(f"cannot write to {directory}: {error.strerror or error}; choose another --out") from error


def _replace(path: Path, content: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".bnproof-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        Path(name).unlink(missing_ok=True)


def _listed(paths: Iterable[Path]) -> str:
    shown = [str(path) for path in paths]
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")
