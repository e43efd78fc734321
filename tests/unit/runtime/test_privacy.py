"""Blocking early, confirmations, early deletion, second persons and corrections, letter by letter and to the bytes."""

from pathlib import Path

import pytest

from node.handlers.access import OWN_ACCOUNT_ALONE, Actor, Denied
from node.handlers.persons.requests import SecondPersonNeeded
from node.runtime import Refused, reading
from node.runtime.actors import actor_named
from node.runtime.evidence import evidence
from schemas.attachments import AttachmentNote
from schemas.people import Grant, Role
from schemas.privacy import Asking, BlockOrder, Decision, Detail, RectificationOrder
from schemas.register import AddUser
from schemas.search import Query
from tests.unit.runtime.desks import Desk, Town

CANARY = "Canary Erika Mustermann"
RIGHT = "Canary Erika Musterfrau"
DE, CY = "DE/consumer-protection", "CY/consumer-protection"
PERSONAL = {"provider_kind": "natural_person", "provider_name": CANARY}
DETAIL = Detail(reasons="A court asks for it.", consent=f"Letter of {CANARY}", person=CANARY)


async def accepted(town: Town) -> str:
    case = await town.DE.open("CY", **PERSONAL)
    await town.carry()
    await town.CY.act("accept", case)
    await town.carry()
    return case


async def closed(town: Town) -> str:
    case = await accepted(town)
    await town.DE.act("withdraw", case)
    await town.carry()
    return case


async def staff(desk: Desk, authority: str, **roles: Role) -> dict[str, Actor]:
    root = Grant(authority=f"{desk.node}/coordinator", role="administrator")
    added = [AddUser(user="root", name="Root", grants=(root,))]
    added += [
        AddUser(user=user, name=user.title(), grants=(Grant(authority=authority, role=role),))
        for user, role in roles.items()
    ]
    await desk.runtime.registers.change(added, OWN_ACCOUNT_ALONE)
    return {user: await actor_named(desk.seat, user) for user in roles}


async def everywhere(town: Town) -> None:
    for desk in town.desks.values():
        await desk.runtime.tick()
    await town.carry()


def bytes_of(desk: Desk) -> bytes:
    place = Path(desk.seat.store.path)
    return b"".join(file.read_bytes() for file in sorted(place.parent.glob(f"{place.name}*")))


async def ring(desk: Desk, case: str) -> list[str]:
    return [ring for (ring,) in await desk.rows("SELECT ring FROM data_keys WHERE exchange_id = ?", case)]


async def actions(desk: Desk, case: str) -> list[str]:
    return [action for (action,) in await desk.rows("SELECT action FROM ledger WHERE subject = ?", case)]


async def test_who_needs_the_data_no_longer_blocks_them_and_the_other_side_hears_of_it(town: Town) -> None:
    case = await accepted(town)
    with pytest.raises(Refused, match="not formally closed"):
        await town.DE.runtime.privacy.block(case, BlockOrder(authority=DE), OWN_ACCOUNT_ALONE)
    await town.DE.act("withdraw", case)
    await town.carry()

    blocked = await town.DE.runtime.privacy.block(case, BlockOrder(authority=DE), OWN_ACCOUNT_ALONE)
    await town.carry()

    assert blocked.blocked_at == town.clock.now()
    assert await ring(town.DE, case) == ["blocked"]
    assert (await town.DE.view(case)).steps[0].form is None
    there = await town.CY.view(case)
    assert there.steps[0].form is not None, "each side decides for itself"
    assert there.retention is not None
    assert [(each.party, each.blocked_at) for each in there.retention.others] == [("DE", town.clock.now())]
    here = await town.DE.runtime.privacy.retention(case, OWN_ACCOUNT_ALONE)
    assert [(each.party, each.blocked_at) for each in here.others] == [("CY", None)]
    assert await town.CY.quarantined() == []
    assert ".disclosures" not in str(await evidence(town.DE.seat, case, OWN_ACCOUNT_ALONE))


async def test_both_confirm_when_time_blocks_and_deletes_and_that_outlives_the_content(town: Town) -> None:
    case = await closed(town)
    for days in (190, 3 * 365):
        town.clock.advance(days=days)
        await everywhere(town)

    for desk, other in ((town.DE, "CY"), (town.CY, "DE")):
        view = await desk.runtime.privacy.retention(case, OWN_ACCOUNT_ALONE)
        assert view.deleted_at is not None
        [kept] = view.others
        assert (kept.party, kept.blocked_at is not None, kept.deleted_at is not None) == (other, True, True)
        said = "SELECT count(*) FROM statements WHERE kind = 'retention' AND exchange_id = ?"
        assert await desk.rows(said, case) == [(4,)]
        assert await desk.counts("data_keys") == 0
        assert await desk.runtime.privacy.unconfirmed(OWN_ACCOUNT_ALONE) == []


