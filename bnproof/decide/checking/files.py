"""``file.py:function`` with inputs as texts, as the command line gives them: what is to be called, and the tasks of its biases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...loading import load, look_up
from .functions import Prepared, tasks_of_function
from .inputs import called
from .modules import Runnable, calling, runnable, to_call


def ready_of_file(what: str, inputs: Sequence[str], seed: int = 0) -> tuple[Runnable, str]:
    """What ``file.py:name`` names, with arguments as `inputs.called` reads them, and its title.

    Raises LoadError where the file or the name cannot be loaded, CheckError for inputs that do not fit.
    """
    loaded = load(what)
    path = Path(loaded.module.__file__ or loaded.title)

    def found(name: str) -> Any:
        return look_up(loaded.module, path, name)

    function = to_call(loaded.object, loaded.title)
    return runnable(function, called(calling(function), inputs, loaded.title, found), loaded.title, seed), loaded.title


def tasks_of_file(
    what: str, inputs: Sequence[str], dtypes: Sequence[str], *, bias: Sequence[str] = (), seed: int = 0
) -> tuple[list[Prepared], list[str]]:
    """The tasks and notes of what ``file.py:name`` names, called with these inputs.

    Raises what `ready_of_file` and `tasks_of_function` raise.
    """
    ready, title = ready_of_file(what, inputs, seed)
    tasks, notes = tasks_of_function(
        ready.function,
        ready.args,
        dtypes,
        bias=bias or None,
        seed=seed,
        has_aux=ready.has_aux,
        title=title,
        kwargs=ready.kwargs,
    )
    return tasks, [*ready.notes, *notes]
