"""``file.py:function`` with inputs as texts, as the command line gives them: the tasks of its biases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...loading import load, look_up
from .functions import Prepared, tasks_of_function
from .inputs import called
from .modules import calling, runnable, to_call


def tasks_of_file(
    what: str, inputs: Sequence[str], dtypes: Sequence[str], *, bias: Sequence[str] = (), seed: int = 0
) -> tuple[list[Prepared], list[str]]:
    """The tasks and notes of what ``file.py:name`` names, called with these inputs (`inputs.called`).

    Raises LoadError where the file or the name cannot be loaded, CheckError for inputs that do not fit and what `tasks_of_function`
    raises it for.
    """
    loaded = load(what)
    path = Path(loaded.module.__file__ or loaded.title)

    def found(name: str) -> Any:
        return look_up(loaded.module, path, name)

    function = to_call(loaded.object, loaded.title)
    ready = runnable(function, called(calling(function), inputs, loaded.title, found), loaded.title, seed)
    tasks, notes = tasks_of_function(
        ready.function,
        ready.args,
        dtypes,
        bias=bias or None,
        seed=seed,
        has_aux=ready.has_aux,
        title=loaded.title,
        kwargs=ready.kwargs,
    )
    return tasks, [*ready.notes, *notes]
