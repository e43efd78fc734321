"""Nodes and brokers that are killed in the middle: nothing is lost, nothing doubled, nothing stuck (G1, G2, G3).

`IMI_TRIALS=200 pytest tests/cluster/test_failures.py` goes through as many random kills as the README promises.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import Self

import pytest

from broker.provision import PortInUse
from broker.topology import queue_path
from node.client import Declined, NodeAway
from node.sandbox.cluster import CHECKOUT, Cluster, Member, NotReady
from node.serve import CANT_RUN
from schemas.refusal import Refusal
from tests.cluster.checking import require_one_truth
from tests.cluster.strangers import certificate_of_a_stranger

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Burst:
    """Users at all nodes who open exchanges and answer them, as fast as they can, until it ends."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self.cluster = cluster
        self.accepted: list[str] = []
        """Messages that a node said it had stored; what it did not answer may be stored or not."""
        self._chance = Random(seed)  # noqa: S311  a reproducible story
        self._users: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        pairs = (("DE", "CY"), ("CY", "DE"))
        self._users = [asyncio.create_task(self._ask(*pair)) for pair in pairs for _ in range(2)]
        self._users += [asyncio.create_task(self._answer(node)) for node in ("DE", "CY", "EC")]
        return self

    async def __aexit__(self, *_: object) -> None:
        for user in self._users:
            user.cancel()
        outcomes = await asyncio.gather(*self._users, return_exceptions=True)
        assert [each for each in outcomes if not isinstance(each, asyncio.CancelledError)] == []

    async def _ask(self, node: str, to: str) -> None:
        while True:
            procedure = self._chance.choice(["request", "notification"])
            await self._try(self.cluster[node], partial(_open, procedure=procedure, to=to))
            await asyncio.sleep(self._chance.random() * 0.05)

    async def _answer(self, node: str) -> None:
        step, state = {"EC": ("open", "sent")}.get(node, ("accept", "awaiting_acceptance"))
        while True:
            await self._try(self.cluster[node], partial(_answer_one, step=step, state=state))
            await asyncio.sleep(self._chance.random() * 0.1)

    async def _try(self, member: Member, act: Callable[[Member], Awaitable[str | None]]) -> None:
        try:
            message = await act(member)
        except (NodeAway, NotReady):
            await asyncio.sleep(0.05)
        except Declined as declined:
            # A call that was given up may have been carried out all the same, just before this one.
            if declined.problem.code != Refusal.NO_MEANING:
                raise
        else:
            if message is not None:
                self.accepted.append(message)


async def _open(member: Member, *, procedure: str, to: str) -> str:
    case = await member.send(procedure, to=to)
    return (await member.exchange(case)).exchange.history[0].message


async def _answer_one(member: Member, *, step: str, state: str) -> str | None:
    waiting = [each for each in await member.client.exchanges(state=state) if each.id.split("-")[2] != member.node]
    if not waiting:
        return None
    return (await member.take(step, waiting[0].id)).history[-1].message


async def restart(c: Cluster, victim: str) -> None:
    """Kill -9, and start again."""
    if victim == "broker":
        assert c.rabbit is not None
        await c.rabbit.kill()
        await c.rabbit.start()
    else:
        await c[victim].kill()
        await c[victim].start()
        await c[victim].ready()


@pytest.mark.parametrize("victim", ["DE", "CY", "broker"])
async def test_a_kill_in_the_middle_of_a_burst_loses_and_doubles_nothing(c: Cluster, victim: str) -> None:
    async with Burst(c, seed=1) as burst:
        await asyncio.sleep(0.7)
        before = len(burst.accepted)
        await restart(c, victim)
        await asyncio.sleep(0.7)
    await c.settle(180)

    assert 0 < before < len(burst.accepted)
    assert await require_one_truth(c, burst.accepted) >= len(burst.accepted)


async def test_a_restart_of_the_broker_in_the_middle_of_a_burst_loses_and_doubles_nothing(c: Cluster) -> None:
    assert c.rabbit is not None
    async with Burst(c, seed=2) as burst:
        await asyncio.sleep(0.7)
        await c.rabbit.restart()
        await asyncio.sleep(0.7)
    await c.settle(180)

    await require_one_truth(c, burst.accepted)


async def test_random_kills_of_sender_receiver_and_broker_lose_double_and_hold_up_nothing(
    c: Cluster, trials: int
) -> None:
    chance = Random(trials)  # noqa: S311  a reproducible story
    accepted: list[str] = []
    for trial in range(trials):
        async with Burst(c, seed=trial) as burst:
            await asyncio.sleep(0.1 + chance.random() * 0.6)
            await restart(c, chance.choice(["DE", "CY", "EC", "DE", "CY", "broker"]))
            await asyncio.sleep(chance.random() * 0.2)
        accepted += burst.accepted

    await c.settle(300)

    assert len(accepted) > trials
    await require_one_truth(c, accepted)


