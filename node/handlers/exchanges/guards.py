"""Rules of order that the law leaves to judgement: they ask for a reason, once, and block nothing.

Asked of the own users only, before a step is taken; never of what a peer sent, who has judged for himself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from node.handlers.exchanges.forms import Content, Problem, filled, has_code
from schemas.exchange import Exchange
from schemas.policy_area import Guard, NeededLink, Procedure


@dataclass(frozen=True, slots=True)
class Around:
    """What a guard looks at beside the form."""

    exchange: Exchange
    """The one in which the step is to be taken."""
    today: date
    known: Mapping[str, Exchange]
    """This node's copies of the exchanges that the form names."""
    overdue: Collection[str]
    """Those of them whose answer is overdue."""


def unanswered(procedure: Procedure, step: str, content: Content, around: Around) -> tuple[Problem, ...]:
    """What is unusual about a step and still lacks a reason: the field that takes it, what it is, the legal basis."""
    answers = filled(content)
    return tuple(
        Problem(guard.reason_field, f"{guard.label} ({guard.legal_basis}). You may go on: give the reason here")
        for guard in procedure.guards.values()
        if guard.step == step and guard.reason_field not in answers and _is_unusual(guard, answers, around)
    )


def is_exempt(guard: Guard, content: Content) -> bool:
    """Whether a guard does not ask, whatever the dates and links: the case is urgent, say."""
    return any(has_code(content, name, codes) for name, codes in guard.unless.items()) or not all(
        has_code(content, name, codes) for name, codes in guard.when.items()
    )


def named_exchanges(procedure: Procedure, step: str, content: Content) -> tuple[str, ...]:
    """The exchanges that a form names where a guard of the step looks for them."""
    fields = (guard.needs_link.field for guard in procedure.guards.values() if guard.needs_link and guard.step == step)
    return tuple(name for field in fields for name in _listed(content.get(field)))


def _is_unusual(guard: Guard, content: Content, around: Around) -> bool:
    if is_exempt(guard, content):
        return False
    if guard.needs_link is not None and not any(
        _went_before(guard.needs_link, name, around) for name in _listed(content.get(guard.needs_link.field))
    ):
        return True
    if any(name not in content for name in guard.needs_fields):
        return True
    return guard.earliest_today is not None and _lies_before(content.get(guard.earliest_today), around.today)


def _went_before(needed: NeededLink, name: str, around: Around) -> bool:
    """Whether this node's copy of a named exchange is one with the same country, and stands as it should."""
    other = around.known.get(name)
    if other is None or other.area != around.exchange.area or other.procedure not in needed.procedures:
        return False
    if not set(other.parties.values()) <= set(around.exchange.parties.values()):
        return False
    return other.state in needed.procedures[other.procedure] or (needed.overdue and name in around.overdue)


def _lies_before(value: object, today: date) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value) < today
    except ValueError:
        return False  # the form's own check says so


def _listed(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
