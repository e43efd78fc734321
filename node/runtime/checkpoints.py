"""Checkpoints: the ledger's head, signed and given to peers, so that nobody at home can rewrite the ledger unseen.

Once a day a node signs how long its ledger is and the hash of the last entry, keeps that, and gives it to a few peers,
to others each day. Whoever verifies the ledger later compares it with what the peers hold (docs/decisions/0027).
"""

from datetime import datetime, timedelta

from node.crypto import statement as signing
from node.runtime.working_set import WorkingSet
from node.store import checkpoints, ledger
from node.store.checkpoints import Kept
from schemas.messages import Checkpoint
from schemas.refusal import Refusal

EVERY = timedelta(days=1)
WITNESSES = 3  # peers that get a checkpoint; with 30 of them each has one at least every ten days


async def give(work: WorkingSet) -> int:
    """Sign the head of the ledger if it grew and the last signature is a day old; returns to how many it goes."""
    seat, now = work.seat, work.seat.clock.now()
    head, before = await ledger.last(work.db), await checkpoints.last(work.db, seat.node)
    if head is None or not seat.has_directory():
        return 0
    since, entries = before or (await _begun(work), 0)
    if now < since + EVERY or head.seq == entries:
        return 0
    peers = sorted(entry.id for entry in seat.trust.nodes() if entry.status == "active" and entry.id != seat.node)
    for peer in _turn(peers, now):
        said = Checkpoint(id=seat.new_id(), sender=seat.node, at=now, to=peer, entries=head.seq, head=head.hash)
        jws = work.signal(said)
        await checkpoints.add(work.db, Kept(seat.node, head.seq, head.hash, peer, now, jws))
    return min(len(peers), WITNESSES)


async def _begun(work: WorkingSet) -> datetime:
    """When the first entry was written."""
    return (await ledger.following(work.db, 0, 1))[0].at


async def keep(work: WorkingSet, said: Checkpoint, jws: str) -> None:
    """Keep a peer's checkpoint; one that contradicts an earlier one is kept too, and the operator hears of it."""
    node, detail = said.sender, ""
    if await checkpoints.other_heads(work.db, node, said.entries, said.head):
        detail = f"{node} signed two different heads for a ledger of {said.entries} entries: it was rewritten"
    before = await checkpoints.last(work.db, node)
    if before is not None and said.entries < before[1] and said.at > before[0]:
        detail = detail or (
            f"the ledger of {node} had {before[1]} entries, and now has {said.entries}: it was cut, or is of a backup"
        )
    await checkpoints.add(work.db, Kept(node, said.entries, said.head, said.to, said.at, jws))
    if detail:
        work.set_aside(Refusal.CONTRADICTED, detail, sender=node, message_id=said.id, body=jws.encode())
        work.note(work.seat.node, "ledger.contradicts", node, entries=said.entries, hash=signing.statement_hash(jws))


def _turn(peers: list[str], at: datetime) -> list[str]:
    """Those whose turn it is today."""
    first = at.toordinal() * WITNESSES
    return [peers[(first + place) % len(peers)] for place in range(min(WITNESSES, len(peers)))]
