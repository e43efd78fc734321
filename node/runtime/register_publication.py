"""Each node tells all others of its authorities, signed, and takes in what they tell (docs/decisions/0014).

Published is what was changed since the last time, once a tick, so that many changes make one publication; a node that
is new or was away is told what counts now. What an older version said is erased as soon as nobody waits for it: names
of contact persons do not outlive their office.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from node.crypto import statement as signing
from node.crypto.statement import Packed
from node.handlers.refused import Refused
from node.handlers.registers.register import Register
from node.handlers.registers.register_pages import next_version, pages_of, read_page, require_country, require_newer
from node.runtime.officials import Officials
from node.runtime.register import forget_users, keep_known, own_register
from node.runtime.working_set import WorkingSet
from node.store import data_keys, registers, statements
from schemas.authorities import Authority
from schemas.messages import AuthoritiesPublished
from schemas.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Kept:
    """What the upkeep of the registers did."""

    erased: int
    """Users and statements whose personal data were deleted."""
    register: Register | None
    """The own register as it is now, where users were deleted from it."""


async def keep_up(work: WorkingSet) -> Kept:
    """Do what is due: publish, erase what nobody needs any more, forget users who left long ago."""
    await publish_due(work)
    register = await forget_users(work)
    return Kept(await erase_superseded(work) + (register is not None), register)


async def publish_due(work: WorkingSet) -> int:
    """Tell other nodes of the own register as far as they don't know it; returns how many nodes are told."""
    own = await registers.published(work.db, work.seat.node)
    if own is None or not work.seat.has_directory():
        return 0
    if await registers.is_changed(work.db):
        return await publish(work)
    if own.version == 0:
        return 0
    newcomers = _peers(work) - await registers.told(work.db, own.version)
    if newcomers:
        await _tell(work, await own_register(work.seat, work.db), newcomers, own.version)
    return len(newcomers)


async def publish(work: WorkingSet) -> int:
    """Publish the own register anew, to all active nodes; returns to how many.

    Raises:
        DirectoryExpired: nobody may be told anything.
    """
    seat = work.seat
    seat.require_directory()
    own = await registers.published(work.db, seat.node)
    register = await own_register(seat, work.db)
    if own is None:  # nothing was changed yet: what the directory says becomes the register
        officials = Officials(seat)
        await registers.put_own(work.db, [officials.keep_registered(each) for each in register.authorities.values()])
        await keep_known(work.db, officials, seat.node, register.validated.values())
    now = seat.clock.now()
    version = next_version(own.version if own is not None else 0, now)
    await registers.set_published(work.db, seat.node, version, now)
    await registers.set_changed(work.db, changed=False)
    peers = _peers(work)
    await _tell(work, register, peers, version)
    work.note(seat.node, "register.published", seat.node, version=version)
    return len(peers)


async def take_in(
    work: WorkingSet, published: AuthoritiesPublished, statement_hash: str, body: Mapping[str, object]
) -> None:
    """Take in a page of a country's register; the last one puts the version in force.

    Raises:
        Refused: it is not newer, of another country, or makes no sense.
    """
    whole = await _whole(work, published, statement_hash, body)
    if whole is not None:
        await keep_known(work.db, Officials(work.seat), published.sender, whole)
        await registers.set_published(work.db, published.sender, published.version, published.at)
        work.note(published.sender, "register.received", published.sender, version=published.version)


async def take_back(
    work: WorkingSet, published: AuthoritiesPublished, packed: Packed, body: Mapping[str, object]
) -> bool:
    """Take a page of the own register that a peer gives back: it was published in a life that our store does not know.

    What was published counts as validated; what counted here and is not in it was retired since. Users, and what else
    is told to nobody, are as they were in the backup.

    Returns:
        Whether it was newer than what is here.
    """
    seat, db, statement_hash = work.seat, work.db, signing.statement_hash(packed.jws)
    try:
        whole = await _whole(work, published, statement_hash, body)
    except Refused:
        return False
    work.take_back(published, packed, statement_hash)
    await registers.set_told(db, published.to, published.version)
    if whole is not None:
        officials = Officials(seat)
        register = (await own_register(seat, db)).as_published(whole, published.at)
        await registers.put_own(db, [officials.keep_registered(each) for each in register.authorities.values()])
        await keep_known(db, officials, seat.node, whole)
        await registers.set_published(db, seat.node, published.version, published.at)
        await registers.set_changed(db, changed=False)
        seat.register = register
        work.note(seat.node, "register.given_back", seat.node, version=published.version)
    return True


async def erase_superseded(work: WorkingSet) -> int:
    """Erase what statements of older versions said; returns of how many."""
    hashes = await registers.superseded(work.db, _peers(work))
    if hashes:
        await data_keys.destroy(work.db, hashes)
        await statements.erase_said(work.db, hashes)
        await registers.drop_statements(work.db, hashes)
    return len(hashes)


async def _whole(
    work: WorkingSet, published: AuthoritiesPublished, statement_hash: str, body: Mapping[str, object]
) -> Sequence[Authority] | None:
    """Keep a page, and give all authorities of its version once no page lacks; raises Refused, and keeps nothing."""
    db, node, version = work.db, published.sender, published.version
    new = read_page(published, body)
    counts = await registers.published(db, node)
    waits = await registers.staged_version(db, node)
    require_newer(published, counts=counts.version if counts is not None else 0, waits=waits)
    if twice := await registers.on_stage(db, node, version, (each.id for each in new)):
        raise Refused(Refusal.MALFORMED, f"{twice[0]} stands on two pages of version {version}")
    officials = Officials(work.seat)
    whole = None
    if await registers.pages(db, node, version) | {published.page} == frozenset(range(1, published.pages + 1)):
        whole = [*(officials.authority(kept) for kept in await registers.staged(db, node, version)), *new]
        require_country(node, whole)
        await registers.unstage(db, node)
    else:
        await registers.stage(db, node, version, published.page, [officials.keep(each) for each in new])
    await registers.add_statement(db, statement_hash, node, version, published.page)
    return whole


async def _tell(work: WorkingSet, register: Register, peers: Iterable[str], version: int) -> None:
    seat = work.seat
    told = sorted(peers)
    await registers.set_told(work.db, told, version)
    if not told:
        return
    pages = pages_of(register.validated.values())
    for page, fields in enumerate(pages, start=1):
        digests, disclosures = signing.disclose(fields, seat.random)
        statement = AuthoritiesPublished(
            id=seat.new_id(),
            sender=seat.node,
            at=seat.clock.now(),
            to=work.next_numbers(told),
            digests=digests,
            version=version,
            page=page,
            pages=len(pages),
        )
        statement_hash = work.issue(statement, disclosures)
        await registers.add_statement(work.db, statement_hash, seat.node, version, page)


def _peers(work: WorkingSet) -> frozenset[str]:
    seat = work.seat
    return frozenset(entry.id for entry in seat.trust.nodes() if entry.status == "active") - {seat.node}
