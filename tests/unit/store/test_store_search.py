"""The index of exchanges: terms, facets, and that nothing of a blocked one stays."""

from datetime import UTC, datetime, timedelta

import pytest

from node.store import search
from node.store.database import Store
from node.store.search import Conditions, Hit, Source, Span
from schemas.search import Facets
from tests.unit.store.test_store_exchanges import exchange, save

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SHOP, CASINO, NAME = -5, 1 << 62, 7


def facets(serial: int, **changes: object) -> Facets:
    return Facets.model_validate(
        {
            "exchange": exchange(serial).id,
            "area": "e_commerce",
            "procedure": "request",
            "state": "accepted",
            "role": "sent",
            "parties": ("DE", "FR"),
            "authorities": ("DE/youth-media", "FR/police"),
            "opened_at": NOW + timedelta(days=serial),
            "accepted_at": None,
            "due_at": None,
            "closed_at": None,
            "hides_personal": False,
            "blocked": False,
        }
        | changes
    )


async def keep(store: Store, *kept: tuple[Facets, dict[int, bool]]) -> None:
    numbers = range(1, len(kept) + 1)
    await save(store, *(exchange(serial) for serial in numbers))
    async with store.transaction() as db:
        sources = [Source(each.exchange, number, terms) for number, (each, terms) in zip(numbers, kept, strict=True)]
        await search.add(db, sources, until=len(kept))
        await search.put_facets(db, [each for each, _ in kept])


async def found(
    store: Store, *groups: list[int], limit: int = 50, after: int | None = None, **more: object
) -> list[int]:
    hits = await search.find(
        store.read,
        Conditions(groups=groups, **more),  # type: ignore[arg-type]
        limit=limit,
        after=exchange(after).id if after is not None else None,
    )
    return [int(hit.exchange_id[-6:]) for hit in hits]


async def test_all_groups_must_be_met_each_by_any_of_its_terms(store: Store) -> None:
    await keep(store, (facets(1), {SHOP: False}), (facets(2), {SHOP: False, CASINO: False}), (facets(3), {}))

    assert await found(store, [SHOP]) == [2, 1]
    assert await found(store, [SHOP], [CASINO]) == [2]
    assert await found(store, [CASINO, 99], [SHOP, 98]) == [2]
    assert await found(store, [99]) == []
    assert await found(store) == [3, 2, 1]


async def test_pages_follow_each_other(store: Store) -> None:
    await keep(store, *((facets(serial), {SHOP: False}) for serial in range(1, 6)))

    assert await found(store, [SHOP], limit=2) == [5, 4]
    assert await found(store, [SHOP], limit=2, after=4) == [3, 2]
    assert await found(store, [SHOP], after=1) == await found(store, [SHOP], after=77) == []


async def test_a_common_term_is_looked_for_among_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await keep(store, *((facets(serial), {SHOP: False, CASINO: serial == 1}) for serial in range(1, 6)))
    monkeypatch.setattr(search, "RARE", 2)

    assert await found(store, [SHOP]) == [5, 4, 3, 2, 1]


async def test_personal_terms_find_nothing_where_they_are_hidden_and_say_what_they_are_elsewhere(store: Store) -> None:
    hidden = facets(2, hides_personal=True)
    await keep(store, (facets(1), {NAME: True, SHOP: False}), (hidden, {NAME: True, SHOP: False}))

    conditions = Conditions(groups=[[NAME]])
    assert await search.find(store.read, conditions) == [Hit(exchange(1).id, by_personal=True)]
    assert [hit.by_personal for hit in await search.find(store.read, Conditions(groups=[[SHOP]]))] == [False, False]

    async with store.transaction() as db:  # a later step says it openly
        await search.add(db, [Source(exchange(1).id, 3, {NAME: False})], until=3)
    assert await search.find(store.read, conditions) == [Hit(exchange(1).id, by_personal=False)]


async def test_facets_are_compared_each_in_its_way(store: Store) -> None:
    other = facets(2, role="received", state="closed", parties=("DE", "IT"), authorities=("IT/a", "DE/b"), blocked=True)
    await keep(store, (facets(1, due_at=NOW), {}), (other, {}))

    assert await found(store, role="received") == await found(store, states=["closed", "refused"]) == [2]
    assert (
        await found(store, party="IT")
        == await found(store, authority="DE/b")
        == await found(store, blocked=True)
        == [2]
    )
    assert await found(store, authority="DE/youth") == []
    assert await found(store, number="000001") == [1]
    assert await found(store, number="%") == await found(store, number="00000_") == []
    assert await found(store, opened=Span(since=NOW + timedelta(days=2))) == [2]
    assert await found(store, opened=Span(before=NOW + timedelta(days=2))) == [1]
    assert await found(store, due=Span(before=NOW)) == []
    assert await found(store, due=Span(since=NOW)) == [1]


async def test_what_is_forgotten_leaves_no_term_and_stays_as_blocked(store: Store) -> None:
    await keep(store, (facets(1, due_at=NOW), {SHOP: False, NAME: True}), (facets(2), {SHOP: False}))
    async with store.transaction() as db:
        await search.add(db, [Source(exchange(1).id, 3, {CASINO: False})], until=3)

    async with store.transaction() as db:
        await search.forget(db, exchange(1).id)
        await search.forget(db, exchange(99).id)

    assert await found(store, [SHOP]) == [2]
    assert await found(store, [CASINO]) == []
    assert await found(store, blocked=True) == [1]
    assert await found(store, due=Span(since=NOW)) == []
    [(terms,)] = await store.read.execute_fetchall("SELECT count(*) FROM search_terms WHERE exchange = 1")
    assert terms == 0
