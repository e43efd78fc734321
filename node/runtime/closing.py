"""Closes outbox rows on what their recipients signed for."""

from collections.abc import Iterable
from itertools import groupby
from typing import Literal

from node.runtime import recovery
from node.runtime.working_set import WorkingSet
from node.store import outbox, statements
from schemas.messages import Receipt, Receipts
from schemas.refusal import Refusal


async def close(work: WorkingSet, signal: Receipts, jws: str) -> None:
    """Close what a peer has signed for; a receipt for other content than ours closes nothing."""
    sent = await statements.known(work.db, [entry.message for entry in signal.entries])
    if any((work.seat.node, entry.message) not in sent for entry in signal.entries):
        recovery.ask_back(work, signal.sender, 1)  # it signs for what we do not know that we sent: we have lost it
    valid = tuple(entry for entry in signal.entries if sent.get((work.seat.node, entry.message)) == entry.hash)
    if not valid:
        return
    work.new_receipts.append((signal.model_copy(update={"entries": valid}), jws))
    for (outcome, code), group in groupby(sorted(valid, key=_outcome), key=_outcome):
        # What came too early may come again: that is kept as evidence, and the row stays open.
        if outcome != "opened" and code != Refusal.TOO_FAR_AHEAD:
            entries = list(group)
            rows = [(entry.hash, signal.sender) for entry in entries]
            closed = await outbox.end(work.db, rows, outcome, signal.at, code or None)
            work.ended += [entry.message for entry in entries]
            if closed and code == Refusal.BAD_SEQUENCE:
                await _ask_what_had_its_number(work, signal.sender, entries)


async def _ask_what_had_its_number(work: WorkingSet, peer: str, refused: Iterable[Receipt]) -> None:
    sent = await outbox.of_statements(work.db, [entry.hash for entry in refused])
    numbers = [row.number for rows in sent.values() for row in rows if row.recipient == peer]
    recovery.ask_back(work, peer, min(numbers))


def _outcome(entry: Receipt) -> tuple[Literal["delivered", "opened", "refused"], str]:
    return entry.outcome, entry.code or ""
