"""Finds out what was lost when a store was replaced by an older copy, here or at a peer, and makes it good.

Every start, a node tells its peers which number of each stream it would give next, and which it waits for. A peer
that is ahead sends again what this node no longer has: its own statements out of the outbox, and this node's, which
verify by themselves. And it says which number it waits for, so that this node gives none twice.

What neither disk holds any more stays lost; its numbers are passed by when the peer asks for them.
"""

import logging
from collections.abc import Iterable, Iterator

from node.crypto.statement import Packed
from node.runtime.calendar import SIGNALS_WAITING
from node.runtime.working_set import WorkingSet
from node.store import drafts, exchanges, outbox, returns, signals
from node.store.streams import Stream
from schemas.messages import Recall, Resend, Skip, Step

log = logging.getLogger(__name__)

MAX_LOST = 1_000_000  # of one stream; a peer that claims more is not believed
MAX_SKIPPED = 1000  # numbers of one asked range that are looked through for lost ones


async def greet(work: WorkingSet) -> frozenset[str]:
    """Ask each peer what this node may have lost; returns the peers. A node without memory asks everybody."""
    seat = work.seat
    everybody = {entry.id for entry in seat.trust.nodes() if entry.status == "active"} - {seat.node}
    peers = frozenset(work.streams) or everybody
    if await signals.count(work.db) > SIGNALS_WAITING:
        return frozenset(peers)  # what was asked at earlier starts has not even gone out
    for peer in sorted(peers):
        ask_back(work, peer, work.stream(peer).next_out)
        work.ask_again(peer, ())
    return frozenset(peers)


def ask_back(work: WorkingSet, peer: str, from_number: int) -> None:
    """Ask a peer to give back what it has of our stream to it."""
    seat = work.seat
    work.signal(Recall(id=seat.new_id(), sender=seat.node, at=seat.clock.now(), to=peer, from_number=from_number))


async def give_back(work: WorkingSet, recall: Recall) -> None:
    """Give a peer back what it may have lost of its own, and say which number is waited for."""
    await returns.add(work.db, recall.sender, recall.from_number)
    work.ask_again(recall.sender, ())


async def send_again(work: WorkingSet, asked: Resend) -> None:
    """Send a peer again what it lacks: what it asks for, and what it signed for and no longer has.

    It waits for a number that is behind what it signed for before it asked: then it has lost that.
    """
    peer, now = asked.sender, work.seat.wall.now()
    await outbox.wake(work.db, peer, asked.missing, now)
    await outbox.wake_lost(work.db, peer, asked.expects, asked.at, now)
    for number in await _lost_here(work, peer, asked.missing):
        skip = Skip(id=work.seat.new_id(), sender=work.seat.node, at=work.seat.clock.now(), to=peer, skipped=number)
        work.signal(skip)
    ours = work.stream(peer).next_out
    if go_beyond(work, peer, asked.expects - 1):
        log.warning("stream.lost", extra={"peer": peer, "from": ours, "to": asked.expects - 1})
        work.note(work.seat.node, "stream.lost", peer, numbers=[ours, asked.expects - 1])
        ask_back(work, peer, ours)


def go_beyond(work: WorkingSet, peer: str, number: int) -> bool:
    """Never give again a number that was given in a life that our store does not know; says whether this is one."""
    stream = work.stream(peer)
    if not stream.next_out <= number < stream.next_out + MAX_LOST:
        return False
    work.streams[peer] = Stream(next_out=number + 1, next_in=stream.next_in)
    work.moved.add(peer)
    return True


async def take_back(work: WorkingSet, step: Step, packed: Packed, statement_hash: str) -> None:
    """Keep a step of our own again, and send it again: so the receipts come back, and whoever lacks it gets it."""
    await drafts.remove(work.db, step.exchange, step.step)
    await keep_case_number(work, step)
    work.note(step.authority, f"given_back.{step.step}", step.exchange, message=step.id)
    work.take_back(step, packed, statement_hash)


async def keep_case_number(work: WorkingSet, step: Step) -> None:
    """Give no other case the number of one that this node has opened, whether its content came back or not."""
    if step.seen:
        return  # it opened nothing
    prefix, _, serial = step.exchange.rpartition("-")
    last = work.serials.get(prefix) or await exchanges.last_serial(work.db, prefix)
    work.serials[prefix] = max(int(serial), last)


async def _lost_here(work: WorkingSet, peer: str, missing: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Numbers asked for that were given, as far as we know, and that nothing is known of any more."""
    given = work.stream(peer).next_out - 1
    ranges = [(first, min(last, first + MAX_SKIPPED - 1, given)) for first, last in missing]
    here = await outbox.numbers(work.db, peer, ranges)
    return (number for first, last in ranges for number in range(first, last + 1) if number not in here)
