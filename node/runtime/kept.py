"""What is kept of statements and their data keys, in the store and in the transaction at hand alike.

A node that was away takes in a case, its closure and its deletion in one transaction: what is not written yet has to be
blocked, erased and deleted like the rest.
"""

from dataclasses import replace

from node.runtime.working_set import WorkingSet
from node.store import data_keys, statements


async def rewrap(work: WorkingSet, exchange_id: str, ring: data_keys.Ring) -> None:
    """Put the data key of an exchange into a ring, if it has one; whether or not it was saved before."""
    key = work.keys.get(exchange_id)
    if key is None:
        return
    moved = data_keys.DataKey(exchange_id, work.seat.keyring.wrap(ring, key), ring)
    if any(each.exchange_id == exchange_id for each in work.new_keys):
        work.new_keys = [moved if each.exchange_id == exchange_id else each for each in work.new_keys]
    else:
        await data_keys.move(work.db, moved)


def forget_content(work: WorkingSet, exchange_id: str) -> None:
    """Keep nothing of what an exchange says that is in this transaction only."""
    work.keys.pop(exchange_id, None)
    work.new_keys = [each for each in work.new_keys if each.exchange_id != exchange_id]
    for place, each in enumerate(work.new_statements):
        if each.exchange_id == exchange_id:
            work.handed_over.pop(each.message_id, None)
            work.new_statements[place] = replace(each, disclosures=None)


async def recorded(work: WorkingSet, statement_hash: str) -> statements.Recorded:
    """A statement that has taken effect, be it in this transaction; raises KeyError."""
    here = next((each for each in work.new_statements if each.hash == statement_hash), None)
    return here or (await statements.get(work.db, [statement_hash]))[statement_hash]


async def recorded_of(work: WorkingSet, exchange_id: str, kind: str) -> list[statements.Recorded]:
    """All statements of an exchange that are of a kind, those of this transaction last."""
    new = [each for each in work.new_statements if (each.exchange_id, each.kind) == (exchange_id, kind)]
    return [*await statements.of_kind(work.db, exchange_id, kind), *new]


async def keep_only(work: WorkingSet, recorded: statements.Recorded, disclosures: bytes | None) -> None:
    """Keep what is left of what a statement said in the place of all of it."""
    work.handed_over.pop(recorded.message_id, None)
    if recorded in work.new_statements:
        place = work.new_statements.index(recorded)
        work.new_statements[place] = replace(recorded, disclosures=disclosures)
    else:
        await statements.keep_only(work.db, recorded.hash, disclosures)
