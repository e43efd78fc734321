"""What users get to see: exchanges with their content, deliveries, statistics, how the node is."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

import aiosqlite

from node.crypto import statement as signing
from node.crypto import vault
from node.crypto.jws import unverified_payload
from node.handlers import statistics
from node.handlers.due import next_due_at
from node.handlers.procedure import possible_steps
from node.runtime.attachments import read_file
from node.runtime.seat import Seat
from node.store import attachments, data_keys, drafts, exchanges, outbox, quarantine, receipts, reports, statements
from schemas.api import DeliveryView, ExchangeView, QuarantineView, StatisticsView, StepView
from schemas.exchange import Entry, Exchange
from schemas.identifiers import COMMISSION
from schemas.messages import STATEMENT, Step
from schemas.policy_area import Procedure
from schemas.refusal import HELP, Refusal


class Unknown(LookupError):
    """There is no such exchange at this node."""


async def known_exchange(db: aiosqlite.Connection, exchange_id: str) -> Exchange:
    """This node's copy of an exchange.

    Raises:
        Unknown: there is none.
    """
    exchange = (await exchanges.load(db, [exchange_id])).get(exchange_id)
    if exchange is None:
        raise Unknown(f"this node knows no exchange {exchange_id}")
    return exchange


async def exchange_view(seat: Seat, exchange_id: str) -> ExchangeView:
    """Show an exchange with what its steps say, as far as that is neither blocked nor deleted.

    Raises:
        Unknown: this node knows no such exchange.
    """
    db = seat.store.read
    exchange = await known_exchange(db, exchange_id)
    area = seat.area(exchange.area, exchange.version)
    procedure = area.procedures[exchange.procedure]
    key = await content_key(seat, db, exchange)
    return ExchangeView(
        exchange=exchange,
        label=procedure.label,
        state_label=procedure.states[exchange.state].label,
        turn=procedure.states[exchange.state].turn,
        next_due_at=next_due_at(exchange, area),
        steps=await _steps(db, exchange, procedure, key),
        possible=possible_steps(exchange, procedure, seat.node),
        draft=await _draft(db, exchange, key),
    )


async def attachment(seat: Seat, exchange_id: str, digest: str) -> AsyncIterator[bytes]:
    """Find a file of an exchange, to be gone through a piece at a time.

    Raises:
        Unknown: no such exchange or file, or it is blocked or deleted.
    """
    db = seat.store.read
    exchange = (await exchanges.load(db, [exchange_id])).get(exchange_id)
    key = await content_key(seat, db, exchange) if exchange is not None else None
    have, count = await attachments.present(db, exchange_id, digest)
    if key is None or have == 0 or have != count:
        raise Unknown(f"this node has no such file in {exchange_id}")
    return read_file(db, key, exchange_id, digest)


async def content_key(seat: Seat, db: aiosqlite.Connection, exchange: Exchange) -> bytes | None:
    """The data key of an exchange, while its content may be seen."""
    key = (await data_keys.get(db, [exchange.id])).get(exchange.id)
    if key is None or key.ring != "ordinary" or exchange.blocked_at is not None:
        return None
    return vault.unwrap(seat.keyring.store_key, key.wrapped)


async def _draft(db: aiosqlite.Connection, exchange: Exchange, key: bytes | None) -> dict[str, object] | None:
    sealed = await drafts.get(db, exchange.id)
    if sealed is None or key is None:
        return None
    return dict(json.loads(vault.open_content(key, sealed, exchange.id.encode())))


async def _steps(
    db: aiosqlite.Connection, exchange: Exchange, procedure: Procedure, key: bytes | None
) -> tuple[StepView, ...]:
    hashes = [entry.hash for entry in exchange.history]
    said = await statements.get(db, hashes)
    deliveries = await outbox.of_statements(db, hashes)
    evidence = await receipts.about(db, hashes)
    return tuple(
        _step(
            entry,
            procedure.steps[entry.step].label,
            _content(said[entry.hash], key),
            deliveries.get(entry.hash, ()),
            {each.party: each.at for each in evidence.get(entry.hash, ()) if each.outcome == "opened"},
        )
        for entry in exchange.history
    )


def _step(
    entry: Entry,
    label: str,
    form: dict[str, object] | None,
    deliveries: Sequence[outbox.Delivery],
    opened: Mapping[str, datetime],
) -> StepView:
    return StepView(
        message=entry.message,
        step=entry.step,
        label=label,
        sender=entry.sender,
        authority=entry.authority,
        at=entry.at,
        state=entry.state,
        crossed=entry.crossed,
        form=form,
        deliveries=tuple(_delivery(each, opened.get(each.recipient)) for each in deliveries),
    )


def _delivery(delivery: outbox.Delivery, opened_at: datetime | None) -> DeliveryView:
    code = Refusal(delivery.code) if delivery.code is not None else None
    return DeliveryView(
        recipient=delivery.recipient,
        state=delivery.state,
        published_at=delivery.published_at,
        ended_at=delivery.ended_at,
        opened_at=opened_at,
        code=code,
        help=HELP[code] if code is not None else "",
    )


def _content(recorded: statements.Recorded, key: bytes | None) -> dict[str, object] | None:
    if key is None:
        return None
    if recorded.disclosures is None:
        return {}
    disclosures = vault.open_content(key, recorded.disclosures, recorded.message_id.encode()).decode().split("~")
    step = STATEMENT.validate_json(unverified_payload(recorded.jws))
    digests = step.digests if isinstance(step, Step) else ()
    return dict(signing.read_disclosures(digests, disclosures))


async def statistics_view(seat: Seat, as_of: datetime) -> StatisticsView:
    """The Commission: what the nodes reported, not later than a time. Any other node: what it counts itself."""
    db = seat.store.read
    if seat.node == COMMISSION:
        latest = await reports.latest(db, as_of)
        return StatisticsView(reports={sender: report.rows for sender, report in latest.items()})
    own = [exchange async for exchange in exchanges.statistics(db)]
    return StatisticsView(reports={seat.node: statistics.rows(own, seat.areas, seat.node)})


async def quarantine_view(seat: Seat, limit: int = 100) -> list[QuarantineView]:
    """What came and could not be processed, the newest first."""
    return [
        QuarantineView(
            id=each.id,
            at=each.at,
            last_at=each.last_at,
            repeats=each.repeats,
            code=Refusal(each.code),
            help=HELP[Refusal(each.code)],
            sender=each.sender,
            message_id=each.message_id,
            detail=each.detail,
            size=each.size,
        )
        for each in await quarantine.page(seat.store.read, limit=limit)
    ]
