"""The register of this node at work: it is read, changed and looked up here, together with those of other countries.

Until something in it is changed, what the directory says of this node's authorities is its register, all validated:
the node said so in its application. From then on the register counts, and the directory's list is history. For other
countries the same: what they published counts, else the directory.

The own register is kept in memory, since every request asks it for rights. It is read before anything is written in
the same transaction, so that what is kept was committed.
"""

from collections.abc import Iterable, Mapping, Sequence

import aiosqlite

from node.handlers.access import Actor, addressee
from node.handlers.registers import authority_index, changes, staff
from node.handlers.registers.register import Register, RegisterRefused
from node.handlers.registers.registration import Setting
from node.handlers.search import searching
from node.runtime.officials import Officials
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import authorities, exchanges, registers, users
from node.store.authorities import Condition
from schemas.authorities import Authority
from schemas.identifiers import node_of
from schemas.people import RegisteredAuthority
from schemas.policy_area import PolicyArea
from schemas.register import (
    AuthorityQuery,
    AuthorityView,
    Change,
    CountryRegister,
    FoundAuthorities,
    RegisterView,
    RetireAuthority,
)

_NAMED = 3  # of the exchanges that stand in the way, in a sentence


class UnknownAuthority(LookupError):
    """No register and no list that this node knows has such an authority; the message says where to look."""


async def own_register(seat: Seat, db: aiosqlite.Connection | None = None) -> Register:
    """Read the own register.

    Args:
        seat: of the node.
        db: the open transaction, where there is one.
    """
    before = seat.register
    if before is not None and before.directory in (None, _listed(seat)):
        return before
    read = await _read(seat, db if db is not None else seat.store.read)
    if seat.register is before:  # nobody changed it meanwhile
        seat.register = read
    return read


async def change(work: WorkingSet, actor: Actor, wanted: Sequence[Change]) -> Register:
    """Make changes in the own register, all or none.

    Returns:
        The register as it is then; once that is committed, it takes the place of `Seat.register`.

    Raises:
        Denied, RegisterRefused: nothing has changed.
    """
    seat = work.seat
    before = await _read(seat, work.db)
    setting = Setting(actor, seat.clock.now(), _procedures(seat), _told_steps(seat))
    after = changes.decide(before, wanted, setting)
    for each in wanted:
        if isinstance(each, RetireAuthority):
            await _require_no_open_exchange(work, each.authority)
    officials = Officials(seat)
    altered = [each for name, each in after.users.items() if before.users.get(name) is not each]
    await users.put(work.db, officials.keep_users(altered))
    await _keep_authorities(work, officials, before, after)
    for each in wanted:
        work.note(actor.id or seat.node, f"register.{each.kind}", changes.subject(each))
    return after


async def forget_users(work: WorkingSet) -> Register | None:
    """Delete the data of users who left three years ago (IMI Regulation, Art. 15).

    Returns:
        The register without them, as for `change`; none where nobody had to be forgotten.
    """
    register = await own_register(work.seat, work.db)
    names = frozenset(staff.to_forget(register, work.seat.clock.now()))
    if not names:
        return None
    await users.forget(work.db, names)
    for name in sorted(names):
        work.note(work.seat.node, "user.deleted", name)
    remaining = {name: user for name, user in register.users.items() if name not in names}
    return Register(register.node, register.authorities, remaining)


async def authorities_named(seat: Seat, db: aiosqlite.Connection, names: Iterable[str]) -> dict[str, Authority | None]:
    """Look up authorities of any country by id; None for those that do not count, or that there are not."""
    wanted = list(dict.fromkeys(names))
    found = await authorities.get(db, wanted)
    officials = Officials(seat)
    return {
        name: (officials.authority(kept) if (kept := found[name]) is not None else None)
        if name in found
        else seat.trust.authority(name)
        for name in wanted
    }


async def addressee_in(
    seat: Seat, db: aiosqlite.Connection, country: str, area: PolicyArea, procedure: str
) -> str | None:
    """Name the authority that gets what is addressed to a country only."""
    if await registers.published(db, country) is not None:
        return await authorities.addressee(db, country, f"{area.area}.{procedure}")
    entry = seat.trust.entry(country)
    return addressee(entry.authorities, area=area, procedure=procedure) if entry is not None else None


async def is_searchable(seat: Seat, db: aiosqlite.Connection) -> bool:
    """Say whether the lists of the directory in force can be searched."""
    directory = seat.trust.directory
    return directory is None or await registers.searchable_directory(db) == directory.version


async def make_searchable(work: WorkingSet) -> None:
    """Take the lists of a newer directory into the index, of nodes that have published nothing themselves."""
    directory = work.seat.trust.directory
    if directory is None:
        return
    officials = Officials(work.seat)
    published = await registers.all_published(work.db)
    for entry in directory.nodes:
        if entry.id not in published:
            await keep_known(work.db, officials, entry.id, entry.authorities)
    await registers.set_searchable_directory(work.db, directory.version)


async def keep_known(db: aiosqlite.Connection, officials: Officials, node: str, now: Iterable[Authority]) -> None:
    """Put these authorities in the place of all that were known of a node; what is the same is not written again."""
    before = {kept.id: officials.authority(kept) for kept in await authorities.of_node(db, node)}
    after = {each.id: each for each in now}
    await authorities.drop(db, before.keys() - after.keys())
    await authorities.put(db, [officials.index(each) for name, each in after.items() if before.get(name) != each])


