"""Changes of authorities: who may make them, and what has to hold (IMI Regulation, Art. 6 and Art. 9).

An authority is invited by a coordinator, validated by a validating one, and given access by one for access; each has
to cover its region and its policy areas. Only the national coordinator names coordinators. Each function gives the
entries of the register that change; `node.handlers.registers.changes` puts them in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from node.handlers import access
from node.handlers.access import Actor
from node.handlers.registers.register import Register, RegisterRefused
from node.handlers.rights import Right
from schemas.authorities import Authority, Coordination
from schemas.identifiers import COMMISSION, node_of
from schemas.parties import LANGUAGES, party_name
from schemas.people import RegisteredAuthority
from schemas.register import (
    MAX_AUTHORITY_BYTES,
    ChangeAuthority,
    GiveAccess,
    InviteAuthority,
    NameCoordinator,
    RetireAuthority,
    ValidateAuthority,
)

_NAMED = 3  # of those that stand in the way, in a sentence


@dataclass(frozen=True, slots=True)
class Setting:
    """What a change is decided by, besides the register."""

    actor: Actor
    now: datetime
    procedures: Mapping[str, frozenset[str]]
    """Policy area -> its procedures, as far as this node has them."""
    steps: frozenset[str]
    """All steps of these procedures that are told to another party: an approver may have to release them."""


def invite(register: Register, change: InviteAuthority, by: Setting) -> list[RegisteredAuthority]:
    """Register an authority that does not count yet; raises Denied, RegisterRefused."""
    new = change.authority
    if node_of(new.id) != register.node:
        raise RegisterRefused(f"{new.id} is no name in {party_name(register.node)}; begin it with {register.node}/")
    if new.id in register.authorities:
        raise RegisterRefused(f"the register has {new.id} already, {register.authorities[new.id].status}")
    if new.modules or new.coordination is not None:
        raise RegisterRefused(
            f"{new.id}: an invitation gives no access and makes no coordinator; validate it, and then use "
            "`imi authority access` and `imi authority coordinator`"
        )
    for area in change.areas:
        _procedures(by, area)
    may_give = access.may_over(by.actor, Right.GIVE_ACCESS, new, register.validated, areas=change.areas)
    if not may_give:
        access.require_over(by.actor, Right.VALIDATE, new, register.validated, areas=change.areas)
    _require_sound(register, new)
    _require_steps(by, change.approval)
    return [
        RegisteredAuthority(authority=new, status="invited", since=by.now, areas=change.areas, approval=change.approval)
    ]


def validate(register: Register, change: ValidateAuthority, by: Setting) -> list[RegisteredAuthority]:
    """Make an authority count; raises Denied, RegisterRefused."""
    registered = register.authority(change.authority)
    if registered.status == "validated":
        raise RegisterRefused(f"{change.authority} is validated already")
    access.require_over(by.actor, Right.VALIDATE, registered.authority, register.validated, areas=registered.areas)
    return [registered.model_copy(update={"status": "validated", "since": by.now})]


def give_access(register: Register, change: GiveAccess, by: Setting) -> list[RegisteredAuthority]:
    """Say to which procedures of a policy area an authority has access; raises Denied, RegisterRefused."""
    registered = _current(register, change.authority)
    known = _procedures(by, change.area)
    if unknown := sorted(set(change.procedures) - known):
        raise RegisterRefused(f"{change.area} has no procedure {unknown[0]}; it has {', '.join(sorted(known))}")
    own = registered.authority
    access.require_over(by.actor, Right.GIVE_ACCESS, own, register.validated, areas=(change.area,))
    modules = {area: given for area, given in own.modules.items() if area != change.area}
    areas = tuple(area for area in registered.areas if area != change.area)
    if change.procedures:
        modules[change.area] = tuple(dict.fromkeys(change.procedures))
        areas = (*areas, change.area)
    after = own.model_copy(update={"modules": modules})
    return [registered.model_copy(update={"authority": after, "areas": areas})]


def name_coordinator(register: Register, change: NameCoordinator, by: Setting) -> list[RegisteredAuthority]:
    """Make an authority a coordinator or end that; only for the whole country's validating coordinator.

    Raises:
        Denied, RegisterRefused: a second national coordinator, for one.
    """
    access.require_over(by.actor, Right.VALIDATE, None, register.validated)
    registered = _current(register, change.authority)
    if registered.status != "validated":
        raise RegisterRefused(f"{change.authority} is {registered.status}; validate it first")
    wanted = change.coordination
    if wanted is not None:
        for area in wanted.areas:
            _procedures(by, area)
    before = _predecessor(register, change)
    if wanted is not None and wanted.national:
        _require_national(register, wanted)
    elif registered.authority.national_coordinator:
        raise RegisterRefused(
            f"{change.authority} is the national coordinator, and a country has one; name the next with "
            f"`imi authority coordinator AUTHORITY --national --instead-of {change.authority}`"
        )
    return [*before, _coordinating(registered, wanted)]


def alter(register: Register, change: ChangeAuthority, by: Setting) -> list[RegisteredAuthority]:
    """Change what is said of an authority; its place in the structure is for coordinators only.

    Raises:
        Denied, RegisterRefused: access and coordination have changes of their own.
    """
    new = change.authority
    registered = _current(register, new.id)
    old = registered.authority
    if (new.modules, new.coordination) != (old.modules, old.coordination):
        raise RegisterRefused(
            f"{new.id}: access and coordination are not changed with the rest; use `imi authority access` and "
            "`imi authority coordinator`"
        )
    if _place(new) != _place(old) or change.approval != registered.approval:
        for target in (old, new):
            access.require_over(by.actor, Right.VALIDATE, target, register.validated, areas=registered.areas)
    else:
        access.require_over(by.actor, Right.MANAGE_USERS, old, register.validated)
    _require_sound(register, new)
    _require_steps(by, set(change.approval) - set(registered.approval))
    return [registered.model_copy(update={"authority": new, "approval": change.approval})]


def retire(register: Register, change: RetireAuthority, by: Setting) -> list[RegisteredAuthority]:
    """End an authority; raises Denied, RegisterRefused."""
    registered = _current(register, change.authority)
    own = registered.authority
    access.require_over(by.actor, Right.VALIDATE, own, register.validated, areas=registered.areas)
    if own.national_coordinator:
        raise RegisterRefused(
            f"{own.id} is the national coordinator; name the next first: `imi authority coordinator AUTHORITY "
            f"--national --instead-of {own.id}`"
        )
    if below := _below(register, own.id):
        raise RegisterRefused(f"{own.id} stands above {', '.join(below)}; put them elsewhere first")
    ended = own.model_copy(update={"coordination": None})
    nobody_acts = [
        _without_local(each, own.id) for each in register.authorities.values() if own.id in each.authority.acts_for
    ]
    return [*nobody_acts, registered.model_copy(update={"authority": ended, "status": "retired", "since": by.now})]


def _current(register: Register, name: str) -> RegisteredAuthority:
    registered = register.authority(name)
    if registered.status == "retired":
        raise RegisterRefused(f"{name} is retired; validate it again first")
    return registered


def _procedures(by: Setting, area: str) -> frozenset[str]:
    if area not in by.procedures:
        raise RegisterRefused(f"there is no policy area {area}; there are {', '.join(sorted(by.procedures))}")
    return by.procedures[area]


def _require_steps(by: Setting, approval: Iterable[str]) -> None:
    if unknown := sorted(set(approval) - by.steps):
        raise RegisterRefused(
            f"no procedure has a step {unknown[0]} to be released; there are {', '.join(sorted(by.steps))}"
        )


def _require_words(new: Authority) -> None:
    """Insist that nothing in a list is empty, and that languages are known."""
    if not all(map(str.strip, new.competences)):
        raise RegisterRefused(f"{new.id}: a competence is empty; leave it out")
    require_languages(new.id, new.languages)


def require_languages(of: str, languages: Iterable[str]) -> None:
    """Insist that an authority or a user has languages of the federation; raises RegisterRefused."""
    if unknown := sorted(set(languages) - LANGUAGES):
        raise RegisterRefused(
            f"{of}: the federation has no language {unknown[0] or 'without a code'}; there are "
            f"{', '.join(sorted(LANGUAGES))}"
        )


def _place(authority: Authority) -> tuple[object, ...]:
    return authority.parent, authority.region, authority.acts_for


def _require_sound(register: Register, new: Authority) -> None:
    """Insist that what an authority names is there, and that it fits into a statement."""
    if len(new.model_dump_json().encode()) > MAX_AUTHORITY_BYTES:
        raise RegisterRefused(f"{new.id}: more than {MAX_AUTHORITY_BYTES // 1024} KiB; shorten competences or contacts")
    _require_words(new)
    for local in new.acts_for:
        if local == new.id or register.authority(local).status == "retired":
            raise RegisterRefused(f"{new.id} can't act for {local}; name another authority that is not retired")
    above, seen = new.parent, {new.id}
    while above is not None:
        if above in seen:
            raise RegisterRefused(f"{new.id} would stand above itself, over {new.parent}; name another parent")
        seen.add(above)
        above = _current(register, above).authority.parent


def _require_national(register: Register, wanted: Coordination) -> None:
    if register.node == COMMISSION:
        raise RegisterRefused("the Commission is no country and has no national coordinator; leave out --national")
    if wanted.areas or wanted.region or "validating" not in wanted.functions:
        raise RegisterRefused("the national coordinator validates in all policy areas and regions; leave out limits")


def _predecessor(register: Register, change: NameCoordinator) -> list[RegisteredAuthority]:
    """Whom a new national coordinator follows; refuses a second one."""
    now = register.national
    wanted = change.coordination
    if wanted is None or not wanted.national:
        if change.instead_of is not None:
            raise RegisterRefused("only a national coordinator takes another's place; add --national")
        return []
    if now is None or now.id == change.authority:
        return []
    if change.instead_of != now.id:
        raise RegisterRefused(
            f"{now.id} is the national coordinator of {party_name(register.node)} already, and a country has one "
            f"(IMI Regulation, Art. 6); to put {change.authority} in its place, add --instead-of {now.id}"
        )
    return [_coordinating(register.authority(now.id), None)]


def _coordinating(registered: RegisteredAuthority, scope: Coordination | None) -> RegisteredAuthority:
    return registered.model_copy(update={"authority": registered.authority.model_copy(update={"coordination": scope})})


def _without_local(central: RegisteredAuthority, local: str) -> RegisteredAuthority:
    acts_for = tuple(each for each in central.authority.acts_for if each != local)
    return central.model_copy(update={"authority": central.authority.model_copy(update={"acts_for": acts_for})})


def _below(register: Register, name: str) -> list[str]:
    below = [
        each.authority.id
        for each in register.authorities.values()
        if each.authority.parent == name and each.status != "retired"
    ]
    return sorted(below)[:_NAMED]
