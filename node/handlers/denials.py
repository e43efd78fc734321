"""What somebody who has not a right is told: what lacks, and what would help.

The remedy depends on the reason: nobody gave the role, the authority only reads the exchange or coordinates it, it is
not the one that acts, or it counts no more. A sentence is for somebody who may know that the exchange is there.
"""

from collections.abc import Iterable

from node.handlers.case import Actor, Case
from node.handlers.rights import CASE_RIGHTS, RIGHTS, WORDS, Right
from schemas.identifiers import COMMISSION, node_of
from schemas.people import Grant, Role


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


def sentence(actor: Actor, *rights: Right, authority: str | None = None) -> str:
    """What lacks, in one sentence, and who can give it.

    Args:
        actor: who has none of the rights.
        rights: any of them would do.
        authority: for which it was to be; none where it was any.
    """
    wanted = " or ".join(WORDS[right] for right in rights)
    if actor.user is None:
        roles = _roles(rights, at_commission=False)
        return f"this node has users: say which of them acts, with --as USER; {wanted} takes the role {roles}"
    lacks = _lacks(actor, wanted, authority)
    if (ended := _ended(actor, rights, authority)) is not None:
        return f"{lacks}: {ended} is not validated, or retired, and nobody acts for it; a coordinator can validate it"
    if rights[0] in _OVER:
        return f"{lacks}; {_OVER[rights[0]]}"
    roles = _roles(rights, at_commission=_is_commission(actor, authority))
    return f"{lacks}; an administrator of the authority can give the role {roles}"


def sentence_in(actor: Actor, right: Right, case: Case, *, authority: str | None = None) -> str:
    """The same of an exchange that the actor sees: often the role is there, and the authority is not the right one."""
    held = [each for each in actor.grants if right in RIGHTS[each.role]]
    named = [each for each in held if each.authority == authority] or held
    if not named or _ended(actor, (right,), authority) is not None:
        return sentence(actor, right, authority=authority)
    why = "; ".join(dict.fromkeys(_why(each, right, case) for each in named))
    return f"{_lacks(actor, WORDS[right], authority)}: {why}"


_OVER: dict[Right, str] = {
    Right.VALIDATE: "an administrator of a coordinator over it that validates authorities does that",
    Right.GIVE_ACCESS: "an administrator of a coordinator over it that gives access does that",
    Right.MANAGE_USERS: "an administrator of the authority does that, or of a coordinator over it that validates",
}
"""Rights over authorities: they take an administrator, mostly of a coordinator (IMI Regulation, Art. 6)."""

_AT_COMMISSION: tuple[Role, ...] = ("assessor", "approver", "viewer")


def _lacks(actor: Actor, wanted: str, authority: str | None) -> str:
    return f"{actor.name} has no right {wanted}{f' for {authority}' if authority is not None else ''}"


def _roles(rights: Iterable[Right], *, at_commission: bool) -> str:
    """The roles that give any of these rights at a country, or at the Commission."""
    wanted = frozenset(rights)
    able = [role for role, given in RIGHTS.items() if given & wanted]
    if wanted <= CASE_RIGHTS:
        fit = [role for role in able if (role in _AT_COMMISSION if at_commission else role != "assessor")]
        able = fit or able
    return " or ".join(role.replace("_", " ") for role in able)


def _is_commission(actor: Actor, authority: str | None) -> bool:
    own = actor.user.grants if actor.user is not None else ()
    names = [authority] if authority is not None else [each.authority for each in own]
    return any(node_of(name) == COMMISSION for name in names)


def _ended(actor: Actor, rights: Iterable[Right], authority: str | None) -> str | None:
    """An authority for which the user has the role, and which does not count."""
    wanted = frozenset(rights)
    own = actor.user.grants if actor.user is not None else ()
    counting = {each.authority for each in actor.grants}
    return next(
        (
            each.authority
            for each in own
            if RIGHTS[each.role] & wanted and authority in (None, each.authority) and each.authority not in counting
        ),
        None,
    )


def _why(held: Grant, right: Right, case: Case) -> str:
    """Why a role that gives a right elsewhere does not give it in this exchange."""
    name, exchange, role = held.authority, case.exchange, held.role.replace("_", " ")
    if held.area not in (None, exchange.area) or (held.procedures and exchange.procedure not in held.procedures):
        return f"the role {role} at {name} is not for {exchange.procedure} in {exchange.area}"
    known = case.authorities.get(name)
    if held.role == "referral_handler" and (known is None or known.coordination is None):
        return f"the role {role} counts at coordinators only, and {name} is none"
    if case.node == COMMISSION and (case.procedure.kind != "notification" or held.role not in _AT_COMMISSION):
        return f"at the Commission it takes the role {_roles((right,), at_commission=True)}, in a notification"
    if right in case.allowed(name):
        return f"the role {role} gives it for {name}: say so, with --authority"
    return _why_not(name, case)


def _why_not(name: str, case: Case) -> str:
    acting = " or ".join(sorted(case.acting)) or "no authority yet"
    if name in case.reading:
        return f"{name} only reads it, and {acting} acts"
    if case.allowed(name):
        return f"{name} only coordinates it, and {acting} acts"
    return f"{name} does not act in it; {acting} does"
