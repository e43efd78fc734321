"""Public holidays of a country, out of a library whose version is pinned: a function of country and year.

The only module that knows the library. National holidays only: an authority's region may have further ones, and
nobody is reminded less for that, only a day early.
"""

from functools import lru_cache

import holidays

from node.handlers.dates.working_days import PublicHolidays
from schemas.parties import COUNTRIES


@lru_cache(maxsize=4096)
def public_holidays(country: str, year: int) -> PublicHolidays:
    """The public holidays of a party in one year.

    The Commission's own days of rest are fixed by its decision each year and stand in no library: for EC there are
    weekends only.

    Args:
        country: party code by EU practice, EL and UK; others than countries of the federation have no holidays.
        year: a calendar year; one that the library does not know has no holidays.
    """
    if country not in COUNTRIES:
        return frozenset()
    return frozenset(holidays.country_holidays(COUNTRIES[country].iso or country, years=year, expand=False))
