"""May this user do that? The one place where it is decided; denied unless a rule says otherwise.

Who acts is an `Actor`: a user with the grants that count today, or the node's own account at the local door. What
is to be done is a `Right`; `rights` holds the table of roles. Where an exchange is concerned, a `Case` says who has
to do with it (IMI Regulation, Art. 9: need to know, and only actors that take part see personal data):

- authorities that act: the responsible one of the own side, those that answer a part, a central one for its local;
- authorities that read: those that it was disseminated to, and those on whose behalf another acted;
- coordinators of that side, with the content function, for the policy area and the region.

The Commission's users come in as assessors, and see notifications only. Everything here is a pure function.
"""

from collections.abc import Iterable, Mapping, Sequence

from node.handlers.case import OWN_ACCOUNT, OWN_ACCOUNT_ALONE, Actor, Case, coordinates
from node.handlers.denials import Denied, Hidden, sentence, sentence_in
from node.handlers.refused import Refused
from node.handlers.rights import DECIDING, OPERATING, RIGHTS, Right
from schemas.authorities import Authority, CoordinatorFunction
from schemas.exchange import Act
from schemas.identifiers import COMMISSION, node_of
from schemas.people import Grant, User
from schemas.policy_area import PolicyArea, StepRule
from schemas.refusal import Refusal

__all__ = [
    "OWN_ACCOUNT",
    "OWN_ACCOUNT_ALONE",
    "Actor",
    "Case",
    "Denied",
    "Hidden",
    "addressee",
    "authorities_for",
    "coordinates",
    "holds",
    "is_registered",
    "may",
    "may_open",
    "may_over",
    "may_see_user",
    "require",
    "require_behalf",
    "require_in",
    "require_opening",
    "require_over",
    "require_registered",
    "require_step",
    "require_to_open",
    "right_to",
]


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
        raise Denied(rights[0], sentence(actor, *rights))


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


def require_in(actor: Actor, right: Right, case: Case, *, authority: str | None = None) -> None:
    """Insist on a right in an exchange.

    Raises:
        Hidden: the actor may not see the exchange.
        Denied: it may, and has not this right.
    """
    if not may(actor, Right.SEE, case):
        raise Hidden(Right.SEE, sentence(actor, Right.SEE))
    if not may(actor, right, case, authority=authority):
        raise Denied(right, sentence_in(actor, right, case, authority=authority))


def right_to(rule: StepRule) -> Right:
    """The right that a step asks for."""
    if rule.coordinators:
        return Right.COORDINATE
    if rule.authority in ("hands_over", "shares"):
        return Right.FORWARD
    return Right.OPEN if rule.opens or rule.local else Right.TAKE


def may_open(actor: Actor, authority: str, *, area: str, procedure: str) -> bool:
    """Whether an actor may open exchanges of a procedure for an authority."""
    return actor.alone or any(
        Right.OPEN in RIGHTS[grant.role] and grant.authority == authority and _covers(grant, area, procedure)
        for grant in actor.grants
    )


def require_to_open(actor: Actor, able: Sequence[str], *, area: str, procedure: str) -> tuple[str, ...]:
    """Those of some authorities for which an actor may open exchanges of a procedure.

    Raises:
        Denied: there is none.
    """
    found = tuple(name for name in able if may_open(actor, name, area=area, procedure=procedure))
    if not found:
        raise Denied(Right.OPEN, sentence(actor, Right.OPEN, authority=able[0] if len(able) == 1 else None))
    return found


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
    if not may_open(actor, act.authority, area=act.area, procedure=act.procedure):
        raise Denied(Right.OPEN, sentence(actor, Right.OPEN, authority=act.authority))
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


def authorities_for(actor: Actor, rule: StepRule, case: Case, area: PolicyArea) -> tuple[str, ...]:
    """The authorities for which an actor may take a step in an exchange, those that act in it before others.

    A central authority is among them only where no other is: it has to say on whose behalf it acts.
    """
    right = right_to(rule)
    wanted = case.acting or case.authorities.keys() if actor.alone else {grant.authority for grant in actor.grants}
    able = [
        name
        for name in sorted(wanted)
        if (known := case.authorities.get(name)) is not None
        and is_registered(known, area, case.exchange.procedure)
        and may(actor, right, case, authority=name)
    ]
    direct = [name for name in able if name in case.acting]
    if right is Right.TAKE:
        return tuple(direct or able)
    return (*direct, *(name for name in able if name not in direct))


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
        raise Denied(right, sentence(actor, right, authority=target.id if target is not None else None))


def may_see_user(actor: Actor, user: User, authorities: Mapping[str, Authority]) -> bool:
    """Whether an actor may see a user of the node: oneself, and those of authorities over whose users one is."""
    if actor.id == user.id:
        return True
    targets = [authorities.get(grant.authority) for grant in user.grants] or [None]
    return any(may_over(actor, Right.SEE_USERS, target, authorities) for target in targets)


def is_registered(authority: Authority, area: PolicyArea, procedure: str) -> bool:
    """Whether an authority takes part in a procedure; a record is kept by any that works in the policy area."""
    modules = authority.modules.get(area.area, ())
    is_record = area.procedures[procedure].kind == "record"
    return procedure in modules or (is_record and bool(modules)) or node_of(authority.id) == COMMISSION


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
    if not is_registered(authority, area, procedure):
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
