"""What must hold in a federation that has lived through a history, whatever its figures are.

Each check names what it looked at, so that an empty federation can't pass for a sound one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from node.handlers.counts import statistics
from node.handlers.dates.due import blocking_due_at, deletion_due_at
from node.sandbox.cases import Pilot
from node.sandbox.pilot.history import count_cases, count_rows
from node.sandbox.pilot.observation import Ending, Snapshot
from schemas.api import ExchangeView
from schemas.exchange import Exchange
from schemas.frozen import Frozen
from schemas.identifiers import COMMISSION
from schemas.policy_area import PolicyArea

_SHOWN_PROBLEMS = 3


class Check(Frozen):
    """Something that must hold."""

    claim: str
    holds: bool
    detail: str
    """What was looked at; or what is wrong."""


def check_snapshot(snapshot: Snapshot, pilot: Pilot, area: PolicyArea) -> list[Check]:
    """Check that statistics, copies and the history say the same."""
    day = f"{snapshot.as_of:%Y-%m-%d %H:%M}"
    total = sum(row.count for row in snapshot.rows)
    return [
        _check(
            f"{day}: the signed statistics follow the history, row by row",
            _differences(count_rows(snapshot.rows), count_cases(pilot, area, snapshot.as_of)),
            f"{total} exchanges in {len(snapshot.rows)} rows of {len(snapshot.reported)} nodes",
        ),
        _check(
            f"{day}: the Commission was told what each node counts itself",
            _told_otherwise(snapshot),
            f"{len(snapshot.counted)} nodes",
        ),
        _check(
            f"{day}: each node received what the others report to have sent to it",
            _received_otherwise(snapshot, area),
            f"{total} exchanges",
        ),
    ]


def check_ending(last: Snapshot, ending: Ending, pilot: Pilot, area: PolicyArea) -> list[Check]:
    """Check what is left when everything has been played."""
    copies = [copy for listed in last.copies.values() for copy in listed]
    held = last.copies[COMMISSION]
    rows = sum((Counter(status.outbox) for status in ending.statuses.values()), Counter[str]())
    return [
        _check(
            "the Commission's node holds no request",
            [copy.id for copy in held if COMMISSION not in copy.parties.values() or copy.procedure == "request"],
            f"{len(held)} exchanges there, all notifications",
        ),
        _check(
            "each case is at its parties and nowhere else, and all copies agree",
            [*_disagreements(last.copies), *_missing(last, pilot)],
            f"{len({copy.id for copy in copies})} cases in {len(copies)} copies",
        ),
        *_check_retention(ending, area, last.as_of),
        _check(
            "nothing was lost: each message has the signed receipt of its recipient",
            [*_unfinished(ending)],
            f"{rows['delivered']} deliveries",
        ),
        _check(
            "nothing that came was inadmissible",
            [f"{node}: {each.code}" for node, found in ending.quarantine.items() for each in found],
            f"{len(ending.quarantine)} quarantines, all empty",
        ),
    ]


def _check(claim: str, problems: Iterable[str], detail: str) -> Check:
    found = list(problems)
    if not found:
        return Check(claim=claim, holds=True, detail=detail)
    shown = "; ".join(found[:_SHOWN_PROBLEMS])
    return Check(claim=claim, holds=False, detail=f"{shown}; {len(found)} in all" if len(found) > 1 else shown)


def _differences(ours: Counter[str], theirs: Counter[str]) -> Iterator[str]:
    for key in sorted(ours.keys() | theirs.keys()):
        if ours[key] != theirs[key]:
            yield f"{ours[key]} instead of {theirs[key]}: {key}"


def _told_otherwise(snapshot: Snapshot) -> Iterator[str]:
    for node, counted in snapshot.counted.items():
        if count_rows(counted) != count_rows(snapshot.reported.get(node, ())):
            yield node


def _received_otherwise(snapshot: Snapshot, area: PolicyArea) -> Iterator[str]:
    """Count at the receiving end, sender by sender, and compare with the sender's report."""
    areas = {(area.area, area.version): area}
    for receiver, copies in snapshot.copies.items():
        if receiver == COMMISSION:
            continue
        for sender, reported in snapshot.reported.items():
            sent = tuple(row for row in reported if row.addressed_to == receiver)
            counted = statistics.rows(copies, areas, sender) if sender != receiver else ()
            if count_rows(sent) != count_rows(counted):
                yield f"from {sender} to {receiver}"


