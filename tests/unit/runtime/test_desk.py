"""The desk in the store: sealed with its exchange, gone with it; and what it does in one transaction."""

import pytest

from node.cli.reading import view_lines
from node.handlers.access import OWN_ACCOUNT_ALONE, Actor, Denied
from node.handlers.exchanges.desk import NotOnDesk
from node.handlers.exchanges.procedure import Refused
from node.runtime.actors import actor_named
from node.runtime.reading import exchange_view
from node.store import desks
from schemas.desk import Allocation, Dissemination, Preparation, SendingBack
from schemas.people import Grant
from schemas.register import AddUser
from tests.unit.runtime.desks import Desk, Town

CANARY = "Canary-Erika-Mustermann-1975"
CY = "CY/coordinator"


async def accepted(town: Town) -> str:
    case = await town.DE.open("CY")
    await town.carry()
    await town.CY.act("accept", case)
    await town.carry()
    return case


def reply(desk: Desk, case: str, **form: object) -> Preparation:
    act = desk.intention("reply", case, form={"established_details": CANARY, **form})
    return Preparation(step="reply", authority=CY, form=act.form)


async def store_bytes(desk: Desk) -> bytes:
    await desk.seat.store.compact()
    return b"".join(path.read_bytes() for path in (desk.town.folder / desk.node).iterdir())


async def test_what_is_prepared_is_sealed_and_gone_after_deletion(town: Town) -> None:
    case = await accepted(town)
    await town.CY.runtime.desks.prepare(case, reply(town.CY, case), OWN_ACCOUNT_ALONE)
    await town.CY.runtime.desks.submit(case, "reply", OWN_ACCOUNT_ALONE)
    assert (await town.CY.view(case)).pending["reply"]["established_details"] == CANARY
    assert CANARY.encode() not in await store_bytes(town.CY)

    await town.DE.act("withdraw", case)
    await town.carry()
    town.clock.advance(days=200)
    await town.CY.runtime.tick()
    assert (await town.CY.view(case)).pending == {}, "blocked"
    with pytest.raises(Refused):
        await town.CY.runtime.desks.prepare(case, reply(town.CY, case), OWN_ACCOUNT_ALONE)

    town.clock.advance(days=4 * 365)
    await town.CY.runtime.tick()
    for table in ("drafts", "desks", "disseminations"):
        assert await town.CY.counts(table) == 0


async def test_a_release_that_comes_too_late_leaves_the_form_on_the_desk(town: Town) -> None:
    case = await accepted(town)
    await town.CY.runtime.desks.prepare(case, reply(town.CY, case), OWN_ACCOUNT_ALONE)
    await town.CY.runtime.desks.submit(case, "reply", OWN_ACCOUNT_ALONE)
    await town.DE.act("withdraw", case)
    await town.carry()
    before = await town.CY.counts("statements")

    with pytest.raises(Refused, match="stands at 'Withdrawn'"):
        await town.CY.runtime.desks.release(case, "reply", OWN_ACCOUNT_ALONE)

    assert await town.CY.counts("statements") == before
    assert (await town.CY.view(case)).pending.keys() == {"reply"}


async def test_a_release_takes_the_step_with_the_form_that_was_submitted(town: Town) -> None:
    case = await accepted(town)
    await town.CY.runtime.desks.prepare(case, reply(town.CY, case), OWN_ACCOUNT_ALONE)
    await town.CY.runtime.desks.submit(case, "reply", OWN_ACCOUNT_ALONE)
    await town.CY.runtime.desks.send_back(case, SendingBack(step="reply", note="Shorter."), OWN_ACCOUNT_ALONE)
    with pytest.raises(NotOnDesk, match="does not wait"):
        await town.CY.runtime.desks.release(case, "reply", OWN_ACCOUNT_ALONE)
    await town.CY.runtime.desks.submit(case, "reply", OWN_ACCOUNT_ALONE)

    await town.CY.runtime.desks.release(case, "reply", OWN_ACCOUNT_ALONE)
    await town.carry()

    said = (await town.DE.view(case)).steps[-1]
    assert (said.step, (said.form or {})["established_details"]) == ("reply", CANARY)
    assert await town.CY.counts("drafts") == 0
    assert await desks.pending(town.CY.seat.store.read) == []


async def test_an_incomplete_form_is_not_submitted(town: Town) -> None:
    case = await accepted(town)
    half = Preparation(step="reply", authority=CY, form={"established_details": CANARY})
    await town.CY.runtime.desks.prepare(case, half, OWN_ACCOUNT_ALONE)

    with pytest.raises(Refused) as caught:
        await town.CY.runtime.desks.submit(case, "reply", OWN_ACCOUNT_ALONE)

    assert caught.value.problems
    assert (await town.CY.view(case)).pending["reply"] == {"established_details": CANARY}


@pytest.mark.parametrize(
    ("preparation", "words"),
    [
        (Preparation(step="close", authority=CY), "not for this side"),
        (Preparation(step="reply", authority="DE/coordinator"), "not an authority of this node"),
        (Preparation(step="dance", authority=CY), "there is no step dance"),
    ],
)
async def test_what_the_side_can_not_take_is_not_prepared(town: Town, preparation: Preparation, words: str) -> None:
    case = await accepted(town)

    with pytest.raises(Refused, match=words):
        await town.CY.runtime.desks.prepare(case, preparation, OWN_ACCOUNT_ALONE)
    assert await town.CY.counts("drafts") == 0


