"""Who acts at a node, and an exchange with all that decides who there has to do with it; `access` decides by both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from node.handlers.rights import CASE_RIGHTS, COORDINATORS, READERS, Right
from schemas.authorities import Authority, CoordinatorFunction
from schemas.desk import Desk
from schemas.exchange import Exchange
from schemas.identifiers import COMMISSION
from schemas.people import Grant, User
from schemas.policy_area import Procedure


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user of this node, or the node's own account."""

    user: User | None
    grants: tuple[Grant, ...] = ()
    """Those that count today: the own ones, and those of users for whom this one is the substitute."""
    alone: bool = False
    """No user is registered at the node yet; then its own account does everything."""

    @property
    def id(self) -> str | None:
        """The user's id; none for the node's own account."""
        return self.user.id if self.user is not None else None

    @property
    def name(self) -> str:
        """How answers call the actor."""
        return self.user.id if self.user is not None else "the node's own account"


OWN_ACCOUNT_ALONE = Actor(user=None, alone=True)
"""Whoever may open the local door of a node at which no user is registered."""


OWN_ACCOUNT = Actor(user=None)
"""The same once users are registered: it operates the node."""


@dataclass(frozen=True, slots=True)
class Case:
    """An exchange with all that decides who has to do with it at one node."""

    exchange: Exchange
    procedure: Procedure
    node: str
    desk: Desk
    authorities: Mapping[str, Authority] = field(default_factory=dict)
    """The authorities of the node, as they stand at home."""

    @property
    def role(self) -> str | None:
        """The role of the own side."""
        return self.exchange.role_of(self.node)

    @property
    def acting(self) -> frozenset[str]:
        """The authorities that act for the own side; for a draft those that prepare it."""
        role = self.role or ""
        responsible = self.exchange.authorities.get(role)
        if responsible is not None:
            return frozenset({responsible, *self.exchange.further.get(role, ())})
        if self.exchange.opened_at is None:
            return frozenset(pending.authority for pending in self.desk.pending.values())
        # Addressed to the country or to the Commission as such: to whoever can take it on there.
        able = (one.id for one in self.authorities.values() if self.node == COMMISSION or one.national_coordinator)
        return frozenset(able)

    @property
    def reading(self) -> frozenset[str]:
        """The authorities that read along."""
        behalf = {entry.on_behalf_of for entry in self.exchange.history if entry.sender == self.node}
        return frozenset({*self.desk.disseminated_to, *(one for one in behalf if one is not None)})

    @property
    def awaits_coordinators(self) -> bool:
        """Whether the own side's coordinators have something to decide now."""
        return any(
            rule.coordinators and self.role in rule.by and self.exchange.state in rule.sources
            for rule in self.procedure.steps.values()
        )

    def allowed(self, authority: str) -> frozenset[Right]:
        """The rights that roles can give for an authority in this exchange; none where it has nothing to do with it."""
        known = self.authorities.get(authority)
        if authority in self.acting or (known is not None and self.acting.intersection(known.acts_for)):
            return CASE_RIGHTS
        allowed = READERS if authority in self.reading else frozenset()
        if known is not None and self._coordinates(known):
            allowed |= COORDINATORS
        return allowed

    def _coordinates(self, one: Authority) -> bool:
        regions = {known.region for name in self.acting if (known := self.authorities.get(name)) is not None}
        return coordinates(one, "content", area=self.exchange.area, regions=regions)


def coordinates(
    one: Authority, function: CoordinatorFunction, *, area: str | None = None, regions: Iterable[str] = ()
) -> bool:
    """Whether an authority coordinates others in a function, a policy area and a region (IMI Regulation, Art. 6).

    Args:
        one: the possible coordinator.
        function: in which function.
        area: a policy area; none asks only for a coordinator of all areas.
        regions: where those are that it would coordinate; one of them suffices.
    """
    scope = one.coordination
    if scope is None or function not in scope.functions:
        return False
    return (not scope.areas or area in scope.areas) and (not scope.region or scope.region in regions)
