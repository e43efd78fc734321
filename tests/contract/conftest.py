"""The places that the contract is tried on: in memory, a private RabbitMQ, and with `--broker` one that runs."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from broker.certificates import LinkAuthority, new_request
from broker.memory import MemoryBroker, MemoryExchange
from broker.port import Broker, Delivery
from broker.provision import PrivateRabbit
from broker.rabbitmq import Limits, RabbitBroker
from broker.tls import TlsFiles
from node.sandbox.existing_broker import Place, place_on, read_address
from schemas.identifiers import NodeId
from tests.rabbit import NODES, PATIENCE_SECONDS, connection, empty, rabbit_of_session, until

__all__ = ["Federation", "collect", "federation", "rabbit", "rabbit_of_session"]


class Federation:
    """Makes connections to one broker, and ends them all with the test."""

    def __init__(self, make: Callable[[NodeId], Broker]) -> None:
        self._make = make
        self._brokers: list[Broker] = []

    async def connect(self, node: NodeId) -> Broker:
        """Connect a node, and wait until it is."""
        broker = self._make(node)
        self._brokers.append(broker)
        await broker.start()
        await until(lambda: broker.health().connected)
        return broker

    async def reconnect(self, broker: Broker) -> None:
        """Let a node go away and come back."""
        await broker.stop()
        await broker.start()
        await until(lambda: broker.health().connected)

    async def end(self) -> None:
        """Stop all connections."""
        for broker in self._brokers:
            await broker.stop()


class RabbitFederation:
    """The same on RabbitMQ alone: with limits by choice, and the broker itself at hand."""

    def __init__(self, rabbit: PrivateRabbit) -> None:
        self.rabbit = rabbit
        self._brokers: list[RabbitBroker] = []

    def make(self, node: NodeId, limits: Limits | None = None) -> RabbitBroker:
        """Make a connection, not started, that ends with the test."""
        return self.keep(connection(self.rabbit, node, limits))

    def keep(self, broker: RabbitBroker) -> RabbitBroker:
        """Take on a connection that ends with the test."""
        self._brokers.append(broker)
        return broker

    async def connect(self, node: NodeId, limits: Limits | None = None) -> RabbitBroker:
        """Connect a node, and wait until it is."""
        broker = self.make(node, limits)
        await broker.start()
        await until(lambda: broker.health().connected)
        return broker

    async def end(self) -> None:
        """Stop all connections."""
        for broker in self._brokers:
            await broker.stop()


@pytest_asyncio.fixture
async def rabbit(rabbit_of_session: PrivateRabbit) -> AsyncIterator[RabbitFederation]:
    """Give RabbitMQ with empty inboxes."""
    await empty(rabbit_of_session)
    federation = RabbitFederation(rabbit_of_session)
    yield federation
    await federation.end()


class Existing:
    """A virtual host of our own on a RabbitMQ that runs already."""

    def __init__(self, place: Place, folder: Path) -> None:
        self._place = place
        self._tls: TlsFiles | None = None
        if place.authority is not None:
            own, now = LinkAuthority.create("Throw-away", at=datetime.now(UTC)), datetime.now(UTC)
            key, request = new_request("DE")
            self._tls = TlsFiles.in_folder(folder)  # signed by nobody that the broker knows: the password counts
            self._tls.authority.write_bytes(place.authority)
            self._tls.certificate.write_bytes(own.sign(request, "DE", at=now))
            self._tls.key.write_bytes(key)

    def connection(self, node: NodeId) -> RabbitBroker:
        """Make a node's connection, not started."""
        return RabbitBroker(node, self._place.urls[node], self._tls)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try the contract in each place; RabbitMQ is started only when a test that is run needs it."""
    if "place" in metafunc.fixturenames:
        places = ["memory", "rabbitmq", *(["existing"] if metafunc.config.getoption("--broker") else [])]
        metafunc.parametrize("place", places)


@pytest.fixture
def private(place: str, request: pytest.FixtureRequest) -> PrivateRabbit | None:
    """Give the session's own RabbitMQ where that is the place; outside of an event loop, for it makes its own."""
    if place != "rabbitmq":
        return None
    rabbit: PrivateRabbit = request.getfixturevalue("rabbit_of_session")
    return rabbit


@pytest_asyncio.fixture
async def federation(
    place: str, private: PrivateRabbit | None, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Federation]:
    """Give a place with empty inboxes."""
    async with AsyncExitStack() as life:
        if place == "memory":
            exchange = MemoryExchange()
            for node in NODES:
                MemoryBroker(node, exchange)
            federation = Federation(lambda node: MemoryBroker(node, exchange))
        elif private is not None:
            await empty(private)
            federation = Federation(lambda node: connection(private, node))
        else:
            way = read_address(request.config.getoption("--broker"), os.environ)
            existing = Existing(await life.enter_async_context(place_on(way, NODES)), tmp_path)
            federation = Federation(existing.connection)
        yield federation
        await federation.end()


async def collect(broker: Broker, count: int) -> list[Delivery]:
    """Receive until that many deliveries are there, settling none."""
    deliveries: list[Delivery] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(deliveries) < count:
            deliveries += await broker.receive(count - len(deliveries))
    return deliveries
