"""Statements about the personal data of an exchange, taken in or given back; and what a step means for them."""

from collections.abc import Mapping

from node.crypto.statement import Packed
from node.runtime import rectification, retention
from node.runtime.working_set import WorkingSet
from schemas.exchange import Exchange
from schemas.messages import EarlyDeletion, OnData, Rectification, Retention


async def take_in(work: WorkingSet, said: OnData, statement_hash: str, body: Mapping[str, object]) -> None:
    """Take in what a party says; the caller records the statement.

    Raises:
        Refused: it may not say that.
    """
    match said:
        case Retention():
            await retention.take_confirmation(work, said, statement_hash)
        case EarlyDeletion():
            await retention.take_request(work, said)
        case Rectification():
            await rectification.take_in(work, said, body)


async def give_back(work: WorkingSet, said: OnData, packed: Packed) -> None:
    """Abide again by what this node itself had said before its store was replaced by an older copy."""
    if isinstance(said, Rectification):
        await rectification.give_back(work, said, packed)
    else:
        await retention.give_back(work, said, packed)


async def follow(work: WorkingSet, before: Exchange, after: Exchange) -> None:
    """Carry out what a step means for the data: a reopened case is open again; deletion may wait for a closure."""
    if before.blocked_at is not None and after.blocked_at is None:
        await retention.take_up_again(work, after)
    if after.early_deletion is not None:
        await retention.bring_about(work, after)