async def test_coordinators_see_who_has_not_confirmed_until_he_has(town: Town) -> None:
    case = await closed(town)
    town.clock.advance(days=190)
    await town.DE.runtime.tick()
    assert await town.DE.runtime.privacy.unconfirmed(OWN_ACCOUNT_ALONE) == []

    town.clock.advance(days=7)
    await town.DE.runtime.tick()
    [lacking] = await town.DE.runtime.privacy.unconfirmed(OWN_ACCOUNT_ALONE)
    assert (lacking.exchange, [each.party for each in lacking.others if each.blocked_at is None]) == (case, ["CY"])
    rows = await town.DE.rows("SELECT subject, audience FROM notices WHERE kind = 'unconfirmed'")
    assert rows == [("CY", "coordinator")]

    await everywhere(town)
    assert await town.DE.runtime.privacy.unconfirmed(OWN_ACCOUNT_ALONE) == []


async def test_a_case_that_a_peer_reopens_after_it_was_blocked_here_is_in_ordinary_reach_again(town: Town) -> None:
    case = await accepted(town)
    await town.CY.act("reply", case)
    await town.carry()
    await town.DE.act("close", case)
    await town.carry()
    await town.CY.act("suggest_reopening", case)
    await town.carry()
    await town.CY.runtime.privacy.block(case, BlockOrder(authority=CY), OWN_ACCOUNT_ALONE)
    await town.carry()
    assert (await town.CY.runtime.find(Query(words="Erika"), OWN_ACCOUNT_ALONE)).exchanges == ()

    await town.DE.act("agree_suggestion", case)
    await town.carry()

    view = await town.CY.view(case)
    assert (view.exchange.state, view.exchange.blocked_at) == ("accepted", None)
    assert view.steps[0].form is not None
    assert view.steps[0].form["provider_name"] == CANARY
    assert await ring(town.CY, case) == ["ordinary"]
    assert "personal_data.unblocked" in await actions(town.CY, case)
    found = (await town.CY.runtime.find(Query(words="Erika"), OWN_ACCOUNT_ALONE)).exchanges
    assert [each.id for each in found] == [case]
    town.clock.advance(days=1)
    await town.CY.act("reply", case)
    await town.carry()
    await town.DE.act("close", case)
    await town.carry()
    assert (await town.CY.copy(case)).blocked_at is None
    assert [each.blocked_at for each in (await town.DE.runtime.privacy.retention(case, OWN_ACCOUNT_ALONE)).others] == [
        None
    ]


async def test_early_deletion_takes_two_persons_and_reaches_every_copy(town: Town) -> None:
    case = await closed(town)
    people = await staff(town.DE, DE, anna="handler", ben="approver")
    asking = Asking(kind="early_deletion", authority=DE, exchange=case, detail=DETAIL)
    sealed = [
        blob
        for desk in (town.DE, town.CY)
        for (blob,) in await desk.rows("SELECT disclosures FROM statements WHERE disclosures NOT NULL")
    ]
    request = await town.DE.runtime.privacy.ask(asking, people["anna"])
    with pytest.raises((Denied, SecondPersonNeeded)):
        await town.DE.runtime.privacy.decide(request.number, Decision(granted=True), people["anna"])
    assert (await town.DE.runtime.privacy.requests(people["ben"]))[0].status == "open"

    await town.DE.runtime.privacy.decide(request.number, Decision(granted=True), people["ben"])
    await town.carry()
    await everywhere(town)

    for desk, other in ((town.DE, "CY"), (town.CY, "DE")):
        [(document,)] = await desk.rows("SELECT document FROM exchanges WHERE id = ?", case)
        assert f'"party":"{other}","what":"deleted","because":"asked"' in document
        assert await ring(desk, case) == []
        assert not [blob for blob in sealed if blob in bytes_of(desk)]
        assert CANARY.encode() not in bytes_of(desk)
    counts = await town.DE.runtime.privacy.counts(people["anna"])
    assert (counts.early_deletions, counts.blocked_accesses, counts.corrections) == (1, 0, 0)
    shown = await town.DE.runtime.privacy.request(request.number, people["ben"])
    assert shown.detail is not None
    assert shown.detail.consent == f"Letter of {CANARY}", "the proof of consent outlives what was deleted"


