"""Changes of users: who may make them, and what has to hold.

Administrators of an authority manage its users; those of a validating coordinator may do so for the authorities that
it covers. Users say themselves when they are away. Each function gives the entries of the register that change;
`node.handlers.registers.changes` puts them in.
"""

from datetime import datetime

from node.handlers import access
from node.handlers.access import Actor
from node.handlers.dates.periods import add_months
from node.handlers.registers.register import Register, RegisterRefused
from node.handlers.registers.registration import Setting, require_languages
from node.handlers.rights import CASE_RIGHTS, RIGHTS, Right
from schemas.authorities import Authority
from schemas.identifiers import COMMISSION
from schemas.people import Grant, User
from schemas.register import AddUser, CancelAbsence, ChangeUser, GrantRole, RevokeRole, SetAbsence, UserLeaves

KEPT_MONTHS = 36
"""How long the data of a user who left are kept, to prove exchanges (IMI Regulation, Art. 15)."""


def forgotten_at(left_at: datetime) -> datetime:
    """When the data of a user who left are deleted."""
    return add_months(left_at, KEPT_MONTHS)


def to_forget(register: Register, now: datetime) -> list[str]:
    """Name the users whose data are to be deleted now."""
    return sorted(
        user.id for user in register.users.values() if user.left_at is not None and forgotten_at(user.left_at) <= now
    )


def add(register: Register, change: AddUser, by: Setting) -> list[User]:
    """Register a user; raises Denied, RegisterRefused."""
    for grant in change.grants:
        _require_grantable(register, grant, by)
    if change.user in register.users:
        raise RegisterRefused(f"{change.user} is taken; choose another user id, also where that user has left")
    require_languages(change.user, [change.language])
    return [
        User(
            id=change.user,
            name=change.name,
            email=change.email,
            language=change.language,
            grants=tuple(dict.fromkeys(change.grants)),
            since=by.now,
        )
    ]


def alter(register: Register, change: ChangeUser, by: Setting) -> list[User]:
    """Correct what is known of a user; raises Denied, RegisterRefused."""
    user = register.user(change.user)
    if by.actor.id != user.id:
        _require_managed(register, user, by.actor)
    require_languages(user.id, [change.language])
    return [user.model_copy(update={"name": change.name, "email": change.email, "language": change.language})]


def grant(register: Register, change: GrantRole, by: Setting) -> list[User]:
    """Give a role; raises Denied, RegisterRefused."""
    user = register.user(change.user)
    _require_grantable(register, change.grant, by)
    if change.grant in user.grants:
        raise RegisterRefused(f"{user.id} has that role already")
    return [user.model_copy(update={"grants": (*user.grants, change.grant)})]


def revoke(register: Register, change: RevokeRole, by: Setting) -> list[User]:
    """Take a role away; raises Denied, RegisterRefused."""
    user = register.user(change.user)
    if change.grant not in user.grants:
        roles = "; ".join(_words(each) for each in user.grants) or "none"
        raise RegisterRefused(f"{user.id} does not have that role; the roles are: {roles}")
    _require_over(register, change.grant.authority, by.actor)
    return [user.model_copy(update={"grants": tuple(each for each in user.grants if each != change.grant)})]


def absent(register: Register, change: SetAbsence, by: Setting) -> list[User]:
    """Note an absence; raises Denied, RegisterRefused."""
    user = register.user(change.user)
    if by.actor.id != user.id:
        _require_managed(register, user, by.actor)
    new, today = change.absence, by.now.date()
    if new.last < today:
        raise RegisterRefused(f"the absence ended on {new.last}; only present and coming ones are noted")
    others = [each for each in user.absences if each.last >= today and each.first != new.first]
    for each in others:
        if each.first <= new.last and new.first <= each.last:
            raise RegisterRefused(f"{user.id} is away from {each.first} to {each.last} already; cancel that first")
    if new.substitute is not None:
        _require_substitute(register, user, new.substitute)
    return [user.model_copy(update={"absences": tuple(sorted((*others, new), key=lambda each: each.first))})]


def present(register: Register, change: CancelAbsence, by: Setting) -> list[User]:
    """Cancel an absence; raises Denied, RegisterRefused."""
    user = register.user(change.user)
    if by.actor.id != user.id:
        _require_managed(register, user, by.actor)
    if change.first not in (each.first for each in user.absences):
        raise RegisterRefused(f"{user.id} has no absence that begins on {change.first}")
    return [user.model_copy(update={"absences": tuple(each for each in user.absences if each.first != change.first)})]


def leave(register: Register, change: UserLeaves, by: Setting) -> list[User]:
    """End all rights of a user; raises Denied, RegisterRefused."""
    user = register.user(change.user)
    _require_managed(register, user, by.actor)
    return [user.model_copy(update={"left_at": by.now, "absences": ()})]


def _require_grantable(register: Register, given: Grant, by: Setting) -> None:
    own = _require_over(register, given.authority, by.actor)
    if not RIGHTS[given.role] & CASE_RIGHTS and (given.area is not None or given.procedures):
        raise RegisterRefused(f"the role {given.role} is given for all policy areas; leave out area and procedures")
    if given.role == "referral_handler" and own.coordination is None:
        raise RegisterRefused(f"{own.id} is no coordinator, and only coordinators decide referrals")
    if given.role == "assessor" and register.node != COMMISSION:
        raise RegisterRefused("only the Commission assesses notifications; its node has that role")
    if given.procedures and given.area is None:
        raise RegisterRefused("procedures belong to a policy area; name it")
    if given.area is not None:
        known = by.procedures.get(given.area, frozenset())
        if not known or not known.issuperset(given.procedures):
            names = ", ".join(f"{area}: {' '.join(sorted(each))}" for area, each in sorted(by.procedures.items()))
            raise RegisterRefused(f"there is no such policy area or procedure; there are {names}")


def _require_over(register: Register, authority: str, actor: Actor) -> Authority:
    """Insist on the right over the users of an authority that counts."""
    own = register.authority(authority)
    access.require_over(actor, Right.MANAGE_USERS, own.authority, register.validated)
    if own.status != "validated":
        raise RegisterRefused(f"{authority} is {own.status}; its users have rights once it is validated")
    return own.authority


def _require_managed(register: Register, user: User, actor: Actor) -> None:
    """Insist on the right over all authorities that somebody works for; over the country, for one without any."""
    names = dict.fromkeys(each.authority for each in user.grants)
    for name in names:
        access.require_over(actor, Right.MANAGE_USERS, register.authority(name).authority, register.validated)
    if not names:
        access.require_over(actor, Right.MANAGE_USERS, None, register.validated)


def _require_substitute(register: Register, user: User, substitute: str) -> None:
    """Whoever takes over works for the same authorities: a substitution opens no other authority's exchanges."""
    if substitute == user.id:
        raise RegisterRefused(f"{user.id} can't be the own substitute; name another user")
    other = register.user(substitute)
    missing = {each.authority for each in user.grants} - {each.authority for each in other.grants}
    if missing:
        raise RegisterRefused(f"{substitute} does not work for {min(missing)}, as {user.id} does; name one who does")


def _words(given: Grant) -> str:
    where = f" in {given.area}" if given.area is not None else ""
    only = f" ({', '.join(given.procedures)})" if given.procedures else ""
    return f"{given.role} for {given.authority}{where}{only}"
