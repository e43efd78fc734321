"""G6: who has all files of a node but the key file reads no personal data; nor with that file, if it is wrapped."""

import asyncio
import secrets
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from node.config import read_config, set_keyring_secret
from node.crypto.keyring import BadKeyring, load_keyring, save_keyring
from node.crypto.wrapping import wrapping_key
from node.sandbox.cluster import Arrangement, Cluster, Member, cluster
from schemas.people import Grant
from schemas.register import AddUser
from schemas.search import Query
from tests.properties.canaries import found

CANARIES: dict[str, Any] = {
    "subject": "Canarysubject",
    "provider_name": "Canaryprovider",
    "service_addresses": ["https://canaryaddress.example/offers"],
}
WORDS = ("Canarysubject", "Canaryprovider", "canaryaddress", "Canaryattachment", "Canaryofficial", "canarydraft")


def searched(member: Member, *, but: Iterable[str] = ("keys",)) -> dict[Path, list[str]]:
    """The canaries in every file of a node's folder."""
    folder = member.config.folder
    files = [file for file in folder.rglob("*") if file.is_file() and file.relative_to(folder).parts[0] not in but]
    assert any(file.name == "store.sqlite" for file in files)
    hits = {file: found([*WORDS, *map(str.lower, WORDS)], file.read_bytes()) for file in files}
    return {file: words for file, words in hits.items() if words}


async def filled(c: Cluster) -> str:
    """Put canaries wherever a node keeps what people wrote."""
    case = await c.DE.send("request", to="CY", **CANARIES)
    await c.DE.client.attach(case, b"Canaryattachment " * 100, name="a.txt", media_type="text/plain")
    await c.settle()
    root = AddUser(user="root", name="Root", grants=(Grant(authority="DE/coordinator", role="administrator"),))
    official = AddUser(
        user="anna", name="Canaryofficial", grants=(Grant(authority="DE/consumer-protection", role="handler"),)
    )
    await c.settle()
    await c.CY.take("accept", case)
    await c.settle()
    await c.DE.client.search.find(Query(words="Canaryprovider"))
    await c.DE.client.evidence(case)
    await c.DE.client.register.change(root, official)
    return case


async def test_all_files_but_the_key_reveal_nothing() -> None:
    async with cluster("DE", "CY", "EC", arrangement=Arrangement.ONE_PROCESS) as c:
        await filled(c)

        for member in c.members.values():
            assert searched(member) == {}

        await c.DE.stop()
        assert searched(c.DE) == {}


async def test_a_wrapped_keyring_opens_nothing_without_its_secret(tmp_path: Path) -> None:
    async with cluster("DE", "CY", "EC", arrangement=Arrangement.ONE_PROCESS) as c:
        case = await c.DE.send("request", to="CY", **CANARIES)
        await c.settle()
        await c.DE.stop()
        secret = tmp_path / "secret"
        secret.write_text(secrets.token_urlsafe(48))
        secret.chmod(0o600)
        source = f"file:{secret}"
        keyring = load_keyring(c.DE.config.keys)
        save_keyring(c.DE.config.keys, keyring, wrapping_key(source))
        set_keyring_secret(c.DE.config, source)

        with pytest.raises(BadKeyring, match="wrapped"):
            await c.DE.start()
        c.DE.config = read_config(c.DE.config.folder)
        await c.DE.start()
        await c.DE.ready()

        assert (await c.DE.exchange(case)).steps[0].form
        assert await c.DE.client.roll_keys() > 0
        assert load_keyring(c.DE.config.keys, wrapping_key(source)).store_key != keyring.store_key


async def readable(c: Cluster, cases: Iterable[str]) -> None:
    for case in cases:
        form = (await c.DE.exchange(case)).steps[0].form
        assert form is not None
        assert form["provider_name"] == "Canaryprovider"


async def test_the_store_key_is_rolled_over_while_the_node_works() -> None:
    async with cluster("DE", "CY", "EC", arrangement=Arrangement.ONE_PROCESS) as c:
        cases = [await c.DE.send("request", to="CY", **CANARIES) for _ in range(5)]
        old = load_keyring(c.DE.config.keys).store_key

        rolled, meanwhile = await asyncio.gather(c.DE.client.roll_keys(), c.DE.send("request", to="CY", **CANARIES))
        await c.settle()

        assert rolled >= len(cases)
        keyring = load_keyring(c.DE.config.keys)
        assert keyring.store_key != old
        assert keyring.retiring is None
        await readable(c, [*cases, meanwhile])
        assert len((await c.DE.client.search.find(Query(words="canaryprovider"))).exchanges) == len(cases) + 1
        assert [each for each in c.DE.config.folder.rglob("*") if each.is_file() and old in each.read_bytes()] == []


async def test_a_roll_over_that_is_killed_goes_on_at_the_next_start() -> None:
    chance = Random(7)  # noqa: S311  a reproducible story
    async with cluster("DE", "CY", "EC") as c:
        cases = [await c.DE.send("request", to="CY", **CANARIES) for _ in range(10)]
        await c.settle()
        before = {load_keyring(c.DE.config.keys).store_key}

        for _ in range(5):
            asking = asyncio.ensure_future(c.DE.client.roll_keys())
            await asyncio.sleep(chance.uniform(0, 0.05))
            await c.DE.kill()
            await asyncio.gather(asking, return_exceptions=True)
            await c.DE.start()
            await c.DE.ready()
            await c.DE.client.tick()
            keyring = load_keyring(c.DE.config.keys)
            assert keyring.retiring is None
            before.add(keyring.store_key)
            await readable(c, cases)

        assert len(before) > 1
