"""Each fault that the memory exchange can be asked for, and that a seed tells the same story again."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from broker.memory import Faults, MemoryBroker, MemoryExchange, Passed
from broker.port import BrokerDown
from tests.contract.conftest import collect

ENVELOPES = [b"envelope %03d" % number for number in range(200)]


async def pair(exchange: MemoryExchange) -> tuple[MemoryBroker, MemoryBroker]:
    sender, recipient = MemoryBroker("DE", exchange), MemoryBroker("FR", exchange)
    await sender.start()
    await recipient.start()
    return sender, recipient


async def story(seed: int, faults: Faults) -> tuple[list[bytes], int]:
    """Send all envelopes, a mark to end with, and give what arrives before the mark, and how many were refused."""
    exchange = MemoryExchange(seed, faults)
    sender, recipient = await pair(exchange)
    refused = 0
    for envelope in ENVELOPES:
        try:
            await sender.publish("FR", envelope)
        except BrokerDown:
            refused += 1
    exchange.faults = Faults()
    await sender.publish("FR", b"mark")
    received: list[bytes] = []
    while b"mark" not in received or recipient_has_more(recipient):
        batch = await recipient.receive(7)
        await recipient.settle(batch)
        received += [delivery.body for delivery in batch]
    received.remove(b"mark")
    return received, refused


def recipient_has_more(recipient: MemoryBroker) -> bool:
    return bool(recipient._inbox)


async def test_without_faults_all_arrive_in_order() -> None:
    assert await story(1, Faults()) == (ENVELOPES, 0)


async def test_drop_loses_some_without_a_word() -> None:
    received, refused = await story(1, Faults(drop=0.3))

    assert refused == 0
    assert 0 < len(received) < len(ENVELOPES)
    assert set(received) < set(ENVELOPES)


async def test_drop_of_one_loses_all() -> None:
    assert await story(1, Faults(drop=1)) == ([], 0)


async def test_repeat_delivers_some_twice_and_none_more_often() -> None:
    received, _ = await story(1, Faults(repeat=0.3))

    assert set(received) == set(ENVELOPES)
    assert set(Counter(received).values()) == {1, 2}


async def test_reorder_changes_the_order_only_of_what_waits_together() -> None:
    received, _ = await story(1, Faults(reorder=0.3))

    assert received != ENVELOPES
    assert sorted(received) == ENVELOPES


async def test_delay_lets_at_most_that_many_others_pass() -> None:
    received, _ = await story(1, Faults(delay=5))

    late = [received.index(envelope) - number for number, envelope in enumerate(ENVELOPES)]
    assert sorted(received) == ENVELOPES
    assert 0 < max(late) <= 5


async def test_delay_without_further_traffic_ends_at_the_next_look() -> None:
    exchange = MemoryExchange(3, Faults(delay=1000))
    sender, recipient = await pair(exchange)
    await sender.publish("FR", b"alone")

    assert [delivery.body for delivery in await recipient.receive(10)] == [b"alone"]


async def test_tamper_flips_exactly_one_bit() -> None:
    received, _ = await story(1, Faults(tamper=1))

    for sent, arrived in zip(ENVELOPES, received, strict=True):
        difference = int.from_bytes(sent) ^ int.from_bytes(arrived)
        assert difference.bit_count() == 1


async def test_a_refused_publication_was_not_taken() -> None:
    received, refused = await story(1, Faults(fail_publish=0.3))

    assert refused > 0
    assert len(received) == len(ENVELOPES) - refused


async def test_a_lost_confirm_looks_like_a_refusal_but_the_envelope_arrives() -> None:
    received, refused = await story(1, Faults(lose_confirm=0.3))

    assert refused > 0
    assert received == ENVELOPES


@given(st.integers())
async def test_the_same_seed_tells_the_same_story(seed: int) -> None:
    faults = Faults(drop=0.1, repeat=0.1, reorder=0.1, tamper=0.1, fail_publish=0.1, lose_confirm=0.1, delay=3)

    assert await story(seed, faults) == await story(seed, faults)


async def test_another_seed_tells_another_story() -> None:
    faults = Faults(drop=0.5)

    assert await story(1, faults) != await story(2, faults)


async def test_turning_one_knob_does_not_shuffle_another() -> None:
    alone, _ = await story(1, Faults(drop=0.3))
    with_repeats, _ = await story(1, Faults(drop=0.3, repeat=0.5))

    assert set(with_repeats) == set(alone)


async def test_a_cut_node_neither_sends_nor_receives_until_it_is_healed() -> None:
    exchange = MemoryExchange()
    sender, recipient = await pair(exchange)
    exchange.cut("FR")

    await sender.publish("FR", b"waits at the exchange")
    with pytest.raises(BrokerDown, match="cut off"):
        await recipient.publish("DE", b"can't")
    assert not recipient.health().connected

    exchange.heal("FR")
    assert [delivery.body for delivery in await collect(recipient, 1)] == [b"waits at the exchange"]


async def test_a_cut_takes_back_what_was_not_settled() -> None:
    exchange = MemoryExchange()
    sender, recipient = await pair(exchange)
    await sender.publish("FR", b"first")
    await sender.publish("FR", b"second")
    before = await recipient.receive(2)

    exchange.cut("FR")
    exchange.heal("FR")
    await recipient.settle(before)

    assert [delivery.body for delivery in await collect(recipient, 2)] == [b"first", b"second"]


async def test_a_crash_forgets_the_link_and_the_next_start_gets_the_unsettled_again() -> None:
    exchange = MemoryExchange()
    sender, recipient = await pair(exchange)
    for envelope in (b"settled", b"not settled"):
        await sender.publish("FR", envelope)
    settled, _ = await recipient.receive(2)
    await recipient.settle([settled])

    recipient.crash()
    await recipient.start()

    assert [delivery.body for delivery in await collect(recipient, 1)] == [b"not settled"]


async def test_the_log_keeps_all_that_passed_as_it_was_sent() -> None:
    exchange = MemoryExchange(1, Faults(drop=0.5, tamper=0.5))
    sender, _ = await pair(exchange)

    await sender.publish("FR", b"one")
    await sender.publish("FR", b"two")

    assert exchange.log == [Passed("DE", "FR", b"one"), Passed("DE", "FR", b"two")]


@pytest.mark.parametrize("knob", ["drop", "repeat", "tamper", "reorder", "fail_publish", "lose_confirm"])
def test_a_chance_beyond_certainty_is_refused(knob: str) -> None:
    with pytest.raises(ValidationError, match=knob):
        Faults.model_validate({knob: 1.1})
