"""What an authority's users, or its coordinators, are told of an exchange.

No content, no name, no personal data: case number, codes, days.
"""

from datetime import date
from typing import Literal

from schemas.deadlines import Due
from schemas.frozen import Frozen
from schemas.identifiers import ExchangeId, MessageId, Slug, UtcTime

NoticeKind = Literal[
    "reminder",  # before, on or after the day by which the own side is to act
    "escalation",  # the own side is late: to its coordinators
    "inactivity",  # no step for months: to the coordinators of each side (IMI Regulation, Art. 14(7))
    "unreceived",  # a party has not signed for a step of ours
    "refused",  # a party refused a step of ours
    "news",  # a step of another party arrived, or another authority of the own side took one
    "unconfirmed",  # a party has not confirmed blocking or deletion, a week after it was due: to the coordinators
]
Audience = Literal["authority", "coordinator"]


class Notice(Frozen):
    """One thing to tell, once; exchange, kind, subject, `since` and `day` together name it."""

    exchange: ExchangeId
    kind: NoticeKind
    subject: str
    """The deadline; the step of a piece of news, for coordinators the state in which they decide; the party that has
    not signed for a step, or refused it."""
    since: MessageId
    """The step that began the period, or that it is about."""
    day: int = 0
    """How many days after the due day, before it where negative."""
    audience: Audience = "authority"
    at: UtcTime
    """When it became due."""


Urgency = Literal["critical", "overdue", "alarm", "inactive", "unconfirmed", "soon", "desk", "news"]
"""In the order in which one works: critically overdue, overdue, not received by a party, without a step for months,
blocking or deletion not confirmed by a party, due soon, for approval or sent back, news."""


class WorkItem(Frozen):
    """An exchange that a user has something to do with, and why."""

    exchange: ExchangeId
    urgency: Urgency
    state_label: str
    sentence: str
    """Whose turn it is."""
    dues: tuple[Due, ...] = ()
    """Running periods of the own side, the most pressing first."""
    news: tuple[Slug, ...] = ()
    """Steps that arrived and were not looked at yet."""
    alarms: tuple[str, ...] = ()
    """Parties that have not signed for a step of ours, or refused it."""
    unconfirmed: tuple[str, ...] = ()
    """Parties that have not confirmed in time that they blocked or deleted the personal data."""
    approvals: tuple[str, ...] = ()
    """Steps, in words, that wait for the user to release them."""
    sent_back: tuple[str, ...] = ()
    """Steps, in words, that an approver has sent back to the user."""
    inactive_since: UtcTime | None = None
    """Since when nothing has happened, if it is so long that coordinators were told."""


class Digest(Frozen):
    """What one recipient is told on one day."""

    message_id: str
    """The same whenever it is made or sent again (RFC 5322, 3.6.4); without angle brackets."""
    recipient: str
    """A user or an authority; never an address."""
    day: date
    subject: str
    body: str
    cases: int


class MailView(Frozen):
    """A digest on its way, or arrived, at the mail server."""

    recipient: str
    """The user or the authority; the address is looked up when it is sent."""
    day: date
    state: Literal["waiting", "sent", "refused"]
    attempts: int
    cases: int
    answer: str = ""
    """What the mail server, or the way to it, said last."""
    next_attempt_at: UtcTime | None = None
    ended_at: UtcTime | None = None
