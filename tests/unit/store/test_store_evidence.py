"""Statements, receipts and data keys: what proves, and what can be erased."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from node.store import data_keys, receipts, statements
from node.store.data_keys import DataKey
from node.store.database import Store
from node.store.receipts import Evidence, Outcome, ReceiptStatement
from node.store.statements import Recorded

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def recorded(message_id: str, *, exchange: str | None = "case", disclosures: bytes | None = b"sealed") -> Recorded:
    return Recorded(
        message_id=message_id,
        exchange_id=exchange,
        kind="step",
        sender="FR",
        sequence=1,
        hash=f"hash of {message_id}",
        jws=f"jws of {message_id}",
        disclosures=disclosures,
        recorded_at=NOW,
    )


def evidence(about: str, party: str, outcome: Outcome, jws_hash: str, *, minutes: int = 0) -> Evidence:
    code = "bad_form" if outcome == "refused" else None
    return Evidence(about, party, outcome, code, NOW + timedelta(minutes=minutes), jws_hash)


def signed(digest: str, sender: str) -> ReceiptStatement:
    return ReceiptStatement(digest, f"id of {digest}", sender, f"jws of {digest}", NOW)


async def test_statements_of_an_exchange_come_in_the_order_of_recording(store: Store) -> None:
    all_of_them = [recorded("z"), recorded("a", disclosures=None), recorded("m"), recorded("n", exchange="other")]
    async with store.transaction() as db:
        await statements.add(db, all_of_them)
    await store.compact()

    assert await statements.of_exchange(store.read, "case") == all_of_them[:3]
    assert await statements.get(store.read, ["hash of m", "unknown"]) == {"hash of m": all_of_them[2]}
    assert await statements.known(store.read, ["z", "unknown"]) == {("FR", "z"): "hash of z"}


async def test_a_message_id_of_a_sender_is_recorded_once(store: Store) -> None:
    async with store.transaction() as db:
        await statements.add(db, [recorded("a")])
        with pytest.raises(sqlite3.IntegrityError):
            await statements.add(db, [replace(recorded("a"), hash="another")])


async def test_two_senders_may_use_the_same_message_id(store: Store) -> None:
    async with store.transaction() as db:
        await statements.add(db, [recorded("a"), replace(recorded("a"), sender="CY", hash="another")])
    assert await statements.known(store.read, ["a"]) == {("FR", "a"): "hash of a", ("CY", "a"): "another"}


async def test_erasing_takes_what_was_said_and_leaves_that_it_was_said(store: Store) -> None:
    canary, other = b"canary of the case" * 400, recorded("n", exchange="other")
    async with store.transaction() as db:
        await statements.add(db, [recorded("a", disclosures=canary), other])
    async with store.transaction() as db:
        await statements.erase_disclosures(db, "case")
    await store.compact()

    assert await statements.of_exchange(store.read, "case") == [recorded("a", disclosures=None)]
    assert await statements.of_exchange(store.read, "other") == [other]
    assert not any(b"canary" in each.read_bytes() for each in store.path.parent.iterdir())


async def test_receipts_of_a_message_name_their_signed_statements(store: Store) -> None:
    delivered = evidence("m", "CY", "delivered", "one")
    opened = evidence("m", "CY", "opened", "two", minutes=9)
    async with store.transaction() as db:
        await receipts.add(db, [signed("one", "CY"), signed("two", "CY")], [opened, delivered])
        await receipts.add(db, [signed("one", "CY")], [evidence("m", "CY", "delivered", "two", minutes=30)])

    assert await receipts.about(store.read, ["m", "unknown"]) == {"m": [delivered, opened]}
    assert await receipts.statements(store.read, ["one", "unknown"]) == {"one": signed("one", "CY")}


async def test_a_receipt_without_its_signed_statement_is_not_kept(store: Store) -> None:
    async def keep() -> None:
        async with store.transaction() as db:
            await receipts.add(db, [], [evidence("m", "CY", "delivered", "missing")])

    with pytest.raises(sqlite3.IntegrityError):
        await keep()


async def test_a_data_key_is_blocked_and_then_destroyed(store: Store) -> None:
    async with store.transaction() as db:
        await data_keys.add(db, [DataKey("one", b"wrapped one"), DataKey("two", b"wrapped two")])
        await data_keys.move(db, DataKey("one", b"wrapped anew", "blocked"))
    found = await data_keys.get(store.read, ["one", "two", "unknown"])
    assert found == {"one": DataKey("one", b"wrapped anew", "blocked"), "two": DataKey("two", b"wrapped two")}

    async with store.transaction() as db:
        await data_keys.destroy(db, ["one"])
    assert await data_keys.get(store.read, ["one", "two"]) == {"two": DataKey("two", b"wrapped two")}


async def test_a_data_key_is_never_replaced(store: Store) -> None:
    async with store.transaction() as db:
        await data_keys.add(db, [DataKey("one", b"wrapped one")])
        with pytest.raises(sqlite3.IntegrityError):
            await data_keys.add(db, [DataKey("one", b"another")])
