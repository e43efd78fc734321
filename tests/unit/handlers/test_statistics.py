"""Counts without content: what a node opened itself, by what may be told."""

from node.handlers.statistics import rows
from schemas.exchange import Exchange
from tests.unit.handlers.cases import AREA, AT, after, opened

AREAS = {("e_commerce", 1): AREA}


def test_alike_exchanges_are_one_row_and_states_count_as_declared() -> None:
    request = opened()
    forwarded = after(request, ("CY", "forward"))
    accepted = after(request, ("CY", "accept"))

    counted = rows([request, forwarded, accepted], AREAS, "DE")

    assert [(row.status, row.count) for row in counted] == [("accepted", 1), ("awaiting_acceptance", 2)]
    assert {(row.opened_by, row.addressed_to, row.year, row.procedure) for row in counted} == {
        ("DE", "CY", 2026, "request")
    }


def test_each_exchange_is_counted_by_the_node_that_opened_it_and_no_other() -> None:
    exchanges = [opened(), opened("notification")]

    assert sum(row.count for row in rows(exchanges, AREAS, "DE")) == 2
    assert rows(exchanges, AREAS, "CY") == rows(exchanges, AREAS, "EC") == ()


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


def test_answers_are_counted_only_where_the_commission_has_them_anyway() -> None:
    [request] = rows([opened(service_category="dating")], AREAS, "DE")
    [notification] = rows([opened("notification", service_category="dating")], AREAS, "DE")

    assert request.facts == {}
    assert notification.facts["service_category"] == "dating"


def test_blocked_ones_are_told_apart_and_counted_on() -> None:
    exchange = opened()
    blocked = exchange.model_copy(update={"blocked_at": AT})

    assert [(row.blocked, row.count) for row in rows([exchange, blocked], AREAS, "DE")] == [(False, 1), (True, 1)]


def test_the_order_of_exchanges_does_not_matter() -> None:
    exchanges = [opened(), after(opened(), ("CY", "accept")), opened("notification")]

    assert rows(exchanges, AREAS, "DE") == rows(reversed(exchanges), AREAS, "DE")
