"""What a user has to do with an exchange, and how urgent it is; in lists and digests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

from node.handlers.dates.sentences import standing_sentence
from node.handlers.dates.standing import standing
from schemas.deadlines import Due, Standing
from schemas.exchange import Exchange
from schemas.notices import Notice, NoticeKind, Urgency, WorkItem
from schemas.policy_area import PolicyArea

SOON = timedelta(days=3)
"""A period that ends within so many days is due soon."""
ORDER: tuple[Urgency, ...] = get_args(Urgency)

_REMINDERS: frozenset[NoticeKind] = frozenset({"reminder", "escalation"})
_ALARMS: frozenset[NoticeKind] = frozenset({"unreceived", "refused"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """Steps on the desk, in words, that wait for one user."""

    approvals: tuple[str, ...] = ()
    sent_back: tuple[str, ...] = ()


def item(
    exchange: Exchange,
    area: PolicyArea,
    *,
    node: str,
    today: date,
    dues: Sequence[Due],
    notices: Iterable[Notice],
    waiting: Waiting = Waiting(),
    stands: Standing | None = None,
) -> WorkItem | None:
    """Say why an exchange is work of a node's side; None where it is none.

    Args:
        exchange: this node's copy.
        area: the version of the policy area that the exchange began with.
        node: whose side is meant.
        today: by the node's clock.
        dues: all periods that run in it (`deadlines.running`).
        notices: of it, that nobody has looked at.
        stands: whose turn it is, to the user; without it, to anybody.
        waiting: what waits on the desk for the user whose work it is.
    """
    told = list(notices)
    reminded = {(each.subject, each.since) for each in told if each.kind in _REMINDERS}
    own = tuple(
        due
        for due in dues
        if due.node == node and (due.due_on <= today + SOON or (due.deadline, due.since) in reminded)
    )
    steps = {entry.message: entry.step for entry in exchange.history}
    news = tuple(dict.fromkeys(steps.get(each.since, each.subject) for each in told if each.kind == "news"))
    alarms = tuple(sorted({each.subject for each in told if each.kind in _ALARMS}))
    last = max((entry.at for entry in exchange.history), default=None)
    inactive = any(each.kind == "inactivity" for each in told)
    unconfirmed = tuple(sorted({each.subject for each in told if each.kind == "unconfirmed"}))
    urgency = _urgency(own, today, told=told, desk=waiting != Waiting())
    if urgency is None:
        return None
    stands = stands or standing(exchange, area, today=today, dues=dues)
    return WorkItem(
        exchange=exchange.id,
        urgency=urgency,
        state_label=area.procedures[exchange.procedure].states[exchange.state].label,
        sentence=standing_sentence(exchange, area, node, stands),
        dues=own,
        news=news,
        alarms=alarms,
        unconfirmed=unconfirmed,
        approvals=waiting.approvals,
        sent_back=waiting.sent_back,
        inactive_since=last if inactive else None,
    )


def in_order(items: Iterable[WorkItem]) -> list[WorkItem]:
    """The most urgent first; of the same urgency what ends first, then by case number."""
    return sorted(items, key=_rank)


def _urgency(own: Sequence[Due], today: date, *, told: Sequence[Notice], desk: bool) -> Urgency | None:
    overdue = [due for due in own if due.due_on < today]
    kinds = {each.kind for each in told}
    reasons: dict[Urgency, bool] = {
        "critical": any(due.critical_on <= today for due in overdue),
        "overdue": bool(overdue),
        "alarm": bool(_ALARMS & kinds),
        "inactive": "inactivity" in kinds,
        "unconfirmed": "unconfirmed" in kinds,
        "soon": bool(own),
        "desk": desk,
        "news": "news" in kinds,
    }
    return next((urgency for urgency in ORDER if reasons[urgency]), None)


def _rank(work: WorkItem) -> tuple[int, date, str]:
    return ORDER.index(work.urgency), work.dues[0].due_on if work.dues else date.max, work.exchange
