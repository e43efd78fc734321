"""What every broker owes the node: each case runs in memory and on a private RabbitMQ."""

import asyncio

import pytest

from broker.port import BrokerDown, Delivery, Unroutable
from schemas.envelope import MAX_ENVELOPE_BYTES
from tests.contract.conftest import Federation, collect


def bodies(deliveries: list[Delivery]) -> list[bytes]:
    return [delivery.body for delivery in deliveries]


async def test_a_confirmed_envelope_arrives_unchanged(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    envelope = bytes(range(256))

    await sender.publish("FR", envelope)

    assert bodies(await collect(recipient, 1)) == [envelope]


async def test_the_largest_envelope_arrives_unchanged(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    envelope = bytes(range(256)) * (MAX_ENVELOPE_BYTES // 256)

    await sender.publish("FR", envelope)

    assert bodies(await collect(recipient, 1)) == [envelope]


async def test_a_node_receives_its_own_envelopes_and_no_others(federation: Federation) -> None:
    sender = await federation.connect("DE")
    france, commission = await federation.connect("FR"), await federation.connect("EC")

    await sender.publish("FR", b"to France")
    await sender.publish("EC", b"to the Commission")

    assert bodies(await collect(france, 1)) == [b"to France"]
    assert bodies(await collect(commission, 1)) == [b"to the Commission"]


async def test_a_node_may_send_to_itself(federation: Federation) -> None:
    node = await federation.connect("DE")

    await node.publish("DE", b"note")

    assert bodies(await collect(node, 1)) == [b"note"]


async def test_envelopes_published_one_by_one_arrive_in_order(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    envelopes = [b"%d" % number for number in range(50)]

    for envelope in envelopes:
        await sender.publish("FR", envelope)

    assert bodies(await collect(recipient, 50)) == envelopes


async def test_hundreds_of_publications_at_once_are_all_confirmed_and_arrive_once(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    envelopes = [b"%03d" % number for number in range(600)]

    async with asyncio.TaskGroup() as group:
        for envelope in envelopes:
            group.create_task(sender.publish("FR", envelope))

    received: list[Delivery] = []
    while len(received) < len(envelopes):  # more than the window: later ones come only as earlier ones are settled
        batch = await collect(recipient, min(100, len(envelopes) - len(received)))
        await recipient.settle(batch)
        received += batch
    assert sorted(bodies(received)) == envelopes


async def test_receive_waits_for_the_first_envelope(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    receiving = asyncio.create_task(recipient.receive(10))
    await asyncio.sleep(0.05)
    assert not receiving.done()

    await sender.publish("FR", b"at last")

    assert bodies(await receiving) == [b"at last"]


async def test_receive_gives_no_more_than_asked_for_and_keeps_the_rest(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    for number in range(5):
        await sender.publish("FR", b"%d" % number)

    first = await recipient.receive(2)
    rest = await collect(recipient, 5 - len(first))

    assert 1 <= len(first) <= 2
    assert bodies(first + rest) == [b"0", b"1", b"2", b"3", b"4"]


async def test_what_is_not_settled_is_delivered_again_after_a_reconnection(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    await sender.publish("FR", b"again")
    before = await collect(recipient, 1)

    await federation.reconnect(recipient)

    after = await collect(recipient, 1)
    assert bodies(after) == [b"again"]
    assert after[0].link > before[0].link


async def test_what_was_received_by_nobody_yet_survives_a_reconnection(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    await recipient.stop()

    await sender.publish("FR", b"while away")
    await recipient.start()

    assert bodies(await collect(recipient, 1)) == [b"while away"]


async def test_a_settled_batch_is_not_delivered_again(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    for number in range(20):
        await sender.publish("FR", b"%d" % number)
    await recipient.settle(await collect(recipient, 20))

    await federation.reconnect(recipient)
    await sender.publish("FR", b"next")

    assert bodies(await collect(recipient, 1)) == [b"next"]


async def test_settling_some_of_a_batch_leaves_exactly_the_others(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    for number in range(6):
        await sender.publish("FR", b"%d" % number)
    deliveries = await collect(recipient, 6)
    await recipient.settle([deliveries[4], deliveries[0], deliveries[1]])

    await federation.reconnect(recipient)

    assert sorted(bodies(await collect(recipient, 3))) == [b"2", b"3", b"5"]


async def test_settling_twice_is_harmless(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    await sender.publish("FR", b"first")
    deliveries = await collect(recipient, 1)

    await recipient.settle(deliveries)
    await recipient.settle(deliveries)

    await sender.publish("FR", b"second")
    assert bodies(await collect(recipient, 1)) == [b"second"]


async def test_a_settlement_for_an_older_link_is_dropped(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    await sender.publish("FR", b"kept")
    old = await collect(recipient, 1)
    await federation.reconnect(recipient)
    await collect(recipient, 1)

    await recipient.settle(old)

    await federation.reconnect(recipient)
    assert bodies(await collect(recipient, 1)) == [b"kept"]


async def test_an_envelope_for_a_node_without_inbox_is_unroutable(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")

    with pytest.raises(Unroutable, match="no inbox of XX is bound"):
        await sender.publish("XX", b"to nobody")

    await sender.publish("FR", b"the link lives on")
    assert bodies(await collect(recipient, 1)) == [b"the link lives on"]


async def test_publishing_after_stop_says_that_the_broker_is_away(federation: Federation) -> None:
    sender = await federation.connect("DE")
    await sender.stop()

    with pytest.raises(BrokerDown):
        await sender.publish("FR", b"too late")


async def test_health_tells_connected_from_stopped(federation: Federation) -> None:
    node = await federation.connect("DE")
    connected = node.health()

    await node.stop()

    assert (connected.connected, node.health().connected) == (True, False)
    assert connected.detail.startswith("Connected")


async def test_settling_after_stop_raises_nothing(federation: Federation) -> None:
    sender, recipient = await federation.connect("DE"), await federation.connect("FR")
    await sender.publish("FR", b"kept")
    deliveries = await collect(recipient, 1)
    await recipient.stop()

    await recipient.settle(deliveries)

    await recipient.start()
    assert bodies(await collect(recipient, 1)) == [b"kept"]
