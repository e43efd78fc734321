"""Reports laid side by side: a lie is noticed, what is on its way is none, and silence is told apart."""

from datetime import UTC, datetime, timedelta

import pytest

from node.handlers.counts.contradictions import contradictions, silences
from schemas.statistics import NodeStatistics, StatisticsRow

AT = datetime(2026, 11, 24, tzinfo=UTC)
NOTHING = NodeStatistics(as_of=AT)
INFORMED_OF = {("e_commerce", "notification")}


def row(count: int, month: int = 3, *, reported_as: str = "opened", **changes: object) -> StatisticsRow:
    return StatisticsRow.model_validate(
        {
            "area": "e_commerce",
            "procedure": "request",
            "year": 2026,
            "month": month,
            "opened_by": "DE",
            "addressed_to": "CY",
            "status": "closed",
            "blocked": False,
            "facts": {},
            "reported_as": reported_as,
            "count": count,
        }
        | changes
    )


def told(*rows: StatisticsRow, as_of: datetime = AT) -> NodeStatistics:
    return NodeStatistics(as_of=as_of, rows=rows)


def found(sent: NodeStatistics, received: NodeStatistics) -> list[tuple[int, int]]:
    clashes = contradictions({"DE": sent, "CY": received}, NOTHING, INFORMED_OF)
    return [(each.opened, each.received) for each in clashes]


def test_reports_that_agree_are_no_contradiction_however_they_divide_their_rows() -> None:
    sent = told(row(2), row(1, status="answered"))

    assert found(sent, told(row(3, reported_as="received"))) == []


@pytest.mark.parametrize("received", [0, 2, 4])
def test_a_month_long_past_must_agree_exactly(received: int) -> None:
    assert found(told(row(3)), told(*[row(received, reported_as="received")] * bool(received))) == [(3, received)]


def test_what_the_opener_keeps_quiet_about_is_noticed_too() -> None:
    [clash] = contradictions({"DE": told(), "CY": told(row(1, reported_as="received"))}, NOTHING, INFORMED_OF)

    assert (clash.opened_by, clash.opened, clash.told_by, clash.received) == ("DE", 0, "CY", 1)
    assert (clash.year, clash.month) == (2026, 3)


def test_what_may_be_on_its_way_counts_against_nobody() -> None:
    assert found(told(row(3, month=11)), told(row(2, 11, reported_as="received"))) == []
    settled = datetime(2026, 12, 8, tzinfo=UTC)
    assert found(told(row(3, 11), as_of=settled), told(row(2, 11, reported_as="received"), as_of=settled)) == [(3, 2)]


def test_nobody_has_received_what_was_not_sent_yet() -> None:
    sent, received = told(row(1, 11)), told(row(2, 11, reported_as="received"))

    assert found(sent, received) == [(1, 2)]
    later = received.model_copy(update={"as_of": AT + timedelta(days=1)})
    assert found(sent, later) == []


def test_who_has_not_reported_is_not_contradicted() -> None:
    assert contradictions({"DE": told(row(3))}, NOTHING, INFORMED_OF) == ()


def test_records_made_outside_the_system_are_known_to_one_side_only() -> None:
    assert found(told(row(3, outside=True)), told()) == []


def test_the_commission_compares_what_it_received_itself() -> None:
    sent = told(row(3, procedure="notification"))
    own = told(row(2, reported_as="informed", procedure="notification"))

    [clash] = contradictions({"DE": sent}, own, INFORMED_OF)
    assert (clash.told_by, clash.opened, clash.received) == ("EC", 3, 2)
    [missing] = contradictions({"DE": sent}, NOTHING, INFORMED_OF)
    assert missing.received == 0
    assert contradictions({"DE": told(row(3))}, NOTHING, INFORMED_OF) == ()


def test_silent_parties_are_told_apart() -> None:
    reports = {
        "DE": told(row(1)),
        "FR": NodeStatistics(as_of=AT, no_cases=(2026,)),
        "IT": NodeStatistics(as_of=AT, no_cases=(2025,), rows=(row(4, year=2025, opened_by="IT", addressed_to="ES"),)),
    }

    listed = silences(reports, {"DE", "CY", "FR", "IT", "ES", "EC"}, 2026)

    assert [(each.country, each.confirmed, each.reported) for each in listed] == [
        ("ES", False, False),
        ("FR", True, True),
        ("IT", False, True),
    ]
