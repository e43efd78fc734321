"""As whom commands ask the node: a user, or whoever may open its local door."""

from contextvars import ContextVar
from typing import Annotated

import typer

USER: ContextVar[str | None] = ContextVar("user", default=None)
"""The user; none asks as the node's own account."""

_HELP = "Which user of the node acts."

First = Annotated[str | None, typer.Option("--as", metavar="USER", envvar="IMI_USER", help=_HELP)]
Again = Annotated[str | None, typer.Option("--as", metavar="USER", help=f"{_HELP} Or set IMI_USER.")]


def begin_as(user: First = None) -> None:
    """Remember for the rest of the command line who acts."""
    USER.set(user)


def act_as(user: Again = None) -> None:
    """The same for a group of commands, where it may be said as well."""
    if user is not None:
        USER.set(user)
