"""Count exchanges by what may be told of them; no content, no authority, no case number.

Each node reports what it opened itself. So the Commission, which never sees a request, still knows how many
there were, and nothing is counted twice. Coded answers are counted only where the Commission is a party and
has them anyway: with few cases, a request's answers side by side would tell the case.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from schemas.exchange import Exchange
from schemas.identifiers import COMMISSION
from schemas.policy_area import PolicyArea, Procedure
from schemas.statistics import StatisticsRow

Areas = Mapping[tuple[str, int], PolicyArea]
"""Policy area and version -> declaration."""


def rows(exchanges: Iterable[Exchange], areas: Areas, node: str) -> tuple[StatisticsRow, ...]:
    """Count the exchanges that a node opened.

    Args:
        exchanges: of this node, in any state; drafts do not count.
        areas: every declaration that one of them began with.
        node: whose statistics they are.
    """
    counts: Counter[str] = Counter()
    for exchange in exchanges:
        procedure = areas[exchange.area, exchange.version].procedures[exchange.procedure]
        row = _row(exchange, procedure)
        if row is not None and row.opened_by == node:
            counts[row.model_dump_json()] += 1
    return tuple(
        StatisticsRow.model_validate_json(row).model_copy(update={"count": count})
        for row, count in sorted(counts.items())
    )


def _row(exchange: Exchange, procedure: Procedure) -> StatisticsRow | None:
    if exchange.opened_at is None:
        return None
    return StatisticsRow(
        area=exchange.area,
        procedure=exchange.procedure,
        year=exchange.opened_at.year,
        opened_by=exchange.parties[procedure.initiator],
        addressed_to=exchange.parties[procedure.addressee],
        status=procedure.states[exchange.state].counts_as or exchange.state,
        blocked=exchange.blocked_at is not None,
        facts=dict(sorted(exchange.facts.items())) if COMMISSION in exchange.parties.values() else {},
        count=1,
    )
