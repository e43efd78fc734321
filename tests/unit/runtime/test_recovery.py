"""A store that was replaced by an older copy: what was lost comes back from the peers, and no number is given twice."""

import asyncio
import shutil

import pytest

from schemas.messages import Resend, Skip
from schemas.refusal import Refusal
from tests.unit.runtime.desks import START, Desk, Town, opened

NODES = ("DE", "CY", "EC")


async def back_up(town: Town, node: str) -> None:
    """Put a copy of a node's store aside."""
    await town.desks[node].stop()
    shutil.copy(town.folder / node / "store.sqlite", town.folder / node / "backup")
    await town.seat(node)


async def restore(town: Town, node: str, *, greets: bool = True) -> Desk:
    """Start a node again on the copy, as after the loss of its disk."""
    await town.desks[node].stop()
    for file in (town.folder / node).glob("store.sqlite*"):
        file.unlink()
    shutil.copy(town.folder / node / "backup", town.folder / node / "store.sqlite")
    town.clock.advance(minutes=1)
    desk = await town.seat(node)
    if greets:
        await desk.runtime.greet()
    return desk


async def lose_disk(town: Town, node: str) -> Desk:
    """Start a node again with nothing but its keys and papers."""
    await town.desks[node].stop()
    for file in (town.folder / node).glob("store.sqlite*"):
        file.unlink()
    town.clock.advance(minutes=1)
    desk = await town.seat(node)
    await desk.runtime.greet()
    return desk


async def require_agreement(town: Town, *cases: str) -> None:
    """Insist that all copies hold the same steps, and that everything has ended in a receipt."""
    for case in cases:
        copies = [await town.desks[node].copy(case) for node in (await town.DE.copy(case)).parties.values()]
        assert len({each.state for each in copies}) == 1
        assert len({str(sorted(each.seen.items())) for each in copies}) == 1
    for desk in town.desks.values():
        assert set(await desk.outbox()) <= {"delivered"}, desk.node


async def test_a_restored_node_gets_back_what_it_had_sent_and_what_it_had_got(town: Town) -> None:
    first = await town.DE.open("CY")
    await town.carry()
    await back_up(town, "DE")
    second = await town.DE.open("CY", subject="Age verification")
    await town.carry()
    await town.CY.act("accept", first)
    await town.CY.act("accept", second)
    await town.carry()
    before = await town.DE.view(second)

    await restore(town, "DE")
    assert await town.DE.counts("exchanges") == 1
    await town.settle()

    after = await town.DE.view(second)
    assert [step.form for step in after.steps] == [step.form for step in before.steps]
    assert [each.state for each in after.steps[0].deliveries] == ["delivered"]
    assert (await town.DE.copy(first)).state == "accepted"
    await require_agreement(town, first, second)
    assert [await desk.quarantined() for desk in town.desks.values()] == [[], [], []]


async def test_a_restored_node_gives_no_number_and_no_case_number_twice(town: Town) -> None:
    await back_up(town, "DE")
    lost = [await town.DE.open("CY") for _ in range(3)]
    await town.carry()

    await restore(town, "DE")
    await town.settle()
    new = await town.DE.open("CY")
    await town.settle()

    assert new not in lost
    await require_agreement(town, *lost, new)
    assert await town.CY.rows("SELECT next_in FROM streams WHERE peer = 'DE'") == [(5,)]
    actions = [action for (action,) in await town.DE.rows("SELECT action FROM ledger")]
    assert actions == [*["given_back.send"] * 3, "step.send"]


async def test_an_act_after_a_start_waits_until_the_peers_have_said_what_was_lost(town: Town) -> None:
    await back_up(town, "DE")
    lost = await town.DE.open("CY")
    await town.carry()
    await restore(town, "DE")

    act = asyncio.create_task(town.DE.open("CY"))
    await town.carry()
    new = await act
    await town.settle()

    assert new != lost
    await require_agreement(town, lost, new)


