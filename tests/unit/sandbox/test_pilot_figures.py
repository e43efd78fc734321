"""What each figure means, on rows made by hand."""

from datetime import UTC, datetime

from node.sandbox.pilot.figures import (
    REPORT_PERIODS,
    percent,
    period_figures,
    periods_of,
    registry_figures,
    retention_figures,
)
from schemas.authorities import Authority, Coordination
from schemas.exchange import Exchange
from schemas.statistics import StatisticsRow
from tests.small_history import small_history

UNTIL_2019, IN_2020 = REPORT_PERIODS
COUNTRIES = ("CY", "DE", "IT", "LI")


def _row(
    procedure: str,
    *,
    year: int = 2018,
    route: tuple[str, str] = ("DE", "CY"),
    status: str = "closed",
    blocked: bool = False,
    facts: dict[str, str] | None = None,
    count: int = 1,
) -> StatisticsRow:
    return StatisticsRow(
        area="e_commerce",
        procedure=procedure,
        year=year,
        opened_by=route[0],
        addressed_to=route[1],
        status=status,
        blocked=blocked,
        facts=facts or {},
        count=count,
    )


def test_exchanges_are_counted_by_procedure_sender_and_receiver() -> None:
    rows = [_row("request", count=3), _row("request", route=("IT", "DE"), count=2), _row("notification")]

    figures = period_figures(UNTIL_2019, rows, COUNTRIES)

    assert figures["until_2019.exchanges"] == 6
    assert figures["until_2019.requests"] == 5
    assert figures["until_2019.notifications"] == 1
    assert figures["until_2019.requests.sender.DE"] == 3
    assert figures["until_2019.requests.receiver.DE"] == 2
    assert "until_2019.notifications.sender.IT" not in figures


def test_only_the_years_of_the_period_count() -> None:
    rows = [_row("request", year=2013), _row("request", year=2019, count=2), _row("request", year=2020, count=4)]

    assert period_figures(UNTIL_2019, rows, COUNTRIES)["until_2019.requests"] == 3
    assert period_figures(IN_2020, rows, COUNTRIES)["in_2020.requests"] == 4


def test_a_hidden_case_keeps_its_status_and_is_shown_as_blocked() -> None:
    rows = [_row("request", status="closed", blocked=True, count=2), _row("request", status="closed")]

    figures = period_figures(UNTIL_2019, rows, COUNTRIES)

    assert figures["until_2019.requests.status.closed"] == 3
    assert figures["until_2019.requests.shown.closed"] == 1
    assert figures["until_2019.requests.shown.blocked"] == 2


def test_coded_answers_are_counted_under_their_names() -> None:
    rows = [_row("notification", facts={"duration": "permanent", "variant": "urgent"}, count=4)]

    figures = period_figures(UNTIL_2019, rows, COUNTRIES)

    assert figures["until_2019.notifications.duration.permanent"] == 4
    assert figures["until_2019.notifications.variant.urgent"] == 4


def test_a_country_is_silent_that_neither_sent_nor_received() -> None:
    rows = [_row("request", route=("DE", "CY")), _row("notification", route=("IT", "CY"))]

    figures = period_figures(UNTIL_2019, rows, COUNTRIES)

    assert figures["until_2019.silent"] == 1
    assert figures["until_2019.requests.silent"] == 2
    assert figures["until_2019.notifications.silent"] == 2


def test_a_notification_moved_to_another_sender_changes_the_figures() -> None:
    before = [_row("notification", route=("IT", "CY"), count=62), _row("notification", route=("UK", "CY"), count=37)]
    after = [_row("notification", route=("IT", "CY"), count=61), _row("notification", route=("UK", "CY"), count=38)]

    true, falsified = (period_figures(UNTIL_2019, rows, COUNTRIES) for rows in (before, after))

    changed = {name for name in true | falsified if true.get(name) != falsified.get(name)}
    assert changed == {"until_2019.notifications.sender.IT", "until_2019.notifications.sender.UK"}


def test_the_registry_counts_authorities_by_module_and_country_without_the_commissions() -> None:
    def authority(name: str, *modules: str, coordinator: bool = False) -> Authority:
        coordination = Coordination(national=True) if coordinator else None
        return Authority(id=name, name="Name", modules={"e_commerce": modules}, coordination=coordination)

    figures = registry_figures(
        {
            "CY": [authority("CY/a", "request", "notification", coordinator=True), authority("CY/b", "request")],
            "DE": [authority("DE/a", "notification")],
            "EC": [authority("EC/unit", "request", "notification")],
        }
    )

    assert figures == {
        "registry.authorities": 3,
        "registry.both": 1,
        "registry.coordinators": 1,
        "registry.request": 2,
        "registry.request.CY": 2,
        "registry.request.coordinators": 1,
        "registry.notification": 2,
        "registry.notification.CY": 1,
        "registry.notification.DE": 1,
        "registry.notification.coordinators": 1,
    }


def _copy(closed: datetime, blocked: datetime | None, deleted: datetime | None) -> Exchange:
    return Exchange(
        id="ECOM-REQ-DE-2016-000001",
        area="e_commerce",
        version=1,
        procedure="request",
        state="closed",
        parties={"requesting": "DE", "responding": "CY"},
        closed_at=closed,
        blocked_at=blocked,
        deleted_at=deleted,
    )


def test_a_copy_that_is_hidden_a_day_late_lengthens_the_time_until_hiding() -> None:
    closed = datetime(2016, 8, 31, 9, tzinfo=UTC)
    on_the_day = _copy(closed, datetime(2017, 2, 28, 9, tzinfo=UTC), datetime(2019, 8, 31, 9, tzinfo=UTC))
    late = _copy(closed, datetime(2017, 3, 1, 9, tzinfo=UTC), datetime(2019, 9, 1, 9, tzinfo=UTC))

    assert retention_figures([on_the_day]) == {"retention.block_after": 6, "retention.delete_after": 3}
    assert retention_figures([on_the_day, late]) == {"retention.block_after": 7, "retention.delete_after": 4}


def test_shares_are_rounded_half_up() -> None:
    assert [percent(part, 200) for part in (0, 1, 3, 199, 200)] == [0, 1, 2, 100, 100]
    assert percent(0, 0) == 0


def test_a_longer_history_has_a_period_for_each_further_year() -> None:
    pilot = small_history()
    last = pilot.cases[-1]
    later = last.events[-1].model_copy(update={"at": datetime(2022, 3, 1, 9, tzinfo=UTC)})
    longer = pilot.model_copy(
        update={"cases": (*pilot.cases[:-1], last.model_copy(update={"events": (*last.events[:-1], later)}))}
    )

    assert [period.name for period in periods_of(pilot)] == ["until_2019", "in_2020"]
    assert [period.name for period in periods_of(longer)] == ["until_2019", "in_2020", "in_2021", "in_2022"]
    assert periods_of(longer)[-1].as_of == datetime(2023, 1, 1, tzinfo=UTC)
