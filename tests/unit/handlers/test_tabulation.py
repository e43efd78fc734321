"""Statistics as tables: periods, what to divide by, each exchange counted once."""

import pytest

from node.handlers.counts.indicators import scores
from node.handlers.counts.statistics import coded_answers
from node.handlers.counts.tabulation import (
    BadFeature,
    BadPeriod,
    Period,
    require_features,
    tabulate,
    tabulate_scores,
    tell_scores,
)
from tests.unit.handlers.cases import AREA
from tests.unit.handlers.test_contradictions import row
from tests.unit.handlers.test_indicators import row as measured


@pytest.mark.parametrize(
    ("text", "months"), [("2026", range(1, 13)), ("2026-Q1", (1, 2, 3)), ("2026-Q4", (10, 11, 12)), ("2026-03", (3,))]
)
def test_a_period_is_a_year_a_quarter_or_a_month(text: str, months: range | tuple[int, ...]) -> None:
    period = Period.parse(text)

    assert [month for month in range(1, 13) if period.has(row(1, month))] == list(months)
    assert not period.has(row(1, year=2025))


@pytest.mark.parametrize("text", ["", "26", "2026-Q5", "2026-13", "2026-1", "March"])
def test_what_is_no_period_is_said_with_examples(text: str) -> None:
    with pytest.raises(BadPeriod, match="2026-Q1"):
        Period.parse(text)


def test_a_row_without_a_month_counts_for_its_year_only() -> None:
    old = row(1).model_copy(update={"month": None})

    assert Period.parse("2026").has(old)
    assert not Period.parse("2026-Q1").has(old)


def test_a_quarter_counts_where_it_lies_wholly_in_the_period() -> None:
    quarter = measured()

    assert [Period.parse(text).has_quarter(quarter) for text in ("2026", "2026-Q4", "2026-12", "2026-Q3", "2025")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_exchanges_are_counted_once_whoever_tells_of_them() -> None:
    table = tabulate([row(2), row(2, reported_as="received"), row(1, status="answered")], ["status"])

    assert table.headings == ("area", "procedure", "status", "count")
    assert table.rows == (("e_commerce", "request", "answered", 1), ("e_commerce", "request", "closed", 2))


def test_by_country_an_exchange_stands_under_both() -> None:
    assert [line[2:] for line in tabulate([row(2)], ["country"]).rows] == [("CY", 2), ("DE", 2)]
    assert [line[2:] for line in tabulate([row(2)], ["sender", "receiver"]).rows] == [("DE", "CY", 2)]


def test_records_made_outside_are_counted_apart() -> None:
    kinds = [line[1] for line in tabulate([row(1), row(1, outside=True)], []).rows]

    assert kinds == ["recorded, made outside the system", "request"]


def test_further_features_and_coded_answers_divide_too() -> None:
    rows = [row(1, doubtful=True, facts={"duration": "permanent"}), row(4, followed_up=True)]

    table = tabulate(rows, ["month", "doubtful", "followed_up", "blocked", "duration"])

    assert [line[2:] for line in table.rows] == [
        ("2026-03", "no", "yes", "no", "", 4),
        ("2026-03", "yes", "no", "no", "permanent", 1),
    ]


def test_scores_are_one_line_a_country() -> None:
    table = tabulate_scores(scores([measured(answered=3, days_to_answer=50)]))

    [line] = table.rows
    told = dict(zip(table.headings, line, strict=True))
    assert (told["country"], told["answering"], told["answering_of"], told["answering_colour"]) == (
        "CY",
        16.7,
        3,
        "yellow",
    )
    assert (told["acceptance"], told["score"], told["overall"]) == (None, 0, "medium")


def test_on_the_screen_an_indicator_is_one_cell() -> None:
    measure = measured(to_accept=2, accepted_in_time=2, answered=3, days_to_answer=50)

    table = tell_scores(scores([measure]))

    assert dict(zip(table.headings, table.rows[0], strict=True)) == {
        "country": "CY",
        "accepted within 7 days": "100 % of 2, green",
        "days to answer": "16.7 days of 3, yellow",
        "by the agreed date": "none",
        "timeliness negative": "none",
        "effort negative": "none",
        "score": 1,
        "overall": "medium",
    }


def test_indicators_are_by_quarter_which_is_said_of_a_month() -> None:
    Period.parse("2026").require_quarters()
    Period.parse("2026-Q4").require_quarters()
    with pytest.raises(BadPeriod, match="indicators are by quarter: 2026-Q4"):
        Period.parse("2026-11").require_quarters()


def test_a_feature_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    coded = coded_answers([AREA])

    require_features(["status", "country", "duration"], coded)
    with pytest.raises(BadFeature, match=r"divided by nonsense; there are status, sender, .*country, .*duration"):
        require_features(["nonsense"], coded)
    with pytest.raises(BadFeature, match="reply_by"):
        require_features(["reply_by"], coded)