async def test_an_act_after_a_start_does_not_wait_for_peers_that_are_away(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.DE.open("CY")
    await town.carry()
    monkeypatch.setattr("node.runtime.greeting.PATIENCE_SECONDS", 0.01)
    await town.DE.runtime.greet()

    assert await town.DE.open("CY")
    assert await town.DE.open("CY")


async def test_numbers_of_what_is_not_given_back_are_not_given_either(town: Town) -> None:
    """The peer has blocked the content meanwhile, and can only say how far the stream had come."""
    await back_up(town, "DE")
    lost = await town.DE.open("CY")
    await town.DE.act("withdraw", lost)
    await town.carry()
    town.clock.advance(days=190)
    await town.CY.runtime.tick()
    town.clock.at = START  # in the same year, so that the case numbers are of the same kind

    await restore(town, "DE")
    await town.settle()
    new = await town.DE.open("CY")
    await town.settle()

    assert new != lost
    assert (await town.CY.copy(new)).state == "awaiting_acceptance"
    assert ("stream.lost",) in await town.DE.rows("SELECT action FROM ledger")
    # What Cyprus confirmed half a year later is ahead of a clock that was put back.
    assert set(await town.DE.quarantined()) == {Refusal.BAD_DISCLOSURE, Refusal.FROM_THE_FUTURE}


async def test_what_crossed_before_the_loss_crosses_again(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.carry()
    await back_up(town, "DE")
    await town.DE.act("withdraw", case)
    await town.CY.act("accept", case)
    await town.carry()
    state = (await town.CY.copy(case)).state

    await restore(town, "DE")
    await town.settle()

    assert (await town.DE.copy(case)).state == state
    await require_agreement(town, case)


async def test_a_long_talk_of_three_comes_back_in_causal_order(town: Town) -> None:
    case = await town.DE.open("CY", "notification")
    await town.carry()
    await town.EC.act("open", case, procedure="notification")
    await town.carry()
    await back_up(town, "CY")
    for step, desk in (("comment", town.CY), ("amend", town.DE), ("comment", town.CY), ("amend", town.DE)):
        await desk.act(step, case, procedure="notification")
        await town.carry()

    await restore(town, "CY")
    await town.settle()

    await require_agreement(town, case)
    assert [entry.step for entry in (await town.CY.copy(case)).history][-4:] == ["comment", "amend", "comment", "amend"]


async def test_what_only_one_of_two_recipients_had_got_reaches_the_other_after_the_loss(town: Town) -> None:
    await back_up(town, "DE")
    case = await town.DE.open("CY", "notification")
    await town.DE.post()
    town.EC.letters()  # lost on the way
    await town.CY.take_in(*town.CY.letters())

    await restore(town, "DE")
    await town.settle()

    await require_agreement(town, case)
    assert (await town.EC.copy(case)).state == "sent"


async def test_a_node_without_a_disk_is_rebuilt_from_its_peers(town: Town) -> None:
    cases = [await town.DE.open("CY"), await town.DE.open("CY", "notification")]
    await town.carry()
    await town.CY.act("accept", cases[0])
    await town.carry()

    await lose_disk(town, "DE")
    assert await town.DE.counts("exchanges") == 0
    await town.settle()

    await require_agreement(town, *cases)
    assert await town.DE.open("CY") not in cases


async def test_a_node_that_acts_before_it_knows_of_its_loss_learns_of_it_by_the_refusal(town: Town) -> None:
    """Its act is refused, visibly; all that follows goes through, and what was lost comes back."""
    known = await town.DE.open("CY")
    await town.carry()
    await back_up(town, "DE")
    lost = await town.DE.open("CY", "notification")
    await town.carry()

    await restore(town, "DE", greets=False)
    await town.DE.act("withdraw", known)
    await town.settle()

    [row] = await town.DE.rows("SELECT state, code FROM outbox WHERE state <> 'delivered'")
    assert row == ("refused", Refusal.BAD_SEQUENCE)
    assert (await town.DE.copy(lost)).state == "sent"
    new = await town.DE.open("CY")
    await town.settle()
    assert (await town.CY.copy(new)).state == "awaiting_acceptance"


async def test_a_node_that_overtook_its_loss_gets_back_what_had_its_number(town: Town) -> None:
    await back_up(town, "DE")
    lost = await town.DE.open("CY", "notification")
    await town.carry()

    await restore(town, "DE", greets=False)
    new = [await town.DE.open("CY") for _ in range(3)]
    await town.settle()

    assert (await town.DE.copy(lost)).state == "sent"
    assert [(await town.CY.copy(case)).state for case in new[1:]] == ["awaiting_acceptance"] * 2


async def test_what_was_still_on_its_way_at_the_loss_comes_back_once_it_has_arrived(town: Town) -> None:
    await back_up(town, "DE")
    lost = await town.DE.open("CY")
    await town.DE.post()
    late = town.CY.letters()

    await restore(town, "DE")
    await town.settle()
    await town.CY.take_in(*late)
    await town.settle()
    new = await town.DE.open("CY")
    await town.settle()

    assert new != lost
    await require_agreement(town, lost, new)


async def test_no_other_case_gets_the_number_of_one_whose_opening_is_lost(town: Town) -> None:
    """What builds on the opening waits, in sight of the operators: it must not be taken for a step of another case."""
    await back_up(town, "DE")
    lost = await town.DE.open("CY")
    await town.DE.act("withdraw", lost)
    await town.DE.post()
    _, later = town.CY.receiver.open(*town.CY.letters())
    await town.CY.runtime.receive([later])

    await restore(town, "DE")
    town.wall.advance(seconds=3)
    for desk in (town.CY, town.DE, town.CY):
        await desk.runtime.tick()
        await town.carry()
    new = await town.DE.open("CY")
    await town.carry()

    assert new != lost
    assert (await town.CY.copy(new)).state == "awaiting_acceptance"
    assert await town.CY.rows("SELECT reason FROM waiting") == await town.DE.rows("SELECT reason FROM waiting")
    assert await town.CY.rows("SELECT reason FROM waiting") == [("exchange",)]


async def test_a_number_that_nobody_knows_any_more_is_passed_by(town: Town) -> None:
    """The first of two letters was lost on the way, and then the sender's disk: the second must not wait for ever."""
    await back_up(town, "DE")
    await town.DE.open("CY")
    second = await town.DE.open("CY")
    await town.DE.post()
    _, later = town.CY.receiver.open(*town.CY.letters())
    await town.CY.runtime.receive([later])
    assert await town.CY.counts("waiting") == 1

    await restore(town, "DE")
    town.wall.advance(seconds=3)
    await town.settle()

    await require_agreement(town, second)
    assert await town.CY.quarantined() == [Refusal.WITHHELD]
    new = await town.DE.open("CY")
    await town.settle()
    await require_agreement(town, new)


async def test_an_old_request_that_is_replayed_has_nothing_sent_again_that_was_signed_for_since(town: Town) -> None:
    await town.DE.open("CY")
    request = Resend(id=town.CY.seat.new_id(), sender="CY", at=town.clock.now(), to="DE", missing=(), expects=1)
    town.clock.advance(seconds=1)
    await town.carry()

    await town.DE.take_in(town.CY.sealed("DE", town.CY.signed(request)))

    assert await town.DE.outbox() == {"delivered": 1}


async def test_a_peer_that_claims_to_wait_for_an_absurd_number_is_not_believed(town: Town) -> None:
    await town.DE.open("CY")
    await town.carry()
    request = Resend(id=town.CY.seat.new_id(), sender="CY", at=town.clock.now(), to="DE", missing=(), expects=9_000_000)

    await town.DE.take_in(town.CY.sealed("DE", town.CY.signed(request)))

    assert await town.DE.rows("SELECT next_out FROM streams WHERE peer = 'CY'") == [(2,)]


async def test_what_is_known_and_given_back_changes_nothing(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.carry()
    before = await town.DE.counts("ledger"), await town.DE.outbox()

    await town.DE.runtime.greet()
    await town.DE.post()
    await town.CY.take_in(*town.CY.letters())
    await town.CY.post()
    said = opened([each for letter in town.DE.letters() for each in await town.DE.take_in(letter)])

    assert (await town.DE.counts("ledger"), await town.DE.outbox()) == before
    assert len((await town.DE.copy(case)).history) == 1
    assert not [each for each in said if isinstance(each, Skip)]
