"""When a period ends.

Calendar periods end on the day of the same number, or on the last day of a month that has no such day: 31 August
and six months give 28 February (29 in a leap year); 29 February and three years give 28 February. Regulation
(EEC, Euratom) No 1182/71, which governs the periods of Union acts, adds in Art. 3 that

- (1) the day on which a period begins is not counted;
- (3) weekends and public holidays count, unless the period is expressed in working days;
- (4) a period that would end on a weekend or a public holiday ends with the next working day;
- (5) a period of two days or more has at least two working days in it.

(4) is read in judgments that quote it, (5) from memory: unverified.
"""

import calendar as months_of_the_year
from datetime import date, timedelta
from typing import TypeVar

from node.handlers.dates.working_days import Calendar, add_working_days, next_working_day

Day = TypeVar("Day", bound=date)

_AT_LEAST = 2  # working days, Art. 3(5)


def add_months(at: Day, months: int) -> Day:
    """Move a day or a time by calendar months, to the last day of a month that is too short."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, months_of_the_year.monthrange(year, month + 1)[1]))


def end_of_days(start: date, days: int, country: str, calendar: Calendar) -> date:
    """The last day of a period of calendar days that begins on `start`, for a party that is to act in it."""
    end = next_working_day(start + timedelta(days=days), country, calendar)
    return max(end, add_working_days(start, min(days, _AT_LEAST), country, calendar))


def end_of_months(start: date, months: int, country: str, calendar: Calendar) -> date:
    """The last day of a period of calendar months that begins on `start`, for a party that is to act in it."""
    return next_working_day(add_months(start, months), country, calendar)
