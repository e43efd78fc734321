"""Searching among a node's exchanges, and keeping the index up with what was said.

The index follows the statements at a distance: a step is stored without waiting for it, and taken in by the next tick
or the next search. Under load it takes in little and falls behind; it catches up as soon as nobody comes to the desk.
"""

from datetime import UTC, date, datetime, time, timedelta

from node.crypto import statement as signing
from node.crypto import vault
from node.crypto.search_key import entry, search_key
from node.handlers.dates.deadlines import running
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.rights import Right
from node.handlers.search import searching
from node.handlers.search.indexing import Term, facets_of, terms_of
from node.handlers.search.searching import Unsearchable
from node.runtime.cases import May
from node.runtime.filled import opened
from node.runtime.register import authorities_named, own_register
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import drafts, exchanges, search, search_index
from node.store.search import Conditions, Span
from node.store.search_index import Source, Unread
from schemas.exchange import Exchange
from schemas.identifiers import node_of
from schemas.search import Between, Facets, Found, Query

BATCH = 50  # statements taken in with one commit: less than 0.1 s in which nobody else writes
A_FEW = 5  # while the node is busy
MOST_BATCHES = 20  # one after the other: starting a node must not wait for a new index
MOST_LOOKED_AT = 5000  # exchanges, for one page; who may see few of them asks for the next page


async def take_in_a_few(work: WorkingSet) -> int:
    """The same, while others wait for the desk."""
    return await take_in(work, A_FEW)


async def take_in(work: WorkingSet, most: int = BATCH) -> int:
    """Take into the index what is not in it yet; returns how many statements or drafts, 0 when it is up with them."""
    unread, due = await search_index.unread(work.db, most), await search_index.due(work.db, most)
    if not unread and not due:
        return 0
    touched = list(dict.fromkeys([*(each.exchange_id for each in unread), *due]))
    await work.include(touched)
    entries = _Entries(search_key(work.seat.keyring.store_key))
    if unread:
        sources = [source for each in unread if (source := _source(work, each, entries)) is not None]
        await search_index.add(work.db, sources, until=unread[-1].seq)
    await search_index.replace_drafts(work.db, {name: await _prepared(work, name, entries) for name in due})
    known = [work.exchanges[name] for name in touched if name in work.exchanges]
    await search_index.put_facets(work.db, [_facets(work.seat, exchange) for exchange in known])
    return max(len(unread), len(due))


async def take_in_again(work: WorkingSet, exchange: Exchange) -> None:
    """Have an exchange in the index as it is now: after its content was out of reach, or some of it was erased."""
    entries = _Entries(search_key(work.seat.keyring.store_key))
    await search_index.forget(work.db, exchange.id)
    kept = await search_index.read_before(work.db, exchange.id)
    if not kept:
        return  # nothing of it was in the index yet: it will be, in its turn
    sources = [source for each in kept if (source := _source(work, each, entries)) is not None]
    await search_index.add(work.db, sources, until=0)
    await search_index.put_facets(work.db, [_facets(work.seat, exchange)])


async def find(seat: Seat, query: Query, may: May) -> Found:
    """Find exchanges that meet a query, the last recorded first, as far as somebody may know of them.

    Personal data lead only those to an exchange who may see them there.

    Raises:
        Unsearchable: the query names a field, a code, a status, a party, an authority or a policy area that there is
            not.
    """
    db = seat.store.read
    searching.require_party(query.country)
    searching.require_area(query.area, query.procedure, seat.areas)
    conditions = _conditions(seat, query)
    found: list[Exchange] = []
    after, looked_at, more = query.after, 0, True
    while more and len(found) < query.limit and looked_at < MOST_LOOKED_AT:
        hits = await search.find(db, conditions, after=after, limit=query.limit)
        more = len(hits) == query.limit
        looked_at += len(hits)
        loaded = await exchanges.load(db, (hit.exchange_id for hit in hits))
        for hit in hits:
            if len(found) == query.limit:
                more = True
                break
            after = hit.exchange_id
            exchange = loaded[after]
            if may(Right.SEARCH, exchange) and (not hit.by_personal or may(Right.SEE_PERSONAL, exchange)):
                found.append(exchange)
    if not found:
        await _require_authority(seat, query.authority)
    return Found(exchanges=tuple(found), next=after if more else None, behind=await search_index.behind(db))


