"""Working days: all but Saturdays, Sundays, and the public holidays of the country in which somebody is to act.

Source: Regulation (EEC, Euratom) No 1182/71, Art. 2.
"""

from collections.abc import Callable
from datetime import date, timedelta

PublicHolidays = frozenset[date]
Calendar = Callable[[str, int], PublicHolidays]
"""Party code and year -> public holidays there."""

_SATURDAY = 5
_DAY = timedelta(days=1)


def is_working_day(day: date, country: str, calendar: Calendar) -> bool:
    """Say whether an authority of that party works on a day."""
    return day.weekday() < _SATURDAY and day not in calendar(country, day.year)


def next_working_day(day: date, country: str, calendar: Calendar) -> date:
    """The day itself if it is a working day, otherwise the first one after it."""
    while not is_working_day(day, country, calendar):
        day += _DAY
    return day


def add_working_days(day: date, count: int, country: str, calendar: Calendar) -> date:
    """Move to the so-many-th working day after a day, which does not count itself (Art. 3(1)); 0 stays.

    Args:
        day: on which the period begins, a working day or not.
        count: not negative.
        country: party code of who is to act.
        calendar: public holidays there.
    """
    for _ in range(count):
        day = next_working_day(day + _DAY, country, calendar)
    return day