async def find(seat: Seat, query: AuthorityQuery) -> FoundAuthorities:
    """Find authorities of any country, each country's national coordinator with them.

    Raises:
        Unsearchable: the query names a country, a policy area or a procedure that there is not.
    """
    searching.require_party(query.country)
    searching.require_area(query.area, query.procedure, seat.areas)
    db, officials = seat.store.read, Officials(seat)
    condition = Condition(
        node=query.country,
        module=authority_index.module_wanted(query),
        language=query.language,
        words=authority_index.words_wanted(query),
    )
    kept = await authorities.find(db, condition, query.limit + 1)
    found = [officials.authority(each) for each in kept[: query.limit]]
    countries = [query.country] if query.country is not None else sorted({node_of(each.id) for each in found})
    coordinators = [officials.authority(each) for each in await authorities.national(db, countries)]
    return FoundAuthorities(
        coordinators={node_of(each.id): each for each in coordinators},
        authorities=tuple(found),
        more=len(kept) > query.limit,
    )


async def authority_view(seat: Seat, name: str) -> AuthorityView:
    """Show one authority of any country; of the own one with its standing.

    Raises:
        UnknownAuthority: there is none.
    """
    db = seat.store.read
    node = node_of(name)
    registered = (await own_register(seat)).authorities.get(name) if node == seat.node else None
    known = registered.authority if registered is not None else (await authorities_named(seat, db, [name]))[name]
    if known is None:
        raise UnknownAuthority(f"no authority {name} is known here; `imi authority find --country {node}` lists them")
    return AuthorityView(authority=known, registered=registered, country=await _country(seat, db, node))


async def register_view(seat: Seat) -> RegisterView:
    """Show the own register."""
    db = seat.store.read
    register = await own_register(seat)
    return RegisterView(
        node=seat.node,
        authorities=tuple(register.authorities[name] for name in sorted(register.authorities)),
        published=await _country(seat, db, seat.node),
        unpublished=await registers.is_changed(db),
    )


async def _read(seat: Seat, db: aiosqlite.Connection) -> Register:
    officials = Officials(seat)
    own = [officials.registered(kept) for kept in await registers.own(db)]
    people = officials.users(await users.all(db))
    here = {each.authority.id: each for each in own or _as_in_the_directory(seat)}
    return Register(seat.node, here, people, directory=None if own else _listed(seat))


async def _require_no_open_exchange(work: WorkingSet, authority: str) -> None:
    """Insist that nobody waits for an authority that ends; raises RegisterRefused."""
    found = await exchanges.open_of(work.db, authority, _NAMED + 1)
    if found:
        more = " and others" if len(found) > _NAMED else ""
        raise RegisterRefused(
            f"{authority} acts in {', '.join(found[:_NAMED])}{more}, not closed yet; forward, close, withdraw or "
            "discard them first"
        )


def _listed(seat: Seat) -> int:
    """The version of the directory in force."""
    return seat.trust.directory.version if seat.trust.directory is not None else 0


async def _country(seat: Seat, db: aiosqlite.Connection, node: str) -> CountryRegister:
    published = await registers.published(db, node)
    if published is None:
        entry = seat.trust.entry(node)
        return CountryRegister(country=node, version=0, authorities=len(entry.authorities) if entry is not None else 0)
    return CountryRegister(
        country=node,
        version=published.version,
        at=published.at if published.version else None,
        authorities=await authorities.count(db, node),
    )


async def _keep_authorities(work: WorkingSet, officials: Officials, before: Register, after: Register) -> None:
    altered = [each for name, each in after.authorities.items() if before.authorities.get(name) is not each]
    seat, db = work.seat, work.db
    if await registers.published(db, seat.node) is None:  # it begins now, and takes the place of the directory's list
        altered = list(after.authorities.values())
        await registers.set_published(db, seat.node, 0, seat.clock.now())
        await authorities.drop(db, [kept.id for kept in await authorities.of_node(db, seat.node)])
    await registers.put_own(db, [officials.keep_registered(each) for each in altered])
    count = [each.authority for each in altered if each.status == "validated"]
    await authorities.drop(db, [each.authority.id for each in altered])
    await authorities.put(db, [officials.index(each) for each in count])
    if any(before.validated.get(each.authority.id) != after.validated.get(each.authority.id) for each in altered):
        await registers.set_changed(db, changed=True)


def _as_in_the_directory(seat: Seat) -> list[RegisteredAuthority]:
    entry = seat.trust.entry(seat.node)
    if entry is None:
        return []
    return [
        RegisteredAuthority(authority=each, status="validated", since=entry.since, areas=tuple(each.modules))
        for each in entry.authorities
    ]


def _procedures(seat: Seat) -> Mapping[str, frozenset[str]]:
    """All procedures of all versions: an exchange keeps the version that it began with."""
    known: dict[str, frozenset[str]] = {}
    for (name, _), area in seat.areas.items():
        known[name] = known.get(name, frozenset()) | area.procedures.keys()
    return known


def _told_steps(seat: Seat) -> frozenset[str]:
    """All steps that are told to another party."""
    return frozenset(
        name
        for area in seat.areas.values()
        for procedure in area.procedures.values()
        for name, rule in procedure.steps.items()
        if not rule.local
    )
