"""The responsible authority has seen what the others sent: they are told so, signed."""

from node.handlers.access import Actor
from node.handlers.dates.notices import own_steps
from node.handlers.rights import Right
from node.runtime.cases import case_for
from node.runtime.working_set import WorkingSet
from node.store import notices, receipts
from schemas.messages import Receipt


async def note_opened(work: WorkingSet, exchange_id: str, actor: Actor) -> int:
    """Owe the other parties a receipt for each step that was not seen before; returns for how many.

    Raises:
        Denied, Refused: the user does not open it for that authority, or there is no such exchange.
    """
    exchange = (await case_for(work, actor, Right.NOTE_OPENED, exchange_id)).exchange
    node = work.seat.node
    evidence = await receipts.about(work.db, [entry.hash for entry in exchange.history])
    await notices.mark_seen(
        work.db,
        [exchange_id],
        "news",
        work.seat.clock.now(),
        audience="authority",
        but=own_steps(exchange, {grant.authority for grant in actor.grants}, node=node),
    )
    unseen = 0
    for entry in exchange.history:
        if entry.sender == node:
            continue
        told = [e.jws_hash for e in evidence.get(entry.hash, ()) if (e.party, e.outcome) == (node, "opened")]
        if told:
            await work.repeat(entry.sender, told)  # nobody asks for it where it was lost
        else:
            work.answer(entry.sender, Receipt(message=entry.message, hash=entry.hash, outcome="opened"))
            unseen += 1
    return unseen
