"""What is on its way: outbox, signals, streams."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from node.store import outbox, signals, statements, streams
from node.store.database import Store
from node.store.outbox import Delivery, Due, Outgoing
from node.store.statements import Recorded
from node.store.streams import Stream

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


async def send(store: Store, *rows: tuple[str, int, str], at: datetime = NOW) -> None:
    """Put messages on their way, given as recipient, number and message id, which serves as hash too."""
    async with store.transaction() as db:
        known = await statements.known(db, [message_id for _, _, message_id in rows])
        fresh = sorted({message_id for _, _, message_id in rows} - {message_id for _, message_id in known})
        await statements.add(
            db, [Recorded(each, "case", "step", "DE", 1, each, f"jws of {each}", b"sealed", at) for each in fresh]
        )
        await outbox.add(db, [Outgoing(*row, created_at=at) for row in rows])


def due_row(recipient: str, number: int, message_id: str, state: outbox.State = "waiting", attempts: int = 0) -> Due:
    return Due(recipient, number, message_id, state, attempts, "case", f"jws of {message_id}", b"sealed")


async def test_what_is_due_comes_by_recipient_and_number_with_its_statement(store: Store) -> None:
    await send(store, ("FR", 2, "b"), ("FR", 1, "a"), ("EC", 1, "a"))
    await send(store, ("FR", 3, "c"), at=LATER)
    assert await outbox.due(store.read, NOW, 10) == [
        due_row("EC", 1, "a"),
        due_row("FR", 1, "a"),
        due_row("FR", 2, "b"),
    ]
    assert len(await outbox.due(store.read, LATER, 10)) == 4


async def test_what_is_at_hand_is_due_without_its_statement(store: Store) -> None:
    await send(store, ("FR", 1, "a"), ("FR", 2, "b"))
    assert await outbox.due(store.read, NOW, 10, at_hand=["a", "unknown"]) == [
        Due("FR", 1, "a", "waiting", 0, "case", "", None),
        due_row("FR", 2, "b"),
    ]


async def test_a_long_queue_to_one_recipient_does_not_hold_up_the_others(store: Store) -> None:
    await send(store, ("ZZ", 1, "z"))
    await send(store, *(("AA", number, f"a{number}") for number in range(1, 50)), at=LATER)
    assert await outbox.due(store.read, LATER, 3) == [
        due_row("AA", 1, "a1"),
        due_row("AA", 2, "a2"),
        due_row("ZZ", 1, "z"),
    ]


async def test_a_published_row_is_due_again_until_its_receipt_comes(store: Store) -> None:
    await send(store, ("FR", 1, "a"))
    async with store.transaction() as db:
        await outbox.mark_published(db, [("FR", 1)], NOW, LATER)
    assert await outbox.due(store.read, NOW, 10) == []
    assert await outbox.due(store.read, LATER, 10) == [due_row("FR", 1, "a", "published", 1)]

    async with store.transaction() as db:
        await outbox.mark_published(db, [("FR", 1)], LATER, LATER)
        assert await outbox.end(db, [("a", "FR")], "delivered", LATER) == 1
    assert await outbox.due(store.read, LATER, 10) == []
    delivery = Delivery("a", "FR", 1, "delivered", 2, NOW, NOW, LATER, None)
    assert await outbox.of_statements(store.read, ["a", "unknown"]) == {"a": [delivery]}


async def test_a_receipt_that_is_quicker_than_the_confirm_stays(store: Store) -> None:
    await send(store, ("FR", 1, "a"))
    async with store.transaction() as db:
        await outbox.end(db, [("a", "FR")], "delivered", NOW)
        await outbox.mark_published(db, [("FR", 1)], LATER, LATER)
        await outbox.postpone(db, [("FR", 1)], LATER)
    assert await outbox.counts(store.read) == {"delivered": 1}


async def test_the_first_end_stays_and_others_close_nothing(store: Store) -> None:
    await send(store, ("FR", 1, "a"), ("EC", 1, "a"))
    async with store.transaction() as db:
        assert await outbox.end(db, [("a", "FR")], "refused", NOW, "bad_form") == 1
        assert await outbox.end(db, [("a", "FR"), ("a", "CY"), ("b", "FR")], "delivered", LATER) == 0
        assert await outbox.end(db, [], "delivered", LATER) == 0
    [ec, fr] = (await outbox.of_statements(store.read, ["a"]))["a"]
    assert (ec.state, ec.ended_at, ec.code) == ("waiting", None, None)
    assert (fr.state, fr.ended_at, fr.code) == ("refused", NOW, "bad_form")


async def test_an_attempt_that_failed_is_counted_and_put_off(store: Store) -> None:
    await send(store, ("FR", 1, "a"))
    async with store.transaction() as db:
        await outbox.postpone(db, [("FR", 1)], LATER)
    assert await outbox.due(store.read, NOW, 10) == []
    assert await outbox.due(store.read, LATER, 10) == [due_row("FR", 1, "a", "waiting", 1)]


async def test_numbers_that_a_peer_lacks_are_opened_again_however_they_ended(store: Store) -> None:
    await send(store, *(("FR", number, f"m{number}") for number in range(1, 7)), ("CY", 2, "m2"))
    everything = [(f"m{number}", "FR") for number in range(1, 7)]
    async with store.transaction() as db:
        await outbox.end(db, [*everything, ("m2", "CY")], "delivered", NOW)
        await outbox.wake(db, "FR", [(2, 3), (6, 90)], LATER)

    assert await outbox.due(store.read, NOW, 10) == []
    assert [each.number for each in await outbox.due(store.read, LATER, 10)] == [2, 3, 6]
    assert await outbox.counts(store.read) == {"delivered": 4, "waiting": 3}
    async with store.transaction() as db:
        assert await outbox.end(db, everything, "delivered", LATER) == 3


async def test_rows_are_found_by_ranges_of_numbers(store: Store) -> None:
    await send(store, *(("FR", number, f"m{number}") for number in range(1, 9)), ("CY", 2, "m2"))
    found = await outbox.by_numbers(store.read, "FR", [(2, 3), (7, 100)])
    assert [each.number for each in found] == [2, 3, 7, 8]
    assert found[0] == due_row("FR", 2, "m2")
    assert len(await outbox.by_numbers(store.read, "FR", [(1, 8)], limit=5)) == 5


async def test_the_oldest_without_a_receipt_is_told(store: Store) -> None:
    assert await outbox.oldest_waiting_at(store.read) is None
    await send(store, ("FR", 1, "a"))
    await send(store, ("FR", 2, "b"), at=LATER)
    async with store.transaction() as db:
        await outbox.mark_published(db, [("FR", 1)], NOW, LATER)
    assert await outbox.oldest_waiting_at(store.read) == NOW
    async with store.transaction() as db:
        await outbox.end(db, [("a", "FR")], "delivered", LATER)
    assert await outbox.oldest_waiting_at(store.read) == LATER


async def test_a_number_is_used_once_and_only_for_a_recorded_statement(store: Store) -> None:
    await send(store, ("FR", 1, "a"))
    with pytest.raises(sqlite3.IntegrityError):
        await send(store, ("FR", 1, "b"))

    async def send_unrecorded() -> None:
        async with store.transaction() as db:
            await outbox.add(db, [Outgoing("FR", 2, "unrecorded", NOW)])

    with pytest.raises(sqlite3.IntegrityError):
        await send_unrecorded()
    assert await outbox.counts(store.read) == {"waiting": 1}


async def test_signals_wait_in_order_until_they_are_removed(store: Store) -> None:
    async with store.transaction() as db:
        await signals.add(db, [("FR", "one"), ("CY", "two"), ("FR", "three")], NOW)
    first, second = await signals.waiting(store.read, 2)
    assert (first.recipient, first.jws, second.jws) == ("FR", "one", "two")

    async with store.transaction() as db:
        await signals.remove(db, [first.id, second.id])
    assert [each.jws for each in await signals.waiting(store.read, 10)] == ["three"]


async def test_streams_are_kept_for_each_peer(store: Store) -> None:
    async with store.transaction() as db:
        await streams.save(db, {"FR": Stream(3, 1), "CY": Stream()})
        await streams.save(db, {"FR": Stream(4, 2)})
    assert await streams.load(store.read) == {"FR": Stream(4, 2), "CY": Stream(1, 1)}
