"""``file.py:function`` with inputs as texts, as the command line gives them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ...loading import load, look_up
from ..checking.inputs import called
from ..checking.modules import calling, runnable, to_call
from .answer import Constancy
from .constant import decide
from .subject import asked_about


def of_file(what: str, inputs: Sequence[str], data: Iterable[str] | None = None, seed: int = 0) -> Constancy:
    """Which outputs of what ``file.py:name`` names are constant, for arguments as `checking.inputs.called` reads them.

    Raises LoadError where the file or the name cannot be loaded, CheckError for inputs that do not fit, and what `constant` raises.
    """
    loaded = load(what)
    path = Path(loaded.module.__file__ or loaded.title)

    def found(name: str) -> Any:
        return look_up(loaded.module, path, name)

    function = to_call(loaded.object, loaded.title)
    ready = runnable(function, called(calling(function), inputs, loaded.title, found), loaded.title, seed)
    asked = asked_about(ready.function, ready.args, ready.kwargs, data, seed, title=loaded.title, has_aux=ready.has_aux)
    return decide(asked, seed)
