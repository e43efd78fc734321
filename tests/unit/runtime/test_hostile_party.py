"""A party of an exchange that means harm: it has what it was sent, and can do no harm with it elsewhere."""

from schemas.messages import StatisticsReport, Step
from tests.unit.runtime.desks import Desk, Town, opened


async def notified_first(town: Town) -> tuple[str, Step, bytes]:
    """A notification that Cyprus has, and the Commission not yet: its number, the step, the Commission's letter."""
    case = await town.DE.open("CY", "notification")
    await town.DE.post()
    [early, late] = town.CY.letters(), town.EC.letters()
    [step] = opened(await town.CY.take_in(*early))
    assert isinstance(step, Step)
    return case, step, late[0]


def same_id(liar: Desk, step: Step) -> StatisticsReport:
    """A statement of the liar's own that uses the id of another one's."""
    now = liar.seat.clock.now()
    return StatisticsReport(id=step.id, sender=liar.node, at=now, to={"EC": 1}, as_of=now, rows=())


async def test_an_id_that_another_sender_used_first_is_no_reason_to_refuse_the_true_one(town: Town) -> None:
    case, step, letter = await notified_first(town)
    await town.EC.take_in(town.CY.sealed("EC", town.CY.signed(same_id(town.CY, step))))
    assert await town.EC.counts("reports") == 1

    await town.EC.take_in(letter, letter)
    await town.carry()

    assert (await town.EC.copy(case)).state == "sent"
    assert await town.EC.quarantined() == []
    assert await town.DE.outbox() == {"delivered": 2}
    assert [each.state for each in (await town.DE.view(case)).steps[0].deliveries] == ["delivered", "delivered"]


async def test_a_repetition_gets_its_own_receipt_and_not_that_of_another_senders_statement(town: Town) -> None:
    _, step, letter = await notified_first(town)
    await town.EC.take_in(town.CY.sealed("EC", town.CY.signed(same_id(town.CY, step))))
    await town.EC.take_in(letter)
    await town.EC.post()
    for desk in (town.DE, town.CY):
        desk.letters()  # all receipts are lost

    await town.EC.take_in(letter)
    await town.carry()

    assert await town.DE.outbox() == {"delivered": 2}
