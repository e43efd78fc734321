"""A node whose store is replaced by an older copy, or is gone: its peers give back what it lost (G1)."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from node.sandbox.cluster import Cluster, Member, cluster
from tests.cluster.checking import require_one_truth

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def c() -> AsyncIterator[Cluster]:
    """Give a federation of its own: what is lost here would be missed in the stories of the others."""
    async with cluster("DE", "CY", "EC") as made:
        yield made


def files(member: Member) -> list[Path]:
    """The store of a node that is down."""
    store = member.config.store
    return list(store.parent.glob(f"{store.name}*"))


def _all_but_the_store(_: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.startswith("store.sqlite")]


async def back_up(member: Member, folder: Path) -> None:
    """Copy the store of a node, which is down meanwhile."""
    await member.stop()
    shutil.copytree(member.config.store.parent, folder, ignore=_all_but_the_store)
    await member.start()
    await member.ready()


async def restore(member: Member, folder: Path | None = None) -> None:
    """Kill a node, and start it on the copy, or on nothing."""
    await member.kill()
    for file in files(member):
        file.unlink()
    if folder is not None:
        shutil.copytree(folder, member.config.store.parent, dirs_exist_ok=True)
    await member.start()
    await member.ready()


async def talk(c: Cluster) -> list[str]:
    """Exchange something of everything; returns the messages."""
    asked = await c.DE.send("request", to="CY")
    answered = await c.CY.send("request", to="DE")
    notified = await c.DE.send("notification", to="CY")
    await c.settle()
    await c.CY.take("accept", asked)
    await c.DE.take("accept", answered)
    await c.EC.take("open", notified)
    await c.settle()
    await c.CY.take("comment", notified)
    await c.settle()
    views = [await c.DE.exchange(case) for case in (asked, answered, notified)]
    return [entry.message for view in views for entry in view.exchange.history]


async def test_a_node_on_an_old_backup_gets_back_what_it_lost_and_goes_on(c: Cluster, tmp_path: Path) -> None:
    accepted = await talk(c)
    await back_up(c.DE, tmp_path / "backup")
    accepted += await talk(c)

    await restore(c.DE, tmp_path / "backup")
    accepted += await talk(c)
    await c.settle(120)

    assert await require_one_truth(c, accepted) == len(accepted)


async def test_a_node_on_an_old_backup_takes_no_act_under_a_number_that_it_had_given(
    c: Cluster, tmp_path: Path
) -> None:
    await back_up(c.DE, tmp_path / "backup")
    lost = [await c.DE.send("request", to="CY") for _ in range(5)]
    await c.settle()

    await restore(c.DE, tmp_path / "backup")
    new = await c.DE.send("request", to="CY")
    await c.settle(120)

    assert new not in lost
    assert {await c.CY.state(case) for case in (*lost, new)} == {"awaiting_acceptance"}
    await require_one_truth(c, [])


async def test_a_node_whose_disk_is_gone_is_rebuilt_from_its_peers(c: Cluster) -> None:
    accepted = await talk(c)

    await restore(c.CY)
    await c.settle(120)
    accepted += await talk(c)
    await c.settle(120)

    await require_one_truth(c, accepted)
