"""The ledger: every act and every arrival, chained; a change shows where it was made."""

from dataclasses import replace

import pytest

from node.runtime.audit import first_broken
from node.store import ledger
from node.store.ledger import LedgerEntry
from tests.unit.runtime.desks import Town


async def lived(town: Town) -> list[LedgerEntry]:
    case = await town.DE.open("CY")
    await town.carry()
    await town.CY.act("accept", case)
    await town.carry()
    await town.DE.act("withdraw", case)
    await town.carry()
    return await ledger.following(town.DE.seat.store.read, 0)


async def test_it_tells_who_did_what_and_is_whole(town: Town) -> None:
    entries = await lived(town)

    told = [(entry.actor, entry.action) for entry in entries]
    assert told == [
        ("DE/consumer-protection", "step.send"),
        ("CY/consumer-protection", "received.accept"),
        ("DE/consumer-protection", "step.withdraw"),
    ]
    assert first_broken(entries) is None


FORGERIES = {
    "another actor": lambda e: [e[0], replace(e[1], actor="CY/coordinator"), e[2]],
    "another action": lambda e: [e[0], replace(e[1], action="received.refuse"), e[2]],
    "another detail": lambda e: [e[0], replace(e[1], detail="{}"), e[2]],
    "another hash": lambda e: [e[0], replace(e[1], hash=e[0].hash), e[2]],
    "removed": lambda e: [e[0], e[2]],
    "repeated": lambda e: [e[0], e[0], e[1], e[2]],
    "swapped": lambda e: [e[0], e[2], e[1]],
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
async def test_a_forgery_shows_at_the_second_entry(town: Town, forge: object) -> None:
    entries = await lived(town)

    assert callable(forge)
    assert first_broken(forge(entries)) == 2


async def test_the_first_entry_can_not_be_left_out(town: Town) -> None:
    assert first_broken((await lived(town))[1:]) == 1
