"""Whose turn it is in an exchange, to do what, by when: said of any copy, and to whoever reads it."""

from collections.abc import Sequence
from datetime import date

from node.handlers import access
from node.handlers.access import Actor, Case
from node.handlers.dates.turns import is_for_coordinators
from node.handlers.rights import Right
from schemas.deadlines import Due, Standing
from schemas.desk import Desk, PendingStep
from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea, Procedure


def standing(
    exchange: Exchange, area: PolicyArea, *, today: date, dues: Sequence[Due], desk: Desk | None = None
) -> Standing:
    """Say whose turn it is.

    The turn is the state's; where a state expects nobody, it is the party's whose period ends first, a foremost one
    before the others.

    Args:
        exchange: any copy.
        area: the version of the policy area that the exchange began with.
        today: by the node's clock.
        dues: the periods that run, the one that ends first before the others (`deadlines.running`).
        desk: of the own side, where it is known.
    """
    procedure = area.procedures[exchange.procedure]
    turn = procedure.states[exchange.state].turn
    able = sorted(dues, key=lambda due: not procedure.deadlines[due.deadline].foremost)
    pressing = next((due for due in able if turn in (None, due.party)), None)
    if turn is None:
        turn = pressing.party if pressing is not None else None
    if turn is None or turn not in exchange.parties:
        return Standing()
    decides = is_for_coordinators(procedure, exchange.state, turn)
    pending = _submitted(exchange, procedure, turn, desk)
    authority = exchange.authorities.get(turn) if not decides else None
    return Standing(
        turn=turn,
        node=exchange.parties[turn],
        authority=pending.authority if pending is not None else authority,
        coordinators=decides,
        submitted=procedure.steps[pending.step].label if pending is not None else "",
        task=(pressing.label,) if pressing is not None else _ways_on(exchange, procedure, turn),
        due_on=pressing.due_on if pressing is not None else None,
        overdue_days=pressing.overdue_days(today) if pressing is not None else 0,
        critical=pressing is not None and pressing.due_on < today and pressing.critical_on <= today,
    )


def is_yours(actor: Actor, case: Case, stands: Standing) -> bool:
    """Whether it is an actor's turn: to release, to decide as a coordinator, or to act for the authority."""
    if stands.node != case.node:
        return False
    if stands.submitted:
        return _may_release(actor, case)
    if stands.coordinators:
        return access.may(actor, Right.COORDINATE, case)
    right = Right.OPEN if case.exchange.opened_at is None else Right.TAKE
    central = (one.id for one in case.authorities.values() if stands.authority in one.acts_for)
    return any(access.may(actor, right, case, authority=name) for name in (stands.authority, *central))


def _may_release(actor: Actor, case: Case) -> bool:
    return any(
        access.may(actor, Right.RELEASE, case, authority=pending.authority) and (actor.alone or actor.id != pending.by)
        for pending in case.desk.pending.values()
        if pending.status == "awaiting_approval"
    )


def _submitted(exchange: Exchange, procedure: Procedure, role: str, desk: Desk | None) -> PendingStep | None:
    """The first step that waits for approval, of those with which a role could go on."""
    return next(
        (
            pending
            for pending in (desk.pending.values() if desk is not None else ())
            if pending.status == "awaiting_approval"
            and role in (rule := procedure.steps[pending.step]).by
            and exchange.state in rule.sources
        ),
        None,
    )


def _ways_on(exchange: Exchange, procedure: Procedure, role: str) -> tuple[str, ...]:
    """The labels of the steps with which a role would move the exchange on, the expected one first."""
    return tuple(
        rule.label
        for rule in sorted(procedure.steps.values(), key=lambda rule: not rule.counts)
        if role in rule.by
        and exchange.state in rule.sources
        and rule.to not in (None, exchange.state)
        and not rule.local
    )
