"""Who acts, from the register of this node, on the day that its clock shows."""

from node.handlers.access import OWN_ACCOUNT, OWN_ACCOUNT_ALONE, Actor
from node.handlers.registers.register import effective_grants, is_user
from node.runtime.register import own_register
from node.runtime.seat import Seat


class UnknownUser(Exception):
    """Nobody of that name is a user of this node; the message says what to do."""


async def actor_named(seat: Seat, name: str | None) -> Actor:
    """The user of that name with the grants that count today, or the node's own account where none is named.

    Raises:
        UnknownUser: there is no such user, or the user has left.
    """
    register = await own_register(seat)
    if name is None:
        return OWN_ACCOUNT if register.users else OWN_ACCOUNT_ALONE
    user, today = register.users.get(name), seat.clock.now().date()
    if user is None or not is_user(user, today):
        raise UnknownUser(f"nobody of the name {name} is a user of this node; `imi user list` shows who is")
    grants = effective_grants(user, register.users.values(), today)
    return Actor(user, tuple(grant for grant in grants if grant.authority in register.validated))