async def test_a_node_starts_while_the_broker_is_away_says_so_and_delivers_later(c: Cluster) -> None:
    assert c.rabbit is not None
    await c.rabbit.stop()
    await c.DE.kill()

    await c.DE.start()
    case = await _patiently(lambda: c.DE.send("request", to="CY"))
    status = await c.DE.client.status()
    assert not status.ready
    assert not status.broker.connected
    assert "can't be reached" in status.broker.detail or status.broker.detail == "Connecting."
    assert status.outbox["waiting"] == 1
    assert status.outbox_since is not None
    assert [each.state for each in (await c.DE.exchange(case)).steps[0].deliveries] == ["waiting"]

    await c.rabbit.start()
    await c.settle(120)
    assert await c.CY.state(case) == "awaiting_acceptance"


async def test_a_certificate_of_a_stranger_is_refused_in_a_sentence(c: Cluster) -> None:
    link = c.CY.config.link
    mine = {path: path.read_bytes() for path in link.iterdir()}
    await c.CY.stop()
    certificate_of_a_stranger(link, "CY")
    try:
        await c.CY.start()
        detail = await _patiently(lambda: _says(c.CY, "certificate"))
        assert detail.endswith(".")
        case = await c.CY.send("request", to="DE")
        await c.CY.stop()
    finally:
        for path, content in mine.items():
            path.write_bytes(content)
    await c.CY.start()
    await c.CY.ready()
    await c.settle(120)
    assert await c.DE.state(case) == "awaiting_acceptance"


async def test_a_port_that_another_program_has_taken_is_said_so_and_nothing_is_lost(c: Cluster) -> None:
    assert c.rabbit is not None
    await c.rabbit.stop()
    await c.DE.stop()
    other = await asyncio.start_server(_welcome, "127.0.0.1", c.rabbit.ports.amqps)
    try:
        await c.DE.start()
        detail = await _patiently(lambda: _says(c.DE, "another program has taken the broker's port"))
        assert f"localhost:{c.rabbit.ports.amqps}" in detail
        case = await c.DE.send("request", to="CY")
        assert not (await c.DE.client.status()).ready
        with pytest.raises(PortInUse, match=f"{c.rabbit.ports.amqps}"):
            c.rabbit.ports.check()
    finally:
        other.close()
        await other.wait_closed()
    await c.rabbit.start()
    await c.settle(120)
    assert await c.CY.state(case) == "awaiting_acceptance"


async def _welcome(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 Some other program\r\n")
    writer.close()


async def test_a_second_start_of_a_running_node_is_refused_in_a_sentence_and_the_first_goes_on(c: Cluster) -> None:
    second = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "node.serve", str(c.DE.config.folder)),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    _, said = await second.communicate()

    assert second.returncode == CANT_RUN
    last = said.decode().splitlines()[-1]
    assert last.endswith("is open in another process: stop that one first.")
    case = await c.DE.send("request", to="CY")
    await c.settle()
    assert await c.CY.state(case) == "awaiting_acceptance"


async def test_an_inbox_that_was_deleted_is_said_so_and_what_was_in_it_comes_again(c: Cluster) -> None:
    """Both with letters in it while the node is away, and under a node at work."""
    assert c.rabbit is not None
    await c.CY.stop()
    accepted = [await c.DE.send("request", to="CY")]
    await _patiently(lambda: _published(c.DE))
    await c.rabbit.management.request("DELETE", queue_path("CY"))
    await c.CY.start()
    await _patiently(lambda: _says(c.CY, "has no inbox inbox.CY; have CY admitted"))
    accepted.append(await c.DE.send("request", to="CY"))
    await c.rabbit.management.admit("CY")
    await c.CY.ready()
    await c.settle(120)

    await c.rabbit.management.request("DELETE", queue_path("CY"))
    await _patiently(lambda: _says(c.CY, "inbox"))
    accepted.append(await c.DE.send("request", to="CY"))
    await c.rabbit.management.admit("CY")
    await c.CY.ready()
    await c.settle(120)

    assert [await c.CY.state(case) for case in accepted] == ["awaiting_acceptance"] * 3
    await require_one_truth(c, [])


async def _published(member: Member) -> str:
    status = await member.client.status()
    if status.outbox.get("waiting") or not status.outbox.get("published"):
        raise NotReady(str(status.outbox))
    return str(status.outbox)


async def _says(member: Member, word: str) -> str:
    status = await member.client.status()
    if word not in status.broker.detail:
        raise NotReady(status.broker.detail)
    return status.broker.detail


async def _patiently(act: Callable[[], Awaitable[str]]) -> str:
    async with asyncio.timeout(60):
        while True:
            try:
                return await act()
            except (NodeAway, NotReady):
                await asyncio.sleep(0.05)
