"""What is to be told of an exchange: reminders that time makes due, and news that others' steps bring.

Invariants:
- A notice is named by what it is about, so that telling it twice is impossible whatever the times of the ticks.
- What one authority of the own side does is news to the others of it that act, and never to itself.
- `Exchange.reminded_until` only says from when on to look. A step that comes late takes it back to the step's own
  time, so that no reminder of a period that it begins is passed over.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from node.handlers.dates.deadlines import Reminder, due_reminders
from node.handlers.dates.turns import awaits_coordinators
from node.handlers.dates.working_days import Calendar
from schemas.exchange import Entry, Exchange
from schemas.notices import Notice
from schemas.policy_area import PolicyArea, Procedure


def remind(
    exchange: Exchange, area: PolicyArea, *, node: str, calendar: Calendar, now: datetime
) -> tuple[Exchange, tuple[Notice, ...]]:
    """Give the reminders that are due by now, a time of the node's own clock that is never read here."""
    due = due_reminders(exchange, area, node=node, calendar=calendar, now=now)
    return exchange.model_copy(update={"reminded_until": now}), tuple(_told(exchange, each) for each in due)


def new_entries(before: Exchange | None, after: Exchange) -> tuple[Entry, ...]:
    """The steps that the later of two copies has and the earlier one has not."""
    return after.history[len(before.history) if before is not None else 0 :]


def news(
    exchange: Exchange, entries: tuple[Entry, ...], procedure: Procedure, *, node: str, now: datetime
) -> Iterator[Notice]:
    """What new steps give the own side to read: its authorities, and its coordinators where they are to decide.

    Args:
        exchange: the copy after the steps.
        entries: the new steps.
        procedure: as it is declared.
        node: whose side is meant.
        now: by the node's clock.
    """
    acting = _acting(exchange, node)
    for entry in entries:
        if entry.sender != node or acting - _authors(entry):
            yield Notice(exchange=exchange.id, kind="news", subject=entry.step, since=entry.message, at=now)
    if entries and awaits_coordinators(exchange, procedure, node):
        yield Notice(
            exchange=exchange.id,
            kind="news",
            subject=exchange.state,
            since=entries[-1].message,
            audience="coordinator",
            at=now,
        )


def own_steps(exchange: Exchange, authorities: Collection[str], *, node: str) -> frozenset[str]:
    """The messages of the own side's steps that only these authorities took: no news to them."""
    return frozenset(
        entry.message
        for entry in exchange.history
        if entry.sender == node and authorities and _authors(entry).issuperset(authorities)
    )


def still_told(notice: Notice, exchange: Exchange) -> bool:
    """Whether a notice says what still is: coordinators have nothing to decide once the state is another."""
    is_to_decide = notice.kind == "news" and notice.audience == "coordinator"
    return not is_to_decide or notice.subject == exchange.state


def looking_from(exchange: Exchange, entries: tuple[Entry, ...]) -> Exchange:
    """Have reminders looked for from the time of the earliest new step on."""
    until = exchange.reminded_until
    earliest = min((entry.at for entry in entries), default=None)
    if until is None or earliest is None or until <= earliest:
        return exchange
    return exchange.model_copy(update={"reminded_until": earliest})


def _acting(exchange: Exchange, node: str) -> frozenset[str]:
    role = exchange.role_of(node) or ""
    named = (exchange.authorities.get(role), *exchange.further.get(role, ()))
    return frozenset(one for one in named if one is not None)


def _authors(entry: Entry) -> frozenset[str]:
    return frozenset(one for one in (entry.authority, entry.on_behalf_of) if one is not None)


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
