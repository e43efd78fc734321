"""Sentences: each says one thing, and none lets a stranger command the terminal."""

from datetime import UTC, datetime
from typing import Any

import pytest

from node.cli.talk import built_in_areas
from node.cli.words import content_lines, delivery, node_lines, party, printable, standing
from schemas.api import BrokerView, DeliveryView, NodeStatus
from schemas.exchange import Exchange
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
    assert standing(exchange(state="draft"), AREA, "DE", TODAY) == "Draft. You are to send the request."
    assert standing(exchange(state="closed"), AREA, "CY", TODAY) == "Answered and formally closed."


def test_an_exchange_says_what_became_of_its_personal_data() -> None:
    blocked = exchange(state="closed", blocked_at=AT)
    deleted = exchange(state="closed", blocked_at=AT, deleted_at=AT)

    assert standing(blocked, AREA, "DE", TODAY).endswith("Its personal data are blocked since 3 Nov 2026, 10:02 UTC.")
    assert standing(deleted, AREA, "DE", TODAY).endswith("Its personal data were deleted on 3 Nov 2026, 10:02 UTC.")


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
