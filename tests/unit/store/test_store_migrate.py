"""Migrations go forward only, one transaction each."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from node.store.database import Store
from node.store.errors import StoreTooNew
from node.store.migrate import Migration, migrate, read_migrations

FIRST = Migration(1, "0.1.0", "CREATE TABLE one (a TEXT);")
SECOND = Migration(2, "0.1.0", "CREATE TABLE two (b TEXT); INSERT INTO two VALUES ('kept');")
BROKEN = Migration(3, "0.1.0", "CREATE TABLE three (c TEXT); INSERT INTO nowhere VALUES (1);")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(tmp_path / "some.db", isolation_level=None) as connection:
        yield connection


async def test_a_new_database_gets_all_of_them(db: aiosqlite.Connection) -> None:
    await migrate(db, [FIRST, SECOND])
    assert await _form(db) == (2, {"one", "two"})


async def test_an_older_database_gets_what_it_lacks_and_keeps_its_rows(db: aiosqlite.Connection) -> None:
    await migrate(db, [FIRST])
    await db.execute("INSERT INTO one VALUES ('old')")
    await migrate(db, [FIRST, SECOND])
    await migrate(db, [FIRST, SECOND])
    assert list(await db.execute_fetchall("SELECT a, b FROM one, two")) == [("old", "kept")]


async def test_a_failing_one_leaves_the_form_before(db: aiosqlite.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        await migrate(db, [FIRST, SECOND, BROKEN])
    assert await _form(db) == (2, {"one", "two"})
    assert not db.in_transaction


async def test_a_newer_store_is_refused_and_stays_usable_for_the_newer_program(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    await (await Store.open(path)).close()
    newer = len(read_migrations()) + 1
    async with aiosqlite.connect(path) as connection:
        await connection.execute(f"PRAGMA user_version = {newer}")

    with pytest.raises(StoreTooNew, match=f"has form {newer}.*start the newer program again"):
        await Store.open(path)
    async with aiosqlite.connect(path) as connection:
        assert (await _form(connection))[0] == newer


def test_ours_are_numbered_and_say_which_program_still_runs() -> None:
    ours = read_migrations()
    assert ours[0].number == 1
    assert all(each.oldest_program for each in ours)


@pytest.mark.parametrize(
    ("name", "sql", "complaint"),
    [
        ("0002_late.sql", "-- Oldest program that still runs on this: 0.1.0\n", "without a gap"),
        ("first.sql", "-- Oldest program that still runs on this: 0.1.0\n", "must be named"),
        ("0001_first.sql", "CREATE TABLE one (a TEXT);\n", "begin with the oldest program"),
    ],
)
def test_a_careless_one_is_refused(tmp_path: Path, name: str, sql: str, complaint: str) -> None:
    (tmp_path / name).write_text(sql)
    with pytest.raises(ValueError, match=complaint):
        read_migrations(tmp_path)


async def _form(db: aiosqlite.Connection) -> tuple[int, set[str]]:
    [(version,)] = await db.execute_fetchall("PRAGMA user_version")
    tables = await db.execute_fetchall("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return version, {name for (name,) in tables}
