"""Decides what is to be changed in the register: who wants what, may it be, and how does the register look then."""

from collections.abc import Iterable
from typing import assert_never

from node.handlers.registers import registration, staff
from node.handlers.registers.register import Register, RegisterRefused, is_governed
from node.handlers.registers.registration import Setting
from schemas.people import RegisteredAuthority, User
from schemas.register import (
    AddUser,
    CancelAbsence,
    Change,
    ChangeAuthority,
    ChangeUser,
    GiveAccess,
    GrantRole,
    InviteAuthority,
    NameCoordinator,
    RetireAuthority,
    RevokeRole,
    SetAbsence,
    UserLeaves,
    ValidateAuthority,
)

Entry = RegisteredAuthority | User


def decide(register: Register, changes: Iterable[Change], by: Setting) -> Register:
    """Make changes one after the other; all or none.

    Args:
        register: as it is; it stays as it is.
        changes: each may build on those before it.
        by: who makes them, when, and which procedures there are.

    Raises:
        Denied: whoever acts may not; with who may.
        RegisterRefused: a change is not possible; with the remedy.
    """
    authorities, users = dict(register.authorities), dict(register.users)
    draft = Register(register.node, authorities, users)  # a copy for each change would be too slow for thousands
    for change in changes:
        for entry in entries(draft, change, by):
            if isinstance(entry, User):
                users[entry.id] = entry
            else:
                authorities[entry.authority.id] = entry
        if not is_governed(draft, by.now.date()):
            raise RegisterRefused(_UNGOVERNED if register.users else _FIRST)
    return draft


def entries(register: Register, change: Change, by: Setting) -> list[RegisteredAuthority] | list[User]:  # noqa: C901, PLR0911, PLR0912  one case a kind
    """Give the entries that a change leads to; raises as `decide` does."""
    match change:
        case InviteAuthority():
            return registration.invite(register, change, by)
        case ValidateAuthority():
            return registration.validate(register, change, by)
        case GiveAccess():
            return registration.give_access(register, change, by)
        case NameCoordinator():
            return registration.name_coordinator(register, change, by)
        case ChangeAuthority():
            return registration.alter(register, change, by)
        case RetireAuthority():
            return registration.retire(register, change, by)
        case AddUser():
            return staff.add(register, change, by)
        case ChangeUser():
            return staff.alter(register, change, by)
        case GrantRole():
            return staff.grant(register, change, by)
        case RevokeRole():
            return staff.revoke(register, change, by)
        case SetAbsence():
            return staff.absent(register, change, by)
        case CancelAbsence():
            return staff.present(register, change, by)
        case UserLeaves():
            return staff.leave(register, change, by)
        case _:
            assert_never(change)


def subject(change: Change) -> str:
    """Name the authority or the user that a change is about."""
    match change:
        case InviteAuthority() | ChangeAuthority():
            return change.authority.id
        case ValidateAuthority() | GiveAccess() | NameCoordinator() | RetireAuthority():
            return change.authority
        case _:
            return change.user


_FIRST = (
    "the first user has to be an administrator of the national coordinator, at the Commission of one that validates in "
    "all policy areas (`imi authority coordinator` names it): from then on only users give rights, and nobody could"
)
_UNGOVERNED = (
    "then nobody could give rights any more: the last administrator of the national coordinator has to stay one; "
    "make another one first"
)
