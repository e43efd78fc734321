"""Working days and the ends of periods, by real public holidays."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.handlers.dates.periods import add_months, end_of_days, end_of_months
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.dates.working_days import add_working_days, is_working_day, next_working_day
from schemas.parties import COUNTRIES

DAYS = st.dates(date(2013, 1, 1), date(2040, 12, 31))
PARTIES = st.sampled_from([*COUNTRIES, "EC"])


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("when", "country", "works"),
    [
        ("2026-11-24", "DE", True),
        ("2026-11-28", "DE", False),
        ("2026-11-29", "DE", False),
        ("2026-10-03", "DE", False),
        ("2026-12-25", "CY", False),
        ("2026-10-28", "EL", False),
        ("2026-10-28", "DE", True),
        ("2026-08-31", "UK", True),
        ("2026-12-28", "UK", False),
        ("2026-05-17", "NO", False),
        ("2027-05-17", "NO", False),
        ("2026-05-01", "EC", True),
        ("2026-05-02", "EC", False),
    ],
)
def test_who_works_when(when: str, country: str, *, works: bool) -> None:
    assert is_working_day(day(when), country, public_holidays) is works


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_of_the_federation_has_its_holidays(country: str) -> None:
    assert day("2026-12-25") in public_holidays(country, 2026)
    assert len(public_holidays(country, 2026)) >= 7
    assert all(each.year == 2026 for each in public_holidays(country, 2026))


def test_the_commission_and_unknown_parties_have_weekends_only() -> None:
    assert public_holidays("EC", 2026) == public_holidays("XX", 2026) == frozenset()


@pytest.mark.parametrize(
    ("start", "count", "country", "end"),
    [
        ("2026-11-24", 0, "CY", "2026-11-24"),
        ("2026-11-24", 3, "CY", "2026-11-27"),
        ("2026-11-26", 3, "CY", "2026-12-01"),
        ("2026-11-28", 1, "CY", "2026-11-30"),
        ("2026-12-24", 1, "CY", "2026-12-28"),
        ("2026-12-23", 15, "CY", "2027-01-18"),
    ],
)
def test_working_days_pass_over_weekends_and_holidays(start: str, count: int, country: str, end: str) -> None:
    assert add_working_days(day(start), count, country, public_holidays) == day(end)


@pytest.mark.parametrize(
    ("start", "days", "country", "end"),
    [
        ("2026-11-24", 3, "CY", "2026-11-27"),
        ("2026-11-25", 3, "CY", "2026-11-30"),  # a Saturday
        ("2026-12-18", 7, "CY", "2026-12-28"),  # Christmas, and a weekend after it
        ("2026-12-24", 2, "CY", "2026-12-29"),  # only one working day until Monday: one more
        ("2026-12-23", 2, "EC", "2026-12-25"),
        ("2026-12-25", 1, "CY", "2026-12-28"),
    ],
)
def test_a_period_in_days_ends_on_a_working_day(start: str, days: int, country: str, end: str) -> None:
    assert end_of_days(day(start), days, country, public_holidays) == day(end)


def test_a_period_in_months_ends_on_a_working_day() -> None:
    assert end_of_months(day("2026-10-31"), 1, "DE", public_holidays) == day("2026-11-30")
    assert end_of_months(day("2026-10-25"), 2, "DE", public_holidays) == day("2026-12-28")


@given(DAYS, st.integers(1, 60), PARTIES)
def test_so_many_working_days_lie_in_between(start: date, count: int, country: str) -> None:
    end = add_working_days(start, count, country, public_holidays)

    between = (date.fromordinal(number) for number in range(start.toordinal() + 1, end.toordinal() + 1))
    assert sum(is_working_day(each, country, public_holidays) for each in between) == count
    assert is_working_day(end, country, public_holidays)


@given(DAYS, st.integers(2, 120), PARTIES)
def test_a_period_is_never_shorter_than_declared_and_ends_with_the_next_working_day(
    start: date, days: int, country: str
) -> None:
    end = end_of_days(start, days, country, public_holidays)
    two = add_working_days(start, 2, country, public_holidays)

    assert (end - start).days >= days
    assert end >= two
    assert end == max(two, next_working_day(date.fromordinal(start.toordinal() + days), country, public_holidays))


@given(DAYS, st.integers(0, 240))
def test_months_keep_the_day_or_end_with_the_month(start: date, months: int) -> None:
    end = add_months(start, months)

    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert end.day == start.day or (
        end.day < start.day and add_months(end.replace(day=1), 1).toordinal() - 1 == end.toordinal()
    )
