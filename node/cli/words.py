"""Sentences for the person at the keyboard: one for where an exchange stands, one for each delivery, one for a node.

What others wrote is shown without its control characters: a terminal obeys them.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime

from schemas.api import DeliveryView, NodeStatus, StepView
from schemas.exchange import Exchange
from schemas.parties import party_name
from schemas.policy_area import Field, Form, PolicyArea


def printable(text: str) -> str:
    """Replace what a terminal would obey, or what turns the direction of writing (Unicode Cc, Cf)."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in ("Cc", "Cf") and each not in "\n\t" else each
        for each in text
    )


def when(at: datetime) -> str:
    """Write a time: 3 Nov 2026, 10:02 UTC."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def party(node: str) -> str:
    """Name a party as in a sentence: Cyprus, the European Commission."""
    name = party_name(node)
    return f"the {name}" if name in ("European Commission", "Netherlands", "United Kingdom") else name


def standing(exchange: Exchange, area: PolicyArea, node: str) -> str:
    """Say where an exchange stands, and who is expected to act."""
    state = area.procedures[exchange.procedure].states[exchange.state]
    if exchange.deleted_at is not None:
        return f"{state.label}. Its personal data were deleted on {when(exchange.deleted_at)}."
    if exchange.blocked_at is not None:
        return f"{state.label}. Its personal data are blocked since {when(exchange.blocked_at)}."
    if state.turn is None or state.turn not in exchange.parties:
        return f"{state.label}."
    acting = exchange.parties[state.turn]
    return f"{state.label}. {'The next step is yours.' if acting == node else f'The next step is for {party(acting)}.'}"


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
        yield f"{number:>3}. {when(each.at)}  {each.label}, by {party(each.sender)} ({each.authority}){crossed}"
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
