"""Who is told of an exchange: the users of the authorities that act for the own side, or of its coordinators.

Nobody is told who might not see the exchange: those who are have a role that works on it (see `rights`). Where an
authority has nobody who could act, it is told as such, at the address that it has made known.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from node.handlers.access import Case, coordinates
from node.handlers.registers.substitutes import effective_grants, is_away, is_user, stands_in_for
from schemas.exchange import Exchange
from schemas.notices import Audience
from schemas.people import Grant, Role, User

ACTING: frozenset[Role] = frozenset(
    {"handler", "approver", "allocator", "referral_handler", "disseminator", "assessor"}
)
"""Roles whose work it is; the others are not told."""


def told(case: Case, audience: Audience) -> tuple[str, ...]:
    """The authorities whose users are told: those that act, or the coordinators that see to timely answers.

    The national coordinator is told where there is no other for the policy area and the region.
    """
    if audience == "authority":
        return tuple(sorted(case.acting))
    regions = {known.region for name in case.acting if (known := case.authorities.get(name)) is not None}
    content = [
        one
        for one in case.authorities.values()
        if coordinates(one, "content", area=case.exchange.area, regions=regions)
    ]
    special = [one.id for one in content if not one.national_coordinator]
    return tuple(sorted(special or [one.id for one in content]))


@dataclass(frozen=True, slots=True)
class _Duty:
    user: str
    grant: Grant
    away: bool


class Staff:
    """The users of a node on one day, by the authorities that they work for."""

    def __init__(self, users: Iterable[User], day: date) -> None:
        """Note who is there, and for whom; `day` is when they are to read what they are told."""
        known = [user for user in users if is_user(user, day)]
        absent = [user for user in known if is_away(user, day)]
        self._duties: dict[str, list[_Duty]] = defaultdict(list)
        self._in_place_of: dict[str, set[str]] = defaultdict(set)
        for user in known:
            for grant in effective_grants(user, absent, day):
                if grant.role in ACTING:
                    self._duties[grant.authority].append(_Duty(user.id, grant, user in absent))
            for one in stands_in_for(user, absent, day):
                self._in_place_of[one.id].add(user.id)

    def who(self, authority: str, exchange: Exchange, handler: str | None = None) -> frozenset[str]:
        """Who is told of an exchange: user ids, or the authority's own where there is nobody.

        Args:
            authority: whose users are told.
            exchange: what they are told of.
            handler: the user whom the exchange was given to there; nobody else of the authority is told then, but
                whoever stands in for an absent one.
        """
        able = [duty for duty in self._duties.get(authority, ()) if _covers(duty.grant, exchange)]
        present = {duty.user for duty in able if not duty.away}
        if handler is not None:
            mine = present & {handler, *self._in_place_of.get(handler, ())}
            present = mine or present
        return frozenset(present or {duty.user for duty in able} or {authority})


def _covers(grant: Grant, exchange: Exchange) -> bool:
    return grant.area in (None, exchange.area) and (not grant.procedures or exchange.procedure in grant.procedures)