async def numbers_of(seat: Seat, query: Query, most: int) -> list[str]:
    """The case numbers that meet a query, whoever asks: for auditors, who are shown nothing of what these cases say.

    Raises:
        Unsearchable: as for `find`.
    """
    hits = await search.find(seat.store.read, _conditions(seat, query), limit=most)
    return [hit.exchange_id for hit in hits]


async def _require_authority(seat: Seat, name: str | None) -> None:
    """Insist that an authority is known, once nothing was found: one that is retired may have acted all the same."""
    if name is not None and name not in (await own_register(seat)).authorities:
        known = (await authorities_named(seat, seat.store.read, [name]))[name]
        if known is None:
            raise Unsearchable(
                f"no authority {name} is known here; `imi authority find --country {node_of(name)}` lists them"
            )


class _Entries(dict[Term, int]):
    """Terms as they stand in the index; those of one batch are computed once."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __missing__(self, term: Term) -> int:
        made = self[term] = entry(self._key, *term)
        return made


def _source(work: WorkingSet, each: Unread, entries: _Entries) -> Source | None:
    """The terms of a statement, unless what it says may not be searched any more."""
    exchange = work.exchanges[each.exchange_id]
    if exchange.blocked_at is not None or each.disclosures is None:
        return None
    step = next(one.step for one in exchange.history if one.hash == each.hash)
    area = work.seat.area(exchange.area, exchange.version)
    form = area.procedures[exchange.procedure].steps[step].form
    if form is None:
        return None
    kept = signing.kept(vault.open_content(work.keys[exchange.id], each.disclosures, each.message_id.encode()))
    terms = terms_of(area.forms[form], signing.read_disclosures(map(signing.digest, kept), kept))
    return Source(exchange.id, each.seq, {entries[term]: personal for term, personal in terms.items()})


async def _prepared(work: WorkingSet, name: str, entries: _Entries) -> dict[int, bool]:
    """The terms of what is filled in and not sent; all count as personal, since nobody has looked at it yet."""
    exchange = work.exchanges.get(name)
    if exchange is None or exchange.blocked_at is not None or name not in work.keys:
        return {}
    area = work.seat.area(exchange.area, exchange.version)
    steps = area.procedures[exchange.procedure].steps
    found: dict[int, bool] = {}
    for step, sealed in (await drafts.of_exchange(work.db, name)).items():
        form = steps[step].form
        if form is not None:
            content = opened(work.keys[name], sealed, name)
            found |= {entries[term]: True for term in terms_of(area.forms[form], content)}
    return found


def _facets(seat: Seat, exchange: Exchange) -> Facets:
    area = seat.area(exchange.area, exchange.version)
    due = next((_start(each.due_on) for each in running(exchange, area, public_holidays)), None)
    return facets_of(exchange, area, seat.node, due)


def _conditions(seat: Seat, query: Query) -> Conditions:
    keys = [search_key(each) for each in seat.keyring.store_keys]  # two, while the store key is rolled over
    groups = searching.groups_of(query, seat.areas)
    by_state = query.status is not None and query.status != searching.BLOCKED
    due = _span(query.due)
    if query.overdue:
        today = _start(seat.clock.now().date())
        due = Span(due.since, min(today, due.before or today))
    return Conditions(
        groups=[[entry(key, *term) for key in keys for term in group] for group in groups],
        number=query.number,
        role=query.role,
        area=query.area,
        procedure=query.procedure,
        states=searching.states_of(query.status or "", seat.areas) if by_state else None,
        party=query.country,
        authority=query.authority,
        opened=_span(query.sent),
        accepted=_span(query.accepted),
        due=due,
        closed=_span(query.closed),
        blocked=True if query.status == searching.BLOCKED else None,
    )


def _span(between: Between) -> Span:
    return Span(
        _start(between.first) if between.first is not None else None,
        _start(between.last) + timedelta(days=1) if between.last is not None else None,
    )


def _start(day: date) -> datetime:
    return datetime.combine(day, time(tzinfo=UTC))
