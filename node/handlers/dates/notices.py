"""What is to be told of an exchange: reminders that time makes due, and news that others' steps bring.

Invariants:
- A notice is named by what it is about, so that telling it twice is impossible whatever the times of the ticks.
- `Exchange.reminded_until` only says from when on to look. A step that comes late takes it back to the step's own
  time, so that no reminder of a period that it begins is passed over.
"""

from datetime import datetime

from node.handlers.dates.deadlines import Reminder, due_reminders
from node.handlers.dates.working_days import Calendar
from schemas.exchange import Entry, Exchange
from schemas.notices import Notice
from schemas.policy_area import PolicyArea


def remind(
    exchange: Exchange, area: PolicyArea, *, node: str, calendar: Calendar, now: datetime
) -> tuple[Exchange, tuple[Notice, ...]]:
    """Give the reminders that are due by now, a time of the node's own clock that is never read here."""
    due = due_reminders(exchange, area, node=node, calendar=calendar, now=now)
    return exchange.model_copy(update={"reminded_until": now}), tuple(_told(exchange, each) for each in due)


def new_entries(before: Exchange | None, after: Exchange) -> tuple[Entry, ...]:
    """The steps that the later of two copies has and the earlier one has not."""
    return after.history[len(before.history) if before is not None else 0 :]


def news(exchange: Exchange, entries: tuple[Entry, ...], *, node: str, now: datetime) -> tuple[Notice, ...]:
    """What the steps of other parties give the own authority to read."""
    return tuple(
        Notice(exchange=exchange.id, kind="news", subject=entry.step, since=entry.message, at=now)
        for entry in entries
        if entry.sender != node
    )


def looking_from(exchange: Exchange, entries: tuple[Entry, ...]) -> Exchange:
    """Have reminders looked for from the time of the earliest new step on."""
    until = exchange.reminded_until
    earliest = min((entry.at for entry in entries), default=None)
    if until is None or earliest is None or until <= earliest:
        return exchange
    return exchange.model_copy(update={"reminded_until": earliest})


def _told(exchange: Exchange, reminder: Reminder) -> Notice:
    return Notice(
        exchange=exchange.id,
        kind=reminder.kind,
        subject=reminder.deadline,
        since=reminder.since,
        day=reminder.day,
        audience=reminder.audience,
        at=reminder.at,
    )
