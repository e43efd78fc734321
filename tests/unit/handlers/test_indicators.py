"""The Scoreboard's five indicators: what counts, the thresholds at their edges, sums that add up."""

from datetime import UTC, datetime, timedelta

import pytest

from node.handlers.counts.indicators import indicator_rows, scores
from schemas.exchange import Exchange
from schemas.statistics import IndicatorRow
from tests.unit.handlers.cases import AREA, AT, form, opened, step_of, take

AREAS = {("e_commerce", 1): AREA}


def request(*steps: tuple[str, str, float], **facts: str) -> Exchange:
    """A request of DE to CY, with steps so many days after it was sent, and facts besides those of the forms."""
    exchange = opened()
    for sender, name, days in steps:
        at = AT + timedelta(days=days)
        step = step_of(exchange, sender, name, at)
        exchange = take(exchange, step, form(name, "request", at), sender).exchange
    return exchange.model_copy(update={"facts": {**exchange.facts, **facts}})


def measured(exchange: Exchange, *, days: float = 100) -> IndicatorRow:
    [row] = indicator_rows([exchange], AREAS, "DE", AT + timedelta(days=days))
    return row


def row(country: str = "CY", /, **sums: int) -> IndicatorRow:
    return IndicatorRow(
        area="e_commerce", procedure="request", year=2026, quarter=4, country=country, reported_as="opened", **sums
    )


def test_a_row_says_who_was_asked_when_and_by_whom_it_is_told() -> None:
    told = measured(request())

    assert (told.country, told.year, told.quarter, told.reported_as) == ("CY", 2026, 4, "opened")
    [received] = indicator_rows([request()], AREAS, "CY", AT)
    assert received.reported_as == "received"


@pytest.mark.parametrize(
    ("steps", "as_of", "to_accept", "in_time"),
    [
        ([("CY", "accept", 7)], 100, 1, 1),
        ([("CY", "accept", 7.01)], 100, 1, 0),
        ([("CY", "forward", 1), ("CY", "accept", 6)], 100, 1, 1),
        ([], 7, 0, 0),
        ([], 7.01, 1, 0),
        ([("CY", "forward", 1)], 9, 1, 0),
        ([("CY", "refuse", 2)], 100, 0, 0),
        ([("CY", "refuse", 9)], 100, 1, 0),
        ([("DE", "withdraw", 2)], 100, 0, 0),
    ],
    ids=[
        "in seven days", "later", "after forwarding", "there is time", "time is over", "forwarding is no acceptance",
        "refused in time", "refused late", "withdrawn in time",
    ],
)  # fmt: skip
def test_acceptance_counts_within_seven_days(
    steps: list[tuple[str, str, float]], as_of: float, to_accept: int, in_time: int
) -> None:
    told = measured(request(*steps), days=as_of)

    assert (told.to_accept, told.accepted_in_time) == (to_accept, in_time)


def test_days_to_answer_run_from_sending_to_the_first_answer() -> None:
    told = measured(request(("CY", "accept", 3), ("CY", "reply", 12)))

    assert (told.answered, told.days_to_answer) == (1, 12)


@pytest.mark.parametrize(
    ("facts", "with_date", "by_date"),
    [
        ({"reply_requested_by": "2026-12-06", "reply_proposed_by": ""}, 1, 1),
        ({"reply_requested_by": "2026-12-05", "reply_proposed_by": "2026-12-06"}, 1, 1),
        ({"reply_requested_by": "2026-12-31", "reply_proposed_by": "2026-12-05"}, 1, 0),
        ({"reply_requested_by": "2026-12-05", "reply_proposed_by": ""}, 1, 0),
        ({"reply_requested_by": "", "reply_proposed_by": ""}, 0, 0),
    ],
    ids=["on the day asked for", "on the day proposed", "the later word counts", "late", "no day was named"],
)
def test_an_answer_is_measured_by_the_last_day_that_was_named(
    facts: dict[str, str], with_date: int, by_date: int
) -> None:
    exchange = request(("CY", "accept", 3), ("CY", "reply", 12))
    named = {**exchange.facts, **facts}
    exchange = exchange.model_copy(update={"facts": {name: fact for name, fact in named.items() if fact}})

    told = measured(exchange)

    assert (told.with_agreed_date, told.answered_by_agreed_date) == (with_date, by_date)


