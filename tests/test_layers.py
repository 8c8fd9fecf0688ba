"""Dependencies point one way, heavy libraries stay out of the command line's start, files stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import bnproof

ROOT = Path(bnproof.__path__[0])
LAYERS = (
    ("cli",),
    ("asking",),
    ("teach",),
    ("certify", "report", "plots"),
    ("audit", "theorems", "conformance"),
    ("decide",),
    ("algebra", "numeric", "symbolic", "chain"),
    ("verdict", "laws", "jaxpr", "host", "callable_package", "loading"),
    ("modes", "errors", "foreign"),
)
"""Top first: a module imports only from layers below its own, or from its own part. algebra and numeric do not know each other."""


def level(part: str) -> int:
    return next(k for k, parts in enumerate(LAYERS) if part in parts)


def modules(root: Path) -> dict[tuple[str, ...], Path]:
    """Every module of a package by its name in parts, a package's own being that of its `__init__`."""
    return {
        (root.name, *path.relative_to(root).with_suffix("").parts): path
        for path in sorted(root.rglob("*.py"))
        if path.name != "__main__.py"
    }


def imported(name: tuple[str, ...], known: Mapping[tuple[str, ...], Path]) -> set[tuple[str, ...]]:
    """The modules of the same package that a module imports, at its top, inside functions or for types only.

    An import of a name that no module has is one of the package's `__init__`.
    """
    found: set[tuple[str, ...]] = set()
    for node in ast.walk(ast.parse(known[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = name[: len(name) - node.level] if node.level else ()
            full = (*base, *node.module.split(".")) if node.module else base
            targets = [(*full, alias.name) for alias in node.names]
            targets = [target if {target, (*target, "__init__")} & known.keys() else full for target in targets]
        elif isinstance(node, ast.Import):
            targets = [tuple(alias.name.split(".")) for alias in node.names]
        else:
            continue
        found |= {target if target in known else (*target, "__init__") for target in targets if target[:1] == name[:1]}
    return found - {name}


def circles(root: Path) -> list[str]:
    """For each folder, the modules and subfolders in it that import each other in a circle, each subfolder taken as one."""
    known = modules(root)
    graph: dict[tuple[str, ...], dict[str, set[str]]] = {}
    for name in known:
        for other in imported(name, known):
            k = next(k for k, (a, b) in enumerate(zip(name, other, strict=False)) if a != b)
            graph.setdefault(name[:k], {}).setdefault(name[k], set()).add(other[k])
    return [
        f"{'/'.join(folder)}: {part} → … → {part}"
        for folder, edges in graph.items()
        for part in edges
        if part in reached(part, edges)
    ]


def reached(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    stack = [start]
    while stack:
        for other in edges.get(stack.pop(), set()) - seen:
            seen.add(other)
            stack.append(other)
    return seen


def test_dependencies_point_down() -> None:
    known = modules(ROOT)
    wrong: list[str] = []
    for name in known:
        if name[1] == "__init__":
            continue
        for part in {other[1] for other in imported(name, known)} - {name[1], "__init__"}:
            if level(part) <= level(name[1]):
                wrong.append(f"{'/'.join(name)} imports {part}")
    assert not wrong


def test_every_part_has_its_place() -> None:
    parts = {name[1] for name in modules(ROOT)} - {"__init__"}
    assert parts <= {part for layer in LAYERS for part in layer}


def test_no_folder_holds_an_import_circle() -> None:
    assert not circles(ROOT)


def test_circles_are_found(tmp_path: Path) -> None:
    files = {
        "__init__.py": "from .top import x",
        "top.py": "from . import low",
        "low.py": "import pkg.room",
        "room/__init__.py": "",
        "room/one.py": "def f():\n    from .two import g",
        "room/two.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..room.one import f",
        "room/three.py": "from ..low import y",
        "room/four.py": "from .five import z",
        "room/five.py": "from ..other import z",
        "other.py": "import sys",
    }
    for name, text in files.items():
        path = tmp_path / "pkg" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = circles(tmp_path / "pkg")
    assert {line.partition(" →")[0] for line in found} == {"pkg: low", "pkg: room", "pkg/room: one", "pkg/room: two"}


def test_files_are_small() -> None:
    large = {
        str(path.relative_to(ROOT.parent)): lines
        for room in (ROOT, ROOT.parent / "tests", ROOT.parent / "benchmarks")
        for path in room.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 350 and path.name != "glossary.py"
    }
    assert not large


def test_the_command_line_starts_light() -> None:
    code = "import sys, bnproof.cli.app; print([m for m in ('sympy', 'jax', 'matplotlib', 'numpy') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, bnproof; print([m for m in ('sympy', 'jax', 'matplotlib', 'torch', 'flax') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
