"""``file.py:name``: what it names, and every way in which it names nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bnproof.errors import LoadError
from bnproof.loading import is_file, load


@pytest.fixture(autouse=True)
def same_modules() -> Iterator[None]:
    before, paths = set(sys.modules), list(sys.path)
    yield
    assert sys.path[-len(paths) :] == paths
    sys.path[:] = paths
    for name in set(sys.modules) - before:
        del sys.modules[name]


def file(folder: Path, text: str, name: str = "own_model.py") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("what", ["model.py:f", "model.py", "a/b.py:f.g", "C:\\x\\model.py:f", "model.py:", "a b.py:f"])
def test_files(what: str) -> None:
    assert is_file(what)


@pytest.mark.parametrize("what", ["conv -> bn", "stem: conv", "bn", "", "model:f", "conv -> x.py", "x.pyc:f"])
def test_no_files(what: str) -> None:
    assert not is_file(what)


def test_a_name_and_a_part_of_one(tmp_path: Path) -> None:
    path = file(tmp_path, "class Model:\n    def apply(self): return 3\nmodel = Model()\n")
    found = load(f"{path}:model.apply")
    assert (found.title, found.name, found.object()) == ("own_model.py:model.apply", "apply", 3)
    assert load(f"{path}:model").module is found.module  # imported once


def test_neighbours_and_dataclasses(tmp_path: Path) -> None:
    file(tmp_path, "value = 7\n", "own_neighbour.py")
    text = "from dataclasses import dataclass\nfrom own_neighbour import value\n@dataclass\nclass D:\n    x: 'int' = value\n"
    assert load(f"{file(tmp_path, text)}:D").object().x == 7


def test_a_file_in_a_package(tmp_path: Path) -> None:
    file(tmp_path, "", "own_package/__init__.py")
    file(tmp_path, "value = 8\n", "own_package/other.py")
    path = file(tmp_path, "from .other import value\n", "own_package/model.py")
    assert load(f"{path}:value").object == 8


def test_two_files_of_one_name(tmp_path: Path) -> None:
    one, two = (file(tmp_path, f"value = {k}\n", f"{k}/own_model.py") for k in (1, 2))
    assert [load(f"{path}:value").object for path in (one, two, one, two)] == [1, 2, 1, 2]


def test_a_name_that_a_library_has(tmp_path: Path) -> None:
    assert load(f"{file(tmp_path, 'value = 9', 'numpy.py')}:value").object == 9


def test_what_it_prints_goes_to_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(f"{file(tmp_path, 'print(1)')}:__name__")
    assert capsys.readouterr() == ("", "1\n")
    assert not list(tmp_path.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "x = 1\ny = foo\n",
            r"own_model.py` cannot be imported: NameError: name 'foo' is not defined\n  .*own_model.py, line 2: y = foo",
        ),
        ("def f(:\n", r"SyntaxError: invalid syntax.*\n  .*own_model.py, line 1: def f\(:"),
        ("import nothing_of_this_name\n", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("def g():\n    raise ValueError('a\\n\\nb')\ng()\n", r"ValueError: a\n  .*line 2: raise"),
        ("from . import x\n", "ImportError: attempted relative import"),
        ("import sys\nsys.exit(4)\n", r"ends the program when it is imported, with exit code 4: .*__main__"),
        ("raise KeyError\n", "cannot be imported: KeyError\n"),
        ("value = 1\n", r"has no `f`"),
        ("def forward(): ...\ndef backward(): ...\n", "has no `f`; did you mean forward"),
    ],
)
def test_files_that_do_not_give_it(text: str, words: str, tmp_path: Path) -> None:
    path = file(tmp_path, text)
    for _ in range(2):  # what failed once is not taken for imported
        with pytest.raises(LoadError, match=words):
            load(f"{path}:f")


def test_no_such_file_or_no_name(tmp_path: Path) -> None:
    path = file(tmp_path, "import math\ndef forward(): ...\nclass Net: ...\n_x = math.pi\n")
    with pytest.raises(LoadError, match=r"no file `.*own_modl.py`; did you mean .*own_model.py\?"):
        load(f"{tmp_path}/own_modl.py:f")
    with pytest.raises(LoadError, match="no file"):
        load(f"{tmp_path}/nowhere/own.py:f")
    with pytest.raises(LoadError, match="a folder, no file"):
        load(f"{tmp_path}/sub.py:f") if (tmp_path / "sub.py").mkdir() is None else None
    for what in (f"{path}", f"{path}:"):
        with pytest.raises(LoadError, match=r"names no function: write .*:NAME; own_model.py has forward, Net"):
            load(what)
    with pytest.raises(LoadError, match=r"`Net` of `own_model.py` has no `frward`"):
        load(f"{path}:Net.frward")
    with pytest.raises(LoadError, match=r"expected file\.py:name"):
        load("model:f")
