"""What time alone makes due: blocking and deletion of personal data (IMI Regulation, Art. 14), and reminders.

Periods of retention are calendar periods, and the time of day stays. Reminders never put them off: whatever is due
first brings an exchange up, and then all that is due is done.
"""

from datetime import datetime

from node.handlers.dates.deadlines import next_reminder_at
from node.handlers.dates.periods import add_months
from node.handlers.dates.working_days import Calendar
from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea


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


def next_due_at(exchange: Exchange, area: PolicyArea, *, node: str, calendar: Calendar) -> datetime | None:
    """When time alone next makes something due at a node: blocking, deletion, or a reminder of its own side."""
    times = (retention_due_at(exchange, area), next_reminder_at(exchange, area, node=node, calendar=calendar))
    return min((at for at in times if at is not None), default=None)


def retention_due_at(exchange: Exchange, area: PolicyArea) -> datetime | None:
    """When the personal data will next be blocked, or deleted."""
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
