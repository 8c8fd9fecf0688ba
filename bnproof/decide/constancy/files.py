"""``file.py:function`` with inputs as texts, as the command line gives them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..checking.files import ready_of_file
from .answer import Constancy
from .constant import decide
from .subject import asked_about


def of_file(what: str, inputs: Sequence[str], data: Iterable[str] | None = None, seed: int = 0) -> Constancy:
    """Which outputs of what ``file.py:name`` names are constant, for arguments as `checking.inputs.called` reads them.

    Raises what `checking.files.ready_of_file` and `constant` raise.
    """
    ready, title = ready_of_file(what, inputs, seed)
    asked = asked_about(ready.function, ready.args, ready.kwargs, data, seed, title=title, has_aux=ready.has_aux)
    return decide(asked, seed)
