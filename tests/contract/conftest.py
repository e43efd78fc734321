"""The two places that the contract is tried on: in memory, and a private RabbitMQ."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from broker.memory import MemoryBroker, MemoryExchange
from broker.port import Broker, Delivery
from broker.provision import PrivateRabbit
from broker.rabbitmq import Limits, RabbitBroker
from schemas.identifiers import NodeId
from tests.rabbit import NODES, PATIENCE_SECONDS, connection, empty, rabbit_of_session, until

__all__ = ["Federation", "collect", "federation", "place", "rabbit", "rabbit_of_session"]


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


@pytest.fixture(params=["memory", "rabbitmq"])
def place(request: pytest.FixtureRequest) -> PrivateRabbit | MemoryExchange:
    """Give one place after the other; RabbitMQ is started only when a test that is run needs it."""
    if request.param == "memory":
        exchange = MemoryExchange()
        for node in NODES:
            MemoryBroker(node, exchange)
        return exchange
    rabbit: PrivateRabbit = request.getfixturevalue("rabbit_of_session")
    return rabbit


@pytest_asyncio.fixture
async def federation(place: PrivateRabbit | MemoryExchange) -> AsyncIterator[Federation]:
    """Give a place with empty inboxes."""
    if isinstance(place, PrivateRabbit):
        await empty(place)
        federation = Federation(lambda node: connection(place, node))
    else:
        federation = Federation(lambda node: MemoryBroker(node, place))
    yield federation
    await federation.end()


async def collect(broker: Broker, count: int) -> list[Delivery]:
    """Receive until that many deliveries are there, settling none."""
    deliveries: list[Delivery] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(deliveries) < count:
            deliveries += await broker.receive(count - len(deliveries))
    return deliveries