def _disagreements(copies: Mapping[str, Iterable[Exchange]]) -> Iterator[str]:
    known: dict[str, dict[str, object]] = {}
    for node, listed in copies.items():
        for copy in listed:
            known.setdefault(copy.id, {})[node] = _essence(copy)
            if node not in copy.parties.values():
                yield f"{copy.id} is at {node}, which is no party"
    for number, essences in known.items():
        first = next(iter(essences.values()))
        if any(essence != first for essence in essences.values()):
            yield f"{number} differs between {', '.join(essences)}"


def _missing(last: Snapshot, pilot: Pilot) -> Iterator[str]:
    sent = [case for case in pilot.cases if case.events[0].at <= last.as_of]
    numbers = {copy.id: copy for listed in last.copies.values() for copy in listed}
    if len(numbers) != len(sent):
        yield f"{len(numbers)} cases instead of {len(sent)}"
    for number, copy in numbers.items():
        for party in copy.parties.values():
            if all(each.id != number for each in last.copies[party]):
                yield f"{party} has no copy of {number}"


def _essence(copy: Exchange) -> object:
    """What all copies share; each carries out blocking and deletion by itself, and the order of letters may differ."""
    steps = frozenset((entry.message, entry.hash) for entry in copy.history)
    return copy.state, copy.parties, copy.authorities, copy.facts, copy.opened_at, copy.closed_at, steps


def _check_retention(ending: Ending, area: PolicyArea, now: datetime) -> list[Check]:
    views = [(node, view) for node, listed in ending.views.items() for view in listed]
    hidden = [view for _, view in views if _is_past(blocking_due_at(view.exchange, area), now)]
    gone = [view for _, view in views if _is_past(deletion_due_at(view.exchange, area), now)]
    months, years = area.retention.block_after_months, area.retention.delete_after_years
    return [
        _check(
            f"personal data are hidden on the day, {months} months after formal closure, on every copy",
            [f"{view.exchange.id} at {node}" for node, view in views if not _is_hidden_rightly(view, area, now)],
            f"{len(hidden)} copies hidden, {len(views) - len(hidden)} readable",
        ),
        _check(
            f"they are deleted on the day, {years} years after formal closure, on every copy",
            [f"{view.exchange.id} at {node}" for node, view in views if not _is_deleted_rightly(view, area, now)],
            f"{len(gone)} copies",
        ),
    ]


def _is_past(due: datetime | None, now: datetime) -> bool:
    return due is not None and due <= now


def _is_hidden_rightly(view: ExchangeView, area: PolicyArea, now: datetime) -> bool:
    due = blocking_due_at(view.exchange, area)
    if _is_past(due, now):
        return view.exchange.blocked_at == due and all(step.form is None for step in view.steps)
    return view.exchange.blocked_at is None and all(step.form is not None for step in view.steps)


def _is_deleted_rightly(view: ExchangeView, area: PolicyArea, now: datetime) -> bool:
    due = deletion_due_at(view.exchange, area)
    return view.exchange.deleted_at == (due if _is_past(due, now) else None)


def _unfinished(ending: Ending) -> Iterator[str]:
    for node, status in ending.statuses.items():
        undelivered = {state: count for state, count in status.outbox.items() if state != "delivered" and count}
        if undelivered or status.waiting or status.signals:
            yield f"{node}: outbox {undelivered}, early {status.waiting}, signals {status.signals}"