async def test_what_waited_for_a_node_that_was_away_is_deleted_with_the_order_in_the_same_breath(town: Town) -> None:
    case = await town.DE.open("CY", **PERSONAL)
    await town.DE.act("withdraw", case)
    await town.DE.post()
    people = await staff(town.DE, DE, anna="handler", ben="approver")
    asking = Asking(kind="early_deletion", authority=DE, exchange=case, detail=DETAIL)
    request = await town.DE.runtime.privacy.ask(asking, people["anna"])
    await town.DE.runtime.privacy.decide(request.number, Decision(granted=True), people["ben"])
    await town.DE.post()

    arrivals = [arrival for letter in town.CY.letters() for arrival in town.CY.receiver.open(letter)]
    await town.CY.runtime.receive(arrivals)

    assert (await town.CY.copy(case)).deleted_at is not None
    assert await town.CY.counts("data_keys") == 0
    assert await town.CY.rows("SELECT 1 FROM statements WHERE disclosures NOT NULL") == []
    assert await town.CY.quarantined() == []


async def test_blocked_data_are_seen_by_who_asked_for_a_day_and_with_a_line_in_the_ledger(town: Town) -> None:
    case = await closed(town)
    people = await staff(town.DE, DE, anna="handler", ben="approver", carl="handler")
    privacy = town.DE.runtime.privacy
    asking = Asking(kind="blocked_access", authority=DE, exchange=case, ground="proof_with_consent", detail=DETAIL)
    with pytest.raises(Refused, match="not blocked: look at it as usual"):
        await privacy.ask(asking, people["anna"])
    town.clock.advance(days=190)
    await everywhere(town)
    request = await privacy.ask(asking, people["anna"])
    with pytest.raises(Refused, match="grants no look"):
        await privacy.look(request.number, people["anna"])
    await privacy.decide(request.number, Decision(granted=True), people["ben"])

    view = await privacy.look(request.number, people["anna"])
    assert CANARY in view.model_dump_json()
    for other in ("ben", "carl"):
        with pytest.raises(Refused, match="nobody else"):
            await privacy.look(request.number, people[other])
    as_usual = await reading.exchange_view(town.DE.seat, case, people["anna"])
    assert CANARY not in as_usual.model_dump_json()
    assert await ring(town.DE, case) == ["blocked"]
    assert (await actions(town.DE, case))[-3:] == [
        "privacy.asked.blocked_access",
        "privacy.granted.blocked_access",
        "personal_data.blocked_looked_at",
    ]
    assert CANARY not in str(await town.DE.rows("SELECT * FROM ledger"))

    town.clock.advance(hours=24)
    with pytest.raises(Refused, match="is over"):
        await privacy.look(request.number, people["anna"])
    assert (await privacy.counts(people["ben"])).blocked_accesses == 1


async def test_a_correction_stands_beside_what_was_said_on_every_side(town: Town) -> None:
    case = await accepted(town)
    about = (await town.DE.view(case)).steps[0].message
    order = RectificationOrder(authority=DE, about=about, act="corrects", field="provider_name", corrected=RIGHT)
    for wrong, words in (
        (order.model_copy(update={"field": "nonsense"}), "no field"),
        (order.model_copy(update={"field": "provider_kind", "corrected": "nobody"}), "provider_kind"),
    ):
        with pytest.raises(Refused, match=words):
            await town.DE.runtime.privacy.rectify(case, wrong, OWN_ACCOUNT_ALONE)
    with pytest.raises(Refused, match="you may contest it"):
        await town.CY.runtime.privacy.rectify(case, order.model_copy(update={"authority": CY}), OWN_ACCOUNT_ALONE)

    await town.DE.runtime.privacy.rectify(case, order, OWN_ACCOUNT_ALONE)
    await town.carry()

    for desk in (town.DE, town.CY):
        step = (await desk.view(case)).steps[0]
        assert step.form is not None
        assert step.form["provider_name"] == CANARY
        [said] = step.rectifications
        assert (said.act, said.field, said.corrected, said.at) == (
            "corrects",
            "provider_name",
            RIGHT,
            town.clock.now(),
        )
        assert RIGHT.encode() not in bytes_of(desk)
    assert (await town.DE.runtime.privacy.counts(OWN_ACCOUNT_ALONE)).corrections == 1
    assert (await town.CY.runtime.privacy.counts(OWN_ACCOUNT_ALONE)).corrections == 0


async def test_a_blocked_answer_is_contested_by_the_other_side_and_nobody_sees_more_than_that(town: Town) -> None:
    case = await closed(town)
    about = (await town.DE.view(case)).steps[0].message
    town.clock.advance(days=190)
    await everywhere(town)
    order = RectificationOrder(
        authority=CY, about=about, act="contests", field="provider_name", remark=f"{RIGHT} it is"
    )

    await town.CY.runtime.privacy.rectify(case, order, OWN_ACCOUNT_ALONE)
    await town.carry()

    for desk in (town.DE, town.CY):
        [said] = (await desk.view(case)).steps[0].rectifications
        assert (said.act, said.sender, said.remark, said.withheld) == ("contests", "CY", "", True)
        assert await desk.quarantined() == []
    people = await staff(town.DE, DE, anna="handler", ben="approver")
    asking = Asking(kind="blocked_access", authority=DE, exchange=case, ground="public_interest", detail=DETAIL)
    request = await town.DE.runtime.privacy.ask(asking, people["anna"])
    await town.DE.runtime.privacy.decide(request.number, Decision(granted=True), people["ben"])
    [said] = (await town.DE.runtime.privacy.look(request.number, people["anna"])).steps[0].rectifications
    assert said.remark == f"{RIGHT} it is"


