"""Watches over the nodes of a demo: one that dies is started again on its folder, and has to know all it knew."""

import asyncio
from collections.abc import Mapping

from node.client import NodeAway
from node.sandbox.cluster import Cluster, Member
from node.sandbox.stage import Stage
from schemas.parties import party_name

_LOOK_SECONDS = 0.5
_ALL = 500  # the most that a node lists at once


class SomethingLost(Exception):
    """A node came back with fewer exchanges than it had: it must not happen, and the message says where."""


async def census(cluster: Cluster) -> dict[str, int]:
    """Count the exchanges of each node."""
    return {node: await _count(member) for node, member in cluster.members.items()}


async def watch(cluster: Cluster, known: Mapping[str, int], stage: Stage) -> None:
    """Watch until cancelled; tells in a line what died, and in another that it is back.

    Args:
        cluster: what to watch over.
        known: how many exchanges each node has at least.
        stage: where to tell it.

    Raises:
        NotReady: a node did not come up again.
        RabbitFailed: the broker did not.
        SomethingLost: see there.
    """
    counted = dict(known)
    while True:
        for node, member in cluster.members.items():
            try:
                counted[node] = await _count(member)
            except NodeAway:
                await _bring_back(member, counted[node], stage)
        if cluster.rabbit is not None and not await cluster.rabbit.management.serves(next(iter(cluster.members))):
            await _bring_back_broker(cluster, stage)
        await asyncio.sleep(_LOOK_SECONDS)


async def _bring_back(member: Member, known: int, stage: Stage) -> None:
    stage.event(f"{party_name(member.node)}'s node has died. Starting it again on its folder.", "yellow")
    await member.stop()
    await member.start()
    await member.ready()
    count = await _count(member)
    if count < known:
        raise SomethingLost(f"{member.node} came back with {count} exchanges; it had {known}")
    stage.event(f"It is back, as process group {member.process_group}, with all {count} exchanges.", "green")


async def _count(member: Member) -> int:
    return len(await member.client.exchanges(limit=_ALL))


async def _bring_back_broker(cluster: Cluster, stage: Stage) -> None:
    if cluster.rabbit is None:
        return
    stage.event("The broker has died. Starting it again on its data; the nodes keep what they have to send.", "yellow")
    await cluster.rabbit.restart()
    for member in cluster.members.values():
        await member.ready()
    stage.event("It is back, and all nodes are connected to it.", "green")
