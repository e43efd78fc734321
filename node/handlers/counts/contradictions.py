"""Do the reports of two nodes agree on the same exchanges? And who is silent, and says so?

What A says that it sent to B must be what B says that it received from A, month by month. What is on its way does not
count against anybody:

- A month that ended at least `SETTLED_AFTER` before both reports were made must agree exactly.
- In a later month B may know fewer than A; more only if A counted before B did.
- What a node has not reported at all is no contradiction; it is told apart as such.

Records of exchanges made outside the system are known to nobody else, and are left out.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from schemas.identifiers import COMMISSION
from schemas.statistics import Contradiction, NodeStatistics, Silence, StatisticsRow

SETTLED_AFTER = timedelta(days=7)
"""What was sent by then has arrived, or a missing receipt has raised an alarm long before."""


class _Matter(NamedTuple):
    area: str
    procedure: str
    year: int
    month: int
    opened_by: str
    addressed_to: str


def contradictions(
    reports: Mapping[str, NodeStatistics], own: NodeStatistics, informed_of: Collection[tuple[str, str]]
) -> tuple[Contradiction, ...]:
    """List where two reports can't both be true, or a report and what the Commission received itself.

    Args:
        reports: the newest of each node.
        own: what the Commission's own node counts.
        informed_of: policy areas and procedures in which the Commission is a party.
    """
    told = {node: _counts(report.rows) for node, report in reports.items()}
    found = [*_between_reports(reports, told), *_against_own(reports, told, own, informed_of)]
    return tuple(sorted(found, key=lambda each: tuple(map(str, each.model_dump().values()))))


def silences(reports: Mapping[str, NodeStatistics], countries: Collection[str], year: int) -> tuple[Silence, ...]:
    """List the countries that took part in no exchange sent in a year, as far as anybody told.

    Args:
        reports: the newest of each node.
        countries: that belong to the federation.
        year: calendar year of sending.
    """
    active = {
        party
        for report in reports.values()
        for row in report.rows
        if row.year == year and row.count and not row.outside
        for party in (row.opened_by, row.addressed_to)
    }
    return tuple(
        Silence(
            country=country,
            confirmed=country in reports and year in reports[country].no_cases,
            reported=country in reports,
        )
        for country in sorted(set(countries) - active - {COMMISSION})
    )


def _counts(rows: Iterable[StatisticsRow]) -> Counter[_Matter]:
    counts: Counter[_Matter] = Counter()
    for row in rows:
        if row.month is not None and not row.outside:
            matter = _Matter(row.area, row.procedure, row.year, row.month, row.opened_by, row.addressed_to)
            counts[matter] += row.count
    return counts


def _between_reports(
    reports: Mapping[str, NodeStatistics], told: Mapping[str, Counter[_Matter]]
) -> Iterator[Contradiction]:
    for matter in {matter for counts in told.values() for matter in counts}:
        one, other = reports.get(matter.opened_by), reports.get(matter.addressed_to)
        if one is not None and other is not None:
            sent, received = told[matter.opened_by][matter], told[matter.addressed_to][matter]
            if _clash(matter, sent, received, one.as_of, other.as_of):
                yield _contradiction(matter, sent, received, matter.addressed_to)


def _against_own(
    reports: Mapping[str, NodeStatistics],
    told: Mapping[str, Counter[_Matter]],
    own: NodeStatistics,
    informed_of: Collection[tuple[str, str]],
) -> Iterator[Contradiction]:
    counted = _counts(own.rows)
    for matter in {*counted, *(matter for counts in told.values() for matter in counts)}:
        report = reports.get(matter.opened_by)
        if report is not None and (matter.area, matter.procedure) in informed_of:
            sent, received = told[matter.opened_by][matter], counted[matter]
            if _clash(matter, sent, received, report.as_of, own.as_of):
                yield _contradiction(matter, sent, received, COMMISSION)


def _clash(matter: _Matter, sent: int, received: int, sent_at: datetime, received_at: datetime) -> bool:
    year, month = divmod(matter.year * 12 + matter.month, 12)
    end = datetime(year, month + 1, 1, tzinfo=UTC)
    if end + SETTLED_AFTER <= min(sent_at, received_at):
        return sent != received
    return received > sent and sent_at >= received_at


def _contradiction(matter: _Matter, sent: int, received: int, told_by: str) -> Contradiction:
    return Contradiction(
        area=matter.area,
        procedure=matter.procedure,
        year=matter.year,
        month=matter.month,
        opened_by=matter.opened_by,
        addressed_to=matter.addressed_to,
        opened=sent,
        told_by=told_by,
        received=received,
    )
