"""Calendar periods (IMI Regulation, Art. 14), to the day."""

from datetime import UTC, datetime

import pytest

from node.handlers.dates.due import after_time, blocking_due_at, deletion_due_at, retention_due_at
from node.handlers.dates.periods import add_months
from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea, Retention
from tests.unit.handlers.cases import AREA, after, opened

MONTHS = [
    ("2026-11-24", 0, "2026-11-24"),
    ("2026-11-24", 6, "2027-05-24"),
    ("2026-08-31", 6, "2027-02-28"),
    ("2027-08-31", 6, "2028-02-29"),
    ("2026-08-30", 6, "2027-02-28"),
    ("2026-12-31", 6, "2027-06-30"),
    ("2026-10-31", 1, "2026-11-30"),
    ("2028-02-29", 36, "2031-02-28"),
    ("2028-02-29", 48, "2032-02-29"),
    ("2028-02-29", 6, "2028-08-29"),
    ("2026-06-30", 18, "2027-12-30"),
    ("2026-12-01", 1, "2027-01-01"),
    ("2026-01-31", 12, "2027-01-31"),
]


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T13:45:30.250+00:00")


@pytest.mark.parametrize(("start", "months", "end"), MONTHS)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(start: str, months: int, end: str) -> None:
    assert add_months(day(start), months) == day(end)


def closed(at: datetime) -> Exchange:
    return after(opened(), ("DE", "withdraw")).model_copy(update={"closed_at": at})


def area(block_months: int = 6, delete_years: int = 3) -> PolicyArea:
    retention = Retention(block_after_months=block_months, delete_after_years=delete_years)
    return AREA.model_copy(update={"retention": retention})


def test_nothing_is_due_before_formal_closure() -> None:
    exchange = opened()

    assert (
        blocking_due_at(exchange, AREA) is deletion_due_at(exchange, AREA) is retention_due_at(exchange, AREA) is None
    )
    assert after_time(exchange, AREA, datetime(2099, 1, 1, tzinfo=UTC)) == exchange


def test_first_blocking_then_deletion_then_nothing() -> None:
    exchange = closed(day("2026-08-31"))
    assert retention_due_at(exchange, AREA) == day("2027-02-28")
    assert after_time(exchange, AREA, day("2027-02-27")) == exchange

    blocked = after_time(exchange, AREA, day("2027-02-28"))
    assert (blocked.blocked_at, blocked.deleted_at) == (day("2027-02-28"), None)
    assert retention_due_at(blocked, AREA) == day("2029-08-31")
    assert after_time(blocked, AREA, day("2029-08-30")) == blocked

    deleted = after_time(blocked, AREA, day("2029-09-05"))
    assert (deleted.blocked_at, deleted.deleted_at) == (day("2027-02-28"), day("2029-09-05"))
    assert retention_due_at(deleted, AREA) is None
    assert after_time(deleted, AREA, day("2040-01-01")) == deleted


def test_a_node_that_was_away_for_years_does_both_at_once() -> None:
    done = after_time(closed(day("2026-08-31")), AREA, day("2032-01-01"))

    assert done.blocked_at == done.deleted_at == day("2032-01-01")


@pytest.mark.parametrize(("block_months", "delete_years", "due"), [(0, 3, 0), (18, 1, 12), (18, 0, 0), (6, 0, 0)])
def test_what_is_deleted_is_blocked_too_and_never_later(block_months: int, delete_years: int, due: int) -> None:
    declared = area(block_months, delete_years)
    exchange = closed(day("2026-08-31"))

    assert retention_due_at(exchange, declared) == add_months(day("2026-08-31"), due)
    step, count = exchange, 0
    while (at := retention_due_at(step, declared)) is not None:
        step, count = after_time(step, declared, at), count + 1
    assert step.deleted_at == add_months(day("2026-08-31"), 12 * delete_years)
    assert count <= 2
