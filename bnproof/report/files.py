"""Write files whole or not at all, and never over a file that bnproof did not write.

What bnproof wrote it knows again by a manifest in the output directory, ``.bnproof.json``: the SHA-256 digest of each file. A file
whose bytes are others by now was changed by somebody and is not overwritten. Files that no manifest speaks of (those of a fresh
clone, or of an earlier version) are known by a signature in their first kilobyte.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path

from ..errors import OutputError

SIGNATURE = "bnproof report"
"""Every text file that a report writes contains this in its first kilobyte."""
MANIFEST = ".bnproof.json"
_HEAD: dict[str, object] = {"generator": "Written by bnproof report: what it wrote here, as SHA-256 digests", "schema": 1}

Content = str | bytes
Digests = dict[str, list[str]]
"""By a file's path relative to the output directory: the digests of what bnproof wrote there, the last or, while it writes, also the
one before."""


def write_all(out: Path, files: Mapping[Path, Content], force: bool = False) -> list[Path]:
    """Writes files, given by their paths relative to the directory `out`, and returns the paths of those that changed.

    Everything that can be refused is refused before the first write. Text is written in UTF-8. Raises OutputError for a directory
    that cannot be written and, unless `force`, for a file bnproof did not write, or that was changed since.
    """
    contents = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    changed = [path for path, content in contents.items() if _bytes(out / path) != content]
    known = _manifest(out, force)
    if not force:
        _refuse_foreign(out, changed, known)
    directories = list(dict.fromkeys(path.parent for path in contents))
    check_writable(out, directories)
    for directory in directories:
        (out / directory).mkdir(parents=True, exist_ok=True)
    after = {**known, **{path.as_posix(): [_digest(content)] for path, content in contents.items()}}
    # before the files, the old digests with the new ones: whatever an interruption leaves is known again
    _write_manifest(out, {name: list(dict.fromkeys(known.get(name, []) + digests)) for name, digests in after.items()})
    for path in changed:
        _replace(out / path, contents[path])
    _write_manifest(out, {name: digests for name, digests in after.items() if os.path.lexists(out / name)})
    return [out / path for path in changed]


def check_writable(out: Path, directories: Iterable[Path]) -> None:
    """Raises OutputError unless files can be made in `out` and in these directories, relative to it; leaves nothing behind."""
    for directory in dict.fromkeys([out, *(out / each for each in directories)]):
        try:
            with _made(directory), tempfile.NamedTemporaryFile(dir=directory):
                pass
        except (OSError, ValueError) as error:  # ValueError: a name with a null character
            raise OutputError(f"cannot write to {directory}: {_reason(error)}; choose another --out") from error


@contextlib.contextmanager
def _made(directory: Path) -> Generator[None]:
    """The directory with its parents, for a while: those that were not there are removed again."""
    missing = [path for path in (directory, *directory.parents) if not os.path.lexists(path)]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for path in missing:
            with contextlib.suppress(OSError):
                path.rmdir()


def _refuse_foreign(out: Path, changed: Iterable[Path], known: Digests) -> None:
    foreign: list[Path] = []
    edited: list[Path] = []
    for path in changed:
        if os.path.lexists(out / path) and not _own(out / path, known.get(path.as_posix())):
            (edited if path.as_posix() in known else foreign).append(out / path)
    if foreign:
        raise OutputError(
            f"{_listed(foreign)} exists and was not written by bnproof; "
            "use another --out, move the file away, or overwrite it with --force"
        )
    if edited:
        raise OutputError(
            f"{_listed(edited)} was changed since bnproof wrote it; "
            "use another --out, move the file away, or overwrite it with --force"
        )


def _own(path: Path, digests: list[str] | None) -> bool:
    """Whether bnproof wrote what stands there now; digests: of what it wrote, None where no manifest says so."""
    content = _bytes(path)
    if content is None:
        return False
    if digests is not None:
        return _digest(content) in digests
    try:
        return SIGNATURE in content.decode()[:1024]
    except UnicodeDecodeError:
        return False


def _manifest(out: Path, force: bool) -> Digests:
    """What the manifest says; nothing if there is none. Raises OutputError for another file of that name, unless `force`."""
    path = out / MANIFEST
    try:
        if not os.path.lexists(path):
            return {}
        files: object = json.loads((_bytes(path) or b"").decode())["files"]
        if isinstance(files, dict) and all(isinstance(digests, list) for digests in files.values()):
            return {str(name): [str(digest) for digest in digests] for name, digests in files.items()}
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    except OSError as error:
        raise OutputError(f"cannot write to {out}: {_reason(error)}; choose another --out") from error
    if force:
        return {}
    raise OutputError(f"{path} is not a list of what bnproof wrote; move it away, or overwrite it with --force")


def _write_manifest(out: Path, files: Digests) -> None:
    content = json.dumps({**_HEAD, "files": dict(sorted(files.items()))}, indent=1).encode() + b"\n"
    if _bytes(out / MANIFEST) != content:
        _replace(out / MANIFEST, content)


def _bytes(path: Path) -> bytes | None:
    """What stands in a file; None where there is no file that can be read."""
    try:
        return path.read_bytes() if path.is_file() else None  # neither of a pipe nor of a device, which have no end
    except OSError:
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def replace_whole(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, in the place of the one there. Raises OSError where that is impossible."""
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".bnproof-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    try:
        replace_whole(path, content)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {_reason(error)}") from error


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _listed(paths: Iterable[Path]) -> str:
    shown = [str(path) for path in paths]
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")
