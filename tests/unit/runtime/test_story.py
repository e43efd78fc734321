"""The way of an exchange over real stores: what users do is what all copies say."""

from node.handlers.access import OWN_ACCOUNT_ALONE
from tests.unit.runtime.desks import Town


async def test_a_request_is_answered_and_closed_and_both_copies_agree(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.carry()
    for desk, step in ((town.CY, "accept"), (town.CY, "reply"), (town.DE, "close")):
        await desk.act(step, case)
        await town.carry()

    ours, theirs = await town.DE.copy(case), await town.CY.copy(case)

    assert ours == theirs
    assert ours.state == "closed"
    assert ours.closed_at == town.clock.now()
    assert await town.DE.outbox() == {"delivered": 2}
    assert await town.CY.outbox() == {"delivered": 2}
    assert await town.EC.counts("exchanges") == 0


async def test_a_notification_reaches_the_commission_and_the_country_of_establishment(town: Town) -> None:
    case = await town.DE.open("CY", "notification", variant="urgent")
    await town.carry()
    await town.EC.act("open", case, procedure="notification")
    await town.carry()

    copies = [await desk.copy(case) for desk in (town.DE, town.CY, town.EC)]

    assert copies[0] == copies[1] == copies[2]
    assert copies[0].state == "open_for_comments"
    assert copies[0].parties == {"notifying": "DE", "establishment": "CY", "commission": "EC"}


async def test_what_a_form_says_is_read_by_the_other_side_word_for_word(town: Town) -> None:
    case = await town.DE.open("CY", subject="A shop that sells nothing: Größe, naïve")
    await town.carry()

    said = (await town.CY.view(case)).steps[0].form

    assert said is not None
    assert said == (await town.DE.view(case)).steps[0].form
    assert said["subject"] == "A shop that sells nothing: Größe, naïve"


async def test_opening_is_told_to_the_sender_once(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.carry()

    counts = [
        await town.CY.runtime.note_opened(case, OWN_ACCOUNT_ALONE),
        await town.CY.runtime.note_opened(case, OWN_ACCOUNT_ALONE),
    ]
    await town.carry()

    [delivery] = (await town.DE.view(case)).steps[0].deliveries
    assert counts == [1, 0]
    assert delivery.state == "delivered"
    assert delivery.opened_at == town.clock.now()
