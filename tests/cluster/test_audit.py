"""An auditor's day, from the command line: who saw it, is the ledger whole, what is told to the public (lines 4, 8)."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from node.sandbox.cluster import CHECKOUT, Cluster, cluster
from node.sandbox.federation import Validity
from schemas.people import Grant, Role
from schemas.register import AddUser

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LONG = Validity(*[timedelta(days=20 * 365)] * 3)
PERSON = "Canaryprovider"
PRIVACY = '\n[privacy]\ncontact = "IMI office"\ndata_protection_officer = "DPO"\nsupervisory_authority = "DPA"\n'


def imi(*arguments: object, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "node", *map(str, arguments)], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


async def staffed(c: Cluster) -> None:
    roles: dict[str, tuple[str, Role]] = {
        "root": ("coordinator", "administrator"),
        "anna": ("consumer-protection", "handler"),
        "dora": ("consumer-protection", "auditor"),
        "emil": ("coordinator", "auditor"),
    }
    await c.DE.client.register.change(
        *(
            AddUser(user=name, name=name.title(), grants=(Grant(authority=f"DE/{authority}", role=role),))
            for name, (authority, role) in roles.items()
        )
    )


async def test_an_auditor_asks_who_saw_it_and_proves_that_the_ledger_is_whole(tmp_path: Path) -> None:
    async with cluster("DE", "CY", "EC", start=START, validity=LONG) as c:
        de, cy = c.DE.config.folder, c.CY.config.folder
        case = await c.DE.send("request", to="CY", authority="DE/consumer-protection", provider_name=PERSON)
        await c.settle()
        await staffed(c)
        imi("exchange", "--as", "anna", "show", de, case, "--purpose", "data_subject")
        imi("exchange", "--as", "anna", "show", de, case, "--purpose", "Mr Smith asked", status=1)

        told = imi("ledger", "--as", "dora", "who-saw", de, PERSON)
        assert "anna" in told
        assert case in told
        assert "to answer a person" in told
        assert PERSON not in told
        assert imi("ledger", "--as", "emil", "who-saw", de, "--case", case).count("anna") == 1
        imi("ledger", "--as", "anna", "who-saw", de, PERSON, status=1)
        imi("ledger", "who-saw", de, PERSON, status=1)

        await c.advance(days=1)
        await c.settle()
        ledger, held = tmp_path / "ledger.jsonl", tmp_path / "held.jsonl"
        imi("ledger", "--as", "dora", "export", de, "-o", ledger, status=1)
        imi("ledger", "--as", "emil", "export", de, "-o", ledger)
        held.write_text(imi("ledger", "checkpoints", cy))
        assert PERSON not in ledger.read_text() + held.read_text()
        root = de / "trust" / "root.json"
        assert "Up to entry" in imi("verify", ledger, "--root", root, "--held", held)
        assert "No peer vouches" in imi("ledger", "--as", "emil", "verify", de)

        forge(c.DE.config.store)
        told = imi("ledger", "--as", "emil", "verify", de, "--held", held, status=1)
        assert "is not the one that was written there" in told

        with (de / "node.toml").open("a") as settings:
            settings.write(PRIVACY)
        assert "IMI office" in imi("node", "privacy-notice", de)
        assert "DPA" in imi("node", "records-of-processing", de)
        assert imi("node", "privacy-notice", de, "--html").startswith("<!doctype html>")


def forge(store: Path) -> None:
    """The operator takes the triggers away and puts somebody else's name into an entry."""
    with sqlite3.connect(store) as db:
        db.execute("DROP TRIGGER ledger_is_not_changed")
        db.execute("UPDATE ledger SET actor = 'otto' WHERE action = 'read.view' AND actor = 'anna'")
    db.close()


async def test_a_node_is_backed_up_and_restored_from_the_command_line(tmp_path: Path) -> None:
    async with cluster("DE", "CY", "EC") as c:
        de, file, key = c.DE.config.folder, tmp_path / "one.imi", tmp_path / "backup.key"
        case = await c.DE.send("request", to="CY", provider_name=PERSON)
        await c.settle()
        imi("node", "backup", de, file, status=1)
        imi("node", "backup-key", de, "-o", key)
        imi("node", "backup", de, file)
        assert key.stat().st_mode & 0o077 == 0

        assert "open in another process" in imi("node", "restore", file, de, "--key", key, "--replace", status=1)
        await c.DE.stop()
        assert "--replace" in imi("node", "restore", file, de, "--key", key, status=1)
        imi("node", "restore", file, de, "--key", key, "--replace")
        await c.DE.start()
        await c.DE.ready()
        assert PERSON in imi("exchange", "show", de, case)
