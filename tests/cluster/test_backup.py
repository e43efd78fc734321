"""Backups: consistent, sealed, and nothing that was deleted comes back with them (G8, line 7)."""

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from node.ceremony.backup import BackupRefused, back_up, make_backup_key, restore
from node.crypto.sealed_file import BadSealedFile
from node.sandbox.cluster import Arrangement, Cluster, Member, cluster
from node.sandbox.federation import Validity
from node.store.errors import StoreInUse
from schemas.audit import WhoSaw
from tests.properties.canaries import found

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LONG = Validity(*[timedelta(days=20 * 365)] * 3)
CANARY: dict[str, Any] = {"subject": "Canarysubject", "provider_name": "Canaryprovider"}


async def told(member: Member, case: str) -> bool:
    """Whether anything of what an exchange says can be read at a node."""
    return any(step.form for step in (await member.exchange(case)).steps)


async def restored(member: Member, file: Path, private: Path) -> None:
    """Stop a node, and start it from a backup."""
    keys = file.with_name(f"{member.node}.keys")
    await member.stop()
    await restore(member.config.folder, file, keys, private, replace=True)
    await member.start()


def sealed_rows(store: Path, case: str) -> int:
    """Of how many statements of an exchange the content lies in a store, be it readable or not."""
    with sqlite3.connect(store) as db:
        sql = "SELECT count(*) FROM statements WHERE exchange_id = ? AND disclosures IS NOT NULL"
        [(count,)] = db.execute(sql, (case,))
    db.close()
    return int(count)


def private_key(c: Cluster, folder: Path) -> Path:
    private = folder / "backup.key"
    make_backup_key(c.DE.config, private)
    return private


async def test_a_backup_of_a_running_node_is_restored_and_reveals_nothing_without_its_key(tmp_path: Path) -> None:
    async with cluster("DE", "CY", "EC", arrangement=Arrangement.ONE_PROCESS) as c:
        private = private_key(c, tmp_path)
        before = await c.DE.send("request", to="CY", **CANARY)
        await c.settle()
        keys = await back_up(c.DE.config, tmp_path / "monday.imi")
        after = await c.DE.send("request", to="CY", **CANARY)
        await c.settle()

        for file in (keys, tmp_path / "monday.imi"):
            assert found(["Canaryprovider", "consumer-protection", before], file.read_bytes()) == []
        with pytest.raises(StoreInUse):
            await restore(c.DE.config.folder, tmp_path / "monday.imi", keys, private, replace=True)
        with pytest.raises(BackupRefused, match="never replaces"):
            await back_up(c.DE.config, tmp_path / "monday.imi")

        await restored(c.DE, tmp_path / "monday.imi", private)
        await c.DE.ready()
        await c.settle(120)

        assert await told(c.DE, before)
        assert await told(c.DE, after)  # its peers gave it back
        assert not c.DE.config.restored.exists()
        actions = [line.action for line in (await c.DE.client.ledger.who_saw(WhoSaw(number=before))).lines]
        assert "read.view" in actions


async def test_a_case_that_was_deleted_does_not_come_back_with_a_backup_from_before(tmp_path: Path) -> None:
    async with cluster("DE", "CY", "EC", start=START, validity=LONG, arrangement=Arrangement.ONE_PROCESS) as c:
        private = private_key(c, tmp_path)
        case = await c.DE.send("request", to="CY", **CANARY)
        await c.settle()
        await c.DE.take("withdraw", case)
        await c.settle()
        old_keys = await back_up(c.DE.config, tmp_path / "old.imi")
        shutil.copy(old_keys, tmp_path / "older")

        await c.advance(days=190)
        await back_up(c.DE.config, tmp_path / "blocked.imi")
        blocked_keys = (tmp_path / "DE.keys").read_bytes()
        await c.advance(days=3 * 366)
        await c.settle()
        await back_up(c.DE.config, tmp_path / "new.imi")

        # With the newest key file the old store file holds nothing that could be read, whoever reads it.
        await c.DE.stop()
        place = tmp_path / "elsewhere"
        done = await restore(place, tmp_path / "old.imi", tmp_path / "DE.keys", private)
        assert done.erased == 1
        assert sealed_rows(place / "store.sqlite", case) == 0
        await c.DE.start()
        await c.DE.ready()

        # And with a stolen older one the node still deletes by its own dates before it serves anything.
        (tmp_path / "DE.keys").write_bytes((tmp_path / "older").read_bytes())
        await restored(c.DE, tmp_path / "old.imi", private)
        assert not await told(c.DE, case)
        assert (await c.DE.exchange(case)).exchange.deleted_at is not None
        await c.DE.ready()
        await c.settle(120)
        assert not await told(c.DE, case)

        (tmp_path / "DE.keys").write_bytes(blocked_keys)
        await restored(c.DE, tmp_path / "blocked.imi", private)
        assert not await told(c.DE, case)


async def test_a_node_is_made_again_on_an_empty_machine_from_the_two_files(tmp_path: Path) -> None:
    async with cluster("DE", "CY", "EC", arrangement=Arrangement.ONE_PROCESS) as c:
        private = private_key(c, tmp_path)
        case = await c.DE.send("request", to="CY", **CANARY)
        await c.settle()
        await back_up(c.DE.config, tmp_path / "de.imi")
        await c.DE.stop()
        shutil.rmtree(c.DE.config.folder)

        await restored_anew(c.DE, tmp_path, private)
        await c.DE.ready()

        assert await told(c.DE, case)
        await c.DE.take("withdraw", case)
        await c.settle()
        assert await c.CY.state(case) == "withdrawn"


async def restored_anew(member: Member, folder: Path, private: Path) -> None:
    await restore(member.config.folder, folder / "de.imi", folder / "DE.keys", private)
    await member.start()


async def test_a_backup_from_before_a_roll_over_or_with_another_key_is_refused(tmp_path: Path) -> None:
    async with cluster("DE", "CY", "EC", arrangement=Arrangement.ONE_PROCESS) as c:
        private = private_key(c, tmp_path)
        keys = await back_up(c.DE.config, tmp_path / "before.imi")
        await c.DE.client.roll_keys()
        other = tmp_path / "other"
        other.mkdir()
        make_backup_key(c.CY.config, other / "backup.key")
        await c.DE.stop()

        with pytest.raises(BackupRefused, match="rolled over"):
            await restore(c.DE.config.folder, tmp_path / "before.imi", keys, private, replace=True)
        with pytest.raises(BadSealedFile, match="this key"):
            await restore(c.DE.config.folder, tmp_path / "before.imi", keys, other / "backup.key", replace=True)
        await c.DE.start()
        await c.DE.ready()
