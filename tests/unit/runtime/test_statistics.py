"""Counting at a desk, reporting to the Commission, laying the reports side by side there."""

from datetime import UTC, datetime

import pytest

from node.handlers.access import OWN_ACCOUNT_ALONE
from node.runtime import Refused, statistics
from schemas.messages import StatisticsReport
from tests.unit.runtime.desks import Desk, Town


async def report(town: Town, *desks: Desk) -> None:
    for desk in desks:
        await desk.runtime.report_statistics(town.clock.now(), OWN_ACCOUNT_ALONE)
    await town.carry()


async def contradictions(town: Town) -> list[tuple[str, str, int, str, int]]:
    found = await statistics.check(town.EC.seat, town.clock.now(), 2026)
    return [(each.procedure, each.opened_by, each.opened, each.told_by, each.received) for each in found.contradictions]


async def test_the_commission_reports_to_nobody(town: Town) -> None:
    with pytest.raises(Refused, match="reports to nobody"):
        await report(town, town.EC)
    assert await town.EC.counts("outbox") == 0


async def test_nodes_that_tell_the_truth_do_not_contradict_each_other(town: Town) -> None:
    await town.DE.open("CY")
    await town.DE.open("CY", "notification")
    await town.carry()
    town.clock.advance(days=40)

    await report(town, town.DE, town.CY)

    assert await contradictions(town) == []
    told = await statistics.view(town.EC.seat, town.clock.now())
    assert {node: sum(row.count for row in rows) for node, rows in told.reports.items()} == {"DE": 2, "CY": 2}
    assert {node: [row.to_accept for row in rows] for node, rows in told.indicators.items()} == {"DE": [1], "CY": [1]}


async def test_a_node_that_reports_fewer_than_it_sent_is_noticed_by_both_others(town: Town) -> None:
    for procedure in ("request", "request", "notification"):
        await town.DE.open("CY", procedure)
    await town.carry()
    town.clock.advance(days=40)
    await report(town, town.CY)
    counted = await statistics.count(town.DE.seat, town.DE.seat.store.read, town.clock.now())
    lie = tuple(row.model_copy(update={"count": row.count - 1}) for row in counted.rows)
    told = StatisticsReport(
        id=town.DE.seat.new_id(),
        sender="DE",
        at=town.clock.now(),
        to={"EC": 2},
        as_of=town.clock.now(),
        rows=lie,
    )

    await town.EC.take_in(town.DE.sealed("EC", town.DE.signed(told)))

    assert await contradictions(town) == [
        ("notification", "DE", 0, "CY", 1),
        ("notification", "DE", 0, "EC", 1),
        ("request", "DE", 1, "CY", 2),
    ]


async def test_a_year_without_a_case_is_confirmed_once_it_is_over_and_told(town: Town) -> None:
    with pytest.raises(Refused, match="2026 is not over"):
        await town.CY.runtime.confirm_no_cases(2026, OWN_ACCOUNT_ALONE)

    town.clock.at = datetime(2027, 1, 2, tzinfo=UTC)
    await town.CY.runtime.confirm_no_cases(2026, OWN_ACCOUNT_ALONE)
    await town.CY.runtime.confirm_no_cases(2026, OWN_ACCOUNT_ALONE)
    await report(town, town.DE)

    found = await statistics.check(town.EC.seat, town.clock.now(), 2026)
    assert [(each.country, each.confirmed, each.reported) for each in found.silences] == [
        ("CY", True, True),
        ("DE", False, True),
    ]


async def test_a_year_with_a_case_can_not_be_confirmed_away(town: Town) -> None:
    await town.DE.open("CY")
    await town.carry()
    town.clock.at = datetime(2027, 1, 2, tzinfo=UTC)

    for desk in (town.DE, town.CY):
        with pytest.raises(Refused, match=r"took part in exchanges sent in 2026 \(1\)"):
            await desk.runtime.confirm_no_cases(2026, OWN_ACCOUNT_ALONE)
    assert await town.CY.counts("no_cases") == 0


async def test_a_record_of_what_was_made_outside_is_counted_apart_and_contradicts_nobody(town: Town) -> None:
    await town.DE.act("record", procedure="outside", counterpart_country="CY")
    town.clock.advance(days=70)
    await report(town, town.DE, town.CY)

    assert await contradictions(town) == []
    told = await statistics.view(town.EC.seat, town.clock.now())
    assert [(row.procedure, row.outside, row.count) for row in told.reports["DE"]] == [("outside", True, 1)]
    found = await statistics.check(town.EC.seat, town.clock.now(), 2026)
    assert [each.country for each in found.silences] == ["CY", "DE"]


async def test_reports_are_laid_side_by_side_at_the_commission_only(town: Town) -> None:
    with pytest.raises(Refused, match="at the Commission's node"):
        await statistics.check(town.DE.seat, town.clock.now(), 2026)


async def test_a_year_that_has_not_begun_is_not_checked(town: Town) -> None:
    with pytest.raises(Refused, match="2099 has not begun; the last year to check is 2026"):
        await statistics.check(town.EC.seat, town.clock.now(), 2099)
