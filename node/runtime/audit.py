"""Writes the ledger: who did what to which exchange, each entry chained to the one before; never any content."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from node.crypto import ledger as chain
from node.crypto import strict_json
from node.store.ledger import LedgerEntry


@dataclass(frozen=True, slots=True)
class Note:
    """Something to write down."""

    actor: str
    action: str
    subject: str
    detail: str
    """JSON."""


def follow(last: LedgerEntry | None, notes: Iterable[Note], at: datetime) -> list[LedgerEntry]:
    """Chain notes to the last entry."""
    seq = last.seq if last is not None else 0
    previous = last.hash if last is not None else chain.GENESIS
    entries = []
    for note in notes:
        seq += 1
        previous = chain.chain(previous, hashed(seq, at, note))
        entries.append(LedgerEntry(seq, at, note.actor, note.action, note.subject, note.detail, previous))
    return entries


def hashed(seq: int, at: datetime, note: Note) -> bytes:
    """The exact bytes of an entry that its hash covers."""
    time = f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    return strict_json.dumps([seq, time, note.actor, note.action, note.subject, note.detail])


def first_broken(entries: Iterable[LedgerEntry]) -> int | None:
    """The number of the first entry that was changed, removed or inserted; None when the ledger is whole."""
    pairs = [
        (hashed(entry.seq, entry.at, Note(entry.actor, entry.action, entry.subject, entry.detail)), entry.hash)
        for entry in entries
    ]
    index = chain.verify_chain(pairs)
    return None if index is None else index + 1
