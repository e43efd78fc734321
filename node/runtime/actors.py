"""Who acts, from the register of this node, on the day that its clock shows."""

from typing import Protocol

from node.handlers.access import OWN_ACCOUNT_ALONE, Actor
from node.runtime.seat import Seat


class UnknownUser(Exception):
    """Nobody of that name is a user of this node; the message says what to do."""


class Users(Protocol):
    """The users of a node."""


async def actor_named(seat: Seat, name: str | None) -> Actor:
    """The user of that name with the grants that count today, or the node's own account where none is named.

    Raises:
        UnknownUser: there is no such user, or the user has left.
    """
    del seat
    if name is None:
        return OWN_ACCOUNT_ALONE
    raise UnknownUser(f"there is no user {name} at this node; `imi register` tells of those that there are")
