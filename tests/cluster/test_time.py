"""Time alone: the directory expires and is renewed, a node is expelled, personal data are blocked and deleted.

These stories move the clock of the session's federation by years, so they come last.
"""

import asyncio

import pytest

from node.ceremony import federation as ceremony
from node.client import Declined
from node.sandbox.cluster import Cluster
from tests.cluster.checking import require_one_truth

pytestmark = pytest.mark.asyncio(loop_scope="session")


def renew(c: Cluster) -> tuple[tuple[str, ...], str]:
    """Have the holders sign the next directory."""
    papers = c.folder / "federation"
    ceremony.publish(papers, ceremony.holder_keys(papers)[:2], at=c.now())
    return (), (papers / ceremony.DIRECTORY_FILE).read_text()


async def test_without_a_current_directory_all_stands_still_and_a_renewed_one_revives_it(c: Cluster) -> None:
    await c.advance(days=100)
    status = await c.DE.client.status()
    assert (status.directory, status.ready) == ("in_grace", True)
    await c.CY.stop()
    before = await c.DE.send("request", to="CY")

    await c.advance(days=25)
    status = await c.DE.client.status()
    assert (status.directory, status.ready) == ("expired", False)
    with pytest.raises(Declined, match="take over the current directory from the Commission") as caught:
        await c.DE.send("request", to="CY")
    assert caught.value.problem.status == 503
    await c.CY.start()

    assert await c.EC.client.publish_directory(*renew(c)) == 2
    for member in c.members.values():
        await member.ready()
    await c.settle(120)

    assert await c.CY.state(before) == "awaiting_acceptance"
    case = await c.CY.send("request", to="DE")
    await c.settle()
    assert await c.DE.state(case) == "awaiting_acceptance"
    assert {(await member.client.status()).directory for member in c.members.values()} == {"fresh"}


async def test_content_is_hidden_after_six_months_and_gone_after_three_years(c: Cluster) -> None:
    case = await c.DE.send("request", to="CY", subject="To be forgotten")
    await c.settle()
    await c.DE.take("withdraw", case)
    await c.settle()

    for days, blocked, deleted in ((180, False, False), (5, True, False), (365 * 3, True, True)):
        await c.advance(days=days)
        for member in (c.DE, c.CY):
            view = await member.exchange(case)
            assert (view.exchange.blocked_at is not None, view.exchange.deleted_at is not None) == (blocked, deleted)
            assert (view.steps[0].form is None) == blocked
            assert view.exchange.state == "withdrawn"
    await c.EC.client.publish_directory(*renew(c))
    for member in c.members.values():
        await member.ready()
    await c.settle(120)


async def test_an_expelled_node_is_refused_and_the_others_go_on(c: Cluster) -> None:
    papers = c.folder / "federation"
    ceremony.set_status(papers, "CY", "expelled", at=c.now())
    await c.EC.client.publish_directory(*renew(c))
    await c.DE.ready()
    await _version(c, "DE")
    quarantined = len(await c.DE.client.quarantine())

    with pytest.raises(Declined, match="no active node of Cyprus"):
        await c.DE.send("request", to="CY")
    case = await c.CY.send("request", to="DE")  # Cyprus was not told, and goes on as before
    await _grows(c, quarantined)

    with pytest.raises(Declined):
        await c.DE.exchange(case)
    assert (await c.DE.client.quarantine())[0].code == "inactive_sender"
    ceremony.set_status(papers, "CY", "active", at=c.now())
    await c.EC.client.publish_directory(*renew(c))
    await c.settle(180)
    assert await c.DE.state(case) == "awaiting_acceptance"


async def test_a_node_that_was_away_for_thirty_days_misses_nothing_and_the_others_went_on(c: Cluster) -> None:
    """G10: each day the others write to each other and to it; when it is back, it has it all, and answers."""
    began = await c.CY.send("request", to="DE")
    await c.settle()
    await c.CY.stop()
    missed, others = [], []
    for day in range(30):
        await c.advance(days=1)
        missed.append(await c.DE.send("request", to="CY"))
        if day % 10 == 0:
            others.append(await c.DE.send("notification", to="CY"))
            await _reached(c, "EC", others[-1])
            await c.EC.take("open", others[-1])
    await c.DE.take("accept", began)

    await c.CY.start()
    await c.CY.ready()
    await c.settle(180)

    assert [await c.CY.state(case) for case in missed] == ["awaiting_acceptance"] * 30
    assert await c.CY.state(began) == "accepted"
    for case in missed:
        await c.CY.take("accept", case)
    for case in others:
        await c.CY.take("comment", case)
    await c.settle(180)
    await require_one_truth(c, [])
    assert (await c.CY.client.status()).alarms == ()


async def _reached(c: Cluster, node: str, case: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await c[node].exchange(case)
            except Declined:
                await asyncio.sleep(0.05)
            else:
                return


async def _version(c: Cluster, node: str) -> None:
    wanted = (await c.EC.client.status()).directory_version
    async with asyncio.timeout(60):
        while (await c[node].client.status()).directory_version != wanted:  # noqa: ASYNC110  in another process
            await asyncio.sleep(0.05)


async def _grows(c: Cluster, size: int) -> None:
    async with asyncio.timeout(60):
        while len(await c.DE.client.quarantine()) <= size:  # noqa: ASYNC110  in another process
            await asyncio.sleep(0.05)
