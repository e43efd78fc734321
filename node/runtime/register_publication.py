"""Each node tells all others of its authorities, signed, and takes in what they tell (docs/decisions/0014).

Published is what was changed since the last time, once a tick, so that many changes make one publication; a node that
is new or was away is told what counts now. What an older version said is erased as soon as nobody waits for it: names
of contact persons do not outlive their office.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node.crypto import statement as signing
from node.handlers.refused import Refused
from node.handlers.register import Register
from node.handlers.register_pages import next_version, pages_of, read_page, require_country, require_newer
from node.runtime.officials import Officials
from node.runtime.register import forget_users, own_register
from node.runtime.working_set import WorkingSet
from node.store import authorities, data_keys, registers, statements
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
        await authorities.replace(work.db, seat.node, [officials.index(each) for each in register.validated.values()])
    now = seat.clock.now()
    version = next_version(own.version if own is not None else 0, now)
    await registers.set_published(work.db, seat.node, version, now)
    await registers.set_changed(work.db, changed=False)
    peers = _peers(work)
    await _tell(work, register, peers, version)
    work.note(seat.node, "register.published", seat.node, version=version)
    return len(peers)


async def take_in(work: WorkingSet, published: AuthoritiesPublished, body: Mapping[str, object]) -> None:
    """Take in a page of a country's register; the last one puts the version in force.

    Raises:
        Refused: it is not newer, of another country, or makes no sense.
    """
    db, node, version = work.db, published.sender, published.version
    new = read_page(published, body)
    counts = await registers.published(db, node)
    waits = await registers.staged_version(db, node)
    require_newer(published, counts=counts.version if counts is not None else 0, waits=waits)
    if twice := await registers.on_stage(db, node, version, (each.id for each in new)):
        raise Refused(Refusal.MALFORMED, f"{twice[0]} stands on two pages of version {version}")
    officials = Officials(work.seat)
    here = await registers.pages(db, node, version) | {published.page}
    if here == frozenset(range(1, published.pages + 1)):
        earlier = [officials.authority(kept) for kept in await registers.staged(db, node, version)]
        require_country(node, [*earlier, *new])
        await authorities.replace(db, node, [officials.index(each) for each in (*earlier, *new)])
        await registers.unstage(db, node)
        await registers.set_published(db, node, version, published.at)
        work.note(node, "register.received", node, version=version)
    else:
        await registers.stage(db, node, version, published.page, [officials.keep(each) for each in new])
    await registers.add_statement(db, published.id, node, version, published.page)


async def erase_superseded(work: WorkingSet) -> int:
    """Erase what statements of older versions said; returns of how many."""
    ids = await registers.superseded(work.db)
    if ids:
        await data_keys.destroy(work.db, ids)
        await statements.erase_said(work.db, ids)
        await registers.drop_statements(work.db, ids)
    return len(ids)


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
        work.issue(statement, disclosures)
        await registers.add_statement(work.db, statement.id, seat.node, version, page)


def _peers(work: WorkingSet) -> frozenset[str]:
    seat = work.seat
    return frozenset(entry.id for entry in seat.trust.nodes() if entry.status == "active") - {seat.node}
