"""Exchanges, and the numbers of new ones."""

from datetime import UTC, datetime, timedelta

import pytest

from node.store import exchanges
from node.store.database import Store
from schemas.exchange import Exchange

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def exchange(serial: int, *, state: str = "sent", other: str = "FR", opened: bool = True) -> Exchange:
    return Exchange(
        id=f"ECOM-REQ-DE-2026-{serial:06d}",
        area="e_commerce",
        version=1,
        procedure="request",
        state=state,
        parties={"requesting": "DE", "responding": other},
        facts={"outcome": "agreed"},
        opened_at=NOW if opened else None,
    )


async def save(store: Store, *all_of_them: Exchange, due: datetime | None = None) -> None:
    async with store.transaction() as db:
        await exchanges.save(db, all_of_them, {each.id: due for each in all_of_them})


async def test_what_was_saved_is_loaded_unchanged_and_the_unknown_left_out(store: Store) -> None:
    one, two = exchange(1), exchange(2, state="closed")
    await save(store, one, two)
    assert await exchanges.load(store.read, [two.id, one.id, "ECOM-REQ-DE-2026-000009"]) == {one.id: one, two.id: two}


async def test_saving_again_replaces_it_in_its_place(store: Store) -> None:
    await save(store, exchange(1), exchange(2))
    changed = exchange(1, state="closed").model_copy(update={"closed_at": NOW})
    await save(store, changed)
    assert await exchanges.page(store.read) == [exchange(2), changed]
    assert await exchanges.page(store.read, state="sent") == [exchange(2)]


async def test_pages_go_from_the_newest_to_the_oldest_without_repeating(store: Store) -> None:
    await save(store, *(exchange(number) for number in (5, 3, 9, 1, 7)))
    first = await exchanges.page(store.read, limit=2)
    second = await exchanges.page(store.read, after=first[-1].id, limit=2)
    third = await exchanges.page(store.read, after=second[-1].id, limit=2)
    assert first + second + third == [exchange(number) for number in (7, 1, 9, 3, 5)]
    assert await exchanges.page(store.read, after="ECOM-REQ-DE-2026-000077") == []


async def test_a_page_can_be_of_one_state_and_one_counterpart(store: Store) -> None:
    await save(store, exchange(1, other="FR"), exchange(2, state="closed"), exchange(3, other="CY"), exchange(4))
    assert [each.id[-1] for each in await exchanges.page(store.read, state="sent")] == ["4", "3", "1"]
    assert [each.id[-1] for each in await exchanges.page(store.read, counterpart="FR")] == ["4", "2", "1"]
    page = await exchanges.page(store.read, state="sent", counterpart="FR", after=exchange(4).id)
    assert page == [exchange(1, other="FR")]


async def test_what_time_makes_due_is_found_when_its_time_has_come(store: Store) -> None:
    await save(store, exchange(1), due=NOW + timedelta(days=2))
    await save(store, exchange(2), due=NOW)
    await save(store, exchange(3), due=None)
    assert await exchanges.due(store.read, NOW - timedelta(milliseconds=1)) == []
    assert await exchanges.due(store.read, NOW) == [exchange(2).id]
    assert await exchanges.due(store.read, NOW + timedelta(days=3)) == [exchange(2).id, exchange(1).id]

    await save(store, exchange(2), due=None)
    assert await exchanges.due(store.read, NOW) == []


async def test_an_exchange_is_not_saved_without_saying_when_it_is_due(store: Store) -> None:
    async with store.transaction() as db:
        with pytest.raises(KeyError, match="000001"):
            await exchanges.save(db, [exchange(1)], {})


async def test_counting_goes_through_all_that_were_opened(store: Store) -> None:
    opened = [exchange(number) for number in range(1, 8)]
    await save(store, *opened, exchange(8, state="draft", opened=False))
    assert [each async for each in exchanges.statistics(store.read, batch=3)] == opened


async def test_serial_numbers_are_counted_for_each_prefix(store: Store) -> None:
    async with store.transaction() as db:
        assert await exchanges.last_serial(db, "A-DE-2026") == 0
        await exchanges.keep_serials(db, {"A-DE-2026": 3, "B-DE-2026": 1})
        await exchanges.keep_serials(db, {"A-DE-2026": 4})
    async with store.transaction() as db:
        assert [await exchanges.last_serial(db, prefix) for prefix in ("A-DE-2026", "B-DE-2026")] == [4, 1]


async def test_a_serial_number_of_a_known_exchange_is_never_given(store: Store) -> None:
    await save(store, exchange(41), exchange(7))
    async with store.transaction() as db:
        assert await exchanges.last_serial(db, "ECOM-REQ-DE-2026") == 41
        assert await exchanges.last_serial(db, "ECOM-REQ-DE-202") == 0
    await save(store, exchange(99))
    async with store.transaction() as db:
        assert await exchanges.last_serial(db, "ECOM-REQ-DE-2026") == 99
