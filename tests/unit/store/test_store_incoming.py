"""What came and is not taken over: early statements, and the quarantine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from node.store import quarantine, waiting
from node.store.database import Store
from node.store.quarantine import Inadmissible
from node.store.waiting import Early

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def early(number: int, *, sender: str = "FR", reason: waiting.Reason = "stream", exchange: str = "case") -> Early:
    text = f"{sender} {number}"
    since = NOW + timedelta(minutes=number)
    return Early(sender, number, f"id {text}", exchange, f"hash {text}", f"jws {text}", b"sealed", reason, since)


def refused(body: bytes, *, code: str = "bad_signature", minutes: int = 0) -> Inadmissible:
    at = NOW + timedelta(minutes=minutes)
    return Inadmissible(at, code, "FR", None, "in plain words", body, f"hash of {body[:20]!r}")


async def test_a_stream_goes_on_up_to_the_next_gap(store: Store) -> None:
    async with store.transaction() as db:
        await waiting.add(db, [early(7), early(5), early(6), early(9), early(6, sender="CY")])
    assert await waiting.of_stream(store.read, "FR", 5) == [early(5), early(6), early(7)]
    assert await waiting.of_stream(store.read, "FR", 5, limit=2) == [early(5), early(6)]
    assert await waiting.of_stream(store.read, "FR", 4) == []
    assert await waiting.numbers(store.read) == {"CY": [6], "FR": [5, 6, 7, 9]}

    async with store.transaction() as db:
        await waiting.remove(db, ["hash FR 5", "hash FR 6"])
    assert await waiting.numbers(store.read) == {"CY": [6], "FR": [7, 9]}


async def test_what_waits_for_its_exchange_is_found_by_it(store: Store) -> None:
    first, second = early(2, reason="exchange"), early(8, sender="CY", reason="exchange")
    other = early(3, reason="exchange", exchange="other")
    async with store.transaction() as db:
        await waiting.add(db, [second, first, other, early(4)])
    found = await waiting.of_exchanges(store.read, ["case", "other", "unknown"])
    assert found == {"case": [first, second], "other": [other]}
    assert await waiting.counts(store.read) == {"exchange": 3, "stream": 1}
    assert await waiting.oldest_since(store.read) == first.since


async def test_a_repeated_early_statement_takes_the_newer_reason_and_keeps_its_time(store: Store) -> None:
    async with store.transaction() as db:
        await waiting.add(db, [early(2)])
        await waiting.add(db, [replace(early(2, reason="exchange"), since=NOW + timedelta(days=1))])
    assert await waiting.of_exchanges(store.read, ["case"]) == {"case": [early(2, reason="exchange")]}


async def test_other_content_under_the_same_number_is_ignored(store: Store) -> None:
    async with store.transaction() as db:
        await waiting.add(db, [early(2)])
        await waiting.add(db, [replace(early(2), hash="another", jws="another")])
    assert await waiting.of_stream(store.read, "FR", 2) == [early(2)]


async def test_nothing_waits_in_a_new_store(store: Store) -> None:
    assert await waiting.oldest_since(store.read) is None
    assert await waiting.counts(store.read) == {}


async def test_quarantine_is_listed_from_the_newest_with_its_reason(store: Store) -> None:
    async with store.transaction() as db:
        await quarantine.add(db, [refused(b"one"), refused(b"two", code="not_for_me"), refused(b"three")])
    newest, middle = await quarantine.page(store.read, limit=2)
    [oldest] = await quarantine.page(store.read, before=middle.id)
    assert (middle.code, middle.sender, middle.detail, middle.size) == ("not_for_me", "FR", "in plain words", 3)
    assert await quarantine.get(store.read, newest.id) == newest
    assert await quarantine.body(store.read, oldest.id) == b"one"
    assert await quarantine.get(store.read, 99) is None
    assert await quarantine.body(store.read, 99) is None


async def test_a_repeated_body_is_counted_instead_of_added(store: Store) -> None:
    async with store.transaction() as db:
        await quarantine.add(db, [refused(b"one", minutes=number) for number in range(4)])
        await quarantine.add(db, [refused(b"one", code="inactive_sender")])
    other, repeated = await quarantine.page(store.read)
    assert await quarantine.count(store.read) == 2
    assert (repeated.repeats, repeated.at, repeated.last_at) == (3, NOW, NOW + timedelta(minutes=3))
    assert (other.code, other.repeats) == ("inactive_sender", 0)


async def test_of_a_large_body_64_kib_are_kept(store: Store) -> None:
    body = bytes(range(256)) * 1000
    async with store.transaction() as db:
        await quarantine.add(db, [refused(body)])
    [entry] = await quarantine.page(store.read)
    assert entry.size == 256_000
    assert await quarantine.body(store.read, entry.id) == body[:65_536]


async def test_trimming_removes_the_oldest(store: Store) -> None:
    async with store.transaction() as db:
        await quarantine.add(db, [refused(b"%d" % number) for number in range(10)])
        await quarantine.trim(db, keep=3)
    kept = [await quarantine.body(store.read, entry.id) for entry in await quarantine.page(store.read)]
    assert kept == [b"9", b"8", b"7"]
