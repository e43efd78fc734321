"""As whom commands ask the node: a user, or whoever may open its local door."""

from contextvars import ContextVar
from typing import Annotated

import typer

USER: ContextVar[str | None] = ContextVar("user", default=None)
"""The user; none asks as the node's own account."""

As = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", envvar="IMI_USER", help="Which user of the node acts."),
]


def begin_as(user: As = None) -> None:
    """Remember for the rest of the command line who acts."""
    USER.set(user)


def act_as(user: As = None) -> None:
    """The same for a group of commands, where it may be said as well."""
    if user is not None:
        USER.set(user)
