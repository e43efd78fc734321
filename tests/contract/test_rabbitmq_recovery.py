"""The link comes back, whatever happens to it, and nothing that was confirmed is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from broker import topology
from broker.port import BrokerDown
from broker.provision import MAX_MESSAGE_BYTES, PrivateRabbit
from broker.rabbitmq import RabbitBroker
from tests.contract.conftest import RabbitFederation, collect
from tests.rabbit import IMPATIENT, PATIENCE_SECONDS, until


class Publisher:
    """Publishes numbered envelopes from several tasks, and notes which were confirmed."""

    def __init__(self, broker: RabbitBroker, recipient: str) -> None:
        self.confirmed: set[bytes] = set()
        self.failures = 0
        self._broker, self._recipient = broker, recipient
        self._count = 0

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._publish()) for _ in range(20)]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def confirms(self, more: int) -> None:
        """Wait until that many more are confirmed."""
        goal = len(self.confirmed) + more
        await until(lambda: len(self.confirmed) >= goal)

    async def _publish(self) -> None:
        while True:
            self._count += 1
            envelope = b"%06d" % self._count
            try:
                await self._broker.publish(self._recipient, envelope)
                self.confirmed.add(envelope)
            except BrokerDown:
                self.failures += 1
                await asyncio.sleep(0.02)


async def drain(broker: RabbitBroker, wanted: set[bytes]) -> None:
    """Receive and settle until all that is wanted has come at least once."""
    missing = set(wanted)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while missing:
            deliveries = await broker.receive(100)
            missing -= {delivery.body for delivery in deliveries}
            await broker.settle(deliveries)


async def _restart(rabbit: PrivateRabbit) -> None:
    await rabbit.restart()


async def _kill(rabbit: PrivateRabbit) -> None:
    await rabbit.kill()
    await rabbit.start()


@pytest.mark.parametrize("interrupt", [_restart, _kill])
async def test_nothing_confirmed_is_lost_when_the_broker_goes_away_in_the_middle(
    rabbit: RabbitFederation, interrupt: Callable[[PrivateRabbit], Awaitable[None]]
) -> None:
    sender, recipient = await rabbit.connect("DE", IMPATIENT), await rabbit.connect("FR", IMPATIENT)
    publisher = Publisher(sender, "FR")

    async with publisher.at_work():
        await publisher.confirms(200)
        await interrupt(rabbit.rabbit)
        await publisher.confirms(200)

    assert publisher.failures > 0
    await drain(recipient, publisher.confirmed)
    assert recipient.health().rebuilt > 0


async def test_what_is_settled_the_moment_it_arrives_is_settled(rabbit: RabbitFederation) -> None:
    sender, recipient = await rabbit.connect("DE", IMPATIENT), rabbit.make("FR", IMPATIENT)
    for number in range(50):
        await sender.publish("FR", b"%d" % number)
        await recipient.start()
        await recipient.settle(await recipient.receive(1))  # before anything else of the new link has run
        await recipient.stop()

    await recipient.start()
    await sender.publish("FR", b"mark")

    assert [delivery.body for delivery in await collect(recipient, 1)] == [b"mark"]


async def test_a_deleted_inbox_is_noticed_and_received_from_once_it_is_back(rabbit: RabbitFederation) -> None:
    sender, recipient = await rabbit.connect("DE", IMPATIENT), await rabbit.connect("IE", IMPATIENT)
    management = rabbit.rabbit.management

    await management.request("DELETE", topology.queue_path("IE"))
    await until(lambda: not recipient.health().connected)
    await management.admit("IE")

    await until(lambda: recipient.health().connected)
    await sender.publish("IE", b"after")
    assert [delivery.body for delivery in await collect(recipient, 1)] == [b"after"]


async def test_a_consumer_that_vanished_without_a_word_is_noticed_by_the_watch(rabbit: RabbitFederation) -> None:
    sender, recipient = await rabbit.connect("DE", IMPATIENT), await rabbit.connect("FR", IMPATIENT)
    link = recipient._inbound.link
    assert link is not None

    # As if the broker had lost it: the connection is well, only the consumer is gone.
    assert link.consumer_tag is not None
    await link.channel.basic_cancel(link.consumer_tag)
    await sender.publish("FR", b"piling up")

    assert [delivery.body for delivery in await collect(recipient, 1)] == [b"piling up"]
    assert recipient.health().rebuilt == 1


async def test_a_closed_connection_is_replaced(rabbit: RabbitFederation) -> None:
    sender, recipient = await rabbit.connect("DE", IMPATIENT), await rabbit.connect("FR", IMPATIENT)
    management = rabbit.rabbit.management

    for connection in await management.request("GET", "connections"):
        await management.request("DELETE", f"connections/{connection['name']}")
    await until(lambda: recipient.health().rebuilt > 0 and sender.health().rebuilt > 0)

    await until(lambda: recipient.health().connected and sender.health().connected)
    await sender.publish("FR", b"after")
    assert [delivery.body for delivery in await collect(recipient, 1)] == [b"after"]


async def test_a_broker_that_hangs_ends_a_publication_and_is_used_again_once_it_answers(
    rabbit: RabbitFederation,
) -> None:
    sender, recipient = await rabbit.connect("DE", IMPATIENT), await rabbit.connect("FR", IMPATIENT)

    rabbit.rabbit.pause()
    try:
        with pytest.raises(BrokerDown, match="no confirm in time"):
            await sender.publish("FR", b"into the void")
        await until(lambda: not sender.health().connected)
        with pytest.raises(BrokerDown):
            await sender.publish("FR", b"at once")
    finally:
        rabbit.rabbit.resume()

    await until(lambda: sender.health().connected)
    await sender.publish("FR", b"after")
    await drain(recipient, {b"after"})


async def test_an_oversize_envelope_is_refused_and_the_link_comes_back(rabbit: RabbitFederation) -> None:
    sender, recipient = await rabbit.connect("DE", IMPATIENT), await rabbit.connect("FR", IMPATIENT)

    with pytest.raises(BrokerDown, match="broke before the confirm"):
        await sender.publish("FR", bytes(MAX_MESSAGE_BYTES + 1))

    await until(lambda: sender.health().connected)
    await sender.publish("FR", b"after")
    assert [delivery.body for delivery in await collect(recipient, 1)] == [b"after"]
    assert recipient.health().rebuilt == 0


async def test_a_full_inbox_refuses_and_no_other_does(rabbit: RabbitFederation) -> None:
    sender = await rabbit.connect("DE", IMPATIENT)
    await _bound(rabbit.rabbit, topology.inbox("EL"), max_bytes=2000)

    with pytest.raises(BrokerDown, match="inbox of EL may be full"):  # noqa: PT012 - the limit is not exact
        for _ in range(50):
            await sender.publish("EL", bytes(1000))

    await sender.publish("FR", b"others go on")
    await rabbit.rabbit.management.request("DELETE", "policies/%2F/small")


async def _bound(rabbit: PrivateRabbit, queue: str, max_bytes: int) -> None:
    """Make the broker hold a queue to fewer bytes; of a policy and the queue's own argument the smaller counts."""
    policy = {"pattern": f"^{queue}$", "definition": {"max-length-bytes": max_bytes}, "apply-to": "queues"}
    await rabbit.management.request("PUT", "policies/%2F/small", policy)


async def test_an_envelope_that_is_never_settled_is_set_aside_in_the_end(rabbit: RabbitFederation) -> None:
    sender, recipient = await rabbit.connect("DE", IMPATIENT), await rabbit.connect("EL", IMPATIENT)
    await sender.publish("EL", b"poison")
    link = recipient._inbound.link
    assert link is not None

    for _ in range(topology.DELIVERY_LIMIT + 1):
        (delivery,) = await collect(recipient, 1)
        await link.channel.basic_nack(delivery.tag, requeue=True)
    await sender.publish("EL", b"wholesome")

    assert [delivery.body for delivery in await collect(recipient, 1)] == [b"wholesome"]
    dead = await rabbit.rabbit.management.request(
        "POST",
        f"queues/%2F/{topology.dead_letters('EL')}/get",
        {"count": 1, "ackmode": "ack_requeue_false", "encoding": "auto"},
    )
    assert [message["payload"] for message in dead] == ["poison"]
