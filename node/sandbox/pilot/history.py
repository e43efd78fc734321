"""Counts a history straight from its file, without a node: what the nodes' statistics must come to.

It goes its own way to the same rows: it walks the declared states and periods, and shares with the nodes neither
their decisions nor their store. So the two can be compared.
"""

from collections import Counter
from datetime import datetime

from node.handlers.counts.statistics import opened
from node.handlers.dates.periods import add_months
from node.sandbox.cases import Case, Event, Pilot
from node.sandbox.filling import fill
from schemas.identifiers import COMMISSION, node_of
from schemas.policy_area import PolicyArea
from schemas.statistics import StatisticsRow

Counted = Counter[str]
"""How many exchanges are alike: the key is a row with the count 1, as JSON."""


def count_cases(pilot: Pilot, area: PolicyArea, as_of: datetime) -> Counted:
    """Count the cases that were sent by a time, as they stood then."""
    return Counter(_row(case, area, as_of).model_dump_json() for case in pilot.cases if case.events[0].at <= as_of)


def count_rows(rows: tuple[StatisticsRow, ...]) -> Counted:
    """Bring rows of statistics into the same form: what a node opened itself, by year."""
    counted: Counted = Counter()
    for row in opened(rows):
        alike = row.model_copy(update={"count": 1, "month": None, "followed_up": False})
        counted[alike.model_dump_json()] += row.count
    return counted


def as_rows(counted: Counted) -> tuple[StatisticsRow, ...]:
    """Make rows of statistics of what was counted."""
    return tuple(
        StatisticsRow.model_validate_json(key).model_copy(update={"count": count})
        for key, count in sorted(counted.items())
    )


def addressing(case: Case, area: PolicyArea) -> dict[str, object]:
    """The answers of an opening form that say to which country it goes: the node takes the parties from them."""
    return {
        party.field: node_of(case.receiver)
        for party in area.procedures[case.procedure].parties.values()
        if party.filled_by == "field" and party.field is not None
    }


def _row(case: Case, area: PolicyArea, as_of: datetime) -> StatisticsRow:
    procedure = area.procedures[case.procedure]
    state, closed_at, facts = procedure.initial, None, dict[str, str]()
    for event in case.events:
        if event.at > as_of:
            break
        state = procedure.steps[event.step].to or state
        closed_at = event.at if procedure.states[state].final else None
        facts |= _facts(case, event, area)
    blocked_at = add_months(closed_at, area.retention.block_after_months) if closed_at is not None else None
    return StatisticsRow(
        area=area.area,
        procedure=case.procedure,
        year=case.events[0].at.year,
        opened_by=node_of(case.sender),
        addressed_to=node_of(case.receiver),
        status=procedure.states[state].counts_as or state,
        blocked=blocked_at is not None and blocked_at <= as_of,
        facts=dict(sorted(facts.items())) if COMMISSION in case.parties else {},
        count=1,
    )


def _facts(case: Case, event: Event, area: PolicyArea) -> dict[str, str]:
    """The statistical answers of a step; whoever replays it fills in those that the file leaves open."""
    procedure = area.procedures[case.procedure]
    form = procedure.steps[event.step].form
    if form is None:
        return {}
    given: dict[str, object] = addressing(case, area) if event.step == procedure.opening else {}
    given |= {name: list(answer) if isinstance(answer, tuple) else answer for name, answer in event.form.items()}
    answers = fill(area, form, given, event.at)
    return {
        field.name: _told(answers[field.name])
        for field in area.forms[form].fields
        if field.fact and field.type != "date" and field.name in answers
    }


def _told(answer: object) -> str:
    if isinstance(answer, list):
        return "+".join(sorted(map(str, answer)))
    return {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer)
