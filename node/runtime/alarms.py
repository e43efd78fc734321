"""What somebody has to look at: each in a sentence, with the remedy."""

from collections.abc import AsyncIterator

import aiosqlite

from node.crypto.trust import GRACE, Freshness
from node.handlers.exchanges.consistency import contradictions
from node.handlers.exchanges.procedure import Refused
from node.runtime.seat import DirectoryExpired, Seat
from node.runtime.working_set import WorkingSet
from node.store import quarantine
from schemas.exchange import Exchange
from schemas.messages import Step
from schemas.refusal import Refusal


def raise_contradictions(work: WorkingSet, exchange: Exchange, step: Step, jws: str) -> None:
    """Somebody has another statement than we under one number: the step counts, and the operators hear of it.

    It does not count where it is its own sender's step before it that is another one here: it belongs to another
    story than the one that this copy was told.

    Args:
        work: the open working set.
        exchange: the copy before the step.
        step: what a party signed, or we ourselves in a former life.
        jws: the step as it was signed: it proves what its author had seen.

    Raises:
        Refused: CONTRADICTED.
    """
    contradicted = contradictions(exchange, step)
    if any(found.sender == step.sender for found in contradicted):
        raise Refused(Refusal.CONTRADICTED, f"{step.sender}'s own step before it is another one here")
    for found in contradicted:
        detail = (
            f"{step.sender} has seen step {found.sequence} of {found.sender} in {step.exchange} as {found.theirs}, "
            f"and here it is {found.ours}"
        )
        work.set_aside(Refusal.CONTRADICTED, detail, sender=found.sender, message_id=step.id, body=jws.encode())
        work.note(
            work.seat.node,
            "statements.contradict",
            step.exchange,
            sender=found.sender,
            sequence=found.sequence,
            seen_by=step.sender,
            ours=found.ours,
            theirs=found.theirs,
        )


async def alarms(seat: Seat, db: aiosqlite.Connection) -> tuple[str, ...]:
    """Say what is wrong with this node or its peers, and does not mend itself."""
    return tuple([each async for each in _alarms(seat, db)])


async def _alarms(seat: Seat, db: aiosqlite.Connection) -> AsyncIterator[str]:
    if seat.trust.freshness(seat.clock.now()) is Freshness.IN_GRACE:
        yield (
            f"The directory expired, and is used on for {GRACE.days} days: "
            "have the Commission publish a current one before they are over."
        )
    try:
        seat.require_directory()
    except DirectoryExpired as expired:
        sentence = str(expired)
        yield f"{sentence[0].upper()}{sentence[1:]}."
    contradicted = await quarantine.count(db, Refusal.CONTRADICTED)
    if contradicted:
        yield (
            f"A sender signed two different things for one place ({contradicted} times seen): `imi node quarantine` "
            "names sender and case, or the ledger; compare what both nodes hold with `imi verify`, and call the sender."
        )
