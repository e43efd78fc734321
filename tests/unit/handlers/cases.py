"""Exchanges and steps made by hand, for tests of decisions."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from node.areas import BUILT_IN
from node.crypto import base64url
from node.handlers.exchanges.procedure import Decision, decide, others, received
from node.sandbox.filling import fill
from schemas.declaration import parse_policy_area
from schemas.exchange import Exchange
from schemas.identifiers import message_id
from schemas.messages import Seen, Step
from schemas.policy_area import PolicyArea

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
AREA: PolicyArea = parse_policy_area(Path(BUILT_IN / "e_commerce.toml").read_text())
REQUEST = "ECOM-REQ-DE-2026-000001"
NOTIFICATION = "ECOM-NOT-DE-2026-000001"


def seen(sequence: int, text: str = "x") -> Seen:
    return Seen(sequence=sequence, hash=digest(text))


def digest(text: str) -> str:
    return base64url.encode(hashlib.sha256(text.encode()).digest())


def form(step: str, procedure: str, at: datetime = AT, /, **given: object) -> dict[str, object]:
    """A form that is right for a step."""
    name = AREA.procedures[procedure].steps[step].form
    return fill(AREA, name, given, at) if name is not None else dict(given)


def step_of(exchange: Exchange, sender: str, step: str, at: datetime = AT, **changes: object) -> Step:
    """The step that a node takes, from its copy."""
    number = exchange.next_sequence(sender)
    made = Step(
        id=message_id(at, hashlib.sha256(f"{exchange.id}{sender}{number}".encode()).digest()[:10]),
        sender=sender,
        at=at,
        to=dict.fromkeys(others(exchange, sender), 1),
        exchange=exchange.id,
        sequence=number,
        seen=exchange.seen,
        area=exchange.area,
        version=exchange.version,
        procedure=exchange.procedure,
        step=step,
        authority=f"{sender}/office",
        parties=exchange.parties,
        authorities={str(exchange.role_of(sender)): f"{sender}/office"},
    )
    return made.model_copy(update=changes)


def take(exchange: Exchange, step: Step, content: Mapping[str, object], node: str, area: PolicyArea = AREA) -> Decision:
    return decide(exchange, step, content, area=area, node=node, statement_hash=digest(step.id))


def opened(procedure: str = "request", **given: object) -> Exchange:
    """DE's exchange with CY, as it was sent."""
    parties = {"requesting": "DE", "responding": "CY"}
    if procedure == "notification":
        parties = {"notifying": "DE", "establishment": "CY", "commission": "EC"}
    content = form("send", procedure, country_of_establishment="CY", **given)
    draft = Exchange(
        id=REQUEST if procedure == "request" else NOTIFICATION,
        area="e_commerce",
        version=1,
        procedure=procedure,
        state="draft",
        parties=parties,
    )
    sent = step_of(draft, "DE", "send")
    before = received(sent, content, AREA)
    return take(before, sent, content, "CY").exchange


def after(exchange: Exchange, *steps: tuple[str, str]) -> Exchange:
    """The copy after these steps of senders, each taken with all that came before in sight."""
    for sender, name in steps:
        step = step_of(exchange, sender, name)
        exchange = take(exchange, step, form(name, exchange.procedure), sender).exchange
    return exchange
