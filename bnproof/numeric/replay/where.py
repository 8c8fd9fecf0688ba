"""Where in a program an operation stands: the layer, the pass and the line of the user's code that it was traced from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
from jax.extend import source_info_util

_HIDDEN = (str(Path(__file__).parents[2]), str(Path(jax.__file__).parent))
"""Files whose lines say nothing to a user: the layers built here, and JAX's own."""
_SCOPE = re.compile(r"[^()/]+")


@dataclass(frozen=True)
class Source:
    """What an operation was traced from. info: JAX's source information; around: the scopes of the calls that it stands inside."""

    info: Any
    around: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The name stacks from the outermost call inwards."""
        return tuple(filter(None, (*self.around, str(self.info.name_stack))))

    def __str__(self) -> str:
        """The layer, whether it belongs to the backward pass, and the line, as far as they are known: ``bn1, backward``."""
        stack = "/".join(self.scopes)
        layer = "/".join(name for name in _SCOPE.findall(stack) if name not in _TRANSFORMS)
        backward = "backward" if "transpose(" in stack else ""
        return ", ".join(filter(None, (layer, backward, self._line)))

    @property
    def _line(self) -> str:
        """file:line of the user's code, the file without its folders."""
        text = source_info_util.summarize(self.info)
        path = text.split(" ")[0]
        if path.startswith(_HIDDEN) or "unknown" in text.lower():
            return ""
        return ":".join(path.rsplit("/", 1)[-1].split(":")[:2])


_TRANSFORMS = frozenset(("jvp", "transpose", "vmap", "jit", "pjit", "checkpoint", "remat", "rematted_computation", "grad"))
"""Names that JAX's transformations leave in the name stack."""
