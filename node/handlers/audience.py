"""Who is told of an exchange: the users of the authorities that act for the own side, or of its coordinators.

Users are those of one node. Where an authority has none who could act, it is told as such, at the address that it
has made known.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from schemas.authorities import Authority
from schemas.exchange import Exchange
from schemas.notices import Audience
from schemas.people import Grant, Role, User

ACTING: frozenset[Role] = frozenset(
    {"handler", "approver", "allocator", "referral_handler", "disseminator", "assessor"}
)
"""Roles whose work it is; the others are not told."""

_SUBSTITUTIONS = 5  # substitutes of substitutes; more of them is a circle


def acting_authorities(exchange: Exchange, node: str) -> tuple[str, ...]:
    """The authorities that act for a node's side: the responsible one, and those that answer a part."""
    role = exchange.role_of(node)
    if role is None:
        return ()
    responsible = exchange.authorities.get(role)
    return (*((responsible,) if responsible is not None else ()), *exchange.further.get(role, ()))


def coordinators(authorities: Iterable[Authority], area: str) -> tuple[str, ...]:
    """The coordinators that see to timely answers in a policy area; the national one alone where no other does."""
    content = [
        each
        for each in authorities
        if each.coordination is not None
        and "content" in each.coordination.functions
        and (not each.coordination.areas or area in each.coordination.areas)
    ]
    special = [each.id for each in content if not each.national_coordinator]
    return tuple(sorted(special or [each.id for each in content]))


def told(exchange: Exchange, audience: Audience, *, node: str, authorities: Iterable[Authority]) -> tuple[str, ...]:
    """The authorities whose users are told."""
    if audience == "coordinator":
        return coordinators(authorities, exchange.area)
    return acting_authorities(exchange, node)


def recipients(
    authorities: Iterable[str], exchange: Exchange, *, users: Iterable[User], handlers: Mapping[str, str], day: date
) -> frozenset[str]:
    """Who gets the digest of a day: user ids, or the authority's own where it has no user who could act.

    Args:
        authorities: whose users are told.
        exchange: what they are told of.
        users: of this node.
        handlers: authority -> the user whom the exchange was given to there; nobody else of it is told then.
        day: on which they are to read it; an absent user's digest goes to the substitute.
    """
    known = {user.id: user for user in users if user.left_at is None}
    chosen: set[str] = set()
    for authority in authorities:
        able = {user.id for user in known.values() if any(_covers(grant, authority, exchange) for grant in user.grants)}
        given = handlers.get(authority)
        mine = {given} if given in able else able
        chosen |= {_present(known[name], known, day) for name in mine} or {authority}
    return frozenset(chosen)


def may_read_work(user: User, authorities: Iterable[str], exchange: Exchange) -> bool:
    """Whether an exchange is a user's work, as one of those who act for one of these authorities."""
    return any(_covers(grant, authority, exchange) for authority in authorities for grant in user.grants)


def _covers(grant: Grant, authority: str, exchange: Exchange) -> bool:
    return (
        grant.authority == authority
        and grant.role in ACTING
        and grant.area in (None, exchange.area)
        and (not grant.procedures or exchange.procedure in grant.procedures)
    )


def _present(user: User, known: Mapping[str, User], day: date) -> str:
    """The user, or on days of absence the substitute; the user again where nobody is there."""
    one = user
    for _ in range(_SUBSTITUTIONS):
        absence = next((each for each in one.absences if each.first <= day <= each.last), None)
        if absence is None:
            return one.id
        if absence.substitute is None or absence.substitute not in known:
            return user.id
        one = known[absence.substitute]
    return user.id
