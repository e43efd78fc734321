"""Who needs the data no longer, who has confirmed, and who has not; by hand-made copies."""

from datetime import UTC, datetime, timedelta

import pytest

from node.handlers.dates.due import after_time, blocking_due_at, deletion_due_at, latest_blocking_at, next_due_at
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.persons import retention
from node.handlers.refused import Refused
from schemas.exchange import Exchange
from schemas.identifiers import message_id
from schemas.messages import EarlyDeletion, Retention
from schemas.refusal import Refusal
from tests.unit.handlers.cases import AREA, after, digest, opened

CLOSED = datetime(2026, 8, 31, 13, 45, tzinfo=UTC)
LATEST = datetime(2027, 2, 28, 13, 45, tzinfo=UTC)


def closed(procedure: str = "request", **changes: object) -> Exchange:
    done = after(opened(procedure), ("DE", "withdraw"))
    return done.model_copy(update={"closed_at": CLOSED, **changes})


def said(what: str = "blocked", sender: str = "DE", **changes: object) -> Retention:
    made = {"id": message_id(CLOSED, b"x" * 10), "sender": sender, "at": CLOSED + timedelta(days=3), "to": {"CY": 1}}
    about = {"exchange": opened().id, "what": what, "because": "no_longer_needed", "closed_at": CLOSED}
    return Retention.model_validate({**made, **about, **changes})


def asked(sender: str = "DE", at: datetime = CLOSED) -> EarlyDeletion:
    made = {"id": message_id(CLOSED, b"x" * 10), "sender": sender, "at": CLOSED, "to": {"CY": 1}}
    about = {"exchange": opened().id, "authority": f"{sender}/office", "closed_at": at, "request": 1}
    return EarlyDeletion.model_validate({**made, **about})


def test_what_is_no_longer_needed_is_blocked_at_once_and_only_after_closure() -> None:
    now = CLOSED + timedelta(days=1)
    exchange = retention.no_longer_needed(closed(), now)

    assert blocking_due_at(exchange, AREA) == now
    assert latest_blocking_at(exchange, AREA) == LATEST, "the others may take until then"
    assert after_time(exchange, AREA, now).blocked_at == now
    assert after_time(exchange, AREA, now).deleted_at is None
    for wrong in (opened(), closed(blocked_at=now)):
        with pytest.raises(Refused) as caught:
            retention.no_longer_needed(wrong, now)
        assert caught.value.code is Refusal.NO_MEANING


def test_deletion_that_is_asked_for_waits_for_the_closure_that_it_follows() -> None:
    now = CLOSED + timedelta(days=1)
    crossing = retention.asked_to_delete(opened(), asked())
    assert after_time(crossing, AREA, now) == crossing, "the closure has not arrived here yet"

    arrived = crossing.model_copy(update={"closed_at": CLOSED})
    assert deletion_due_at(arrived, AREA) == CLOSED
    assert after_time(arrived, AREA, now).deleted_at == after_time(arrived, AREA, now).blocked_at == now

    later = crossing.model_copy(update={"closed_at": CLOSED + timedelta(days=40)})
    assert after_time(later, AREA, CLOSED + timedelta(days=41)).deleted_at is None, "it was reopened since"


def test_nobody_else_than_a_party_confirms_or_asks() -> None:
    with pytest.raises(Refused) as caught:
        retention.confirmed(closed(), said(sender="EC"), digest("x"))
    assert caught.value.code is Refusal.NOT_A_PARTY
    with pytest.raises(Refused, match="no party"):
        retention.asked_to_delete(closed(), asked("EC"))


def test_who_deleted_has_blocked_and_a_confirmation_counts_for_its_closure_only() -> None:
    exchange = retention.confirmed(closed(), said("deleted"), digest("x"))

    assert retention.unconfirmed(exchange, "blocked", node="CY") == ()
    assert retention.unconfirmed(exchange, "deleted", node="CY") == ()
    again = exchange.model_copy(update={"closed_at": CLOSED + timedelta(days=9)})
    assert retention.unconfirmed(again, "blocked", node="CY") == ("DE",)
    one = retention.confirmed(closed(), said("blocked"), digest("x"))
    assert retention.unconfirmed(one, "deleted", node="CY") == ("DE",)


def test_coordinators_are_told_once_a_week_after_the_others_had_to_block() -> None:
    early = closed(blocked_at=CLOSED + timedelta(days=1))
    week = LATEST + retention.PATIENCE
    assert retention.next_look_at(early, LATEST, node="CY") == week, "who blocks early waits with it"
    assert next_due_at(early, AREA, node="CY", calendar=public_holidays) == week

    assert retention.missing(early, LATEST, node="CY", now=week - timedelta(hours=1)) == (early, ())
    looked, [notice] = retention.missing(early, LATEST, node="CY", now=week)
    assert (notice.kind, notice.subject, notice.audience) == ("unconfirmed", "DE", "coordinator")
    assert retention.missing(looked, LATEST, node="CY", now=week + timedelta(days=1)) == (looked, ())
    assert retention.next_look_at(looked, LATEST, node="CY") is None
    deleted = looked.model_copy(update={"deleted_at": week + timedelta(days=9)})
    assert retention.next_look_at(deleted, LATEST, node="CY") == week + timedelta(days=16)


def test_a_reopened_case_is_not_blocked_any_more_unless_its_data_are_gone() -> None:
    blocked = closed(blocked_at=CLOSED, no_longer_needed_at=CLOSED)
    assert retention.reopened(blocked) == blocked, "it is still closed"
    again = retention.reopened(blocked.model_copy(update={"closed_at": None}))
    assert (again.blocked_at, again.no_longer_needed_at) == (None, None)
    gone = retention.reopened(blocked.model_copy(update={"closed_at": None, "deleted_at": CLOSED}))
    assert gone.blocked_at == CLOSED
