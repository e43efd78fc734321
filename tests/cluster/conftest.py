"""One federation of three nodes for all stories of a session: starting it takes longer than most of them."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from node.sandbox.cluster import Cluster, cluster
from node.sandbox.federation import Validity
from tests.cluster.operator import Operator

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
YEARS = timedelta(days=20 * 365)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def federation() -> AsyncIterator[Cluster]:
    """Give three node processes over a private RabbitMQ, going by a simulated clock."""
    validity = Validity(signing=YEARS, sealing=YEARS, directory=timedelta(days=90))
    async with cluster("DE", "CY", "EC", start=START, validity=validity) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def c(federation: Cluster) -> AsyncIterator[Cluster]:
    """Give the federation with every node up and at rest, before the test and after it."""
    await _all_up(federation)
    yield federation
    await _all_up(federation)


@pytest.fixture
def operator(federation: Cluster) -> Operator:
    """Give the hands of whoever runs the broker."""
    assert federation.rabbit is not None
    return Operator(federation.rabbit.management)


@pytest.fixture
def trials() -> int:
    """How many random kills to go through: `IMI_TRIALS`, 6 unless it is set; 200 for a release."""
    return int(os.environ.get("IMI_TRIALS", "6"))


async def _all_up(made: Cluster) -> None:
    assert made.rabbit is not None
    made.rabbit.resume()
    await made.rabbit.start()
    for member in made.members.values():
        if not member.is_up:
            await member.start()
    for member in made.members.values():
        await member.ready()
