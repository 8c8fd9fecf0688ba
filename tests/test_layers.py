"""Dependencies point one way, heavy libraries stay out of the command line's start, files stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import bnproof

ROOT = Path(bnproof.__path__[0])
LAYERS = (
    ("cli",),
    ("asking",),
    ("report", "plots", "teach"),
    ("audit", "theorems"),
    ("decide",),
    ("algebra", "numeric", "symbolic", "chain"),
    ("laws", "verdict", "errors", "modes", "jaxpr"),
)
"""Top first: a module imports only from layers below its own, or from its own part. algebra and numeric do not know each other."""


def level(part: str) -> int:
    return next(k for k, parts in enumerate(LAYERS) if part in parts)


def imported_parts(path: Path) -> set[str]:
    package = ["bnproof", *path.relative_to(ROOT).parent.parts]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            full = [*base, *(node.module or "").split(".")] if node.module else base
            targets = [full] if len(full) > 1 else [[*full, alias.name] for alias in node.names]
        elif isinstance(node, ast.Import):
            targets = [alias.name.split(".") for alias in node.names]
        else:
            continue
        found |= {target[1] for target in targets if target[:1] == ["bnproof"] and len(target) > 1}
    return found


def test_dependencies_point_down() -> None:
    wrong: list[str] = []
    for path in ROOT.rglob("*.py"):
        relative = path.relative_to(ROOT)
        part = relative.parts[0].removesuffix(".py")
        if part.startswith("__"):
            continue
        for other in imported_parts(path) - {part}:
            if level(other) <= level(part):
                wrong.append(f"{relative} imports {other}")
    assert not wrong


def test_files_are_small() -> None:
    large = {
        str(path.relative_to(ROOT)): lines
        for path in ROOT.rglob("*.py")
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
