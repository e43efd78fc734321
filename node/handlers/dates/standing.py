"""Whose turn it is in an exchange, to do what, by when: said of any copy, the same on every node."""

from collections.abc import Sequence
from datetime import date

from schemas.deadlines import Due, Standing
from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea, Procedure


def standing(exchange: Exchange, area: PolicyArea, *, today: date, dues: Sequence[Due]) -> Standing:
    """Say whose turn it is.

    The turn is the state's; where a state expects nobody, it is the party's whose period ends first.

    Args:
        exchange: any copy.
        area: the version of the policy area that the exchange began with.
        today: by the node's clock.
        dues: the periods that run, the one that ends first before the others (`deadlines.running`).
    """
    procedure = area.procedures[exchange.procedure]
    turn = procedure.states[exchange.state].turn
    pressing = next((due for due in dues if turn in (None, due.party)), None)
    if turn is None:
        turn = pressing.party if pressing is not None else None
    if turn is None or turn not in exchange.parties:
        return Standing()
    return Standing(
        turn=turn,
        node=exchange.parties[turn],
        task=(pressing.label,) if pressing is not None else _ways_on(exchange, procedure, turn),
        due_on=pressing.due_on if pressing is not None else None,
        overdue_days=pressing.overdue_days(today) if pressing is not None else 0,
        critical=pressing is not None and pressing.due_on < today and pressing.critical_on <= today,
    )


def _ways_on(exchange: Exchange, procedure: Procedure, role: str) -> tuple[str, ...]:
    """The labels of the steps with which a role would move the exchange on."""
    return tuple(
        rule.label
        for rule in procedure.steps.values()
        if role in rule.by
        and exchange.state in rule.sources
        and rule.to not in (None, exchange.state)
        and not rule.local
    )
