"""Count exchanges by what may be told of them; no content, no authority, no case number.

Each node reports what it opened, and beside it what it received, so that the Commission, which never sees a request,
knows how many there were, counts nothing twice, and notices a report that another contradicts. Coded answers are
counted only where the Commission is a party and has them anyway, and only by the node that opened the exchange: with
few cases, a request's answers side by side would tell the case.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from schemas.exchange import Exchange
from schemas.identifiers import COMMISSION
from schemas.policy_area import PolicyArea, dated_facts
from schemas.statistics import StatisticsRow

Areas = Mapping[tuple[str, int], PolicyArea]
"""Policy area and version -> declaration."""

DOUBT = "guidance_doubt"
"""The field of an opening form that says that the right channel was in doubt."""


def rows(exchanges: Iterable[Exchange], areas: Areas, node: str) -> tuple[StatisticsRow, ...]:
    """Count the exchanges that a node takes part in.

    Args:
        exchanges: of this node, in any state; drafts do not count.
        areas: every declaration that one of them began with.
        node: whose statistics they are.
    """
    counts: Counter[str] = Counter()
    for exchange in exchanges:
        if exchange.opened_at is not None:
            row = _row(exchange, areas[exchange.area, exchange.version], node, exchange.opened_at.year)
            counts[row.model_dump_json()] += 1
    return tuple(
        StatisticsRow.model_validate_json(row).model_copy(update={"count": count})
        for row, count in sorted(counts.items())
    )


def opened(counted: Iterable[StatisticsRow]) -> tuple[StatisticsRow, ...]:
    """Leave out what others opened: of all nodes together, these are all exchanges, each once."""
    return tuple(row for row in counted if row.reported_as == "opened")


def may_report(row: StatisticsRow, sender: str) -> bool:
    """Whether a node may tell of these exchanges to the Commission: it opened them, or they were addressed to it."""
    match row.reported_as:
        case "opened":
            return row.opened_by == sender
        case "received":
            return row.addressed_to == sender and not row.outside
        case "informed":
            return False


def coded_answers(areas: Iterable[PolicyArea]) -> frozenset[str]:
    """The names of coded answers that are counted: in procedures that the Commission is a party to."""
    return frozenset(
        field.name
        for area in areas
        for procedure in area.procedures.values()
        if any(party.filled_by == "commission" for party in procedure.parties.values())
        for rule in procedure.steps.values()
        if rule.form is not None
        for field in area.forms[rule.form].fields
        if field.fact and field.type != "date"
    )


def _row(exchange: Exchange, area: PolicyArea, node: str, year: int) -> StatisticsRow:
    procedure = area.procedures[exchange.procedure]
    by, to = exchange.parties[procedure.initiator], exchange.parties[procedure.addressee]
    side: Literal["opened", "received", "informed"] = (
        "opened" if by == node else "received" if to == node else "informed"
    )
    tells = side == "opened" and COMMISSION in exchange.parties.values()
    return StatisticsRow(
        area=exchange.area,
        procedure=exchange.procedure,
        year=year,
        month=exchange.opened_at.month if exchange.opened_at is not None else None,
        opened_by=by,
        addressed_to=to,
        status=procedure.states[exchange.state].counts_as or exchange.state,
        blocked=exchange.blocked_at is not None,
        facts=_counted(exchange, area) if tells else {},
        reported_as=side,
        outside=procedure.kind == "record",
        doubtful=side == "opened" and exchange.facts.get(DOUBT) == "yes",
        followed_up=any(exchange.closed_at is not None and entry.at > exchange.closed_at for entry in exchange.history),
        count=1,
    )


def _counted(exchange: Exchange, area: PolicyArea) -> dict[str, str]:
    days = dated_facts(area)
    return {name: fact for name, fact in sorted(exchange.facts.items()) if name not in days}