async def test_a_draft_is_saved_and_discarded_by_its_own_steps(town: Town) -> None:
    draft = (await town.DE.act("save", country_of_establishment="CY")).id
    opening = Preparation(step="send", authority="DE/consumer-protection")

    with pytest.raises(NotOnDesk, match="is a draft: save it"):
        await town.DE.runtime.desks.prepare(draft, opening, OWN_ACCOUNT_ALONE)
    with pytest.raises(NotOnDesk, match="discard it as a whole"):
        await town.DE.runtime.desks.discard(draft, "send", OWN_ACCOUNT_ALONE)
    [line] = await town.DE.runtime.desks.waiting(OWN_ACCOUNT_ALONE)
    assert (line.exchange, line.pending.step, line.pending.status) == (draft, "send", "draft")

    await town.DE.act("discard", draft)
    assert await town.DE.runtime.desks.waiting(OWN_ACCOUNT_ALONE) == []


async def test_who_does_not_do_it_can_not_be_given_it(town: Town) -> None:
    case = await accepted(town)
    given = await town.CY.runtime.desks.allocate(case, Allocation(authority=CY), OWN_ACCOUNT_ALONE)
    assert given.handlers == {}

    with pytest.raises(NotOnDesk, match="no notification of another country"):
        await town.CY.runtime.desks.disseminate(case, Dissemination(to=(CY,)), OWN_ACCOUNT_ALONE)
    notified = await town.DE.open("CY", "notification")
    await town.carry()
    with pytest.raises(Refused, match="no authority CY/nobody is known here"):
        await town.CY.runtime.desks.disseminate(notified, Dissemination(to=("CY/nobody",)), OWN_ACCOUNT_ALONE)
    with pytest.raises(NotOnDesk, match="no notification of another country"):
        await town.DE.runtime.desks.disseminate(notified, Dissemination(to=("DE/coordinator",)), OWN_ACCOUNT_ALONE)
    assert await town.CY.counts("disseminations") == 0


async def test_an_ordinary_exchange_leaves_nothing_on_the_desk(town: Town) -> None:
    await accepted(town)

    assert await town.DE.counts("desks") == await town.CY.counts("desks") == 0


async def user_of(town: Town, name: str) -> Actor:
    return await actor_named(town.CY.seat, name)


async def test_a_view_says_for_whom_a_step_is_taken_and_whom_it_was_handed_to(town: Town) -> None:
    clerk = Grant(authority="CY/consumer-protection", role="handler")
    national = (Grant(authority=CY, role="administrator"), Grant(authority=CY, role="referral_handler"))
    case = await town.DE.open("CY")
    await town.carry()
    await town.CY.act("accept", case, authority=CY)
    await town.CY.act("split", case, authority=CY, addressed="CY/consumer-protection")
    await town.carry()
    await town.CY.runtime.registers.change(
        [AddUser(user="nina", name="Nina", grants=national), AddUser(user="clea", name="Clea", grants=(clerk,))],
        OWN_ACCOUNT_ALONE,
    )

    seen = await exchange_view(town.CY.seat, case, await user_of(town, "clea"))
    assert seen.acts_as["part_reply"] == ("CY/consumer-protection",)
    assert "part_reply" in seen.possible
    assert "uphold" not in seen.acts_as
    deciding = await exchange_view(town.CY.seat, case, await user_of(town, "nina"))
    assert (deciding.possible, deciding.acts_as["uphold"]) == ((), (CY,))
    assert (await town.DE.view(case)).steps[-1].handed_to == ("CY/consumer-protection",)
    lines = list(view_lines(seen, town.area, steps=0))
    assert any(line.endswith(f"{CY}; also CY/consumer-protection") for line in lines)
    assert any(", to CY/consumer-protection, by Cyprus" in line for line in lines)


async def test_for_whom_an_exchange_may_be_opened_depends_on_the_user(town: Town) -> None:
    opening = town.CY.runtime.registers.opening
    both = ["CY/consumer-protection", CY]
    assert sorted(await opening("e_commerce", "request", OWN_ACCOUNT_ALONE)) == sorted(both)
    national = (Grant(authority=CY, role="administrator"), Grant(authority=CY, role="handler"))
    viewer = Grant(authority=CY, role="viewer")
    await town.CY.runtime.registers.change(
        [AddUser(user="nina", name="Nina", grants=national), AddUser(user="vera", name="Vera", grants=(viewer,))],
        OWN_ACCOUNT_ALONE,
    )

    assert await opening("e_commerce", "request", await user_of(town, "nina")) == [CY]
    with pytest.raises(Denied, match="can give the role handler"):
        await opening("e_commerce", "request", await user_of(town, "vera"))
    with pytest.raises(Refused, match="has no procedure dance"):
        await opening("e_commerce", "dance", await user_of(town, "nina"))


async def test_a_coordinator_is_offered_what_it_decides_under_its_own_name(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.carry()
    for step in ("accept", "reply"):
        await town.CY.act(step, case, authority="CY/consumer-protection")
    await town.carry()
    await town.DE.act("refer", case)
    await town.carry()
    grants = (Grant(authority=CY, role="administrator"), Grant(authority=CY, role="referral_handler"))
    await town.CY.runtime.registers.change([AddUser(user="nina", name="Nina", grants=grants)], OWN_ACCOUNT_ALONE)

    seen = await exchange_view(town.CY.seat, case, await user_of(town, "nina"))

    offered = next(line for line in view_lines(seen, town.area, steps=0) if line.startswith("You may now"))
    assert offered == f"You may now: reconsider (as {CY}), uphold (as {CY})"
