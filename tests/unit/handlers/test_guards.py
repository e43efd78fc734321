"""Rules of order ask for a reason, name its field and the law, and let the step pass once it is given."""

from datetime import date

import pytest

from node.handlers.exchanges.forms import Content, Problem
from node.handlers.exchanges.guards import Around, named_exchanges, unanswered
from schemas.exchange import Exchange
from tests.unit.handlers.cases import AREA, REQUEST, after, form, opened, step_of, take

TODAY = date(2026, 11, 24)
PROCEDURE = AREA.procedures["notification"]
REASONS = ("no_request_reason", "early_measure_reason", "not_taken_reason")


def bare(**given: object) -> dict[str, object]:
    """A right notification that gives no reason for anything."""
    content = form("send", "notification", country_of_establishment="CY", **given)
    return {name: answer for name, answer in content.items() if name not in REASONS or name in given}


def asked(content: Content, *known: Exchange, overdue: tuple[str, ...] = ()) -> tuple[Problem, ...]:
    notification = opened("notification")
    around = Around(notification, TODAY, {one.id: one for one in known}, overdue)
    return unanswered(PROCEDURE, "send", content, around)


def fields(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.field for problem in problems]


STANDING: dict[str, tuple[list[tuple[str, str]], bool]] = {
    "only sent": ([], True),
    "accepted": ([("CY", "accept")], True),
    "answered": ([("CY", "accept"), ("CY", "reply")], False),
    "assessed": ([("CY", "accept"), ("CY", "reply"), ("DE", "check")], False),
    "closed": ([("CY", "accept"), ("CY", "reply"), ("DE", "close")], False),
    "refused": ([("CY", "refuse")], False),
    "contested": ([("CY", "refuse"), ("DE", "refer")], False),
    "withdrawn": ([("DE", "withdraw")], True),
}


@pytest.mark.parametrize(("steps", "asks"), STANDING.values(), ids=STANDING)
def test_a_request_must_have_gone_before_and_come_to_something(steps: list[tuple[str, str]], *, asks: bool) -> None:
    request = after(opened(), *steps)

    assert fields(asked(bare(requests=[REQUEST]), request)) == (["no_request_reason"] if asks else [])


def test_a_request_whose_answer_is_overdue_will_do() -> None:
    accepted = after(opened(), ("CY", "accept"))

    assert asked(bare(requests=[REQUEST]), accepted, overdue=(REQUEST,)) == ()


def test_a_record_of_a_request_outside_the_system_will_do() -> None:
    record = Exchange(
        id="ECOM-OUT-DE-2026-000001",
        area="e_commerce",
        version=1,
        procedure="outside",
        state="recorded",
        parties={"recording": "DE", "counterpart": "CY"},
    )

    assert asked(bare(requests=[record.id]), record) == ()
    assert asked(bare(requests=[record.id]), record.model_copy(update={"state": "draft"}))


OTHERS: dict[str, dict[str, object]] = {
    "to another country": {"parties": {"requesting": "DE", "responding": "FR"}},
    "of another policy area": {"area": "services"},
    "of another procedure": {"procedure": "notification"},
}


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_another_exchange_is_no_such_request(changes: dict[str, object]) -> None:
    refused = after(opened(), ("CY", "refuse")).model_copy(update=changes)

    assert fields(asked(bare(requests=[REQUEST]), refused)) == ["no_request_reason"]


def test_what_is_not_known_here_is_no_request_that_went_before() -> None:
    assert fields(asked(bare(requests=[REQUEST]))) == fields(asked(bare())) == ["no_request_reason"]


@pytest.mark.parametrize("variant", ["urgent", "court_criminal"])
def test_urgency_and_court_proceedings_need_neither_request_nor_notice(variant: str) -> None:
    content = bare(variant=variant, measure_planned_on="2026-11-01", measure_taken_at="2026-11-23T08:00:00Z")

    assert asked(content) == ()


@pytest.mark.parametrize(("day", "asks"), [("2026-11-23", True), ("2026-11-24", False), ("no day", False)])
def test_a_measure_lies_after_its_notification_unless_it_says_why(day: str, *, asks: bool) -> None:
    refused = after(opened(), ("CY", "refuse"))
    content = bare(requests=[REQUEST], measure_planned_on=day)

    assert fields(asked(content, refused)) == (["early_measure_reason"] if asks else [])
    assert asked({**content, "early_measure_reason": "It was found out later."}, refused) == ()


def test_an_urgent_measure_was_taken_unless_it_says_why_not() -> None:
    urgent = bare(variant="urgent")
    urgent.pop("measure_taken_at", None)

    assert fields(asked(urgent)) == ["not_taken_reason"]
    assert asked({**urgent, "not_taken_reason": "It follows within the hour."}) == ()
    assert asked({**urgent, "measure_taken_at": "2026-11-23T08:00:00Z"}) == ()


def test_the_question_says_what_is_unusual_and_why_and_how_to_go_on() -> None:
    (problem,) = asked(bare())

    assert "No request to the country of establishment" in problem.message
    assert "Article 3(4)(b)" in problem.message
    assert "You may go on: give the reason here" in problem.message


def test_a_reason_lets_every_step_pass_and_an_empty_one_is_none() -> None:
    early = bare(measure_planned_on="2026-11-01")

    assert fields(asked(early)) == ["no_request_reason", "early_measure_reason"]
    assert len(asked({**early, "no_request_reason": ""})) == 2
    assert asked({**early, "no_request_reason": "x", "early_measure_reason": "y"}) == ()


def test_other_steps_are_not_asked_about() -> None:
    around = Around(opened("notification"), TODAY, {}, ())

    assert unanswered(PROCEDURE, "amend", bare(), around) == ()
    assert named_exchanges(PROCEDURE, "amend", {"requests": [REQUEST]}) == ()
    assert named_exchanges(PROCEDURE, "send", {"requests": [REQUEST, 7]}) == (REQUEST,)


def test_a_recipient_does_not_ask() -> None:
    """Whoever sent it has judged, and knows exchanges that others have never heard of."""
    draft = opened("notification").model_copy(update={"state": "draft", "history": (), "seen": {}})
    content = bare(measure_planned_on="2020-01-01")

    taken = take(draft, step_of(draft, "DE", "send"), content, "CY")

    assert taken.exchange.state == "sent"
    assert len(asked(content)) == 2
