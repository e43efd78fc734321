"""Everything that one transaction has read and will write.

Many acts, or many deliveries, are decided one after the other over the same working set, and then written
with one commit. An act that is refused leaves no trace in it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

import aiosqlite

from node.crypto import base64url, vault
from node.crypto import statement as signing
from node.crypto.bundle import packed_size
from node.crypto.statement import Packed
from node.handlers.dates.deadlines import running
from node.handlers.dates.due import next_due_at
from node.handlers.dates.notices import looking_from, new_entries, news
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.exchanges.procedure import Refused
from node.runtime import audit
from node.runtime.seat import Seat
from node.store import (
    data_keys,
    desks,
    exchanges,
    ledger,
    links,
    notices,
    outbox,
    quarantine,
    receipts,
    signals,
    statements,
    streams,
)
from node.store.streams import Stream
from schemas.authorities import Authority
from schemas.desk import Desk
from schemas.exchange import Exchange
from schemas.links import Link, LinkKind
from schemas.messages import MAX_RANGES, Numbered, OfExchange, Receipt, Receipts, Resend, Signal, Step
from schemas.notices import Notice
from schemas.refusal import Refusal

RECEIPTS_CHARACTERS = 90_000  # of one signed statement of receipts, some 500 without details

MAX_STATEMENT_BYTES = 300 * 1024
"""Of a statement with its disclosures before compression. Base64 alone compresses to three quarters, so that even
incompressible content stays under the 256 KiB of an envelope."""

_IN_ORDER = json.JSONEncoder(sort_keys=True)  # `json.dumps` makes one for each call


@dataclass
class WorkingSet:
    """One transaction's view of the store, and what is to be added to it."""

    seat: Seat
    db: aiosqlite.Connection
    streams: dict[str, Stream]
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    """Data keys of exchanges, unwrapped; for the length of the transaction."""
    included: set[str] = field(default_factory=set)
    authorities: dict[str, Authority | None] = field(default_factory=dict)
    """Authorities that were looked up, by id; many acts of one transaction name the same."""
    addressees: dict[tuple[str, str, str], str | None] = field(default_factory=dict)
    """Who gets what is addressed to a country only, by country, policy area and procedure."""
    serials: dict[str, int] = field(default_factory=dict)
    """The last running number given to a case, by the part of the case number before it."""
    changed: dict[str, Exchange] = field(default_factory=dict)
    new_keys: list[data_keys.DataKey] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    new_statements: list[statements.Recorded] = field(default_factory=list)
    new_outbox: list[outbox.Outgoing] = field(default_factory=list)
    taken_back: list[outbox.Outgoing] = field(default_factory=list)
    handed_over: dict[str, Packed] = field(default_factory=dict)
    """Statements of our own that the sender may take from memory, by message id."""
    new_signals: list[tuple[str, str]] = field(default_factory=list)
    """Recipient and JWS."""
    new_receipts: list[tuple[Receipts, str]] = field(default_factory=list)
    """Receipts as evidence, given and got, with their JWS."""
    notices: list[Notice] = field(default_factory=list)
    moved_on: dict[str, bool] = field(default_factory=dict)
    """Exchanges with a new step, and whether one of them is ours."""
    new_links: list[Link] = field(default_factory=list)
    desks: dict[str, Desk] = field(default_factory=dict)
    changed_desks: set[str] = field(default_factory=set)
    notes: list[audit.Note] = field(default_factory=list)
    inadmissible: list[quarantine.Inadmissible] = field(default_factory=list)
    erased: int = 0
    """How much was erased of the store: its bytes are gone after the next compaction."""
    ended: list[str] = field(default_factory=list)
    """Messages of ours for which a recipient has signed."""
    answers: dict[str, list[Receipt]] = field(default_factory=dict)
    """Receipts to be signed at the end, by the node that they are for."""

    @classmethod
    async def load(cls, seat: Seat, db: aiosqlite.Connection, exchange_ids: Iterable[str]) -> Self:
        """Read what the acts or deliveries at hand will need."""
        work = cls(seat=seat, db=db, streams=await streams.load(db))
        await work.include(exchange_ids)
        return work

    async def include(self, exchange_ids: Iterable[str]) -> None:
        """Read further exchanges and their data keys, as far as there are any and they are not here yet."""
        ids = [name for name in dict.fromkeys(exchange_ids) if name not in self.included]
        if not ids:
            return
        self.included.update(ids)
        self.exchanges.update(await exchanges.load(self.db, ids))
        for name, key in (await data_keys.get(self.db, ids)).items():
            # What still comes in for a blocked exchange is sealed as the rest of it is, and as little to be seen.
            ring = self.seat.keyring.store_key if key.ring == "ordinary" else self.seat.keyring.blocked_key
            self.keys[name] = vault.unwrap(ring, key.wrapped)

    async def next_serial(self, prefix: str) -> int:
        """Give the next running number of a case."""
        if prefix not in self.serials:
            self.serials[prefix] = await exchanges.last_serial(self.db, prefix)
        self.serials[prefix] += 1
        return self.serials[prefix]

    def content_key(self, exchange_id: str) -> bytes:
        """The data key of an exchange; a new one the first time."""
        if exchange_id not in self.keys:
            key = vault.new_data_key(self.seat.random)
            self.keys[exchange_id] = key
            wrapped = vault.wrap(self.seat.keyring.store_key, key)
            self.new_keys.append(data_keys.DataKey(exchange_id=exchange_id, wrapped=wrapped))
        return self.keys[exchange_id]

    def seal(self, exchange_id: str, message_id: str, disclosures: tuple[str, ...]) -> bytes | None:
        """Seal what a statement says under the exchange's data key; what comes after deletion is not kept."""
        exchange = self.exchanges.get(exchange_id)
        if not disclosures or (exchange is not None and exchange.deleted_at is not None):
            return None
        content = "~".join(disclosures).encode()
        return vault.seal_content(self.content_key(exchange_id), content, message_id.encode(), self.seat.random)

    def stream(self, peer: str) -> Stream:
        """The numbers that were last used between this node and a peer."""
        return self.streams.get(peer, Stream())

    def next_numbers(self, recipients: Iterable[str]) -> dict[str, int]:
        """The numbers that the next statement to these nodes will have."""
        return {peer: self.stream(peer).next_out for peer in sorted(recipients)}

    def advance(self, peer: str) -> None:
        """Note that the next number of a peer's stream has arrived."""
        stream = self.stream(peer)
        self.streams[peer] = Stream(next_out=stream.next_out, next_in=stream.next_in + 1)
        self.moved.add(peer)

    def change(self, exchange: Exchange) -> None:
        """Put an exchange in the place of what was known of it, and tell of others' steps."""
        if entries := new_entries(self.exchanges.get(exchange.id), exchange):
            exchange = looking_from(exchange, entries)
            procedure = self.seat.area(exchange.area, exchange.version).procedures[exchange.procedure]
            self.notices += news(exchange, entries, procedure, node=self.seat.node, now=self.seat.clock.now())
            ours = any(entry.sender == self.seat.node for entry in entries)
            self.moved_on[exchange.id] = ours or self.moved_on.get(exchange.id, False)
        self.exchanges[exchange.id] = self.changed[exchange.id] = exchange

    def record(self, statement: Numbered, packed: Packed, statement_hash: str) -> None:
        """Keep a signed statement: it is the evidence."""
        exchange_id = exchange_of(statement)
        self.new_statements.append(
            statements.Recorded(
                message_id=statement.id,
                exchange_id=exchange_id,
                kind=statement.kind,
                sender=statement.sender,
                sequence=statement.sequence if isinstance(statement, Step) else None,
                hash=statement_hash,
                jws=packed.jws,
                disclosures=self.seal(exchange_id or statement_hash, statement.id, packed.disclosures),
                recorded_at=self.seat.clock.now(),
                number=statement.to.get(self.seat.node),
            )
        )

    def send(self, statement: Numbered, packed: Packed, statement_hash: str) -> None:
        """Keep a statement of our own, and put it in the outbox for each of its recipients."""
        self.record(statement, packed, statement_hash)
        exchange = self.exchanges.get(exchange_of(statement) or "")
        if exchange is None or exchange.blocked_at is None:
            self.handed_over[statement.id] = packed
        wall = self.seat.wall.now()
        for peer, number in statement.to.items():
            stream = self.stream(peer)
            self.streams[peer] = Stream(next_out=number + 1, next_in=stream.next_in)
            self.moved.add(peer)
            self.new_outbox.append(outbox.Outgoing(recipient=peer, number=number, hash=statement_hash, created_at=wall))

    def take_back(self, statement: Numbered, packed: Packed, statement_hash: str) -> None:
        """Keep again a statement of our own that was lost, and send it again under the numbers that it had."""
        self.record(statement, packed, statement_hash)
        wall = self.seat.wall.now()
        self.taken_back += [
            outbox.Outgoing(recipient=peer, number=number, hash=statement_hash, created_at=wall)
            for peer, number in statement.to.items()
        ]

    def issue(self, statement: Numbered, disclosures: tuple[str, ...] = ()) -> str:
        """Sign a statement of our own and send it; returns its hash.

        Raises:
            Refused: TOO_LARGE; nothing was done.
        """
        packed = Packed(jws=signing.sign(statement, self.seat.keyring.current), disclosures=disclosures)
        require_fits(packed)
        statement_hash = signing.statement_hash(packed.jws)
        self.send(statement, packed, statement_hash)
        return statement_hash

    def answer(self, peer: str, receipt: Receipt) -> None:
        """Owe a peer a receipt."""
        self.answers.setdefault(peer, []).append(receipt)

    async def repeat(self, peer: str, receipt_hashes: Iterable[str]) -> None:
        """Send a peer receipts once more, byte for byte as they were signed."""
        for receipt in (await receipts.statements(self.db, receipt_hashes)).values():
            if (peer, receipt.jws) not in self.new_signals:  # one answers many messages at once
                self.new_signals.append((peer, receipt.jws))

    def ask_again(self, peer: str, missing: tuple[tuple[int, int], ...]) -> None:
        """Ask a peer to send numbers of its stream again."""
        request = Resend(
            id=self.seat.new_id(),
            sender=self.seat.node,
            at=self.seat.clock.now(),
            to=peer,
            missing=missing[:MAX_RANGES],
            expects=self.stream(peer).next_in,
        )
        self.signal(request)

    def signal(self, signal: Signal) -> str:
        """Sign a signal and publish it once; returns its JWS."""
        jws = signing.sign(signal, self.seat.keyring.current)
        self.new_signals.append((signal.to, jws))
        return jws

    def link(self, exchange_id: str, named: Iterable[tuple[str, LinkKind]], *, told: bool = True) -> None:
        """Keep that an exchange names others."""
        at = self.seat.clock.now()
        self.new_links += (
            Link(exchange=exchange_id, other=other, kind=kind, told=told, at=at) for other, kind in named
        )

    def note(self, actor: str, action: str, subject: str, **detail: object) -> None:
        """Write a line into the ledger: who did what to what; never any content."""
        self.notes.append(audit.Note(actor, action, subject, _IN_ORDER.encode(detail)))

    def set_aside(self, code: Refusal, detail: str, *, sender: str | None, message_id: str | None, body: bytes) -> None:
        """Put what can't be processed into quarantine, where the operator sees it."""
        self.inadmissible.append(
            quarantine.Inadmissible(
                at=self.seat.clock.now(),
                code=code,
                sender=sender,
                message_id=message_id,
                detail=detail,
                body=body,
                body_hash=base64url.encode(hashlib.sha256(body).digest()),
            )
        )

    async def save(self) -> None:
        """Write it all; the caller's transaction commits it."""
        self._sign_receipts()
        await data_keys.add(self.db, self.new_keys)
        await exchanges.keep_serials(self.db, self.serials)
        await self._save_exchanges()
        await desks.save(self.db, [self.desks[name] for name in sorted(self.changed_desks)])
        await statements.add(self.db, self.new_statements)
        await outbox.add(self.db, self.new_outbox)
        await outbox.take_back(self.db, self.taken_back)
        await streams.save(self.db, {peer: self.streams[peer] for peer in self.moved})
        await signals.add(self.db, self.new_signals, self.seat.wall.now())
        await self._keep_receipts()
        await quarantine.add(self.db, self.inadmissible)
        await links.add(self.db, self.new_links)
        if self.notes:
            entries = audit.follow(await ledger.last(self.db), self.notes, self.seat.clock.now())
            await ledger.append(self.db, entries)

    async def _save_exchanges(self) -> None:
        next_due: dict[str, datetime | None] = {}
        due_on: dict[str, date] = {}
        for name, exchange in self.changed.items():
            area = self.seat.area(exchange.area, exchange.version)
            next_due[name] = next_due_at(exchange, area, node=self.seat.node, calendar=public_holidays)
            if dues := running(exchange, area, public_holidays):
                due_on[name] = dues[0].due_on
        await exchanges.save(self.db, self.changed.values(), next_due, due_on)
        await self._tell()

    async def _tell(self) -> None:
        """Keep what is to be told; what an own step answers, or any step ends, need not be looked at any more."""
        if self.moved_on:
            now = self.seat.clock.now()
            await notices.mark_seen(self.db, (name for name, ours in self.moved_on.items() if ours), "news", now)
            await notices.mark_seen(self.db, self.moved_on, "inactivity", now)
        await notices.add(self.db, self.notices)

    def _sign_receipts(self) -> None:
        for peer, owed in sorted(self.answers.items()):
            for entries in batched(owed, RECEIPTS_CHARACTERS):
                receipt = Receipts(
                    id=self.seat.new_id(), sender=self.seat.node, at=self.seat.clock.now(), to=peer, entries=entries
                )
                self.new_receipts.append((receipt, self.signal(receipt)))

    async def _keep_receipts(self) -> None:
        kept, evidence = [], []
        for receipt, jws in self.new_receipts:
            digest = signing.statement_hash(jws)
            now = self.seat.clock.now()
            kept.append(receipts.ReceiptStatement(digest, receipt.id, receipt.sender, jws, now))
            evidence += [
                receipts.Evidence(entry.hash, receipt.sender, entry.outcome, entry.code, receipt.at, digest)
                for entry in receipt.entries
            ]
        await receipts.add(self.db, kept, evidence)


def exchange_of(statement: Numbered) -> str | None:
    """The exchange that a statement belongs to, if any."""
    return statement.exchange if isinstance(statement, OfExchange) else None


def require_fits(packed: Packed) -> None:
    """Insist that a statement fits in an envelope.

    Raises:
        Refused: TOO_LARGE.
    """
    size = packed_size(packed)
    if size > MAX_STATEMENT_BYTES:
        raise Refused(
            Refusal.TOO_LARGE,
            f"it comes to {size // 1024} KiB, and an envelope takes {MAX_STATEMENT_BYTES // 1024} KiB; "
            "shorten the text, or send it as an attachment",
        )


def batched(items: Iterable[Receipt], characters: int) -> Iterator[tuple[Receipt, ...]]:
    """Group receipts, in order, so that each group comes to at most so many characters of JSON."""
    group: list[Receipt] = []
    size = 0
    for item in items:
        length = len(item.model_dump_json())
        if group and size + length > characters:
            yield tuple(group)
            group, size = [], 0
        group.append(item)
        size += length
    if group:
        yield tuple(group)
