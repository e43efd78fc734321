"""What came early is held, sealed, until it is its turn, and then opened again."""

from node.crypto import statement as signing
from node.crypto import vault
from node.crypto.envelope import OpenedStatement
from node.crypto.jws import read_key_id, unverified_payload
from node.crypto.statement import Packed
from node.runtime.working_set import WorkingSet, exchange_of
from node.store import waiting as early
from schemas.messages import STATEMENT, Numbered, Signal


async def hold(work: WorkingSet, statement: Numbered, arrival: OpenedStatement, reason: early.Reason) -> None:
    """Keep a statement until what it waits for has come."""
    exchange_id = exchange_of(statement)
    held = early.Early(
        sender=statement.sender,
        number=statement.to.get(work.seat.node) or min(statement.to.values()),
        message_id=statement.id,
        exchange_id=exchange_id,
        hash=arrival.hash,
        jws=arrival.packed.jws,
        disclosures=work.seal(exchange_id or arrival.hash, statement.id, arrival.packed.disclosures),
        reason=reason,
        since=work.seat.wall.now(),
    )
    await early.add(work.db, [held])


def reopened(work: WorkingSet, held: early.Early) -> OpenedStatement:
    """Open again what waited here; its signature was verified when it came."""
    disclosures: tuple[str, ...] = ()
    if held.disclosures is not None:
        key = work.content_key(held.exchange_id or held.hash)
        content = vault.open_content(key, held.disclosures, held.message_id.encode())
        disclosures = tuple(content.decode().split("~"))
    statement = STATEMENT.validate_json(unverified_payload(held.jws))
    digests = () if isinstance(statement, Signal) else statement.digests
    return OpenedStatement(
        statement=statement,
        packed=Packed(jws=held.jws, disclosures=disclosures),
        hash=held.hash,
        body=signing.read_disclosures(digests, disclosures),
        key_id=read_key_id(held.jws, signing.PURPOSE),
    )
