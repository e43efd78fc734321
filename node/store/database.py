"""Opens the store, hands out transactions, compacts it and backs it up.

Invariants:

- One process writes: it holds a lock beside the database for as long as the store is open.
- One transaction at a time writes; it is committed as a whole, on disk before `commit` returns
  (WAL with `synchronous=FULL`), or leaves nothing.
- Reading outside of a transaction has a connection of its own that can't write. It sees what is committed,
  each statement for itself.
- Database, WAL and lock can be read by their owner only; deleted content is overwritten.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Self

import aiosqlite

from node.store.errors import StoreBusy, StoreDamaged, StoreError, StoreInUse
from node.store.migrate import migrate, read_migrations

OLDEST_SQLITE = (3, 37, 0)  # STRICT tables

_BUSY_SECONDS = 5.0  # a backup program may hold the file for a moment
_OWNER_ONLY = 0o600
_DAMAGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
# The page of a new store: a statement with a form of some 10 KiB takes one of these instead of four.
_SETTINGS = """
PRAGMA page_size = 16384;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
PRAGMA cache_size = -32768;
PRAGMA wal_autocheckpoint = 1000;
"""


class Store:
    """An open store; made by `Store.open`."""

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, read: aiosqlite.Connection, end: AsyncExitStack
    ) -> None:
        self.path = path
        self.read = read
        """For reading outside of a transaction; writing through it fails."""
        self._writer = writer
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None
        self._end = end

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open a store, making it if there is none, and bring it to this program's form.

        Raises:
            StoreInUse: another process has it open.
            StoreTooNew: a newer program has migrated it.
            StoreDamaged: the file is no database.
            StoreError: the SQLite library is too old.
            OSError: the folder is missing or closed to us.
        """
        _check_library()
        async with AsyncExitStack() as end:
            end.callback(os.close, _lock(path))
            _make_private(path)
            try:
                writer = await end.enter_async_context(_connect(path, "rw"))
                await writer.executescript(_SETTINGS)
                await migrate(writer, read_migrations())
                read = await end.enter_async_context(_connect(path, "ro"))
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & 0xFF not in _DAMAGE:  # the low byte is the primary code
                    raise
                raise StoreDamaged(
                    f"{path} can't be used as a database ({error}): restore the last backup, then let the peers "
                    "send again what is newer."
                ) from error
            return cls(path, writer, read, end.pop_all())

    async def close(self) -> None:
        """Wait for a running transaction, move the WAL into the database, and give up the lock."""
        async with self._exclusive():
            await self._end.aclose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Write: commits at the end of the block, rolls back on any exception, cancellation included.

        A cancellation that meets the commit itself leaves open which of the two happened, as a power cut
        would.

        Raises:
            RuntimeError: this task is in a transaction already.
        """
        async with self._exclusive():
            try:
                await self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                await self._writer.commit()
            except BaseException:
                # The connection's thread works in order: even if this wait is cancelled too, the rollback is
                # done before the next transaction begins.
                await self._writer.rollback()
                raise

    async def compact(self) -> None:
        """Leave no byte of what was deleted in the database or the WAL; for after deletions.

        Rewrites the whole file, so needs its size again on disk, and holds up writing meanwhile.

        Raises:
            StoreBusy: somebody outside this process is reading; nothing is lost, call again.
        """
        async with self._exclusive():
            # secure_delete alone is not enough: of 1500 keys deleted from full pages, the ends of one to four stayed
            # legible where pages had been rebuilt (SQLite 3.40.1).
            await self._writer.execute("VACUUM")
            [(busy, _, _)] = await self._writer.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise StoreBusy(f"{self.path} is being read by another program, so its WAL was not cleared: try again.")

    async def backup(self, path: Path) -> None:
        """Write a consistent copy; writing goes on meanwhile. An existing file is replaced once the copy is whole.

        Raises:
            OSError: the folder is missing, closed to us or full.
        """
        await copy_store(self.path, path)

    @asynccontextmanager
    async def _exclusive(self) -> AsyncIterator[None]:
        task = asyncio.current_task()
        if task is not None and self._holder is task:
            raise RuntimeError("a transaction is open in this task already: pass its connection on")
        async with self._turn:
            self._holder = task
            try:
                yield
            finally:
                self._holder = None


async def copy_store(path: Path, to: Path) -> None:
    """Write a consistent copy of a store, whether a node has it open or not; an existing file is replaced.

    Raises:
        OSError: the folder is missing, closed to us or full.
    """
    part = to.with_name(to.name + ".part")
    part.unlink(missing_ok=True)
    _make_private(part)
    # Not "ro": of a store that nobody has open, SQLite can't read the WAL then.
    async with _connect(path, "rw") as source, _connect(part, "rw") as target:
        await source.backup(target)
    _replace(part, to)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock of a store without opening it, so that no node uses it meanwhile.

    Raises:
        StoreInUse: one does.
    """
    descriptor = _lock(path)
    try:
        yield
    finally:
        os.close(descriptor)


def _check_library() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(f"SQLite {wanted} or newer is needed, this Python brings {sqlite3.sqlite_version}: update it.")


def _connect(path: Path, mode: str) -> aiosqlite.Connection:
    """Connect without the driver's own transactions: ours are explicit."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return aiosqlite.connect(address, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)


def _lock(path: Path) -> int:
    """Take the lock beside the database; the kernel gives it up when the process ends, however it ends."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise StoreInUse(f"{path} is open in another process: stop that one first.") from error
    return descriptor


def _make_private(path: Path) -> None:
    """Make the file if there is none, and close it to others; SQLite gives its WAL the same mode."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
    try:
        os.fchmod(descriptor, _OWNER_ONLY)
    finally:
        os.close(descriptor)


def _replace(part: Path, path: Path) -> None:
    """Rename so that after a power cut the name stands for the whole old or the whole new file."""
    _sync(part)
    part.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
