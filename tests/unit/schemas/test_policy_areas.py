"""The policy areas that come with the program beside e-Commerce: each is nothing but its declaration."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from node.areas import BUILT_IN, check, load_areas
from node.handlers.dates.deadlines import running
from node.handlers.dates.public_holidays import public_holidays
from schemas.exchange import Entry, Exchange
from schemas.policy_area import PolicyArea

NAMES = ("e_commerce", "professional_qualifications", "services")

SERVICES = check((BUILT_IN / "services.toml").read_text())
QUALIFICATIONS = check((BUILT_IN / "professional_qualifications.toml").read_text())


def sent(area: PolicyArea, procedure: str, on: date) -> Exchange:
    """A notification of Germany about a provider in Cyprus, just sent."""
    at = datetime(on.year, on.month, on.day, 9, 0, tzinfo=UTC)
    entry = Entry(
        message="019a0000-0000-7000-8000-000000000000",
        hash="x" * 43,
        step="send",
        sender="DE",
        authority="DE/crafts",
        sequence=1,
        at=at,
        state="notified",
    )
    return Exchange(
        id=f"{area.code}-{area.procedures[procedure].code}-DE-2026-000001",
        area=area.area,
        version=area.version,
        procedure=procedure,
        state="notified",
        parties={"notifying": "DE", "establishment": "CY", "commission": "EC"},
        history=(entry,),
        opened_at=at,
    )


def test_there_are_three_with_codes_of_their_own(tmp_path: Path) -> None:
    areas = load_areas(tmp_path)

    assert sorted(name for name, _ in areas) == list(NAMES)
    assert len({area.code for area in areas.values()}) == len(NAMES)


@pytest.mark.parametrize(
    ("sent_on", "last_day"),
    [
        (date(2026, 11, 24), date(2026, 12, 15)),
        (date(2026, 12, 10), date(2027, 1, 4)),  # Christmas Day and New Year's Day are no working days, nor weekends
    ],
)
def test_the_standstill_of_a_derogation_lasts_fifteen_working_days(sent_on: date, last_day: date) -> None:
    [standstill] = running(sent(SERVICES, "notification", sent_on), SERVICES, public_holidays)

    assert (standstill.deadline, standstill.node, standstill.due_on) == ("standstill", "DE", last_day)


def test_no_standstill_runs_in_urgency() -> None:
    assert running(sent(SERVICES, "urgent_notification", date(2026, 11, 24)), SERVICES, public_holidays) == ()


@pytest.mark.parametrize(
    ("area", "procedure", "state", "role"),
    [
        (SERVICES, "request", "awaiting_acceptance", "responding"),
        (QUALIFICATIONS, "information", "awaiting_acceptance", "asked"),
    ],
    ids=["services", "professional_qualifications"],
)
def test_personal_data_are_hidden_from_the_other_side_until_it_accepts(
    area: PolicyArea, procedure: str, state: str, role: str
) -> None:
    declared = area.procedures[procedure]

    assert declared.states[state].hides_personal_from == (role,)
    assert not any(each.hides_personal_from for name, each in declared.states.items() if name != state)
    assert not next(
        field for field in area.forms[declared.steps["send"].form or ""].fields if field.name == "subject"
    ).personal


def test_a_notification_asks_why_no_request_went_before_and_an_urgent_one_does_not() -> None:
    guard = SERVICES.procedures["notification"].guards["request_first"]

    assert guard.needs_link is not None
    assert guard.needs_link.procedures == {"request": ("answered", "refused", "closed")}
    assert SERVICES.procedures["urgent_notification"].guards == {}


@pytest.mark.parametrize("name", ["professional_qualifications", "services"])
def test_what_was_written_from_memory_says_so(name: str) -> None:
    text = (BUILT_IN / f"{name}.toml").read_text()

    assert "From memory" in text
    assert "check" in text.partition("From memory")[2][:400]
