"""What time alone makes due: blocking and deletion of personal data (IMI Regulation, Art. 14), and reminders.

Periods of retention are calendar periods, and the time of day stays. Reminders never put them off: whatever is due
first brings an exchange up, and then all that is due is done.
"""

from datetime import datetime

from node.handlers.dates.deadlines import next_reminder_at
from node.handlers.dates.periods import add_months
from node.handlers.dates.working_days import Calendar
from node.handlers.persons.retention import confirmation, next_look_at
from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea
from schemas.privacy import KeptView, RetentionView


def latest_blocking_at(exchange: Exchange, area: PolicyArea) -> datetime | None:
    """When every party must have blocked the personal data, at the latest on deletion; None before formal closure."""
    if exchange.closed_at is None:
        return None
    return add_months(
        exchange.closed_at, min(area.retention.block_after_months, 12 * area.retention.delete_after_years)
    )


def latest_deletion_at(exchange: Exchange, area: PolicyArea) -> datetime | None:
    """When every party must have deleted the personal data, whatever was asked (Art. 14(4)); None before closure."""
    if exchange.closed_at is None:
        return None
    return add_months(exchange.closed_at, 12 * area.retention.delete_after_years)


def blocking_due_at(exchange: Exchange, area: PolicyArea) -> datetime | None:
    """When this copy's personal data must be blocked (Art. 14(1)): earlier where they are needed no longer."""
    latest = latest_blocking_at(exchange, area)
    if latest is None:
        return None
    times = (latest, exchange.no_longer_needed_at, exchange.closed_at if _asked_to_delete(exchange) else None)
    return min(at for at in times if at is not None)


def deletion_due_at(exchange: Exchange, area: PolicyArea) -> datetime | None:
    """When this copy's personal data must be deleted: at once where that was asked for (Art. 14(4), 14(5))."""
    return exchange.closed_at if _asked_to_delete(exchange) else latest_deletion_at(exchange, area)


def _asked_to_delete(exchange: Exchange) -> bool:
    return exchange.closed_at is not None and exchange.early_deletion == exchange.closed_at


def next_due_at(exchange: Exchange, area: PolicyArea, *, node: str, calendar: Calendar) -> datetime | None:
    """When time alone next makes something due at a node: blocking, deletion, their confirmation, or a reminder."""
    times = (
        retention_due_at(exchange, area),
        next_look_at(exchange, latest_blocking_at(exchange, area), node=node),
        next_reminder_at(exchange, area, node=node, calendar=calendar),
    )
    return min((at for at in times if at is not None), default=None)


def retention_due_at(exchange: Exchange, area: PolicyArea) -> datetime | None:
    """When the personal data will next be blocked, or deleted."""
    if exchange.blocked_at is None:
        return blocking_due_at(exchange, area)
    if exchange.deleted_at is None:
        return deletion_due_at(exchange, area)
    return None


def retention_view(exchange: Exchange, area: PolicyArea, node: str) -> RetentionView:
    """Where blocking and deletion stand, here and at the other parties; no personal data."""
    others = sorted(set(exchange.parties.values()) - {node})
    return RetentionView(
        exchange=exchange.id,
        closed_at=exchange.closed_at,
        blocking_due_at=blocking_due_at(exchange, area),
        deletion_due_at=deletion_due_at(exchange, area),
        blocked_at=exchange.blocked_at,
        deleted_at=exchange.deleted_at,
        others=tuple(_kept(exchange, party) for party in others) if exchange.history else (),
    )


def _kept(exchange: Exchange, party: str) -> KeptView:
    blocked, deleted = confirmation(exchange, party, "blocked"), confirmation(exchange, party, "deleted")
    last = deleted or blocked
    return KeptView(
        party=party,
        blocked_at=blocked.at if blocked is not None else None,
        deleted_at=deleted.at if deleted is not None else None,
        hash=last.hash if last is not None else None,
    )


def after_time(exchange: Exchange, area: PolicyArea, now: datetime) -> Exchange:
    """Block and delete what is due by now, a time of the node's own clock that is never read here."""
    blocking, deletion = blocking_due_at(exchange, area), deletion_due_at(exchange, area)
    if blocking is not None and exchange.blocked_at is None and blocking <= now:
        exchange = exchange.model_copy(update={"blocked_at": now})
    if deletion is not None and exchange.deleted_at is None and deletion <= now:
        exchange = exchange.model_copy(update={"deleted_at": now})
    return exchange
