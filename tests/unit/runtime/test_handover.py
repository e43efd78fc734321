"""What goes from the desk to the sender in memory: a shortcut that may be missing, and keeps nothing."""

from node.crypto.statement import Packed
from node.runtime.handover import MAX_BYTES, Handover
from tests.unit.runtime.desks import Town


async def test_what_is_committed_is_sent_from_memory_once(town: Town) -> None:
    await town.DE.open("CY")
    [laid_down] = town.DE.seat.handover.take()
    town.DE.seat.handover.give({laid_down: Packed("taken from memory")})
    await town.DE.post()
    [envelope] = town.CY.letters()
    [refused] = town.CY.receiver.open(envelope)
    assert getattr(refused, "jws", b"") == b"taken from memory"
    assert town.DE.seat.handover.take() == {}


async def test_what_is_missing_is_read_from_the_store(town: Town) -> None:
    cases = [await town.DE.open("CY") for _ in range(2)]
    handed_over = town.DE.seat.handover.take()
    town.DE.seat.handover.give(dict([handed_over.popitem()]))
    await town.carry()
    assert [len((await town.CY.copy(case)).history) for case in cases] == [1, 1]


def test_there_is_room_for_so_much_and_no_more() -> None:
    handover = Handover()
    large = Packed("x" * (MAX_BYTES // 4))
    handover.give({str(number): large for number in range(9)})
    assert list(handover.take()) == ["0", "1", "2"]
    handover.give({"again": large})
    assert handover.take() == {"again": large}
