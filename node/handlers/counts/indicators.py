"""The five indicators of the Single Market Scoreboard for IMI, per country that was asked.

1. acceptance: of the requests to it, the share that it accepted within 7 days. Those that it has neither accepted nor
   refused, and that are not withdrawn, count as soon as 7 days have passed.
2. answering: days from sending to the first answer, on average.
3. agreed_date: of the answers for which a date was asked for or proposed, the share that came by the last such date.
4. timeliness, 5. effort: of the ratings that the other side gave, the share that is negative.

Everything is kept as counts and sums, so that quarters, areas and countries can be added up: an average of averages
would be none. A country is measured by what those say who asked it.

Source: Single Market Scoreboard, Internal Market Information System, thresholds and score; which requests count is our
reading of it (docs/decisions/0020).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from schemas.exchange import Entry, Exchange
from schemas.policy_area import PolicyArea, Procedure
from schemas.statistics import Colour, Indicator, IndicatorName, IndicatorRow, Overall, Scores

Areas = Mapping[tuple[str, int], PolicyArea]

ACCEPT_WITHIN = timedelta(days=7)

TIMELINESS, EFFORT = "timeliness", "effort"
"""The fields in which the other side rates an answer."""
NEGATIVE = "poor"

GOOD_FROM, POOR_FROM = 2, -2  # of the score

_SUMS = tuple(name for name, field in IndicatorRow.model_fields.items() if not field.is_required())
_KEY = ("area", "procedure", "year", "quarter", "country", "reported_as")


def indicator_rows(exchanges: Iterable[Exchange], areas: Areas, node: str, as_of: datetime) -> tuple[IndicatorRow, ...]:
    """Measure the requests that a node sent or received.

    Args:
        exchanges: of this node, in any state.
        areas: every declaration that one of them began with.
        node: whose copies they are.
        as_of: when it is counted.
    """
    found: dict[tuple[object, ...], IndicatorRow] = {}
    for exchange in exchanges:
        procedure = areas[exchange.area, exchange.version].procedures[exchange.procedure]
        if procedure.kind == "request" and exchange.opened_at is not None:
            row = _measured(exchange, procedure, node, exchange.opened_at, as_of)
            key = tuple(getattr(row, name) for name in _KEY)
            found[key] = _added(found[key], row) if key in found else row
    return tuple(found[key] for key in sorted(found, key=str))


def scores(measured: Iterable[IndicatorRow]) -> tuple[Scores, ...]:
    """Add up what was measured and give each country its indicators and its score, in order of its code."""
    by_country: dict[str, IndicatorRow] = {}
    for row in measured:
        known = by_country.get(row.country)
        by_country[row.country] = _added(known, row) if known is not None else row
    return tuple(_scores(by_country[country]) for country in sorted(by_country))


def _measured(
    exchange: Exchange, procedure: Procedure, node: str, opened_at: datetime, as_of: datetime
) -> IndicatorRow:
    accepted = _first(exchange, procedure, "accepted")
    answered = _first(exchange, procedure, "answered")
    agreed = _agreed_day(exchange, procedure, answered) if answered is not None else None
    left = accepted.at if accepted is not None else _left_at(exchange, procedure) or as_of
    is_late = left > opened_at + ACCEPT_WITHIN
    by_then = answered is not None and agreed is not None and f"{answered.at:%Y-%m-%d}" <= agreed
    timeliness, effort = exchange.facts.get(TIMELINESS), exchange.facts.get(EFFORT)
    return IndicatorRow(
        area=exchange.area,
        procedure=exchange.procedure,
        year=opened_at.year,
        quarter=(opened_at.month + 2) // 3,
        country=exchange.parties[procedure.addressee],
        reported_as="opened" if exchange.parties[procedure.initiator] == node else "received",
        to_accept=int(accepted is not None or is_late),
        accepted_in_time=int(accepted is not None and not is_late),
        answered=int(answered is not None),
        days_to_answer=(answered.at.date() - opened_at.date()).days if answered is not None else 0,
        with_agreed_date=int(agreed is not None),
        answered_by_agreed_date=int(by_then),
        timeliness_rated=int(timeliness is not None),
        timeliness_negative=int(timeliness == NEGATIVE),
        effort_rated=int(effort is not None),
        effort_negative=int(effort == NEGATIVE),
    )


def _first(exchange: Exchange, procedure: Procedure, counts: str) -> Entry | None:
    """The first step of its kind; copies may have letters that crossed in another order."""
    entries = (entry for entry in exchange.history if procedure.steps[entry.step].counts == counts)
    return min(entries, key=lambda entry: entry.at, default=None)


def _left_at(exchange: Exchange, procedure: Procedure) -> datetime | None:
    """When it first stood otherwise than when it was sent: a forwarding at home changes nothing for the other side."""
    statuses = [(entry.at, procedure.states[entry.state].counts_as or entry.state) for entry in exchange.history]
    return min((at for at, status in statuses if status != statuses[0][1]), default=None)


def _agreed_day(exchange: Exchange, procedure: Procedure, answered: Entry) -> str | None:
    """The day that was last named for the answer before it came, by either side."""
    named: list[tuple[datetime, str]] = []
    for deadline in procedure.deadlines.values():
        day = exchange.facts.get(deadline.field or "")
        started = [
            entry.at for entry in exchange.history if entry.step in deadline.started_by and entry.at <= answered.at
        ]
        if day is not None and started and answered.step in deadline.settled_by:
            named.append((max(started), day))
    return max(named)[1] if named else None


def _added(one: IndicatorRow, other: IndicatorRow) -> IndicatorRow:
    return one.model_copy(update={name: getattr(one, name) + getattr(other, name) for name in _SUMS})


def _scores(row: IndicatorRow) -> Scores:
    indicators = (
        _indicator("acceptance", 100 * row.accepted_in_time, row.to_accept),
        _indicator("answering", row.days_to_answer, row.answered),
        _indicator("agreed_date", 100 * row.answered_by_agreed_date, row.with_agreed_date),
        _indicator("timeliness", 100 * row.timeliness_negative, row.timeliness_rated),
        _indicator("effort", 100 * row.effort_negative, row.effort_rated),
    )
    colours = [each.colour for each in indicators if each.colour is not None]
    score = colours.count("green") - colours.count("red")
    return Scores(country=row.country, indicators=indicators, score=score, overall=_overall(score) if colours else None)


def _indicator(name: IndicatorName, total: int, of: int) -> Indicator:
    if not of:
        return Indicator(name=name, value=None, of=0, colour=None)
    value = total / of
    return Indicator(name=name, value=value, of=of, colour=_colour(name, value))


def _colour(name: IndicatorName, value: float) -> Colour:
    """The Scoreboard's thresholds: per cent, and days for `answering`."""
    match name:
        case "acceptance" | "agreed_date":
            green, red = value >= 80, value < 60  # noqa: PLR2004
        case "answering":
            green, red = value < 16, value > 25  # noqa: PLR2004
        case "timeliness" | "effort":
            green, red = value < 5, value >= 15  # noqa: PLR2004
    return "green" if green else "red" if red else "yellow"


def _overall(score: int) -> Overall:
    return "good" if score >= GOOD_FROM else "poor" if score <= POOR_FROM else "medium"
