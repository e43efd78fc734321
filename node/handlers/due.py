"""What time alone makes due: blocking and deletion of personal data (IMI Regulation, Art. 14).

Periods are calendar periods. A period of months or years ends on the day of the same number, or on the last
day of a month that has no such day: 31 August and six months give 28 February (29 in a leap year);
29 February and three years give 28 February. The time of day stays.
"""

import calendar
from datetime import datetime

from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea


def add_months(at: datetime, months: int) -> datetime:
    """Move a time by calendar months, to the last day of a month that is too short."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def blocking_due_at(exchange: Exchange, area: PolicyArea) -> datetime | None:
    """When the personal data must be blocked (Art. 14(1)), at the latest when they are deleted; None before closure."""
    if exchange.closed_at is None:
        return None
    return add_months(
        exchange.closed_at, min(area.retention.block_after_months, 12 * area.retention.delete_after_years)
    )


def deletion_due_at(exchange: Exchange, area: PolicyArea) -> datetime | None:
    """When the personal data must be deleted (Art. 14(4)); None before formal closure."""
    if exchange.closed_at is None:
        return None
    return add_months(exchange.closed_at, 12 * area.retention.delete_after_years)


def next_due_at(exchange: Exchange, area: PolicyArea) -> datetime | None:
    """When time alone will next change the exchange."""
    if exchange.blocked_at is None:
        return blocking_due_at(exchange, area)
    if exchange.deleted_at is None:
        return deletion_due_at(exchange, area)
    return None


def after_time(exchange: Exchange, area: PolicyArea, now: datetime) -> Exchange:
    """Block and delete what is due by now, a time of the node's own clock that is never read here."""
    blocking, deletion = blocking_due_at(exchange, area), deletion_due_at(exchange, area)
    if blocking is not None and exchange.blocked_at is None and blocking <= now:
        exchange = exchange.model_copy(update={"blocked_at": now})
    if deletion is not None and exchange.deleted_at is None and deletion <= now:
        exchange = exchange.model_copy(update={"deleted_at": now})
    return exchange
