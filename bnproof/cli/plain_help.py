"""Commands and groups of commands whose help costs no import."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command."""

    def get_help_option(self, ctx: Any) -> Any:
        """Help is off by default, which needs no validation: Typer would import pydantic in every command for it."""
        return _off(super().get_help_option(ctx))


class Group(TyperGroup):
    """A group of commands."""

    def get_help_option(self, ctx: Any) -> Any:
        """As for a command."""
        return _off(super().get_help_option(ctx))


def _off(option: Any) -> Any:
    if option is not None and option.default is None:
        option.default = False
    return option
