"""May this user do that? The one place where it is decided; denied unless a rule says otherwise.

Who acts is an `Actor`: a user with the grants that count today, or the node's own account at the local door. What
is to be done is a `Right`; `rights` holds the table of roles. Where an exchange is concerned, a `Case` says who has
to do with it (IMI Regulation, Art. 9: need to know, and only actors that take part see personal data):

- authorities that act: the responsible one of the own side, those that answer a part, a central one for its local;
- authorities that read: those that it was disseminated to, and those on whose behalf another acted;
- coordinators of that side, with the content function, for the policy area and the region.

The Commission's users come in as assessors, and see notifications only. Everything here is a pure function.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from node.handlers.refused import Refused
from node.handlers.rights import CASE_RIGHTS, COORDINATORS, DECIDING, OPERATING, READERS, RIGHTS, WORDS, Right
from schemas.authorities import Authority, CoordinatorFunction
from schemas.desk import Desk
from schemas.exchange import Act, Exchange
from schemas.identifiers import COMMISSION, node_of
from schemas.people import Grant, User
from schemas.policy_area import PolicyArea, Procedure, StepRule
from schemas.refusal import Refusal


class Denied(Exception):
    """The user has not the right to it; nothing has changed. The message says who can give it.

    Attributes:
        right: the right that lacks.
    """

    def __init__(self, right: Right, detail: str) -> None:
        super().__init__(detail)
        self.right = right


class Hidden(Denied):
    """The user may not even know that there is such an exchange: answer as if there were none."""


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


def holds(actor: Actor, right: Right) -> bool:
    """Whether an actor has a right anywhere at all: what every entry point asks first."""
    if actor.user is None:
        return actor.alone or right in OPERATING
    return any(right in RIGHTS[grant.role] for grant in actor.grants)


def require(actor: Actor, *rights: Right) -> None:
    """Insist that an actor has one of these rights anywhere.

    Raises:
        Denied: with who can give it.
    """
    if not any(holds(actor, right) for right in rights):
        raise Denied(rights[0], _who_gives(actor, *rights))


def may(actor: Actor, right: Right, case: Case, *, authority: str | None = None) -> bool:
    """Whether an actor has a right in an exchange, be it for a given authority only."""
    if actor.user is None:
        return actor.alone
    return any(
        right in RIGHTS[grant.role]
        and authority in (None, grant.authority)
        and _covers(grant, case.exchange.area, case.exchange.procedure)
        and _admits(grant, right, case)
        for grant in actor.grants
    )


def may_audit(actor: Actor, case: Case) -> bool:
    """Whether an actor may know who read an exchange: auditors of an authority that has to do with it, coordinators'.

    It is no right to see anything of what the exchange says, or even how it stands.
    """
    if actor.user is None:
        return actor.alone
    return any(
        Right.AUDIT in RIGHTS[grant.role]
        and _covers(grant, case.exchange.area, case.exchange.procedure)
        and bool(case.allowed(grant.authority))
        for grant in actor.grants
    )


def may_audit_all(actor: Actor, authorities: Iterable[Authority]) -> bool:
    """Whether an actor may see the whole ledger of the node: an auditor of a coordinator of all policy areas."""
    if actor.user is None:
        return actor.alone
    over = {one.id for one in authorities if coordinates(one, "content")}
    return any(
        Right.AUDIT in RIGHTS[grant.role] and grant.area is None and grant.authority in over for grant in actor.grants
    )


def require_in(actor: Actor, right: Right, case: Case, *, authority: str | None = None) -> None:
    """Insist on a right in an exchange.

    Raises:
        Hidden: the actor may not see the exchange.
        Denied: it may, and has not this right.
    """
    if not may(actor, Right.SEE, case):
        raise Hidden(Right.SEE, _who_gives(actor, Right.SEE))
    if not may(actor, right, case, authority=authority):
        raise Denied(right, _who_gives(actor, right, authority=authority))


def right_to(rule: StepRule) -> Right:
    """The right that a step asks for."""
    if rule.coordinators:
        return Right.COORDINATE
    if rule.authority in ("hands_over", "shares"):
        return Right.FORWARD
    return Right.OPEN if rule.opens or rule.local else Right.TAKE


def require_opening(actor: Actor, act: Act, rule: StepRule, approval: Iterable[str] = ()) -> None:
    """Insist that an actor may open an exchange for the authority that it names.

    Args:
        actor: who acts.
        act: what is to be done.
        rule: of the step that opens or begins a draft.
        approval: the steps that an approver of that authority has to release.

    Raises:
        Denied: it may not.
    """
    may_open = actor.alone or any(
        Right.OPEN in RIGHTS[grant.role]
        and grant.authority == act.authority
        and _covers(grant, act.area, act.procedure)
        for grant in actor.grants
    )
    if not may_open:
        raise Denied(Right.OPEN, _who_gives(actor, Right.OPEN, authority=act.authority))
    _require_unapproved(actor, act, rule, approval)


def require_step(actor: Actor, act: Act, rule: StepRule, case: Case, approval: Iterable[str] = ()) -> None:
    """Insist that an actor may take a step in an exchange for the authority that it names.

    Raises:
        Hidden, Denied: it may not.
    """
    right = right_to(rule)
    require_in(actor, right, case, authority=act.authority)
    if right is Right.TAKE and not actor.alone and not case.acting & {act.authority, act.on_behalf_of}:
        acting = " or ".join(sorted(case.acting))
        raise Denied(right, f"{act.authority} acts here on behalf of {acting} only: say so, with --on-behalf-of")
    _require_unapproved(actor, act, rule, approval)


def require_behalf(authority: Authority | None, name: str, on_behalf_of: str | None) -> None:
    """Insist that an authority may act for the local one that it names.

    Raises:
        Refused: it may not.
    """
    if on_behalf_of is not None and (authority is None or on_behalf_of not in authority.acts_for):
        raise Refused(
            Refusal.NOT_A_PARTY,
            f"{name} does not act on behalf of {on_behalf_of}; a coordinator can register that it does",
        )


def may_over(
    actor: Actor,
    right: Right,
    target: Authority | None,
    authorities: Mapping[str, Authority],
    *,
    areas: Iterable[str] = (),
) -> bool:
    """Whether an actor may change an authority in the register, or its users.

    Users and contact data: administrators of the authority itself, and of a validating coordinator over it.
    Validation and access: administrators of a coordinator with the function that covers its region and policy areas.

    Args:
        actor: who acts.
        right: to what.
        target: the authority as it is, or is to be; none stands for all of the country.
        authorities: those of the node that count, by id.
        areas: policy areas that the change is about; the coordinator has to have all of them.
    """
    if actor.user is None:
        return actor.alone
    wanted = tuple(areas)
    for grant in actor.grants:
        own = authorities.get(grant.authority)
        if right not in RIGHTS[grant.role] or own is None:
            continue
        if right not in _FUNCTIONS and target is not None and own.id == target.id:
            return True
        if _is_over(own, _FUNCTIONS.get(right, "validating"), target, wanted):
            return True
    return False


def require_over(
    actor: Actor,
    right: Right,
    target: Authority | None,
    authorities: Mapping[str, Authority],
    *,
    areas: Iterable[str] = (),
) -> None:
    """Insist on a right over an authority in the register, or over all of them; arguments as for `may_over`.

    Raises:
        Denied: with who can give it.
    """
    if not may_over(actor, right, target, authorities, areas=areas):
        raise Denied(right, _who_gives(actor, right, authority=target.id if target is not None else None))


def may_see_user(actor: Actor, user: User, authorities: Mapping[str, Authority]) -> bool:
    """Whether an actor may see a user of the node: oneself, and those of authorities over whose users one is."""
    if actor.id == user.id:
        return True
    targets = [authorities.get(grant.authority) for grant in user.grants] or [None]
    return any(may_over(actor, Right.SEE_USERS, target, authorities) for target in targets)


def require_registered(authority: Authority | None, name: str, *, area: PolicyArea, procedure: str) -> None:
    """Insist that an authority exists and is registered for a procedure (IMI Regulation, Art. 9).

    Raises:
        Refused: with what to do about it.
    """
    if authority is None:
        raise Refused(
            Refusal.NOT_A_PARTY,
            f"no authority {name} is known here, or it does not count; `imi authority find` lists those that do",
        )
    registered = procedure in authority.modules.get(area.area, ())
    if not registered and node_of(name) != COMMISSION:
        raise Refused(
            Refusal.NOT_A_PARTY,
            f"{name} is not registered for {procedure} in {area.label}; its coordinator can register it",
        )


def addressee(authorities: Iterable[Authority], *, area: PolicyArea, procedure: str) -> str | None:
    """The authority that gets what is addressed to a country only: its coordinator, or else the first registered."""
    registered = [one for one in authorities if procedure in one.modules.get(area.area, ())]
    return next((one.id for one in sorted(registered, key=lambda one: (not one.national_coordinator, one.id))), None)


_DECIDING = ("referral_handler", "approver")

_FUNCTIONS: dict[Right, CoordinatorFunction] = {Right.VALIDATE: "validating", Right.GIVE_ACCESS: "access"}


def _is_over(own: Authority, function: CoordinatorFunction, target: Authority | None, areas: tuple[str, ...]) -> bool:
    if target is None:
        return coordinates(own, function)
    scope = own.coordination
    some = (scope.areas[0] if scope is not None and scope.areas else None,)
    return all(coordinates(own, function, area=area, regions={target.region}) for area in areas or some)


def _covers(grant: Grant, area: str, procedure: str) -> bool:
    return grant.area in (None, area) and (not grant.procedures or procedure in grant.procedures)


def _admits(grant: Grant, right: Right, case: Case) -> bool:
    if case.node == COMMISSION and not _may_commission(grant, case):
        return False
    if grant.role == "assessor" and case.node != COMMISSION:
        return False
    allowed = case.allowed(grant.authority)
    own = case.authorities.get(grant.authority)
    if grant.role == "referral_handler" and (own is None or own.coordination is None):
        return False
    if grant.role in _DECIDING and Right.COORDINATE in allowed and case.awaits_coordinators:
        allowed |= DECIDING  # coordinators decide with the personal data before them, and see none otherwise
    return right in allowed


def _may_commission(grant: Grant, case: Case) -> bool:
    """The Commission takes part in notifications only, and its users by assessing them."""
    return case.procedure.kind == "notification" and grant.role in ("assessor", "approver", "viewer")


def _require_unapproved(actor: Actor, act: Act, rule: StepRule, approval: Iterable[str]) -> None:
    if act.step in approval and not rule.local and not actor.alone:
        raise Denied(
            Right.RELEASE, f"{act.authority} has {act.step} released by an approver: submit it with `imi desk submit`"
        )


def _who_gives(actor: Actor, *rights: Right, authority: str | None = None) -> str:
    """What lacks, in one sentence, and who can give it."""
    roles = " or ".join(role.replace("_", " ") for role, given in RIGHTS.items() if given.intersection(rights))
    wanted = " or ".join(WORDS[right] for right in rights)
    if actor.user is None:
        return f"this node has users: say which of them acts, with --as USER; {wanted} takes the role {roles}"
    where = f" for {authority}" if authority is not None else ""
    return f"{actor.name} has no right {wanted}{where}; an administrator of the authority can give the role {roles}"
