"""Reads out of the nodes what a pilot came to: by their APIs only, as any administration could.

A snapshot is taken when every node has reported its signed statistics. The Commission's part of it is what the
figures are computed from; the nodes' own copies are there to check it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from node.client import NodeClient
from node.handlers.counts.statistics import opened
from node.sandbox.cluster import Cluster
from schemas.api import ExchangeView, NodeStatus, QuarantineView
from schemas.authorities import Authority
from schemas.exchange import Exchange
from schemas.identifiers import COMMISSION
from schemas.statistics import StatisticsRow

PAGE = 500


@dataclass(frozen=True)
class Snapshot:
    """The federation at one time."""

    as_of: datetime
    reported: Mapping[str, tuple[StatisticsRow, ...]]
    """What the Commission was told, by the node that signed it."""
    counted: Mapping[str, tuple[StatisticsRow, ...]]
    """What each Member State's node counts itself."""
    copies: Mapping[str, Sequence[Exchange]]
    """Every node's exchanges."""

    @property
    def rows(self) -> tuple[StatisticsRow, ...]:
        """All exchanges that the Commission was told of, each by the node that opened it."""
        return opened(row for rows in self.reported.values() for row in rows)


@dataclass(frozen=True)
class Ending:
    """The federation after the last step."""

    views: Mapping[str, Sequence[ExchangeView]]
    """Every node's exchanges with their content, as far as it may still be seen."""
    statuses: Mapping[str, NodeStatus]
    quarantine: Mapping[str, Sequence[QuarantineView]]
    authorities: Mapping[str, Sequence[Authority]]
    """By country, from the directory in force at the Commission's node."""


async def take_snapshot(cluster: Cluster, as_of: datetime) -> Snapshot:
    """Let every Member State's node report to the Commission, and read what both sides hold."""
    states = {node: member.client for node, member in cluster.members.items() if node != COMMISSION}
    await asyncio.gather(*(client.statistics.report(as_of) for client in states.values()))
    await cluster.settle()
    told = await cluster[COMMISSION].client.statistics.show(as_of)
    counted = await asyncio.gather(*(client.statistics.show(as_of) for client in states.values()))
    return Snapshot(
        as_of=as_of,
        reported=told.reports,
        counted={node: view.reports[node] for node, view in zip(states, counted, strict=True)},
        copies={node: await _all_exchanges(member.client) for node, member in cluster.members.items()},
    )


async def observe_ending(cluster: Cluster, last: Snapshot) -> Ending:
    """Read everything else that the checks need."""
    clients = {node: member.client for node, member in cluster.members.items()}
    views = await asyncio.gather(*(_views(clients[node], copies) for node, copies in last.copies.items()))
    directory = await clients[COMMISSION].directory()
    return Ending(
        views=dict(zip(last.copies, views, strict=True)),
        statuses={node: await client.status() for node, client in clients.items()},
        quarantine={node: await client.quarantine() for node, client in clients.items()},
        authorities={entry.id: entry.authorities for entry in directory.nodes} if directory is not None else {},
    )


async def _all_exchanges(client: NodeClient) -> list[Exchange]:
    found: list[Exchange] = []
    while page := await client.exchanges(after=found[-1].id if found else None, limit=PAGE):
        found += page
    return found


async def _views(client: NodeClient, copies: Sequence[Exchange]) -> list[ExchangeView]:
    return [await client.exchange(copy.id) for copy in copies]