async def test_an_erased_answer_is_gone_on_every_side_and_the_skeleton_goes_on_verifying(town: Town) -> None:
    case = await accepted(town)
    about = (await town.DE.view(case)).steps[0].message
    order = RectificationOrder(authority=DE, about=about, act="corrects", field="provider_name", corrected=RIGHT)
    await town.DE.runtime.privacy.rectify(case, order, OWN_ACCOUNT_ALONE)
    await town.carry()
    asking = Asking(kind="erasure", authority=DE, exchange=case, detail=DETAIL)
    request = await town.DE.runtime.privacy.ask(asking, OWN_ACCOUNT_ALONE)
    erasing = RectificationOrder(authority=DE, about=about, act="erases", field="provider_name", request=request.number)

    await town.DE.runtime.privacy.rectify(case, erasing, OWN_ACCOUNT_ALONE)
    await everywhere(town)

    for desk in (town.DE, town.CY):
        step = (await desk.view(case)).steps[0]
        assert step.form is not None
        assert "provider_name" not in step.form
        assert step.form["subject"]
        assert [said.act for said in step.rectifications] == ["corrects", "erases"]
        assert step.rectifications[0].withheld
        assert (await desk.runtime.find(Query(words="Erika"), OWN_ACCOUNT_ALONE)).exchanges == ()
        found = (await desk.runtime.find(Query(words=str(step.form["subject"])), OWN_ACCOUNT_ALONE)).exchanges
        assert [each.id for each in found] == [case], "the rest of it is still found"
    assert (await town.DE.runtime.privacy.requests(OWN_ACCOUNT_ALONE))[0].status == "granted"


async def test_an_erased_file_leaves_no_piece_behind(town: Town) -> None:
    draft = (await town.DE.act("save", country_of_establishment="CY")).id
    kind = {"name": "proof.bin", "type": "application/octet-stream"}
    note: AttachmentNote = await town.DE.runtime.attach(draft, kind, b"x" * 999, OWN_ACCOUNT_ALONE)
    files = {"attachments": [note.model_dump(mode="json")]}
    await town.DE.act("send", draft, country_of_establishment="CY", form=files)
    await town.carry()
    await town.CY.act("accept", draft)
    await town.carry()
    about = (await town.DE.view(draft)).steps[0].message
    order = RectificationOrder(authority=DE, about=about, act="erases", field="attachments")

    await town.DE.runtime.privacy.rectify(draft, order, OWN_ACCOUNT_ALONE)
    await town.carry()

    for desk in (town.DE, town.CY):
        assert await desk.counts("chunks") == 0
        assert await desk.rows("SELECT 1 FROM statements WHERE kind = 'chunk' AND disclosures NOT NULL") == []


async def test_the_details_of_a_request_are_gone_three_years_after_the_decision(town: Town) -> None:
    asking = Asking(kind="access", authority=DE, detail=DETAIL)
    request = await town.DE.runtime.privacy.ask(asking, OWN_ACCOUNT_ALONE)
    await town.DE.runtime.privacy.decide(request.number, Decision(granted=True, answer="None."), OWN_ACCOUNT_ALONE)
    shown = await town.DE.runtime.privacy.request(request.number, OWN_ACCOUNT_ALONE)
    assert shown.detail is not None
    assert (shown.detail.person, shown.detail.answer) == (CANARY, "None.")
    assert CANARY.encode() not in bytes_of(town.DE)

    town.clock.advance(days=3 * 365 + 2)
    town.wall.advance(days=3 * 365 + 2)
    await town.DE.runtime.tick()

    shown = await town.DE.runtime.privacy.request(request.number, OWN_ACCOUNT_ALONE)
    assert (shown.detail, shown.request.status) == (None, "granted")
    assert await town.DE.counts("data_keys") == 0


async def test_what_became_due_while_a_node_was_down_is_done_by_the_first_tick(town: Town) -> None:
    """`app.running` ticks before it opens a door: the first page that is served shows nothing of it."""
    case = await closed(town)
    town.clock.advance(days=190)
    desk = await town.restart("CY")
    await desk.runtime.tick()
    assert (await desk.view(case)).steps[0].form is None
    assert await ring(desk, case) == ["blocked"]