def test_ratings_are_counted_one_by_one() -> None:
    told = measured(request(timeliness="poor", effort="good"))

    assert (told.timeliness_rated, told.timeliness_negative, told.effort_rated, told.effort_negative) == (1, 1, 1, 0)
    assert (told.answered, told.days_to_answer) == (0, 0)


def test_notifications_are_not_measured() -> None:
    assert indicator_rows([opened("notification")], AREAS, "DE", AT) == ()


def test_alike_requests_are_added_up_to_one_row() -> None:
    [told] = indicator_rows([request(("CY", "accept", 1)), request()], AREAS, "DE", datetime(2027, 2, 1, tzinfo=UTC))

    assert (told.to_accept, told.accepted_in_time) == (2, 1)


@pytest.mark.parametrize(
    ("sums", "colour"),
    [
        ({"to_accept": 100, "accepted_in_time": 80}, "green"),
        ({"to_accept": 100, "accepted_in_time": 79}, "yellow"),
        ({"to_accept": 100, "accepted_in_time": 60}, "yellow"),
        ({"to_accept": 100, "accepted_in_time": 59}, "red"),
        ({"answered": 10, "days_to_answer": 159}, "green"),
        ({"answered": 10, "days_to_answer": 160}, "yellow"),
        ({"answered": 10, "days_to_answer": 250}, "yellow"),
        ({"answered": 10, "days_to_answer": 251}, "red"),
        ({"with_agreed_date": 100, "answered_by_agreed_date": 80}, "green"),
        ({"with_agreed_date": 100, "answered_by_agreed_date": 59}, "red"),
        ({"timeliness_rated": 100, "timeliness_negative": 4}, "green"),
        ({"timeliness_rated": 100, "timeliness_negative": 5}, "yellow"),
        ({"effort_rated": 100, "effort_negative": 14}, "yellow"),
        ({"effort_rated": 100, "effort_negative": 15}, "red"),
    ],
)
def test_the_thresholds_are_those_of_the_scoreboard(sums: dict[str, int], colour: str) -> None:
    [found] = scores([row(**sums)])

    assert [each.colour for each in found.indicators if each.colour is not None] == [colour]


GREEN = {
    "to_accept": 1, "accepted_in_time": 1, "answered": 1, "days_to_answer": 1, "with_agreed_date": 1,
    "answered_by_agreed_date": 1, "timeliness_rated": 1, "effort_rated": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("sums", "score", "overall"),
    [
        (GREEN, 5, "good"),
        ({**GREEN, "timeliness_negative": 1}, 3, "good"),
        ({**GREEN, "timeliness_negative": 1, "effort_negative": 1}, 1, "medium"),
        ({**GREEN, "timeliness_negative": 1, "effort_negative": 1, "answered_by_agreed_date": 0}, -1, "medium"),
        ({"to_accept": 1, "answered": 1, "days_to_answer": 30}, -2, "poor"),
        ({}, 0, None),
    ],
)
def test_the_score_adds_up_the_colours(sums: dict[str, int], score: int, overall: str | None) -> None:
    [found] = scores([row(**sums)])

    assert (found.score, found.overall) == (score, overall)


def test_rows_of_many_nodes_give_one_result_a_country_and_no_average_of_averages() -> None:
    found = scores(
        [row("FR"), row(answered=1, days_to_answer=40), row(answered=9, days_to_answer=90), row("DE", to_accept=1)]
    )

    assert [each.country for each in found] == ["CY", "DE", "FR"]
    assert found[0].indicators[1].value == 13
    assert found[0].indicators[1].of == 10
