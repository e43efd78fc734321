"""Which periods run in an exchange, and when whom is to be reminded of them.

All from the history, the facts and the declaration: every copy comes to the same days, and each node tells its own
side. Days are days in UTC. What is due on a day is kept until the day is over; a reminder is given in its morning.

Invariants:
- A step that begins a period begins it anew; only a settling step after that settles it.
- What coordinators are to decide runs only while they are to decide it: proposals that cross decide themselves.
- Nothing runs in a draft, and after formal closure only what the declaration says runs on.
- A reminder that would precede the step that begins its period is none: the step itself is news.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from node.handlers.dates.periods import add_months, end_of_days, end_of_months
from node.handlers.dates.turns import is_for_coordinators, is_settled_by_coordinators
from node.handlers.dates.working_days import Calendar, add_working_days
from schemas.deadlines import Due
from schemas.exchange import Entry, Exchange
from schemas.notices import Audience, NoticeKind
from schemas.policy_area import Deadline, PolicyArea, Procedure

MORNING = time(6, tzinfo=UTC)
"""When reminders of a day fall due, and digests are made."""
CRITICAL_AFTER_DAYS = 7
"""Where the declaration does not say after how many days the coordinators are told."""

_YEARS = range(1900, 9000)
"""Of days that a form may name and that days can be added to: nobody is reminded of others."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Somebody of the own side is to be told something at a time."""

    at: datetime
    kind: NoticeKind
    deadline: str
    """Empty for inactivity."""
    since: str
    """The message of the step that it counts from."""
    day: int
    """How many days after the due day; negative before it."""
    audience: Audience


def running(exchange: Exchange, area: PolicyArea, calendar: Calendar) -> tuple[Due, ...]:
    """The periods that run in an exchange, the one that ends first before the others.

    Args:
        exchange: any copy.
        area: the version of the policy area that the exchange began with.
        calendar: public holidays by party and year.
    """
    procedure = area.procedures[exchange.procedure]
    if exchange.opened_at is None or exchange.deleted_at is not None:
        return ()
    is_closed = procedure.states[exchange.state].final
    dues = (
        _due(name, deadline, exchange, procedure, calendar)
        for name, deadline in procedure.deadlines.items()
        if deadline.after_closure or not is_closed
    )
    return tuple(sorted((due for due in dues if due is not None), key=lambda due: (due.due_on, due.deadline)))


def schedule(exchange: Exchange, area: PolicyArea, *, node: str, calendar: Calendar) -> Iterator[Reminder]:
    """All reminders that a node has to give its own side if nothing more happens in the exchange, in no order."""
    procedure = area.procedures[exchange.procedure]
    for due in running(exchange, area, calendar):
        if due.node == node:
            yield from _reminders(due, procedure.deadlines[due.deadline], procedure)
    if exchange.opened_at is not None and not procedure.states[exchange.state].final and exchange.role_of(node):
        last = max(exchange.history, key=lambda entry: entry.at)
        at = add_months(last.at, procedure.inactive_after_months)
        yield Reminder(at, "inactivity", "", last.message, 0, "coordinator")


def next_reminder_at(exchange: Exchange, area: PolicyArea, *, node: str, calendar: Calendar) -> datetime | None:
    """When the next reminder falls due that was not given yet."""
    until = exchange.reminded_until
    times = (each.at for each in schedule(exchange, area, node=node, calendar=calendar))
    return min((at for at in times if until is None or at > until), default=None)


def due_reminders(
    exchange: Exchange, area: PolicyArea, *, node: str, calendar: Calendar, now: datetime
) -> tuple[Reminder, ...]:
    """The reminders to give now: of each matter the latest that is due, which stands for those before it.

    A node that was away for long so gives one reminder of each matter, and no flood of them.
    """
    until = exchange.reminded_until
    latest: dict[tuple[str, str], Reminder] = {}
    for each in schedule(exchange, area, node=node, calendar=calendar):
        if each.at <= now and (until is None or each.at > until):
            matter = (each.kind, each.deadline)
            latest[matter] = max(each, latest.get(matter, each), key=lambda one: one.at)
    return tuple(sorted(latest.values(), key=lambda one: (one.at, one.kind, one.deadline)))


def morning_of(day: date) -> datetime:
    """When the reminders of a day are given."""
    return datetime.combine(day, MORNING)


def _due(name: str, deadline: Deadline, exchange: Exchange, procedure: Procedure, calendar: Calendar) -> Due | None:
    node = exchange.parties.get(deadline.party)
    started = _started(deadline, exchange, procedure)
    if node is None or started is None:
        return None
    decides = is_settled_by_coordinators(deadline, procedure)
    if decides and not is_for_coordinators(procedure, exchange.state, deadline.party):
        return None
    if any(exchange.facts.get(fact) in codes for fact, codes in deadline.unless.items()):
        return None
    due_on = _last_day(deadline, started.at.date(), node, exchange.facts, calendar)
    if due_on is None:
        return None
    after = deadline.escalates_after
    return Due(
        deadline=name,
        label=deadline.label,
        party=deadline.party,
        node=node,
        since=started.message,
        started_at=started.at,
        due_on=due_on,
        critical_on=due_on + timedelta(days=CRITICAL_AFTER_DAYS if after is None else after),
    )


def _started(deadline: Deadline, exchange: Exchange, procedure: Procedure) -> Entry | None:
    """The step that began the period which runs now; none where the last one is settled, or none began."""
    for entry in reversed(exchange.history):
        if entry.step in deadline.started_by:
            return entry
        if entry.step in deadline.settled_by and _settles(entry, deadline, exchange, procedure):
            return None
    return None


def _settles(entry: Entry, deadline: Deadline, exchange: Exchange, procedure: Procedure) -> bool:
    """A step that the party itself can take settles its period only if the party takes it: a comment, say."""
    return deadline.party not in procedure.steps[entry.step].by or exchange.role_of(entry.sender) == deadline.party


def _last_day(deadline: Deadline, start: date, country: str, facts: dict[str, str], calendar: Calendar) -> date | None:
    if deadline.field is not None:
        return _as_day(facts.get(deadline.field, ""))
    if deadline.months is not None:
        return end_of_months(start, deadline.months, country, calendar)
    if deadline.days is None:
        return None
    if deadline.working_days:
        return add_working_days(start, deadline.days, country, calendar)
    return end_of_days(start, deadline.days, country, calendar)


def _as_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _reminders(due: Due, deadline: Deadline, procedure: Procedure) -> Iterator[Reminder]:
    audience: Audience = "coordinator" if is_settled_by_coordinators(deadline, procedure) else "authority"
    for day in sorted(set(deadline.reminders)):
        at = morning_of(due.due_on + timedelta(days=day))
        if at > due.started_at:
            yield Reminder(at, "reminder", due.deadline, due.since, day, audience)
    if deadline.escalates_after is not None:
        at = morning_of(due.due_on + timedelta(days=deadline.escalates_after))
        if at > due.started_at:
            yield Reminder(at, "escalation", due.deadline, due.since, deadline.escalates_after, "coordinator")
