"""The figures of a pilot: what each name means, in one place, as functions of plain counts.

The same functions are applied to what the nodes told the Commission and to what a file of cases says. A figure's
name tells its meaning:

    until_2019.requests                     requests sent in the period, counted at its end
    until_2019.requests.sender.UK           those that this country sent
    until_2019.requests.receiver.CY         those that this country received
    until_2019.requests.status.closed       those that stood there, hidden or not
    until_2019.requests.shown.blocked       the same as IMI shows it: hidden ones have no other status any more
    until_2019.notifications.duration.permanent   those with this coded answer
    until_2019.silent                       countries that neither sent nor received anything
    registry.request.HR                     authorities of this country with access to the module
    retention.block_after                   whole months after formal closure until the last copy was hidden
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from node.handlers.dates.periods import add_months
from node.sandbox.cases import Pilot
from schemas.authorities import Authority
from schemas.exchange import Exchange
from schemas.identifiers import COMMISSION
from schemas.statistics import StatisticsRow

Figures = Mapping[str, int]
"""Figures by name; what is not there is 0."""

BLOCKED = "blocked"
"""The status "inactive, personal data hidden"."""

AREA = "e_commerce"


@dataclass(frozen=True)
class Period:
    """Years of sending, and the time at which one looks at what was sent in them."""

    name: str
    first_year: int
    last_year: int
    as_of: datetime


REPORT_PERIODS = (
    Period("until_2019", 0, 2019, datetime(2019, 12, 31, 23, 59, tzinfo=UTC)),
    Period("in_2020", 2020, 2020, datetime(2021, 1, 1, tzinfo=UTC)),
)
"""Those of COM(2021) 295, section 6: "until 31 December 2019", and 2020 as seen "by the beginning of 2021"."""


def periods_of(pilot: Pilot) -> tuple[Period, ...]:
    """The report's periods, and one for each later year of a history."""
    last = max((event.at.year for case in pilot.cases for event in case.events), default=0)
    later = range(REPORT_PERIODS[-1].last_year + 1, last + 1)
    return (
        *REPORT_PERIODS,
        *(Period(f"in_{year}", year, year, datetime(year + 1, 1, 1, tzinfo=UTC)) for year in later),
    )


def period_figures(period: Period, rows: Iterable[StatisticsRow], countries: Iterable[str]) -> dict[str, int]:
    """Compute the figures of a period.

    Args:
        period: which.
        rows: statistics as they stood at its end; those of other years are left out.
        countries: all countries of the federation.
    """
    sent = [row for row in rows if period.first_year <= row.year <= period.last_year]
    counts: Counter[str] = Counter({f"{period.name}.exchanges": 0})
    for row in sent:
        counts[f"{period.name}.exchanges"] += row.count
        for name in _names(row):
            counts[f"{period.name}.{row.procedure}s{name}"] += row.count
    counts[f"{period.name}.silent"] = _silent(sent, countries)
    for procedure in {row.procedure for row in sent}:
        taking_part = [row for row in sent if row.procedure == procedure]
        counts[f"{period.name}.{procedure}s.silent"] = _silent(taking_part, countries)
    return dict(counts)


def registry_figures(authorities: Mapping[str, Sequence[Authority]]) -> dict[str, int]:
    """Count who is registered: the Member States' authorities, by country; the Commission's don't count."""
    registered = [
        (country, authority, set(authority.modules.get(AREA, ())))
        for country, listed in authorities.items()
        if country != COMMISSION
        for authority in listed
    ]
    counts: Counter[str] = Counter()
    for country, authority, modules in registered:
        names = {"authorities", *modules, *(f"{module}.{country}" for module in modules)}
        if authority.national_coordinator:
            names |= {"coordinators", *(f"{module}.coordinators" for module in modules)}
        if len(modules) > 1:
            names.add("both")
        counts.update(f"registry.{name}" for name in names)
    return dict(counts)


def retention_figures(copies: Iterable[Exchange]) -> dict[str, int]:
    """Measure the longest time from formal closure until a copy was hidden (months) and deleted (years)."""
    months, years = [0], [0]
    for copy in copies:
        if copy.closed_at is not None and copy.blocked_at is not None:
            months.append(_periods(copy.closed_at, copy.blocked_at, months=1))
        if copy.closed_at is not None and copy.deleted_at is not None:
            years.append(_periods(copy.closed_at, copy.deleted_at, months=12))
    return {"retention.block_after": max(months), "retention.delete_after": max(years)}


def percent(part: int, total: int) -> int:
    """The share in whole per cent, halves rounded up; 0 of nothing."""
    return (200 * part + total) // (2 * total) if total else 0


def _names(row: StatisticsRow) -> list[str]:
    facts = [f".{name}.{value}" for name, value in row.facts.items()]
    shown = BLOCKED if row.blocked else row.status
    return [
        "",
        f".sender.{row.opened_by}",
        f".receiver.{row.addressed_to}",
        f".status.{row.status}",
        f".shown.{shown}",
        *facts,
    ]


def _periods(start: datetime, end: datetime, *, months: int) -> int:
    """How many calendar periods of so many months have begun between two times; a full one counts as one."""
    return next(number for number in count(0) if add_months(start, number * months) >= end)


def _silent(rows: Iterable[StatisticsRow], countries: Iterable[str]) -> int:
    return len(set(countries) - {party for row in rows for party in (row.opened_by, row.addressed_to)} - {COMMISSION})
