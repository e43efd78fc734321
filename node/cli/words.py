"""Sentences for the person at the keyboard: one for where an exchange stands, one for each delivery, one for a node.

What others wrote is shown without its control characters: a terminal obeys them.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from node.handlers.dates import deadlines
from node.handlers.dates import standing as standings
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.dates.sentences import DIGEST_HEADINGS, on_day, party, standing_sentence
from node.handlers.dates.sentences import at_time as when
from schemas.api import DeliveryView, NodeStatus, StepView
from schemas.deadlines import Due
from schemas.exchange import Exchange
from schemas.notices import MailView, WorkItem
from schemas.policy_area import Field, Form, PolicyArea

__all__ = [
    "PENDING",
    "WITHHELD",
    "content_lines",
    "deadline_lines",
    "delivery",
    "mail_row",
    "node_lines",
    "party",
    "printable",
    "standing",
    "timeline",
    "when",
    "work_row",
]

WITHHELD = {
    "": "",
    "before_acceptance": "Personal data and files are not shown before your side has accepted it.",
    "no_right": "Personal data and files are not shown to you: your role does not need them.",
}
"""Why others' personal data are left out."""

PENDING = {"draft": "prepared", "awaiting_approval": "waits for approval", "sent_back": "sent back"}
"""What has become of a step that is not taken."""


