"""What the store promises as a whole: one writer, all or nothing, closed to others, nothing left of the deleted."""

import asyncio
import os
import random
import signal
import sqlite3
import stat
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from node.store import data_keys, drafts, streams
from node.store.columns import utc_text, utc_time
from node.store.data_keys import DataKey
from node.store.database import Store
from node.store.errors import StoreDamaged, StoreInUse
from node.store.streams import Stream

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

# Commits one stream; then writes more than SQLite's cache holds, so that uncommitted pages are in the WAL.
DIES_IN_A_TRANSACTION = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from node.store import drafts, streams
from node.store.database import Store
from node.store.streams import Stream

async def main():
    store = await Store.open(Path(sys.argv[1]))
    async with store.transaction() as db:
        await streams.save(db, {"FR": Stream(7, 9)})
    async with store.transaction() as db:
        await streams.save(db, {"FR": Stream(8, 9), "DE": Stream(2, 1)})
        for number in range(500):
            await drafts.put(db, f"draft {number}", "send", bytes(100_000), datetime.now(UTC))
        print("in the middle", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""

OPENS_AND_CLOSES = """
import asyncio, sys
from pathlib import Path
from node.store.database import Store

async def main():
    await (await Store.open(Path(sys.argv[1]))).close()

asyncio.run(main())
"""


async def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    first = await Store.open(tmp_path / "node.db")
    async with first.transaction() as db:
        await streams.save(db, {"FR": Stream(3, 4)})
    await first.close()

    again = await Store.open(tmp_path / "node.db")
    assert await streams.load(again.read) == {"FR": Stream(3, 4)}
    await again.close()


async def test_an_exception_leaves_nothing_of_the_transaction(store: Store) -> None:
    async def fail() -> None:
        async with store.transaction() as db:
            await streams.save(db, {"FR": Stream(3, 4)})
            await drafts.put(db, "some", "send", b"sealed", NOW)
            raise LookupError("in the middle")

    with pytest.raises(LookupError):
        await fail()

    assert await streams.load(store.read) == {}
    assert await drafts.get(store.read, "some", "send") is None


async def test_a_cancelled_transaction_leaves_nothing_and_the_next_one_works(store: Store) -> None:
    inside = asyncio.Event()

    async def wait() -> None:
        async with store.transaction() as db:
            await streams.save(db, {"FR": Stream(3, 4)})
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with store.transaction() as db:
        await streams.save(db, {"DE": Stream(1, 2)})
    assert await streams.load(store.read) == {"DE": Stream(1, 2)}


async def test_a_failing_commit_leaves_nothing_and_the_next_one_works(store: Store) -> None:
    async def break_a_foreign_key() -> None:
        async with store.transaction() as db:
            await streams.save(db, {"FR": Stream(3, 4)})
            await db.execute("INSERT INTO receipts VALUES ('m', 'FR', 'delivered', NULL, 't', 'no such statement')")

    with pytest.raises(sqlite3.IntegrityError):
        await break_a_foreign_key()

    async with store.transaction() as db:
        assert await streams.load(db) == {}


async def test_transactions_of_several_tasks_take_turns(store: Store) -> None:
    async def count_up() -> None:
        async with store.transaction() as db:
            before = (await streams.load(db)).get("FR", Stream())
            await asyncio.sleep(0)
            await streams.save(db, {"FR": Stream(before.next_out + 1, 1)})

    await asyncio.gather(*(count_up() for _ in range(20)))

    assert await streams.load(store.read) == {"FR": Stream(21, 1)}


async def test_a_transaction_within_a_transaction_is_refused(store: Store) -> None:
    async with store.transaction():
        with pytest.raises(RuntimeError, match="open in this task already"):
            async with store.transaction():
                pass


async def test_reading_sees_only_what_is_committed(store: Store) -> None:
    async with store.transaction() as db:
        await streams.save(db, {"FR": Stream(3, 4)})
        assert await streams.load(store.read) == {}
    assert await streams.load(store.read) == {"FR": Stream(3, 4)}


async def test_the_reading_connection_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await streams.save(store.read, {"FR": Stream(3, 4)})


async def test_a_second_opening_is_refused_until_the_first_is_closed(store: Store) -> None:
    with pytest.raises(StoreInUse, match="stop that one first"):
        await _open_and_close(store.path)
    await store.close()
    await _open_and_close(store.path)


async def test_another_process_cannot_open_it(store: Store) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OPENS_AND_CLOSES, str(store.path), cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await child.communicate()

    assert child.returncode == 1
    assert b"StoreInUse" in errors


async def test_a_process_killed_in_a_transaction_leaves_the_last_commit(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DIES_IN_A_TRANSACTION, str(path), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"in the middle\n"
    child.send_signal(signal.SIGKILL)
    await child.communicate()
    assert (tmp_path / "node.db-wal").stat().st_size > 1_000_000, "uncommitted pages were to be on disk"

    store = await Store.open(path)
    assert await streams.load(store.read) == {"FR": Stream(7, 9)}
    assert await drafts.get(store.read, "draft 0", "send") is None
    assert list(await store.read.execute_fetchall("SELECT * FROM pragma_integrity_check")) == [("ok",)]
    await store.close()


async def test_its_files_are_closed_to_others(store: Store) -> None:
    async with store.transaction() as db:
        await streams.save(db, {"FR": Stream(3, 4)})
    await store.backup(store.path.with_name("copy.db"))

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in store.path.parent.iterdir()}
    assert {"node.db", "node.db-wal", "node.db.lock", "copy.db"} <= set(modes)
    assert set(modes.values()) == {0o600}


async def test_a_file_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    path.touch(0o644)
    store = await Store.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await store.close()


async def test_it_is_durable_as_promised(store: Store) -> None:
    async with store.transaction() as db:
        settings = {
            name: next(iter(await db.execute_fetchall(f"PRAGMA {name}")))[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


async def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    path.write_bytes(b"something else entirely " * 100)
    with pytest.raises(StoreDamaged, match="restore the last backup"):
        await Store.open(path)
    assert path.read_bytes() == b"something else entirely " * 100


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        await Store.open(tmp_path / "nowhere" / "node.db")


async def test_no_byte_of_a_destroyed_key_is_left_after_compacting(store: Store) -> None:
    # Inserted out of order and in several sizes, so that pages are rebuilt and leave pieces of rows behind.
    chance = random.Random(1)  # noqa: S311  no secret
    keys = [
        DataKey(f"case {number}", chance.randbytes(chance.choice((24, 60, 200))))
        for number in chance.sample(range(3000), 3000)
    ]
    gone, kept = keys[::2], keys[1::2]
    async with store.transaction() as db:
        await data_keys.add(db, keys)
    async with store.transaction() as db:
        await data_keys.destroy(db, [key.exchange_id for key in gone])
    await store.compact()

    left = _bytes_of(store)
    assert [key for key in gone if key.wrapped[-16:] in left] == []
    assert all(key.wrapped in left for key in kept)


async def test_the_old_wrapping_of_a_blocked_key_is_not_left(store: Store) -> None:
    old, new = os.urandom(60), os.urandom(60)
    async with store.transaction() as db:
        await data_keys.add(db, [DataKey("case", old)])
    async with store.transaction() as db:
        await data_keys.move(db, DataKey("case", new, "blocked"))
    await store.compact()

    assert old not in _bytes_of(store)
    assert new in _bytes_of(store)


async def test_a_backup_is_a_whole_store_and_replaces_the_one_before(store: Store) -> None:
    copy = store.path.with_name("copy.db")
    copy.write_bytes(b"yesterday's")
    async with store.transaction() as db:
        await streams.save(db, {"FR": Stream(3, 4)})
    await store.backup(copy)
    async with store.transaction() as db:
        await streams.save(db, {"FR": Stream(5, 6)})

    assert {each.name for each in copy.parent.glob("copy*")} == {"copy.db"}
    restored = await Store.open(copy)
    assert await streams.load(restored.read) == {"FR": Stream(3, 4)}
    await restored.close()


def test_times_sort_as_text_and_need_utc() -> None:
    times = [NOW, NOW + timedelta(milliseconds=1), NOW + timedelta(days=40), NOW.replace(year=2027)]
    texts = [utc_text(each) for each in times]
    assert texts == sorted(texts)
    assert [utc_time(each) for each in texts] == times
    for wrong in (NOW.replace(tzinfo=None), NOW.astimezone(timezone(timedelta(hours=1)))):
        with pytest.raises(ValueError, match="UTC"):
            utc_text(wrong)


async def _open_and_close(path: Path) -> None:
    await (await Store.open(path)).close()


def _bytes_of(store: Store) -> bytes:
    return b"".join(each.read_bytes() for each in store.path.parent.iterdir())
