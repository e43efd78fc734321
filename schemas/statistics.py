"""Counts without content: what may be told about exchanges to anybody."""

from typing import Literal

from pydantic import Field, NonNegativeInt

from schemas.frozen import Frozen
from schemas.identifiers import NodeId, Slug, UtcTime


def _is_default(value: object) -> bool:
    """What goes without saying is not said."""
    return value in (None, False, "opened")


class StatisticsRow(Frozen):
    """How many exchanges are alike in all of these."""

    area: Slug
    procedure: Slug
    year: int
    """The calendar year in which it was sent (UTC)."""
    month: int | None = Field(default=None, ge=1, le=12, exclude_if=_is_default)
    """The month of it; older reports have none."""
    opened_by: NodeId
    addressed_to: NodeId
    status: Slug
    blocked: bool
    """Its personal data are hidden or already deleted."""
    facts: dict[Slug, str]
    """The coded answers that the policy area declares as statistical, such as the duration of a measure."""
    reported_as: Literal["opened", "received", "informed"] = Field(default="opened", exclude_if=_is_default)
    """What the reporting node is to them: it opened them, they are addressed to it, or it hears of them."""
    outside: bool = Field(default=False, exclude_if=_is_default)
    """A record of an exchange that was made outside the system, which nobody else knows of."""
    doubtful: bool = Field(default=False, exclude_if=_is_default)
    """It was in doubt whether this was the right channel."""
    followed_up: bool = Field(default=False, exclude_if=_is_default)
    """Something more was said after the formal closure."""
    count: NonNegativeInt


class IndicatorRow(Frozen):
    """What the indicators of one country are made of, as counts and sums, so that they can be added up.

    They are those of the Single Market Scoreboard for IMI; `handlers.counts.indicators` says what each number means.
    """

    area: Slug
    procedure: Slug
    year: int
    quarter: int = Field(ge=1, le=4)
    """In which the requests were sent (UTC)."""
    country: NodeId
    """That was asked, and that is measured."""
    reported_as: Literal["opened", "received"]
    """By those who asked, or by itself."""
    to_accept: NonNegativeInt = 0
    accepted_in_time: NonNegativeInt = 0
    answered: NonNegativeInt = 0
    days_to_answer: NonNegativeInt = 0
    """Of all answered requests together."""
    with_agreed_date: NonNegativeInt = 0
    answered_by_agreed_date: NonNegativeInt = 0
    timeliness_rated: NonNegativeInt = 0
    timeliness_negative: NonNegativeInt = 0
    effort_rated: NonNegativeInt = 0
    effort_negative: NonNegativeInt = 0


IndicatorName = Literal["acceptance", "answering", "agreed_date", "timeliness", "effort"]
Colour = Literal["green", "yellow", "red"]
Overall = Literal["good", "medium", "poor"]


class Indicator(Frozen):
    """One indicator of a country."""

    name: IndicatorName
    value: float | None
    """Per cent, or days for `answering`; none without a case."""
    of: NonNegativeInt
    """How many requests, answers or ratings it is computed from."""
    colour: Colour | None


class Scores(Frozen):
    """The indicators of one country together."""

    country: NodeId
    indicators: tuple[Indicator, ...]
    score: int
    """The sum of +1 for each green and -1 for each red indicator."""
    overall: Overall | None
    """None where no indicator has a value."""


class StatisticsView(Frozen):
    """What was reported to the Commission, or what a node counts itself."""

    reports: dict[NodeId, tuple[StatisticsRow, ...]]
    indicators: dict[NodeId, tuple[IndicatorRow, ...]] = {}


class Contradiction(Frozen):
    """Two nodes tell different numbers of the same exchanges."""

    area: Slug
    procedure: Slug
    year: int
    month: int | None
    opened_by: NodeId
    addressed_to: NodeId
    opened: NonNegativeInt
    """How many the one says that it opened."""
    told_by: NodeId
    """Who tells another number: the one addressed, or the Commission of what it received itself."""
    received: NonNegativeInt


class Silence(Frozen):
    """A party that took part in no exchange of a year."""

    country: NodeId
    confirmed: bool
    """It said itself that it had no case; otherwise it may not know of the procedure."""
    reported: bool
    """It reported at all."""


class Check(Frozen):
    """What the Commission finds when it lays the reports side by side."""

    year: int
    as_of: UtcTime
    contradictions: tuple[Contradiction, ...]
    silences: tuple[Silence, ...]


class NodeStatistics(Frozen):
    """What one node counted at one time."""

    as_of: UtcTime
    rows: tuple[StatisticsRow, ...] = ()
    indicators: tuple[IndicatorRow, ...] = ()
    no_cases: tuple[int, ...] = ()
    """Years of which it confirmed that it had no case."""
