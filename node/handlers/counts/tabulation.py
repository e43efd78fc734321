"""Statistics as a table: of which period, divided by what, added up."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from schemas.statistics import Indicator, IndicatorName, IndicatorRow, Scores, StatisticsRow

_PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")

OUTSIDE = "recorded, made outside the system"


class BadPeriod(ValueError):
    """That is no period; the message says what is one."""


class BadFeature(ValueError):
    """Exchanges can't be divided by that; the message says by what they can."""


@dataclass(frozen=True, slots=True)
class Period:
    """The months in which exchanges were sent."""

    year: int
    months: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `2026`, `2026-Q1` or `2026-03`; raises BadPeriod."""
        match = _PERIOD.fullmatch(text)
        if match is None:
            raise BadPeriod(f"{text} is no period; there are years, quarters and months: 2026, 2026-Q1, 2026-03")
        if match["quarter"]:
            first = 3 * int(match["quarter"]) - 2
            return cls(int(match["year"]), frozenset(range(first, first + 3)))
        return cls(int(match["year"]), frozenset({int(match["month"])} if match["month"] else range(1, 13)))

    def has(self, row: StatisticsRow) -> bool:
        """Whether the exchanges of a row were sent in it; a row without a month counts for the whole year only."""
        return row.year == self.year and (len(self.months) == 12 or row.month in self.months)  # noqa: PLR2004

    def require_quarters(self) -> None:
        """Insist that it is made of whole quarters, as indicators are.

        Raises:
            BadPeriod: it is a month.
        """
        if len(self.months) == 1:
            quarter = (min(self.months) + 2) // 3
            raise BadPeriod(f"indicators are by quarter: {self.year}-Q{quarter}, or by year: {self.year}")

    def has_quarter(self, row: IndicatorRow) -> bool:
        """Whether the quarter of a row lies wholly in it."""
        return row.year == self.year and set(range(3 * row.quarter - 2, 3 * row.quarter + 1)) <= self.months


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and rows of texts and numbers under them."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]


def require_features(by: Iterable[str], coded: Collection[str]) -> None:
    """Insist that exchanges can be divided by these features.

    Args:
        by: names of features.
        coded: the names of coded answers that are counted in some policy area.

    Raises:
        BadFeature: there is none of that name.
    """
    known = (*_FEATURES, "country", *sorted(coded))
    for name in by:
        if name not in known:
            raise BadFeature(f"exchanges can't be divided by {name}; there are {', '.join(known)}")


def tabulate(rows: Iterable[StatisticsRow], by: Sequence[str]) -> Table:
    """Add up exchanges, each once, by procedure and further features.

    Args:
        rows: those that nodes opened are counted; what others received of them is not.
        by: `status`, `sender`, `receiver`, `country`, `month`, `blocked`, `doubtful`, `followed_up`, or the name of a
            coded answer. With `country` each exchange stands under both of its countries.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if row.reported_as == "opened":
            kind = OUTSIDE if row.outside else row.procedure
            for country in (row.opened_by, row.addressed_to) if "country" in by else ("",):
                counts[row.area, kind, *(_feature(row, name, country) for name in by)] += row.count
    return Table(
        headings=("area", "procedure", *by, "count"),
        rows=tuple((*key, count) for key, count in sorted(counts.items())),
    )


def tabulate_scores(found: Iterable[Scores]) -> Table:
    """One row a country: each indicator with its colour and what it is computed from, the score, the result."""
    headings = [heading for name in _TOLD for heading in (name, f"{name}_of", f"{name}_colour")]
    return Table(
        headings=("country", *headings, "score", "overall"),
        rows=tuple(
            (
                each.country,
                *(value for one in each.indicators for value in (_rounded(one.value), one.of, one.colour)),
                each.score,
                each.overall,
            )
            for each in found
        ),
    )


def tell_scores(found: Iterable[Scores]) -> Table:
    """The same to be read: one cell for each indicator, with its value, of how many, and its colour."""
    return Table(
        headings=("country", *_TOLD.values(), "score", "overall"),
        rows=tuple(
            (each.country, *map(_told, each.indicators), each.score, each.overall or "nothing measured")
            for each in found
        ),
    )


def _told(one: Indicator) -> str:
    if one.value is None:
        return "none"
    unit = "days" if one.name == "answering" else "%"
    return f"{_rounded(one.value):g} {unit} of {one.of}, {one.colour}"


def _feature(row: StatisticsRow, name: str, country: str) -> str:
    known = _FEATURES.get(name)
    if known is not None:
        return known(row)
    return country if name == "country" else row.facts.get(name, "")


def _yes_no(value: bool) -> str:  # noqa: FBT001  it is what is told
    return "yes" if value else "no"


def _rounded(value: float | None) -> float | None:
    return round(value, 1) if value is not None else None


_TOLD: dict[IndicatorName, str] = {
    "acceptance": "accepted within 7 days",
    "answering": "days to answer",
    "agreed_date": "by the agreed date",
    "timeliness": "timeliness negative",
    "effort": "effort negative",
}
"""What each indicator measures, in their order."""

_FEATURES: dict[str, Callable[[StatisticsRow], str]] = {
    "status": lambda row: row.status,
    "sender": lambda row: row.opened_by,
    "receiver": lambda row: row.addressed_to,
    "month": lambda row: f"{row.year}-{row.month:02d}" if row.month is not None else str(row.year),
    "blocked": lambda row: _yes_no(row.blocked),
    "doubtful": lambda row: _yes_no(row.doubtful),
    "followed_up": lambda row: _yes_no(row.followed_up),
}
