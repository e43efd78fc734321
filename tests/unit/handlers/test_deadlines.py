"""Which periods run, and when whom is reminded: by the history alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from node.handlers.dates.deadlines import due_reminders, morning_of, next_reminder_at, running, schedule
from node.handlers.dates.due import next_due_at, retention_due_at
from node.handlers.dates.public_holidays import public_holidays
from schemas.exchange import Entry, Exchange
from schemas.policy_area import Deadline, PolicyArea
from tests.unit.handlers.cases import AREA, digest, opened

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def deadline(**changes: object) -> Deadline:
    made = {
        "label": "Accept",
        "party": "responding",
        "started_by": ("send", "forward"),
        "settled_by": ("accept", "forward", "withdraw"),
        "days": 3,
        **changes,
    }
    return Deadline.model_validate(made)


def area(**deadlines: Deadline) -> PolicyArea:
    request = AREA.procedures["request"].model_copy(update={"deadlines": deadlines})
    return AREA.model_copy(update={"procedures": {**AREA.procedures, "request": request}})


def case(steps: Sequence[tuple[str, str, int]], *, state: str = "awaiting_acceptance", **facts: str) -> Exchange:
    """An exchange in which senders took steps, each so many days after the start."""
    history = tuple(
        Entry(
            message=opened().history[0].message[:-4] + f"{number:04x}",
            hash=digest(str(number)),
            step=step,
            sender=sender,
            authority=f"{sender}/office",
            sequence=number,
            at=START + timedelta(days=days),
            state=state,
        )
        for number, (sender, step, days) in enumerate(steps, start=1)
    )
    return opened().model_copy(update={"history": history, "state": state, "facts": facts, "opened_at": START})


SENT = ("DE", "send", 0)


def days_of(exchange: Exchange, declared: PolicyArea) -> dict[str, date]:
    return {due.deadline: due.due_on for due in running(exchange, declared, public_holidays)}


def test_a_step_begins_a_period_and_another_settles_it() -> None:
    declared = area(acceptance=deadline())

    assert days_of(case([SENT]), declared) == {"acceptance": date(2026, 11, 27)}
    assert days_of(case([SENT, ("CY", "accept", 1)], state="accepted"), declared) == {}


def test_a_step_that_begins_it_anew_counts_from_itself_even_where_it_settles_too() -> None:
    forwarded = case([SENT, ("CY", "forward", 6)], state="forwarded")

    [due] = running(forwarded, area(acceptance=deadline()), public_holidays)

    assert (due.due_on, due.started_at, due.since) == (
        date(2026, 12, 3),
        START + timedelta(days=6),
        forwarded.history[1].message,
    )


def test_nothing_runs_in_a_draft_or_after_closure() -> None:
    declared = area(acceptance=deadline())

    assert days_of(case([SENT]).model_copy(update={"opened_at": None}), declared) == {}
    assert days_of(case([SENT], state="closed"), declared) == {}


def test_what_became_of_a_measure_is_asked_after_closure_too_until_the_data_are_deleted() -> None:
    declared = area(report=deadline(after_closure=True), acceptance=deadline())
    closed = case([SENT], state="closed")

    assert days_of(closed, declared) == {"report": date(2026, 11, 27)}
    assert days_of(closed.model_copy(update={"blocked_at": START}), declared) == {"report": date(2026, 11, 27)}
    assert days_of(closed.model_copy(update={"deleted_at": START}), declared) == {}


def test_a_step_of_another_party_does_not_settle_what_the_party_itself_can_settle() -> None:
    comments = AREA.procedures["notification"].model_copy(
        update={
            "deadlines": {
                "comments": deadline(party="establishment", started_by=("open",), settled_by=("comment", "withdraw"))
            }
        }
    )
    declared = AREA.model_copy(update={"procedures": {"notification": comments}})

    def told(*steps: tuple[str, str, int]) -> Exchange:
        made = case([("EC", "open", 0), *steps], state="open_for_comments")
        return made.model_copy(update={"procedure": "notification", "parties": opened("notification").parties})

    assert days_of(told(("EC", "comment", 1)), declared) == {"comments": date(2026, 11, 27)}
    assert days_of(told(("CY", "comment", 1)), declared) == {}


def test_what_coordinators_decide_runs_while_they_are_to_decide_and_they_are_reminded() -> None:
    exchange = case([SENT, ("DE", "refer", 1)], state="referred")

    reminders = [each for each in schedule(exchange, AREA, node="CY", calendar=public_holidays) if each.deadline]

    assert {each.deadline for each in reminders} >= {"referral"}
    assert {each.audience for each in reminders if each.deadline == "referral"} == {"coordinator"}
    assert {each.kind for each in reminders if each.deadline == "referral"} == {"reminder", "escalation"}
    proposed = case([SENT, ("DE", "propose_reopening", 30)], state="reopening_proposed")
    assert days_of(proposed, AREA) == {"reopening": date(2027, 1, 7)}


def test_proposals_to_reopen_that_cross_leave_nothing_to_decide_in_either_copy() -> None:
    proposals = (("DE", "propose_reopening", 30), ("CY", "suggest_reopening", 30))

    for order in (proposals, proposals[::-1]):
        assert not days_of(case([SENT, *order], state="accepted"), AREA).keys() & {"reopening", "suggested_reopening"}


def test_a_period_does_not_run_while_a_fact_excludes_it() -> None:
    declared = area(review=deadline(unless={"duration": ("permanent",)}))

    assert days_of(case([SENT], duration="permanent"), declared) == {}
    assert days_of(case([SENT], duration="temporary"), declared) == {"review": date(2026, 11, 27)}


@pytest.mark.parametrize(
    ("declared", "due_on"),
    [
        (deadline(days=4), date(2026, 11, 30)),  # 28 November is a Saturday
        (deadline(days=15, working_days=True), date(2026, 12, 15)),
        (deadline(days=None, months=1), date(2026, 12, 28)),  # 24 December to 27 December
        (deadline(days=None, field="reply_requested_by"), date(2026, 12, 5)),  # a day that was agreed stays
    ],
)
def test_days_months_working_days_and_named_days(declared: Deadline, due_on: date) -> None:
    exchange = case([SENT], reply_requested_by="2026-12-05").model_copy(
        update={"parties": {"requesting": "CY", "responding": "SK"}}
    )

    assert days_of(exchange, area(one=declared)) == {"one": due_on}


@pytest.mark.parametrize("named", ["", "soon", "9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_day_that_nobody_can_be_reminded_of_runs_no_period(named: str) -> None:
    assert days_of(case([SENT], day=named), area(one=deadline(days=None, field="day"))) == {}


def test_what_ends_first_comes_first() -> None:
    declared = area(late=deadline(days=20), early=deadline(days=2))

    assert [*days_of(case([SENT]), declared)] == ["early", "late"]


def times(exchange: Exchange, declared: PolicyArea, node: str) -> list[tuple[str, str, str]]:
    return [
        (f"{each.at:%m-%d %H}", each.kind, each.audience)
        for each in sorted(
            schedule(exchange, declared, node=node, calendar=public_holidays), key=lambda each: (each.at, each.kind)
        )
    ]


def test_the_party_is_reminded_then_its_coordinators_and_after_two_months_those_of_both_sides() -> None:
    declared = area(reply=deadline(days=10, reminders=(-3, 0, 7), escalates_after=7))
    inactive = ("01-24 08", "inactivity", "coordinator")

    assert times(case([SENT]), declared, "CY") == [
        ("12-01 06", "reminder", "authority"),
        ("12-04 06", "reminder", "authority"),
        ("12-11 06", "escalation", "coordinator"),
        ("12-11 06", "reminder", "authority"),
        inactive,
    ]
    assert times(case([SENT]), declared, "DE") == [inactive]
    assert times(case([SENT]), declared, "FR") == []
    assert times(case([SENT], state="closed"), declared, "CY") == []


def test_a_reminder_before_the_step_that_begins_its_period_is_none() -> None:
    declared = area(reply=deadline(days=1, reminders=(-3, -1, 0)))

    assert times(case([SENT]), declared, "CY")[0] == ("11-25 06", "reminder", "authority")


def test_inactivity_counts_from_the_latest_step_in_whatever_order_they_came() -> None:
    crossed = case([SENT, ("CY", "propose_date", 9), ("DE", "give_information", 4)], state="accepted")

    assert times(crossed, area(), "DE") == [("02-03 08", "inactivity", "coordinator")]


def test_a_late_tick_gives_the_latest_reminder_of_each_matter_only() -> None:
    declared = area(reply=deadline(days=10, reminders=(-3, 0, 7), escalates_after=7))

    due = due_reminders(case([SENT]), declared, node="CY", calendar=public_holidays, now=START + timedelta(days=400))

    assert [(each.kind, each.day) for each in due] == [("escalation", 7), ("reminder", 7), ("inactivity", 0)]


def test_what_was_given_is_not_due_again() -> None:
    declared = area(reply=deadline(days=10, reminders=(-3, 0)))
    exchange = case([SENT])

    first = next_reminder_at(exchange, declared, node="CY", calendar=public_holidays)
    assert first == morning_of(date(2026, 12, 1))
    given = exchange.model_copy(update={"reminded_until": first})
    assert due_reminders(given, declared, node="CY", calendar=public_holidays, now=first) == ()
    assert next_reminder_at(given, declared, node="CY", calendar=public_holidays) == morning_of(date(2026, 12, 4))


def test_reminders_bring_an_exchange_up_and_never_put_retention_off() -> None:
    declared = area(acceptance=deadline())
    exchange = case([SENT])
    closed = exchange.model_copy(update={"state": "closed", "closed_at": START})

    assert next_due_at(exchange, declared, node="CY", calendar=public_holidays) == morning_of(date(2026, 11, 27))
    assert next_due_at(exchange, declared, node="EC", calendar=public_holidays) is None
    assert next_due_at(closed, declared, node="CY", calendar=public_holidays) == retention_due_at(closed, declared)


def test_how_late_it_is_and_from_when_on_that_is_critical() -> None:
    [due] = running(case([SENT]), area(acceptance=deadline(escalates_after=4)), public_holidays)
    [plain] = running(case([SENT]), area(acceptance=deadline()), public_holidays)

    assert [due.overdue_days(date(2026, 11, day)) for day in (26, 27, 28, 30)] == [0, 0, 1, 3]
    assert (due.critical_on, plain.critical_on) == (date(2026, 12, 1), date(2026, 12, 4))
