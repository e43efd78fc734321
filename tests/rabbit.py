"""A private RabbitMQ shared by all tests of a session: starting one takes seconds, emptying an inbox does not.

A conftest makes the fixture its own by `from tests.rabbit import rabbit_of_session`.
"""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from broker.provision import PrivateRabbit
from broker.rabbitmq import Limits, RabbitBroker
from broker.supervisor import Pauses
from broker.topology import queue_path
from schemas.identifiers import NodeId

NODES = ["DE", "EC", "EL", "FR", "IE"]
PATIENCE_SECONDS = 60
"""A bound for what must happen sooner or later, so that a failure ends; never a measure of speed."""

IMPATIENT = Limits(
    connect_seconds=3,
    publish_seconds=2,
    watch_seconds=1,
    heartbeat_seconds=2,
    pauses=Pauses(first_seconds=0.1, longest_seconds=0.5),
)
"""Limits that notice trouble soon, for tests that make it."""


@pytest.fixture(scope="session")
def rabbit_of_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRabbit]:
    """Give the session's broker, which hangs on no event loop; a test that stops it starts it again."""
    folder = tmp_path_factory.mktemp("rabbit") / "broker"
    # Passwords are for tests that sign in with one; the nodes' users have none.
    rabbit = PrivateRabbit(folder, NODES, configuration="auth_mechanisms.2 = PLAIN\n")
    asyncio.run(rabbit.__aenter__())
    try:
        yield rabbit
    finally:
        asyncio.run(rabbit.__aexit__(None, None, None))


async def empty(rabbit: PrivateRabbit) -> None:
    """Empty all inboxes."""
    for node in NODES:
        await rabbit.management.request("DELETE", f"{queue_path(node)}/contents")


def connection(rabbit: PrivateRabbit, node: NodeId, limits: Limits | None = None) -> RabbitBroker:
    """Make a node's connection, not started."""
    return RabbitBroker(node, rabbit.url(node), rabbit.tls(node), limits)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail if it never does."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - what is waited for lies in other processes
            await asyncio.sleep(0.02)
