"""The sender: what can't go out now waits, what can never go out harms nobody else."""

import asyncio

import pytest

from broker.memory import Faults
from broker.port import BrokerDown
from node.workers.send import RETRY
from schemas.identifiers import message_id
from schemas.messages import Receipt, Receipts
from tests.unit.runtime.desks import START, Town, opened


async def test_a_lost_letter_goes_out_again_until_it_is_signed_for(town: Town) -> None:
    town.exchange.faults = Faults(drop=1)
    await town.DE.open("CY")
    await town.DE.post()
    assert await town.DE.outbox() == {"published": 1}
    assert await town.DE.post() == 0
    town.exchange.faults = Faults()

    town.wall.advance(seconds=RETRY.total_seconds())
    await town.carry()

    assert await town.DE.outbox() == {"delivered": 1}


async def test_a_broker_that_is_away_loses_nothing(town: Town) -> None:
    await town.DE.open("CY")
    town.exchange.cut("DE")
    with pytest.raises(BrokerDown, match="cut off"):
        await town.DE.post()
    assert await town.DE.outbox() == {"waiting": 1}

    town.exchange.heal("DE")
    await town.carry()

    assert await town.DE.outbox() == {"delivered": 1}


async def test_a_lost_confirm_leads_to_a_repetition_without_effect(town: Town) -> None:
    case = await town.DE.open("CY")
    town.exchange.faults = Faults(lose_confirm=1)
    with pytest.raises(BrokerDown):
        await town.DE.post()
    town.exchange.faults = Faults()

    await town.carry()

    assert len(town.exchange.log) >= 2
    assert len((await town.CY.copy(case)).history) == 1
    assert await town.DE.outbox() == {"delivered": 1}


async def test_a_signal_to_a_node_that_nothing_can_be_sealed_to_does_not_keep_the_sender_busy(town: Town) -> None:
    receipt = Receipt(message=message_id(START, bytes(10)), hash="x" * 43, outcome="delivered")
    for peer in ("FR", "CY"):
        signal = Receipts(id=town.DE.seat.new_id(), sender="DE", at=START, to=peer, entries=(receipt,))
        packed = town.DE.signed(signal)
        async with town.DE.seat.store.transaction() as db:
            await db.execute(
                "INSERT INTO signals (recipient, jws, created_at) VALUES (?, ?, ?)", (peer, packed.jws, "x")
            )

    async with asyncio.timeout(60):
        await town.DE.post()

    assert await town.DE.counts("signals") == 0
    assert len(town.CY.letters()) == 1


async def test_refusals_with_long_details_fit_in_their_envelopes(town: Town) -> None:
    await town.DE.open("CY")
    await town.DE.post()
    [original] = opened(town.CY.receiver.open(*town.CY.letters()))
    form = dict.fromkeys(("subject", "language", "legal_articles", "guidance_outcome", "confidential"), "x")
    bad = [
        town.DE.signed(
            original.model_copy(
                update={"id": town.DE.seat.new_id(), "to": {"CY": number}, "digests": ()},
            ),
            form,
        )
        for number in range(1, 1201)
    ]
    arrivals = [
        arrival
        for start in range(0, len(bad), 100)
        for arrival in town.CY.receiver.open(town.DE.sealed("CY", *bad[start : start + 100]))
    ]

    await town.CY.runtime.receive(arrivals)
    await town.CY.post()

    assert await town.CY.counts("signals") == 0
    said = [each for letter in town.DE.letters() for each in town.DE.receiver.open(letter)]
    assert sum(len(each.entries) for each in opened(said) if isinstance(each, Receipts)) == 1200