def printable(text: str) -> str:
    """Replace what a terminal would obey, or what turns the direction of writing (Unicode Cc, Cf)."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in ("Cc", "Cf") and each not in "\n\t" else each
        for each in text
    )


def standing(exchange: Exchange, area: PolicyArea, node: str, today: date) -> str:
    """Say where an exchange stands, and who is expected to do what by when."""
    dues = deadlines.running(exchange, area, public_holidays)
    stands = standings.standing(exchange, area, today=today, dues=dues)
    return standing_sentence(exchange, area, node, stands)


def deadline_lines(dues: Iterable[Due], today: date) -> Iterator[str]:
    """Tell the periods that run, a line each."""
    for due in dues:
        late = due.overdue_days(today)
        lateness = f" ({_count(late, 'day', 'days')} overdue)" if late else ""
        yield f"Due on {on_day(due.due_on)}{lateness}: {due.label}, by {party(due.node)}"


def work_row(item: WorkItem, areas: Iterable[PolicyArea]) -> tuple[str, ...]:
    """Tell what a user has to do with an exchange: case, urgency, where it stands, and why it is there.

    Args:
        item: the work.
        areas: those that the node knows, for the wording of steps.
    """
    labels = _labels(item.exchange, areas)
    reasons = [f"{due.label} by {on_day(due.due_on)}" for due in item.dues]
    reasons += [f"not received by {party(each)}, or refused" for each in item.alarms]
    if item.inactive_since is not None:
        reasons.append(f"no step since {on_day(item.inactive_since)}")
    reasons += [f"for your approval: {each}" for each in item.approvals]
    reasons += [f"sent back to you: {each}" for each in item.sent_back]
    reasons += [f"new: {labels.get(each, each)}" for each in item.news]
    return item.exchange, DIGEST_HEADINGS[item.urgency].lower(), item.sentence, "; ".join(reasons)


def _labels(case: str, areas: Iterable[PolicyArea]) -> dict[str, str]:
    """The wording of the states and steps of the procedure that a case number belongs to."""
    code = case.split("-")[:2]
    known = [each for area in areas for each in area.procedures.values() if [area.code, each.code] == code]
    states = {name: state.label for each in known for name, state in each.states.items()}
    return {**states, **{name: rule.label for each in known for name, rule in each.steps.items()}}


def mail_row(mail: MailView) -> tuple[str, ...]:
    """Tell what became of a digest."""
    answer = f": {mail.answer}" if mail.answer else ""
    match mail.state:
        case "waiting":
            again = f"; again at {when(mail.next_attempt_at)}" if mail.next_attempt_at is not None else ""
            state = f"waits, tried {_count(mail.attempts, 'time', 'times')}{answer}{again}"
        case "sent":
            state = f"sent{_on(mail.ended_at)}"
        case "refused":
            state = f"refused{_on(mail.ended_at)}{answer}"
    return on_day(mail.day), mail.recipient, str(mail.cases), state


def delivery(each: DeliveryView) -> str:
    """Say how far a step has come at one recipient."""
    name = party(each.recipient)
    match each.state:
        case "waiting":
            return f"waits to be sent to {name}"
        case "published":
            return f"sent to {name}; whether it has it is not known yet"
        case "refused":
            return f"refused by {name}{_on(each.ended_at)}: {each.help}"
        case "delivered":
            opened = f"opened{_on(each.opened_at)}" if each.opened_at is not None else "not opened yet"
            return f"delivered to {name}{_on(each.ended_at)}, {opened}"


def timeline(steps: tuple[StepView, ...]) -> Iterator[str]:
    """Tell the steps of an exchange, each with its deliveries."""
    for number, each in enumerate(steps, start=1):
        crossed = " (it crossed another step on the way)" if each.crossed else ""
        acting = f"{each.authority} for {each.on_behalf_of}" if each.on_behalf_of is not None else each.authority
        brought_in = f", to {', '.join(each.handed_to)}" if each.handed_to else ""
        yield f"{number:>3}. {when(each.at)}  {each.label}{brought_in}, by {party(each.sender)} ({acting}){crossed}"
        yield from (f"       {delivery(one)}" for one in each.deliveries)


def content_lines(form: Form, content: Mapping[str, object], area: PolicyArea) -> Iterator[str]:
    """Tell what a form says, in the order and the words of its declaration."""
    yield from _fields(form.fields, content, area, "  ")


def node_lines(status: NodeStatus) -> Iterator[str]:
    """Say how a node is, a sentence a line."""
    yield f"The node of {party(status.node)} is {'ready' if status.ready else 'not ready'}."
    broker = status.broker
    yield (
        "It is connected to the broker." if broker.connected else f"It has no connection to the broker: {broker.detail}"
    )
    yield {
        "fresh": f"Directory {status.directory_version} is in force.",
        "in_grace": f"Directory {status.directory_version} has expired and is used on for a while: fetch a newer one.",
        "expired": f"Directory {status.directory_version} expired too long ago: nothing is sent or opened any more.",
    }[status.directory]
    unsent = status.outbox.get("waiting", 0) + status.outbox.get("published", 0)
    since = f", the oldest since {when(status.outbox_since)}" if status.outbox_since is not None else ""
    yield (
        f"{_count(unsent, 'message has', 'messages have')} no receipt yet{since}."
        if unsent
        else ("Every message that it sent has its receipt.")
    )
    if early := sum(status.waiting.values()):
        yield f"{_count(early, 'message came early and waits', 'messages came early and wait')} for what comes before."
    yield (
        f"{_count(status.quarantine, 'arrival', 'arrivals')} could not be processed: see imi node quarantine."
        if status.quarantine
        else "Nothing is in quarantine."
    )
    yield from status.translation
    yield from status.alarms


def _fields(fields: tuple[Field, ...], content: Mapping[str, object], area: PolicyArea, indent: str) -> Iterator[str]:
    for field in fields:
        value = content.get(field.name)
        entries = value if isinstance(value, list) else [] if value is None else [value]
        for entry in entries:
            if isinstance(entry, dict):
                yield f"{indent}{field.label}:"
                yield from _fields(field.fields, entry, area, f"{indent}  ")
            else:
                yield printable(f"{indent}{field.label}: {_answer(field, entry, area)}")


def _answer(field: Field, value: object, area: PolicyArea) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    answers: Mapping[str, str] = area.answers.get(field.answers or "", {})
    return answers.get(str(value), str(value))


def _on(at: datetime | None) -> str:
    return f" on {when(at)}" if at is not None else ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
