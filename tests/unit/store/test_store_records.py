"""Ledger, documents, reports, attachments and drafts."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from node.store import attachments, documents, drafts, ledger, reports
from node.store.attachments import Piece
from node.store.database import Store
from node.store.documents import Document
from node.store.ledger import LedgerEntry
from node.store.reports import Report
from schemas.statistics import NodeStatistics, StatisticsRow

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def entry(seq: int) -> LedgerEntry:
    return LedgerEntry(seq, NOW, "DE/youth-media", "sent", "case", '{"b":1, "a":2}', f"hash {seq}")


def report(sender: str, days: int, count: int) -> Report:
    row = StatisticsRow(
        area="e_commerce",
        procedure="request",
        year=2026,
        opened_by=sender,
        addressed_to="FR",
        status="closed",
        blocked=False,
        facts={"outcome": "agreed"},
        count=count,
    )
    told = NodeStatistics(as_of=NOW + timedelta(days=days), rows=(row,), no_cases=(2020,))
    return Report(sender, f"id {sender} {days}", told)


async def test_the_ledger_is_read_from_both_ends(store: Store) -> None:
    assert await ledger.last(store.read) is None
    async with store.transaction() as db:
        await ledger.append(db, [entry(1), entry(2)])
        await ledger.append(db, [entry(3)])
    assert await ledger.last(store.read) == entry(3)
    assert await ledger.page(store.read, limit=2) == [entry(3), entry(2)]
    assert await ledger.page(store.read, before=2) == [entry(1)]
    assert await ledger.following(store.read, 0, limit=2) == [entry(1), entry(2)]
    assert await ledger.following(store.read, 2) == [entry(3)]


@pytest.mark.parametrize("change", ["UPDATE ledger SET actor = 'nobody'", "DELETE FROM ledger WHERE seq = 1"])
async def test_the_ledger_is_only_added_to(store: Store, change: str) -> None:
    async with store.transaction() as db:
        await ledger.append(db, [entry(1)])
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            await db.execute(change)
        with pytest.raises(sqlite3.IntegrityError):
            await ledger.append(db, [entry(1)])
    assert await ledger.page(store.read) == [entry(1)]


async def test_every_version_of_a_document_is_kept_as_it_came_first(store: Store) -> None:
    nine, ten, eleven = (Document("directory", version, f"text {version}", NOW) for version in (9, 10, 11))
    other = Document("root", 40, "root", NOW)
    async with store.transaction() as db:
        await documents.add(db, [ten, nine, eleven, other])
        await documents.add(db, [Document("directory", 10, "another text", NOW)])
    assert await documents.latest(store.read, "directory") == eleven
    assert await documents.all(store.read, "directory") == [nine, ten, eleven]
    assert await documents.latest(store.read, "unknown") is None


async def test_the_latest_report_of_each_node_counts(store: Store) -> None:
    async with store.transaction() as db:
        await reports.save(db, [report("DE", 0, 1), report("DE", 7, 2), report("CY", 0, 3), report("DE", 14, 4)])
        await reports.save(db, [report("CY", 0, 5)])
    assert await reports.latest(store.read, NOW + timedelta(days=8)) == {
        "CY": report("CY", 0, 5),
        "DE": report("DE", 7, 2),
    }
    assert await reports.latest(store.read, NOW - timedelta(days=1)) == {}


async def test_pieces_that_came_in_any_order_are_read_in_order(store: Store) -> None:
    pieces = [Piece("case", "file", index, 12, b"sealed %d" % index) for index in range(12)]
    async with store.transaction() as db:
        await attachments.add(db, pieces[:4:-1], NOW)
    assert await attachments.present(store.read, "case", "file") == (7, 12)
    assert await attachments.present(store.read, "case", "unknown") == (0, 0)

    async with store.transaction() as db:
        await attachments.add(db, [*pieces[:5], Piece("case", "file", 0, 12, b"another")], NOW)
    assert await attachments.present(store.read, "case", "file") == (12, 12)
    assert [data async for data in attachments.read(store.read, "case", "file")] == [piece.data for piece in pieces]


async def test_reading_an_attachment_ends_before_a_missing_piece(store: Store) -> None:
    async with store.transaction() as db:
        await attachments.add(db, [Piece("case", "file", index, 4, b"%d" % index) for index in (0, 1, 3)], NOW)
    assert [data async for data in attachments.read(store.read, "case", "file")] == [b"0", b"1"]


async def test_attachments_of_one_exchange_are_erased(store: Store) -> None:
    async with store.transaction() as db:
        await attachments.add(db, [Piece(case, "file", 0, 1, case.encode() * 9000) for case in ("kept", "gone")], NOW)
    async with store.transaction() as db:
        await attachments.erase(db, "gone")
    await store.compact()
    assert await attachments.present(store.read, "gone", "file") == (0, 0)
    assert await attachments.present(store.read, "kept", "file") == (1, 1)
    assert not any(b"gonegone" in each.read_bytes() for each in store.path.parent.iterdir())


async def test_a_draft_is_replaced_and_removed(store: Store) -> None:
    async with store.transaction() as db:
        await drafts.put(db, "case", "reply", b"sealed one", NOW)
        await drafts.put(db, "case", "reply", b"sealed two", NOW)
    assert await drafts.get(store.read, "case", "reply") == b"sealed two"
    async with store.transaction() as db:
        await drafts.remove(db, "case", "reply")
    assert await drafts.get(store.read, "case", "reply") is None
