"""English sentences about exchanges, for pages, commands and mail: one for whose turn it is, the words of a digest.

None of them holds content, a provider's name or any personal data.
"""

from collections.abc import Sequence
from datetime import date, datetime

from schemas.deadlines import Due, Standing
from schemas.exchange import Exchange
from schemas.notices import Urgency, WorkItem
from schemas.parties import party_name
from schemas.policy_area import PolicyArea

DIGEST_HEADINGS: dict[Urgency, str] = {
    "critical": "Critically overdue",
    "overdue": "Overdue",
    "alarm": "Not received by a party, or refused by it",
    "inactive": "Without a step for months",
    "unconfirmed": "Blocking or deletion not confirmed by a party",
    "soon": "Due soon",
    "desk": "For approval, or sent back",
    "news": "New",
}


def party(node: str) -> str:
    """Name a party as in a sentence: Cyprus, the European Commission."""
    name = party_name(node)
    return f"the {name}" if name in ("European Commission", "Netherlands", "United Kingdom") else name


def on_day(day: date) -> str:
    """Write a day: 27 Nov 2026."""
    return f"{day.day} {day:%b %Y}"


def at_time(at: datetime) -> str:
    """Write a time: 3 Nov 2026, 10:02 UTC."""
    return f"{on_day(at)}, {at:%H:%M} UTC"


def standing_sentence(exchange: Exchange, area: PolicyArea, node: str, stands: Standing) -> str:
    """Say where an exchange stands and whose turn it is, to a user of a node."""
    state = area.procedures[exchange.procedure].states[exchange.state]
    if exchange.deleted_at is not None:
        return f"{state.label}. Its personal data were deleted on {at_time(exchange.deleted_at)}."
    if exchange.blocked_at is not None:
        return f"{state.label}. Its personal data are blocked since {at_time(exchange.blocked_at)}."
    return f"{state.label}.{_turn(stands, node)}"


def digest_subject(cases: int) -> str:
    """The subject of a digest: how many cases, and nothing of them."""
    return f"IMI: {cases} {'case' if cases == 1 else 'cases'} for you to look at"


def digest_line(item: WorkItem, today: date) -> str:
    """Say of a case its number and status."""
    lateness = _dated(item.dues[0], today) if item.dues else ""
    return f"{item.exchange}: {item.state_label}{lateness}"


def digest_more(cases: int) -> str:
    """Say that a digest does not name all cases."""
    return f"There are {cases} more: see the list in your node."


def digest_end() -> str:
    """The last words of a digest."""
    return "Nothing of what the cases are about is ever sent by e-mail. Sign in to read them."


def _dated(due: Due, today: date) -> str:
    late = due.overdue_days(today)
    return f"; {_days(late)} overdue" if late else f"; due on {on_day(due.due_on)}"


def _turn(stands: Standing, node: str) -> str:
    if stands.node is None:
        return ""
    if not stands.task:
        return f" The next step is {'yours' if stands.yours else f'for {stands.authority or party(stands.node)}'}."
    task = f"release this step: {_small(stands.submitted)}" if stands.submitted else _either(stands.task)
    by = f" by {on_day(stands.due_on)}" if stands.due_on is not None else ""
    return f" {_who(stands, stands.node, node)} to {task}{by}{_lateness(stands)}."


def _who(stands: Standing, turn: str, node: str) -> str:
    """Begin a sentence with who is to act; an authority is named to its own side, and its country to the others."""
    if stands.yours:
        return "You are"
    if stands.submitted:
        return f"An approver of {stands.authority} is"
    if stands.coordinators:
        return f"The coordinators of {party(turn)} are"
    named = stands.authority if turn == node else None
    return f"{named or _capital(party(turn))} is"


def _lateness(stands: Standing) -> str:
    if not stands.overdue_days:
        return ""
    days = _days(stands.overdue_days)
    return f"; critically overdue, by {days}" if stands.critical else f"; {days} overdue"


def _days(number: int) -> str:
    return f"{number} {'day' if number == 1 else 'days'}"


def _either(tasks: Sequence[str]) -> str:
    """Join labels as alternatives: accept, forward or refuse."""
    small = [_small(task) for task in tasks]
    return " or ".join(filter(None, (", ".join(small[:-1]), small[-1])))


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
