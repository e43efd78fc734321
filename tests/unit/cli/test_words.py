"""Sentences: each says one thing, and none lets a stranger command the terminal."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from node.cli.talk import built_in_areas
from node.cli.words import (
    content_lines,
    deadline_lines,
    delivery,
    mail_row,
    node_lines,
    party,
    printable,
    standing,
    timeline,
    work_row,
)
from schemas.api import BrokerView, DeliveryView, NodeStatus, StepView
from schemas.deadlines import Due
from schemas.exchange import Exchange
from schemas.notices import MailView, WorkItem
from schemas.refusal import HELP, Refusal

AREA = built_in_areas()["e_commerce", 1]
AT = datetime(2026, 11, 3, 10, 2, tzinfo=UTC)
TODAY = AT.date()


def exchange(**changes: Any) -> Exchange:
    plain: dict[str, Any] = {
        "id": "ECOM-REQ-DE-2026-000001",
        "area": "e_commerce",
        "version": 1,
        "procedure": "request",
        "state": "accepted",
        "parties": {"requesting": "DE", "responding": "CY"},
    }
    return Exchange(**{**plain, **changes})


def status(**changes: Any) -> NodeStatus:
    plain: dict[str, Any] = {
        "node": "DE",
        "at": AT,
        "ready": True,
        "broker": BrokerView(connected=True, detail="", rebuilt=0),
        "directory_version": 3,
        "directory": "fresh",
        "outbox": {"delivered": 5},
        "outbox_since": None,
        "signals": 0,
        "waiting": {},
        "quarantine": 0,
    }
    return NodeStatus(**{**plain, **changes})


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        ({"state": "waiting"}, "waits to be sent to Cyprus"),
        ({"state": "published"}, "sent to Cyprus; whether it has it is not known yet"),
        ({"state": "delivered", "ended_at": AT}, "delivered to Cyprus on 3 Nov 2026, 10:02 UTC, not opened yet"),
        (
            {"state": "delivered", "ended_at": AT, "opened_at": AT},
            "delivered to Cyprus on 3 Nov 2026, 10:02 UTC, opened on 3 Nov 2026, 10:02 UTC",
        ),
        (
            {"state": "refused", "ended_at": AT, "code": "bad_form", "help": HELP[Refusal.BAD_FORM]},
            "refused by Cyprus on 3 Nov 2026, 10:02 UTC: The form is not filled in as the policy area declares.",
        ),
    ],
)
def test_a_delivery_is_one_sentence(view: dict[str, Any], sentence: str) -> None:
    assert delivery(DeliveryView(recipient="CY", **view)) == sentence


def test_an_exchange_says_whose_turn_it_is() -> None:
    assert standing(exchange(state="answered"), AREA, "CY", TODAY).startswith(
        "Answered. Germany is to assess the reply"
    )
    assert standing(exchange(state="draft"), AREA, "DE", TODAY) == "Draft. Germany is to send the request."
    assert standing(exchange(state="closed"), AREA, "CY", TODAY) == "Answered and formally closed."


def test_an_exchange_says_what_became_of_its_personal_data() -> None:
    blocked = exchange(state="closed", blocked_at=AT)
    deleted = exchange(state="closed", blocked_at=AT, deleted_at=AT)

    assert standing(blocked, AREA, "DE", TODAY).endswith("Its personal data are blocked since 3 Nov 2026, 10:02 UTC.")
    assert standing(deleted, AREA, "DE", TODAY).endswith("Its personal data were deleted on 3 Nov 2026, 10:02 UTC.")


def test_work_says_how_urgent_it_is_and_why() -> None:
    due = Due(
        deadline="acceptance",
        label="Accept",
        party="responding",
        node="CY",
        since="019da5a0-0000-7000-8000-000000000000",
        started_at=AT,
        due_on=TODAY,
        critical_on=TODAY,
    )
    item = WorkItem(
        exchange="ECOM-REQ-DE-2026-000001",
        urgency="alarm",
        state_label="Sent",
        sentence="Sent.",
        dues=(due,),
        news=("reply",),
        alarms=("EC",),
        inactive_since=AT,
    )

    assert work_row(item, [AREA]) == (
        "ECOM-REQ-DE-2026-000001",
        "not received by a party, or refused by it",
        "Sent.",
        (
            "Accept by 3 Nov 2026; not received by the European Commission, or refused; "
            "no step since 3 Nov 2026; new: Reply"
        ),
    )


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        (
            {"state": "waiting", "attempts": 1, "answer": "away", "next_attempt_at": AT},
            "waits, tried 1 time: away; again at 3 Nov 2026, 10:02 UTC",
        ),
        ({"state": "waiting", "attempts": 0}, "waits, tried 0 times"),
        ({"state": "sent", "attempts": 1, "ended_at": AT}, "sent on 3 Nov 2026, 10:02 UTC"),
        ({"state": "refused", "attempts": 1, "ended_at": AT, "answer": "550"}, "refused on 3 Nov 2026, 10:02 UTC: 550"),
    ],
)
def test_mail_says_what_became_of_it(mail: dict[str, Any], said: str) -> None:
    view = MailView(recipient="clerk", day=TODAY, cases=2, **mail)

    assert mail_row(view) == ("3 Nov 2026", "clerk", "2", said)


def test_periods_that_run_are_told_a_line_each() -> None:
    due = Due(
        deadline="acceptance",
        label="Accept, forward or refuse",
        party="responding",
        node="CY",
        since="019da5a0-0000-7000-8000-000000000000",
        started_at=AT,
        due_on=TODAY,
        critical_on=TODAY,
    )

    assert list(deadline_lines([due], TODAY)) == ["Due on 3 Nov 2026: Accept, forward or refuse, by Cyprus"]
    assert list(deadline_lines([due], TODAY + timedelta(days=2))) == [
        "Due on 3 Nov 2026 (2 days overdue): Accept, forward or refuse, by Cyprus"
    ]


def test_a_party_is_named_as_in_a_sentence() -> None:
    assert [party(node) for node in ("CY", "EC", "NL")] == ["Cyprus", "the European Commission", "the Netherlands"]


def test_a_node_that_is_well_says_so() -> None:
    assert list(node_lines(status())) == [
        "The node of Germany is ready.",
        "It is connected to the broker.",
        "Directory 3 is in force.",
        "Every message that it sent has its receipt.",
        "Nothing is in quarantine.",
    ]


def test_a_node_in_trouble_says_each_trouble() -> None:
    lines = list(
        node_lines(
            status(
                ready=False,
                broker=BrokerView(connected=False, detail="refused", rebuilt=0),
                directory="expired",
                outbox={"waiting": 1, "published": 2},
                outbox_since=AT,
                waiting={"stream": 1},
                quarantine=1,
                alarms=("The directory expired: do this.",),
            )
        )
    )

    assert lines == [
        "The node of Germany is not ready.",
        "It has no connection to the broker: refused",
        "Directory 3 expired too long ago: nothing is sent or opened any more.",
        "3 messages have no receipt yet, the oldest since 3 Nov 2026, 10:02 UTC.",
        "1 message came early and waits for what comes before.",
        "1 arrival could not be processed: see imi node quarantine.",
        "The directory expired: do this.",
    ]


def test_what_a_terminal_would_obey_is_not_shown() -> None:
    assert printable("a\x1b[2J\u202eb\x9b\r\nc") == "a�[2J�b��\nc"


def test_a_hostile_answer_is_shown_without_its_control_characters() -> None:
    lines = list(content_lines(AREA.forms["acceptance"], {"acceptance_note": "\x1b]0;title\x07ok"}, AREA))

    assert lines == ["  Note to the requesting authority: �]0;title�ok"]


def test_answers_are_told_in_the_words_of_the_declaration() -> None:
    lines = list(content_lines(AREA.forms["refusal"], {"refusal_reason": "outside_scope"}, AREA))

    assert lines == ["  Reason for the refusal: Outside Article 3(4)"]


def test_a_step_on_behalf_of_another_authority_names_both() -> None:
    central = StepView(
        message="0199a5a4-7c00-7000-8000-000000000000",
        step="send",
        label="Send",
        sender="DE",
        authority="DE/market",
        on_behalf_of="DE/city",
        at=AT,
        state="awaiting_acceptance",
        crossed=False,
        form=None,
    )

    assert [*timeline((central,))] == ["  1. 3 Nov 2026, 10:02 UTC  Send, by Germany (DE/market for DE/city)"]
