"""Counts without content: what a node opened and what it received, by what may be told."""

from datetime import timedelta

import pytest

from node.handlers.counts.statistics import may_report, opened, rows
from schemas.exchange import Exchange
from schemas.statistics import StatisticsRow
from tests.unit.handlers import cases
from tests.unit.handlers.cases import AREA, AT, after

AREAS = {("e_commerce", 1): AREA}


def test_alike_exchanges_are_one_row_and_states_count_as_declared() -> None:
    request = cases.opened()
    forwarded = after(request, ("CY", "forward"))
    accepted = after(request, ("CY", "accept"))

    counted = rows([request, forwarded, accepted], AREAS, "DE")

    assert [(row.status, row.count) for row in counted] == [("accepted", 1), ("awaiting_acceptance", 2)]
    assert {(row.opened_by, row.addressed_to, row.year, row.month, row.procedure) for row in counted} == {
        ("DE", "CY", 2026, 11, "request")
    }


def test_each_exchange_is_counted_once_among_what_all_nodes_opened() -> None:
    exchanges = [cases.opened(), cases.opened("notification")]
    told = {node: rows(exchanges, AREAS, node) for node in ("DE", "CY", "EC")}

    assert sum(row.count for row in opened(row for counted in told.values() for row in counted)) == 2
    assert {row.reported_as for row in told["DE"]} == {"opened"}
    assert {row.reported_as for row in told["CY"]} == {"received"}
    assert {(row.procedure, row.reported_as) for row in told["EC"]} >= {("notification", "informed")}


def test_drafts_do_not_count() -> None:
    draft = Exchange(
        id="ECOM-REQ-DE-2026-000002",
        area="e_commerce",
        version=1,
        procedure="request",
        state="draft",
        parties={"requesting": "DE"},
    )

    assert rows([draft], AREAS, "DE") == ()


def test_answers_are_counted_only_by_the_opener_and_where_the_commission_has_them_anyway() -> None:
    [request] = rows([cases.opened(service_category="dating")], AREAS, "DE")
    [notification] = rows([cases.opened("notification", service_category="dating")], AREAS, "DE")
    [received] = rows([cases.opened("notification", service_category="dating")], AREAS, "CY")

    assert request.facts == received.facts == {}
    assert notification.facts["service_category"] == "dating"


def test_days_are_no_answers_to_count() -> None:
    [notification] = rows([cases.opened("notification", measure_ends_on="2027-01-31")], AREAS, "DE")

    assert "2027-01-31" not in notification.facts.values()


def test_doubt_about_the_channel_is_told_also_of_requests() -> None:
    doubted, sure = (
        rows([cases.opened().model_copy(update={"facts": {"guidance_doubt": code}})], AREAS, "DE")[0]
        for code in ("yes", "no")
    )

    assert (doubted.doubtful, sure.doubtful) == (True, False)
    assert doubted.facts == {}


def test_what_is_said_after_the_closure_is_a_follow_up() -> None:
    exchange = after(cases.opened(), ("CY", "accept"))
    closed = exchange.model_copy(update={"closed_at": exchange.history[-1].at})
    later = exchange.history[-1].model_copy(update={"at": AT + timedelta(days=1)})
    followed = closed.model_copy(update={"history": (*closed.history, later)})

    assert [row.followed_up for row in rows([closed], AREAS, "DE")] == [False]
    assert [row.followed_up for row in rows([followed], AREAS, "DE")] == [True]


def test_blocked_ones_are_told_apart_and_counted_on() -> None:
    exchange = cases.opened()
    blocked = exchange.model_copy(update={"blocked_at": AT})

    assert [(row.blocked, row.count) for row in rows([exchange, blocked], AREAS, "DE")] == [(False, 1), (True, 1)]


def test_the_order_of_exchanges_does_not_matter() -> None:
    exchanges = [cases.opened(), after(cases.opened(), ("CY", "accept")), cases.opened("notification")]

    assert rows(exchanges, AREAS, "DE") == rows(reversed(exchanges), AREAS, "DE")


@pytest.mark.parametrize(
    ("reported_as", "opened_by", "addressed_to", "outside", "may"),
    [
        ("opened", "DE", "CY", False, True),
        ("opened", "DE", "CY", True, True),
        ("received", "FR", "DE", False, True),
        ("opened", "FR", "DE", False, False),
        ("received", "DE", "CY", False, False),
        ("received", "FR", "DE", True, False),
        ("informed", "DE", "CY", False, False),
    ],
)
def test_a_node_reports_of_its_own_exchanges_only(
    *, reported_as: str, opened_by: str, addressed_to: str, outside: bool, may: bool
) -> None:
    [row] = rows([cases.opened()], AREAS, "DE")
    told = StatisticsRow.model_validate(
        row.model_dump()
        | {"reported_as": reported_as, "opened_by": opened_by, "addressed_to": addressed_to, "outside": outside}
    )

    assert may_report(told, "DE") is may


def test_what_goes_without_saying_is_not_said() -> None:
    [row] = rows([cases.opened()], AREAS, "DE")

    assert not {"reported_as", "outside", "doubtful", "followed_up"} & set(row.model_dump())
    assert StatisticsRow.model_validate_json(row.model_dump_json()) == row
